package engine

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
)

// What of a roll-up doesn't hold where its value does: what the next difference is added to.
const (
	lawSums   = "sums"
	lawValues = "values"
)

// beside compares what is kept beside roll-ups of some records: how many values and their sums, how many rows give each
// value. A value that is right by chance would not stay so.
func (v *verifier) beside(ctx context.Context, r *compile.Rollup, rows []keptRow, piles map[string]*pile) error {
	counts := r.Function == metamodel.RollupDistinct || r.Function == metamodel.RollupConcat
	if !counts && r.Function != metamodel.RollupAverage && r.Function != metamodel.RollupDeviate {
		return nil
	}
	ids := make([]string, len(rows))
	for i, k := range rows {
		ids[i] = k.row[metamodel.SlotID].(string)
	}
	from := v.read.(*store.Reader)
	kept, err := from.SumsOf(ctx, r.Field, ids)
	if err != nil {
		return err
	}
	values := map[string]map[string]int64{}
	if counts {
		if values, err = from.ValueCounts(ctx, r.Field, ids); err != nil {
			return err
		}
	}
	for i, id := range ids {
		s := kept[id]
		if s == nil {
			continue // not worked out yet: it will be, from the rows
		}
		right := &piles[id].sums
		if counts {
			right = &store.Sums{}
			right.N.SetInt64(int64(len(piles[id].counts)))
			v.besides(r, rows[i], lawValues, countsText(values[id]), countsText(piles[id].counts))
		}
		v.besides(r, rows[i], lawSums, sumsText(r, s), sumsText(r, right))
	}
	return nil
}

func (v *verifier) besides(r *compile.Rollup, k keptRow, law, stored, right string) {
	if stored == right {
		return
	}
	d := v.at(r.Field, k.record, k.row)
	d.What, d.Law, d.Stored, d.Recomputed = "rollup", law, clip(stored), clip(right)
	v.out.add(d)
}

// sumsText writes the sums that the function uses.
func sumsText(r *compile.Rollup, s *store.Sums) string {
	parts := []*big.Int{&s.N}
	switch r.Function {
	case metamodel.RollupDeviate:
		parts = append(parts, &s.S, &s.Q)
	case metamodel.RollupAverage:
		parts = append(parts, &s.S)
	default:
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.String()
	}
	return strings.Join(texts, " ")
}

// countsText writes how many rows give each value.
func countsText(n map[string]int64) string {
	texts := make([]string, 0, len(n))
	for _, key := range slices.Sorted(maps.Keys(n)) {
		texts = append(texts, fmt.Sprintf("%s × %d", strings.TrimPrefix(key, "="), n[key]))
	}
	return strings.Join(texts, ", ")
}
