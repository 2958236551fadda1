package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"tenon/engine/query"
	"tenon/engine/sheet"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// cellValue turns a cell into the JSON value that the API would be given for the field, so that a file's values
// are decoded by the same code as any other. It returns nil for an empty cell. zone is where the file's clocks are.
func cellValue(f *metamodel.Field, cell sheet.Cell, zone *time.Location) *jsonValue {
	text := strings.TrimSpace(cell.Text)
	if cell.Kind == sheet.Empty || text == "" {
		return nil
	}
	str := &jsonValue{kind: jsonString, text: text}
	switch {
	case f.Kind == metamodel.Boolean:
		if b, ok := booleanWords[strings.ToLower(text)]; ok {
			return &jsonValue{kind: jsonBool, bool: b}
		}
	case f.Kind == metamodel.Integer:
		return &jsonValue{kind: jsonNumber, text: plainNumber(text)}
	case f.Kind == metamodel.Percent:
		return &jsonValue{kind: jsonString, text: percentNumber(text)}
	case f.Kind.IsDecimal():
		return &jsonValue{kind: jsonString, text: roundExcel(f, plainNumber(text))}
	case f.Kind == metamodel.Date:
		return &jsonValue{kind: jsonString, text: dateText(text)}
	case f.Kind == metamodel.DateTime:
		return &jsonValue{kind: jsonString, text: instantText(text, zone)}
	case f.Kind == metamodel.JSON:
		if v, err := parseJSON([]byte(text)); err == nil {
			return v
		}
	case f.Kind == metamodel.Choice:
		return &jsonValue{kind: jsonString, text: optionName(f, text)}
	case f.Kind.IsList():
		list := &jsonValue{kind: jsonArray}
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";；,，、|", r) }) {
			if part = strings.TrimSpace(part); part != "" {
				if f.Kind == metamodel.Choices {
					part = optionName(f, part)
				}
				list.items = append(list.items, jsonValue{kind: jsonString, text: part})
			}
		}
		return list
	}
	return str
}

var booleanWords = map[string]bool{
	"是": true, "否": false, "有": true, "无": false, "true": true, "false": false, "yes": true, "no": false,
	"y": true, "n": false, "1": true, "0": false, "√": true, "×": false, "启用": true, "停用": false,
}

// aroundNumbers is what people write around numbers: separators, currency signs, spaces.
var aroundNumbers = strings.NewReplacer(",", "", "，", "", " ", "", "\u00a0", "", "¥", "", "￥", "", "元", "")

// plainNumber takes off what people write around numbers.
func plainNumber(s string) string {
	s = aroundNumbers.Replace(s)
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	return s
}

// roundExcel rounds a spreadsheet's number to the field's scale when it is only a computed artefact beyond it: a
// number that a person typed with more digits than the field has stays and is refused.
func roundExcel(f *metamodel.Field, s string) string {
	d, err := value.ParseDecimal(s)
	if err != nil || d.Scale() <= int32(f.Scale) || d.Scale() < artefactScale {
		return s
	}
	return d.Fixed(int32(f.Scale))
}

// artefactScale is the scale from which on a number in a file comes from binary arithmetic and not from a person.
const artefactScale = 10

// percentNumber reads 13%, 13 % and 0.13 as 0.13.
func percentNumber(s string) string {
	n, percent := strings.CutSuffix(plainNumber(s), "%")
	d, err := value.ParseDecimal(n)
	if !percent || err != nil {
		return n
	}
	d, err = d.Mul(value.NewDecimal(1, 2))
	if err != nil {
		return n
	}
	return d.Trim().String()
}

// dateText reads 2026/1/31, 2026.1.31, 2026年1月31日, 20260131 as 2026-01-31; anything else stays as it is and
// is refused by the decoder.
func dateText(s string) string {
	s, _, _ = strings.Cut(s, "T")
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("/.-年月日 ", r) })
	if len(parts) == 1 && len(s) == 8 {
		parts = []string{s[:4], s[4:6], s[6:]}
	}
	if len(parts) < 3 || len(parts[0]) != 4 || len(parts[1]) > 2 || len(parts[2]) > 2 {
		return s
	}
	pad := func(p string) string {
		if len(p) == 1 {
			return "0" + p
		}
		return p
	}
	return parts[0] + "-" + pad(parts[1]) + "-" + pad(parts[2])
}

// instantLayouts are how files write an instant in no zone: a spreadsheet's own cells, what exports write, and what
// people do.
var instantLayouts = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04"}

// instantText puts an instant that names no zone into the company's; anything else stays as it is.
func instantText(s string, zone *time.Location) string {
	for _, layout := range instantLayouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.Format(time.RFC3339Nano)
		}
	}
	return s
}

