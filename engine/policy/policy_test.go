package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// sample is an app of two documents with lines and the trees of its row rules.
type sample struct {
	app   *metamodel.App
	order *metamodel.Entity
	line  *metamodel.Entity
	item  *metamodel.Entity
	trees map[*metamodel.Formula]*expr.Node
}

func label(s string) metamodel.Label { return metamodel.Label{"zh-CN": s + "（中）", "en-US": s} }

func field(id, name string, kind metamodel.FieldKind) *metamodel.Field {
	return &metamodel.Field{ID: metamodel.ID(id), Name: name, Title: label(name), Kind: kind, MaxLength: 50}
}

func newSample() *sample {
	s := &sample{trees: map[*metamodel.Formula]*expr.Node{}}
	state := &metamodel.Enum{ID: "en1", Options: []*metamodel.Option{{ID: "o1", Name: "draft"}, {ID: "o2", Name: "done"}}}
	s.order = &metamodel.Entity{ID: "ent_order", Name: "order", Title: label("Order")}
	s.line = &metamodel.Entity{ID: "ent_line", Name: "order_line", Title: label("Line"), Parent: s.order}
	s.item = &metamodel.Entity{ID: "ent_item", Name: "item", Title: label("Item")}
	lines := field("f_lines", "lines", metamodel.Lines)
	lines.Target = s.line
	stateField := field("f_state", "state", metamodel.Choice)
	stateField.Enum, stateField.State = state, true
	s.order.Fields = []*metamodel.Field{field("f_code", "code", metamodel.Text), field("f_price", "price", metamodel.Decimal), stateField, lines}
	s.order.States = &metamodel.States{Field: stateField, Initial: state.Options[0], Transitions: []*metamodel.Transition{
		{ID: "t1", Name: "approve", Title: label("Approve"), From: state.Options[:1], To: state.Options[1]},
		{ID: "t2", Name: "cancel", Title: label("Cancel"), From: state.Options[:1], To: state.Options[1]},
	}}
	s.line.Via = lines
	s.line.Fields = []*metamodel.Field{field("f_qty", "qty", metamodel.Decimal), field("f_cost", "cost", metamodel.Decimal)}
	s.item.Fields = []*metamodel.Field{field("f_name", "name", metamodel.Text)}
	for _, e := range []*metamodel.Entity{s.order, s.line, s.item} {
		e.Link()
	}
	s.app = &metamodel.App{ID: "app1", Name: "trade", Entities: []*metamodel.Entity{s.item, s.order, s.line}}
	return s
}

// rule makes a row rule; the tree's literal is the rule's number, by which tests judge it.
func (s *sample) rule(n int) *metamodel.Formula {
	f := &metamodel.Formula{Source: fmt.Sprintf("rule %d", n), Stored: fmt.Sprintf("rule %d", n)}
	s.trees[f] = &expr.Node{Op: expr.OpLit, Type: expr.Bool, Value: int64(n)}
	return f
}

func (s *sample) role(name string, grants ...*metamodel.Grant) *metamodel.Role {
	r := &metamodel.Role{ID: metamodel.ID("role_" + name), Name: name, Title: label(name), Grants: grants}
	s.app.Roles = append(s.app.Roles, r)
	return r
}

func (s *sample) compile() *Permissions {
	return Compile(s.app, func(f *metamodel.Formula) *expr.Node { return s.trees[f] })
}

func (s *sample) actor(roles ...*metamodel.Role) *Actor {
	return &Actor{Kind: Person, ID: "u1", Roles: Assigned(s.app, roles...)}
}

func hold(f *metamodel.Field, m metamodel.Mask) *metamodel.FieldMask {
	return &metamodel.FieldMask{Field: f, Mask: m}
}

// numbers reads the rule numbers of a decision's rows; nested AND/OR are flattened.
func numbers(nodes []*expr.Node) []int64 {
	var out []int64
	for _, n := range nodes {
		n.Walk(func(n *expr.Node) bool {
			if n.Op == expr.OpLit {
				out = append(out, n.Value.(int64))
			}
			return true
		})
	}
	slices.Sort(out)
	return out
}

