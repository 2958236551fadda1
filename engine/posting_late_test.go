package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine"
)

// bookedDocs is the shop whose purchases post three times: to the stock, what that has of them to the books, and what these
// have of them to the notes.
func bookedDocs(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	docs := stockDocs(t)
	for _, name := range []string{"books", "notes"} {
		docs["ledgers/"+name+".json"] = json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"ledger","x-version":1,"x-name":"` + name + `","title":"` + name + `","x-title":{"en-US":"` + name + `"},"type":"object",
			"required":["account"],"properties":{"account":{"type":"string","maxLength":50,"title":"科目","x-title":{"en-US":"Account"}}},
			"x-value":{"x-decimal":[18,2],"x-currency":"CNY"},"x-policies":{"cost_method":"'none'","negative":"'allow'"}}`)
	}
	rollup := func(name, entity string) map[string]any {
		return map[string]any{
			"type": "string", "format": "decimal", "x-decimal": []int{18, 2}, "title": name, "x-title": map[string]any{"en-US": name},
			"x-rollup": map[string]any{"entity": entity, "field": "document", "function": "sum", "value": "value", "where": "!voided"},
		}
	}
	to := func(ledger, value string) map[string]any {
		return map[string]any{
			"name": "to_" + ledger, "title": ledger, "x-title": map[string]any{"en-US": ledger}, "ledger": ledger, "verb": "in", "day": "bought_on",
			"dimensions": map[string]any{"account": "code == '' ? null : code"}, "value": value,
		}
	}
	editDoc(t, docs, "entities/purchase.json", func(d map[string]any) {
		fields := d["properties"].(map[string]any)
		fields["brought"], fields["booked"] = rollup("brought", "stock_entry"), rollup("booked", "books_entry")
		d["x-postings"] = append([]any{to("notes", "booked + brought + 1.0"), to("books", "brought + 1.0")}, d["x-postings"].([]any)...)
		fields["code"].(map[string]any)["x-unique"] = true
	})
	editDoc(t, docs, "roles/boss.json", func(d map[string]any) {
		for _, e := range []string{"books_entry", "notes_entry"} {
			d["grants"] = append(d["grants"].([]any), map[string]any{"entity": e, "actions": []string{"read"}})
		}
	})
	return docs
}

// entriesOf lists the values of a ledger's entries by what a document is called, those that were reversed and their reversals too.
func (s *shop) entriesOf(ledger, code string) string {
	s.t.Helper()
	p, err := s.list(s.boss(), ledger+"_entry", engine.ListRequest{PageSize: 200, Filter: "code == '" + code + "'", OrderBy: "created_at, seq"})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, r := range p.Records {
		out = append(out, fmt.Sprint(r["value"]))
	}
	return strings.Join(out, " ")
}

// A posting that reads what others of its document post is judged once these are there, so that it posts once: whichever way
// the document is written.
func TestPostingsWaitForWhatTheyRead(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(bookedDocs(t))
		r := s.buy(s.pen, "2025-03-01", "10", "100")
		code := r["code"].(string)
		says := func(books, notes string) {
			t.Helper()
			if got := s.entriesOf("books", code); got != books {
				t.Errorf("the books have %s, want %s", got, books)
			}
			if got := s.entriesOf("notes", code); got != notes {
				t.Errorf("the notes have %s, want %s", got, notes)
			}
		}
		says("101.00", "202.00")
		if _, err := s.update(s.boss(), "purchase", r.id(), 0, record{"amount": "120"}); err != nil {
			t.Fatal(err)
		}
		says("101.00 20.00", "202.00 40.00")
		if _, err := s.update(s.boss(), "purchase", r.id(), 0, record{"bought_on": "2025-03-02"}); err != nil {
			t.Fatal(err)
		}
		says("101.00 -101.00 20.00 -20.00 121.00", "202.00 -202.00 40.00 -40.00 242.00")
		s.lockBook("books", `"2025-03-31"`)
		if _, err := s.update(s.boss(), "purchase", r.id(), 0, record{"amount": "150"}); !hasCode(err, "ledger.period_closed", "") {
			t.Errorf("a closed period is changed: %v", err)
		}
		s.stock(s.pen, "10.0000", "120.00")
		s.lockBook("books", "null")
		// What a ledger can't take is told of the document itself, not as of another one that it follows from.
		_, err := s.create(s.boss(), "purchase", record{"code": "", "item": s.pen.id(), "region": s.east.id(), "bought_on": "2025-03-01", "qty": "1", "amount": "1"})
		if !hasCode(err, "ledger.dimension_missing", "") || hasCode(err, "derive.refused", "") {
			t.Errorf("booked on no account: %v", err)
		}
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "purchase", r.id(), 0); err != nil {
			t.Fatal(err)
		}
		says("101.00 -101.00 20.00 -20.00 121.00 -121.00", "202.00 -202.00 40.00 -40.00 242.00 -242.00")
		s.wholeWith("")
	})
}

// Documents of a file post once each, too, those that are there already with the new ones in between.
func TestImportedPostingsWaitForWhatTheyRead(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(bookedDocs(t))
		for i := range 3 {
			s.mustCreate(s.boss(), "purchase", record{"code": fmt.Sprint("F", 10*i), "item": s.pen.id(), "region": s.east.id(), "bought_on": "2025-03-01", "qty": "1", "amount": "10"})
		}
		var text strings.Builder
		text.WriteString("code,item,region,bought_on,qty,amount\n")
		for i := range 30 {
			fmt.Fprintf(&text, "F%d,%s,east,2025-03-%02d,2,30\n", i, s.pen["name"], 1+i%28)
		}
		up := s.uploadAs(s.boss(), "purchase", "p.csv", text.String())
		if done := s.runImport(s.boss(), "purchase", up.Import, `{"mode":"skip_bad","key":"code"}`); done.Written != 30 || done.Skipped != 0 {
			t.Fatalf("%+v", done)
		}
		for i := range 30 {
			books, notes := "31.00", "62.00"
			if i%10 == 0 && i > 0 { // on another day
				books, notes = "11.00 -11.00 31.00", "22.00 -22.00 62.00"
			} else if i == 0 {
				books, notes = "11.00 20.00", "22.00 40.00"
			}
			if a, b := s.entriesOf("books", fmt.Sprint("F", i)), s.entriesOf("notes", fmt.Sprint("F", i)); a != books || b != notes {
				t.Errorf("F%d has %s and %s, want %s and %s", i, a, b, books, notes)
			}
		}
		s.stock(s.pen, "60.0000", "900.00")
		s.wholeWith("")
	})
}

func (s *shop) lockBook(ledger, through string) {
	s.t.Helper()
	if _, err := s.e.LedgerLock(context.Background(), s.call(builder(), "shop"), ledger, []byte(`{"through":`+through+`}`)); err != nil {
		s.t.Fatal(err)
	}
}
