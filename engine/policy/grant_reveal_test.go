package policy

import (
	"slices"
	"testing"

	"tenon/metamodel"
)

// A formula shows nobody what a mask hides from him, unless whoever writes it sees that himself.
func TestRevealing(t *testing.T) {
	s := newSample()
	price := s.order.Field("price")
	read := []metamodel.Action{metamodel.ActRead}
	clerk := s.role("clerk", &metamodel.Grant{Entity: s.order, Actions: read, Fields: []*metamodel.FieldMask{hold(price, metamodel.MaskMasked)}})
	chief := s.role("chief", &metamodel.Grant{Entity: s.order, Actions: read})
	blind := s.role("blind")
	p := s.compile()
	// copied is the app with a field that is made of the price, masked for clerks or not.
	copied := func(masks ...metamodel.Mask) *metamodel.App {
		e := *s.order
		more := &metamodel.Field{ID: "fld_more", Name: "more", Title: label("more"), Kind: price.Kind, Formula: &metamodel.Formula{Source: "price * 2", Stored: "⟦" + string(price.ID) + "⟧ * 2"}}
		e.Fields = append(slices.Clone(s.order.Fields), more)
		for i, f := range e.Fields {
			own := *f
			e.Fields[i] = &own
		}
		e.Link()
		hidden := []*metamodel.FieldMask{hold(e.Field("price"), metamodel.MaskMasked)}
		for _, m := range masks {
			hidden = append(hidden, hold(e.Field("more"), m))
		}
		next := *s.app
		next.Entities = slices.Clone(s.app.Entities)
		next.Entities[slices.Index(next.Entities, s.order)] = &e
		next.Roles = []*metamodel.Role{
			{ID: clerk.ID, Name: clerk.Name, Title: clerk.Title, Grants: []*metamodel.Grant{{Entity: &e, Actions: read, Fields: hidden}}},
			{ID: chief.ID, Name: chief.Name, Title: chief.Title, Grants: []*metamodel.Grant{{Entity: &e, Actions: read}}},
		}
		return &next
	}
	for name, c := range map[string]struct {
		grantor      *Actor
		before, next *metamodel.App
		refused      bool
	}{
		"by whom the price is masked for":  {s.actor(clerk), s.app, copied(), true},
		"by whom sees nothing":             {s.actor(blind), s.app, copied(), true},
		"by nobody":                        {Nobody(), s.app, copied(), true},
		"by whom the price is open to":     {s.actor(chief), s.app, copied(), false},
		"the new field is masked as well":  {s.actor(clerk), s.app, copied(metamodel.MaskHidden), false},
		"masked is not shown":              {s.actor(clerk), s.app, copied(metamodel.MaskMasked), false},
		"read-only is shown":               {s.actor(clerk), s.app, copied(metamodel.MaskReadOnly), true},
		"the field was made of it before":  {s.actor(clerk), copied(), copied(), false},
		"a mask that was there falls away": {s.actor(clerk), copied(metamodel.MaskHidden), copied(), false}, // Exceeding's to refuse
	} {
		list := p.Revealing(c.grantor, c.before, c.next)
		if got := slices.Contains(list.Codes(), "grant.formula_exceeds_grantor"); got != c.refused {
			t.Errorf("%s: %v", name, list)
		}
	}
	for name, c := range map[string]struct {
		released, next *metamodel.App
		warned         int
	}{
		"new":                    {s.app, copied(), 1},
		"in an app never run":    {nil, copied(), 1},
		"released already":       {copied(), copied(), 0},
		"masked before, not now": {copied(metamodel.MaskHidden), copied(), 1},
		"masked":                 {s.app, copied(metamodel.MaskHidden), 0},
	} {
		list := Reveals(c.released, c.next)
		if len(list) != c.warned || list.HasErrors() {
			t.Errorf("%s: %v", name, list)
		}
	}
}
