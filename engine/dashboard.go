package engine

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// seesCard tells whether a card exists for the actor: he may read its records, what it is grouped and narrowed by, and
// one of its numbers at least.
func (c Call) seesCard(card *metamodel.Card) bool {
	may := c.decide(card.Entity, metamodel.ActRead)
	if !may.allow() || card.Type != metamodel.ListCard && len(c.seenMeasures(card)) == 0 {
		return false
	}
	for _, g := range card.Groups {
		if !c.opens(may, g.Path) {
			return false
		}
	}
	for _, b := range card.Binds {
		if !c.opens(may, b.Path) {
			return false
		}
	}
	if card.Type == metamodel.ListCard && !slices.ContainsFunc(card.Columns, func(col *metamodel.Column) bool { return c.shows(may, col.Path) != unseen }) {
		return false
	}
	_, known := c.condition(card.Entity, card.Filter)
	return known
}

// cards are the cards of a dashboard that exist for the actor.
func (c Call) cards(v *metamodel.View) []*metamodel.Card {
	var out []*metamodel.Card
	for _, card := range v.Cards {
		if c.seesCard(card) {
			out = append(out, c.seen(card))
		}
	}
	return out
}

// seenMeasures are the measures of a card that the actor may know: their field, and what they are of.
func (c Call) seenMeasures(card *metamodel.Card) []*metamodel.Measure {
	may := c.decide(card.Entity, metamodel.ActRead)
	return slices.DeleteFunc(slices.Clone(card.Measures), func(m *metamodel.Measure) bool {
		_, known := c.condition(card.Entity, m.Where)
		return !known || !c.opens(may, m.Path)
	})
}

// seen is a card without what the actor may not know of it: measures, the order by one of them, and colours that tell of
// one.
func (c Call) seen(card *metamodel.Card) *metamodel.Card {
	measures := c.seenMeasures(card)
	if len(measures) == len(card.Measures) {
		return card
	}
	out := *card
	out.Measures = measures
	out.Sort = slices.DeleteFunc(slices.Clone(card.Sort), func(s *metamodel.CardSort) bool {
		return s.Measure != nil && !slices.Contains(measures, s.Measure)
	})
	out.Colors = nil // they are conditions over all measures
	return &out
}

// filters are the filters of a dashboard that narrow any of some cards and that the actor can use.
func (c Call) filters(v *metamodel.View, cards []*metamodel.Card) []*metamodel.DashboardFilter {
	var out []*metamodel.DashboardFilter
	for _, f := range v.Filters {
		used := slices.ContainsFunc(cards, func(card *metamodel.Card) bool { return card.Bind(f) != nil })
		if used && (f.Entity == nil || c.decide(f.Entity, metamodel.ActRead).allow()) {
			out = append(out, f)
		}
	}
	return out
}

type shownDashboard struct {
	Name    string          `json:"name"`
	Title   metamodel.Label `json:"title"`
	Help    metamodel.Label `json:"help,omitempty"`
	Type    string          `json:"type"`
	Filters []shownFilter   `json:"filters"`
	Cards   []shownCard     `json:"cards"`
}

type shownFilter struct {
	Name    string          `json:"name"`
	Title   metamodel.Label `json:"title"`
	Kind    string          `json:"kind"`
	Entity  string          `json:"entity,omitempty"`
	Options []optionMeta    `json:"options,omitempty"`
	Default string          `json:"default,omitempty"`
}

type shownCard struct {
	Name     string          `json:"name"`
	Title    metamodel.Label `json:"title"`
	Help     metamodel.Label `json:"help,omitempty"`
	Empty    metamodel.Label `json:"empty,omitempty"`
	Type     string          `json:"type"`
	Entity   string          `json:"entity"`
	Measures []shownMeasure  `json:"measures,omitempty"`
	Groups   []shownGroup    `json:"group,omitempty"`
	Columns  []shownColumn   `json:"columns,omitempty"`
	Flat     bool            `json:"flat,omitempty"`
	Limit    int             `json:"limit,omitempty"`
	Compare  string          `json:"compare,omitempty"`
	Period   string          `json:"period,omitempty"`
	Colors   []shownColor    `json:"colors,omitempty"`
	Binds    []string        `json:"bind"`
	Width    int             `json:"width"`
	Height   int             `json:"height"`
	View     string          `json:"view,omitempty"`
}

