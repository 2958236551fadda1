package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// People name a line by its document and its place there, counted from 1, as in DN20250310-0001/2, or write what shows it:
// DN20250310-0001 · 2 · Fountain pen.

// lineName is what a text may mean: a line of the document that bears a text, at a place.
type lineName struct {
	doc   string
	place int64
}

// lineNames are all that a text may mean: what shows a document may itself have the signs in it.
func lineNames(text string) []lineName {
	var out []lineName
	add := func(doc, place string) {
		n, err := strconv.ParseInt(strings.TrimSpace(place), 10, 32)
		doc = strings.TrimSpace(doc)
		if name := (lineName{doc, n}); err == nil && n >= 1 && doc != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, sign := range []string{"/", "／"} {
		if at := strings.LastIndex(text, sign); at >= 0 {
			add(text[:at], text[at+len(sign):])
		}
	}
	parts := strings.Split(text, lineSeparator)
	for i := 1; i < len(parts) && len(out) < maxLineNames; i++ {
		add(strings.Join(parts[:i], lineSeparator), parts[i])
	}
	return out
}

// maxLineNames bounds what one text may mean.
const maxLineNames = 8

// resolveLines finds the lines that texts name, as far as the actor may see them.
func (r *resolver) resolveLines(ctx context.Context, f *metamodel.Field, texts []string) error {
	may := r.w.call.decide(f.Target, metamodel.ActRead)
	if !may.allow() {
		return nil
	}
	var docs []string
	for _, t := range texts {
		for _, n := range lineNames(t) {
			docs = append(docs, n.doc)
		}
	}
	unit := &metamodel.Field{Target: f.Target.Parent}
	look := &resolver{w: r.w, known: map[*metamodel.Field]map[string]string{}}
	if err := look.resolve(ctx, unit, docs); err != nil {
		return err
	}
	ids, err := r.linesAt(ctx, f.Target, may, look.known[unit], texts)
	if err != nil {
		return err
	}
	for _, t := range texts {
		for _, n := range lineNames(t) {
			doc := look.known[unit][n.doc]
			id := ids[lineName{doc, n.place}]
			if doc == ambiguous {
				id = ambiguous
			}
			if was := r.known[f][t]; id != "" && was != "" && was != id {
				id = ambiguous
			}
			if id != "" {
				r.known[f][t] = id
			}
		}
	}
	return nil
}

// linesAt gives the ids of the lines that texts may mean, by the id of the document and the place: one question for each
// place, as most are among the first few.
func (r *resolver) linesAt(ctx context.Context, lines *metamodel.Entity, may decision, known map[string]string, texts []string) (map[lineName]string, error) {
	docs := map[int64][]string{}
	for _, t := range texts {
		for _, n := range lineNames(t) {
			if id := known[n.doc]; id != "" && id != ambiguous && !slices.Contains(docs[n.place], id) {
				docs[n.place] = append(docs[n.place], id)
			}
		}
	}
	columns := lines.Columns()
	out := map[lineName]string{}
	for place, all := range docs {
		where := append(slices.Clone(may.where()), equals(columns[metamodel.LineSlotPosition], place))
		for part := range slices.Chunk(all, maxLookups) {
			page, err := r.w.read.Select(ctx, &query.Select{
				Entity: lines, To: metamodel.Path{columns[metamodel.LineSlotParent]}, IDs: part, Where: where, Limit: len(part),
				Fields: columns[:metamodel.LineSlotPosition+1],
			}, r.w.env)
			if err != nil {
				return nil, fmt.Errorf("find lines of %s: %w", lines.Name, err)
			}
			for _, row := range page.Rows {
				doc, _ := row[metamodel.LineSlotParent].(string)
				out[lineName{doc, place}], _ = row[metamodel.LineSlotID].(string)
			}
		}
	}
	return out, nil
}

// byPlace finds the line that a text names by its document and its place there, as far as the field may point at it.
func (c *candidates) byPlace(ctx context.Context, text string) ([]value.Row, error) {
	if !c.target.IsLines() {
		return nil, nil
	}
	look := &resolver{w: c.world, known: map[*metamodel.Field]map[string]string{}}
	if err := look.resolve(ctx, c.field, []string{text}); err != nil {
		return nil, err
	}
	id := look.known[c.field][text]
	if id == "" || id == ambiguous {
		return nil, nil
	}
	q := c.question(nil)
	q.IDs, q.Limit = []string{id}, 1
	page, err := c.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	return page.Rows, nil
}
