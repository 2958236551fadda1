package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"

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
	if sample > 0 {
		return v.sampled(ctx, a, sample)
	}
	all, err := r.Aggregate(ctx, &query.Aggregate{Entity: a.Table, Bin: query.Any, Measures: []query.Measure{{Fn: "count"}}}, v.env)
	if err != nil {
		return fmt.Errorf("count groups: %w", err)
	}
	groups, _ := all.Rows[0].Values[0].(int64)
	parts := groups/maxVerifiedGroups + 1
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
				v.compareGroup(a, row, numbersOf(a, row), numbersOf(a, right[id]))
				delete(right, id)
			}
		}
		return nil
	})
	for _, row := range right {
		v.compareGroup(a, row, nil, numbersOf(a, row))
	}
	return err
}

// countAgain adds the rows of a record to those of their groups that are asked for.
func (v *verifier) countAgain(ctx context.Context, a *compile.Aggregate, record value.Row, asked func(id any) bool, into map[any]value.Row) error {
	rows, doc := rowsOf(a.Line, record)
	for _, row := range rows {
		groups, err := v.groups(ctx, a, row, doc)
		if err != nil {
			return err
		}
		for _, group := range groups {
			addGroup(a, group, asked, into)
		}
	}
	return nil
}

func addGroup(a *compile.Aggregate, group value.Row, asked func(id any) bool, into map[any]value.Row) {
	id := group[metamodel.SlotID]
	if !asked(id) {
		return
	}
	have := into[id]
	if have == nil {
		into[id] = group
		return
	}
	for slot := a.Count.Slot; slot < len(group); slot++ {
		have[slot] = have[slot].(int64) + group[slot].(int64)
	}
}
