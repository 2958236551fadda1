package costing

import (
	"fmt"
	"strings"
	"testing"

	"tenon/metamodel/value"
)

// A pool that is valued by another method from some row on: what is there keeps its worth, to the cent, and goes out by
// the new method.
func TestChange(t *testing.T) {
	d := value.MustDecimal
	in := func(id, q, v string) *Row {
		given := d(v)
		return &Row{ID: id, Key: "k", Verb: In, Quantity: d(q), Given: &given}
	}
	out := func(id, q string) *Row { return &Row{ID: id, Key: "k", Verb: Out, Quantity: d(q).Neg()} }
	to := func(m Method) *Row { return &Row{ID: "to " + string(m), Key: "k", Verb: Change, Method: m} }
	standard := func(rate string) *Row {
		v := d(rate)
		return &Row{ID: "to standard", Key: "k", Verb: Change, Method: Standard, Rate: &v}
	}
	for name, c := range map[string]struct {
		from Method
		rows []*Row
		want string // of the last row: its value, what the pool has, the last correction and what is open
	}{
		// 30 for 61.00 of which 10 went at the average: 40.67 for 20, of which 10 came with each receipt.
		"average to fifo": {
			Average,
			[]*Row{in("a", "10", "10"), in("b", "20", "51"), out("c", "10"), to(FIFO), out("d", "5")},
			"-10.17; 15 worth 30.5; ; b 15 30.5",
		},
		"average to fifo to the cent": {
			Average,
			[]*Row{in("a", "1", "3.34"), in("b", "1", "3.33"), in("c", "1", "3.33"), to(FIFO)},
			"0; 3 worth 10; ; a 1 3.34, b 1 3.33, c 1 3.33",
		},
		"average to lifo": {
			Average,
			[]*Row{in("a", "10", "10"), in("b", "10", "30"), to(LIFO), out("d", "5")},
			"-10; 15 worth 30; ; a 10 20, b 5 10",
		},
		"fifo to average": {
			FIFO,
			[]*Row{in("a", "10", "10"), in("b", "20", "50"), to(Average), out("d", "3")},
			"-6; 27 worth 54; ; a 7 0, b 20 0",
		},
		"to standard": {
			FIFO,
			[]*Row{in("a", "10", "10"), in("b", "10", "25"), standard("2")},
			"0; 20 worth 40; to standard 5; a 10 0, b 10 0",
		},
		"after standard": {
			FIFO,
			[]*Row{in("a", "10", "10"), standard("2"), out("b", "4")},
			"-8; 6 worth 12; ; a 6 0",
		},
		"from standard": {
			Average,
			[]*Row{in("a", "10", "10"), standard("2"), in("b", "10", "50"), to(FIFO), out("c", "10")},
			"-20; 10 worth 20; ; b 10 20",
		},
		"below zero": {
			Average,
			[]*Row{in("a", "2", "6"), out("b", "5"), to(FIFO), in("c", "4", "16")},
			"16; 1 worth 4; b -3; c 1 4",
		},
		"below zero to standard": {
			Average,
			[]*Row{in("a", "2", "6"), out("b", "5"), standard("5")},
			"0; -3 worth -15; to standard -6; b -3 -15",
		},
		"nothing there": {
			Average,
			[]*Row{to(FIFO), in("a", "2", "6"), in("b", "2", "2"), out("c", "2")},
			"-6; 2 worth 2; ; b 2 2",
		},
		"not valued, then by layers": {
			None,
			[]*Row{in("a", "2", "6"), in("b", "2", "2"), to(FIFO), out("c", "1")},
			"-2; 3 worth 6; ; to fifo 3 6",
		},
		"not valued any more": {FIFO, []*Row{in("a", "2", "6"), to(None)}, "0; 2 worth 6; ; "},
	} {
		p := New(Policy{Method: c.from, ValueScale: 2, CheckScale: 4, NegativeTo: ToIssue, Variance: Split})
		var last Effect
		for _, r := range c.rows {
			e, err := p.Apply(r)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, r.ID, err)
			}
			last = e
		}
		correction, open := "", []string{}
		for _, x := range last.Corrections {
			correction = fmt.Sprint(x.Origin, " ", x.Value.Trim())
		}
		s := p.State()
		for _, l := range s.Layers {
			open = append(open, fmt.Sprint(l.ID, " ", l.Quantity.Trim(), " ", l.Value.Trim()))
		}
		got := fmt.Sprintf("%s; %s worth %s; %s; %s", c.rows[len(c.rows)-1].Value.Trim(), s.Quantity.Trim(), s.Value.Trim(), correction, strings.Join(open, ", "))
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}
