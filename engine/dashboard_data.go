package engine

import (
	"context"
	"slices"
	"time"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// DashboardData works out what the cards of a dashboard show: {"filters": {"period": {"from", "to"} or the name of a
// period, "warehouse": "<id>"}, "cards": ["sales"]}. A filter that is not given has its default; null is none. Without
// cards, all are worked out. A card that can't be says why, and the others are there nevertheless.
func (e *Engine) DashboardData(ctx context.Context, c Call, name string, body []byte) (*Result, error) {
	v, err := c.view(name, "")
	if err != nil {
		return nil, err
	}
	if v.Type != metamodel.DashboardView {
		return nil, diag.Refuse("view.not_found", "", "view", clip(name))
	}
	o, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	d := &dashboardRun{engine: e, call: c, today: value.DateOf(c.Now, c.Snap.Zone), cards: c.cards(v), list: o.only("", "filters", "cards")}
	d.filters = c.filters(v, d.cards)
	d.readFilters(o.get("filters"))
	d.readCards(o.get("cards"))
	if err := d.list.Err(); err != nil {
		return nil, err
	}
	return d.run(ctx)
}

// dashboardRun is one request for a dashboard's data.
type dashboardRun struct {
	engine  *Engine
	call    Call
	today   value.Date
	cards   []*metamodel.Card
	filters []*metamodel.DashboardFilter
	given   map[*metamodel.DashboardFilter]filterValue // those that narrow
	list    diag.List
}

// filterValue is what a filter narrows by: a period, a record's id or an option's name.
type filterValue struct {
	period period
	text   string
}

// readFilters reads the values of the filters.
func (d *dashboardRun) readFilters(v *jsonValue) {
	d.given = map[*metamodel.DashboardFilter]filterValue{}
	if v != nil && v.kind != jsonObject {
		d.wrong("/filters", "filters", "object")
		return
	}
	if v != nil {
		for _, m := range v.members {
			if !slices.ContainsFunc(d.filters, func(f *metamodel.DashboardFilter) bool { return f.Name == m.name }) {
				d.list.Add("card.filter_not_found", diag.Pointer("/filters", clip(m.name)), "filter", clip(m.name))
			}
		}
	}
	for _, f := range d.filters {
		switch g := v.get(f.Name); {
		case g == nil:
			if p, ok := named(f.Default, d.today); ok {
				d.given[f] = filterValue{period: p}
			}
			if f.Kind == metamodel.DayFilter {
				d.given[f] = filterValue{period: period{d.today, d.today}}
			}
		case g.kind == jsonNull:
		default:
			d.readFilter(f, g)
		}
	}
}

func (d *dashboardRun) readFilter(f *metamodel.DashboardFilter, v *jsonValue) {
	at := diag.Pointer("/filters", f.Name)
	if f.Kind == metamodel.PeriodFilter {
		d.readPeriod(f, v, at)
		return
	}
	if v.kind != jsonString {
		d.wrong(at, f.Name, "text")
		return
	}
	if f.Kind == metamodel.ChoiceFilter && f.Enum.Option(v.text) == nil || f.Kind == metamodel.ReferenceFilter && !validID(v.text) {
		d.list.Add("card.filter_value", at, "filter", f.Title, "value", clip(v.text))
		return
	}
	if f.Kind == metamodel.DayFilter {
		day, err := value.ParseDate(v.text)
		if err != nil {
			d.list.Add("card.filter_value", at, "filter", f.Title, "value", clip(v.text))
		}
		d.given[f] = filterValue{period: period{day, day}}
		return
	}
	d.given[f] = filterValue{text: v.text}
}

// readPeriod reads a period by its name or by its days.
func (d *dashboardRun) readPeriod(f *metamodel.DashboardFilter, v *jsonValue, at string) {
	if v.kind == jsonString {
		p, known := named(v.text, d.today)
		if !known {
			d.list.Add("card.filter_value", at, "filter", f.Title, "value", clip(v.text))
		}
		d.given[f] = filterValue{period: p}
		return
	}
	if v.kind != jsonObject {
		d.wrong(at, f.Name, "object")
		return
	}
	d.list = append(d.list, v.only(at, "from", "to")...)
	var days [2]value.Date
	for i, name := range []string{"from", "to"} {
		m := v.get(name)
		if m == nil || m.kind != jsonString {
			d.wrong(diag.Pointer(at, name), name, "text")
			return
		}
		day, err := value.ParseDate(m.text)
		if err != nil {
			d.list.Add("card.filter_value", diag.Pointer(at, name), "filter", f.Title, "value", clip(m.text))
			return
		}
		days[i] = day
	}
	if days[1] < days[0] {
		d.list.Add("card.period_reversed", at, "from", days[0].String(), "to", days[1].String())
	}
	d.given[f] = filterValue{period: period{days[0], days[1]}}
}

func (d *dashboardRun) wrong(at, name, form string) {
	if p, ok := asProblem(wrongMember(at, name, form)); ok {
		d.list = append(d.list, p.List...)
	}
}

// readCards keeps the cards that are asked for.
func (d *dashboardRun) readCards(v *jsonValue) {
	if v == nil || v.kind == jsonNull {
		return
	}
	if v.kind != jsonArray || len(v.items) > metamodel.MaxCards {
		d.wrong("/cards", "cards", "array")
		return
	}
	var asked []*metamodel.Card
	for i := range v.items {
		at := slices.IndexFunc(d.cards, func(card *metamodel.Card) bool { return card.Name == v.items[i].text && v.items[i].kind == jsonString })
		switch {
		case at < 0:
			d.list.Add("card.not_found", diag.Pointer("/cards", i), "card", clip(v.items[i].text))
		case !slices.Contains(asked, d.cards[at]):
			asked = append(asked, d.cards[at])
		}
	}
	d.cards = asked
}

// run works the cards out one after another: each is one statement or a few, and all share the request's budget.
func (d *dashboardRun) run(ctx context.Context) (*Result, error) {
	b := append(make([]byte, 0, 4096), `{"filters":{`...)
	first := true
	for _, f := range d.filters {
		g, narrows := d.given[f]
		if !narrows {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, f.Name), ':')
		switch f.Kind {
		case metamodel.PeriodFilter:
			b = appendPeriod(b, g.period)
		case metamodel.DayFilter:
			b = appendString(b, g.period.to.String())
		default:
			b = appendString(b, g.text)
		}
	}
	b = append(b, `},"cards":{`...)
	for i, card := range d.cards {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, card.Name), ':')
		answer, err := d.card(ctx, card)
		if p, told := asProblem(err); told {
			answer = appendProblem(nil, p.List, d.call.Locale)
		} else if err != nil {
			return nil, err
		}
		b = append(b, answer...)
	}
	return &Result{Body: append(b, "}}"...)}, nil
}

