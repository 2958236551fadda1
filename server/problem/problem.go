package problem

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"tenon/metamodel/diag"
)

// ContentType is the media type of problem bodies.
const ContentType = "application/problem+json"

// maxErrors bounds how many diagnostics one answer lists.
const maxErrors = 200

// maxInstance bounds how much of the request's path is given back, in bytes.
const maxInstance = 256

// Request is what a problem body says about the request that it answers.
type Request struct {
	ID   string // request id
	Path string // the path asked for, without its query
	Lang string // "zh-CN" or "en-US"
}

// Answer is a problem, ready to send.
type Answer struct {
	Status     int
	Code       diag.Code
	Body       []byte
	RetryAfter int   // seconds; 0 is none
	Cause      error // for the log, when the error is one that users can't be told about
}

// body is the problem document of RFC 9457 with Tenon's members.
type body struct {
	Type      string      `json:"type"`
	Title     string      `json:"title"`
	Status    int         `json:"status"`
	Detail    string      `json:"detail"`
	Code      diag.Code   `json:"code"`
	Instance  string      `json:"instance,omitempty"`
	RequestID string      `json:"request_id"`
	Errors    []ErrorItem `json:"errors"`
}

// ErrorItem is one diagnostic as answers show it.
type ErrorItem struct {
	Pointer  string    `json:"pointer"`
	Code     diag.Code `json:"code"`
	Message  string    `json:"message"`
	Cure     string    `json:"cure,omitempty"`
	Severity string    `json:"severity"`
	Position *diag.Pos `json:"position,omitempty"`
}

// Render makes the answer to an error. Errors that are not problems become `internal`; their text goes into
// Cause alone.
func Render(err error, req Request) Answer {
	p, cause := explain(err)
	first := p.First()
	status := Status(first.Code)
	out := body{
		Type: "urn:tenon:problem:" + string(first.Code), Title: title(status, req.Lang), Status: status,
		Detail: first.Text(req.Lang), Code: first.Code, Instance: clipPath(req.Path), RequestID: req.ID,
		Errors: Items(p.List, req.Lang),
	}
	data, err := json.Marshal(out)
	if err != nil {
		return Answer{Status: http.StatusInternalServerError, Code: diag.Internal, Body: []byte(`{"status":500,"code":"internal"}`), Cause: errors.Join(cause, err)}
	}
	return Answer{Status: status, Code: first.Code, Body: data, RetryAfter: retryAfter(first, status), Cause: cause}
}

// Items renders diagnostics in a language, at most 200.
func Items(list diag.List, lang string) []ErrorItem {
	out := make([]ErrorItem, 0, min(len(list), maxErrors))
	for _, d := range list {
		if len(out) == maxErrors {
			break
		}
		out = append(out, ErrorItem{
			Pointer: d.Path, Code: d.Code, Message: d.Text(lang), Cure: d.Cure(lang),
			Severity: d.Severity.String(), Position: d.Pos,
		})
	}
	return out
}

// explain finds the problem in an error. cause is what only the log may say.
func explain(err error) (p *diag.Problem, cause error) {
	switch {
	case errors.As(err, &p) && p.List.HasErrors():
		if _, known := diag.Lookup(p.First().Code); !known {
			return internal(), err
		}
		return p, nil
	case errors.Is(err, context.DeadlineExceeded):
		return &diag.Problem{List: diag.List{diag.New("request.deadline", "", "limit", DeadlineSeconds)}}, err
	case errors.Is(err, context.Canceled):
		return &diag.Problem{List: diag.List{diag.New("request.cancelled", "")}}, nil
	}
	return internal(), err
}

// DeadlineSeconds is how long a request may work before it is stopped.
const DeadlineSeconds = 30

func internal() *diag.Problem {
	return &diag.Problem{List: diag.List{diag.New(diag.Internal, "")}}
}

// defaultRetry is when to come back, in seconds, where the refusal doesn't say.
const defaultRetry = 1

func retryAfter(d diag.Diagnostic, status int) int {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	switch v := d.Args["retry_after"].(type) {
	case int:
		return max(v, defaultRetry)
	case int64:
		return max(int(v), defaultRetry)
	}
	return defaultRetry
}

func clipPath(path string) string {
	if len(path) <= maxInstance {
		return path
	}
	return path[:maxInstance]
}
