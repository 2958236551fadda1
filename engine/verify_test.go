package engine_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
)

// eachBehind is eachShop for tests that go around the store.
func eachBehind(t *testing.T, test func(t *testing.T, s *shop, behind func(query string))) {
	t.Helper()
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		test(t, newShop(t, newWorld(t, storetest.Open(t, c))), func(query string) {
			t.Helper()
			if n := storetest.Behind(t, c, query); n != 1 {
				t.Fatalf("%s: %d rows", query, n)
			}
		})
	})
}

func (s *shop) verify(body string) engine.Verification {
	s.t.Helper()
	r, err := s.e.Verify(context.Background(), s.call(builder(), "shop"), []byte(body))
	return must[engine.Verification](s.t, r, err)
}

func (s *shop) field(entity, name string) *metamodel.Field {
	s.t.Helper()
	f := s.call(s.boss(), "shop").Snap.Entity(entity).ByName(name)
	if f == nil {
		s.t.Fatalf("no field %s.%s", entity, name)
	}
	return f
}

// set is the statement that gives a kept value of one row another value.
func set(f *metamodel.Field, to, id string) string {
	return `UPDATE "` + lower.Table(f.Entity) + `" SET "` + lower.Column(f) + `" = ` + to + ` WHERE id = '` + id + `'`
}

// After any writes a whole app is as it is worked out again, and a value that somebody changes behind the engine's back is
// named with its record and field.
func TestVerifyNamesWhatDiffers(t *testing.T) {
	eachBehind(t, func(t *testing.T, s *shop, behind func(string)) {
		s.replaceDocs(keptDocs(t, true))
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "3", "price": "20"}, record{"item": s.ink.id(), "qty": "1", "price": "40"})
		if err != nil {
			t.Fatal(err)
		}
		s.scribble(rand.New(rand.NewPCG(3, 8)), 50)
		whole := s.verify("")
		if len(whole.Differences) > 0 || whole.Truncated {
			t.Fatalf("an app that nobody touched differs: %v", whole.Differences)
		}
		if whole.Checked.Rollups < 50 || whole.Checked.Formulas < 50 {
			t.Fatalf("checked %+v only", whole.Checked)
		}
		if sale, err = s.get(s.boss(), "sale", sale.id()); err != nil {
			t.Fatal(err)
		}
		line := sale.lines("lines")[0].(map[string]any)["id"].(string)
		breaks := []struct {
			query string
			want  engine.Difference
		}{
			{set(s.field("region", "last_sale"), "'broken'", s.east.id()), engine.Difference{What: "rollup", Name: "region.last_sale", Entity: "region", Record: s.east.id(), Field: "last_sale", Stored: "broken"}},
			{set(s.field("region", "sales"), "12345", s.east.id()), engine.Difference{What: "rollup", Name: "region.sales", Entity: "region", Record: s.east.id(), Field: "sales", Stored: "12345"}},
			{set(s.field("item", "region_name"), "NULL", s.ink.id()), engine.Difference{What: "formula", Name: "item.region_name", Entity: "item", Record: s.ink.id(), Field: "region_name"}},
			{set(s.field("sale_line", "region_name"), "'far'", line), engine.Difference{What: "formula", Name: "sale_line.region_name", Entity: "sale", Record: sale.id(), Line: line, Field: "lines.region_name", Stored: "far"}},
			{`UPDATE "` + lower.Table(s.field("region", "sold_avg").Entity) + `" SET "` + lower.Sums(s.field("region", "sold_avg"))[1] + `" = '777' WHERE id = '` + s.west.id() + `'`, engine.Difference{What: "rollup", Law: "sums", Name: "region.sold_avg", Entity: "region", Record: s.west.id(), Field: "sold_avg"}},
			{`INSERT INTO rollup_values (field, keeper, value, n) VALUES ('` + string(s.field("region", "notes").ID) + `', '` + s.west.id() + `', '=broken', 3)`, engine.Difference{What: "rollup", Law: "values", Name: "region.notes", Entity: "region", Record: s.west.id(), Field: "notes"}},
			{set(s.field("sale", "most"), "99990000", sale.id()), engine.Difference{What: "rollup", Name: "sale.most", Entity: "sale", Record: sale.id(), Field: "most"}},
		}
		for _, b := range breaks {
			behind(b.query)
		}
		found := s.verify("{}").Differences
		for _, b := range breaks {
			n := 0
			for _, d := range found {
				if d.Stored == d.Recomputed || d.Record == "" {
					t.Errorf("%+v is no difference", d)
				}
				if d.What == b.want.What && d.Law == b.want.Law && d.Name == b.want.Name && d.Record == b.want.Record && d.Line == b.want.Line && d.Field == b.want.Field && d.Entity == b.want.Entity && (b.want.Stored == "" || d.Stored == b.want.Stored) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s %s was named %d times: %v", b.want.Name, b.want.Record, n, found)
			}
		}
		if len(found) != len(breaks) {
			t.Errorf("%d differences, want %d: %v", len(found), len(breaks), found)
		}
	})
}

