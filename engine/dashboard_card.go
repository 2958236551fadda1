package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// cardRun is one card being worked out.
type cardRun struct {
	*dashboardRun
	card      *metamodel.Card
	world     *world
	period    *period  // nil = all time
	order     []int    // the measures as they are asked for
	computing []string // what is being worked out just now
	live      bool     // anything was worked out from the records, not from what is kept of them
}

// lister reads conditions over the card's records, as a list of them does.
func (r *cardRun) lister() *lister {
	return &lister{call: r.call, entity: r.call.Snap.Of(r.card.Entity), may: r.call.decide(r.card.Entity, metamodel.ActRead)}
}

// where is everything that a card's records must satisfy. Where measures are of records outside the period, it keeps
// those up to the period's end.
func (r *cardRun) where(p *period) ([]*expr.Node, error) {
	where := r.call.cardRows(r.card)
	if f := r.card.Filter; f != nil {
		guards, _ := r.call.condition(r.card.Entity, f)
		where = append(append(where, r.call.Snap.Program(f).Tree()), guards...)
	}
	l := r.lister()
	where = append(where, l.filter(r.narrowing(p))...)
	return where, l.list.Err()
}

// counting is which of the card's records count for a measure.
func (r *cardRun) counting(m *metamodel.Measure, p *period) ([]*expr.Node, error) {
	l := r.lister()
	where := l.filter(r.spanning(m, p))
	if m.Where != nil {
		guards, _ := r.call.condition(r.card.Entity, m.Where)
		where = append(append(where, r.call.Snap.Program(m.Where).Tree()), guards...)
	}
	return where, l.list.Err()
}

// spanning is the condition in CEL that a measure's span makes of the period, beyond what narrows the whole card; "" for
// nothing. Before all time there was nothing.
func (r *cardRun) spanning(m *metamodel.Measure, p *period) string {
	switch {
	case !r.card.Spans() || m.Span == metamodel.Until, p == nil && m.Span == metamodel.Within:
		return ""
	case p == nil:
		return "false"
	}
	path := r.card.PeriodBind().Path
	if m.Span == metamodel.Before {
		return since(path, p.from, "<", r.call.Snap.Zone)
	}
	return since(path, p.from, ">=", r.call.Snap.Zone)
}

// measureFilter is which of the card's records are behind a measure, in a filter's words; false for all, or where that
// can't be asked of a list.
func (r *cardRun) measureFilter(m *metamodel.Measure) (string, bool) {
	text := r.spanning(m, r.period)
	if m.Where != nil {
		if text != "" {
			text += " && "
		}
		text += "(" + m.Where.Source + ")"
	}
	l := r.lister()
	l.filter(text)
	return text, text != "" && !r.card.Entity.IsLines() && !l.list.HasErrors()
}

// narrowing is what the dashboard's filters say of a card's records, as a condition; "" for nothing.
func (r *cardRun) narrowing(p *period) string {
	var parts []string
	timed := r.card.PeriodBind()
	for _, b := range r.card.Binds {
		given, narrows := r.given[b.Filter]
		if b == timed {
			switch {
			case p != nil && r.card.Spans():
				parts = append(parts, since(b.Path, p.to+1, "<", r.call.Snap.Zone))
			case p != nil:
				parts = append(parts, within(b.Path, *p, r.call.Snap.Zone))
			}
			continue
		}
		switch {
		case !narrows:
		case b.Filter.Kind == metamodel.DayFilter:
			parts = append(parts, since(b.Path, given.period.to+1, "<", r.call.Snap.Zone))
		case b.Filter.Kind == metamodel.PeriodFilter:
			parts = append(parts, within(b.Path, given.period, r.call.Snap.Zone))
		default:
			parts = append(parts, b.Path.String()+" == "+quoted(given.text))
		}
	}
	return strings.Join(parts, " && ")
}

// within says in CEL that a date or instant lies in a period of the company's days.
func within(path metamodel.Path, p period, zone *time.Location) string {
	if path.Last().Kind == metamodel.Date {
		return fmt.Sprintf("%s >= date('%s') && %s <= date('%s')", path, p.from, path, p.to)
	}
	return since(path, p.from, ">=", zone) + " && " + since(path, p.to+1, "<", zone)
}

// since says in CEL how a date or instant stands to the first moment of a company's day.
func since(path metamodel.Path, day value.Date, op string, zone *time.Location) string {
	if path.Last().Kind == metamodel.Date {
		return fmt.Sprintf("%s %s date('%s')", path, op, day)
	}
	return fmt.Sprintf("%s %s datetime('%s')", path, op, value.FormatDateTime(start(day, zone)))
}

// quoted writes a text as a literal of CEL.
func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(s) + "'"
}