func TestDefaultDeny(t *testing.T) {
	s := newSample()
	keeper := s.role("keeper", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActRead}})
	p := s.compile()
	other := newSample()
	for name, c := range map[string]struct {
		actor  *Actor
		entity *metamodel.Entity
		action metamodel.Action
		want   bool
	}{
		"granted":                              {s.actor(keeper), s.order, metamodel.ActRead, true},
		"lines come with their document":       {s.actor(keeper), s.line, metamodel.ActRead, true},
		"other action":                         {s.actor(keeper), s.order, metamodel.ActUpdate, false},
		"unknown action":                       {s.actor(keeper), s.order, "drop", false},
		"other entity":                         {s.actor(keeper), s.item, metamodel.ActRead, false},
		"entity of another state of the app":   {s.actor(keeper), other.order, metamodel.ActRead, false},
		"no entity":                            {s.actor(keeper), nil, metamodel.ActRead, false},
		"no actor":                             {nil, s.order, metamodel.ActRead, false},
		"anonymous":                            {Nobody(), s.order, metamodel.ActRead, false},
		"workspace roles give no records":      {&Actor{Kind: Person, Admin: true, Builder: true, Reviewer: true}, s.order, metamodel.ActRead, false},
		"person named like the role":           {&Actor{Kind: Person, ID: "r:trade/role_keeper", Name: "keeper"}, s.order, metamodel.ActRead, false},
		"role's name instead of its id":        {&Actor{Kind: Person, Roles: map[string][]metamodel.ID{"trade": {"keeper"}}}, s.order, metamodel.ActRead, false},
		"pattern instead of an id":             {&Actor{Kind: Person, Roles: map[string][]metamodel.ID{"trade": {"*", "role_.*", ".."}}}, s.order, metamodel.ActRead, false},
		"the same role of another app":         {&Actor{Kind: Person, Roles: map[string][]metamodel.ID{"stock": {keeper.ID}}}, s.order, metamodel.ActRead, false},
		"the system itself":                    {Itself(), s.order, metamodel.ActDelete, true},
		"the system on another state's entity": {Itself(), other.order, metamodel.ActDelete, false},
	} {
		if got := p.Decide(c.actor, c.entity, c.action).Allow; got != c.want {
			t.Errorf("%s: allow = %v", name, got)
		}
	}
}

func TestRowsCombine(t *testing.T) {
	s := newSample()
	read := []metamodel.Action{metamodel.ActRead}
	own := s.role("own", &metamodel.Grant{Entity: s.order, Actions: read, Rows: s.rule(1)})
	dept := s.role("dept", &metamodel.Grant{Entity: s.order, Actions: read, Rows: s.rule(2)})
	all := s.role("all", &metamodel.Grant{Entity: s.order, Actions: read})
	broken := s.role("broken", &metamodel.Grant{Entity: s.order, Actions: read, Rows: &metamodel.Formula{Source: "x", Stored: "x"}})
	boss := s.role("boss")
	boss.Inherits = []*metamodel.Role{own, dept}
	p := s.compile()
	for name, c := range map[string]struct {
		roles []*metamodel.Role
		allow bool
		rows  []int64
	}{
		"one rule":                      {[]*metamodel.Role{own}, true, []int64{1}},
		"two rules by OR":               {[]*metamodel.Role{own, dept}, true, []int64{1, 2}},
		"a grant without rule frees":    {[]*metamodel.Role{own, all}, true, nil},
		"inherited rules":               {[]*metamodel.Role{boss}, true, []int64{1, 2}},
		"inherited and own count once":  {[]*metamodel.Role{boss, own}, true, []int64{1, 2}},
		"a rule without tree refuses":   {[]*metamodel.Role{broken}, false, nil},
		"and doesn't widen another one": {[]*metamodel.Role{broken, own}, true, []int64{1}},
	} {
		d := p.Decide(s.actor(c.roles...), s.order, metamodel.ActRead)
		if d.Allow != c.allow || !slices.Equal(numbers(d.Rows), c.rows) || c.allow && (d.Rows == nil) != (c.rows == nil) {
			t.Errorf("%s: allow %v, rows %v", name, d.Allow, numbers(d.Rows))
		}
	}
	if got := p.User(s.actor(boss)).Roles; !slices.Equal(got, []string{"boss", "dept", "own"}) {
		t.Errorf("user.roles = %v", got)
	}
}

