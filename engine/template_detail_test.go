package engine_test

import (
	"context"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/templates"
)

// A template shows what it consists of, and says when its name is taken.
func TestTemplateDetail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w, ctx := newWorld(t, st), context.Background()
		type detail struct {
			Name, Conflict               string
			Entities, Roles, Views, Menu []struct{ Name string }
			Demo                         struct{ Records int }
			Sample                       map[string][]map[string]any
		}
		for _, tpl := range templates.List() {
			r, err := w.e.TemplateDetail(ctx, w.call(builder(), ""), tpl.Name)
			d := must[detail](t, r, err)
			if d.Name != tpl.Name || d.Conflict != "" || len(d.Entities) == 0 || len(d.Roles) == 0 || len(d.Views) == 0 || len(d.Menu) == 0 || d.Demo.Records == 0 || len(d.Sample) == 0 {
				t.Errorf("%.300s", r.Body)
			}
			for entity, rows := range d.Sample {
				if len(rows) > 8 {
					t.Errorf("%d rows of %s", len(rows), entity)
				}
			}
			if strings.Contains(string(r.Body), `"$`) {
				t.Error("a handle shows through")
			}
			w.install(tpl.Name)
			r, err = w.e.TemplateDetail(ctx, w.call(builder(), ""), tpl.Name)
			if must[detail](t, r, err).Conflict != tpl.Name {
				t.Error("no conflict with what is installed")
			}
		}
		_, err := w.e.TemplateDetail(ctx, w.call(builder(), ""), "nothing")
		refused(t, err, "template.not_found", "")
	})
}
