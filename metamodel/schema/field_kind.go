package schema

import (
	"strings"

	"tenon/metamodel"
)

// fieldForm is how a kind of field looks as a JSON Schema: its type and format, whether x-field must say the
// kind because type and format don't, and how its own keys are read and written.
type fieldForm struct {
	kind   metamodel.FieldKind
	typ    string
	format string
	named  bool
	read   func(d *decoder, o *object, f *metamodel.Field)
	write  func(w *writer, n *node, f *metamodel.Field)
}

// fieldForms is the closed table of field kinds, in the order of the reference docs.
var fieldForms []fieldForm

func init() {
	fieldForms = []fieldForm{
		{metamodel.Text, "string", "", false, readText, writeText},
		{metamodel.LongText, "string", "", true, readText, writeText},
		{metamodel.RichText, "string", "", true, readText, writeText},
		{metamodel.Integer, "integer", "", false, readInteger, writeInteger},
		{metamodel.Decimal, "string", "decimal", false, readDecimal, writeDecimal},
		{metamodel.Money, "string", "decimal", false, readDecimal, writeDecimal},
		{metamodel.Percent, "string", "decimal", true, readDecimal, writeDecimal},
		{metamodel.Boolean, "boolean", "", false, nil, nil},
		{metamodel.Date, "string", "date", false, readDate, writeDate},
		{metamodel.DateTime, "string", "date-time", false, nil, nil},
		{metamodel.Time, "string", "time", false, nil, nil},
		{metamodel.Duration, "string", "duration", false, nil, nil},
		{metamodel.Choice, "string", "", false, readChoice, writeChoice},
		{metamodel.Choices, "array", "", false, readChoices, writeChoices},
		{metamodel.Reference, "string", "uuid", false, readReference, writeReference},
		{metamodel.References, "array", "", false, readReferences, writeReferences},
		{metamodel.Tree, "string", "uuid", false, readReference, writeReference},
		{metamodel.Lines, "array", "", false, readLines, writeLines},
		{metamodel.User, "string", "uuid", true, nil, nil},
		{metamodel.Department, "string", "uuid", true, nil, nil},
		{metamodel.File, "array", "", true, readFiles, writeFiles},
		{metamodel.Image, "array", "", true, readFiles, writeFiles},
		{metamodel.Barcode, "string", "", true, readText, writeText},
		{metamodel.Phone, "string", "", true, readText, writeText},
		{metamodel.Email, "string", "email", false, readText, writeText},
		{metamodel.Link, "string", "uri", false, readText, writeText},
		{metamodel.Number, "string", "", false, readNumber, writeNumber},
		{metamodel.JSON, "object", "", true, nil, nil},
	}
}

func formOf(kind metamodel.FieldKind) *fieldForm {
	for i := range fieldForms {
		if fieldForms[i].kind == kind {
			return &fieldForms[i]
		}
	}
	return nil
}

// kindOf tells what kind of field an object describes, "" after reporting that it can't be told. x-field
// wins; else the kind follows from the keys.
func (d *decoder) kindOf(o *object) metamodel.FieldKind {
	typ, format := o.filledName("type"), o.filledName("format")
	named := o.filledName("x-field")
	kind := metamodel.FieldKind(named)
	if named == "" {
		kind = inferKind(o.n, typ, format)
	}
	ff := formOf(kind)
	switch {
	case ff == nil && named != "":
		kinds := make([]string, len(fieldForms))
		for i := range fieldForms {
			kinds[i] = string(fieldForms[i].kind)
		}
		d.refuseWord(clip(named), o.at("x-field"), kinds)
		return ""
	case ff == nil:
		if o.n != nil {
			d.list.Add("field.kind_unknown", o.path)
		}
		return ""
	case kind == metamodel.JSON && typ == "" && format == "":
	case ff.typ != typ || ff.format != format:
		d.list.Add("field.kind_contradiction", o.path, "kind", string(kind), "expected", shape(ff.typ, ff.format), "actual", shape(clip(typ), clip(format)))
		return ""
	}
	return kind
}

func shape(typ, format string) string {
	var b strings.Builder
	b.WriteString("type " + typ)
	if typ == "" {
		b.Reset()
		b.WriteString("—")
	}
	if format != "" {
		b.WriteString(", format " + format)
	}
	return b.String()
}

// inferKind reads the kind off the keys that only one kind has, then off type and format.
func inferKind(n *node, typ, format string) metamodel.FieldKind {
	has := func(key string) bool { return n.get(key) != nil }
	ref := n.get("x-ref")
	switch {
	case has("x-number"):
		return metamodel.Number
	case has("x-lines"):
		return metamodel.Lines
	case ref != nil && typ == "array":
		return metamodel.References
	case ref != nil && ref.get("tree") != nil && ref.get("tree").flag:
		return metamodel.Tree
	case ref != nil:
		return metamodel.Reference
	case typ == "array":
		items := n.get("items")
		if has("x-options") || has("x-enum") || items.get("enum") != nil || items.get("x-enum") != nil {
			return metamodel.Choices
		}
		return ""
	case typ == "string" && format == "" && (has("enum") || has("x-options") || has("x-enum")):
		return metamodel.Choice
	case typ == "string" && format == "decimal" && has("x-currency"):
		return metamodel.Money
	}
	for _, f := range fieldForms {
		if f.typ == typ && f.format == format && !f.named {
			switch f.kind {
			case metamodel.Reference, metamodel.Choices, metamodel.Lines, metamodel.Tree, metamodel.References:
				return "" // these are told by their own keys, which are not there
			default:
				return f.kind
			}
		}
	}
	return ""
}

// readField reads one field. key is the member's: its name in source form, its id in stored form.
func (d *decoder) readField(o *object, e *metamodel.Entity, key string) *metamodel.Field {
	f := &metamodel.Field{Name: key, Entity: e}
	at := o.path
	if o.form == stored {
		f.Name, at = o.needText("x-name", metamodel.MaxName), o.at("x-name")
		if id := o.n.get("x-id").str(); o.n != nil && id != key {
			o.add("id.malformed", "x-id", "id", clip(id))
		}
	}
	d.checkName(f.Name, at, true)
	if f.Name == "" {
		d.list.Add("name.malformed", at, "name", "")
	}
	if metamodel.IsSystemName(f.Name) {
		d.list.Add("name.system", at, "name", f.Name)
	}
	if metamodel.IsAnswerMember(f.Name) {
		d.list.Add("name.answer_member", at, "name", f.Name)
	}
	d.ids.add(o, &e.ID, metamodel.ElementField, f.Name, &f.ID, f)
	f.Title = o.label("title", metamodel.MaxLabel, true)
	f.Help = o.label("description", metamodel.MaxHelp, false)
	f.Unique, f.Private, f.State = o.flag("x-unique"), o.flag("x-private"), o.flag("x-state")
	f.Default = d.readFormula(o, "x-default", o.take("x-default"))
	if c := o.object("x-computed"); c != nil {
		f.Formula = d.readFormula(c, "cel", c.need("cel"))
		f.Stored = c.flag("stored")
		c.done()
	}
	if r := o.object("x-rollup"); r != nil {
		d.readRollup(r, f)
	}
	f.Kind = d.kindOf(o)
	if ff := formOf(f.Kind); ff != nil {
		if ff.read != nil {
			ff.read(d, o, f)
		}
		o.done()
	} else {
		o.doneUnknown()
		f.Kind, f.MaxLength = metamodel.Text, metamodel.DefaultTextLength // so that linking can go on
	}
	return f
}
