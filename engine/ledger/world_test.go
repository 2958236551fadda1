package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		err := victim(store.Config{Dir: dir, URL: os.Getenv(childURL), Now: time.Now})
		_, _ = fmt.Fprintln(os.Stderr, "victim:", err)
		os.Exit(1) // it only ends by being killed
	}
	os.Exit(storetest.Main(m))
}

// The postings of the documents in these tests.
const (
	receive, sell, takeBack, sendBack, move, count, freight, consume, produce, hold = "receive", "sell", "take_back", "send_back", "move", "count", "freight", "consume", "produce", "hold"
)

// model is an app with a ledger of stock by item, warehouse and batch.
func model() (*metamodel.App, *metamodel.Ledger) { return modelOf(nil) }

// counted is model with a ledger that counts pieces beside the weight, and whose reservations may leave the batch open.
func counted() (*metamodel.App, *metamodel.Ledger) {
	return modelOf(&metamodel.LedgerSecondary{Title: metamodel.Label{"zh-CN": "件数"}, Precision: 18})
}

func modelOf(secondary *metamodel.LedgerSecondary) (*metamodel.App, *metamodel.Ledger) {
	item := storetest.E("item", storetest.F("item", "name", metamodel.Text))
	warehouse := storetest.E("warehouse", storetest.F("warehouse", "name", metamodel.Text))
	doc := storetest.E("doc", storetest.F("doc", "code", metamodel.Text))
	l := &metamodel.Ledger{
		ID: storetest.ID("stock"), Name: "stock", Title: metamodel.Label{"zh-CN": "库存"},
		Quantity: &metamodel.LedgerQuantity{Precision: 18, Scale: 4, CheckScale: 4}, Value: &metamodel.LedgerValue{Precision: 18, Scale: 2},
		Secondary: secondary,
	}
	required := func(f *metamodel.Field) { f.Required, f.OnDelete = true, metamodel.Restrict }
	l.Dimensions = []*metamodel.Field{
		storetest.F("stock", "item", metamodel.Reference, storetest.To(item), required),
		storetest.F("stock", "warehouse", metamodel.Reference, storetest.To(warehouse), required),
		storetest.F("stock", "batch", metamodel.Text),
	}
	l.Scope = &metamodel.Entity{ID: l.ID, Name: l.Name, Fields: l.Dimensions}
	for i, d := range l.Dimensions {
		d.Slot = i
	}
	l.Pool = []metamodel.PoolDimension{{Field: l.Dimensions[0]}, {Field: l.Dimensions[1]}, {Field: l.Dimensions[2], Batch: true}}
	if secondary != nil { // then reservations leave the batch open, too
		l.ReserveBy = l.Dimensions[:2]
	}
	l.Keep()
	l.Link()
	for _, e := range l.Kept() {
		e.Link()
	}
	out := &metamodel.Posting{ID: storetest.ID(consume), Name: consume, Ledger: l, Verb: metamodel.PostOut}
	doc.Postings = []*metamodel.Posting{out, {ID: storetest.ID(produce), Name: produce, Ledger: l, Verb: metamodel.PostIn, From: out}}
	return &metamodel.App{
		ID: storetest.ID("app"), Name: "app", Timezone: "Asia/Shanghai", Currency: "CNY", Entities: append([]*metamodel.Entity{item, warehouse, doc}, l.Kept()...),
		Ledgers: []*metamodel.Ledger{l},
	}, l
}

// world is a workspace with the model in it.
type world struct {
	t        testing.TB
	s        *store.Store
	app      *metamodel.App
	l        *metamodel.Ledger
	today    value.Date
	bound    int
	policies func(dims []any) ledger.Policies
}

var started = value.NewDate(2026, 1, 1)

func newWorld(t testing.TB, s *store.Store, method string) *world {
	app, l := model()
	storetest.Install(t, s, app)
	return worldOn(t, s, app, l, method)
}

func worldOn(t testing.TB, s *store.Store, app *metamodel.App, l *metamodel.Ledger, method string) *world {
	return &world{t: t, s: s, app: app, l: l, today: started.AddDays(60), policies: func([]any) ledger.Policies {
		return ledger.Policies{CostMethod: method, Negative: "forbid", NegativeVariance: "issue", CustomerReturn: "original", SupplierReturn: "original", Variance: "split", Backdate: "open"}
	}}
}

