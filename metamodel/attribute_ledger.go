package metamodel

import (
	"strconv"
	"strings"
)

func ledgerAttributes(l *Ledger) []attribute {
	out := []attribute{
		labelAttribute("title", l.Title), labelAttribute("description", l.Help), plainAttribute("icon", l.Icon, Cosmetic),
		plainAttribute("quantity", l.Quantity.text(), Breaking), l.Secondary.digits(), labelAttribute("secondary_title", l.Secondary.title()), plainAttribute("value", l.Value.text(), Breaking),
		listAttribute("pool", l.Pool, Breaking,
			func(p PoolDimension) string { return p.mark(string(p.Field.ID)) },
			func(p PoolDimension) string { return p.mark(p.Field.Name) }),
		listAttribute("reserve_by", l.ReserveBy, Behaviour, func(f *Field) string { return string(f.ID) }, func(f *Field) string { return f.Name }),
	}
	same, show := make([]string, 0, len(l.Policies)), make([]string, 0, len(l.Policies))
	for _, p := range Policies {
		if f := l.Policies[p]; f != nil {
			same = append(same, string(p)+": "+f.Stored)
			show = append(show, string(p)+": "+f.Source)
		}
	}
	return append(out, attribute{name: "policies", same: strings.Join(same, "\n"), show: strings.Join(show, "\n"), class: always(Behaviour)})
}

func (q *LedgerQuantity) text() string {
	if q == nil {
		return ""
	}
	return strconv.Itoa(q.Precision) + ", " + strconv.Itoa(q.Scale) + ", " + strconv.Itoa(q.CheckScale)
}

// digits are how a secondary quantity counts. One may come at any time: what was posted before has none.
func (q *LedgerSecondary) digits() attribute {
	a := attribute{name: "secondary_quantity", class: func(from, _ string) Class {
		if from == "" {
			return Additive
		}
		return Breaking
	}}
	if q != nil {
		a.same = strconv.Itoa(q.Precision) + ", " + strconv.Itoa(q.Scale)
	}
	a.show = a.same
	return a
}

func (q *LedgerSecondary) title() Label {
	if q == nil {
		return nil
	}
	return q.Title
}

func (v *LedgerValue) text() string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(v.Precision) + ", " + strconv.Itoa(v.Scale) + " " + v.Currency)
}

// mark writes a pool's dimension as documents do.
func (p PoolDimension) mark(name string) string {
	if p.Batch {
		return name + "?"
	}
	return name
}

func postingAttributes(p *Posting) []attribute {
	ledger := attribute{name: "ledger", class: always(Behaviour)}
	if p.Ledger != nil {
		ledger.same, ledger.show = string(p.Ledger.ID), p.Ledger.Name
	}
	from := attribute{name: "taken_from", class: always(Behaviour)}
	if p.From != nil {
		from.same, from.show = string(p.From.ID), p.From.Name
	}
	return []attribute{
		labelAttribute("title", p.Title), ledger, plainAttribute("verb", string(p.Verb), Behaviour), fieldAttribute("each", p.Each, Behaviour),
		formulaAttribute("when", p.When, Behaviour), formulaAttribute("day", p.Day, Behaviour),
		p.dimensions("dimensions", p.Dimensions), p.dimensions("to", p.To),
		formulaAttribute("quantity", p.Quantity, Behaviour), formulaAttribute("secondary_quantity", p.Secondary, Behaviour),
		formulaAttribute("value", p.Value, Behaviour),
		formulaAttribute("rate", p.Rate, Behaviour), formulaAttribute("of", p.Of, Behaviour), from, formulaAttribute("share", p.Share, Behaviour),
	}
}

func (p *Posting) dimensions(name string, list []*Formula) attribute {
	var same, show []string
	for i, f := range list {
		if f != nil && p.Ledger != nil && i < len(p.Ledger.Dimensions) {
			d := p.Ledger.Dimensions[i]
			same = append(same, string(d.ID)+": "+f.Stored)
			show = append(show, d.Name+": "+f.Source)
		}
	}
	return attribute{name: name, same: strings.Join(same, "\n"), show: strings.Join(show, "\n"), class: always(Behaviour)}
}
