package policy

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Decision is what an actor may do with the records of one entity by one action. It is shared between
// requests and must not be changed. The zero value refuses.
type Decision struct {
	Allow bool
	// Rows are conditions over the record of which one must hold. With Allow, nil is all records.
	Rows []*expr.Node
	// Transitions are the names of the transitions that the actor may take, sorted; set for ActTransition
	// alone. Their row rules may differ, therefore Rows of that decision are so strict that all of them may be
	// taken; which records one of them is granted on is decided by TransitionAction(name).
	Transitions []string
	// Why are the grants that allow the action.
	Why []Reason

	entity *metamodel.Entity
	row    *expr.Node // Rows as one condition
	see    *levels    // what may be seen
	put    *levels    // what the action's own grants open

	attributes []string // of the user, that Rows compare with
}

// Reason is a grant and the role that it belongs to.
type Reason struct {
	Role  *metamodel.Role
	Grant *metamodel.Grant
}

// Condition is Rows as one condition, nil for all records. It is the same node in every request, so that what is
// worked out for it need not be worked out again.
func (d Decision) Condition() *expr.Node { return d.row }

// Readable tells whether the field exists for the actor: it is shown, if only masked.
func (d Decision) Readable(f *metamodel.Field) bool {
	return d.Allow && d.see.at(d.entity, f) > hidden
}

// Masked tells whether the field is shown as *** only, and can't be filtered, sorted, grouped, aggregated or
// exported.
func (d Decision) Masked(f *metamodel.Field) bool {
	return d.Allow && d.see.at(d.entity, f) == masked
}

// Open tells whether the field's value may be used: shown, filtered, sorted, grouped, aggregated, exported.
func (d Decision) Open(f *metamodel.Field) bool {
	return d.Allow && d.see.at(d.entity, f) > masked
}

// Writable tells whether the action may give the field a value. It says nothing about fields that nobody
// writes: system, computed, numbered and state fields have reasons of their own.
func (d Decision) Writable(f *metamodel.Field) bool {
	return d.Allow && d.put.at(d.entity, f) == open && d.see.at(d.entity, f) >= readonly
}

// May tells whether the actor may take a transition on some record.
func (d Decision) May(transition string) bool {
	_, found := slices.BinarySearch(d.Transitions, transition)
	return d.Allow && found
}

// maxRemembered bounds how many decisions over (role set, entity) are remembered; when there are more, all are
// forgotten and worked out anew as they are asked for.
const maxRemembered = 20_000

// maxSets bounds how many different role sets are remembered.
const maxSets = 1000

// memory is what is remembered of one role set.
type memory struct {
	set   RoleSet
	names []string
	by    []atomic.Pointer[map[metamodel.Action]*Decision] // by entity
}

// Decide answers what the actor may do with an entity by an action. Lines are decided by the record that they
// belong to. Entities of another state of the app are refused.
func (p *Permissions) Decide(a *Actor, e *metamodel.Entity, action metamodel.Action) Decision {
	if a == nil || e == nil {
		return Decision{}
	}
	for e.IsLines() {
		e = e.Parent
	}
	at, known := p.entities[e]
	if !known || e.Keeps(action) {
		return Decision{}
	}
	if a.Kind == System {
		return p.everything(e, action)
	}
	if len(a.Roles) == 0 {
		return Decision{}
	}
	set := p.Held(a)
	if set == (RoleSet{}) {
		return Decision{}
	}
	m := p.memoryOf(set)
	decisions := m.by[at].Load()
	if decisions == nil {
		decisions = p.work(m, at)
	}
	if d := (*decisions)[action]; d != nil {
		return p.forActor(d, a)
	}
	return Decision{}
}

// everything is the system's own decision.
func (p *Permissions) everything(e *metamodel.Entity, action metamodel.Action) Decision {
	d := Decision{Allow: true, entity: e}
	if action == metamodel.ActTransition && e.States != nil {
		for _, t := range e.States.Transitions {
			d.Transitions = append(d.Transitions, t.Name)
		}
		slices.Sort(d.Transitions)
	}
	return d
}

