package expr

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

var errConversion = errors.New("values of expressions aren't converted")

// native is a value of package value inside an evaluation: decimal, date, time of day, JSON, and anything
// that only passes through. It is immutable.
type native struct{ v any }

var nativeType = types.NewOpaqueType("@native")

func (native) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }
func (native) ConvertToType(ref.Type) ref.Val            { return types.WrapErr(errConversion) }
func (native) Type() ref.Type                            { return nativeType }
func (n native) Value() any                              { return n.v }
func (n native) Equal(other ref.Val) ref.Val             { return types.Bool(equal(n, other)) }

// decimal is an exact decimal inside an evaluation.
type decimal struct{ d value.Decimal }

func (*decimal) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }
func (*decimal) ConvertToType(ref.Type) ref.Val            { return types.WrapErr(errConversion) }
func (*decimal) Type() ref.Type                            { return nativeType }
func (n *decimal) Value() any                              { return n.d }
func (n *decimal) Equal(other ref.Val) ref.Val             { return types.Bool(equal(n, other)) }

// record is a record inside an evaluation. Its row is fetched when a field other than the id is asked for.
type record struct {
	f      *frame
	entity *metamodel.Entity
	id     string
	row    value.Row
	parent value.Row // for lines: the record they belong to, when known
	loaded bool
}

func (*record) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }
func (*record) ConvertToType(ref.Type) ref.Val            { return types.WrapErr(errConversion) }
func (*record) Type() ref.Type                            { return nativeType }
func (r *record) Value() any                              { return r.id }
func (r *record) Equal(other ref.Val) ref.Val             { return types.Bool(equal(r, other)) }

func rowRecord(f *frame, e *metamodel.Entity, row, parent value.Row) *record {
	r := &record{f: f, entity: e, row: row, parent: parent, loaded: true}
	if len(row) > 0 {
		r.id, _ = row[0].(string)
	}
	return r
}

// field returns the value of a field: null when the record is not found, has no such slot, or holds nothing
// there.
func (r *record) field(slot int) ref.Val {
	cols := r.entity.Columns()
	if slot >= len(cols) {
		return types.NullValue
	}
	f := cols[slot]
	if !r.loaded {
		if slot == metamodel.SlotID {
			return types.String(r.id)
		}
		row, err := r.f.related(r.entity, r.id)
		if err != nil {
			return r.f.stop(err)
		}
		r.row, r.loaded = row, true
	}
	if f.Name == metamodel.ParentField && f.System && r.parent != nil {
		return rowRecord(r.f, f.Target, r.parent, nil)
	}
	if slot >= len(r.row) {
		return boxField(r.f, f, nil, r.row)
	}
	return boxField(r.f, f, r.row[slot], r.row)
}

// boxField makes an evaluation's value of what a row holds in a field's slot; owner is that row.
func boxField(fr *frame, f *metamodel.Field, v any, owner value.Row) ref.Val {
	switch f.Kind {
	case metamodel.Reference, metamodel.Tree:
		id, ok := v.(string)
		if !ok || id == "" {
			return types.NullValue
		}
		if f.Target == nil {
			return types.String(id)
		}
		return &record{f: fr, entity: f.Target, id: id}
	case metamodel.Lines, metamodel.References:
		return boxRecords(fr, f, v, owner)
	default: // as the value is
	}
	if v == nil {
		if f.Kind.IsList() {
			return list{}
		}
		return types.NullValue
	}
	return box(v)
}

func boxRecords(fr *frame, f *metamodel.Field, v any, owner value.Row) ref.Val {
	switch rows := v.(type) {
	case []value.Row:
		out := make(list, len(rows))
		for i, row := range rows {
			out[i] = rowRecord(fr, f.Target, row, owner)
		}
		return out
	case []string:
		out := make(list, len(rows))
		for i, id := range rows {
			if f.Target == nil {
				out[i] = types.String(id)
				continue
			}
			out[i] = &record{f: fr, entity: f.Target, id: id}
		}
		return out
	default:
		return list{}
	}
}

