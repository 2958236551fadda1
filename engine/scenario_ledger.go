package engine

import (
	"context"
	"fmt"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// expectLedger compares what a ledger has at some keys with what a scenario says. It adds up the ledger's entries, as
// far as whoever looks may see them.
func (r *scenarioRun) expectLedger(ctx context.Context, w *writer, what string, x *metamodel.Expectation) error {
	entry := x.Ledger.Entry
	may := w.call.decide(entry, metamodel.ActRead)
	if !may.allow() {
		r.fail("%s: may not read %s", what, entry.Name)
		return nil
	}
	at := &jsonValue{kind: jsonObject}
	if x.At != nil {
		var err error
		if at, err = r.values(entry, x.At); err != nil {
			return err
		}
	}
	ask := &query.Aggregate{Entity: entry, Where: append(may.where(), keyCondition(x.Ledger, at)...), Limit: 1}
	var names, wants []string
	for _, m := range []struct{ name, want string }{{"quantity", x.Quantity}, {metamodel.SecondaryQuantity, x.Secondary}, {"value", x.Value}, {"reserved", x.Reserved}} {
		f := entry.Field(m.name)
		switch {
		case m.want == "":
		case !may.readable(f) || may.masked(f):
			r.fail("%s: may not read %s", what, m.name)
		default:
			names, wants = append(names, m.name), append(wants, m.want)
			ask.Measures = append(ask.Measures, query.Measure{Fn: "sum", Path: metamodel.Path{f}})
		}
	}
	if len(names) == 0 {
		return nil
	}
	found, err := w.tx.Aggregate(ctx, ask, w.env)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for i, name := range names {
		got := value.Decimal{}
		if len(found.Rows) > 0 {
			got, _ = found.Rows[0].Values[i].(value.Decimal)
		}
		if want, err := value.ParseDecimal(wants[i]); err != nil || !got.Equal(want) {
			r.fail("%s: %s is %s, not %s", what, name, got, wants[i])
		}
	}
	return nil
}

// keyCondition is the condition that an entry is of a key with these dimensions.
func keyCondition(l *metamodel.Ledger, at *jsonValue) []*expr.Node {
	record := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: l.Entry}
	var out []*expr.Node
	for i, d := range l.Dimensions {
		v := at.get(d.Name)
		if v == nil {
			continue
		}
		f := l.DimensionOf(l.Entry, i)
		typ, _, target := expr.TypeOf(f)
		field := &expr.Node{Op: expr.OpField, Type: typ, Entity: target, Field: f, Args: []*expr.Node{record}}
		literal := &expr.Node{Op: expr.OpLit, Type: typ, Value: v.text}
		switch {
		case v.kind != jsonString:
			literal.Type, literal.Value = expr.Null, nil
		case typ == expr.Rec:
			literal.Type = expr.Str
		case typ == expr.Dat:
			literal.Value, _ = value.ParseDate(v.text) // no date is the zero day, which no entry has
		}
		out = append(out, &expr.Node{Op: expr.OpEq, Type: expr.Bool, Args: []*expr.Node{field, literal}})
	}
	return out
}
