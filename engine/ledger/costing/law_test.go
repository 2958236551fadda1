package costing

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	"tenon/metamodel/value"
)

// lawStandard is the standard cost of random histories.
const lawStandard = "7.31"

// history makes rows at random: receipts, issues (also beyond what is there), returns, counts, changes of value.
type history struct {
	r    *rand.Rand
	rows []*Row
	cost map[string]value.Decimal
	back map[string][2]value.Decimal
	turn bool // the method changes now and then
}

func (h *history) number(most int64, scale int32) value.Decimal {
	return value.NewDecimal(1+h.r.Int64N(most), scale)
}

func (h *history) next(n int) *Row {
	r := &Row{ID: fmt.Sprint("r", n), Key: string(rune('A' + h.r.IntN(2)))}
	if h.turn && h.r.IntN(8) == 0 {
		standard := h.number(2_000, 2)
		r.Verb, r.Method, r.Rate = Change, []Method{Average, FIFO, LIFO, Standard, Month}[h.r.IntN(5)], &standard
		return r
	}
	switch h.r.IntN(10) {
	case 0, 1, 2, 3:
		r.Verb, r.Quantity = In, h.number(90_000, 3)
		if h.r.IntN(5) > 0 {
			v := h.number(5_000_000, 2)
			r.Given = &v
		}
	case 4, 5, 6:
		r.Verb, r.Quantity = Out, h.number(60_000, 3).Neg()
		if h.r.IntN(5) == 0 {
			v := h.number(3_000_000, 2).Neg()
			r.Given = &v
		}
	case 7:
		r.Verb, r.Asked = Count, value.NewDecimal(h.r.Int64N(50_000), 3)
	case 8:
		v := h.number(100_000, 2)
		if h.r.IntN(3) == 0 {
			v = v.Neg()
		}
		r.Verb, r.Given = Revalue, &v
		if o := h.pick(1); o != nil && h.r.IntN(3) > 0 {
			r.Origin = h.origin(o)
		}
	case 9:
		sign := 1 - 2*h.r.IntN(2)
		o := h.pick(sign)
		if o == nil {
			return h.next(n)
		}
		left, _ := o.Quantity.Abs().Sub(h.back[o.ID][0])
		q := left
		if h.r.IntN(2) == 0 {
			q, _ = left.Quo(value.NewDecimal(2, 0), 3)
		}
		if q.Sign() <= 0 {
			return h.next(n)
		}
		r.Key, r.Origin, r.Verb, r.Quantity = o.Key, h.origin(o), In, q
		if sign > 0 {
			r.Verb, r.Quantity = Out, q.Neg()
		}
	}
	return r
}

// pick is an earlier receipt (sign 1) or issue (−1), nil when the die falls on none.
func (h *history) pick(sign int) *Row {
	for range 8 {
		if len(h.rows) == 0 {
			return nil
		}
		o := h.rows[h.r.IntN(len(h.rows))]
		if o.Quantity.Sign() == sign && o.Origin == nil && o.Verb != Count {
			return o
		}
	}
	return nil
}

func (h *history) origin(o *Row) *Origin {
	return &Origin{ID: o.ID, Quantity: o.Quantity, Value: h.cost[o.ID], ReturnedQuantity: h.back[o.ID][0], ReturnedValue: h.back[o.ID][1]}
}

func (h *history) note(r *Row, e Effect) {
	h.rows = append(h.rows, r)
	h.cost[r.ID] = r.Value
	for _, c := range e.Corrections {
		h.cost[c.Origin], _ = h.cost[c.Origin].Add(c.Value)
	}
	if r.Origin != nil && r.Verb != Revalue {
		b := h.back[r.Origin.ID]
		b[0], _ = b[0].Add(r.Quantity.Abs())
		b[1], _ = b[1].Add(r.Value.Abs())
		h.back[r.Origin.ID] = b
	}
}

// What is there is the sum of what was posted; nothing is worth nothing; the layers hold what is there; and a pool that
// was kept after any row goes on exactly like the one that was run from the start.
func TestLaws(t *testing.T) {
	for _, m := range []Method{Average, FIFO, LIFO, Standard, Month} {
		for seed := range uint64(120) {
			t.Run(fmt.Sprint(m, seed), func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 1))
				p := Policy{
					Method: m, ValueScale: 2, CheckScale: 3, Standard: value.MustDecimal(lawStandard),
					NegativeTo:     []string{ToIssue, ToReceipt}[r.IntN(2)],
					CustomerReturn: []string{AtOriginal, AtCurrent}[r.IntN(2)],
					SupplierReturn: []string{AtOriginal, AtCurrent, AtQueue}[r.IntN(3)],
					Variance:       []string{Split, Split, ToStock, ToExpense}[r.IntN(4)],
				}
				followHistory(t, p, &history{turn: seed >= 60, r: r, cost: map[string]value.Decimal{}, back: map[string][2]value.Decimal{}})
			})
		}
	}
}

