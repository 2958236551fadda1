package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"

	"tenon/engine/ledger"
	"tenon/metamodel/value"
)

// history makes documents at random: new ones on any day, edits of earlier ones, cancellations.
type history struct {
	w     *world
	r     *rand.Rand
	name  string
	n     int
	docs  []string
	lines map[string][]line
}

func newHistory(w *world, r *rand.Rand, name string) *history {
	return &history{w: w, r: r, name: name, lines: map[string][]line{}}
}

func (h *history) amount(most int) string {
	return fmt.Sprintf("%d.%02d", 1+h.r.IntN(most), h.r.IntN(100))
}

func (h *history) pick(of []string) string { return of[h.r.IntN(len(of))] }

var (
	items      = []string{"a", "b", "c"}
	warehouses = []string{"w", "v", "u"}
)

// next is what happens next: the document and all that it wants now.
func (h *history) next() (string, []line) {
	if len(h.docs) > 5 && h.r.IntN(4) == 0 {
		doc := h.docs[h.r.IntN(len(h.docs))]
		if h.r.IntN(3) == 0 {
			return doc, nil
		}
		return doc, h.edited(h.lines[doc])
	}
	h.n++
	doc := fmt.Sprint(h.name, "-", h.n)
	n := 1 + h.r.IntN(3)
	day := h.r.IntN(50)
	var lines []line
	for range n {
		lines = append(lines, h.line(day))
	}
	if h.r.IntN(12) == 0 {
		w := h.pick(warehouses)
		lines = []line{
			{posting: consume, item: "a", warehouse: w, day: day, qty: h.amount(5)},
			{posting: consume, item: "b", warehouse: w, day: day, qty: h.amount(5)},
			{posting: produce, item: "c", warehouse: h.pick(warehouses), day: day, qty: h.amount(9), share: "2"},
			{posting: produce, item: "d", warehouse: w, day: day, qty: h.amount(9), share: "1", value: h.amount(20)},
		}
	}
	return doc, lines
}

func (h *history) line(day int) line {
	x := line{item: h.pick(items), warehouse: h.pick(warehouses), day: day, qty: h.amount(20)}
	switch h.r.IntN(12) {
	case 0, 1, 2, 3:
		x.posting, x.value, x.qty = receive, h.amount(900), h.amount(60)
	case 4, 5, 6:
		x.posting = sell
	case 7:
		x.posting, x.to = move, h.pick(warehouses)
	case 8:
		x.posting, x.qty = count, h.amount(40)
		if h.r.IntN(3) == 0 {
			x.value = h.amount(500)
		}
	case 9:
		x.posting, x.qty = takeBack, h.amount(4)
		h.of(&x, sell)
	case 10:
		x.posting, x.qty = sendBack, h.amount(4)
		h.of(&x, receive)
	case 11:
		x.posting, x.value, x.qty = freight, h.amount(50), ""
		if h.r.IntN(4) == 0 {
			x.value = "-" + h.amount(5)
		}
		h.of(&x, receive)
	}
	h.count(&x)
	return x
}

// count counts pieces beside the weight, of two items of three: about one for two and a bit.
func (h *history) count(x *line) {
	if h.w.l.Secondary == nil || x.qty == "" || x.item == "b" {
		return
	}
	q := dec(x.qty)
	n, err := q.Quo(dec("2.3"), 0)
	if err != nil {
		panic(err)
	}
	if h.r.IntN(3) == 0 {
		n, _ = n.Add(value.NewDecimal(int64(h.r.IntN(3)), 0))
	}
	x.pcs = n.String()
}

// of lets a line rest on one that posted in a given way, where there is one.
func (h *history) of(x *line, posting string) {
	for range 10 {
		if len(h.docs) == 0 {
			break
		}
		doc := h.docs[h.r.IntN(len(h.docs))]
		for i, o := range h.lines[doc] {
			if o.posting == posting {
				x.of, x.item, x.warehouse = doc+"#"+strconv.Itoa(i+1), o.item, o.warehouse
				x.day = max(x.day, o.day)
				if x.posting == takeBack && h.r.IntN(3) == 0 {
					x.warehouse = h.pick(warehouses)
				}
				return
			}
		}
	}
}

func (h *history) edited(lines []line) []line {
	out := make([]line, len(lines))
	for i, x := range lines {
		switch h.r.IntN(4) {
		case 0:
			if x.qty != "" {
				x.qty = h.amount(20)
				if h.r.IntN(2) == 0 {
					h.count(&x)
				}
			}
		case 1:
			if x.value != "" {
				x.value = h.amount(500)
			}
		case 2:
			if x.of == "" {
				x.day = h.r.IntN(50)
			}
		case 3:
			h.count(&x)
		}
		out[i] = x
	}
	return out
}

func (h *history) took(doc string, lines []line) {
	if _, known := h.lines[doc]; !known {
		h.docs = append(h.docs, doc)
	}
	h.lines[doc] = lines
}

