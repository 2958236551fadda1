package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tenon/engine"
)

// rule is how purchases of a random history post: how many times as much, to the shelf instead of the region.
type rule struct {
	times int
	shelf bool
}

// booked is what a purchase has posted by one posting.
type booked struct {
	quantity int
	shelf    bool
}

// bought is a purchase of a random history, with what it should have in the book, by the number of the posting.
type bought struct {
	id, day string
	qty     int
	has     map[int]booked
}

// rules is a history of purchases and releases, and what it should have come to.
type rules struct {
	*shop
	r      *rand.Rand
	west2  record
	rule   *rule // nil posts nothing
	number int   // of the posting: one that was taken away and comes back is another one
	docs   []*bought
	closed string // the last closed day
}

func (h *rules) base() map[string]json.RawMessage {
	docs := shelved(h.t, "region")
	editDoc(h.t, docs, "ledgers/stock.json", func(d map[string]any) { d["x-policies"].(map[string]any)["negative"] = "'allow'" })
	editDoc(h.t, docs, "entities/purchase.json", func(d map[string]any) {
		if h.rule == nil {
			delete(d, "x-postings")
			return
		}
		posting(d, 0)["quantity"] = fmt.Sprintf("qty * %d.0", h.rule.times)
		if h.rule.shelf {
			posting(d, 0)["dimensions"].(map[string]any)["region"] = "shelf"
		}
	})
	return docs
}

// wants is what a purchase posts by the rule of the moment.
func (h *rules) wants(d *bought) map[int]booked {
	if h.rule == nil || d.qty == 0 {
		return map[int]booked{}
	}
	return map[int]booked{h.number: {d.qty * h.rule.times, h.rule.shelf}}
}

func (h *rules) shut(d *bought) bool { return d.day <= h.closed }

// any is one of the purchases, rather of a closed day.
func (h *rules) any() *bought {
	d := h.docs[h.r.IntN(len(h.docs))]
	for i := 0; i < 3 && !h.shut(d); i++ {
		d = h.docs[h.r.IntN(len(h.docs))]
	}
	return d
}

func (h *rules) record(d *bought) record {
	return record{
		"code": fmt.Sprint("c", h.r.IntN(1000)), "item": h.pen.id(), "region": h.east.id(), "shelf": h.west2.id(), "bought_on": d.day,
		"qty": fmt.Sprint(d.qty), "amount": "10",
	}
}

func (h *rules) create() {
	d := &bought{day: fmt.Sprintf("2025-0%d-15", 1+h.r.IntN(4)), qty: max(0, h.r.IntN(6)-1)}
	if h.shut(d) {
		return
	}
	d.id = h.mustCreate(h.boss(), "purchase", h.record(d)).id()
	d.has = h.wants(d)
	h.docs = append(h.docs, d)
}

// write saves a purchase again, now and then with another quantity.
func (h *rules) write(d *bought) {
	was := d.qty
	if h.r.IntN(2) == 0 {
		d.qty = max(0, h.r.IntN(6)-1)
	}
	_, err := h.update(h.boss(), "purchase", d.id, 0, h.record(d))
	switch {
	case h.rule == nil: // nothing posts
	case !h.shut(d):
		d.has = h.wants(d)
	case was != d.qty:
		if !hasCode(err, "ledger.period_closed", "") {
			h.t.Errorf("a closed purchase of %d is one of %d: %v", was, d.qty, err)
		}
		d.qty = was
		return
	}
	if err != nil {
		h.t.Errorf("write: %v", err)
	}
}

func (h *rules) remove(i int) {
	d := h.docs[i]
	_, err := h.e.Delete(context.Background(), h.call(h.boss(), "shop"), "purchase", d.id, 0)
	if h.shut(d) && len(d.has) > 0 {
		if !hasCode(err, "ledger.period_closed", "") {
			h.t.Errorf("a closed purchase is deleted: %v", err)
		}
		return
	}
	if err != nil {
		h.t.Errorf("delete: %v", err)
	}
	h.docs = append(h.docs[:i], h.docs[i+1:]...)
}

