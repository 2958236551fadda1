package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

// guardedStock is the shop with stock of which a clerk sees his own region, without values, and nothing of its cost.
func guardedStock(t testing.TB) map[string]json.RawMessage {
	docs := stockDocs(t)
	var clerk map[string]any
	if err := json.Unmarshal(docs["roles/clerk.json"], &clerk); err != nil {
		t.Fatal(err)
	}
	clerk["grants"] = append(clerk["grants"].([]any),
		map[string]any{"entity": "stock_balance", "actions": []string{"read", "export"}, "rows": "region.name == user.attributes.region"},
		map[string]any{"entity": "stock_entry", "actions": []string{"read"}, "rows": "region.name == user.attributes.region", "fields": map[string]any{"value": "masked", "running_value": "hidden"}})
	docs["roles/clerk.json"], _ = json.Marshal(clerk)
	return docs
}

// What a ledger keeps is written through no door: not by whoever may read it, not by the system.
func TestKeptRecordsAreWrittenByNobody(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(guardedStock(t))
		s.buy(s.pen, "2025-03-01", "10", "100")
		for _, entity := range []string{"stock_balance", "stock_entry", "stock_cost"} {
			p, err := s.list(s.boss(), entity, engine.ListRequest{})
			if err != nil || len(p.Records) != 1 {
				t.Fatalf("%s: %v, %v", entity, p.Records, err)
			}
			for who, a := range map[string]*policy.Actor{"boss": s.boss(), "system": policy.Itself()} {
				s.everyDoor(a, who, entity, p.Records[0])
			}
			now, err := s.get(s.boss(), entity, p.Records[0].id())
			if err != nil || now["quantity"] != "10.0000" || now["version"] != p.Records[0]["version"] {
				t.Errorf("%s is %v (%v)", entity, now, err)
			}
		}
	})
}

// everyDoor tries to write a kept record in every way that there is.
func (s *shop) everyDoor(a *policy.Actor, who, entity string, r record) {
	s.t.Helper()
	ctx, c := context.Background(), s.call(a, "shop")
	body := func(v any) []byte { b, _ := json.Marshal(v); return b }
	change := record{"quantity": "999"}
	doors := map[string]func() error{
		"create":  func() error { _, err := s.create(a, entity, change); return err },
		"update":  func() error { _, err := s.update(a, entity, r.id(), 0, change); return err },
		"delete":  func() error { _, err := s.e.Delete(ctx, c, entity, r.id(), 0); return err },
		"restore": func() error { _, err := s.e.Restore(ctx, c, entity, r.id()); return err },
		"batch create": func() error {
			_, err := s.e.Batch(ctx, c, entity, body(record{"operations": []record{{"create": change}}}))
			return err
		},
		"batch update": func() error {
			_, err := s.e.Batch(ctx, c, "item", body(record{"operations": []record{{"entity": entity, "update": record{"id": r.id(), "values": change}}}}))
			return err
		},
		"batch delete": func() error {
			_, err := s.e.Batch(ctx, c, entity, body(record{"operations": []record{{"delete": record{"id": r.id()}}}}))
			return err
		},
		"import": func() error {
			text := "quantity\n999\n"
			_, err := s.e.ImportUpload(ctx, c, entity, engine.ImportFile{Name: "x.csv", Data: strings.NewReader(text), Size: int64(len(text))})
			return err
		},
		"duplicate": func() error { _, err := s.e.Duplicate(ctx, c, entity, r.id()); return err },
	}
	for door, try := range doors {
		if err := try(); !hasCode(err, "entity.kept", "") {
			s.t.Errorf("%s of %s by %s: %v", door, entity, who, err)
		}
	}
	if _, err := s.transition(a, entity, r.id(), "finish"); err == nil {
		s.t.Errorf("transition of %s by %s", entity, who)
	}
}

