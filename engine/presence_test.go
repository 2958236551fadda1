package engine_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
)

type present struct{ ID, Mode, Since string }

func (s *shop) at(a *policy.Actor, id, mode string) ([]present, error) {
	r, err := s.e.PresencePut(context.Background(), s.call(a, "shop"), "sale", id, []byte(`{"mode":"`+mode+`"}`))
	if err != nil {
		return nil, err
	}
	return must[struct{ People []present }](s.t, r, nil).People, nil
}

// Who has a record open is known to those who may read it, until he goes or isn't heard of any more.
func TestPresence(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		boss, east, west := named(s.boss(), "b1"), named(s.clerk("east"), "e1"), named(s.clerk("west"), "f1")
		sale, err := s.sale(boss, s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		changes := func() []store.Event { return s.eventsOf("tenon.presence.changed") }
		who := func(a *policy.Actor, mode string, want ...string) {
			t.Helper()
			got, err := s.at(a, sale.id(), mode)
			var list []string
			for _, p := range got {
				list = append(list, p.ID[34:]+" "+p.Mode)
			}
			if err != nil || strings.Join(list, ", ") != strings.Join(want, ", ") {
				t.Errorf("%v, %v; want %v", list, err, want)
			}
		}
		who(boss, "viewing", "b1 viewing")
		s.now = s.now.Add(time.Second)
		who(east, "editing", "b1 viewing", "e1 editing")
		s.now = s.now.Add(20 * time.Second)
		who(boss, "viewing", "b1 viewing", "e1 editing")
		if n := len(changes()); n != 2 {
			t.Errorf("%d events, want one for each who came", n)
		}
		for actor, want := range map[*policy.Actor]string{boss: "editing", west: ""} {
			data, err := s.e.See(ctx, &changes()[0], actor)
			var d struct {
				App, Entity, Record string
				People              []present
			}
			if data != nil && json.Unmarshal(data, &d) != nil || err != nil || (data != nil) != (want != "") {
				t.Fatalf("%s hears %s, %v", actor.Name, data, err)
			}
			if data != nil && (d.App != "shop" || d.Entity != "sale" || d.Record != sale.id() || len(d.People) != 2 || d.People[1].Mode != want) {
				t.Errorf("%s", data)
			}
		}
		_, err = s.at(west, sale.id(), "viewing")
		refused(t, err, "record.not_found", "")
		_, err = s.at(boss, sale.id(), "sleeping")
		refused(t, err, "presence.mode_unknown", "/mode")
		_, err = s.at(boss, s.pen.id(), "viewing")
		refused(t, err, "record.not_found", "")

		// He who isn't heard of for 45 seconds is gone, and that is told once.
		s.now = s.now.Add(26 * time.Second)
		who(boss, "editing", "b1 editing")
		before := len(changes())
		for range 2 {
			if err := s.e.SweepPresence(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(changes()) - before; n != 1 {
			t.Errorf("%d events of going", n)
		}
		who(east, "viewing", "b1 editing", "e1 viewing")
		for range 2 { // leaving twice is leaving
			if _, err := s.e.PresenceDelete(ctx, s.call(boss, "shop"), "sale", sale.id()); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(changes()) - before; n != 3 {
			t.Errorf("%d events, want: gone, come, left", n)
		}
		who(east, "viewing", "e1 viewing")
		if _, err := s.e.Delete(ctx, s.call(boss, "shop"), "sale", sale.id(), 0); err != nil {
			t.Fatal(err)
		}
		_, err = s.at(east, sale.id(), "viewing")
		refused(t, err, "record.not_found", "")
	})
}

// What one person has open, and how many a record shows, is bounded.
func TestPresenceIsBounded(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		put := func(record, user string, at time.Time) {
			t.Helper()
			err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
				return tx.PutPresence(ctx, store.Presence{App: "a", Entity: "e", Record: record, User: user, Mode: "viewing", Seen: at}, at)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range store.MaxPresences + 3 {
			put(string(rune('A'+i)), "u", epoch.Add(time.Duration(i)*time.Second))
			put("crowded", string(rune('A'+i)), epoch)
		}
		open, err := s.store.Reader().StalePresence(ctx, epoch.Add(time.Hour))
		mine := 0
		for _, p := range open {
			if p.User == "u" {
				mine++
			}
		}
		if err != nil || mine != store.MaxPresences {
			t.Errorf("%d records of one person, %v", mine, err)
		}
		if all, err := s.store.Reader().Present(ctx, "a", "e", "crowded", epoch.Add(-time.Second)); err != nil || len(all) != store.MaxPresent {
			t.Errorf("%d people at one record, %v", len(all), err)
		}
	})
}