// A sample looks at so many records of each entity, others at another time.
func TestVerifySample(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		for _, name := range strings.Fields("a b c d e f g h") {
			s.mustCreate(s.boss(), "region", record{"name": name})
		}
		regions := len(s.call(s.boss(), "shop").Snap.Entity("region").Rollups)
		v := s.verify(`{"sample":2}`)
		if rest := v.Checked.Rollups - 2*regions; rest < 0 || rest > 2*4 {
			t.Errorf("%d values of roll-ups were checked; a region has %d", v.Checked.Rollups, regions)
		}
		if _, err := s.e.Verify(context.Background(), s.call(builder(), "shop"), []byte(`{"sample":-1}`)); err == nil {
			t.Error("a sample below nothing was taken")
		}
		_, err := s.e.Verify(context.Background(), s.call(s.boss(), "shop"), nil)
		refused(t, err, "access.role_needed", "")
	})
}

// Each night, once, an app is proven: the result is kept, and administrators are told of what differs.
func TestVerifyNightly(t *testing.T) {
	eachBehind(t, func(t *testing.T, s *shop, behind func(string)) {
		s.replaceDocs(keptDocs(t, true))
		ctx := context.Background()
		admin := &store.User{Email: "admin@example.com", Name: "admin", Admin: true}
		if err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			return tx.InsertUser(ctx, store.By{}, admin, "")
		}); err != nil {
			t.Fatal(err)
		}
		type last struct {
			At     *string              `json:"at"`
			By     *string              `json:"by"`
			Result *engine.Verification `json:"result"`
		}
		run := func() last {
			t.Helper()
			if err := s.e.VerifyApps(ctx); err != nil {
				t.Fatal(err)
			}
			r, err := s.e.Verification(ctx, s.call(builder(), "shop"))
			return must[last](t, r, err)
		}
		if got := run(); got.At != nil || got.Result != nil {
			t.Errorf("a new app was proven at once: %v", got)
		}
		behind(set(s.field("region", "sales"), "7", s.east.id()))
		s.now = time.Date(2026, 3, 15, 18, 59, 0, 0, time.UTC) // 2:59 in the company
		if got := run(); got.At != nil {
			t.Errorf("proven before the night: %v", *got.At)
		}
		s.now = s.now.Add(2 * time.Minute)
		first := run()
		if first.At == nil || *first.By != "nightly" || len(first.Result.Differences) != 1 || first.Result.Differences[0].Field != "sales" {
			t.Fatalf("the night found %+v", first)
		}
		s.now = s.now.Add(time.Hour)
		if again := run(); *again.At != *first.At {
			t.Errorf("proven twice in a night, at %s and %s", *first.At, *again.At)
		}
		type notices struct {
			Unread        int `json:"unread"`
			Notifications []struct{ Kind, App, Title string }
		}
		who := builder()
		who.ID = admin.ID
		r, err := s.e.Notifications(ctx, s.call(who, ""), false, 10, "")
		told := must[notices](t, r, err)
		if told.Unread != 1 || told.Notifications[0].Kind != "verification" || !strings.Contains(told.Notifications[0].Title, "1 处差异") {
			t.Errorf("the administrator was told %+v", told)
		}
		behind(set(s.field("region", "sales"), "0", s.east.id()))
		s.now = s.now.Add(24 * time.Hour)
		if next := run(); len(next.Result.Differences) != 0 || *next.At == *first.At {
			t.Errorf("the next night found %+v", next)
		}
		r, err = s.e.Verification(ctx, s.call(s.boss(), "shop"))
		if err == nil {
			t.Errorf("a salesman reads the proof: %s", r.Body)
		}
	})
}
