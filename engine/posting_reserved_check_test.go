package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"tenon/engine"
	"tenon/metamodel/diag"
)

// checkedDocs are reservedDocs where more may be reserved than there is; an item's grade says what becomes of who takes
// what is reserved.
func checkedDocs(t testing.TB) map[string]json.RawMessage {
	docs := reservedDocs(t)
	editDoc(t, docs, "ledgers/stock.json", func(d map[string]any) {
		policies := d["x-policies"].(map[string]any)
		policies["reserve"] = "'unlimited'"
		policies["reserved_check"] = "item.grade == 'a' ? 'ignore' : item.grade == 'b' ? 'forbid' : null"
	})
	return docs
}

func (s *shop) gradePen(grade any) {
	s.t.Helper()
	if _, err := s.update(s.boss(), "item", s.pen.id(), 0, record{"grade": grade}); err != nil {
		s.t.Fatal(err)
	}
}

// Who takes what others have reserved is warned, refused or let alone, as the policy says; what he has reserved himself he
// may take, though more be reserved than there is.
func TestWhoTakesReservedGoods(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(checkedDocs(t))
		s.gradePen(nil)
		s.buy(s.pen, "2025-03-01", "10", "100")
		sale := s.mustCreate(s.boss(), "sale", s.order("8"))
		free := s.mustCreate(s.boss(), "pick", s.picking("", "2"))
		if got := warnings(free); len(got) > 0 {
			t.Errorf("what nobody has reserved is warned of: %v", got)
		}
		got := warnings(s.mustCreate(s.boss(), "pick", s.picking("", "1")))
		if len(got) != 1 || !strings.HasPrefix(got[0], "ledger.reserved_taken ") || !strings.Contains(got[0], "8") || !strings.Contains(got[0], "0") {
			t.Errorf("warned of what is reserved: %v", got)
		}
		s.promised("7.0000", "8.0000")

		s.gradePen("b")
		if _, err := s.create(s.boss(), "pick", s.picking("", "1")); !hasCode(err, "ledger.reserved_taken", "") {
			t.Errorf("what is reserved goes elsewhere: %v", err)
		}
		if _, err := s.create(s.boss(), "pick", s.picking(sale.id(), "9")); err == nil {
			t.Error("more than is there was taken")
		}
		if got := warnings(s.mustCreate(s.boss(), "pick", s.picking(sale.id(), "5"))); len(got) > 0 {
			t.Errorf("its own is warned of: %v", got)
		}
		s.promised("2.0000", "3.0000")
		other := s.mustCreate(s.boss(), "sale", s.order("2"))
		if _, err := s.create(s.boss(), "pick", s.picking(other.id(), "2")); err != nil {
			t.Errorf("two who have reserved the same keep each other from it: %v", err)
		}
		s.promised("0.0000", "3.0000")

		s.gradePen("a")
		s.buy(s.pen, "2025-03-02", "1", "10")
		if got := warnings(s.mustCreate(s.boss(), "pick", s.picking("", "1"))); len(got) > 0 {
			t.Errorf("what isn't checked is warned of: %v", got)
		}
		s.wholeWith("")
	})
}

// Of ten pieces six are reserved; of fifty people who take one each, four get it.
func TestFiftyTakeWhatIsLeft(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(checkedDocs(t))
		s.gradePen("b")
		s.buy(s.pen, "2025-03-01", "10", "100")
		sale := s.mustCreate(s.boss(), "sale", s.order("6"))
		body, _ := json.Marshal(s.picking("", "1"))
		var all sync.WaitGroup
		var mu sync.Mutex
		taken, refused := 0, 0
		for range 50 {
			all.Go(func() {
				_, err := s.e.Create(context.Background(), s.call(s.boss(), "shop"), "pick", body, engine.ReadOptions{})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					taken++
				case hasCode(err, "ledger.reserved_taken", ""):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if taken != 4 || refused != 46 {
			t.Errorf("%d have taken, %d were refused", taken, refused)
		}
		s.promised("6.0000", "6.0000")
		s.mustCreate(s.boss(), "pick", s.picking(sale.id(), "6"))
		s.promised("0.0000", "0.0000")
		s.wholeWith("")
	})
}

// A transition isn't made unseen where there is something to be warned of, if so asked; and then it is.
func TestTransitionRefusesWarnings(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		docs := stockDocs(t)
		editDoc(t, docs, "entities/sale.json", func(d map[string]any) {
			d["x-rules"].([]any)[1].(map[string]any)["on"] = []string{"transition"}
		})
		s.replaceDocs(docs)
		s.buy(s.pen, "2025-03-01", "10", "100")
		finish := func(sale record, body string) error {
			_, err := s.e.Transition(context.Background(), s.call(s.boss(), "shop"), "sale", sale.id(), 0, []byte(body), engine.ReadOptions{})
			return err
		}
		const careful = `{"transition":"finish","warnings":"refuse"}`
		plain := s.mustCreate(s.boss(), "sale", s.order("1"))
		if err := finish(plain, careful); err != nil {
			t.Errorf("nothing is to be warned of: %v", err)
		}
		order := s.order("2")
		order["lines"].([]record)[0]["price"] = "100000"
		big := s.mustCreate(s.boss(), "sale", order)
		err := finish(big, careful)
		var p *diag.Problem
		if !errors.As(err, &p) || p.First().Code != "flow.warned" || len(p.List) != 2 || p.List[1].Severity != diag.Warning || p.List[1].Code != "rule.failed" {
			t.Errorf("%v", err)
		}
		if r := must1(s.get(s.boss(), "sale", big.id())); r["state"] != "draft" || r["version"] != big["version"] {
			t.Errorf("it was made: %v", r)
		}
		if err := finish(big, `{"transition":"finish","warnings":"no"}`); !hasCode(err, "body.wrong_member", "/warnings") {
			t.Errorf("%v", err)
		}
		if err := finish(big, `{"transition":"finish"}`); err != nil {
			t.Errorf("who has seen it can't go on: %v", err)
		}
	})
}