// memoryOf finds or begins what is remembered of a role set. Readers take no lock.
func (p *Permissions) memoryOf(set RoleSet) *memory {
	if m := (*p.remembered.Load())[set]; m != nil {
		return m
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	old := *p.remembered.Load()
	if m := old[set]; m != nil {
		return m
	}
	m := &memory{set: set, by: make([]atomic.Pointer[map[metamodel.Action]*Decision], len(p.order))}
	for i, r := range p.roles {
		if set.has(i) {
			m.names = append(m.names, r.Name)
		}
	}
	slices.Sort(m.names)
	fresh := map[RoleSet]*memory{}
	if len(old) < maxSets {
		maps.Copy(fresh, old)
	} else {
		p.count.Store(0)
		p.closings.Clear()
	}
	fresh[set] = m
	p.remembered.Store(&fresh)
	return m
}

// work makes all decisions of a role set over one entity and remembers them.
func (p *Permissions) work(m *memory, at int) *map[metamodel.Action]*Decision {
	decisions := p.decideAll(m.set, at)
	if p.count.Add(1) > maxRemembered {
		p.mu.Lock()
		p.remembered.Store(&map[RoleSet]*memory{})
		p.closings.Clear()
		p.count.Store(0)
		p.mu.Unlock()
		return &decisions
	}
	m.by[at].Store(&decisions)
	return &decisions
}

// decideAll works out every action of one role set over one entity.
func (p *Permissions) decideAll(set RoleSet, at int) map[metamodel.Action]*Decision {
	e := p.order[at]
	granting := map[metamodel.Action][]entry{}
	for _, g := range p.entries[at] {
		if !set.has(g.role) {
			continue
		}
		for act := range g.actions {
			granting[act] = append(granting[act], g)
		}
	}
	var read *levels
	if g := granting[metamodel.ActRead]; len(g) > 0 {
		read = law(e, g)
	}
	out := make(map[metamodel.Action]*Decision, len(granting))
	for act, grants := range granting {
		out[act] = p.decideOne(e, act, grants, read)
	}
	if d := out[metamodel.ActTransition]; d != nil {
		narrow(d, out)
	}
	for _, d := range out {
		d.row, d.attributes = anyOf(d.Rows), attributesIn(d.Rows)
	}
	return out
}

func (p *Permissions) decideOne(e *metamodel.Entity, act metamodel.Action, grants []entry, read *levels) *Decision {
	d := &Decision{Allow: true, entity: e, put: law(e, grants)}
	d.see = d.put
	if act != metamodel.ActRead {
		d.see = meet(e, d.put, read)
	}
	d.Rows = rowsOf(grants)
	for _, g := range grants {
		d.Why = append(d.Why, Reason{p.roles[g.role], g.grant})
	}
	return d
}

// rowsOf joins the row rules of grants by OR; nil is all rows. The same rule given twice counts once.
func rowsOf(grants []entry) []*expr.Node {
	rows := make([]*expr.Node, 0, len(grants))
	seen := map[string]bool{}
	for _, g := range grants {
		if g.rows == nil {
			return nil
		}
		if text := g.grant.Rows.Stored; text == "" || !seen[text] {
			seen[text] = true
			rows = append(rows, g.rows)
		}
	}
	return rows
}

// anyOf joins conditions by OR; nil is all records.
func anyOf(rows []*expr.Node) *expr.Node {
	switch len(rows) {
	case 0:
		return nil
	case 1:
		return rows[0]
	}
	return &expr.Node{Op: expr.OpOr, Type: expr.Bool, Args: rows}
}

// narrow gives the decision on transitions at large the names of those allowed, and rows so strict that they
// hold for each of these.
func narrow(d *Decision, all map[metamodel.Action]*Decision) {
	var each []*expr.Node
	for act, one := range all {
		name, ok := strings.CutPrefix(string(act), transitionPrefix)
		if !ok {
			continue
		}
		d.Transitions = append(d.Transitions, name)
		if row := anyOf(one.Rows); row != nil {
			each = append(each, row)
		}
		d.see = meet(d.entity, d.see, one.see)
	}
	slices.Sort(d.Transitions)
	each = distinct(each)
	switch len(each) {
	case 0:
		if len(d.Transitions) > 0 {
			d.Rows = nil
		}
	case 1:
		d.Rows = each
	default:
		d.Rows = []*expr.Node{{Op: expr.OpAnd, Type: expr.Bool, Args: each}}
	}
}

// distinct keeps one of each node; the order is not kept.
func distinct(nodes []*expr.Node) []*expr.Node {
	seen := map[*expr.Node]bool{}
	out := nodes[:0]
	for _, n := range nodes {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