// run posts n times what happens next.
func (h *history) run(t *testing.T, n int) (taken int) {
	for range n {
		doc, lines := h.next()
		list, err := h.w.write(doc, lines)
		if err != nil {
			t.Errorf("post %s %+v: %v", doc, lines, err)
			return taken
		}
		if !list.HasErrors() {
			h.took(doc, lines)
			taken++
		}
	}
	return taken
}

// Documents in any order, back-dated, edited, taken back, leave a ledger in which every law holds, whatever the method.
func TestRandomHistories(t *testing.T) {
	for _, method := range []string{"average", "fifo", "lifo", "batch", "standard", "month", "none"} {
		t.Run(method, func(t *testing.T) {
			eachCounted(t, method, func(w *world) {
				policies := w.policies
				w.policies = func(dims []any) ledger.Policies {
					p := policies(dims)
					p.StandardCost = ptr("7.5")
					if dims[0] == id("b") {
						p.Negative = "allow"
					}
					return p
				}
				t := w.t.(*testing.T)
				seed := seedOf(t)
				h := newHistory(w, rand.New(rand.NewPCG(seed, 7)), "doc")
				for round := range 4 {
					if round == 2 && method == "month" {
						if err := w.close(started.MonthEnd()); err != nil {
							t.Fatal(err)
						}
						w.proves()
					}
					taken := h.run(t, historySize()/4)
					w.proves()
					w.laws()
					if w.t.(*testing.T).Failed() {
						w.t.(*testing.T).FailNow()
					}
					if taken == 0 {
						t.Fatal("no document was taken")
					}
				}
			})
		})
	}
}

func historySize() int {
	if n, err := strconv.Atoi(os.Getenv("TENON_TEST_HISTORY")); err == nil {
		return n
	}
	return 120
}

func seedOf(t *testing.T) uint64 {
	if n, err := strconv.ParseUint(os.Getenv("TENON_TEST_SEED"), 10, 64); err == nil {
		return n
	}
	seed := rand.Uint64()
	t.Logf("TENON_TEST_SEED=%d", seed)
	return seed
}

// laws are what the issue of proof leaves to the test: nothing is below zero where that is forbidden.
func (w *world) laws() {
	w.t.Helper()
	w.pieces()
	e := w.l.Balance
	for _, row := range w.rows(e) {
		if q := row[e.Field("quantity").Slot]; row[e.Field("item").Slot] != id("b") && decimalOf(q).Sign() < 0 {
			w.t.Errorf("%v is %v", row[e.Field("key").Slot], q)
		}
	}
}

// Eight writers at once leave a ledger in which every law holds.
func TestRandomHistoriesAtOnce(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		var all sync.WaitGroup
		for i := range 8 {
			h := newHistory(w, rand.New(rand.NewPCG(seedOf(t), uint64(i))), fmt.Sprint("writer", i))
			all.Go(func() { h.run(w.t.(*testing.T), historySize()/8) })
		}
		w.proves() // while they write
		all.Wait()
		w.proves()
	})
}

// Of ten pieces, fifty who want one each get ten, and the others are told so.
func TestFiftySellTheLastTen(t *testing.T) {
	each(t, "fifo", func(w *world) {
		w.post("r", in("a", "w", 1, "10", "99.99"))
		var all sync.WaitGroup
		var mu sync.Mutex
		sold, told := 0, 0
		for i := range 50 {
			all.Go(func() {
				list, err := w.write(fmt.Sprint("s", i), []line{out("a", "w", 2, "1")})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil:
					w.t.Error(err)
				case len(list) == 1 && list[0].Code == "ledger.negative":
					told++
				case len(list) == 0:
					sold++
				default:
					w.t.Error(list)
				}
			})
		}
		all.Wait()
		if sold != 10 || told != 40 {
			w.t.Errorf("%d sold, %d told", sold, told)
		}
		w.has("a", "w", "0", "0")
		w.proves()
	})
}

// Of ten pieces, fifty who reserve one each get ten; what was freed goes to the next.
func TestFiftyReserveTheLastTen(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r", in("a", "w", 1, "10", "99.99"))
		held := make([]bool, 50)
		round := func(wanted int) {
			var all sync.WaitGroup
			var mu sync.Mutex
			got := 0
			for i := range held {
				if held[i] {
					continue
				}
				all.Go(func() {
					list, err := w.write(fmt.Sprint("o", i), []line{{posting: hold, item: "a", warehouse: "w", day: 2, qty: "1"}})
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err != nil:
						w.t.Error(err)
					case len(list) == 1 && list[0].Code == "ledger.reserved":
					case len(list) == 0:
						held[i] = true
						got++
					default:
						w.t.Error(list)
					}
				})
			}
			all.Wait()
			if got != wanted {
				w.t.Errorf("%d have reserved, want %d", got, wanted)
			}
		}
		round(10)
		w.refused("ledger.reserved_taken", "s", out("a", "w", 3, "1"))
		freed := 0
		for i := range held {
			if held[i] && freed < 3 {
				w.post(fmt.Sprint("o", i))
				held[i] = false
				freed++
			}
		}
		round(3)
		w.has("a", "w", "10", "99.99")
		w.proves()
	})
}
