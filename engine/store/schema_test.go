package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// oneEntity is an app with a single entity of the given fields.
func oneEntity(fields ...*metamodel.Field) *metamodel.App {
	e := storetest.E("thing", append([]*metamodel.Field{storetest.F("thing", "code", metamodel.Text)}, fields...)...)
	return &metamodel.App{ID: storetest.ID("app"), Name: "app", Timezone: "Asia/Shanghai", Entities: []*metamodel.Entity{e}}
}

func field(name string, kind metamodel.FieldKind, more ...func(*metamodel.Field)) *metamodel.Field {
	return storetest.F("thing", name, kind, more...)
}

func plan(t *testing.T, s *store.Store, from, to *metamodel.App) []store.Step {
	t.Helper()
	steps, err := s.Plan(from, to)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	return steps
}

func code(err error) diag.Code {
	var p *diag.Problem
	if !errors.As(err, &p) {
		return ""
	}
	return p.First().Code
}

func TestPlanOfNothingIsEmpty(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if steps := plan(t, s, storetest.Sample(), storetest.Sample()); len(steps) != 0 {
			t.Errorf("steps between equal states: %+v", steps)
		}
		for _, step := range plan(t, s, nil, storetest.Sample()) {
			if step.SQL == "" || step.Comment == "" || step.Source == "" || step.Reverse == "" {
				t.Errorf("step %+v", step)
			}
		}
	})
}

func TestApplyAgainChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		row := storetest.Order(app, "PO-1", 1)
		insert(t, s, app.Entity("order"), row)
		storetest.Install(t, s, app)
		sameRow(t, app.Entity("order"), get(t, s, app.Entity("order"), row[0]), row)
	})
}

func TestFieldsComeAndGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		small, big := oneEntity(), oneEntity(field("extra", metamodel.Integer))
		storetest.Install(t, s, small)
		old := storetest.Row(small.Entities[0], map[string]any{"code": "a"})
		insert(t, s, small.Entities[0], old)

		storetest.Release(t, s, small, big)
		e := big.Entities[0]
		if got := get(t, s, e, old[0]); got[e.Field("extra").Slot] != nil {
			t.Errorf("a new field of an old record is %v", got[e.Field("extra").Slot])
		}
		row := storetest.Row(e, map[string]any{"code": "b", "extra": int64(7)})
		insert(t, s, e, row)

		storetest.Release(t, s, big, small) // the column is hidden, not dropped
		insert(t, s, small.Entities[0], storetest.Row(small.Entities[0], map[string]any{"code": "c"}))
		storetest.Release(t, s, small, big) // a roll back brings the values back
		sameRow(t, e, get(t, s, e, row[0]), row)
	})
}

