package engine_test

import (
	"context"
	"strings"
	"testing"

	"tenon/engine/policy"
)

type todo struct {
	App, Entity, State, View string
	StateTitle               string `json:"state_title"`
	Transitions              []struct{ Name, Title string }
	Count                    int
}

func (s *shop) todos(a *policy.Actor) []todo {
	s.t.Helper()
	r, err := s.e.Todos(context.Background(), s.call(a, ""))
	return must[struct{ Todos []todo }](s.t, r, err).Todos
}

// What waits is a to-do of those who may move it on, and of nobody else.
func TestTodos(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		boss, ctx := s.boss(), context.Background()
		line := record{"item": s.pen.id(), "qty": "1", "price": "20"}
		var sales []record
		for _, region := range []record{s.east, s.east, s.west} {
			sale, err := s.sale(boss, region, line)
			if err != nil {
				t.Fatal(err)
			}
			sales = append(sales, sale)
		}
		if got := s.todos(boss); len(got) != 0 {
			t.Fatalf("nothing is said to wait: %+v", got)
		}
		if _, err := s.put("entity/sale", `"frozen":`, `"waiting": ["draft"], "frozen":`); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		got := s.todos(boss)
		if len(got) != 1 || got[0].App != "shop" || got[0].Entity != "sale" || got[0].State != "draft" || got[0].StateTitle != "草稿" || got[0].Count != 3 || len(got[0].Transitions) != 2 || got[0].View != "" {
			t.Errorf("the boss: %+v", got)
		}
		// The clerk of the east counts what is his, and is offered what he may do.
		if got := s.todos(s.clerk("east")); len(got) != 1 || got[0].Count != 2 || len(got[0].Transitions) != 1 || got[0].Transitions[0].Name != "finish" {
			t.Errorf("the clerk of the east: %+v", got)
		}
		if got := s.todos(s.clerk("north")); len(got) != 0 {
			t.Errorf("a clerk without records: %+v", got)
		}
		if got := s.todos(s.role("shop")); len(got) != 0 {
			t.Errorf("somebody without a role: %+v", got)
		}
		if _, err := s.transition(boss, "sale", sales[0].id(), "finish"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.e.Delete(ctx, s.call(boss, "shop"), "sale", sales[1].id(), 0); err != nil {
			t.Fatal(err)
		}
		if got := s.todos(boss); len(got) != 1 || got[0].Count != 1 {
			t.Errorf("after one was finished and one deleted: %+v", got)
		}
		if _, err := s.transition(boss, "sale", sales[2].id(), "finish"); err != nil {
			t.Fatal(err)
		}
		if got := s.todos(boss); len(got) != 0 {
			t.Errorf("nothing is left: %+v", got)
		}
	})
}

// Who reads but may move nothing has nothing to do.
func TestTodosNeedATransition(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		if _, err := s.put("entity/sale", `"frozen":`, `"waiting": ["draft"], "frozen":`); err != nil {
			t.Fatal(err)
		}
		doc := strings.Replace(shopDocs["roles/clerk.json"], `"transitions":["finish"],`, "", 1)
		if _, err := s.e.DocumentPut(context.Background(), s.call(builder(), ""), "shop", "role", "clerk", "", []byte(doc)); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		if _, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"}); err != nil {
			t.Fatal(err)
		}
		if got := s.todos(s.clerk("east")); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		if got := s.todos(s.boss()); len(got) != 1 {
			t.Errorf("%+v", got)
		}
	})
}