type shownMeasure struct {
	Name      string          `json:"name"`
	Title     metamodel.Label `json:"title"`
	Op        string          `json:"op"`
	Kind      string          `json:"kind"`
	Precision int             `json:"precision,omitempty"`
	Scale     int             `json:"scale,omitempty"`
	Currency  string          `json:"currency,omitempty"`
}

type shownGroup struct {
	Path    string          `json:"path"`
	Title   metamodel.Label `json:"title"`
	Kind    string          `json:"kind"`
	By      string          `json:"by,omitempty"`
	Options []optionMeta    `json:"options,omitempty"`
	Target  string          `json:"target,omitempty"`
}

// comparePrevious is what a card is compared with.
const comparePrevious = "previous_period"

// dashboard describes a dashboard as the actor may see it.
func (e *Engine) dashboard(c Call, v *metamodel.View) *shownDashboard {
	out := &shownDashboard{Name: v.Name, Title: v.Title, Help: v.Help, Type: string(v.Type), Filters: []shownFilter{}, Cards: []shownCard{}}
	cards := c.cards(v)
	filters := c.filters(v, cards)
	for _, f := range filters {
		s := shownFilter{Name: f.Name, Title: f.Title, Kind: string(f.Kind), Entity: entityName(f.Entity), Default: f.Default}
		if f.Enum != nil {
			s.Options = optionMetas(f.Enum)
		}
		out.Filters = append(out.Filters, s)
	}
	for _, card := range cards {
		out.Cards = append(out.Cards, e.card(c, card, filters))
	}
	return out
}

func (e *Engine) card(c Call, card *metamodel.Card, filters []*metamodel.DashboardFilter) shownCard {
	d := e.describer(c, card.Entity)
	out := shownCard{
		Name: card.Name, Title: card.Title, Help: card.Help, Empty: card.Empty, Type: string(card.Type), Entity: card.Entity.Name, Limit: card.Limit, Flat: card.Flat,
		Period: card.Period, Binds: []string{}, Width: card.Width, Height: card.Height, Columns: d.columns(card.Columns),
	}
	for _, m := range card.Measures {
		out.Measures = append(out.Measures, d.measure(card, m))
	}
	for _, g := range card.Groups {
		f := g.Path.Last()
		s := shownGroup{Path: g.Path.String(), Title: f.Title, Kind: string(f.Kind), By: g.By, Options: options(f)}
		if f.NamesSource() {
			s.Kind, s.Options = string(metamodel.Choice), c.sources(f)
		}
		if f.Target != nil {
			s.Target = f.Target.Name
		}
		out.Groups = append(out.Groups, s)
	}
	if card.Previous {
		out.Compare = comparePrevious
	}
	for _, r := range card.Colors {
		out.Colors = append(out.Colors, shownColor{Name: r.Name, Color: r.Color, Title: r.Title})
	}
	for _, f := range filters {
		if card.Bind(f) != nil && (f.Kind != metamodel.PeriodFilter || card.Period == "") {
			out.Binds = append(out.Binds, f.Name)
		}
	}
	if v := c.opened(card); v != nil {
		out.View = v.Name
	}
	return out
}

// opened is the view that a click on a card opens, nil when there is none for the actor.
func (c Call) opened(card *metamodel.Card) *metamodel.View {
	for _, v := range c.Snap.App.Views {
		if v.ID == card.View && c.sees(v) {
			return v
		}
	}
	return nil
}

func (d *describer) measure(card *metamodel.Card, m *metamodel.Measure) shownMeasure {
	out := shownMeasure{Name: m.Name, Title: m.Title, Op: m.Op, Kind: string(m.Kind())}
	f := m.Path.Last()
	switch {
	case f == nil && len(m.Title) == 0:
		out.Title = card.Entity.Title
	case len(m.Title) == 0:
		out.Title = f.Title
	}
	if f == nil || m.Kind() == metamodel.Integer {
		return out
	}
	out.Precision, out.Scale = f.Precision, f.Scale
	if m.Op == "avg" {
		out.Scale = max(f.Scale, meanScale)
	}
	out.Currency, _ = d.currency(m.Path)
	return out
}

// cardRows is the condition that a card's records must satisfy for the actor: his rows, for lines those of the record that
// they belong to.
func (c Call) cardRows(card *metamodel.Card) []*expr.Node {
	return c.decide(card.Entity, metamodel.ActRead).where()
}