func TestFieldsCombine(t *testing.T) {
	s := newSample()
	read := []metamodel.Action{metamodel.ActRead, metamodel.ActUpdate}
	price, code := s.order.Field("price"), s.order.Field("code")
	lines, cost := s.order.Field("lines"), s.line.Field("cost")
	grant := func(rows *metamodel.Formula, masks ...*metamodel.FieldMask) *metamodel.Grant {
		return &metamodel.Grant{Entity: s.order, Actions: read, Rows: rows, Fields: masks}
	}
	freeOpen := s.role("free_open", grant(nil))
	freeHidden := s.role("free_hidden", grant(nil, hold(price, metamodel.MaskHidden), hold(cost, metamodel.MaskHidden)))
	freeMasked := s.role("free_masked", grant(nil, hold(price, metamodel.MaskMasked)))
	freeReadOnly := s.role("free_readonly", grant(nil, hold(price, metamodel.MaskReadOnly)))
	boundOpen := s.role("bound_open", grant(s.rule(1)))
	boundHidden := s.role("bound_hidden", grant(s.rule(2), hold(price, metamodel.MaskHidden)))
	noLines := s.role("no_lines", grant(nil, hold(lines, metamodel.MaskHidden)))
	unknown := s.role("unknown_mask", grant(nil, hold(price, "foo")))
	p := s.compile()
	for name, c := range map[string]struct {
		roles []*metamodel.Role
		field *metamodel.Field
		want  string // r readable, m masked, w writable
	}{
		"open":                                {[]*metamodel.Role{freeOpen}, price, "rw"},
		"hidden":                              {[]*metamodel.Role{freeHidden}, price, ""},
		"masked":                              {[]*metamodel.Role{freeMasked}, price, "rm"},
		"readonly":                            {[]*metamodel.Role{freeReadOnly}, price, "r"},
		"other field":                         {[]*metamodel.Role{freeHidden}, code, "rw"},
		"the most open of those without rule": {[]*metamodel.Role{freeHidden, freeMasked, freeReadOnly}, price, "r"},
		"a grant with a rule opens nothing":   {[]*metamodel.Role{freeHidden, boundOpen}, price, ""},
		"the least open of those with a rule": {[]*metamodel.Role{boundOpen, boundHidden}, price, ""},
		"one with a rule alone":               {[]*metamodel.Role{boundOpen}, price, "rw"},
		"a grant without rule beats a hiding one": {[]*metamodel.Role{boundHidden, freeOpen}, price, "rw"},
		"line's field":                      {[]*metamodel.Role{freeHidden}, cost, ""},
		"line's field through hidden lines": {[]*metamodel.Role{noLines}, cost, ""},
		"id through hidden lines":           {[]*metamodel.Role{noLines}, s.line.Field("id"), ""},
		"mask that isn't known":             {[]*metamodel.Role{unknown}, price, ""},
		"field of another entity":           {[]*metamodel.Role{freeOpen}, s.item.Field("name"), ""},
		"no field":                          {[]*metamodel.Role{freeOpen}, nil, ""},
	} {
		d := p.Decide(s.actor(c.roles...), s.order, metamodel.ActUpdate)
		got := ""
		for _, x := range []struct {
			is bool
			as string
		}{{d.Readable(c.field), "r"}, {d.Masked(c.field), "m"}, {d.Writable(c.field), "w"}} {
			if x.is {
				got += x.as
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if (Decision{}).Readable(price) || (Decision{}).Writable(price) {
		t.Error("the zero decision opens a field")
	}
}

// Exporting or changing never shows what reading hides, and a mask on the export grant holds for it.
func TestOtherActionsAreBoundedByReading(t *testing.T) {
	s := newSample()
	price := s.order.Field("price")
	reader := s.role("reader", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActRead}, Fields: []*metamodel.FieldMask{hold(price, metamodel.MaskHidden)}})
	exporter := s.role("exporter", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActExport, metamodel.ActUpdate}})
	viewer := s.role("viewer", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActRead}})
	shy := s.role("shy", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActExport}, Fields: []*metamodel.FieldMask{hold(price, metamodel.MaskMasked)}})
	form := s.role("form", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActCreate}})
	p := s.compile()
	if d := p.Decide(s.actor(reader, exporter), s.order, metamodel.ActExport); d.Readable(price) {
		t.Error("export shows what reading hides")
	}
	if d := p.Decide(s.actor(reader, exporter), s.order, metamodel.ActUpdate); d.Writable(price) {
		t.Error("a field that may not be read is written")
	}
	if d := p.Decide(s.actor(viewer, shy), s.order, metamodel.ActExport); d.Open(price) || !d.Masked(price) {
		t.Error("the export grant's mask is lost")
	}
	if d := p.Decide(s.actor(viewer, shy), s.order, metamodel.ActRead); !d.Open(price) {
		t.Error("the export grant's mask hides from reading")
	}
	if d := p.Decide(s.actor(form), s.order, metamodel.ActCreate); !d.Writable(price) {
		t.Error("a grant to create alone can't be used")
	}
}

