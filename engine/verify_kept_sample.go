package engine

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// verifiedTogether is how many groups of a sample are asked for in one question over their rows: what all conditions of a
// question may come to leaves room for no more.
const verifiedTogether = 8

// sampled proves about so many groups of a kept aggregate, from a place on that chance gives: the database counts the rows
// of these groups alone. Groups that are missing are found when all are proven.
func (v *verifier) sampled(ctx context.Context, a *compile.Aggregate, sample int) error {
	from := fmt.Sprintf("%08x-0000-0000-0000-000000000000", rand.Uint32()) //nolint:gosec // which groups are proven is no secret
	for _, after := range []*query.Cursor{{ID: from}, nil} {
		page, err := v.read.Select(ctx, &query.Select{Entity: a.Table, Bin: query.Any, Limit: sample, After: after}, v.env)
		if err != nil {
			return fmt.Errorf("read groups: %w", err)
		}
		groups := page.Rows
		if after == nil { // around, up to where it began
			groups = slices.DeleteFunc(groups, func(g value.Row) bool { return g[metamodel.SlotID].(string) > from })
		}
		if err := v.someGroups(ctx, a, groups); err != nil {
			return err
		}
		if sample -= len(groups); sample <= 0 {
			break
		}
	}
	return nil
}

// someGroups proves groups, those of one grain together.
func (v *verifier) someGroups(ctx context.Context, a *compile.Aggregate, groups []value.Row) error {
	by := map[any][]value.Row{}
	for _, g := range groups {
		grain := any(nil)
		if a.Grain != nil {
			grain = g[a.Grain.Slot]
		}
		by[grain] = append(by[grain], g)
	}
	for grain, of := range by {
		for part := range slices.Chunk(of, verifiedTogether) {
			right, err := v.countGroups(ctx, a, grain, part)
			if err != nil {
				return err
			}
			for _, stored := range part {
				v.compareGroup(a, stored, numbersOf(a, stored), right[stored[metamodel.SlotID]])
			}
		}
	}
	return nil
}

// unitIn is the unit that a key has in groups of a grain.
func unitIn(a *compile.Aggregate, k *metamodel.KeptKey, grain any) string {
	if k == a.Span && grain == any(int64(metamodel.GrainYear)) {
		return "year"
	}
	return k.Unit
}

// theseGroups is the condition that a row is in one of some groups.
func (v *verifier) theseGroups(a *compile.Aggregate, grain any, groups []value.Row) (*expr.Node, error) {
	text := make([]string, len(groups))
	for i, g := range groups {
		keys := make([]string, len(a.Keys))
		for j, k := range a.Keys {
			unit := unitIn(a, k, grain)
			is, ok := isKey(&metamodel.CardGroup{Path: k.Path, By: unit}, g[k.Field.Slot], v.call.Snap.Zone)
			if !ok {
				return nil, fmt.Errorf("%s is no key of rows", k.Path)
			}
			keys[j] = is
		}
		text[i] = strings.Join(append(keys, "true"), " && ")
	}
	program, list := v.call.Snap.Model.Compile(expr.Scope{Entity: a.Entity}, "("+strings.Join(text, ") || (")+")", expr.Bool)
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("ask for groups: %w", err)
	}
	return program.Tree(), nil
}

// countGroups counts the rows of some groups again.
func (v *verifier) countGroups(ctx context.Context, a *compile.Aggregate, grain any, groups []value.Row) (map[any]*groupNumbers, error) {
	these, err := v.theseGroups(a, grain, groups)
	if err != nil {
		return nil, err
	}
	q := &query.Aggregate{Entity: a.Entity, Where: []*expr.Node{these}}
	if a.Where != nil {
		q.Where = append(q.Where, a.Where.Tree())
	}
	for _, k := range a.Keys {
		q.Groups = append(q.Groups, query.Group{Path: k.Path, Unit: unitIn(a, k, grain)})
	}
	out := map[any]*groupNumbers{}
	for part := range slices.Chunk(measuresOf(a), lower.MaxMeasure) {
		q.Measures = part
		found, err := v.read.(*store.Reader).Aggregate(ctx, q, v.env)
		if err != nil {
			return nil, fmt.Errorf("count the rows of groups: %w", err)
		}
		for _, row := range found.Rows {
			group := make(value.Row, len(a.Table.Columns()))
			for i, k := range a.Keys {
				group[k.Field.Slot] = row.Keys[i]
			}
			if a.Grain != nil {
				group[a.Grain.Slot] = grain
			}
			id := groupID(a, group)
			if out[id] == nil {
				out[id] = &groupNumbers{}
			}
			for _, n := range row.Values {
				out[id].texts = append(out[id].texts, keptText(n))
			}
		}
	}
	return out, nil
}

