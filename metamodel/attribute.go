package metamodel

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// attribute is one thing that a document says about an element. same is what tells two states apart, free of
// names that may change; show is how people read it.
type attribute struct {
	name  string
	same  string
	show  string
	class func(from, to string) Class // of a change; gets what is compared
}

func always(c Class) func(string, string) Class { return func(string, string) Class { return c } }

// restricts is the class of a restriction: switching it on may break what is there, switching it off does not.
func restricts(_, to string) Class {
	if to != "" {
		return Breaking
	}
	return Additive
}

// bound is the class of moving a bound. lower tells that values must not be below it.
func bound(lower bool) func(string, string) Class {
	return func(from, to string) Class {
		if from == "" || to == "" {
			return restricts(from, to)
		}
		if lessNumber(from, to) == lower {
			return Breaking
		}
		return Additive
	}
}

// lessNumber compares decimals, integers or ISO dates as text, without converting them.
func lessNumber(a, b string) bool {
	negA, negB := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	if negA != negB {
		return negA
	}
	if negA {
		return lessNumber(strings.TrimPrefix(b, "-"), strings.TrimPrefix(a, "-"))
	}
	wholeA, restA, _ := strings.Cut(strings.TrimLeft(a, "+0"), ".")
	wholeB, restB, _ := strings.Cut(strings.TrimLeft(b, "+0"), ".")
	if len(wholeA) != len(wholeB) {
		return len(wholeA) < len(wholeB)
	}
	if wholeA != wholeB {
		return wholeA < wholeB
	}
	return strings.TrimRight(restA, "0") < strings.TrimRight(restB, "0")
}

func plainAttribute(name, v string, c Class) attribute {
	return attribute{name: name, same: v, show: v, class: always(c)}
}

func labelAttribute(name string, l Label) attribute {
	langs := slices.Sorted(maps.Keys(l))
	same := make([]string, len(langs))
	for i, lang := range langs {
		same[i] = lang + ":" + l[lang]
	}
	show := l.In(DefaultLanguage)
	if len(l) > 1 && l["en-US"] != "" {
		show += " / " + l["en-US"]
	}
	return attribute{name: name, same: strings.Join(same, "\n"), show: show, class: always(Cosmetic)}
}

func flagAttribute(name string, v bool, class func(string, string) Class) attribute {
	s := ""
	if v {
		s = "true"
	}
	return attribute{name: name, same: s, show: s, class: class}
}

func countAttribute(name string, v int, class func(string, string) Class) attribute {
	s := strconv.Itoa(v)
	return attribute{name: name, same: s, show: s, class: class}
}

func formulaAttribute(name string, f *Formula, c Class) attribute {
	if f == nil {
		return plainAttribute(name, "", c)
	}
	return attribute{name: name, same: f.Stored, show: f.Source, class: always(c)}
}

// idAttribute is a reference that is kept as an id.
func idAttribute(name string, id ID, in elements) attribute {
	a := attribute{name: name, same: string(id), class: always(Behaviour)}
	if id != "" {
		a.show = in.name(id)
	}
	return a
}

func fieldAttribute(name string, f *Field, c Class) attribute {
	if f == nil {
		return plainAttribute(name, "", c)
	}
	return attribute{name: name, same: string(f.ID), show: f.Name, class: always(c)}
}

// listAttribute is a list of elements: compared by id, shown by name.
func listAttribute[T any](name string, list []T, c Class, id, show func(T) string) attribute {
	a := attribute{name: name, class: always(c)}
	ids, names := make([]string, len(list)), make([]string, len(list))
	for i, v := range list {
		ids[i], names[i] = id(v), show(v)
	}
	a.same, a.show = strings.Join(ids, ","), strings.Join(names, ", ")
	return a
}

func optionsAttribute(name string, list []*Option) attribute {
	return listAttribute(name, list, Behaviour, func(o *Option) string { return string(o.ID) }, func(o *Option) string { return o.Name })
}

func sortAttribute(list []*SortKey) attribute {
	direction := func(k *SortKey) string {
		if k.Descending {
			return " ↓"
		}
		return ""
	}
	return listAttribute("sort", list, Cosmetic,
		func(k *SortKey) string { return idOf(k.Field) + direction(k) },
		func(k *SortKey) string { return nameOf(k.Field) + direction(k) })
}

