package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
)

// clockRule is a rule of sales that are older than 30 days and not finished.
const clockRule = `{"name":"left_lying","on":["clock"],"when":"state == 'draft'","cel":"today() - sold_on <= 30","severity":"warning","tell":["clerk"],
	"message":{"zh-CN":"草稿已放置超过 30 天","en-US":"The draft is older than 30 days"}}`

// withRule are the shop's documents with a rule more, for sales.
func withRule(t *testing.T, rule string) map[string]json.RawMessage {
	t.Helper()
	out := map[string]json.RawMessage{}
	for path, text := range shopDocs {
		if path == "entities/sale.json" {
			text = strings.Replace(text, `"x-rules":[`, `"x-rules":[`+rule+`,`, 1)
		}
		out[path] = json.RawMessage(text)
	}
	return out
}

func (s *shop) judge() {
	s.t.Helper()
	if err := s.e.JudgeByClock(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// employ gives people accounts with their roles in the shop.
func (s *shop) employ(people ...*policy.Actor) {
	s.t.Helper()
	err := s.store.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		for i, a := range people {
			u := &store.User{Email: fmt.Sprintf("u%d@example.com", i), Name: a.Name, Locale: "zh-CN"}
			if err := tx.InsertUser(ctx, store.By{}, u, ""); err != nil {
				return err
			}
			a.ID = u.ID
			if err := tx.SetRoles(ctx, store.By{}, a.ID, "shop", a.Roles["shop"]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.know(people...)
}

// A rule wakes when time breaks it: once, for those who are to know and may see the record, and again only after it was
// kept.
func TestRuleByClock(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		boss, east, west := s.boss(), s.clerk("east"), s.clerk("west")
		s.employ(boss, east, west)
		s.replaceDocs(withRule(t, clockRule))
		line := record{"item": s.pen.id(), "qty": "1", "price": "20"}
		old, err := s.sale(boss, s.east, line)
		if err != nil {
			t.Fatal(err)
		}
		s.judge()
		if list, _ := s.notices(east); len(list) != 0 {
			t.Fatalf("told too early: %+v", list)
		}
		s.now = s.now.AddDate(0, 0, 30)
		s.judge()
		if list, _ := s.notices(east); len(list) != 0 {
			t.Fatalf("told on the last day on which it holds: %+v", list)
		}
		s.now = s.now.Add(24 * time.Hour)
		for range 3 { // told once, however often it is judged
			s.judge()
		}
		list, unread := s.notices(east)
		if len(list) != 1 || unread != 1 || list[0].Kind != "rule" || list[0].Record != old.id() || list[0].Text != "草稿已放置超过 30 天" || list[0].Title != old["code"] {
			t.Fatalf("%+v", list)
		}
		for _, a := range []*policy.Actor{boss, west} { // not told; told, but he may not see it
			if list, _ := s.notices(a); len(list) != 0 {
				t.Errorf("%s is told %+v", a.Name, list)
			}
		}
		events := s.eventsOf("tenon.rule.broken")
		if len(events) != 1 || !strings.Contains(string(events[0].Data), `"left_lying"`) {
			t.Errorf("%d events: %+v", len(events), events)
		}

		// It is kept again, and then broken again.
		for _, day := range []string{s.now.Format("2006-01-02"), "2026-03-01"} {
			if _, err := s.update(boss, "sale", old.id(), 0, record{"sold_on": day}); err != nil {
				t.Fatal(err)
			}
			s.judge()
		}
		if list, _ := s.notices(east); len(list) != 2 {
			t.Errorf("told %d times, want 2", len(list))
		}

		// A release without the rule forgets it, and says nothing any more.
		s.replaceDocs(withRule(t, strings.Replace(clockRule, "left_lying", "other", 1)))
		if list, _ := s.notices(east); len(list) != 0 {
			t.Errorf("what is told of a rule that is gone: %+v", list)
		}
		s.judge()
		if list, _ := s.notices(east); len(list) != 1 {
			t.Errorf("told %d times of the new rule, want 1", len(list))
		}
	})
}

// Without roles to tell it is the record's owner who is told. Many records at once don't bury people.
func TestRuleByClockOwners(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		boss := s.boss()
		s.employ(boss)
		s.replaceDocs(withRule(t, strings.Replace(clockRule, `"tell":["clerk"],`, "", 1)))
		const sales, told = 130, 100
		for range sales {
			if _, err := s.sale(boss, s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"}); err != nil {
				t.Fatal(err)
			}
		}
		s.now = s.now.AddDate(0, 2, 0)
		s.judge()
		s.judge()
		list, err := s.store.Reader().Notifications(context.Background(), boss.ID)
		if err != nil || len(list) != told {
			t.Errorf("told of %d records, want %d: %v", len(list), told, err)
		}
		if n := len(s.eventsOf("tenon.rule.broken")); n != sales {
			t.Errorf("%d events, want %d", n, sales)
		}
	})
}

// An app without rules for the clock takes no turn: whoever has it is not waited for.
func TestClockTakesNoTurnInVain(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		err := s.store.Alone(context.Background(), "clock:shop", func(context.Context) error { return s.e.JudgeByClock(ctx) })
		if err != nil || ctx.Err() != nil {
			t.Errorf("it waited: %v, %v", err, ctx.Err())
		}
	})
}

// What can't be judged without a person, or by a database, is refused when it is saved.
func TestRuleByClockRefused(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		for rule, code := range map[string]string{
			`{"name":"r","on":["clock"],"cel":"user.id != ''","message":{"zh-CN":"不","en-US":"No"}}`:                                                                   "rule.clock_reads",
			`{"name":"r","on":["clock"],"cel":"old.total == total","message":{"zh-CN":"不","en-US":"No"}}`:                                                              "rule.clock_reads",
			`{"name":"r","on":["create"],"cel":"total > 0","tell":["clerk"],"message":{"zh-CN":"不","en-US":"No"}}`:                                                     "rule.tells_nobody",
			`{"name":"r","on":["clock"],"cel":"total > 0","tell":["nobody"],"message":{"zh-CN":"不","en-US":"No"}}`:                                                     "reference.not_found",
			`{"name":"r","on":["clock"],"cel":"` + strings.Repeat("countOf(sale, s, s.region == region) != 7 && ", 25) + `true","message":{"zh-CN":"不","en-US":"No"}}`: `query.too_complex at "/entities/sale/x-rules/0"`,
			`{"name":"r","on":["clock"],"cel":"pinyinInitials(note) != 'x'","message":{"zh-CN":"不","en-US":"No"}}`:                                                     `rule.clock_not_lowerable at "/entities/sale/x-rules/0"`,
		} {
			body, err := json.Marshal(map[string]any{"documents": withRule(t, rule)})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body)
			if err == nil {
				_, err = s.e.Release(context.Background(), s.call(builder(), ""), "shop", []byte(`{"reason":"x"}`))
			}
			if !strings.Contains(fmt.Sprint(err), code) {
				t.Errorf("%s: %v, want %s", rule, err, code)
			}
		}
	})
}
