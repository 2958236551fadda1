package schema

import "tenon/metamodel"

func (w *writer) ledger(l *metamodel.Ledger) *node {
	n := w.header(metamodel.KindLedger, l.Name, l.ID, w.app.ID, l.Title, l.Help)
	n.putText("x-icon", l.Icon)
	w.properties(n, l.Scope)
	if q := l.Quantity; q != nil {
		in := objectNode(member{"x-decimal", listNode(numberNode(q.Precision), numberNode(q.Scale))})
		in.putNumber("check-scale", q.CheckScale, q.Scale)
		n.put("x-quantity", in)
	}
	if q := l.Secondary; q != nil {
		in := objectNode(member{"x-decimal", listNode(numberNode(q.Precision), numberNode(q.Scale))})
		w.label(in, "title", q.Title)
		n.put("x-secondary-quantity", in)
	}
	if v := l.Value; v != nil {
		in := objectNode(member{"x-decimal", listNode(numberNode(v.Precision), numberNode(v.Scale))})
		in.putText("x-currency", v.Currency)
		n.put("x-value", in)
	}
	pool := listNode()
	for _, p := range l.Pool {
		text := w.field(p.Field).text
		if p.Batch {
			text += batchMark
		}
		pool.items = append(pool.items, textNode(text))
	}
	n.putList("x-pool", pool)
	by := listNode()
	for _, f := range l.ReserveBy {
		by.items = append(by.items, w.field(f))
	}
	n.putList("x-reserve-by", by)
	policies := objectNode()
	for _, p := range metamodel.Policies {
		w.formula(policies, string(p), l.Policies[p])
	}
	if len(policies.members) > 0 {
		n.put("x-policies", policies)
	}
	return n
}

func (w *writer) postings(e *metamodel.Entity) *node {
	out := listNode()
	for _, p := range e.Postings {
		out.items = append(out.items, w.posting(p, e.ID))
	}
	return out
}

func (w *writer) posting(p *metamodel.Posting, parent metamodel.ID) *node {
	n := objectNode(member{"name", textNode(p.Name)})
	w.identity(n, parent, metamodel.ElementPosting, p.Name, p.ID)
	w.label(n, "title", p.Title)
	if p.Ledger != nil {
		n.put("ledger", w.ref(p.Ledger.ID, p.Ledger.Name))
	}
	n.putText("verb", string(p.Verb))
	if p.Each != nil {
		n.put("each", w.field(p.Each))
	}
	w.formula(n, "when", p.When)
	w.formula(n, "day", p.Day)
	w.dimensions(n, "dimensions", p, p.Dimensions)
	w.dimensions(n, "to", p, p.To)
	w.formula(n, "quantity", p.Quantity)
	w.formula(n, "secondary-quantity", p.Secondary)
	w.formula(n, "value", p.Value)
	w.formula(n, "rate", p.Rate)
	w.formula(n, "of", p.Of)
	if p.From != nil {
		n.put("from", w.ref(p.From.ID, p.From.Name))
	}
	w.formula(n, "share", p.Share)
	return n
}

func (w *writer) dimensions(n *node, key string, p *metamodel.Posting, list []*metamodel.Formula) {
	in := objectNode()
	for i, f := range list {
		if f != nil {
			w.formula(in, w.field(p.Ledger.Dimensions[i]).text, f)
		}
	}
	if len(in.members) > 0 {
		n.put(key, in)
	}
}