// Row filters and masks hold for what a ledger keeps as for any record; without a grant it doesn't exist.
func TestKeptRecordsAreGuarded(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(guardedStock(t))
		s.buy(s.pen, "2025-03-01", "10", "100")
		s.mustCreate(s.boss(), "purchase", record{"code": "W1", "item": s.ink.id(), "region": s.west.id(), "bought_on": "2025-03-01", "qty": "7", "amount": "70"})
		ctx, clerk := context.Background(), s.clerk("west")
		p, err := s.list(clerk, "stock_balance", engine.ListRequest{Count: "exact"})
		if err != nil || len(p.Records) != 1 || p.Records[0]["quantity"] != "7.0000" || *p.Count != 1 {
			t.Errorf("the clerk sees %v (%v)", p, err)
		}
		all, err := s.list(s.boss(), "stock_balance", engine.ListRequest{})
		if err != nil || len(all.Records) != 2 {
			t.Fatalf("%v, %v", all, err)
		}
		for _, r := range all.Records {
			_, err := s.get(clerk, "stock_balance", r.id())
			if mine := r["quantity"] == "7.0000"; mine != (err == nil) || err != nil && !hasCode(err, "record.not_found", "") {
				t.Errorf("%v: %v", r, err)
			}
		}
		sum := s.sum(clerk, "stock_balance", "quantity")
		if sum != "7.0000" {
			t.Errorf("the sum is %v", sum)
		}
		d, err := s.e.Export(ctx, s.call(clerk, "shop"), "stock_balance", []byte(`{"format":"csv","fields":["quantity"]}`))
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := d.Write(&out); err != nil || !strings.Contains(out.String(), "7") || strings.Contains(out.String(), "10") {
			t.Errorf("exported %q (%v)", out.String(), err)
		}
		entries, err := s.list(clerk, "stock_entry", engine.ListRequest{})
		if err != nil || len(entries.Records) != 1 || entries.Records[0]["value"] != "***" {
			t.Errorf("entries %v (%v)", entries, err)
		}
		if _, shown := entries.Records[0]["running_value"]; shown {
			t.Error("a hidden field is shown")
		}
		if _, err := s.list(clerk, "stock_entry", engine.ListRequest{Filter: "running_value > 0.0"}); err == nil {
			t.Error("a hidden field can be filtered by")
		}
		if _, err := s.e.Export(ctx, s.call(clerk, "shop"), "stock_entry", []byte(`{"format":"csv"}`)); !hasCode(err, "access.denied", "") {
			t.Errorf("exported without a grant: %v", err)
		}
		for _, err := range []error{second(s.list(clerk, "stock_cost", engine.ListRequest{})), second(s.get(clerk, "stock_cost", s.pen.id())), second(s.create(clerk, "stock_cost", record{}))} {
			if !hasCode(err, "entity.not_found", "") {
				t.Errorf("without a grant: %v", err)
			}
		}
	})
}

