// Package problem turns errors into RFC 9457 problem bodies. It is the only place that knows which HTTP status
// a kind of refusal has. It must never put the text of an unknown error into an answer.
package problem

import (
	"net/http"

	"tenon/metamodel/diag"
)

// special are the codes whose status is finer than their kind's.
var special = map[diag.Code]int{
	"request.method_not_allowed": http.StatusMethodNotAllowed,
	"request.slow":               http.StatusRequestTimeout,
	"request.headers_too_large":  http.StatusRequestHeaderFieldsTooLarge,
}

// Status is the HTTP status of a code; a code that the catalogue doesn't know is our fault: 500.
func Status(code diag.Code) int {
	if s, ok := special[code]; ok {
		return s
	}
	e, ok := diag.Lookup(code)
	if !ok {
		return http.StatusInternalServerError
	}
	return KindStatus(e.Kind)
}

// KindStatus is the HTTP status of a kind of refusal.
func KindStatus(k diag.Kind) int {
	switch k {
	case diag.Invalid:
		return http.StatusUnprocessableEntity
	case diag.Malformed:
		return http.StatusBadRequest
	case diag.Unauthentic:
		return http.StatusUnauthorized
	case diag.Denied:
		return http.StatusForbidden
	case diag.NotFound:
		return http.StatusNotFound
	case diag.Conflict:
		return http.StatusConflict
	case diag.Gone:
		return http.StatusGone
	case diag.Stale:
		return http.StatusPreconditionFailed
	case diag.TooLarge:
		return http.StatusRequestEntityTooLarge
	case diag.MediaType:
		return http.StatusUnsupportedMediaType
	case diag.TooMany:
		return http.StatusTooManyRequests
	case diag.Unavailable:
		return http.StatusServiceUnavailable
	case diag.Broken:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// titles are the short names of the statuses, in both languages.
var titles = map[int]diag.Text{
	http.StatusBadRequest:                  {ZH: "请求有误", EN: "The request is malformed"},
	http.StatusUnauthorized:                {ZH: "请先登录", EN: "Sign in first"},
	http.StatusForbidden:                   {ZH: "没有权限", EN: "Not allowed"},
	http.StatusNotFound:                    {ZH: "未找到", EN: "Not found"},
	http.StatusMethodNotAllowed:            {ZH: "不支持的方法", EN: "Method not allowed"},
	http.StatusRequestTimeout:              {ZH: "请求超时", EN: "Request timeout"},
	http.StatusConflict:                    {ZH: "发生冲突", EN: "Conflict"},
	http.StatusGone:                        {ZH: "已失效", EN: "Gone"},
	http.StatusPreconditionFailed:          {ZH: "内容已被修改", EN: "Changed meanwhile"},
	http.StatusRequestEntityTooLarge:       {ZH: "内容过大", EN: "Too large"},
	http.StatusUnsupportedMediaType:        {ZH: "内容类型不支持", EN: "Unsupported media type"},
	http.StatusUnprocessableEntity:         {ZH: "内容有误", EN: "The content is not valid"},
	http.StatusTooManyRequests:             {ZH: "请求过于频繁", EN: "Too many requests"},
	http.StatusRequestHeaderFieldsTooLarge: {ZH: "请求头过大", EN: "Headers too large"},
	http.StatusInternalServerError:         {ZH: "系统内部错误", EN: "Internal error"},
	http.StatusServiceUnavailable:          {ZH: "暂时不可用", EN: "Unavailable"},
}

func title(status int, lang string) string {
	t := titles[status]
	if lang == "en-US" {
		return t.EN
	}
	return t.ZH
}