func (w *world) options() ledger.Options {
	return ledger.Options{
		App: w.app, NewID: storetest.NewID, Now: time.Now(), Today: w.today, Bound: w.bound,
		Policies: func(_ context.Context, _ *metamodel.Ledger, dims []any) (ledger.Policies, error) {
			return w.policies(dims), nil
		},
	}
}

// id makes an id of a record from a word.
func id(word string) string {
	h := string(storetest.ID(word))
	var hex strings.Builder
	for i := 0; i < 12; i++ {
		fmt.Fprintf(&hex, "%02x", h[i])
	}
	x := hex.String()
	return fmt.Sprintf("01900000-%s-7%s-8%s-%s", x[:4], x[4:7], x[7:10], x[10:22])
}

func dec(s string) value.Decimal { return value.MustDecimal(s) }

func ptr(s string) *value.Decimal {
	if s == "" {
		return nil
	}
	d := dec(s)
	return &d
}

// line is a line of a document in a test, in few words.
type line struct {
	posting, item, warehouse, batch string
	to                              string
	day                             int
	qty, pcs, value, rate, share    string
	of                              string
}

// posting makes what a line wants.
func (w *world) posting(doc string, n int, x line) ledger.Posting {
	verbs := map[string]metamodel.PostingVerb{
		receive: metamodel.PostIn, sell: metamodel.PostOut, takeBack: metamodel.PostIn, sendBack: metamodel.PostOut, move: metamodel.PostTransfer,
		count: metamodel.PostCount, freight: metamodel.PostRevalue, consume: metamodel.PostOut, produce: metamodel.PostIn, hold: metamodel.PostReserve,
	}
	dims := func(warehouse string) []any {
		var batch any
		if x.batch != "" {
			batch = x.batch
		}
		return []any{id(x.item), id(warehouse), batch}
	}
	p := ledger.Posting{
		Ledger: w.l, Path: fmt.Sprintf("/lines/%d", n), Code: doc, Verb: verbs[x.posting], Day: started.AddDays(x.day), Dims: dims(x.warehouse),
		Source:    ledger.Source{Entity: "doc", Record: id(doc), Line: id(fmt.Sprint(doc, "#", n)), Posting: storetest.ID(x.posting)},
		Secondary: ptr(x.pcs), Value: ptr(x.value), Rate: ptr(x.rate), Share: ptr(x.share),
	}
	if x.qty != "" {
		p.Quantity = dec(x.qty)
	}
	if x.to != "" {
		p.To = dims(x.to)
	}
	if x.of != "" {
		p.Of = id(x.of)
	}
	if x.posting == freight && x.of != "" {
		p.Dims = nil
	}
	if x.posting == produce {
		p.From = storetest.ID(consume)
	}
	return p
}

func (w *world) want(doc string, lines []line) []ledger.Posting {
	var want []ledger.Posting
	for i, x := range lines {
		want = append(want, w.posting(doc, i+1, x))
	}
	return want
}

// try posts a document in a transaction of its own and answers what the book says against it.
func (w *world) try(doc string, lines ...line) diag.List {
	w.t.Helper()
	list, err := w.write(doc, lines)
	if err != nil {
		w.t.Fatalf("post %s: %v", doc, err)
	}
	return list
}

func (w *world) write(doc string, lines []line) (list diag.List, err error) {
	return w.together(map[string][]line{doc: lines}, doc)
}

// together posts documents in one transaction, in an order, and answers what the book says.
func (w *world) together(lines map[string][]line, docs ...string) (list diag.List, err error) {
	ctx := context.Background()
	err = w.s.Write(ctx, store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
		list = nil
		b := ledger.Open(tx, w.options())
		for _, doc := range docs {
			found, err := b.Post(ctx, ledger.Source{Entity: "doc", Record: id(doc)}, w.want(doc, lines[doc]))
			if err != nil {
				return err
			}
			if found.HasErrors() {
				list = found
				return found.Err()
			}
		}
		if _, err = b.Flush(ctx); err != nil {
			return err
		}
		list, err = b.Promised(ctx)
		if problem := (*diag.Problem)(nil); errors.As(err, &problem) {
			list = problem.List
		}
		return err
	})
	if list.HasErrors() {
		return list, nil
	}
	return list, err
}

// post posts a document that must be taken.
func (w *world) post(doc string, lines ...line) {
	w.t.Helper()
	if list := w.try(doc, lines...); list.HasErrors() {
		w.t.Fatalf("post %s: %v", doc, list)
	}
}