func TestRetypeConverts(t *testing.T) {
	day := value.NewDate(2026, 2, 3)
	noon := time.Date(2026, 2, 2, 17, 30, 0, 0, time.UTC) // 2026-02-03 01:30 in Shanghai
	id := storetest.NewID()
	level := storetest.Options("gold", "silver")
	scale := storetest.Scale
	cases := []struct {
		name     string
		was, now *metamodel.Field
		from, to any
	}{
		{"text to decimal", field("v", metamodel.Text), field("v", metamodel.Decimal), " 12.50 ", value.MustDecimal("12.50")},
		{"empty text to decimal", field("v", metamodel.Text), field("v", metamodel.Decimal), "", nil},
		{"text to integer", field("v", metamodel.Text), field("v", metamodel.Integer), "-7", int64(-7)},
		{"text to date", field("v", metamodel.Text), field("v", metamodel.Date), "2026-02-03", day},
		{"text to instant", field("v", metamodel.Text), field("v", metamodel.DateTime), "2026-02-03T01:30:00+08:00", noon},
		{"text to time", field("v", metamodel.Text), field("v", metamodel.Time), "08:30", value.TimeOfDay(30600)},
		{"text to duration", field("v", metamodel.Text), field("v", metamodel.Duration), "PT1H", time.Hour},
		{"text to boolean", field("v", metamodel.Text), field("v", metamodel.Boolean), "是", true},
		{"text to choice", field("v", metamodel.Text), field("v", metamodel.Choice, level), "gold", "gold"},
		{"text to choices", field("v", metamodel.Text), field("v", metamodel.Choices, level), "gold、silver", []string{"gold", "silver"}},
		{"text to JSON", field("v", metamodel.Text), field("v", metamodel.JSON), `{"a":1}`, value.JSON(`{"a":1}`)},
		{"integer to text", field("v", metamodel.Integer), field("v", metamodel.Text), int64(42), "42"},
		{"integer to decimal", field("v", metamodel.Integer), field("v", metamodel.Money), int64(42), value.MustDecimal("42.00")},
		{"decimal to integer", field("v", metamodel.Decimal), field("v", metamodel.Integer), value.MustDecimal("42.00"), int64(42)},
		{"more digits", field("v", metamodel.Decimal), field("v", metamodel.Decimal, scale(4)), value.MustDecimal("1.25"), value.MustDecimal("1.2500")},
		{"fewer digits", field("v", metamodel.Decimal, scale(4)), field("v", metamodel.Decimal), value.MustDecimal("1.2500"), value.MustDecimal("1.25")},
		{"decimal to text", field("v", metamodel.Decimal), field("v", metamodel.Text), value.MustDecimal("-0.50"), "-0.50"},
		{"date to instant", field("v", metamodel.Date), field("v", metamodel.DateTime), day, time.Date(2026, 2, 2, 16, 0, 0, 0, time.UTC)},
		{"instant to date", field("v", metamodel.DateTime), field("v", metamodel.Date), noon, day},
		{"instant to time", field("v", metamodel.DateTime), field("v", metamodel.Time), noon, value.TimeOfDay(5400)},
		{"choice to text", field("v", metamodel.Choice, level), field("v", metamodel.Text), "silver", "silver"},
		{"choice to choices", field("v", metamodel.Choice, level), field("v", metamodel.Choices, level), "silver", []string{"silver"}},
		{"choices to choice", field("v", metamodel.Choices, level), field("v", metamodel.Choice, level), []string{"silver"}, "silver"},
		{"user to users' list", field("v", metamodel.User), field("v", metamodel.References), id, []string{id}},
		{"boolean to text", field("v", metamodel.Boolean), field("v", metamodel.Text), true, "true"},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i, tc := range cases {
			t.Run(tc.name, func(t *testing.T) {
				from, to := oneEntity(tc.was), oneEntity(tc.now)
				for _, app := range []*metamodel.App{from, to} { // a table of its own for each case
					app.Entities[0].ID = storetest.ID(fmt.Sprint("thing", i))
				}
				storetest.Install(t, s, from)
				row := storetest.Row(from.Entities[0], map[string]any{"v": tc.from})
				bare := storetest.Row(from.Entities[0], nil)
				insert(t, s, from.Entities[0], row, bare)
				storetest.Release(t, s, from, to)
				e := to.Entities[0]
				if got := get(t, s, e, row[0])[e.Field("v").Slot]; !sameValue(got, tc.to) {
					t.Errorf("%v became %#v, want %#v", tc.from, got, tc.to)
				}
				if got := get(t, s, e, bare[0])[e.Field("v").Slot]; got != nil {
					t.Errorf("null became %#v", got)
				}
			})
		}
	})
}

