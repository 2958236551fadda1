package engine

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// maxVerifiedGroups bounds how many groups are counted again at a time; of more, the rows are read several times.
const maxVerifiedGroups = 100_000

// aggregate counts the rows of a kept aggregate again, and compares its groups: all, or about so many.
func (v *verifier) aggregate(ctx context.Context, a *compile.Aggregate, sample int) error {
	r := v.read.(*store.Reader)
	state, err := r.KeptState(ctx, a.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !state.Ready {
		return nil // it answers nothing yet
	}
	if err != nil {
		return err
	}
	all, err := r.Aggregate(ctx, &query.Aggregate{Entity: a.Table, Bin: query.Any, Measures: []query.Measure{{Fn: "count"}}}, v.env)
	if err != nil {
		return fmt.Errorf("count groups: %w", err)
	}
	groups, _ := all.Rows[0].Values[0].(int64)
	parts := groups/maxVerifiedGroups + 1
	if sample > 0 {
		parts = max(parts, groups/int64(sample))
		return v.part(ctx, a, parts, v.call.Now.Unix()%parts)
	}
	for i := range parts {
		if err := v.part(ctx, a, parts, i); err != nil {
			return err
		}
	}
	return nil
}

// inPart tells whether a group is one of a part of all: ids are digests, so that parts are of like size.
func inPart(id any, parts, part int64) bool {
	n, err := strconv.ParseInt(id.(string)[:8], 16, 64)
	return err == nil && n%parts == part
}

// part compares one part of the groups.
func (v *verifier) part(ctx context.Context, a *compile.Aggregate, parts, part int64) error {
	right := map[any]value.Row{}
	err := v.pages(ctx, &query.Select{Entity: a.Unit.Entity, Limit: maxSelectIDs}, func(ctx context.Context, records []value.Row) error {
		if err := v.withLines(ctx, a, records); err != nil {
			return err
		}
		for _, record := range records {
			if err := v.countAgain(ctx, a, record, func(id any) bool { return inPart(id, parts, part) }, right); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = v.pages(ctx, &query.Select{Entity: a.Table, Bin: query.Any, Limit: maxSelectIDs}, func(_ context.Context, stored []value.Row) error {
		for _, row := range stored {
			id := row[metamodel.SlotID]
			if inPart(id, parts, part) {
				v.compareGroup(a, row, right[id])
				delete(right, id)
			}
		}
		return nil
	})
	for _, row := range right {
		v.compareGroup(a, nil, row)
	}
	return err
}

// countAgain adds the rows of a record to those of their groups that are asked for.
func (v *verifier) countAgain(ctx context.Context, a *compile.Aggregate, record value.Row, asked func(id any) bool, into map[any]value.Row) error {
	rows, doc := rowsOf(a.Line, record)
	for _, row := range rows {
		group, ok, err := v.group(ctx, a, row, doc)
		if err != nil {
			return err
		}
		if !ok || !asked(group[metamodel.SlotID]) {
			continue
		}
		id := group[metamodel.SlotID]
		have := into[id]
		if have == nil {
			into[id] = group
			continue
		}
		for slot := a.Count.Slot; slot < len(group); slot++ {
			have[slot] = have[slot].(int64) + group[slot].(int64)
		}
	}
	return nil
}

// compareGroup notes where a group is kept otherwise; nil is a group that isn't there.
func (v *verifier) compareGroup(a *compile.Aggregate, stored, right value.Row) {
	v.out.Checked.Aggregates++
	row := stored
	if row == nil {
		row = right
	}
	keys := make([]string, len(a.Keys))
	for i, k := range a.Keys {
		keys[i] = said(keptText(row[k.Field.Slot]))
	}
	compare := func(field, x, y string) {
		if x != y {
			v.out.add(Difference{
				What: "aggregate", Name: a.Cards[0], Entity: a.Entity.Name, Record: strings.Join(keys, " | "), Field: field, Stored: x, Recomputed: y,
			})
		}
	}
	compare("count", partText(stored, a.Count), partText(right, a.Count))
	for _, of := range a.Values {
		name := of.Path.String()
		compare("count "+name, partText(stored, of.Count), partText(right, of.Count))
		compare("sum "+name, sumText(stored, of), sumText(right, of))
	}
}

func partText(row value.Row, f *metamodel.Field) string {
	if row == nil {
		return ""
	}
	return keptText(row[f.Slot])
}

// sumText is a sum of both its parts.
func sumText(row value.Row, of *metamodel.KeptValue) string {
	if row == nil {
		return ""
	}
	high, _ := row[of.High.Slot].(int64)
	low, _ := row[of.Low.Slot].(int64)
	sum := new(big.Int).Mul(big.NewInt(high), big.NewInt(metamodel.SumPart))
	d, err := value.ParseExact(sum.Add(sum, big.NewInt(low)).String() + "E-" + strconv.Itoa(scaleOf(of.Path.Last())))
	if err != nil {
		return sum.String()
	}
	return d.Trim().String()
}