// clickFilter is the card's filter and what narrows it, for the view that a click opens; false where no list can be
// asked for it.
func (r *cardRun) clickFilter() (string, bool) {
	if r.card.Entity.IsLines() {
		return "", false
	}
	text := r.narrowing(r.period)
	if f := r.card.Filter; f != nil {
		if text != "" {
			text = "(" + f.Source + ") && " + text
		} else {
			text = f.Source
		}
	}
	l := r.lister()
	l.filter(text)
	return text, !l.list.HasErrors()
}

// appendRecords writes the records of a list, as a list of the entity has them.
func (r *cardRun) appendRecords(ctx context.Context, b []byte) ([]byte, error) {
	d := r.engine.describer(r.call, r.card.Entity)
	req := ListRequest{PageSize: r.card.Limit}
	req.Display = true
	for _, col := range d.columns(r.card.Columns) {
		name, _, far := strings.Cut(col.Path, ".")
		req.Fields = append(req.Fields, name)
		if far {
			req.Expand = append(req.Expand, name)
		}
	}
	keys := make([]*metamodel.SortKey, len(r.card.Sort))
	for i, s := range r.card.Sort {
		keys[i] = &metamodel.SortKey{Field: s.Field, Descending: s.Descending}
	}
	for _, name := range []string{metamodel.EntrySource, metamodel.EntryDocument} { // each entry of a ledger leads to what posted it
		if k := r.card.Entity.Kept; k != nil && k.Entry == r.card.Entity && d.may.readable(k.Entry.Field(name)) {
			req.Fields = append(req.Fields, name)
		}
	}
	req.OrderBy = r.engine.orderText(r.call, d.may, keys)
	where, err := r.where(r.period)
	if err != nil {
		return nil, err
	}
	req.card = append([]*expr.Node{}, where...)
	found, err := r.engine.List(ctx, r.call, r.card.Entity.Name, req)
	if err != nil {
		return nil, err
	}
	return append(b, found.Body[1:len(found.Body)-1]...), nil
}

// appendGroups writes the groups of a card with their measures, and the measures of all together.
func (r *cardRun) appendGroups(ctx context.Context, b []byte) ([]byte, error) {
	groups := make([]query.Group, len(r.card.Groups))
	for i, g := range r.card.Groups {
		groups[i] = query.Group{Path: g.Path, Unit: g.By}
	}
	found, err := r.measured(ctx, r.period, groups)
	if err != nil {
		return nil, err
	}
	texts, err := r.texts(ctx, found.Rows)
	if err != nil {
		return nil, err
	}
	b = append(b, `"rows":[`...)
	for i, row := range found.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.appendRow(b, row, texts)
	}
	b = append(b, ']')
	if found.More {
		b = append(b, `,"more":true`...)
	}
	total, err := r.total(ctx, found)
	if err != nil {
		return nil, err
	}
	b = r.appendMeasures(append(b, `,"total":`...), total)
	if r.card.Previous && r.period != nil {
		if b, err = r.appendPrevious(ctx, b); err != nil {
			return nil, err
		}
	}
	return r.appendCardColors(ctx, b, total)
}

func (r *cardRun) appendRow(b []byte, row query.GroupRow, texts map[string]string) []byte {
	names := make([]string, len(r.card.Groups))
	for i, g := range r.card.Groups {
		names[i] = g.Path.String()
	}
	b = appendNamed(append(b, `{"key":`...), names, row.Keys)
	b = r.appendMeasures(append(b, `,"measures":`...), row.Values)
	first := true
	for i, g := range r.card.Groups {
		text, ok := r.text(g.Path.Last(), row.Keys[i], texts)
		if !ok {
			continue
		}
		if first {
			b = append(b, `,"display":{`...)
		} else {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, names[i]), ':')
		b = appendString(b, text)
	}
	if !first {
		b = append(b, '}')
	}
	if filter, ok := r.rowFilter(row); ok {
		b = appendString(append(b, `,"filter":`...), filter)
	}
	return append(b, '}')
}

func (r *cardRun) appendMeasures(b []byte, values []any) []byte {
	names := make([]string, len(r.card.Measures))
	for i, m := range r.card.Measures {
		names[i] = m.Name
	}
	return appendNamed(b, names, values)
}

// texts finds what stands for the records, people and departments among the keys.
func (r *cardRun) texts(ctx context.Context, rows []query.GroupRow) (map[string]string, error) {
	d := r.world.displays()
	for _, row := range rows {
		for i, g := range r.card.Groups {
			d.value(g.Path.Last(), row.Keys[i])
		}
	}
	if d.count == 0 {
		return nil, nil
	}
	err := d.find(ctx)
	return d.texts, err
}