// measuresOf are the numbers of an aggregate, in the order of numbersOf.
func measuresOf(a *compile.Aggregate) []query.Measure {
	out := []query.Measure{{Fn: "count"}}
	for i, v := range a.Values {
		var where []*expr.Node
		if a.Of[i] != nil {
			where = []*expr.Node{a.Of[i].Tree()}
		}
		out = append(out, query.Measure{Fn: "count", Path: v.Path, Where: where})
		if v.Sums() {
			out = append(out, query.Measure{Fn: "sum", Path: v.Path, Where: where})
		}
	}
	return out
}

// groupNumbers are what is kept of a group, as texts: the number of rows, then of each value the number, and the sum where
// it has one.
type groupNumbers struct{ texts []string }

// numbersOf are the numbers of a group as it is kept; nil where it is not there.
func numbersOf(a *compile.Aggregate, row value.Row) *groupNumbers {
	if row == nil {
		return nil
	}
	out := &groupNumbers{texts: []string{keptText(row[a.Count.Slot])}}
	for _, v := range a.Values {
		out.texts = append(out.texts, keptText(row[v.Count.Slot]))
		if v.Sums() {
			out.texts = append(out.texts, sumText(row, v))
		}
	}
	return out
}

// namesOf are what the numbers of a group are called.
func namesOf(a *compile.Aggregate) []string {
	out := []string{"count"}
	for _, v := range a.Values {
		name := v.Path.String()
		if v.Where != nil {
			name = strings.TrimSpace(name + " where " + v.Where.Source)
		}
		out = append(out, "count "+name)
		if v.Sums() {
			out = append(out, "sum "+name)
		}
	}
	return out
}

// compareGroup notes where a group is kept otherwise than it is right; nil is a group that isn't there.
func (v *verifier) compareGroup(a *compile.Aggregate, group value.Row, stored, right *groupNumbers) {
	v.out.Checked.Aggregates++
	keys := make([]string, len(a.Keys))
	for i, k := range a.Keys {
		keys[i] = said(keptText(group[k.Field.Slot]))
	}
	if a.Grain != nil && group[a.Grain.Slot] == any(int64(metamodel.GrainYear)) {
		keys = append(keys, "year")
	}
	for i, name := range namesOf(a) {
		x, y := stored.text(i), right.text(i)
		if x != y {
			v.out.add(Difference{
				What: "aggregate", Name: a.Cards[0], Entity: a.Entity.Name, Record: strings.Join(keys, " | "), Field: name, Stored: x, Recomputed: y,
			})
		}
	}
}

// text is one of the numbers; "" where the group isn't there.
func (n *groupNumbers) text(i int) string {
	if n == nil {
		return ""
	}
	return n.texts[i]
}

// sumText is a sum of both its parts.
func sumText(row value.Row, of *metamodel.KeptValue) string {
	high, _ := row[of.High.Slot].(int64)
	low, _ := row[of.Low.Slot].(int64)
	sum := new(big.Int).Mul(big.NewInt(high), big.NewInt(metamodel.SumPart))
	d, err := value.ParseExact(fmt.Sprintf("%sE-%d", sum.Add(sum, big.NewInt(low)), scaleOf(of.Path.Last())))
	if err != nil {
		return sum.String()
	}
	return d.Trim().String()
}
