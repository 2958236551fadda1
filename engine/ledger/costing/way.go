package costing

import (
	"tenon/metamodel/value"
)

// Ways are the ways that goods went, of those rows of a pool of which later rows will ask: whose cost changes later, or of
// which something is brought back. With them a pool that is restored goes on as if it had been run from its first row.
type Ways struct {
	Known    []string          `json:"known,omitempty"` // rows of which all is said here; those that brought nothing in have no root
	Roots    map[string]Root   `json:"roots,omitempty"`
	Took     map[string][]Part `json:"took,omitempty"`     // by issue: of which receipts, as far as it is not brought back
	Portions map[string][]Part `json:"portions,omitempty"` // by open row: with which receipts it came
}

// Root is a receipt with the way that its goods went.
type Root struct {
	Quantity value.Decimal `json:"quantity"`
	Flows    []Flow        `json:"flows,omitempty"`
}

// Flow is goods of a receipt that left with a row, or came back with one.
type Flow struct {
	Row      string        `json:"row"`
	Quantity value.Decimal `json:"quantity"`
	Back     bool          `json:"back,omitempty"`
	Filled   bool          `json:"filled,omitempty"` // it had left before they came
}

// Part is a quantity that belongs to a receipt.
type Part struct {
	Row      string        `json:"row"`
	Quantity value.Decimal `json:"quantity"`
}

// Ways answers the ways of rows of which later ones will ask. A row that the pool doesn't know is left out, so that
// asking for it is ErrReplay.
func (p *Pool) Ways(rows []string) *Ways {
	w := &Ways{Roots: map[string]Root{}, Took: map[string][]Part{}, Portions: map[string][]Part{}}
	for _, id := range rows {
		if from := p.roots[id]; from != nil {
			r := Root{Quantity: from.quantity}
			for _, f := range from.flows {
				r.Flows = append(r.Flows, Flow{Row: f.row, Quantity: f.quantity, Back: f.back, Filled: f.filled})
			}
			w.Roots[id] = r
		}
		for _, t := range p.took[id] {
			w.Took[id] = append(w.Took[id], Part{Row: t.root, Quantity: t.left})
		}
		if p.full || p.known[id] {
			w.Known = append(w.Known, id)
		}
	}
	for _, o := range p.open() {
		for _, x := range o.portions {
			w.Portions[o.id] = append(w.Portions[o.id], Part{Row: x.root, Quantity: x.quantity})
		}
	}
	return w
}

// takeUp takes the ways of rows before the pool's first one.
func (p *Pool) takeUp(w *Ways) {
	p.known = map[string]bool{}
	for _, id := range w.Known {
		p.known[id] = true
	}
	for id, r := range w.Roots {
		from := &root{quantity: r.Quantity}
		for _, f := range r.Flows {
			from.flows = append(from.flows, flow{row: f.Row, quantity: f.Quantity, back: f.Back, filled: f.Filled})
		}
		p.roots[id] = from
	}
	for id, list := range w.Took {
		for _, x := range list {
			p.took[id] = append(p.took[id], took{root: x.Row, left: x.Quantity})
		}
	}
}