func appendPeriod(b []byte, p period) []byte {
	b = appendString(append(b, `{"from":`...), p.from.String())
	b = appendString(append(b, `,"to":`...), p.to.String())
	return append(b, '}')
}

// appendProblem writes what keeps a card from being shown.
func appendProblem(b []byte, list diag.List, lang string) []byte {
	first := list[0]
	b = appendString(append(b, `{"problem":{"code":`...), string(first.Code))
	b = appendString(append(b, `,"detail":`...), first.Text(lang))
	b = appendDiagnostics(append(b, `,"errors":`...), list, lang)
	return append(b, "}}"...)
}

// card works one card out.
func (d *dashboardRun) card(ctx context.Context, card *metamodel.Card) ([]byte, error) {
	r := &cardRun{dashboardRun: d, card: card, world: d.engine.newWorld(d.call, d.engine.store.Reader())}
	if bind := card.PeriodBind(); bind != nil {
		if given, narrows := d.given[bind.Filter]; narrows && card.Period == "" {
			r.period = &given.period
		}
		if p, ok := named(card.Period, d.today); ok {
			r.period = &p
		}
	}
	b := []byte{'{'}
	var err error
	if card.Type == metamodel.ListCard {
		b, err = r.appendRecords(ctx, b)
	} else {
		b, err = r.appendGroups(ctx, b)
	}
	if err != nil {
		return nil, err
	}
	if r.period != nil {
		b = appendPeriod(append(b, `,"period":`...), *r.period)
	}
	if text, ok := r.clickFilter(); ok {
		b = appendString(append(b, `,"filter":`...), text)
		b = r.appendMeasureFilters(b)
	}
	if card.Type != metamodel.ListCard && !r.live {
		b = append(b, `,"kept":true`...)
	}
	slices.Sort(r.computing)
	b = appendComputing(b, slices.Compact(r.computing))
	b = appendString(append(b, `,"as_of":`...), d.call.Now.UTC().Format(time.RFC3339Nano))
	return append(b, '}'), nil
}

// shownValue is a measure as its card shows it: with its sign turned where the card says so.
func shownValue(m *metamodel.Measure, v any) any {
	if !m.Minus {
		return v
	}
	switch n := v.(type) {
	case value.Decimal:
		return n.Neg()
	case int64:
		return -n
	}
	return v
}

// appendMeasureFilters writes which of the card's records are behind its measures, where those are not all.
func (r *cardRun) appendMeasureFilters(b []byte) []byte {
	first := true
	for _, m := range r.card.Measures {
		text, ok := r.measureFilter(m)
		if !ok {
			continue
		}
		if first {
			b = append(b, `,"measure_filters":{`...)
		} else {
			b = append(b, ',')
		}
		first = false
		b = appendString(append(appendString(b, m.Name), ':'), text)
	}
	if !first {
		b = append(b, '}')
	}
	return b
}

// measured asks the store for a card's measures over groups.
func (r *cardRun) measured(ctx context.Context, p *period, groups []query.Group) (*query.Groups, error) {
	where, err := r.where(p)
	if err != nil {
		return nil, err
	}
	q := &query.Aggregate{Entity: r.card.Entity, Where: where, Groups: groups, Limit: max(r.card.Limit, 1), Filled: r.card.Sparse()}
	r.order = r.order[:0]
	for i := range r.card.Measures {
		r.order = append(r.order, i)
	}
	if len(groups) > 0 && len(r.card.Sort) > 0 {
		s := r.card.Sort[0]
		at := slices.Index(r.card.Measures, s.Measure)
		r.order[0], r.order[at] = r.order[at], r.order[0] // the store orders by the first
		q.ByFirst, q.Descend = true, s.Descending != s.Measure.Minus
	}
	for _, i := range r.order {
		m := r.card.Measures[i]
		counts, err := r.counting(m, p)
		if err != nil {
			return nil, err
		}
		q.Measures = append(q.Measures, query.Measure{Fn: m.Op, Path: m.Path, Where: counts})
	}
	found, kept, err := r.engine.grouped(ctx, r.call, q, r.world.env)
	r.live = r.live || !kept
	r.computing = append(r.computing, r.call.unsettledIn(q)...)
	if err != nil {
		return nil, r.engine.queryProblem(err)
	}
	for _, row := range found.Rows {
		roundMeans(q.Measures, row.Values)
		sorted := make([]any, len(row.Values))
		for place, i := range r.order {
			sorted[i] = shownValue(r.card.Measures[i], row.Values[place])
		}
		copy(row.Values, sorted)
	}
	return found, nil
}