// has compares what there is of an item in a warehouse, its batch left out, with what is expected.
func (w *world) has(item, warehouse, quantity, worth string) {
	w.t.Helper()
	q, v := w.stock(item, warehouse)
	if !q.Equal(dec(quantity)) || !v.Equal(dec(worth)) {
		w.t.Errorf("%s in %s: %s worth %s, want %s worth %s", item, warehouse, q, v, quantity, worth)
	}
}

func (w *world) stock(item, warehouse string) (q, v value.Decimal) {
	w.t.Helper()
	e := w.l.Cost
	err := w.s.Reader().Scan(context.Background(), store.Scan{Entity: e}, func(row value.Row) error {
		if row[e.Field("item").Slot] != id(item) || row[e.Field("warehouse").Slot] != id(warehouse) {
			return nil
		}
		var err error
		if q, err = q.Add(row[e.Field("quantity").Slot].(value.Decimal)); err != nil {
			return err
		}
		v, err = v.Add(row[e.Field("value").Slot].(value.Decimal))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return q, v
}

// entries reads the entries of a document, reversals and what they take back left out.
func (w *world) entries(doc string) []value.Row {
	w.t.Helper()
	e := w.l.Entry
	var out []value.Row
	err := w.s.Reader().Scan(context.Background(), store.Scan{
		Entity: e, Where: []store.Match{{Field: e.Field("document"), Op: "=", Value: id(doc)}, {Field: e.Field("voided"), Op: "=", Value: false}},
		Order: []*metamodel.Field{e.Field("day"), e.Field("seq"), e.Field("leg")},
	}, func(row value.Row) error { out = append(out, row); return nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// cost is what the goods that a document took cost, corrections included.
func (w *world) cost(doc string) value.Decimal {
	w.t.Helper()
	e := w.l.Entry
	var sum value.Decimal
	for _, row := range w.entries(doc) {
		if verb := row[e.Field("verb").Slot]; verb != "in" && verb != "out" || row[e.Field("leg").Slot] != int64(0) {
			continue
		}
		sum, _ = sum.Sub(row[e.Field("value").Slot].(value.Decimal))
		err := w.s.Reader().Scan(context.Background(), store.Scan{Entity: e, Where: []store.Match{
			{Field: e.Field("origin"), Op: "=", Value: row[0]}, {Field: e.Field("verb"), Op: "=", Value: "correction"},
		}}, func(c value.Row) error { sum, _ = sum.Sub(c[e.Field("value").Slot].(value.Decimal)); return nil })
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return sum
}

func (w *world) costs(doc, want string) {
	w.t.Helper()
	if got := w.cost(doc); !got.Equal(dec(want)) {
		w.t.Errorf("%s costs %s, want %s", doc, got, want)
	}
}

// proves verifies the whole ledger.
func (w *world) proves() {
	w.t.Helper()
	found, err := w.verify()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range found {
		w.t.Error(d)
	}
}

func (w *world) verify() (found []ledger.Difference, err error) {
	err = w.s.Snapshot(context.Background(), func(ctx context.Context, r *store.Reader) (err error) {
		found, err = ledger.Verify(ctx, r, w.l, w.options(), 0)
		return err
	})
	return found, err
}

// refused tells by which code a document is refused.
func (w *world) refused(code diag.Code, doc string, lines ...line) {
	w.t.Helper()
	list := w.try(doc, lines...)
	if len(list) == 0 || list[0].Code != code {
		w.t.Errorf("%s: %v, want %s", doc, list, code)
	}
}

// rows reads all rows of a kept entity.
func (w *world) rows(e *metamodel.Entity) (out []value.Row) {
	w.t.Helper()
	if err := w.s.Reader().Scan(context.Background(), store.Scan{Entity: e}, func(row value.Row) error { out = append(out, row); return nil }); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func decimalOf(v any) value.Decimal {
	d, _ := v.(value.Decimal)
	return d
}

// lock closes the ledger through a day.
func (w *world) lock(day int) {
	w.t.Helper()
	err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
		return ledger.Lock(ctx, tx, w.l, started.AddDays(day), "")
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// provisional counts the pools that wait for the job.
func (w *world) provisional() (n int) {
	w.t.Helper()
	for _, row := range w.rows(w.l.Cost) {
		if row[w.l.Cost.Field("provisional").Slot] == true {
			n++
		}
	}
	return n
}

// revalue is what the job does.
func (w *world) revalue() {
	w.t.Helper()
	for more := true; more; {
		err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) (err error) {
			_, more, err = ledger.Revalue(ctx, tx, w.l, w.options())
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}
