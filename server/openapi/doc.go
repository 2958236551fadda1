// Package openapi describes Tenon's HTTP interface in OpenAPI 3.1: the platform's own part, and for an app the
// records that one set of roles may work with. What they may not see is absent, as everywhere. It must never
// answer a request itself.
package openapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/metamodel/diag"
)

// obj is a JSON object.
type obj = map[string]any

// Options say what is described and for whom.
type Options struct {
	Version string            // of this build
	Server  string            // base address, "/" when it isn't configured
	Lang    string            // "zh-CN" or "en-US"
	Snap    *compile.Snapshot // nil describes the platform alone
	Actor   *policy.Actor
}

// Document writes the description as JSON.
func Document(o Options) ([]byte, error) {
	b := &builder{Options: o, paths: obj{}, schemas: sharedSchemas(), tags: []obj{}}
	maps.Copy(b.schemas, collaborationSchemas())
	maps.Copy(b.schemas, viewSchemas())
	b.platform()
	if o.Snap != nil {
		b.app()
	}
	return json.Marshal(obj{
		"openapi": "3.1.0",
		"info": obj{
			"title": "Tenon", "version": o.Version, "description": b.in(text{"榫（Tenon）低代码平台的接口。", "The interface of the Tenon low-code platform."}),
			"license": obj{"name": "Apache License 2.0", "identifier": "Apache-2.0"},
		},
		"servers":  []obj{{"url": o.Server}},
		"security": []obj{{"bearer": []string{}}, {"session": []string{}}},
		"tags":     b.tags,
		"paths":    b.paths,
		"components": obj{
			"schemas": b.schemas, "parameters": sharedParameters(b), "responses": sharedResponses(b), "headers": sharedHeaders(b),
			"securitySchemes": obj{
				"bearer":  obj{"type": "http", "scheme": "bearer", "description": b.in(text{"API 令牌", "API token"})},
				"session": obj{"type": "apiKey", "in": "cookie", "name": "__Host-tenon", "description": b.in(text{"网页会话；写操作还需同源", "browser session; writes must be same-origin"})},
			},
		},
	})
}

// text is a sentence in both languages.
type text struct{ zh, en string }

// builder gathers the parts of one description.
type builder struct {
	Options
	paths   obj
	schemas obj
	tags    []obj
}

func (b *builder) in(t text) string {
	if b.Lang == "en-US" {
		return t.en
	}
	return t.zh
}

func (b *builder) tag(name, description string) {
	b.tags = append(b.tags, obj{"name": name, "description": description})
}

// operation is one method of one path.
type operation struct {
	method, path string
	id, tag      string
	summary      string
	public       bool     // needs no credentials
	params       []string // names of shared parameters
	inline       []obj    // parameters of this operation alone
	request      any      // schema of a JSON body; nil for none
	media        string   // media type of the body; JSON when empty
	optional     bool     // the body may be left out
	status       string   // of success; 200 when empty
	response     any      // schema of the answer; nil for none
	answers      string   // media type of the answer; JSON when empty
	headers      []string // shared headers of the answer
	example      any      // of the body
	refusals     []string // shared responses besides those that every operation has
}

// add puts an operation into the description.
func (b *builder) add(o operation) {
	op := obj{"operationId": o.id, "tags": []string{o.tag}, "summary": o.summary}
	if o.public {
		op["security"] = []obj{}
	}
	var params []obj
	for _, name := range pathParams(o.path) {
		params = append(params, obj{"name": name, "in": "path", "required": true, "schema": pathSchema(name)})
	}
	for _, p := range o.params {
		params = append(params, obj{"$ref": "#/components/parameters/" + p})
	}
	if params = append(params, o.inline...); len(params) > 0 {
		op["parameters"] = params
	}
	if o.request != nil {
		media := obj{"schema": o.request}
		if o.example != nil {
			media["example"] = o.example
		}
		op["requestBody"] = obj{"required": !o.optional, "content": obj{orElse(o.media, "application/json"): media}}
	}
	op["responses"] = b.responses(o)
	path, _ := b.paths[o.path].(obj)
	if path == nil {
		path = obj{}
		b.paths[o.path] = path
	}
	path[o.method] = op
}

func (b *builder) responses(o operation) obj {
	success := obj{"description": b.in(text{"成功", "Done"})}
	if o.response != nil {
		success["content"] = obj{orElse(o.answers, "application/json"): obj{"schema": o.response}}
	}
	if len(o.headers) > 0 {
		h := obj{}
		for _, name := range o.headers {
			h[name] = obj{"$ref": "#/components/headers/" + name}
		}
		success["headers"] = h
	}
	out := obj{orElse(o.status, "200"): success}
	refusals := append([]string{"400", "429"}, o.refusals...)
	if !o.public {
		refusals = append(refusals, "401", "403")
	}
	if len(pathParams(o.path)) > 0 {
		refusals = append(refusals, "404")
	}
	if o.request != nil {
		refusals = append(refusals, "413", "415", "422")
	}
	for _, status := range refusals {
		out[status] = obj{"$ref": "#/components/responses/Problem" + status}
	}
	return out
}

func orElse(s, preset string) string {
	if s == "" {
		return preset
	}
	return s
}

// pathParams lists the names in braces of a path.
func pathParams(path string) []string {
	var out []string
	for i := 0; i < len(path); i++ {
		if path[i] != '{' {
			continue
		}
		for j := i + 1; j < len(path); j++ {
			if path[j] == '}' {
				out = append(out, path[i+1:j])
				i = j
				break
			}
		}
	}
	return out
}

func pathSchema(name string) obj {
	switch name {
	case "app", "kind", "name", "role", "entity", "view", "ledger":
		return obj{"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
	case "session":
		return obj{"type": "string"}
	}
	return obj{"type": "string", "format": "uuid"}
}

func ref(schema string) obj { return obj{"$ref": "#/components/schemas/" + schema} }

func list(of any) obj { return obj{"type": "array", "items": of} }

// object is the schema of an object: properties as name, schema pairs; those whose name ends in "!" are required.
func object(pairs ...any) obj {
	props, required := obj{}, []string{}
	for pair := range slices.Chunk(pairs, 2) {
		name, must := strings.CutSuffix(pair[0].(string), "!")
		if must {
			required = append(required, name)
		}
		props[name] = pair[1]
	}
	out := obj{"type": "object", "properties": props}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

var (
	str     = obj{"type": "string"}
	flag    = obj{"type": "boolean"}
	whole   = obj{"type": "integer"}
	instant = obj{"type": "string", "format": "date-time"}
	// maybeInstant is null where the thing has not happened, or never will.
	maybeInstant = obj{"type": []string{"string", "null"}, "format": "date-time"}
	language     = obj{"type": "string", "enum": diag.Languages}
	attributes   = obj{"type": "object", "additionalProperties": str}
	uid          = obj{"type": "string", "format": "uuid"}
	anyObj       = obj{"type": "object"}
	texts        = list(str)
	label        = obj{"type": "object", "additionalProperties": str, "examples": []any{obj{"zh-CN": "采购订单", "en-US": "Purchase order"}}}
)