func TestTransitions(t *testing.T) {
	s := newSample()
	approve, cancel := s.order.States.Transitions[0], s.order.States.Transitions[1]
	one := s.role("one", &metamodel.Grant{Entity: s.order, Transitions: []*metamodel.Transition{approve}, Rows: s.rule(1)})
	two := s.role("two", &metamodel.Grant{Entity: s.order, Transitions: []*metamodel.Transition{cancel}})
	all := s.role("all", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActTransition}, Rows: s.rule(2)})
	p := s.compile()
	d := p.Decide(s.actor(one, two), s.order, metamodel.ActTransition)
	if !slices.Equal(d.Transitions, []string{"approve", "cancel"}) || !slices.Equal(numbers(d.Rows), []int64{1}) {
		t.Errorf("at large: %v rows %v", d.Transitions, numbers(d.Rows))
	}
	if d := p.Decide(s.actor(one, two), s.order, TransitionAction("approve")); !d.Allow || !slices.Equal(numbers(d.Rows), []int64{1}) {
		t.Errorf("approve: %v %v", d.Allow, numbers(d.Rows))
	}
	if d := p.Decide(s.actor(one, two), s.order, TransitionAction("cancel")); !d.Allow || d.Rows != nil {
		t.Errorf("cancel: %v %v", d.Allow, numbers(d.Rows))
	}
	if d := p.Decide(s.actor(one), s.order, TransitionAction("cancel")); d.Allow {
		t.Error("cancel is allowed by a grant on approve")
	}
	if d := p.Decide(s.actor(one), s.order, metamodel.ActTransition); d.May("cancel") || !d.May("approve") {
		t.Errorf("May: %v", d.Transitions)
	}
	d = p.Decide(s.actor(one, all), s.order, metamodel.ActTransition)
	if len(d.Rows) != 1 || d.Rows[0].Op != expr.OpAnd || !slices.Equal(numbers(d.Rows), []int64{1, 2, 2}) {
		t.Errorf("rows at large are not the strictest: %v", numbers(d.Rows))
	}
}

func TestWhy(t *testing.T) {
	s := newSample()
	price := s.order.Field("price")
	member := s.role("member", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActRead}, Rows: s.rule(1), Fields: []*metamodel.FieldMask{hold(price, metamodel.MaskMasked)}})
	buyer := s.role("buyer")
	buyer.Inherits = []*metamodel.Role{member}
	chief := s.role("chief", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActDelete}})
	p := s.compile()
	x := p.Why(s.actor(buyer), s.order, metamodel.ActRead)
	if !x.Allow || len(x.Grants) != 1 || x.Grants[0].Role != member || !slices.Equal(x.Grants[0].Through, []*metamodel.Role{buyer}) ||
		len(x.Masks) != 1 || x.Masks[0].Field != price || x.AllRows {
		t.Errorf("allowed: %+v", x)
	}
	for _, want := range []string{"“member”", "“buyer”", "rule 1", "“price” is shown as ***"} {
		if !strings.Contains(x.Text("en-US"), want) {
			t.Errorf("text lacks %s:\n%s", want, x.Text("en-US"))
		}
	}
	x = p.Why(s.actor(buyer), s.order, metamodel.ActDelete)
	if x.Allow || !slices.Equal(x.Could, []*metamodel.Role{chief}) || !strings.Contains(x.Text("zh-CN"), "chief（中）") {
		t.Errorf("refused: %+v\n%s", x, x.Text("zh-CN"))
	}
	if x = p.Why(Nobody(), s.item, metamodel.ActRead); x.Allow || !slices.Contains(x.Lines.Codes(), "access.why_nobody") || !slices.Contains(x.Lines.Codes(), "access.why_no_role") {
		t.Errorf("nobody: %v", x.Lines.Codes())
	}
	for _, a := range metamodel.Actions {
		for _, lang := range []string{"zh-CN", "en-US"} {
			if text := p.Why(s.actor(buyer), s.order, a).Text(lang); strings.Contains(text, "{") || text == "" {
				t.Errorf("%s %s: %q", a, lang, text)
			}
		}
	}
}

