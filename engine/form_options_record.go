package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// candidates are the records of an entity that a field may point at, as a question that is asked page by page.
type candidates struct {
	*picker
	target *compile.Entity
	may    decision
	lister *lister
	cond   *compile.Program // the field's condition; nil is none
	codes  []*metamodel.Field
	detail []*metamodel.Field
	told   []*metamodel.Field // with their titles: what the field wants to be told of each
	left   *metamodel.Field   // how much of each is open; nil where nobody says, or he may not know
	env    *query.Env
	judged bool // the condition is judged here: the database can't

	bearers []bearer            // lines that bear codes
	says    []shared            // what the record's own barcodes say
	found   map[string]*finding // what codes found, by record
}

// records offers records that the actor may see.
func (p *picker) records(ctx context.Context) (*Result, error) {
	c := &candidates{picker: p, target: p.world.call.Snap.Of(p.field.Target), cond: p.owner.Options[p.field]}
	c.may = p.world.call.decide(p.field.Target, metamodel.ActRead)
	if !c.may.allow() {
		return p.answer(nil, ""), nil
	}
	c.lister = &lister{call: p.world.call, entity: c.target, may: c.may}
	search := c.searched(p.search)
	if err := c.lister.list.Err(); err != nil {
		return nil, err
	}
	c.choose()
	c.chooseBearers()
	if err := c.prepare(ctx); err != nil {
		return nil, err
	}
	return c.page(ctx, search)
}

// searched is where a text is looked for; of lines also in what shows their document.
func (c *candidates) searched(text string) *query.Search {
	search := c.lister.search(text)
	if search == nil || !c.target.IsLines() {
		return search
	}
	parent := c.target.Columns()[metamodel.LineSlotParent]
	unit := &lister{call: c.lister.call, entity: c.world.call.Snap.Of(c.target.Parent), may: c.lister.call.decide(c.target.Parent, metamodel.ActRead)}
	paths := []metamodel.Path{}
	for _, p := range unit.shownPaths() {
		paths = append(paths, append(metamodel.Path{parent}, p...))
	}
	return &query.Search{Text: search.Text, Paths: append(paths, c.lister.shownPaths()...)}
}

// choose picks the fields that identify a record and those for the second line.
func (c *candidates) choose() {
	for _, f := range c.target.Fields {
		code := f.Kind == metamodel.Barcode || f.Kind == metamodel.Number || f.Kind == metamodel.Text && f.Unique
		if code && !f.Virtual() && c.may.open(f) && len(c.codes) < metamodel.MaxSearch {
			c.codes = append(c.codes, f)
		}
	}
	c.detail = slices.Clone(c.codes)
	for _, path := range c.target.Search {
		if f := path[0]; len(path) == 1 && c.may.open(f) && !slices.Contains(c.detail, f) {
			c.detail = append(c.detail, f)
		}
	}
	for _, f := range c.field.Shows {
		if c.may.open(f) {
			c.told = append(c.told, f)
		}
	}
	if f := c.field.Open; f != nil && c.may.open(f) {
		c.left = f
	}
	c.detail = slices.DeleteFunc(c.detail, func(f *metamodel.Field) bool { return f == c.target.Display })
}

// prepare makes ready what the field's condition reads of the record as it stands.
func (c *candidates) prepare(ctx context.Context) error {
	env := *c.world.env
	env.Ctx, env.World, env.Row, env.Parent = ctx, c.world, c.row, c.parent
	c.env = &env
	if c.cond == nil || c.row == nil {
		return nil
	}
	act := c.world.activation(ctx, c.row)
	act.Parent = c.parent
	return c.world.fillOwn(ctx, c.owner, c.cond, act)
}

// order is by the field that people know records by, which an index has; without one, the newest come first.
func (c *candidates) order() string {
	if c.target.IsLines() { // of the newest document in the order in which they stand there
		return metamodel.ParentField + " desc, " + c.target.Columns()[metamodel.LineSlotPosition].Name
	}
	for _, f := range c.codes {
		if f.Unique && f.Kind != metamodel.Number {
			return f.Name
		}
	}
	return "id desc"
}