// Who looks at a document finds what it posted, as far as he may read entries.
func TestAppTellsWhereDocumentsPost(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := guardedStock(t)
		s.replaceDocs(docs)
		told := func(name string) (any, any) {
			r, err := s.e.Schema(context.Background(), s.call(s.boss(), "shop"), "shop")
			for _, e := range must[record](t, r, err)["entities"].([]any) {
				if ent := e.(map[string]any); ent["name"] == name {
					return ent["posts_to"], ent["kept"]
				}
			}
			return nil, nil
		}
		if posts, kept := told("purchase"); fmt.Sprint(posts) != "[stock_entry]" || kept != nil {
			t.Errorf("purchase %v, %v", posts, kept)
		}
		if posts, kept := told("stock_entry"); posts != nil || kept != "entry" {
			t.Errorf("stock_entry %v, %v", posts, kept)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func (s *shop) sum(a *policy.Actor, entity, field string) any {
	s.t.Helper()
	r, err := s.e.Aggregate(context.Background(), s.call(a, "shop"), entity, fmt.Appendf(nil, `{"measures":[{"fn":"sum","field":%q,"as":"sum"}]}`, field))
	got := must[struct {
		Groups []struct{ Values record }
	}](s.t, r, err)
	if len(got.Groups) != 1 {
		s.t.Fatalf("%v", got)
	}
	return got.Groups[0].Values["sum"]
}

// Scenarios look into ledgers.
func TestScenariosOfLedgers(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := guardedStock(t)
		docs["scenarios/stock.json"] = json.RawMessage(`{"x-kind":"scenario","x-version":1,"x-name":"stock","title":"库存","x-title":{"en-US":"Stock"},
			"given":{"region":[{"$":"r1","name":"north"}],"item":[{"$":"i1","code":"N-1","name":"铅笔","cost":"1"}],
				"purchase":[{"$":"p1","code":"P1","item":"$i1","region":"$r1","bought_on":"2025-03-01","qty":"3","amount":"10"}]},
			"when":[{"as":"boss","create":"sale","$":"s1","with":{"region":"$r1","sold_on":"2025-03-02","lines":[{"item":"$i1","qty":"1","price":"9"}]}},
				{"as":"boss","transition":"finish","of":"$s1"},
				{"as":"boss","create":"sale","$":"s2","with":{"region":"$r1","sold_on":"2025-03-02","lines":[{"item":"$i1","qty":"3","price":"9"}]}},
				{"as":"boss","transition":"finish","of":"$s2","refused":"ledger.negative"}],
			"then":[{"ledger":"stock","at":{"item":"$i1"},"quantity":"2","value":"6.67"},{"ledger":"stock","at":{"item":"$i1","region":"$r1"},"quantity":"2","reserved":"0","as":"boss"}]}`)
		docs["scenarios/wrong.json"] = json.RawMessage(`{"x-kind":"scenario","x-version":1,"x-name":"wrong","title":"错","x-title":{"en-US":"Wrong"},
			"given":{"region":[{"$":"r1","name":"north"}],"item":[{"$":"i1","code":"N-1","name":"铅笔","cost":"1"}],
				"purchase":[{"$":"p1","item":"$i1","region":"$r1","bought_on":"2025-03-01","qty":"3","amount":"10"}]},
			"then":[{"ledger":"stock","at":{"item":"$i1"},"quantity":"4","value":"10"},{"ledger":"stock","at":{"item":"$i1"},"value":"10","as":"clerk"}]}`)
		s.replaceDocs(docs)
		results, err := s.e.RunScenarios(context.Background(), "shop")
		if err != nil || len(results) != 2 {
			t.Fatal(results, err)
		}
		if len(results[0].Failures) > 0 {
			t.Errorf("%v", results[0])
		}
		if f := results[1].Failures; len(f) != 2 || !strings.Contains(f[0], "quantity is 3") || !strings.Contains(f[1], "may not read value") {
			t.Errorf("%v", results[1])
		}
	})
}

// A policy that gives a word that it can't give refuses what posts, and says which policy it is.
func TestPoliciesGiveKnownWords(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := stockDocs(t)
		docs["ledgers/stock.json"] = json.RawMessage(strings.Replace(string(docs["ledgers/stock.json"]), `"x-policies":{`, `"x-policies":{"negative":"item.code == 'PEN-1' ? item.name : 'allow'",`, 1))
		s.replaceDocs(docs)
		purchase := record{"code": "P1", "region": s.east.id(), "bought_on": "2025-03-01", "qty": "1", "amount": "1", "item": s.pen.id()}
		if _, err := s.create(s.boss(), "purchase", purchase); !hasCode(err, "ledger.policy_unknown", "") || !strings.Contains(err.Error(), "negative") {
			t.Errorf("an unknown word passes: %v", err)
		}
		purchase["item"] = s.ink.id()
		s.mustCreate(s.boss(), "purchase", purchase)
	})
}

// What a ledger keeps is found by its documents; who asks for it by name searches it.
func TestSearchFindsDocuments(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(guardedStock(t))
		s.buy(s.pen, "2025-03-01", "10", "100")
		hits := func(text string, entities ...string) string {
			res, err := s.e.Search(context.Background(), s.call(s.boss(), "shop"), text, entities, 0)
			if err != nil {
				t.Fatal(err)
			}
			return string(res.Body)
		}
		text := s.pen["name"].(string)
		if named := hits(text, "stock_balance"); !strings.Contains(named, `"entity":"stock_balance"`) {
			t.Errorf("%s", named)
		}
		if all := hits(text); strings.Contains(all, `"entity":"stock_`) || !strings.Contains(all, s.pen.id()) {
			t.Errorf("%s", all)
		}
	})
}