func TestExceeds(t *testing.T) {
	s := newSample()
	price := s.order.Field("price")
	act := func(a ...metamodel.Action) []metamodel.Action { return a }
	own := s.rule(1)
	builder := s.role("builder", &metamodel.Grant{Entity: s.order, Actions: act(metamodel.ActRead), Fields: []*metamodel.FieldMask{hold(price, metamodel.MaskHidden)}},
		&metamodel.Grant{Entity: s.item, Actions: act(metamodel.ActRead), Rows: own})
	chief := s.role("chief", &metamodel.Grant{Entity: s.order, Actions: act(metamodel.ActRead, metamodel.ActDelete)})
	p := s.compile()
	fresh := &metamodel.Entity{ID: "ent_new", Name: "fresh", Title: label("fresh")}
	fresh.Link()
	draft := func(id metamodel.ID, grants ...*metamodel.Grant) *metamodel.Role {
		return &metamodel.Role{ID: id, Name: "drafted", Title: label("drafted"), Grants: grants}
	}
	grant := func(e *metamodel.Entity, rows *metamodel.Formula, masks []*metamodel.FieldMask, a ...metamodel.Action) *metamodel.Grant {
		return &metamodel.Grant{Entity: e, Actions: a, Rows: rows, Fields: masks}
	}
	me := s.actor(builder)
	for name, c := range map[string]struct {
		grantor *Actor
		role    *metamodel.Role
		want    string
	}{
		"within":                      {me, draft("n", grant(s.order, nil, []*metamodel.FieldMask{hold(price, metamodel.MaskHidden)}, metamodel.ActRead)), ""},
		"a field more":                {me, draft("n", grant(s.order, nil, nil, metamodel.ActRead)), "grant.field_exceeds_grantor"},
		"a field less masked":         {me, draft("n", grant(s.order, nil, []*metamodel.FieldMask{hold(price, metamodel.MaskMasked)}, metamodel.ActRead)), "grant.field_exceeds_grantor"},
		"an action more":              {me, draft("n", grant(s.order, nil, nil, metamodel.ActDelete)), "grant.exceeds_grantor"},
		"rows more":                   {me, draft("n", grant(s.item, nil, nil, metamodel.ActRead)), "grant.exceeds_grantor"},
		"other rows":                  {me, draft("n", grant(s.item, s.rule(7), nil, metamodel.ActRead)), "grant.exceeds_grantor"},
		"the same rows":               {me, draft("n", grant(s.item, &metamodel.Formula{Stored: own.Stored}, nil, metamodel.ActRead)), ""},
		"an entity new in the draft":  {me, draft("n", grant(fresh, nil, nil, metamodel.ActDelete)), ""},
		"what the role gives already": {me, draft(chief.ID, grant(s.order, nil, nil, metamodel.ActRead, metamodel.ActDelete)), ""},
		"more than it gives already":  {me, draft(chief.ID, grant(s.order, nil, nil, metamodel.ActExport)), "grant.exceeds_grantor"},
		"inherits what is more":       {me, &metamodel.Role{ID: "n", Title: label("n"), Inherits: []*metamodel.Role{chief}}, "grant.exceeds_grantor"},
		"inherits what is within":     {me, &metamodel.Role{ID: "n", Title: label("n"), Inherits: []*metamodel.Role{builder}}, ""},
		"own promotion":               {me, &metamodel.Role{ID: builder.ID, Title: label("n"), Inherits: []*metamodel.Role{chief}}, "grant.exceeds_grantor"},
		"nobody gives nothing":        {Nobody(), draft("n", grant(s.order, nil, nil, metamodel.ActRead)), "grant.exceeds_grantor"},
		"an administrator":            {&Actor{Kind: Person, Admin: true}, draft("n", grant(s.order, nil, nil, metamodel.ActDelete)), ""},
	} {
		list := p.Exceeding(c.grantor, nil, with(s.app, c.role), func(string) bool { return false })
		if c.want == "" && len(list) != 0 || c.want != "" && !slices.Contains(list.Codes(), diag.Code(c.want)) {
			t.Errorf("%s: %v", name, list.Codes())
		}
	}
}

// with is an app in which a role stands in the place of the one of its id, or is added.
func with(app *metamodel.App, role *metamodel.Role) *metamodel.App {
	next := *app
	next.Roles = append(slices.DeleteFunc(slices.Clone(app.Roles), func(r *metamodel.Role) bool { return r.ID == role.ID }), role)
	return &next
}