// text is what stands for a key; false for what is shown as it is.
func (r *cardRun) text(f *metamodel.Field, key any, texts map[string]string) (string, bool) {
	s, ok := key.(string)
	if !ok {
		return "", false
	}
	if f.Enum != nil {
		if o := f.Enum.Option(s); o != nil {
			return o.Title.In(r.call.Locale), true
		}
		return "", false
	}
	if f.NamesSource() {
		if e := r.call.Snap.Entity(s); e != nil && r.call.knows(e) {
			return e.Title.In(r.call.Locale), true
		}
	}
	text, ok := texts[s]
	return text, ok
}

// rowFilter says in CEL which of the card's records are in a group; false where that can't be asked of a list.
func (r *cardRun) rowFilter(row query.GroupRow) (string, bool) {
	if r.card.Entity.IsLines() || len(r.card.Groups) == 0 {
		return "", false
	}
	parts := make([]string, len(r.card.Groups))
	for i, g := range r.card.Groups {
		part, ok := isKey(g, row.Keys[i], r.call.Snap.Zone)
		if !ok {
			return "", false
		}
		parts[i] = part
	}
	return strings.Join(parts, " && "), true
}

// isKey says in CEL that a record is in the group of a key.
func isKey(g *metamodel.CardGroup, key any, zone *time.Location) (string, bool) {
	name := g.Path.String()
	switch k := key.(type) {
	case nil:
		return name + " == null", true
	case string:
		return name + " == " + quoted(k), true
	case bool, int64:
		return fmt.Sprintf("%s == %v", name, k), true
	case value.Decimal:
		text := k.String()
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return name + " == " + text, true
	case value.Date:
		if g.By == "" && g.Path.Last().Kind != metamodel.Date {
			return "", false
		}
		return within(g.Path, bucket(k, g.By), zone), true
	}
	return "", false
}

// bucket is the period that begins at a day.
func bucket(first value.Date, unit string) period {
	switch unit {
	case "week":
		return period{first, first + weekDays - 1}
	case "month":
		return period{first, first.AddMonths(1) - 1}
	case "quarter":
		return period{first, first.AddMonths(quarter) - 1}
	case "year":
		return period{first, first.AddMonths(year) - 1}
	}
	return period{first, first}
}

// total is the measures of all groups together: added up where that is the same, else asked for.
func (r *cardRun) total(ctx context.Context, found *query.Groups) ([]any, error) {
	if len(r.card.Groups) == 0 && len(found.Rows) == 1 {
		return found.Rows[0].Values, nil
	}
	if sum, ok := r.added(found); ok {
		return sum, nil
	}
	all, err := r.measured(ctx, r.period, nil)
	if err != nil {
		return nil, err
	}
	return all.Rows[0].Values, nil
}

// added adds the measures of all groups up, where all groups are there and every measure is a sum or a count.
func (r *cardRun) added(found *query.Groups) ([]any, bool) {
	if found.More || len(found.Rows) == 0 {
		return nil, false
	}
	sum := make([]any, len(r.card.Measures))
	for i, m := range r.card.Measures {
		if m.Op != "sum" && m.Op != "count" {
			return nil, false
		}
		for _, row := range found.Rows {
			next, ok := add(sum[i], row.Values[i])
			if !ok {
				return nil, false
			}
			sum[i] = next
		}
	}
	return sum, true
}

// add is the sum of two measures of one kind; nil is nothing yet.
func add(a, b any) (any, bool) {
	if a == nil {
		return b, b != nil
	}
	switch x := a.(type) {
	case int64:
		y, ok := b.(int64)
		return x + y, ok
	case value.Decimal:
		y, ok := b.(value.Decimal)
		if !ok {
			return nil, false
		}
		sum, err := x.Add(y)
		return sum, err == nil
	}
	return nil, false
}

func (r *cardRun) appendPrevious(ctx context.Context, b []byte) ([]byte, error) {
	before := r.period.before(r.today)
	all, err := r.measured(ctx, &before, nil)
	if err != nil {
		return nil, err
	}
	b = r.appendMeasures(append(b, `,"previous":`...), all.Rows[0].Values)
	return appendPeriod(append(b, `,"previous_period":`...), before), nil
}

// appendCardColors writes which colours the measures of a card have.
func (r *cardRun) appendCardColors(ctx context.Context, b []byte, total []any) ([]byte, error) {
	if len(r.card.Colors) == 0 {
		return b, nil
	}
	names := []string{}
	for _, rule := range r.card.Colors {
		act := r.world.activation(ctx, value.Row(total))
		holds, err := r.call.Snap.Program(rule.When).EvalBool(act)
		if fatal(err) {
			return nil, stopped(err)
		}
		if holds && err == nil {
			names = append(names, rule.Name)
		}
	}
	return appendValue(append(b, `,"colors":`...), names), nil
}