// list is a list inside an evaluation. It is immutable.
type list []ref.Val

func (list) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }
func (list) ConvertToType(ref.Type) ref.Val            { return types.WrapErr(errConversion) }
func (list) Type() ref.Type                            { return types.ListType }
func (l list) Value() any                              { return []ref.Val(l) }
func (l list) Equal(other ref.Val) ref.Val             { return types.Bool(equal(l, other)) }
func (l list) Size() ref.Val                           { return types.Int(len(l)) }
func (l list) Iterator() traits.Iterator               { return &iterator{list: l} }

// Contains tells whether an equal element is in the list.
func (l list) Contains(v ref.Val) ref.Val {
	for _, e := range l {
		if equal(e, v) {
			return types.True
		}
	}
	return types.False
}

// Add joins two lists.
func (l list) Add(other ref.Val) ref.Val {
	o, ok := other.(list)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return append(append(make(list, 0, len(l)+len(o)), l...), o...)
}

// Get returns an element.
func (l list) Get(index ref.Val) ref.Val {
	i, ok := index.(types.Int)
	if !ok || i < 0 || int(i) >= len(l) {
		return types.NullValue
	}
	return l[i]
}

type iterator struct {
	list list
	next int
}

func (*iterator) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }
func (*iterator) ConvertToType(ref.Type) ref.Val            { return types.WrapErr(errConversion) }
func (*iterator) Type() ref.Type                            { return types.IteratorType }
func (*iterator) Value() any                                { return nil }
func (*iterator) Equal(ref.Val) ref.Val                     { return types.False }
func (i *iterator) HasNext() ref.Val                        { return types.Bool(i.next < len(i.list)) }

// Next returns the next element.
func (i *iterator) Next() ref.Val {
	v := i.list[i.next]
	i.next++
	return v
}

// box makes an evaluation's value of a Go value in package value's representation.
func box(v any) ref.Val {
	switch v := v.(type) {
	case nil:
		return types.NullValue
	case ref.Val:
		return v
	case string:
		return types.String(v)
	case int64:
		return types.Int(v)
	case int:
		return types.Int(v)
	case bool:
		return types.Bool(v)
	case value.Decimal:
		return &decimal{v}
	case time.Time:
		return types.Timestamp{Time: v}
	case time.Duration:
		return types.Duration{Duration: v}
	case []string:
		out := make(list, len(v))
		for i, s := range v {
			out[i] = types.String(s)
		}
		return out
	case []any:
		out := make(list, len(v))
		for i, e := range v {
			out[i] = box(e)
		}
		return out
	default:
		return native{v}
	}
}

// unbox is the way back from box. Records become their id.
func unbox(v ref.Val) any {
	switch v := v.(type) {
	case types.Null:
		return nil
	case types.String:
		return string(v)
	case types.Int:
		return int64(v)
	case types.Bool:
		return bool(v)
	case *decimal:
		return v.d
	case types.Timestamp:
		return v.Time
	case types.Duration:
		return v.Duration
	case native:
		return v.v
	case *record:
		if v.id == "" {
			return nil
		}
		return v.id
	case list:
		return unboxList(v)
	default:
		return fmt.Sprint(v.Value())
	}
}

// unboxList gives []value.Row for lines, []string for texts and ids, else []any.
func unboxList(l list) any {
	rows, texts := make([]value.Row, 0), make([]string, 0, len(l))
	for _, v := range l {
		switch v := v.(type) {
		case *record:
			if v.loaded && v.entity.IsLines() {
				rows = append(rows, v.row)
				continue
			}
			texts = append(texts, v.id)
		case types.String:
			texts = append(texts, string(v))
		}
	}
	switch {
	case len(l) > 0 && len(rows) == len(l):
		return rows
	case len(texts) == len(l):
		return texts
	}
	out := make([]any, len(l))
	for i, v := range l {
		out[i] = unbox(v)
	}
	return out
}