func followHistory(t *testing.T, policy Policy, h *history) {
	p := New(policy)
	var quantity, worth value.Decimal
	open := map[string]value.Decimal{}
	for n := range 120 {
		before, row := p.State(), h.next(n)
		before.Keys = cloneKeys(before.Keys)
		again := *row
		e, err := p.Apply(row)
		if err != nil {
			t.Fatalf("row %d %+v: %v", n, row, err)
		}
		kept := New(policy)
		kept.Restore(before)
		e2, err := kept.Apply(&again)
		if !errors.Is(err, ErrReplay) && (err != nil || !alike(&again, row) || !reflect.DeepEqual(texts(e2), texts(e))) {
			t.Fatalf("row %d: run %v %+v, kept %v %+v (%v)", n, text(row), texts(e), text(&again), texts(e2), err)
		}
		quantity, _ = quantity.Add(row.Quantity)
		worth, _ = worth.Add(row.Value)
		for _, c := range e.Corrections {
			worth, _ = worth.Add(c.Value)
		}
		open[row.ID] = row.Remaining
		for _, o := range e.Touched {
			open[o.ID] = o.Remaining
		}
		h.note(row, e)
		checkState(t, n, p, quantity, worth, open)
	}
}

func cloneKeys(m map[string]value.Decimal) map[string]value.Decimal {
	out := map[string]value.Decimal{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func checkState(t *testing.T, n int, p *Pool, quantity, worth value.Decimal, open map[string]value.Decimal) {
	t.Helper()
	s := p.State()
	if !s.Quantity.Equal(quantity) || !s.Value.Equal(worth) {
		t.Fatalf("row %d: the pool has %s worth %s, its rows sum to %s worth %s", n, s.Quantity, s.Value, quantity, worth)
	}
	if s.Quantity.IsZero() && !s.Value.IsZero() {
		t.Fatalf("row %d: nothing is worth %s", n, s.Value)
	}
	var inLayers, worthInLayers, inRows value.Decimal
	for _, l := range s.Layers {
		inLayers, _ = inLayers.Add(l.Quantity)
		worthInLayers, _ = worthInLayers.Add(l.Value)
	}
	for _, q := range open {
		inRows, _ = inRows.Add(q)
	}
	if !inLayers.Equal(s.Quantity) || !inRows.Equal(s.Quantity) {
		t.Fatalf("row %d: there is %s, in layers %s, open in rows %s", n, s.Quantity, inLayers, inRows)
	}
	if at, err := value.MustDecimal(lawStandard).Mul(s.Quantity); p.policy.Method == Standard && p.policy.Standard.Equal(value.MustDecimal(lawStandard)) {
		off, _ := at.Sub(s.Value)
		if most := value.NewDecimal(int64(5*(n+1)), 3); err != nil || off.Abs().Cmp(most) > 0 { // half a cent for each row
			t.Fatalf("row %d: %s at standard are worth %s (%v)", n, s.Quantity, s.Value, err)
		}
	}
	if p.layered() && !worthInLayers.Equal(s.Value) {
		t.Fatalf("row %d: worth %s, in layers %s", n, s.Value, worthInLayers)
	}
}

func text(r *Row) string {
	return fmt.Sprint(r.Verb, " ", r.Quantity, " = ", r.Value, " open ", r.Remaining, "/", r.RemainingValue, " then ", r.RunningQuantity, "/", r.RunningValue)
}

func alike(a, b *Row) bool { return text(a) == text(b) }

func texts(e Effect) []string {
	var out []string
	for _, c := range e.Corrections {
		out = append(out, fmt.Sprint(c.Origin, c.Value.Trim(), c.RunningValue.Trim()))
	}
	for _, o := range e.Touched {
		out = append(out, fmt.Sprint(o.ID, o.Remaining.Trim(), o.RemainingValue.Trim()))
	}
	return out
}

func TestAllocate(t *testing.T) {
	data, err := os.ReadFile("../../testdata/vectors/rounding.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Cases []struct {
			Name  string
			Steps []struct {
				Op      string
				Amount  number
				Weights []number
				Digits  int32
			}
			Expect struct{ Parts []number }
		}
	}
	_ = json.Unmarshal(data, &all) // other cases of the file have other shapes
	ran := 0
	for _, c := range all.Cases {
		if s := c.Steps[0]; s.Op == "allocate" {
			ran++
			checkParts(t, c.Name, s.Amount.Decimal, plain(s.Weights), s.Digits, plain(c.Expect.Parts))
		}
	}
	if ran == 0 {
		t.Error("no vector of an allocation")
	}
	checkParts(t, "odd", value.MustDecimal("123.22"), decimals("250", "250", "250"), 2, decimals("41.08", "41.07", "41.07"))
	checkParts(t, "negative", value.MustDecimal("-0.05"), decimals("1", "2"), 2, decimals("-0.02", "-0.03"))
	checkParts(t, "a weight of nothing", value.MustDecimal("1"), decimals("0", "3"), 0, decimals("0", "1"))
	if _, err := value.Allocate(value.MustDecimal("1"), decimals("0"), 2); !errors.Is(err, value.ErrNoWeight) {
		t.Error(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		weights := make([]value.Decimal, 1+r.IntN(9))
		for i := range weights {
			weights[i] = value.NewDecimal(r.Int64N(1_000_000), 3)
		}
		amount := value.NewDecimal(r.Int64N(1_000_000)-500_000, 2)
		parts, err := value.Allocate(amount, weights, 2)
		if errors.Is(err, value.ErrNoWeight) {
			continue
		}
		if sum, _ := value.Sum(parts...); err != nil || !sum.Equal(amount) {
			t.Fatalf("%s by %v: %v, %v", amount, weights, parts, err)
		}
	}
}

func plain(list []number) []value.Decimal {
	out := make([]value.Decimal, len(list))
	for i, n := range list {
		out[i] = n.Decimal
	}
	return out
}

func decimals(list ...string) []value.Decimal {
	out := make([]value.Decimal, len(list))
	for i, s := range list {
		out[i] = value.MustDecimal(s)
	}
	return out
}

func checkParts(t *testing.T, name string, amount value.Decimal, weights []value.Decimal, scale int32, want []value.Decimal) {
	t.Helper()
	got, err := value.Allocate(amount, weights, scale)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %s by %v is %v, want %v (%v)", name, amount, weights, got, want, err)
	}
}

// The month's issues cost the month's average, whenever in the month its receipts came.
func TestCloseMonth(t *testing.T) {
	p := Policy{Method: Month, ValueScale: 2, CheckScale: 4}
	given := func(verb Verb, q, v string) *Row {
		d := value.MustDecimal(v)
		return &Row{Verb: verb, Quantity: value.MustDecimal(q), Given: &d, Value: d}
	}
	out := func(q string) *Row { return &Row{Verb: Out, Quantity: value.MustDecimal(q)} }
	back := func(q string) *Row { return &Row{Verb: In, Quantity: value.MustDecimal(q), Origin: &Origin{}} }
	for name, c := range map[string]struct {
		quantity, value string
		rows            []*Row
		unit            string
		want            []string
		left            string
	}{
		"basic":                  {"100", "1000", []*Row{given(In, "200", "2600"), out("-150")}, "12", []string{"2600", "-1800.00"}, "1800.00"},
		"all goes":               {"3", "10", []*Row{out("-1"), out("-2")}, "3.333333", []string{"-3.33", "-6.67"}, "0.00"},
		"receipt after the sale": {"10", "100", []*Row{out("-5"), given(In, "10", "140")}, "12", []string{"-60.00", "140"}, "180.00"},
		"brought back":           {"100", "1000", []*Row{given(In, "100", "1400"), out("-50"), back("10")}, "12", []string{"1400", "-600.00", "120.00"}, "1920.00"},
		"freight counts":         {"0", "0", []*Row{given(In, "10", "100"), out("-5"), given(Revalue, "0", "20")}, "12", []string{"100", "-60.00", "20"}, "60.00"},
	} {
		unit, closing, err := CloseMonth(p, State{Quantity: value.MustDecimal(c.quantity), Value: value.MustDecimal(c.value)}, c.rows)
		if err != nil || !unit.Equal(value.MustDecimal(c.unit)) || !closing.Value.Equal(value.MustDecimal(c.left)) {
			t.Errorf("%s: %s, left %s (%v)", name, unit, closing.Value, err)
		}
		for i, r := range c.rows {
			if !r.Value.Equal(value.MustDecimal(c.want[i])) {
				t.Errorf("%s: row %d is worth %s, want %s", name, i, r.Value, c.want[i])
			}
		}
	}
}

// BenchmarkApply values a row: go test ./engine/ledger/costing -bench . -run '^$'.
func BenchmarkApply(b *testing.B) {
	for _, m := range []Method{Average, FIFO} {
		b.Run(string(m), func(b *testing.B) {
			p := New(Policy{Method: m, ValueScale: 2, CheckScale: 4, NegativeTo: ToIssue})
			worth := value.MustDecimal("123.45")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r := &Row{ID: "x", Key: "k", Verb: In, Quantity: value.NewDecimal(10_000, 3), Given: &worth}
				if i%2 == 1 {
					r = &Row{ID: "y", Key: "k", Verb: Out, Quantity: value.NewDecimal(-9_000, 3)}
				}
				if _, err := p.Apply(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