func idOf(f *Field) string {
	if f == nil {
		return ""
	}
	return string(f.ID)
}

func nameOf(f *Field) string {
	if f == nil {
		return ""
	}
	return f.Name
}

// attributes is everything that a document says about an element of a state, besides its name, its place and
// what sits in it.
func attributes(el Element, in elements) []attribute {
	switch o := el.Object.(type) {
	case *App:
		return []attribute{
			labelAttribute("title", o.Title), labelAttribute("description", o.Summary), plainAttribute("icon", o.Icon, Cosmetic),
			plainAttribute("version", o.Version, Cosmetic), plainAttribute("timezone", o.Timezone, Behaviour), plainAttribute("currency", o.Currency, Behaviour),
		}
	case *MenuItem:
		return []attribute{labelAttribute("title", o.Title), plainAttribute("icon", o.Icon, Cosmetic), idAttribute("view", o.View, in)}
	case *Entity:
		return entityAttributes(o)
	case *Field:
		return append(fieldAttributes(o), fieldFormulas(o)...)
	case *Option:
		return []attribute{labelAttribute("title", o.Title), plainAttribute("color", o.Color, Cosmetic), flagAttribute("retired", o.Retired, restricts)}
	case *Key:
		return []attribute{plainAttribute("name", o.Name, Cosmetic), listAttribute("fields", o.Fields, Breaking, idOf, nameOf)}
	case *Rule:
		return []attribute{
			listAttribute("on", o.On, Behaviour, func(e RuleEvent) string { return string(e) }, func(e RuleEvent) string { return string(e) }),
			formulaAttribute("when", o.When, Behaviour), formulaAttribute("check", o.Check, Behaviour), fieldAttribute("at", o.At, Cosmetic),
			labelAttribute("message", o.Message), plainAttribute("severity", o.Severity, Behaviour),
			listAttribute("tell", o.Tell, Behaviour, func(p *Role) string { return string(p.ID) }, func(p *Role) string { return p.Name }),
		}
	case *Transition:
		return transitionAttributes(o)
	case *Posting:
		return postingAttributes(o)
	case *Ledger:
		return ledgerAttributes(o)
	case *Enum:
		return []attribute{labelAttribute("title", o.Title), labelAttribute("description", o.Help)}
	case *Role:
		return roleAttributes(o, in)
	case *Grant:
		return grantAttributes(o)
	case *Scenario:
		return []attribute{labelAttribute("title", o.Title), labelAttribute("description", o.Help), scenarioAttribute(o)}
	default:
		return viewAttributes(el, in)
	}
}

func entityAttributes(e *Entity) []attribute {
	out := []attribute{
		labelAttribute("title", e.Title), labelAttribute("description", e.Help), plainAttribute("icon", e.Icon, Cosmetic),
		fieldAttribute("display", e.Display, Cosmetic),
		listAttribute("search", e.Search, Behaviour, Path.Key, Path.String),
	}
	if s := e.States; s != nil {
		var initial []*Option
		if s.Initial != nil {
			initial = append(initial, s.Initial)
		}
		out = append(out, optionsAttribute("initial", initial), optionsAttribute("frozen", s.Frozen), optionsAttribute("waiting", s.Waiting))
	}
	return out
}

func fieldAttributes(f *Field) []attribute {
	enum, target := attribute{name: "enum", class: always(Breaking)}, attribute{name: "target", class: always(Breaking)}
	if f.Enum != nil {
		enum.same, enum.show = string(f.Enum.ID), f.Enum.Name
		if f.Enum.Private {
			enum.show = "x-options"
		}
	}
	if f.Target != nil {
		target.same, target.show = string(f.Target.ID), f.Target.Name
	}
	number := ""
	if f.Number != nil {
		number = f.Number.Source
	}
	currency := plainAttribute("currency", f.Currency, Behaviour)
	if f.CurrencyF != nil {
		currency.same, currency.show = f.Currency+" "+idOf(f.CurrencyF), f.CurrencyF.Name
	}
	return []attribute{
		labelAttribute("title", f.Title), labelAttribute("description", f.Help),
		flagAttribute("required", f.Required, restricts),
		{"min", f.Min, f.Min, bound(true)},
		{"max", f.Max, f.Max, bound(false)},
		countAttribute("min_length", f.MinLength, bound(true)), countAttribute("max_length", f.MaxLength, bound(false)),
		countAttribute("min_items", f.MinItems, bound(true)),
		{"pattern", f.Pattern, f.Pattern, restricts},
		countAttribute("precision", f.Precision, bound(false)), countAttribute("scale", f.Scale, bound(false)),
		currency, fieldAttribute("unit", f.UnitF, Cosmetic), enum, target,
		plainAttribute("on_delete", string(f.OnDelete), Behaviour), plainAttribute("number", number, Behaviour),
		flagAttribute("state", f.State, always(Behaviour)), flagAttribute("unique", f.Unique, restricts),
		flagAttribute("private", f.Private, always(Behaviour)),
	}
}

