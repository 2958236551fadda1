package engine

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// rolled is what a row gives, with its place among the rows.
type rolled struct {
	value any
	order []any // by the roll-up's order
	place string
}

// rollAnew works a roll-up of a record out from its rows, with the sums beside it where it has them.
func (w *writer) rollAnew(ctx context.Context, r *compile.Rollup, to string) (any, *store.Sums, error) {
	switch fn := r.Function; {
	case fn == metamodel.RollupDistinct || fn == metamodel.RollupConcat:
		return w.countAnew(ctx, r, to)
	case r.Sort != nil:
		v, err := w.end(ctx, r, to)
		return v, nil, err
	default:
		all, err := w.allGiven(ctx, r, to)
		if err != nil {
			return nil, nil, err
		}
		return fold(r, all)
	}
}

// countAnew counts the different values of a record's rows from nothing.
func (w *writer) countAnew(ctx context.Context, r *compile.Rollup, to string) (any, *store.Sums, error) {
	all, err := w.allGiven(ctx, r, to)
	if err != nil {
		return nil, nil, err
	}
	n := map[string]int64{}
	for _, g := range all {
		n[sameText(g.value)]++
	}
	if err := w.tx.SetValues(ctx, r.Field, to, n); err != nil {
		return nil, nil, err
	}
	v, _, err := fold(r, all)
	sums := &store.Sums{}
	sums.N.SetInt64(int64(len(n)))
	return v, sums, err
}

// allGiven reads what all rows that point at a record give to a roll-up of it.
func (w *writer) allGiven(ctx context.Context, r *compile.Rollup, to string) ([]rolled, error) {
	q := &query.Select{Entity: r.Rows.Entity, To: r.Path, IDs: []string{to}, Limit: maxSelectIDs}
	var out []rolled
	for {
		page, err := w.tx.Select(ctx, q, w.env)
		if err != nil {
			return nil, fmt.Errorf("read the rows of %s: %w", r.Field.Name, err)
		}
		given, err := w.givenBy(ctx, r, page.Rows)
		if err != nil {
			return nil, err
		}
		out = append(out, given...)
		if err := w.readRows(len(page.Rows), len(out)); err != nil {
			return nil, err
		}
		if page.Next == nil {
			return out, nil
		}
		q.After = page.Next
	}
}

// documents reads the live records that lines belong to, by the lines' ids.
func (w *writer) documents(ctx context.Context, r *compile.Rollup, rows []value.Row) (map[string]value.Row, error) {
	if !r.Rows.IsLines() {
		return nil, nil
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row[metamodel.LineSlotParent].(string))
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	byID := map[string]value.Row{}
	for part := range slices.Chunk(ids, maxSelectIDs) {
		page, err := w.tx.Select(ctx, &query.Select{Entity: r.Rows.Parent, IDs: part, Limit: len(part)}, w.env)
		if err != nil {
			return nil, fmt.Errorf("read the documents of rows: %w", err)
		}
		for _, doc := range page.Rows {
			byID[doc[metamodel.SlotID].(string)] = doc
		}
	}
	out := map[string]value.Row{}
	for _, row := range rows {
		if doc := byID[row[metamodel.LineSlotParent].(string)]; doc != nil {
			out[row[metamodel.LineSlotID].(string)] = doc
		}
	}
	return out, nil
}

// orderOf are the values by which a roll-up orders rows.
func orderOf(r *compile.Rollup, row, doc value.Row) []any {
	out := make([]any, len(r.Order))
	for i, k := range r.Order {
		f, at := k.Path.Last(), row
		if len(k.Path) > 1 {
			at = doc
		}
		if out[i] = at[f.Slot]; f.Kind == metamodel.Choice {
			out[i] = placeOfOption(f, out[i])
		}
	}
	return out
}

// placeOfOption is where a choice stands among its options; one that is gone stands after all.
func placeOfOption(f *metamodel.Field, v any) any {
	if v == nil {
		return nil
	}
	i := slices.IndexFunc(f.Enum.Options, func(o *metamodel.Option) bool { return o.Name == v })
	if i < 0 {
		i = len(f.Enum.Options)
	}
	return int64(i)
}

// placeOf orders rows that are equal otherwise: lines by their document and position, records by their id, which grows
// with time.
func placeOf(r *compile.Rollup, row value.Row) string {
	if !r.Rows.IsLines() {
		return row[metamodel.SlotID].(string)
	}
	return fmt.Sprintf("%s %08d", row[metamodel.LineSlotParent], row[metamodel.LineSlotPosition])
}

// fold makes a roll-up's value of all that rows give, with the sums beside it where it has them.
func fold(r *compile.Rollup, all []rolled) (any, *store.Sums, error) {
	f := r.Field
	switch r.Function {
	case metamodel.RollupCount:
		return int64(len(all)), nil, nil
	case metamodel.RollupDistinct:
		seen := map[string]bool{}
		for _, g := range all {
			seen[sameText(g.value)] = true
		}
		return int64(len(seen)), nil, nil
	case metamodel.RollupSum:
		v, err := sumDelta(f, nil, &delta{come: valuesOf(all)})
		return v, nil, err
	case metamodel.RollupAverage, metamodel.RollupDeviate:
		sums := &store.Sums{}
		if err := addSums(sums, f, &delta{come: valuesOf(all)}); err != nil {
			return nil, nil, err
		}
		v, err := ofSums(r.Function, f, sums)
		return v, sums, err
	case metamodel.RollupMin, metamodel.RollupMax:
		v, _ := extremeDelta(r.Function, nil, &delta{come: valuesOf(all)})
		return v, nil, nil
	default: // those that go by the order of the rows
	}
	slices.SortFunc(all, func(a, b rolled) int { return byOrder(r, a, b) })
	switch {
	case len(all) == 0:
		return nil, nil, nil
	case r.Function == metamodel.RollupFirst:
		return all[0].value, nil, nil
	case r.Function == metamodel.RollupLast:
		return all[len(all)-1].value, nil, nil
	}
	return joined(r, all), nil, nil
}

