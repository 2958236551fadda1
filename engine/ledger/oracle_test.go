package ledger_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"tenon/engine/ledger"
	"tenon/metamodel/value"
)

// oracle values one pool of goods from a list of documents in the plainest way there is: in the order of days, in
// fractions, with nothing kept from the document before. It shares no code with what it judges.
type oracle struct {
	method string
	layers []layer // of average there is one
	pieces int     // counted beside the quantity
	costs  map[string]string
	after  map[string]int // pieces after each document
}

// standardCost has more digits than money, so that it is rounded.
const standardCost = "7.3456"

type layer struct{ quantity, worth *big.Rat }

// cents rounds half up, away from zero, to two digits.
func cents(r *big.Rat) *big.Rat {
	out, _ := new(big.Rat).SetString(r.FloatString(2)) // FloatString rounds half away from zero
	return out
}

func rat(s string) *big.Rat {
	r, _ := new(big.Rat).SetString(s)
	return r
}

func (o *oracle) receive(quantity, worth *big.Rat) {
	if o.method == "standard" { // worth what the standard says; the rest is a difference of price
		worth = cents(new(big.Rat).Mul(quantity, rat(standardCost)))
	}
	if (o.method == "average" || o.method == "standard") && len(o.layers) == 1 {
		o.layers[0].quantity.Add(o.layers[0].quantity, quantity)
		o.layers[0].worth.Add(o.layers[0].worth, worth)
		return
	}
	o.layers = append(o.layers, layer{quantity, worth})
}

// issue takes goods out and answers what they cost, false where there aren't as many.
func (o *oracle) issue(quantity *big.Rat) (*big.Rat, bool) {
	cost := new(big.Rat)
	if o.method == "standard" {
		return o.issueStandard(quantity)
	}
	for left := new(big.Rat).Set(quantity); left.Sign() > 0; {
		if len(o.layers) == 0 {
			return nil, false
		}
		at := 0
		if o.method == "lifo" {
			at = len(o.layers) - 1
		}
		l := o.layers[at]
		if left.Cmp(l.quantity) >= 0 {
			cost.Add(cost, l.worth)
			left.Sub(left, l.quantity)
			o.layers = slices.Delete(o.layers, at, at+1)
			continue
		}
		part := cents(new(big.Rat).Quo(new(big.Rat).Mul(l.worth, left), l.quantity))
		cost.Add(cost, part)
		l.worth.Sub(l.worth, part)
		l.quantity.Sub(l.quantity, left)
		left.SetInt64(0)
	}
	return cost, true
}

// issueStandard takes goods out at their standard cost. Who takes the last takes all that is left.
func (o *oracle) issueStandard(quantity *big.Rat) (*big.Rat, bool) {
	if len(o.layers) == 0 || quantity.Cmp(o.layers[0].quantity) > 0 {
		return nil, false
	}
	l := o.layers[0]
	cost := cents(new(big.Rat).Mul(quantity, rat(standardCost)))
	if quantity.Cmp(l.quantity) == 0 {
		cost, o.layers = l.worth, nil
		return cost, true
	}
	l.worth.Sub(l.worth, cost)
	l.quantity.Sub(l.quantity, quantity)
	return cost, true
}

// value runs documents in the order of their days; false where one takes what isn't there.
func (o *oracle) value(docs map[string]line) bool {
	o.layers, o.costs, o.pieces, o.after = nil, map[string]string{}, 0, map[string]int{}
	names := make([]string, 0, len(docs))
	for name := range docs {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return docs[a].day - docs[b].day })
	for _, name := range names {
		x := docs[name]
		pieces, err := strconv.Atoi(x.pcs)
		if err != nil {
			panic(err)
		}
		if x.posting == receive {
			o.pieces += pieces
			o.receive(rat(x.qty), rat(x.value))
		} else if cost, ok := o.issue(rat(x.qty)); !ok {
			return false
		} else {
			o.costs[name] = cost.FloatString(2)
			o.pieces -= pieces
		}
		if o.after[name] = o.pieces; o.pieces < 0 || o.pieces > 0 && len(o.layers) == 0 {
			return false
		}
	}
	return true
}