// turn releases another rule, with what is there posted again or not.
func (h *rules) turn() {
	was := h.rule
	h.rule = &rule{1 + h.r.IntN(3), h.r.IntN(2) == 0}
	if h.r.IntN(2) == 0 && was != nil {
		h.rule = nil
	}
	if was == nil { // what is added is not posted to closed periods
		h.close("")
		h.number++
	}
	if was != nil && h.rule != nil && *was == *h.rule {
		return
	}
	again, ids := h.r.IntN(2) == 0, []string{}
	for _, p := range h.draft(h.base()) {
		if p.Change != "added" && again {
			ids = append(ids, p.ID)
		}
	}
	if err := h.releaseAgain(ids...); err != nil {
		h.t.Fatal(err)
	}
	if h.r.IntN(2) == 0 && len(h.docs) > 0 { // somebody writes before the job
		h.write(h.any())
	}
	h.recompute()
	defer func() {
		if len(h.docs) > 0 { // and after it
			h.write(h.any())
		}
		if len(h.docs) > 3 && h.rule == nil {
			h.remove(slices.Index(h.docs, h.any()))
		}
	}()
	for _, d := range h.docs {
		switch {
		case was == nil: // posted beside what an earlier posting has left
			for n, b := range h.wants(d) {
				d.has[n] = b
			}
		case again && len(ids) > 0 && !h.shut(d):
			delete(d.has, h.number)
			for n, b := range h.wants(d) {
				d.has[n] = b
			}
		}
	}
}

func (h *rules) close(through string) {
	h.closed = through
	if through == "" {
		h.lock("null")
		return
	}
	h.lock(`"` + through + `"`)
}

// holds says that the book has what the history should have come to, and that proofs find it right.
func (h *rules) holds(step int) {
	h.t.Helper()
	want, differ := map[string]int{h.east.id(): 0, h.west2.id(): 0}, 0
	for _, d := range h.docs {
		for _, b := range d.has {
			region := h.east.id()
			if b.shelf {
				region = h.west2.id()
			}
			want[region] += b.quantity
		}
		if fmt.Sprint(d.has) != fmt.Sprint(h.wants(d)) {
			differ++
		}
	}
	p, err := h.list(h.boss(), "stock_balance", engine.ListRequest{})
	if err != nil {
		h.t.Fatal(err)
	}
	got := map[string]int{h.east.id(): 0, h.west2.id(): 0}
	for _, r := range p.Records {
		var n int
		if _, err := fmt.Sscanf(r["quantity"].(string), "%d.0000", &n); err != nil {
			h.t.Fatal(err)
		}
		got[r["region"].(string)] = n
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("step %d: there is %v, want %v", step, got, want)
	}
	v, told := h.verify(""), 0
	if len(v.Differences) > 0 {
		h.t.Errorf("step %d: %+v", step, v.Differences)
	}
	for _, x := range v.Earlier {
		told = max(told, x.Documents)
	}
	if (told == 0) != (differ == 0) || told > differ {
		h.t.Errorf("step %d: %d purchases are told to be posted by earlier rules, %d are", step, told, differ)
	}
}

// Random histories of documents, closed periods and releases that add, change and take postings away come to what they
// should, and proofs tell what stays by earlier rules and nothing else.
func TestRandomHistoriesOfRules(t *testing.T) {
	for seed := range uint64(2) {
		eachShop(t, func(t *testing.T, s *shop) {
			h := &rules{shop: s, r: rand.New(rand.NewPCG(seed, 7)), rule: &rule{1, false}}
			h.replaceDocs(h.base())
			h.west2 = h.mustCreate(h.boss(), "region", record{"name": "west of it"})
			for range 8 {
				h.create()
			}
			for step := range 30 {
				switch n := h.r.IntN(10); {
				case n < 3 || len(h.docs) < 4:
					h.create()
				case n < 5:
					h.write(h.any())
				case n == 5:
					h.remove(slices.Index(h.docs, h.any()))
				case n < 8:
					h.close([]string{"", "2025-02-28", "2025-03-31"}[h.r.IntN(3)])
				default:
					h.turn()
				}
				if h.holds(step); t.Failed() {
					t.Fatalf("seed %d, step %d", seed, step)
				}
			}
		})
	}
}