// A mask that holds for a role's records can't be taken away by those who don't have the field open.
func TestLoosens(t *testing.T) {
	s := newSample()
	price := s.order.Field("price")
	east, west := s.rule(1), s.rule(2)
	read := []metamodel.Action{metamodel.ActRead}
	closed := &metamodel.Grant{Entity: s.order, Actions: read, Rows: east, Fields: []*metamodel.FieldMask{hold(price, metamodel.MaskHidden)}}
	eastern := s.role("eastern", closed)
	western := s.role("western", &metamodel.Grant{Entity: s.order, Actions: read, Rows: west})
	both := s.role("both")
	both.Inherits = []*metamodel.Role{eastern, western}
	owner := s.role("owner", &metamodel.Grant{Entity: s.order, Actions: read})
	p := s.compile()
	me, chief := s.actor(eastern, western), s.actor(owner)
	if d := p.Decide(me, s.order, metamodel.ActRead); d.Readable(price) {
		t.Fatal("the sample hides nothing")
	}
	without := func(role *metamodel.Role) *metamodel.App {
		next := *s.app
		next.Roles = slices.DeleteFunc(slices.Clone(s.app.Roles), func(r *metamodel.Role) bool { return r == role })
		return &next
	}
	role := func(r *metamodel.Role, grants ...*metamodel.Grant) *metamodel.Role {
		return &metamodel.Role{ID: r.ID, Name: r.Name, Title: r.Title, Grants: grants, Inherits: r.Inherits}
	}
	masked := &metamodel.Grant{Entity: s.order, Actions: read, Rows: east, Fields: []*metamodel.FieldMask{hold(price, metamodel.MaskMasked)}}
	never := func(string) bool { return false }
	for name, c := range map[string]struct {
		grantor     *Actor
		draft, next *metamodel.App
		want        bool
	}{
		"the role goes away":           {me, nil, without(eastern), true},
		"the grant goes away":          {me, nil, with(s.app, role(eastern)), true},
		"the mask is weaker":           {me, nil, with(s.app, role(eastern, masked)), true},
		"the base goes away":           {me, nil, with(s.app, &metamodel.Role{ID: both.ID, Title: both.Title, Inherits: []*metamodel.Role{western}}), true},
		"by whom the field is open to": {chief, nil, without(eastern), false},
		"nothing changes":              {me, nil, s.app, false},
		"a role without masks":         {me, nil, without(owner), false},
		"somebody else has done it":    {me, without(eastern), without(eastern), false},
		"an administrator":             {&Actor{Kind: Person, Admin: true}, nil, without(eastern), false},
	} {
		list := p.Exceeding(c.grantor, c.draft, c.next, never)
		if got := slices.Contains(list.Codes(), "grant.field_exceeds_grantor"); got != c.want {
			t.Errorf("%s: %v", name, list)
		}
	}
}

// Conditions know roles by their names; nobody comes by another's.
func TestNamesOfRoles(t *testing.T) {
	s := newSample()
	mine, chief := s.role("mine"), s.role("chief")
	p := s.compile()
	asked := func(name string) bool { return name == "chief" }
	renamed := &metamodel.Role{ID: mine.ID, Name: "chief", Title: mine.Title}
	decoy := &metamodel.Role{ID: "new", Name: "chief", Title: label("new")}
	free := with(s.app, &metamodel.Role{ID: chief.ID, Name: "former", Title: chief.Title})
	for name, c := range map[string]struct {
		grantor *Actor
		next    *metamodel.App
		want    bool
	}{
		"takes the name":            {s.actor(mine), with(free, renamed), true},
		"inherits the name":         {s.actor(mine), with(with(free, decoy), &metamodel.Role{ID: mine.ID, Name: "mine", Title: mine.Title, Inherits: []*metamodel.Role{decoy}}), true},
		"takes a name of no weight": {s.actor(mine), with(s.app, &metamodel.Role{ID: mine.ID, Name: "other", Title: mine.Title}), false},
		"by whom the name is borne": {s.actor(chief), with(free, renamed), false},
	} {
		list := p.Exceeding(c.grantor, nil, c.next, asked)
		if got := slices.Contains(list.Codes(), "grant.name_exceeds_grantor"); got != c.want {
			t.Errorf("%s: %v", name, list)
		}
	}
	if list := p.Exceeding(s.actor(mine), with(free, renamed), with(free, renamed), asked); len(list) != 0 {
		t.Errorf("what the draft says already: %v", list)
	}
}

// Memory is bounded, and forgetting changes no answer.
func TestMemoryIsBounded(t *testing.T) {
	s := newSample()
	roles := make([]*metamodel.Role, 12)
	for i := range roles {
		roles[i] = s.role(fmt.Sprintf("r%d", i), &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActRead}, Rows: s.rule(i)})
	}
	p := s.compile()
	for mask := 1; mask < 1<<len(roles); mask++ {
		var held []*metamodel.Role
		for i, r := range roles {
			if mask&(1<<i) != 0 {
				held = append(held, r)
			}
		}
		if d := p.Decide(s.actor(held...), s.order, metamodel.ActRead); len(d.Rows) != len(held) {
			t.Fatalf("%d roles: %d rows", len(held), len(d.Rows))
		}
	}
	if n := len(*p.remembered.Load()); n > maxSets {
		t.Errorf("%d role sets are remembered", n)
	}
}