func valuesOf(all []rolled) []any {
	out := make([]any, len(all))
	for i, g := range all {
		out[i] = g.value
	}
	return out
}

// joined are the different texts that rows give, in order.
func joined(r *compile.Rollup, all []rolled) string {
	separator := r.Separator
	if separator == "" {
		separator = metamodel.DefaultSeparator
	}
	seen := map[string]bool{}
	var out []string
	for _, g := range all {
		if s := sameText(g.value); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return strings.Join(out, separator)
}

// sameText writes a value so that equal values have equal texts.
func sameText(v any) string {
	switch v := v.(type) {
	case value.Decimal:
		return v.Trim().String()
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

func byOrder(r *compile.Rollup, a, b rolled) int {
	for i, k := range r.Order {
		c := compareValues(a.order[i], b.order[i])
		if k.Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(a.place, b.place)
}

// compareValues orders two values of one kind; null comes first.
func compareValues(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	switch x := a.(type) {
	case value.Decimal:
		if y, ok := b.(value.Decimal); ok {
			return x.Cmp(y)
		}
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	case time.Duration:
		if y, ok := b.(time.Duration); ok {
			return cmp.Compare(x, y)
		}
	case value.Date:
		if y, ok := b.(value.Date); ok {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(sameText(a), sameText(b))
}

// extremeDelta is a least or greatest value after a change; false where the value that it was is gone and the others
// must be looked at.
func extremeDelta(fn metamodel.RollupFunction, old any, x *delta) (any, bool) {
	sign := 1
	if fn == metamodel.RollupMax {
		sign = -1
	}
	for _, v := range x.gone {
		if old == nil || sign*compareValues(v, old) <= 0 {
			return nil, false
		}
	}
	for _, v := range x.come {
		if old == nil || sign*compareValues(v, old) < 0 {
			old = v
		}
	}
	return old, true
}

// decimalOf is a number that a row gives, rounded to the field's scale.
func decimalOf(f *metamodel.Field, v any) (value.Decimal, error) {
	var d value.Decimal
	switch v := v.(type) {
	case int64:
		d = value.NewDecimal(v, 0)
	case value.Decimal:
		d = v
	}
	return d.Round(int32(f.Scale))
}

// sumDelta is a sum after a change; what rows give is rounded to the field's scale before it is summed.
func sumDelta(f *metamodel.Field, old any, x *delta) (any, error) {
	sum, err := decimalOf(f, old)
	for _, v := range x.gone {
		var d value.Decimal
		if d, err = decimalOf(f, v); err == nil {
			sum, err = sum.Sub(d)
		}
		if err != nil {
			return nil, fmt.Errorf("sum: %w", err)
		}
	}
	for _, v := range x.come {
		var d value.Decimal
		if d, err = decimalOf(f, v); err == nil {
			sum, err = sum.Add(d)
		}
		if err != nil {
			return nil, fmt.Errorf("sum: %w", err)
		}
	}
	return sum, err
}

// addSums adds a change to the sums beside a roll-up.
func addSums(s *store.Sums, f *metamodel.Field, x *delta) error {
	add := func(values []any, sign int64) error {
		for _, v := range values {
			d, err := decimalOf(f, v)
			if err != nil {
				return fmt.Errorf("sum: %w", err)
			}
			whole, err := d.Unscaled(int32(f.Scale))
			if err != nil {
				return fmt.Errorf("sum: %w", err)
			}
			n := big.NewInt(whole)
			square := new(big.Int).Mul(n, n)
			s.N.Add(&s.N, big.NewInt(sign))
			s.S.Add(&s.S, n.Mul(n, big.NewInt(sign)))
			s.Q.Add(&s.Q, square.Mul(square, big.NewInt(sign)))
		}
		return nil
	}
	if err := add(x.gone, -1); err != nil {
		return err
	}
	return add(x.come, 1)
}

// deviationDigits is how many more digits than its field has a deviation is worked out with before it is rounded.
const deviationDigits = 6

// ofSums is the average or the sample deviation of n values with sum s and sum of squares q: s/n, and
// √((q − s²/n)/(n − 1)).
func ofSums(fn metamodel.RollupFunction, f *metamodel.Field, s *store.Sums) (any, error) {
	n := s.N.Int64()
	if fn == metamodel.RollupAverage {
		if n < 1 {
			return nil, nil
		}
		sum, err := value.ParseExact(s.S.String() + "E-" + fmt.Sprint(f.Scale))
		if err != nil {
			return nil, fmt.Errorf("average: %w", err)
		}
		return sum.Quo(value.NewDecimal(n, 0), int32(f.Scale))
	}
	if n < 2 {
		return nil, nil
	}
	top := new(big.Int).Mul(&s.N, &s.Q)
	top.Sub(top, new(big.Int).Mul(&s.S, &s.S))
	top.Mul(top, new(big.Int).Exp(big.NewInt(10), big.NewInt(2*deviationDigits), nil))
	top.Quo(top, new(big.Int).Mul(&s.N, new(big.Int).Sub(&s.N, big.NewInt(1))))
	root, err := value.ParseExact(top.Sqrt(top).String() + "E-" + fmt.Sprint(f.Scale+deviationDigits))
	if err != nil {
		return nil, fmt.Errorf("deviation: %w", err)
	}
	return root.Round(int32(f.Scale))
}