// optionName finds an option by its name or by its title in any language.
func optionName(f *metamodel.Field, text string) string {
	for _, o := range f.Enum.Options {
		if o.Name == text {
			return o.Name
		}
		for _, t := range o.Title {
			if strings.EqualFold(t, text) {
				return o.Name
			}
		}
	}
	return text
}

// resolver finds records by what people write for them in a file: their display text, a unique field, or the id.
type resolver struct {
	w     *world
	known map[*metamodel.Field]map[string]string // by text: id, "" when there is none, ambiguous for several
}

const ambiguous = "?"

// resolve looks up all texts of a reference column in one query per field to look in.
func (r *resolver) resolve(ctx context.Context, f *metamodel.Field, texts []string) error {
	if r.known[f] == nil {
		r.known[f] = map[string]string{}
	}
	var open []string
	slices.Sort(texts)
	for _, t := range slices.Compact(texts) {
		if r.known[f][t] == "" { // unknown yet, or not there when it was last looked for
			r.known[f][t] = ""
			if validID(t) {
				r.known[f][t] = t
				continue
			}
			open = append(open, t)
		}
	}
	if f.Target == nil {
		found, err := r.w.accountsByText(ctx, f.Kind, open)
		for text, id := range found {
			r.known[f][text] = id
		}
		return err
	}
	if f.Target.IsLines() {
		return r.resolveLines(ctx, f, open)
	}
	may := r.w.call.decide(f.Target, metamodel.ActRead)
	if !may.allow() {
		return nil
	}
	for _, by := range lookupFields(f.Target) {
		if !may.readable(by) || may.masked(by) {
			continue
		}
		if err := r.lookIn(ctx, f, by, may.where(), open); err != nil {
			return err
		}
	}
	return nil
}

// lookupFields are the text fields by which people name a record, the display field first.
func lookupFields(e *metamodel.Entity) []*metamodel.Field {
	var out []*metamodel.Field
	add := func(f *metamodel.Field) {
		if f == nil || f.Virtual() || !f.Kind.IsText() {
			return
		}
		for _, o := range out {
			if o == f {
				return
			}
		}
		out = append(out, f)
	}
	add(e.Display)
	for _, f := range e.Fields {
		if f.Unique || f.Kind == metamodel.Number {
			add(f)
		}
	}
	for _, k := range e.Unique {
		if len(k.Fields) == 1 {
			add(k.Fields[0])
		}
	}
	for _, p := range e.Search {
		if len(p) == 1 {
			add(p[0])
		}
	}
	return out
}

// maxLookups bounds the texts that one statement looks for.
const maxLookups = 200

// lookIn finds the records within conditions that bear one of the texts in a field.
func (r *resolver) lookIn(ctx context.Context, f, by *metamodel.Field, where []*expr.Node, texts []string) error {
	for part := range slices.Chunk(texts, maxLookups) {
		if err := r.lookPart(ctx, f, by, where, part); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) lookPart(ctx context.Context, f, by *metamodel.Field, where []*expr.Node, texts []string) error {
	list := &expr.Node{Op: expr.OpList, Type: expr.ListOf, Elem: expr.Str}
	for _, t := range texts {
		list.Args = append(list.Args, &expr.Node{Op: expr.OpLit, Type: expr.Str, Value: t})
	}
	record := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: f.Target}
	field := &expr.Node{Op: expr.OpField, Type: expr.Str, Field: by, Args: []*expr.Node{record}}
	cond := &expr.Node{Op: expr.OpIn, Type: expr.Bool, Args: []*expr.Node{field, list}}
	q := &query.Select{Entity: f.Target, Where: append(slices.Clone(where), cond), Limit: lower.MaxRows, Fields: []*metamodel.Field{f.Target.Columns()[metamodel.SlotID], by}}
	page, err := r.w.read.Select(ctx, q, r.w.env)
	if err != nil {
		return err
	}
	if page.Next != nil && len(texts) > 1 { // some are borne by so many that others had no room
		half := len(texts) / 2
		if err := r.lookPart(ctx, f, by, where, texts[:half]); err != nil {
			return err
		}
		return r.lookPart(ctx, f, by, where, texts[half:])
	}
	found := map[string]string{}
	for _, row := range page.Rows {
		text, _ := row[by.Slot].(string)
		id, _ := row[metamodel.SlotID].(string)
		if _, twice := found[text]; twice {
			id = ambiguous
		}
		found[text] = id
	}
	for text, id := range found {
		if r.known[f][text] == "" {
			r.known[f][text] = id
		}
	}
	return nil
}