func TestConversionThatLosesIsRefused(t *testing.T) {
	long := func(f *metamodel.Field) { f.MaxLength = 3 }
	cases := []struct {
		name     string
		was, now *metamodel.Field
		bad      any
	}{
		{"no number", field("v", metamodel.Text), field("v", metamodel.Decimal), "12,5"},
		{"digits lost", field("v", metamodel.Decimal, storetest.Scale(4)), field("v", metamodel.Decimal), value.MustDecimal("1.2345")},
		{"fraction lost", field("v", metamodel.Decimal), field("v", metamodel.Integer), value.MustDecimal("1.50")},
		{"too long", field("v", metamodel.Integer), field("v", metamodel.Text, long), int64(12345)},
		{"no option", field("v", metamodel.Text), field("v", metamodel.Choice, storetest.Options("a")), "b"},
		{"no id", field("v", metamodel.Text), field("v", metamodel.User), "Li"},
		{"two choices", field("v", metamodel.Choices, storetest.Options("a", "b")), field("v", metamodel.Choice, storetest.Options("a", "b")), []string{"a", "b"}},
		{"no JSON", field("v", metamodel.Text), field("v", metamodel.JSON), "{"},
		{"no conversion", field("v", metamodel.Boolean), field("v", metamodel.Date), true},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		for i, tc := range cases {
			t.Run(tc.name, func(t *testing.T) {
				from, to := oneEntity(tc.was), oneEntity(tc.now)
				for _, app := range []*metamodel.App{from, to} {
					app.Entities[0].ID = storetest.ID(fmt.Sprint("thing", i))
				}
				storetest.Install(t, s, from)
				e := from.Entities[0]
				row := storetest.Row(e, map[string]any{"v": tc.bad})
				insert(t, s, e, row)
				steps := plan(t, s, from, to)
				err := s.Apply(ctx, store.Pin{}, to.ID, steps)
				if code(err) != store.CodeConversion {
					t.Fatalf("got %v", err)
				}
				var p *diag.Problem
				errors.As(err, &p)
				if d := p.First(); d.Args["count"] != int64(1) || !slices.Equal(d.Args["records"].([]string), []string{row[0].(string)}) {
					t.Errorf("args %v", d.Args)
				}
				err = s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Switch(ctx, to.ID, steps) })
				if err == nil {
					t.Error("switched with a failed step")
				}
				// Corrected, the same plan goes through.
				sameRow(t, e, get(t, s, e, row[0]), row)
				good := slices.Clone(row)
				good[e.Field("v").Slot] = nil
				write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, row, good) })
				storetest.Release(t, s, from, to)
			})
		}
	})
}

// Rows written between Apply and Switch are converted too, and one that can't be stops the release.
func TestSwitchCatchesUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		from, to := oneEntity(field("v", metamodel.Text)), oneEntity(field("v", metamodel.Integer))
		storetest.Install(t, s, from)
		was, now := from.Entities[0], to.Entities[0]
		row := storetest.Row(was, map[string]any{"v": "1"})
		insert(t, s, was, row)
		steps := plan(t, s, from, to)
		if err := s.Apply(ctx, store.Pin{}, to.ID, steps); err != nil {
			t.Fatal(err)
		}
		changed := slices.Clone(row)
		changed[was.Field("v").Slot] = "2"
		added := storetest.Row(was, map[string]any{"v": "3"})
		bad := storetest.Row(was, map[string]any{"v": "drei"})
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, was, row, changed) })
		insert(t, s, was, added, bad)
		change := func(ctx context.Context, tx *store.Tx) error { return tx.Switch(ctx, to.ID, steps) }
		if err := s.Write(ctx, store.Pin{}, change); code(err) != store.CodeConversion {
			t.Fatalf("got %v", err)
		}
		fixed := slices.Clone(bad)
		fixed[was.Field("v").Slot] = "4"
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, was, bad, fixed) })
		write(t, s, change)
		for id, want := range map[any]int64{row[0]: 2, added[0]: 3, bad[0]: 4} {
			if got := get(t, s, now, id)[now.Field("v").Slot]; got != want {
				t.Errorf("got %v, want %d", got, want)
			}
		}
		insert(t, s, now, storetest.Row(now, map[string]any{"v": int64(5)})) // no trigger is left to trip over
		// And back again: what the column held before must not show through.
		storetest.Release(t, s, to, from)
		if got := get(t, s, was, row[0])[was.Field("v").Slot]; got != "2" {
			t.Errorf("back again: %v", got)
		}
	})
}

func TestFillIsResumable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		from, to := oneEntity(field("v", metamodel.Text)), oneEntity(field("v", metamodel.Integer))
		storetest.Install(t, s, from)
		was, now := from.Entities[0], to.Entities[0]
		rows := make([]value.Row, 1700)
		for i := range rows {
			rows[i] = storetest.Row(was, map[string]any{"v": fmt.Sprint(i)})
		}
		insert(t, s, was, rows...)
		steps := plan(t, s, from, to)
		// Each round is cut off a little later.
		for round := 0; ; round++ {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(round*round+1)*2*time.Millisecond)
			err := s.Apply(ctx, store.Pin{}, to.ID, steps)
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) && !errors.Is(err, store.ErrBusy) {
				t.Fatalf("round %d: %v", round, err)
			}
		}
		p, err := s.PlanProgress(context.Background(), to.ID, steps)
		if err != nil || p.Steps != p.Finished || p.Rows != int64(len(rows)) {
			t.Errorf("progress %+v, %v", p, err)
		}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Switch(ctx, to.ID, steps) })
		for _, i := range []int{0, 499, 500, 1000, 1699} {
			if got := get(t, s, now, rows[i][0])[now.Field("v").Slot]; got != int64(i) {
				t.Errorf("row %d became %v", i, got)
			}
		}
	})
}

func TestAbandonedPlanLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		from := oneEntity(field("v", metamodel.Text))
		to, other := oneEntity(field("v", metamodel.Integer)), oneEntity(field("v", metamodel.Decimal))
		storetest.Install(t, s, from)
		e := from.Entities[0]
		insert(t, s, e, storetest.Row(e, map[string]any{"v": "1"}))
		if err := s.Apply(ctx, store.Pin{}, to.ID, plan(t, s, from, to)); err != nil {
			t.Fatal(err)
		}
		storetest.Release(t, s, from, other)
		err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			return tx.Switch(ctx, to.ID, plan(t, s, from, to))
		})
		if err == nil {
			t.Error("switched to a plan that was abandoned")
		}
	})
}

func TestNewKeyOverDuplicatesIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		from, to := oneEntity(field("v", metamodel.Text)), oneEntity(field("v", metamodel.Text, storetest.Unique))
		storetest.Install(t, s, from)
		e := from.Entities[0]
		twin := storetest.Row(e, map[string]any{"v": "a"})
		insert(t, s, e, twin, storetest.Row(e, map[string]any{"v": "a"}), storetest.Row(e, map[string]any{"v": "b"}), storetest.Row(e, nil), storetest.Row(e, nil))
		steps := plan(t, s, from, to)
		if err := s.Apply(ctx, store.Pin{}, to.ID, steps); code(err) != store.CodeDuplicates {
			t.Fatalf("got %v", err)
		}
		deleted := slices.Clone(twin)
		deleted[metamodel.SlotDeletedAt] = time.Now().UTC().Truncate(time.Microsecond)
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, twin, deleted) })
		storetest.Release(t, s, from, to)
		now := to.Entities[0]
		err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			return tx.Insert(ctx, now, storetest.Row(now, map[string]any{"v": "b"}))
		})
		var u *store.UniqueError
		if !errors.As(err, &u) || u.Field != now.Field("v") {
			t.Errorf("the key does not hold: %v", err)
		}
		storetest.Release(t, s, to, from) // and goes with the release that had it
		insert(t, s, e, storetest.Row(e, map[string]any{"v": "b"}))
	})
}

func TestMoreDigitsOfTheSameScale(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		narrow := oneEntity(field("v", metamodel.Decimal, func(f *metamodel.Field) { f.Precision = 5 }))
		wide := oneEntity(field("v", metamodel.Decimal))
		storetest.Install(t, s, narrow)
		storetest.Release(t, s, narrow, wide)
		e := wide.Entities[0]
		row := storetest.Row(e, map[string]any{"v": value.MustDecimal("1234567890123456.78")})
		insert(t, s, e, row)
		sameRow(t, e, get(t, s, e, row[0]), row)
	})
}

func TestSortsOfViewsHaveIndexes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		from, to := oneEntity(field("v", metamodel.Date)), oneEntity(field("v", metamodel.Date))
		e := to.Entities[0]
		to.Views = []*metamodel.View{{ID: storetest.ID("view"), Name: "all", Entity: e, Sort: []*metamodel.SortKey{{Field: e.Field("v"), Descending: true}}}}
		steps := plan(t, s, from, to)
		if len(steps) != 1 || steps[0].Kind != store.CreateIndex {
			t.Fatalf("steps %+v", steps)
		}
		storetest.Install(t, s, from)
		storetest.Release(t, s, from, to)
		storetest.Release(t, s, to, from)
		if _, err := s.Reader().Count(context.Background(), &query.Select{Entity: from.Entities[0]}, nil, false); err != nil {
			t.Error(err)
		}
	})
}
