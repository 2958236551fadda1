package expr

import (
	"slices"
	"testing"

	"tenon/metamodel"
)

// The ways to what is read go over references, lines, loops and choices.
func TestWalks(t *testing.T) {
	app := &metamodel.App{}
	text := func(name string) *metamodel.Field {
		return &metamodel.Field{ID: metamodel.ID(name), Name: name, Kind: metamodel.Text}
	}
	region := &metamodel.Entity{ID: "region", Name: "region", Fields: []*metamodel.Field{text("name")}}
	ref := func(name string, to *metamodel.Entity) *metamodel.Field {
		return &metamodel.Field{ID: metamodel.ID(name), Name: name, Kind: metamodel.Reference, Target: to}
	}
	partner := &metamodel.Entity{ID: "partner", Name: "partner", Fields: []*metamodel.Field{text("title"), ref("region", region)}}
	line := &metamodel.Entity{ID: "line", Name: "line", Fields: []*metamodel.Field{text("what"), ref("maker", partner)}}
	rows := &metamodel.Field{ID: "rows", Name: "rows", Kind: metamodel.Lines, Target: line}
	order := &metamodel.Entity{ID: "order", Name: "order", Fields: []*metamodel.Field{text("code"), ref("buyer", partner), ref("seller", partner), rows}}
	line.Parent, line.Via = order, rows
	app.Entities = []*metamodel.Entity{region, partner, line, order}
	for _, e := range app.Entities {
		e.Link()
	}
	m := NewModel(app)
	for _, tt := range []struct {
		scope *metamodel.Entity
		src   string
		want  []string
	}{
		{order, "code", []string{"code"}},
		{order, "buyer.region.name", []string{"buyer", "buyer.region", "buyer.region.name"}},
		{order, "rows.exists(l, l.maker.title == code)", []string{"code", "rows", "rows.maker", "rows.maker.title"}},
		{order, "rows.filter(l, l.what == 'x').exists(k, k.maker.title == '')", []string{"rows", "rows.maker", "rows.maker.title", "rows.what"}},
		{line, "parent.buyer.title", []string{"parent", "parent.buyer", "parent.buyer.title"}},
	} {
		p, list := m.Compile(Scope{Entity: tt.scope}, tt.src, Unknown)
		if list.HasErrors() {
			t.Errorf("%s: %v", tt.src, list)
			continue
		}
		var got []string
		for _, w := range p.Walks() {
			got = append(got, append(slices.Clone(w.Way), w.Field).String())
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.src, got, tt.want)
		}
	}
}