func (o *oracle) left() (quantity, worth string) {
	q, v := new(big.Rat), new(big.Rat)
	for _, l := range o.layers {
		q.Add(q, l.quantity)
		v.Add(v, l.worth)
	}
	return q.FloatString(4), v.FloatString(2)
}

// Whatever the order in which documents are entered, edited and cancelled, each costs what it costs when all of them are
// put down in the order of their days, to the cent; and a document is refused exactly where goods would be missing then.
func TestCostsAreThoseOfTheOrderOfDays(t *testing.T) {
	for _, method := range []string{"average", "fifo", "lifo", "standard"} {
		t.Run(method, func(t *testing.T) {
			eachCounted(t, method, func(w *world) {
				t := w.t.(*testing.T)
				policies := w.policies
				w.policies = func(dims []any) ledger.Policies {
					p := policies(dims)
					p.StandardCost = ptr(standardCost)
					return p
				}
				r := rand.New(rand.NewPCG(seedOf(t), 11))
				o, docs := &oracle{method: method}, map[string]line{}
				size := historySize() / 2
				days := r.Perm(size)
				refused := 0
				for n := range size {
					name := fmt.Sprint("doc", n)
					if n > 0 && r.IntN(4) == 0 {
						name = fmt.Sprint("doc", r.IntN(n)) // an edit, or one that was refused or cancelled and comes again
					}
					old, there := docs[name]
					x := line{item: "a", warehouse: "w", posting: receive, day: days[n], pcs: strconv.Itoa(1 + r.IntN(9)), qty: fmt.Sprintf("%d.%02d", 1+r.IntN(20), r.IntN(100)), value: fmt.Sprintf("%d.%02d", r.IntN(200), r.IntN(100))}
					if r.IntN(5) < 2 {
						x.posting, x.value = sell, ""
					}
					if there && r.IntN(4) > 0 { // of what is there, one number is another one
						x = changed(r, old)
					}
					if n >= size/2 && refused == 0 { // there is more than everybody has asked for: somebody asks for more
						x.posting, x.value, x.qty = sell, "", "9999.00"
					}
					var lines []line
					if delete(docs, name); !there || r.IntN(3) > 0 {
						docs[name] = x
						lines = []line{x}
					}
					possible := o.value(docs)
					if list := w.try(name, lines...); list.HasErrors() == possible {
						t.Fatalf("step %d, %s %v: possible %v, but %v", n, name, lines, possible, list)
					}
					if !possible {
						refused++
						if delete(docs, name); there {
							docs[name] = old
						}
						o.value(docs)
					}
					w.compare(o, n)
				}
				if refused == 0 || len(docs) < size/4 {
					t.Errorf("%d refused, %d documents: a history that says little", refused, len(docs))
				}
				w.proves()
			})
		})
	}
}

// changed is a line with another number of pieces, another weight or another value.
func changed(r *rand.Rand, x line) line {
	switch r.IntN(3) {
	case 0:
		x.pcs = strconv.Itoa(1 + r.IntN(9))
	case 1:
		x.qty = fmt.Sprintf("%d.%02d", 1+r.IntN(20), r.IntN(100))
	case 2:
		if x.value != "" {
			x.value = fmt.Sprintf("%d.%02d", r.IntN(200), r.IntN(100))
		}
	}
	return x
}

func (w *world) compare(o *oracle, step int) {
	w.t.Helper()
	quantity, worth := o.left()
	w.weighs("a", "w", strconv.Itoa(o.pieces), quantity, worth)
	for name, want := range o.after {
		rows := w.entries(name)
		if got := decimalOf(rows[len(rows)-1][w.l.Entry.Field("running_secondary_quantity").Slot]); !got.Equal(value.NewDecimal(int64(want), 0)) {
			w.t.Errorf("after %s there were %s pieces, want %d", name, got, want)
		}
	}
	for name, cost := range o.costs {
		w.costs(name, cost)
	}
	if w.t.(*testing.T).Failed() {
		w.t.(*testing.T).Fatalf("after step %d", step)
	}
}
