package lower_test

import (
	"testing"

	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// ruled is a list of 30 with a row rule, a filter and an order.
func (w *world) ruled() *query.Select {
	return &query.Select{
		Entity: w.order, Limit: 31, Order: []query.Order{{Path: metamodel.Path{w.order.Field("created_at")}, Descending: true}},
		Where: []*expr.Node{w.condition("name == user.attributes.region || hasRole('boss')"), w.condition("state == 'draft' && amount > 10")},
	}
}

func BenchmarkSelect(b *testing.B) {
	w := newWorld()
	w.fill(1, 3, 3)
	env := w.env()
	byID := &query.Select{Entity: w.order, IDs: []string{w.rows[w.order][0][0].(string)}}
	for name, q := range map[string]*query.Select{"get": byID, "list": w.ruled()} {
		b.Run(name+"/anew", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := lower.Select(lower.SQLite, q, env); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/compiled", func(b *testing.B) {
			c, err := lower.Compile(lower.SQLite, q, env)
			if err != nil {
				b.Fatal(err)
			}
			in := lower.Inputs{IDs: q.IDs, Limit: q.Limit}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Select(in, env); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/cached", func(b *testing.B) {
			cache := lower.NewCache(lower.SQLite)
			in := lower.Inputs{IDs: q.IDs, Limit: q.Limit}
			b.ReportAllocs()
			for b.Loop() {
				c, err := cache.Select(q, env)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := c.Select(in, env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRun(b *testing.B) {
	w := newWorld()
	w.fill(1, 20, 500)
	d := openSQLite(b)
	d.load(b, w)
	for _, source := range []string{"n > 5", "amount * rate > 10", "lower(name) == 'a'", "lines.sum(l, l.qty * l.price) > 10", "lines.sum(l, l.n) > 10", "supplier.name == 'a'", "dateOf(at) == today()"} {
		b.Run(source, func(b *testing.B) {
			st, err := lower.Count(lower.SQLite, &query.Select{Entity: w.order, Where: []*expr.Node{w.condition(source)}, Bin: query.Any}, w.env())
			if err != nil {
				b.Fatal(err)
			}
			stmt, err := d.db.PrepareContext(b.Context(), st.SQL)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = stmt.Close() }()
			for b.Loop() {
				var n int64
				if err := stmt.QueryRowContext(b.Context(), st.Args...).Scan(&n); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/row")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	w := newWorld()
	for name, src := range map[string]any{"name": "中文", "amount": int64(12345), "state": string(w.order.Field("state").Enum.Options[1].ID), "at": int64(1772672523000000), "kinds": `["a","b"]`} {
		f := w.order.Field(name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := lower.Decode(lower.SQLite, f, src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
