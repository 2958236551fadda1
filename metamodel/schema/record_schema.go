package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Records judges records as any JSON Schema tool does: by their entity's document, which is a JSON Schema. The
// record path has a judge of its own, compiled from the same fields; a test holds the two together.
type Records struct{ schema *jsonschema.Schema }

// recordFormats are the formats that an entity's document gives a meaning of its own; the others are the standard's.
var recordFormats = map[string]func(string) bool{
	"decimal":  func(s string) bool { _, err := value.ParseDecimal(s); return err == nil },
	"time":     func(s string) bool { _, err := value.ParseTimeOfDay(s); return err == nil },
	"duration": func(s string) bool { _, err := value.ParseDuration(s); return err == nil },
}

// CompileRecords reads the document of an entity as the JSON Schema of its records.
func CompileRecords(app *metamodel.App, entity string) (*Records, error) {
	body, err := EncodeDocument(app, metamodel.KindEntity, entity)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.Draft, c.AssertFormat = jsonschema.Draft2020, true
	c.LoadURL = func(string) (io.ReadCloser, error) { return nil, errNoLoading }
	for name, fits := range recordFormats {
		c.Formats[name] = func(v any) bool {
			s, isText := v.(string)
			return !isText || fits(s)
		}
	}
	url := "urn:tenon:entity:" + entity
	if err := c.AddResource(url, bytes.NewReader(body)); err != nil {
		return nil, fmt.Errorf("read %s as a JSON Schema: %w", entity, err)
	}
	s, err := c.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("compile %s as a JSON Schema: %w", entity, err)
	}
	return &Records{s}, nil
}

// Violations are the JSON pointers of what is wrong with a record, each followed by the keyword that it breaks; none
// when the schema has nothing against it.
func (r *Records) Violations(record []byte) ([]string, error) {
	dec := json.NewDecoder(bytes.NewReader(record))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	err := r.schema.Validate(v)
	var wrong *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil, nil
	case !errors.As(err, &wrong):
		return nil, fmt.Errorf("validate the record: %w", err)
	}
	var out []string
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			out = append(out, e.InstanceLocation+" "+e.KeywordLocation[strings.LastIndexByte(e.KeywordLocation, '/')+1:])
		}
		for _, cause := range e.Causes {
			walk(cause)
		}
	}
	walk(wrong)
	return out, nil
}