// drawApp makes an app with random roles: inheritance (cycles too), row rules, masks, transitions.
func drawApp(t *rapid.T) *sample {
	s := newSample()
	fields := append(slices.Clone(s.order.Columns()), s.line.Columns()...)
	count := rapid.IntRange(0, 6).Draw(t, "roles")
	for i := range count {
		r := s.role(fmt.Sprintf("r%d", i))
		for _, e := range []*metamodel.Entity{s.order, s.item} {
			if !rapid.Bool().Draw(t, "grant") {
				continue
			}
			g := &metamodel.Grant{Entity: e, Actions: rapid.SliceOfN(rapid.SampledFrom(metamodel.Actions), 0, 5).Draw(t, "actions")}
			if rapid.Bool().Draw(t, "bound") {
				g.Rows = s.rule(rapid.IntRange(0, 4).Draw(t, "rule"))
			}
			if e == s.order {
				g.Transitions = rapid.SliceOfN(rapid.SampledFrom(e.States.Transitions), 0, 2).Draw(t, "transitions")
				for range rapid.IntRange(0, 3).Draw(t, "masks") {
					g.Fields = append(g.Fields, hold(rapid.SampledFrom(fields).Draw(t, "field"),
						rapid.SampledFrom([]metamodel.Mask{metamodel.MaskHidden, metamodel.MaskMasked, metamodel.MaskReadOnly}).Draw(t, "mask")))
				}
			}
			r.Grants = append(r.Grants, g)
		}
	}
	for _, r := range s.app.Roles {
		r.Inherits = rapid.SliceOfN(rapid.SampledFrom(s.app.Roles), 0, 2).Draw(t, "inherits")
	}
	return s
}

// allGrants walks inheritance naively.
func allGrants(roles []*metamodel.Role, seen map[*metamodel.Role]bool) []*metamodel.Grant {
	var out []*metamodel.Grant
	for _, r := range roles {
		if seen[r] {
			continue
		}
		seen[r] = true
		out = append(out, r.Grants...)
		out = append(out, allGrants(r.Inherits, seen)...)
	}
	return out
}

func granting(grants []*metamodel.Grant, e *metamodel.Entity, act metamodel.Action) []*metamodel.Grant {
	var out []*metamodel.Grant
	for _, g := range grants {
		name, one := strings.CutPrefix(string(act), "transition:")
		covered := slices.Contains(g.Actions, act) || one && e.States != nil && slices.Contains(g.Actions, metamodel.ActTransition)
		for _, tr := range g.Transitions {
			covered = covered || act == metamodel.ActTransition || one && tr.Name == name
		}
		if g.Entity == e && covered {
			out = append(out, g)
		}
	}
	return out
}

// opens is how open a grant leaves a field, looked up mask by mask.
func opens(g *metamodel.Grant, f *metamodel.Field) level {
	l := open
	for _, m := range g.Fields {
		if m.Field == f && (!f.System || f.Name != "id" && f.Name != "version" || f.Entity.IsLines()) || f.Entity.Via != nil && m.Field == f.Entity.Via {
			l = min(l, map[metamodel.Mask]level{metamodel.MaskHidden: hidden, metamodel.MaskMasked: masked, metamodel.MaskReadOnly: readonly}[m.Mask])
		}
	}
	return l
}

func holds(s *sample, g *metamodel.Grant, truth []bool) bool {
	return g.Rows == nil || truth[s.trees[g.Rows].Value.(int64)]
}

func anyHolds(nodes []*expr.Node, truth []bool) bool {
	if nodes == nil {
		return true
	}
	return slices.ContainsFunc(nodes, func(n *expr.Node) bool { return judge(n, truth) })
}

func judge(n *expr.Node, truth []bool) bool {
	switch n.Op {
	case expr.OpAnd:
		return !slices.ContainsFunc(n.Args, func(a *expr.Node) bool { return !judge(a, truth) })
	case expr.OpOr:
		return slices.ContainsFunc(n.Args, func(a *expr.Node) bool { return judge(a, truth) })
	default:
		return truth[n.Value.(int64)]
	}
}

// The map, casbin's own Enforce and an oracle that looks at one record at a time agree.
func TestMapAgreesWithCasbinAndOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawApp(t)
		p := s.compile()
		user := rapid.SampledFrom([]string{"u1", "r:trade/role_r0", "role_r0", "admin", "*"}).Draw(t, "user")
		var held []*metamodel.Role
		if len(s.app.Roles) > 0 {
			held = rapid.SliceOfN(rapid.SampledFrom(s.app.Roles), 0, 3).Draw(t, "held")
		}
		var assigned []assignment
		for _, r := range held {
			assigned = append(assigned, assignment{user, r.ID})
		}
		enforcer, err := newEnforcer(s.app, assigned...)
		if err != nil {
			t.Fatal(err)
		}
		actor := &Actor{Kind: Person, ID: user, Roles: Assigned(s.app, held...)}
		grants := allGrants(held, map[*metamodel.Role]bool{})
		truth := rapid.SliceOfN(rapid.Bool(), 5, 5).Draw(t, "truth")
		actions := append(slices.Clone(metamodel.Actions), TransitionAction("approve"), TransitionAction("cancel"), "drop")
		for _, e := range []*metamodel.Entity{s.order, s.item} {
			for _, act := range actions {
				d := p.Decide(actor, e, act)
				byCasbin, err := enforcer.Enforce(subjectOfUser(user), string(e.ID), string(act))
				if err != nil {
					t.Fatal(err)
				}
				oracle := granting(grants, e, act)
				if d.Allow != byCasbin || d.Allow != (len(oracle) > 0) {
					t.Fatalf("%s on %s: map %v, casbin %v, oracle %v", act, e.Name, d.Allow, byCasbin, len(oracle) > 0)
				}
				if d.Allow {
					checkDecision(t, s, d, e, act, grants, truth)
				}
			}
		}
	})
}