// page reads one page: first what bears just the searched text, then what contains it.
func (c *candidates) page(ctx context.Context, search *query.Search) (*Result, error) {
	req := c.request(c.order())
	q := c.question(search)
	q.Order, q.Limit = c.lister.order(req.OrderBy), c.size
	exact, err := c.exact(ctx, search)
	if err != nil {
		return nil, err
	}
	exact = exact[:min(len(exact), max(1, c.size-1))] // the rest comes with what contains the text
	var rows []value.Row
	next := ""
	if c.token != "" {
		if q.After, err = c.engine.readPageToken(c.world.call, c.target.Name, req); err != nil {
			return nil, err
		}
	} else {
		rows = slices.Clone(exact)
		q.Limit -= len(rows)
	}
	if q.Limit > 0 { // a page of one that is the very thing is all that was wanted
		page, err := c.ask(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			if !holdsRow(exact, row) {
				rows = append(rows, row)
			}
		}
		if page.Next != nil {
			if next, err = c.engine.pageToken(c.world.call, c.target.Name, req, page.Next); err != nil {
				return nil, err
			}
		}
	}
	if err := c.lookForClosed(ctx, q); err != nil {
		return nil, err
	}
	options, err := c.show(ctx, rows)
	return c.answer(options, next), err
}

// lookForClosed finds out on the first page whether there are others, of which nothing is open.
func (c *candidates) lookForClosed(ctx context.Context, asked *query.Select) error {
	if c.some != openOnly || c.left == nil || c.token != "" {
		return nil
	}
	c.some = openNot
	q := c.question(asked.Search)
	q.Order, q.Limit = asked.Order, 1
	page, err := c.ask(ctx, q)
	if err != nil {
		return err
	}
	c.some, c.closed = openOnly, len(page.Rows) > 0
	return nil
}

// open is the condition that records be open, or not; nil where that isn't asked, or nobody says how much is.
func (c *candidates) open() []*expr.Node {
	if c.left == nil || c.some == openOrNot {
		return nil
	}
	zero := any(int64(0))
	if c.left.Kind.IsDecimal() {
		zero = value.Decimal{}
	}
	if c.some == openOnly {
		return []*expr.Node{compares(expr.OpGt, c.left, zero)}
	}
	unsaid := equals(c.left, nil)
	unsaid.Args[1].Type = expr.Null
	return []*expr.Node{{Op: expr.OpOr, Type: expr.Bool, Args: []*expr.Node{compares(expr.OpLe, c.left, zero), unsaid}}}
}

func holdsRow(rows []value.Row, row value.Row) bool {
	return slices.ContainsFunc(rows, func(r value.Row) bool { return r[metamodel.SlotID] == row[metamodel.SlotID] })
}

// question asks for the records that the actor may see and the field may point at.
func (c *candidates) question(search *query.Search) *query.Select {
	columns := c.target.Columns()
	q := &query.Select{Entity: c.target.Entity, Search: search, Fields: []*metamodel.Field{columns[metamodel.SlotID]}}
	if c.target.IsLines() {
		q.Fields = slices.Clone(columns[:metamodel.LineSlotPosition+1])
	}
	if d := c.target.Display; d != nil && c.may.open(d) && !slices.Contains(q.Fields, d) {
		q.Fields = append(q.Fields, d)
	}
	for _, f := range slices.Concat(c.detail, c.told) {
		if !slices.Contains(q.Fields, f) {
			q.Fields = append(q.Fields, f)
		}
	}
	if c.left != nil && !slices.Contains(q.Fields, c.left) {
		q.Fields = append(q.Fields, c.left)
	}
	for _, s := range c.says {
		if !slices.Contains(q.Fields, s.from) {
			q.Fields = append(q.Fields, s.from)
		}
	}
	if c.cond == nil || c.judged {
		q.Where = slices.Concat(c.may.where(), c.open())
		return q
	}
	q.Var, q.Where, q.Rows = "it", []*expr.Node{c.cond.Tree()}, slices.Concat(c.may.where(), c.open())
	return q
}

