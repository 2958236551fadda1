package check

import (
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// PostingReads lists the kept values of its document and of the lines that a posting reads: when one of them changes by
// itself, the posting is judged again. What it reads over references is judged when the document is written.
func (p *Programs) PostingReads(of *metamodel.Posting) []*metamodel.Field {
	var out []*metamodel.Field
	seen := map[*metamodel.Field]bool{}
	var read func(program *expr.Program)
	read = func(program *expr.Program) {
		for _, walk := range program.Walks() {
			f := walk.Field
			if !f.Computed() || seen[f] || walk.Way.Leaves() {
				continue
			}
			seen[f] = true
			if f.Stored {
				out = append(out, f)
			} else if within := p.Of(f.Formula); within != nil {
				read(within)
			}
		}
	}
	for _, f := range of.Formulas() {
		if program := p.Of(f); program != nil {
			read(program)
		}
	}
	return out
}

// postingNode is a step of a circle over postings: a kept value, or a posting of an entity.
type postingNode struct {
	field  *metamodel.Field
	entity *metamodel.Entity
	at     int // of the posting
}

func (n postingNode) name() string {
	if n.field != nil {
		return n.field.Entity.Name + "." + n.field.Name
	}
	return n.entity.Name + "/" + n.entity.Postings[n.at].Name
}

// postingCycles refuses postings that would change what they are judged by: a posting changes what its ledger keeps,
// values are worked out of that, and the posting reads them.
func (p *Programs) postingCycles(app *metamodel.App) diag.List {
	into := map[*metamodel.Ledger][]postingNode{}
	for _, e := range app.Entities {
		for i, posting := range e.Postings {
			into[posting.Ledger] = append(into[posting.Ledger], postingNode{entity: e, at: i})
		}
	}
	next := func(n postingNode) []postingNode {
		var out []postingNode
		if n.field == nil {
			for _, f := range p.PostingReads(n.entity.Postings[n.at]) {
				out = append(out, postingNode{field: f})
			}
			return out
		}
		for _, f := range p.Reads(n.field) {
			out = append(out, postingNode{field: f})
		}
		for l := range p.ledgersRead(app, n.field) {
			out = append(out, into[l]...)
		}
		return out
	}
	var list diag.List
	reported := map[postingNode]bool{}
	for _, e := range app.Entities {
		for i := range e.Postings {
			cycle := circle(postingNode{entity: e, at: i}, reported, next)
			if cycle == nil {
				continue
			}
			names := make([]string, len(cycle))
			for j, n := range cycle {
				names[j] = n.name()
				reported[n] = true
			}
			list.Add("posting.cycle", "/entities/"+e.Name+"/x-postings/"+strconv.Itoa(i), "cycle", strings.Join(names, " → "))
		}
	}
	return list
}

// ledgersRead are the ledgers of whose entries, balances or costs a kept value is worked out.
func (p *Programs) ledgersRead(app *metamodel.App, f *metamodel.Field) map[*metamodel.Ledger]bool {
	out := map[*metamodel.Ledger]bool{}
	add := func(e *metamodel.Entity) {
		if e == nil || e.Kept == nil {
			return
		}
		for _, l := range app.Ledgers {
			if slices.Contains(l.Kept(), e) {
				out[l] = true
			}
		}
	}
	if f.Rollup != nil {
		add(f.Rollup.Entity)
	}
	if program := p.Of(f.Formula); program != nil {
		for _, walk := range program.Walks() {
			add(walk.Field.Entity)
		}
	}
	return out
}
