package schema

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

//go:embed *.schema.json
var published embed.FS

// JSON is the published JSON Schema (2020-12) of a kind of documents in source form; nil for an unknown kind.
func JSON(kind metamodel.Kind) []byte {
	body, err := published.ReadFile(string(kind) + ".schema.json")
	if err != nil {
		return nil
	}
	return body
}

// errNoLoading is what the validator gets when it wants to open anything.
var errNoLoading = errors.New("schemas are not loaded from anywhere")

// validators are the published schemas, compiled. They are part of the program, so that a failure is a
// programming error; documents never reach the compiler.
var validators = sync.OnceValue(func() map[metamodel.Kind]*jsonschema.Schema {
	out := map[metamodel.Kind]*jsonschema.Schema{}
	for _, kind := range metamodel.Kinds {
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft2020
		c.LoadURL = func(string) (io.ReadCloser, error) { return nil, errNoLoading }
		url := fmt.Sprintf("urn:tenon:schema:%s:%d", kind, newestVersion(kind))
		if err := c.AddResource(url, bytes.NewReader(JSON(kind))); err != nil {
			panic(fmt.Sprintf("schema: read %s: %v", url, err))
		}
		out[kind] = c.MustCompile(url)
	}
	return out
})

// checkSchemas holds documents to the published schemas. What the reader has found is clearer, so a document
// that it refused is not judged twice.
func (d *decoder) checkSchemas(docs []*document) {
	refused := map[string]bool{}
	for _, dg := range d.list {
		if dg.Severity == diag.Error {
			refused[documentOf(dg.Path)] = true
		}
	}
	for _, doc := range docs {
		if !refused[doc.path] {
			d.list = append(d.list, violations(doc)...)
		}
	}
}

// documentOf is the part of a diagnostic's path that names the document.
func documentOf(path string) string {
	if path == "/app" || strings.HasPrefix(path, "/app/") {
		return "/app"
	}
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 3 {
		return path
	}
	return strings.Join(parts[:3], "/")
}

// violations are where a document does not have the form that its kind's published schema asks for.
func violations(doc *document) diag.List {
	err := validators()[doc.key.Kind].Validate(doc.root.plain())
	if err == nil {
		return nil
	}
	var wrong *jsonschema.ValidationError
	if !errors.As(err, &wrong) {
		return diag.List{diag.New("document.schema_violation", doc.path, "keyword", "$schema")}
	}
	var list diag.List
	collect(wrong, doc.path, &list)
	return list
}

// collect gathers the innermost violations. Of alternatives, where each branch complains of its own, only the
// choice itself is reported.
func collect(e *jsonschema.ValidationError, base string, list *diag.List) {
	keyword := e.KeywordLocation[strings.LastIndexByte(e.KeywordLocation, '/')+1:]
	if len(e.Causes) == 0 || keyword == "anyOf" || keyword == "oneOf" {
		list.Add("document.schema_violation", base+e.InstanceLocation, "keyword", keyword)
		return
	}
	for _, cause := range e.Causes {
		collect(cause, base, list)
	}
}