func checkDecision(t *rapid.T, s *sample, d Decision, e *metamodel.Entity, act metamodel.Action, grants []*metamodel.Grant, truth []bool) {
	oracle := granting(grants, e, act)
	reach := slices.ContainsFunc(oracle, func(g *metamodel.Grant) bool { return holds(s, g, truth) })
	if act == metamodel.ActTransition {
		if anyHolds(d.Rows, truth) {
			for _, name := range d.Transitions {
				if !slices.ContainsFunc(granting(grants, e, TransitionAction(name)), func(g *metamodel.Grant) bool { return holds(s, g, truth) }) {
					t.Fatalf("%s is offered on a record out of its reach", name)
				}
			}
		}
	} else if anyHolds(d.Rows, truth) != reach {
		t.Fatalf("%s on %s: in reach %v, oracle %v", act, e.Name, !reach, reach)
	}
	if !reach {
		return
	}
	reads := granting(grants, e, metamodel.ActRead)
	fields := slices.Clone(e.Columns())
	if e == s.order {
		fields = append(fields, s.line.Columns()...)
	}
	for _, f := range fields {
		// What is seen on a record is opened by a grant that holds for that very record.
		if d.Open(f) && !slices.ContainsFunc(oracle, func(g *metamodel.Grant) bool { return holds(s, g, truth) && opens(g, f) > masked }) {
			t.Fatalf("%s: %s is open though no grant that holds opens it", act, f.Name)
		}
		if d.Writable(f) && !slices.ContainsFunc(oracle, func(g *metamodel.Grant) bool { return holds(s, g, truth) && opens(g, f) == open }) {
			t.Fatalf("%s: %s is writable though no grant that holds opens it", act, f.Name)
		}
		if readable := slices.ContainsFunc(reads, func(g *metamodel.Grant) bool { return opens(g, f) > hidden }); len(reads) > 0 && d.Readable(f) && !readable {
			t.Fatalf("%s shows %s, which no reading grant shows", act, f.Name)
		}
		if act == metamodel.ActRead && d.see.at(e, f) != lawOracle(oracle, f) {
			t.Fatalf("%s: level %d, law %d", f.Name, d.see.at(e, f), lawOracle(oracle, f))
		}
	}
}

// lawOracle is the combination law, said once more in the words of the package's documentation.
func lawOracle(grants []*metamodel.Grant, f *metamodel.Field) level {
	free, bound := hidden, open
	anyFree := false
	for _, g := range grants {
		if g.Rows == nil {
			anyFree = true
			free = max(free, opens(g, f))
		} else {
			bound = min(bound, opens(g, f))
		}
	}
	if anyFree {
		return free
	}
	return bound
}

func BenchmarkDecide(b *testing.B) {
	s := newSample()
	var roles []*metamodel.Role
	for i := range 10 {
		roles = append(roles, s.role(fmt.Sprintf("r%d", i), &metamodel.Grant{Entity: s.order, Actions: metamodel.Actions, Rows: s.rule(i)}))
	}
	p := s.compile()
	a := s.actor(roles[:3]...)
	b.ReportAllocs()
	for b.Loop() {
		if !p.Decide(a, s.order, metamodel.ActRead).Allow {
			b.Fatal("refused")
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	app := &metamodel.App{Name: "big"}
	for i := range 500 {
		e := &metamodel.Entity{ID: metamodel.ID(fmt.Sprintf("e%d", i)), Name: fmt.Sprintf("e%d", i)}
		e.Link()
		app.Entities = append(app.Entities, e)
	}
	for i := range 20 {
		r := &metamodel.Role{ID: metamodel.ID(fmt.Sprintf("r%d", i)), Name: fmt.Sprintf("r%d", i)}
		for _, e := range app.Entities {
			r.Grants = append(r.Grants, &metamodel.Grant{Entity: e, Actions: metamodel.Actions})
		}
		app.Roles = append(app.Roles, r)
	}
	for b.Loop() {
		Compile(app, func(*metamodel.Formula) *expr.Node { return nil })
	}
}
