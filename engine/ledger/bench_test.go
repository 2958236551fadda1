package ledger_test

import (
	"context"
	"fmt"
	"testing"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Run with: go test ./engine/ledger -run none -bench . -benchtime 1x

const (
	benchItems = 1000
	benchChunk = 200 // documents of a transaction, as an import has them
)

func eachBench(b *testing.B, run func(b *testing.B, w *world)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, newWorld(b, storetest.Open(b, storetest.SQLite(b)), "average"))
	})
	b.Run("postgres", func(b *testing.B) {
		run(b, newWorld(b, storetest.Open(b, storetest.Postgres(b)), "average"))
	})
}

// fill posts n documents of one line, many in a transaction: two receipts, then an issue, over many items.
func (w *world) fill(from, n int, what func(i int) line) {
	ctx := context.Background()
	o := w.options()
	for at := from; at < from+n; at += benchChunk {
		err := w.s.Write(ctx, store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
			b := ledger.Open(tx, o)
			var all [][]ledger.Posting
			for i := at; i < min(at+benchChunk, from+n); i++ {
				all = append(all, []ledger.Posting{w.fast(i, what(i))})
			}
			if err := b.Prefetch(ctx, all...); err != nil {
				return err
			}
			for _, want := range all {
				list, err := b.PostNew(ctx, ledger.Source{Entity: "doc", Record: want[0].Record}, want)
				if err != nil {
					return err
				}
				if err := list.Err(); err != nil {
					return err
				}
			}
			_, err := b.Flush(ctx)
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// fast makes a posting whose ids cost nothing to make.
func (w *world) fast(i int, x line) ledger.Posting {
	verb := metamodel.PostIn
	if x.posting == sell {
		verb = metamodel.PostOut
	}
	doc := fmt.Sprintf("01900000-0000-7000-8000-%012d", i)
	p := ledger.Posting{
		Ledger: w.l, Code: "D", Verb: verb, Day: started.AddDays(x.day), Dims: []any{"01900000-0000-7000-9000-" + x.item, "01900000-0000-7000-9000-000000000001", nil},
		Source: ledger.Source{Entity: "doc", Record: doc, Line: doc, Posting: storetest.ID(x.posting)}, Value: ptr(x.value), Quantity: dec(x.qty),
	}
	return p
}

func movement(i int) line {
	x := line{posting: receive, item: fmt.Sprintf("%012d", i%benchItems), day: i / 20_000, qty: "10", value: "123.45"}
	if i/benchItems%3 == 2 {
		x.posting, x.qty, x.value = sell, "7", ""
	}
	return x
}

func BenchmarkAppend(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		rows := benchRows() / 10
		n := 0
		for b.Loop() {
			w.fill(n, rows, movement)
			n += rows
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	})
}

// A receipt before all others has every later entry of its item valued again.
func BenchmarkRevalue(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		const rows = 19_000
		w.fill(0, rows, func(i int) line {
			x := line{posting: receive, item: fmt.Sprintf("%012d", 1), day: 1 + i/1000, qty: "10", value: fmt.Sprintf("%d.45", 100+i%50)}
			if i%3 == 2 {
				x.posting, x.qty, x.value = sell, "7", ""
			}
			return x
		})
		n := rows
		b.ResetTimer()
		for b.Loop() {
			n++
			w.fill(n, 1, func(int) line {
				return line{posting: receive, item: fmt.Sprintf("%012d", 1), day: 0, qty: "5", value: "77.70"}
			})
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// What is on hand of an item, among a million movements.
func BenchmarkOnHand(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		w.fill(0, benchRows(), movement)
		e := w.l.Balance
		b.ResetTimer()
		for i := 0; b.Loop(); i++ {
			item := fmt.Sprintf("01900000-0000-7000-9000-%012d", i%benchItems)
			n := 0
			err := w.s.Reader().Scan(context.Background(), store.Scan{Entity: e, Where: []store.Match{{Field: e.Field("item"), Op: "=", Value: item}}}, func(value.Row) error { n++; return nil })
			if err != nil || n != 1 {
				b.Fatal(n, err)
			}
		}
	})
}

func benchRows() int {
	if testing.Short() {
		return 20_000
	}
	return 1_000_000
}
