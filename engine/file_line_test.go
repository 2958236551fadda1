package engine_test

import (
	"context"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

// Whoever may read a record opens the files that its lines hold, over both databases.
func TestFilesInLines(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx, boss := context.Background(), named(s.boss(), "b1")
		if _, err := s.put("entity/sale_line", `"qty": {`, `"photo": {"type":"array","x-field":"file","title":"照片","x-title":{"en-US":"Photo"},"items":{"type":"string","format":"uuid"},"maxItems":5}, "qty": {`); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		r, err := s.e.FilePut(ctx, s.call(boss, ""), "a.txt", strings.NewReader("content"))
		if err != nil {
			t.Fatal(err)
		}
		open := func(a *policy.Actor) error {
			d, err := s.e.FileOpen(ctx, s.call(a, ""), r.ID)
			if err == nil {
				var b strings.Builder
				err = d.Write(&b)
				if b.String() != "content" {
					t.Errorf("%q", b.String())
				}
			}
			return err
		}
		east, west := s.clerk("east"), s.clerk("west")
		refused(t, open(east), "file.not_found", "")
		sale, err := s.sale(boss, s.east, record{"item": s.pen.id(), "qty": "1", "price": "20", "photo": []string{r.ID}})
		if err != nil {
			t.Fatal(err)
		}
		// Its name is among the texts of the record; whoever only types its id doesn't learn it.
		got, err := s.e.Get(ctx, s.call(east, "shop"), "sale", sale.id(), engine.ReadOptions{Display: true})
		if name := shownTexts(t, got, err)[r.ID]; name != "a.txt" {
			t.Errorf("%q", name)
		}
		typed := []byte(`{"values":{"lines":[{"photo":["` + r.ID + `"]}]}}`)
		for who, want := range map[*policy.Actor]string{boss: "a.txt", east: ""} {
			form, err := s.e.Evaluate(ctx, s.call(who, "shop"), "sale", typed)
			if name := shownTexts(t, form, err)[r.ID]; name != want {
				t.Errorf("%q, want %q", name, want)
			}
		}
		if err := open(east); err != nil {
			t.Error(err)
		}
		refused(t, open(west), "file.not_found", "")
	})
}