func fieldFormulas(f *Field) []attribute {
	out := []attribute{
		formulaAttribute("default", f.Default, Behaviour), formulaAttribute("computed", f.Formula, Behaviour),
		flagAttribute("stored", f.Stored, always(Behaviour)), formulaAttribute("options", f.Options, Behaviour),
	}
	out = append(out, listAttribute("shows", f.Shows, Cosmetic, idOf, nameOf), fieldAttribute("open", f.Open, Cosmetic))
	return append(append(out, choicesAttributes(f.Choices)...), rollupAttributes(f.Rollup)...)
}

func choicesAttributes(c *TextChoices) []attribute {
	if c == nil {
		c = &TextChoices{}
	}
	of := plainAttribute("choices_of", "", Behaviour)
	if c.Entity != nil {
		of.same, of.show = string(c.Entity.ID)+" "+idOf(c.Value), c.Entity.Name+"."+nameOf(c.Value)
	}
	return []attribute{
		of, flagAttribute("choices_strict", c.Strict, always(Behaviour)),
		listAttribute("choices_order", c.Order, Behaviour,
			func(o *RollupOrder) string { return o.sign() + o.Path.Key() }, func(o *RollupOrder) string { return o.sign() + o.Path.String() }),
		listAttribute("choices_show", c.Show, Cosmetic, idOf, nameOf),
	}
}

func rollupAttributes(r *Rollup) []attribute {
	if r == nil {
		r = &Rollup{}
	}
	over := plainAttribute("rollup_over", "", Behaviour)
	if r.Entity != nil {
		over.same, over.show = string(r.Entity.ID)+" "+r.Path.Key(), r.Entity.Name+"."+r.Path.String()
	}
	order := listAttribute("rollup_order", r.Order, Behaviour,
		func(o *RollupOrder) string { return o.sign() + o.Path.Key() }, func(o *RollupOrder) string { return o.sign() + o.Path.String() })
	return []attribute{
		over, plainAttribute("rollup_function", string(r.Function), Behaviour), formulaAttribute("rollup_value", r.Value, Behaviour),
		formulaAttribute("rollup_where", r.Where, Behaviour), order, plainAttribute("rollup_separator", r.Separator, Behaviour),
	}
}

func (o *RollupOrder) sign() string {
	if o.Descending {
		return "-"
	}
	return ""
}

func transitionAttributes(t *Transition) []attribute {
	var to []*Option
	if t.To != nil {
		to = append(to, t.To)
	}
	return []attribute{
		labelAttribute("title", t.Title), optionsAttribute("from", t.From), optionsAttribute("to", to),
		formulaAttribute("when", t.When, Behaviour), labelAttribute("message", t.Message),
	}
}

func roleAttributes(r *Role, in elements) []attribute {
	return []attribute{
		labelAttribute("title", r.Title), labelAttribute("description", r.Help), flagAttribute("installer", r.Installer, always(Behaviour)),
		listAttribute("inherits", r.Inherits, Behaviour, func(p *Role) string { return string(p.ID) }, func(p *Role) string { return p.Name }),
		listAttribute("menu", r.Menu, Cosmetic, func(id ID) string { return string(id) }, in.name),
	}
}

func grantAttributes(g *Grant) []attribute {
	entity := attribute{name: "entity", class: always(Breaking)}
	if g.Entity != nil {
		entity.same, entity.show = string(g.Entity.ID), g.Entity.Name
	}
	action := func(a Action) string { return string(a) }
	return []attribute{
		entity, listAttribute("actions", g.Actions, Behaviour, action, action),
		listAttribute("transitions", g.Transitions, Behaviour, func(t *Transition) string { return string(t.ID) }, func(t *Transition) string { return t.Name }),
		formulaAttribute("rows", g.Rows, Behaviour),
		listAttribute("masks", g.Fields, Behaviour,
			func(m *FieldMask) string { return idOf(m.Field) + ":" + string(m.Mask) },
			func(m *FieldMask) string { return nameOf(m.Field) + ": " + string(m.Mask) }),
	}
}

