package check

import (
	"slices"
	"strconv"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Room that a dimension takes in a ledger's key, separators left aside.
const (
	idRoom   = 36 // of a reference
	dateRoom = 10 // of a date
)

// ledger judges a ledger by itself: its dimensions, what it measures, its policies.
func (c *checker) ledger(l *metamodel.Ledger, programs *Programs) {
	path := "/ledgers/" + l.Name
	if len(l.Dimensions) == 0 {
		c.add("ledger.dimensions_missing", path+"/properties")
	}
	room := 0
	for _, f := range l.Dimensions {
		if f.Target != nil && (f.Target.IsLines() || f.Target.Kept != nil) {
			c.add("ledger.dimension_target", path+"/properties/"+f.Name+"/x-ref/entity", "name", f.Target.Name)
		}
		room += keyRoom(f) + 1
	}
	if room > metamodel.MaxLedgerKey {
		c.add("ledger.key_too_long", path+"/properties", "actual", room, "limit", metamodel.MaxLedgerKey)
	}
	if l.Quantity == nil && l.Value == nil {
		c.add("ledger.measure_missing", path)
	}
	if l.Secondary != nil && l.Quantity == nil {
		c.add("ledger.secondary_without", path+"/x-secondary-quantity")
	}
	c.reserveBy(l, path+"/x-reserve-by")
	for _, p := range metamodel.Policies {
		c.policy(p, programs.Of(l.Policies[p]), path+"/x-policies/"+string(p))
	}
}

// reserveBy judges which dimensions reservations name.
func (c *checker) reserveBy(l *metamodel.Ledger, path string) {
	if len(l.ReserveBy) == 0 {
		return
	}
	if l.Quantity == nil {
		c.add("ledger.reserve_by_without", path)
	}
	for _, f := range l.Dimensions {
		if f.Required && !slices.Contains(l.ReserveBy, f) {
			c.add("ledger.reserve_by_required", path, "name", f.Name)
		}
	}
}

func keyRoom(f *metamodel.Field) int {
	switch f.Kind {
	case metamodel.Text:
		return f.MaxLength
	case metamodel.Choice:
		return metamodel.MaxName
	case metamodel.Date:
		return dateRoom
	default:
		return idRoom
	}
}

// policy judges what a policy's formula may give, as far as that can be told before there are records.
func (c *checker) policy(p metamodel.Policy, program *expr.Program, path string) {
	if program == nil {
		return
	}
	c.steady(program, path)
	if metamodel.PolicyWords[p] == nil {
		return
	}
	for _, word := range results(program.Tree()) {
		if !p.Allows(word) {
			c.add("ledger.policy_word", path, "policy", string(p), "word", word, "allowed", metamodel.PolicyWords[p])
		}
	}
}

// results are the words that an expression can be seen to give: literals, and the options of choices.
func results(n *expr.Node) []string {
	switch n.Op {
	case expr.OpLit:
		if s, ok := n.Value.(string); ok {
			return []string{s}
		}
	case expr.OpCond:
		return slices.Concat(results(n.Args[1]), results(n.Args[2]))
	case expr.OpCall:
		if n.Fn == "coalesce" {
			var out []string
			for _, a := range n.Args {
				out = append(out, results(a)...)
			}
			return out
		}
	case expr.OpField:
		if e := n.Field.Enum; e != nil && n.Field.Kind == metamodel.Choice {
			var out []string
			for _, o := range e.Options {
				if !o.Retired {
					out = append(out, o.Name)
				}
			}
			return out
		}
	default:
	}
	return nil
}

// steady refuses what would give another answer to another person or at another time: postings and policies are
// judged anew whenever their document is written.
func (c *checker) steady(p *expr.Program, path string) {
	if p.UsesNow() {
		c.add("posting.formula_moving", path, "name", "now(), today()")
	}
	if p.UsesUser() {
		c.add("posting.formula_moving", path, "name", "user")
	}
}

// postings judges what an entity posts.
func (c *checker) postings(e *metamodel.Entity, programs *Programs) {
	for i, p := range e.Postings {
		path := "/entities/" + e.Name + "/x-postings/" + strconv.Itoa(i)
		if e.IsLines() {
			c.add("posting.lines_entity", path, "name", e.Name)
			continue
		}
		if p.Ledger != nil {
			(&postingCheck{c, p, path}).judge()
		}
	}
	for _, site := range postingSites(e) {
		if program := programs.Of(site.Formula); program != nil {
			c.steady(program, site.Path)
		}
	}
}

// postingSites lists the formulas of an entity's postings.
func postingSites(e *metamodel.Entity) []metamodel.FormulaSite {
	return (&metamodel.App{Entities: []*metamodel.Entity{{ID: e.ID, Name: e.Name, Postings: e.Postings}}}).Formulas()
}

// postingCheck holds one posting to what its verb and its ledger can do.
type postingCheck struct {
	c    *checker
	p    *metamodel.Posting
	path string
}

func (k *postingCheck) judge() {
	p, l := k.p, k.p.Ledger
	if l.Quantity == nil && l.Value == nil {
		return // told of the ledger
	}
	moves := p.Verb != metamodel.PostRevalue
	k.key("quantity", p.Quantity != nil, moves && l.Quantity != nil, moves && l.Quantity != nil)
	counts := l.Secondary != nil && moves
	k.key("secondary-quantity", p.Secondary != nil, counts && p.Verb != metamodel.PostReserve, counts)
	valued := l.Value != nil && p.Verb != metamodel.PostReserve && (p.Verb != metamodel.PostTransfer || l.Quantity == nil)
	k.key("value", p.Value != nil, valued && moves && l.Quantity == nil || p.Verb == metamodel.PostRevalue && p.Rate == nil, valued)
	k.key("rate", p.Rate != nil, false, l.Value != nil && (p.Verb == metamodel.PostRevalue && p.Of == nil || p.Verb == metamodel.PostCount) && p.Value == nil)
	k.key("to", p.To != nil, p.Verb == metamodel.PostTransfer, p.Verb == metamodel.PostTransfer)
	k.key("of", p.Of != nil, false, p.Verb == metamodel.PostIn || p.Verb == metamodel.PostOut || p.Verb == metamodel.PostRevalue)
	k.key("from", p.From != nil, false, p.Verb == metamodel.PostIn && l.Value != nil && p.Of == nil)
	k.key("share", p.Share != nil, false, p.From != nil)
	if f := p.From; f != nil && (f.Verb != metamodel.PostOut || f.Ledger != l) {
		k.c.add("posting.from_unfit", k.path+"/from", "name", f.Name)
	}
	if p.Verb == metamodel.PostRevalue && l.Value == nil || p.Verb == metamodel.PostReserve && l.Quantity == nil {
		k.c.add("posting.verb_unfit", k.path+"/verb", "verb", string(p.Verb), "ledger", l.Name)
	}
	k.dimensions()
}

// key judges whether a key is there that must be, and none that can't.
func (k *postingCheck) key(name string, has, must, may bool) {
	switch {
	case must && !has:
		k.c.add("posting.key_missing", k.path+"/"+name, "key", name, "verb", string(k.p.Verb))
	case has && !may:
		k.c.add("posting.key_unfit", k.path+"/"+name, "key", name, "verb", string(k.p.Verb))
	}
}

func (k *postingCheck) dimensions() {
	p := k.p
	if p.Verb == metamodel.PostRevalue && p.Of != nil {
		if p.Dimensions != nil {
			k.c.add("posting.key_unfit", k.path+"/dimensions", "key", "dimensions", "verb", string(p.Verb))
		}
		return // what is revalued has them
	}
	for i, f := range p.Ledger.Dimensions {
		missing := p.Dimensions == nil || p.Dimensions[i] == nil
		if f.Required && missing && (p.Verb != metamodel.PostRevalue || pools(p.Ledger, f)) {
			k.c.add("posting.dimension_missing", k.path+"/dimensions", "name", f.Name, "title", f.Title)
		}
	}
}

// pools tells whether a dimension tells costs apart.
func pools(l *metamodel.Ledger, f *metamodel.Field) bool {
	return slices.ContainsFunc(l.PoolDimensions(), func(p metamodel.PoolDimension) bool { return p.Field == f })
}

// keptGrant refuses what nobody can be allowed: to write what a ledger keeps.
func (c *checker) keptGrant(g *metamodel.Grant, path string) {
	if g.Entity.Kept == nil {
		return
	}
	for i, a := range g.Actions {
		if g.Entity.Keeps(a) {
			c.add("role.grant_kept", path+"/actions/"+strconv.Itoa(i), "name", g.Entity.Name, "action", string(a))
		}
	}
}