// exact finds the records that bear just the searched text as a code, in capitals, too: themselves, or on a line.
func (c *candidates) exact(ctx context.Context, search *query.Search) ([]value.Row, error) {
	if search == nil {
		return nil, nil
	}
	var rows []value.Row
	for _, text := range slices.Compact([]string{search.Text, strings.ToUpper(search.Text)}) {
		own, err := c.byCodes(ctx, text)
		if err != nil {
			return nil, err
		}
		on, err := c.byLines(ctx, text)
		if err != nil {
			return nil, err
		}
		at, err := c.byPlace(ctx, text)
		if err != nil {
			return nil, err
		}
		for _, row := range slices.Concat(own, on, at) {
			if !holdsRow(rows, row) {
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// byCodes finds the records that bear just the text as a code themselves.
func (c *candidates) byCodes(ctx context.Context, text string) ([]value.Row, error) {
	if len(c.codes) == 0 {
		return nil, nil
	}
	var paths []metamodel.Path
	for _, f := range c.codes {
		paths = append(paths, metamodel.Path{f})
	}
	q := c.question(&query.Search{Text: text, Paths: paths, Exact: true})
	q.Limit = maxExactOptions
	page, err := c.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	c.ownCodes(page.Rows, text)
	return page.Rows, nil
}

// ask asks the database; where that can't judge the field's condition, it is judged here.
func (c *candidates) ask(ctx context.Context, q *query.Select) (*query.Page, error) {
	if c.judged {
		return c.judge(ctx, q)
	}
	saved := c.world.needs
	defer func() { c.world.needs = saved }()
	if c.cond != nil {
		c.world.needs = c.cond.Reads
	}
	page, err := c.world.read.Select(ctx, q, c.env)
	if _, never := lower.AsNotLowerable(err); never && c.cond != nil {
		c.judged = true
		return c.judge(ctx, q)
	}
	if err != nil {
		return nil, c.engine.queryProblem(err)
	}
	page.Rows = c.besides(page.Rows)
	return page, nil
}

// besides leaves the record itself out, which can't stand above itself.
func (c *candidates) besides(rows []value.Row) []value.Row {
	if c.field.Kind != metamodel.Tree || c.self == "" {
		return rows
	}
	return slices.DeleteFunc(rows, func(r value.Row) bool { return r[metamodel.SlotID] == c.self })
}

// judge reads candidates that a question asks for, whatever their field's condition, until some pass that.
func (c *candidates) judge(ctx context.Context, asked *query.Select) (*query.Page, error) {
	q := c.question(asked.Search)
	q.IDs = asked.IDs
	q.Order, q.After, q.Limit, q.Fields = asked.Order, asked.After, asked.Limit, nil // the condition may read any field
	out := &query.Page{}
	for judged := 0; judged < maxJudgedOptions; judged += q.Limit {
		page, err := c.world.read.Select(ctx, q, c.env)
		if err != nil {
			return nil, c.engine.queryProblem(err)
		}
		for _, row := range c.besides(page.Rows) {
			c.world.remember(c.target.ID, row[metamodel.SlotID].(string), row)
			ok, err := c.world.mayPoint(ctx, target{field: c.field, id: row[metamodel.SlotID].(string), row: c.row, over: c.parent})
			if err != nil {
				return nil, err
			}
			if ok {
				out.Rows = append(out.Rows, row)
			}
		}
		if out.Next = page.Next; page.Next == nil || len(out.Rows) > 0 {
			break
		}
		q.After = page.Next
	}
	return out, nil
}

// show makes options of rows.
func (c *candidates) show(ctx context.Context, rows []value.Row) ([]option, error) {
	d := c.world.displays()
	display := c.target.Display
	shown := display != nil && c.may.open(display)
	for _, row := range rows {
		switch id := row[metamodel.SlotID].(string); {
		case c.target.IsLines():
			d.mention(d.gathered(c.field), id)
		case shown:
			d.show(display, id, row[display.Slot])
		}
	}
	if err := d.find(ctx); err != nil {
		return nil, fmt.Errorf("show options: %w", err)
	}
	out := make([]option, len(rows))
	for i, row := range rows {
		out[i].id = row[metamodel.SlotID].(string)
		text, ok := d.texts[out[i].id]
		if ok {
			out[i].display = text
		}
		out[i].detail = c.secondLine(row, text)
		if c.left != nil && row[c.left.Slot] != nil {
			out[i].open = c.plain(c.left, row)
		}
		if c.target.IsLines() {
			out[i].doc = &optionDoc{c.target.Parent.Name, row[metamodel.LineSlotParent].(string)}
		}
	}
	if len(c.found) > 0 {
		return out, c.tell(ctx, out)
	}
	return out, nil
}

// secondLine tells records with like texts apart: codes and search fields that the text doesn't have in it.
func (c *candidates) secondLine(row value.Row, display string) string {
	var parts []string
	for _, f := range c.detail {
		v := row[f.Slot]
		if v == nil || len(parts) == maxDetailParts {
			continue
		}
		text := valueText(f, v, c.world.call.Locale)
		if r := []rune(text); len(r) > maxDetailPartSize {
			text = string(r[:maxDetailPartSize]) + "…"
		}
		if text != "" && !strings.Contains(display, text) {
			parts = append(parts, text)
		}
	}
	for _, f := range c.told {
		if f != c.left && row[f.Slot] != nil {
			parts = append(parts, f.Title.In(c.world.call.Locale)+" "+c.plain(f, row))
		}
	}
	return strings.Join(parts, detailSeparator)
}

// plain writes a value of a row, decimals without zeros at their end.
func (c *candidates) plain(f *metamodel.Field, row value.Row) string {
	v := row[f.Slot]
	if d, ok := v.(value.Decimal); ok {
		v = d.Trim().String()
	}
	return valueText(f, v, c.world.call.Locale)
}