func viewAttributes(el Element, in elements) []attribute {
	switch o := el.Object.(type) {
	case *View:
		entity := attribute{name: "entity", class: always(Breaking)}
		if o.Entity != nil {
			entity.same, entity.show = string(o.Entity.ID), o.Entity.Name
		}
		return append(paperAttributes(o.Paper), []attribute{
			labelAttribute("title", o.Title), labelAttribute("description", o.Help), plainAttribute("type", string(o.Type), Behaviour), entity,
			formulaAttribute("filter", o.Filter, Behaviour), sortAttribute(o.Sort), fieldAttribute("group", o.Group, Cosmetic),
			idAttribute("form", o.Form, in), fieldAttribute("by", o.By, Behaviour), fieldAttribute("sum", o.Sum, Cosmetic),
			fieldAttribute("lane", o.Lane, Cosmetic), fieldAttribute("start", o.Start, Behaviour), fieldAttribute("end", o.End, Behaviour), countAttribute("page_size", o.Page, always(Cosmetic)),
			listAttribute("limits", o.Limits, Behaviour, func(l *WIPLimit) string { return limitOf(l, true) }, func(l *WIPLimit) string { return limitOf(l, false) }),
		}...)
	case *DashboardFilter:
		return filterAttributes(o)
	case *Card:
		return cardAttributes(o, in)
	case *Measure:
		return []attribute{labelAttribute("title", o.Title), plainAttribute("op", o.Op, Behaviour), pathAttribute("field", o.Path), formulaAttribute("where", o.Where, Behaviour), plainAttribute("time_span", string(o.Span), Behaviour), flagAttribute("minus", o.Minus, always(Behaviour))}
	case *Section:
		return []attribute{labelAttribute("title", o.Title), labelAttribute("tab", o.Tab), countAttribute("columns", o.Columns, always(Cosmetic)), formulaAttribute("visible", o.Visible, Behaviour)}
	case *FormItem:
		return []attribute{
			fieldAttribute("field", o.Field, Behaviour), countAttribute("span", o.Span, always(Cosmetic)), formulaAttribute("visible", o.Visible, Behaviour),
			formulaAttribute("required", o.Required, Behaviour), formulaAttribute("readonly", o.ReadOnly, Behaviour), labelAttribute("help", o.Help), plainAttribute("only", string(o.Only), Cosmetic),
		}
	case *Column:
		return []attribute{
			pathAttribute("field", o.Path),
			labelAttribute("title", o.Title), countAttribute("width", o.Width, always(Cosmetic)),
			plainAttribute("total", o.Total, Cosmetic), flagAttribute("fixed", o.Fixed, always(Cosmetic)), plainAttribute("only", string(o.Only), Cosmetic),
			formulaAttribute("visible", o.Visible, Behaviour),
		}
	case *ColorRule:
		return []attribute{labelAttribute("title", o.Title), formulaAttribute("when", o.When, Cosmetic), plainAttribute("color", o.Color, Cosmetic), fieldAttribute("field", o.Field, Cosmetic)}
	case *SavedView:
		return []attribute{labelAttribute("title", o.Title), formulaAttribute("filter", o.Filter, Behaviour), sortAttribute(o.Sort)}
	}
	return nil
}

// paperAttributes are what a form says of paper; all of it is looks.
func paperAttributes(p *Paper) []attribute {
	if p == nil {
		p = &Paper{}
	}
	in := func(l Label) string { return labelAttribute("", l).same }
	return []attribute{
		labelAttribute("print_title", p.Title), plainAttribute("print_orientation", string(p.Orientation), Cosmetic), labelAttribute("print_note", p.Note),
		listAttribute("print_signatures", p.Signatures, Cosmetic, in, func(l Label) string { return l.In(DefaultLanguage) }),
	}
}

func limitOf(l *WIPLimit, byID bool) string {
	name := ""
	if l.Option != nil {
		name = l.Option.Name
		if byID {
			name = string(l.Option.ID)
		}
	}
	return name + ": " + strconv.Itoa(l.Max)
}
