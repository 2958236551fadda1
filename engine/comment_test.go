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
	"tenon/engine/store/storetest"
	"tenon/metamodel/diag"
)

type comment struct {
	ID, Text  string
	Mentions  []string
	Author    struct{ ID, Name string }
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

type notice struct {
	ID, Kind, App, Entity, Record, Title, Text string
	Actor                                      struct{ ID string }
	ReadAt                                     string `json:"read_at"`
}

// staff are people of the shop whom the engine can look up.
type staff map[string]*policy.Actor

func (w *world) know(people ...*policy.Actor) staff {
	s := staff{}
	for _, a := range people {
		s[a.ID] = a
	}
	w.e.OnActor(func(_ context.Context, id string) (*policy.Actor, error) {
		if a := s[id]; a != nil {
			return a, nil
		}
		return nil, diag.Refuse("session.ended", "")
	})
	return s
}

// named is an actor with an id of his own.
func named(a *policy.Actor, last string) *policy.Actor {
	a.ID = "01920000-0000-7000-8000-0000000000" + last
	return a
}

func (w *world) comment(a *policy.Actor, entity, id, text string, mentions ...string) (comment, error) {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"text": text, "mentions": append([]string{}, mentions...)})
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.e.CommentCreate(context.Background(), w.call(a, "shop"), entity, id, body)
	if err != nil {
		return comment{}, err
	}
	return must[comment](w.t, r, nil), nil
}

func (w *world) comments(a *policy.Actor, entity, id string) ([]comment, error) {
	r, err := w.e.Comments(context.Background(), w.call(a, "shop"), entity, id, 0, "")
	if err != nil {
		return nil, err
	}
	return must[struct{ Comments []comment }](w.t, r, nil).Comments, nil
}

func (w *world) notices(a *policy.Actor) (list []notice, unread int) {
	w.t.Helper()
	r, err := w.e.Notifications(context.Background(), w.call(a, ""), false, 50, "")
	out := must[struct {
		Notifications []notice
		Unread        int
	}](w.t, r, err)
	return out.Notifications, out.Unread
}

// types of the events since the beginning, with who they are for.
func (w *world) eventsOf(prefix string) []store.Event {
	w.t.Helper()
	all, err := w.store.Reader().Outbox(context.Background(), store.Cursor{}, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []store.Event
	for _, ev := range all {
		if strings.HasPrefix(ev.Type, prefix) {
			out = append(out, ev)
		}
	}
	return out
}

// Exactly those who may read a record read and write what is said of it.
func TestComments(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		boss, east, west := named(s.boss(), "b1"), named(s.clerk("east"), "e1"), named(s.clerk("west"), "f1")
		s.know(boss, east, west)
		sale, err := s.sale(boss, s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		first, err := s.comment(boss, "sale", sale.id(), "  请核对\n价格 ")
		if err != nil || first.Text != "请核对\n价格" || first.Author.ID != boss.ID || first.UpdatedAt != "" || first.CreatedAt == "" {
			t.Fatalf("%+v, %v", first, err)
		}
		if _, err := s.comment(east, "sale", sale.id(), "好的"); err != nil {
			t.Fatal(err)
		}
		for _, a := range []*policy.Actor{boss, east} {
			if list, err := s.comments(a, "sale", sale.id()); err != nil || len(list) != 2 || list[0].Text != "好的" {
				t.Errorf("%s sees %+v, %v", a.Name, list, err)
			}
		}
		// The record isn't the west's: neither is anything about it.
		_, err = s.comments(west, "sale", sale.id())
		refused(t, err, "record.not_found", "")
		_, err = s.comment(west, "sale", sale.id(), "x")
		refused(t, err, "record.not_found", "")
		_, err = s.e.CommentDelete(ctx, s.call(west, "shop"), "sale", sale.id(), first.ID)
		refused(t, err, "record.not_found", "")
		_, err = s.comments(boss, "sale", s.pen.id())
		refused(t, err, "record.not_found", "")
		_, err = s.comments(boss, "sale_line", sale.id())
		refused(t, err, "entity.not_found", "")
		// A comment belongs to its record.
		_, err = s.e.CommentDelete(ctx, s.call(boss, "shop"), "item", s.pen.id(), first.ID)
		refused(t, err, "comment.not_found", "")

		changed, err := s.e.CommentUpdate(ctx, s.call(boss, "shop"), "sale", sale.id(), first.ID, []byte(`{"text":"已核对"}`))
		if c := must[comment](t, changed, err); c.Text != "已核对" || c.UpdatedAt == "" || c.ID != first.ID {
			t.Errorf("%+v", c)
		}
		_, err = s.e.CommentUpdate(ctx, s.call(east, "shop"), "sale", sale.id(), first.ID, []byte(`{"text":"x"}`))
		refused(t, err, "comment.not_yours", "")
		_, err = s.e.CommentDelete(ctx, s.call(east, "shop"), "sale", sale.id(), first.ID)
		refused(t, err, "comment.not_yours", "")
		keeper := named(s.clerk("east"), "a1")
		keeper.Admin = true
		if _, err := s.e.CommentDelete(ctx, s.call(keeper, "shop"), "sale", sale.id(), first.ID); err != nil {
			t.Error(err)
		}
		entries, err := s.store.Reader().Entries(ctx, store.JournalFilter{Action: "comment.delete"}, 0, 10)
		if err != nil || len(entries) != 1 || entries[0].Actor != keeper.ID || strings.Contains(string(entries[0].Data), "核对") {
			t.Errorf("the journal of another's deletion: %+v, %v", entries, err)
		}
		s.judgeCommentEvents(sale.id(), map[*policy.Actor]int{boss: 4, east: 4, west: 0})

		// A record in the bin takes its comments with it, and brings them back.
		if _, err := s.e.Delete(ctx, s.call(boss, "shop"), "sale", sale.id(), 0); err != nil {
			t.Fatal(err)
		}
		_, err = s.comments(boss, "sale", sale.id())
		refused(t, err, "record.not_found", "")
		_, err = s.comment(boss, "sale", sale.id(), "x")
		refused(t, err, "record.not_found", "")
		if _, err := s.e.Restore(ctx, s.call(boss, "shop"), "sale", sale.id()); err != nil {
			t.Fatal(err)
		}
		if list, err := s.comments(boss, "sale", sale.id()); err != nil || len(list) != 1 {
			t.Errorf("restored: %+v, %v", list, err)
		}
	})
}

// judgeCommentEvents counts what each hears of a record's comments, and looks that nothing is said in it.
func (s *shop) judgeCommentEvents(record string, want map[*policy.Actor]int) {
	s.t.Helper()
	for actor, n := range want {
		got := 0
		for _, ev := range s.eventsOf("tenon.comment.") {
			data, err := s.e.See(context.Background(), &ev, actor)
			if err != nil {
				s.t.Fatal(err)
			}
			if data == nil {
				continue
			}
			got++
			var d struct{ App, Entity, Record, Comment string }
			if err := json.Unmarshal(data, &d); err != nil || d.App != "shop" || d.Entity != "sale" || d.Record != record || len(d.Comment) != 36 {
				s.t.Errorf("%s: %v", data, err)
			}
		}
		if got != n {
			s.t.Errorf("%s hears of %d, want %d", actor.Name, got, n)
		}
	}
}

func TestCommentIsChecked(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		boss, west := named(s.boss(), "b1"), named(s.clerk("west"), "f1")
		s.know(boss, west)
		ctx, id := context.Background(), s.pen.id()
		sale, err := s.sale(boss, s.east, record{"item": id, "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		stranger := "01920000-0000-7000-8000-0000000000ff"
		cases := []struct{ body, code, pointer string }{
			{`{}`, "body.member_required", "/text"},
			{`{"text":" \n"}`, "body.member_required", "/text"},
			{`{"text":1}`, "body.wrong_member", "/text"},
			{`{"text":"a\u0000b"}`, "body.wrong_member", "/text"},
			{`{"text":"` + strings.Repeat("字", 4001) + `"}`, "limit.exceeded", "/text"},
			{`{"text":"a","html":"b"}`, "body.unknown_member", "/html"},
			{`{"text":"a","mentions":"x"}`, "body.wrong_member", "/mentions"},
			{`{"text":"a","mentions":["x"]}`, "comment.mention_unknown", "/mentions/0"},
			{`{"text":"a","mentions":["` + boss.ID + `","` + stranger + `"]}`, "comment.mention_unknown", "/mentions/1"},
			{`{"text":"a","mentions":["` + west.ID + `"]}`, "comment.mention_unknown", "/mentions/0"}, // he may not read the sale
			{`{"text":"a","mentions":[` + strings.Repeat(`"x",`, 20) + `"x"]}`, "limit.exceeded", "/mentions"},
		}
		for _, c := range cases {
			_, err := s.e.CommentCreate(ctx, s.call(boss, "shop"), "sale", sale.id(), []byte(c.body))
			if err == nil {
				t.Errorf("%.80s: taken", c.body)
				continue
			}
			refused(t, err, diag.Code(c.code), c.pointer)
		}
		if list, err := s.comments(boss, "sale", sale.id()); err != nil || len(list) != 0 {
			t.Errorf("refused, and there: %+v, %v", list, err)
		}
		said, err := s.comment(boss, "sale", sale.id(), strings.Repeat("字", 4000), boss.ID, boss.ID)
		if err != nil || len(said.Mentions) != 1 {
			t.Errorf("%+v, %v", said, err)
		}
		for i := 1; i < 30; i++ {
			if _, err := s.comment(boss, "item", id, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		_, err = s.comment(boss, "item", id, "too fast")
		refused(t, err, "comment.too_fast", "")
		s.now = s.now.Add(2 * time.Minute)
		c := s.call(boss, "shop")
		c.IdempotencyKey = "k"
		var ids []string
		for range 2 {
			r, err := s.e.CommentCreate(ctx, c, "item", id, []byte(`{"text":"once"}`))
			ids = append(ids, must[comment](t, r, err).ID)
		}
		if ids[0] != ids[1] {
			t.Errorf("said twice: %v", ids)
		}
		s.pagesOfComments(boss, id, 30)
	})
}

// pagesOfComments reads all comments of an item, seven at a time.
func (s *shop) pagesOfComments(a *policy.Actor, id string, want int) {
	s.t.Helper()
	seen, token := map[string]bool{}, ""
	for {
		r, err := s.e.Comments(context.Background(), s.call(a, "shop"), "item", id, 7, token)
		page := must[struct {
			Comments []comment
			Next     string `json:"next_page_token"`
		}](s.t, r, err)
		for _, c := range page.Comments {
			seen[c.ID] = true
		}
		if token = page.Next; token == "" {
			break
		}
	}
	if len(seen) != want {
		s.t.Errorf("%d comments on pages, want %d", len(seen), want)
	}
}

// Who is mentioned or made to answer for a record is told, alone, and no more than he may see.
func TestNotifications(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		boss, east := named(s.boss(), "b1"), named(s.clerk("east"), "e1")
		s.know(boss, east)
		sale, err := s.sale(boss, s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		said, err := s.comment(boss, "sale", sale.id(), "@店员 看一下", east.ID, boss.ID)
		if err != nil {
			t.Fatal(err)
		}
		list, unread := s.notices(east)
		if len(list) != 1 || unread != 1 || list[0].Kind != "mention" || list[0].App != "shop" || list[0].Entity != "sale" || list[0].Record != sale.id() ||
			list[0].Title != sale["code"] || list[0].Text != "@店员 看一下" || list[0].Actor.ID != boss.ID || list[0].ReadAt != "" {
			t.Fatalf("%+v, %d unread", list, unread)
		}
		if list, _ := s.notices(boss); len(list) != 0 {
			t.Errorf("told of what he said himself: %+v", list)
		}
		events := s.eventsOf("tenon.notification.created")
		if len(events) != 1 || events[0].Recipient != east.ID || strings.Contains(string(events[0].Data), "看一下") {
			t.Fatalf("%+v", events)
		}
		for actor, want := range map[*policy.Actor]bool{east: true, boss: false} {
			if data, err := s.e.See(ctx, &events[0], actor); err != nil || (data != nil) != want {
				t.Errorf("%s: %s, %v", actor.Name, data, err)
			}
		}

		// What the comment says now is what is shown; who isn't mentioned any more isn't told any more.
		update := func(body string) {
			t.Helper()
			if _, err := s.e.CommentUpdate(ctx, s.call(boss, "shop"), "sale", sale.id(), said.ID, []byte(body)); err != nil {
				t.Fatal(err)
			}
		}
		update(`{"text":"改了"}`)
		if list, _ := s.notices(east); len(list) != 1 || list[0].Text != "改了" {
			t.Errorf("%+v", list)
		}
		update(`{"mentions":[]}`)
		if list, _ := s.notices(east); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		update(`{"mentions":["` + east.ID + `"]}`)
		read, err := s.e.NotificationsRead(ctx, s.call(boss, ""), []byte(`{"all":true}`))
		if must[struct{ Unread int }](t, read, err).Unread != 0 {
			t.Errorf("%s", read.Body)
		}
		list, unread = s.notices(east)
		if len(list) != 1 || unread != 1 {
			t.Fatalf("another's reading counts: %+v", list)
		}
		_, err = s.e.NotificationsRead(ctx, s.call(east, ""), []byte(`{}`))
		refused(t, err, "body.member_required", "/ids")
		read, err = s.e.NotificationsRead(ctx, s.call(east, ""), []byte(`{"ids":["`+list[0].ID+`"]}`))
		if must[struct{ Unread int }](t, read, err).Unread != 0 {
			t.Errorf("%s", read.Body)
		}
		if list, unread := s.notices(east); len(list) != 1 || unread != 0 || list[0].ReadAt == "" {
			t.Errorf("%+v, %d unread", list, unread)
		}
		// A record that he may not see any more is left out, and a deleted comment takes its notifications along.
		east.Attributes = map[string]string{"region": "west"}
		if list, _ := s.notices(east); len(list) != 0 {
			t.Errorf("of another region: %+v", list)
		}
		east.Attributes = map[string]string{"region": "east"}
		if _, err := s.e.CommentDelete(ctx, s.call(boss, "shop"), "sale", sale.id(), said.ID); err != nil {
			t.Fatal(err)
		}
		if list, _ := s.notices(east); len(list) != 0 {
			t.Errorf("of a deleted comment: %+v", list)
		}
	})
}

// A title says only what its reader may read.
func TestNotificationTitlesAreMasked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		s := newShop(t, w)
		for _, level := range []string{"masked", "hidden"} {
			w.putRole(t, level)
			boss, east := named(w.boss(), "b1"), named(w.clerk("east"), "e1")
			w.know(boss, east)
			if _, err := w.comment(boss, "item", s.pen.id(), "看", east.ID); err != nil {
				t.Fatal(err)
			}
			r, err := w.e.Notifications(context.Background(), w.call(east, ""), false, 50, "")
			if err != nil || strings.Contains(string(r.Body), "钢笔") || !strings.Contains(string(r.Body), `"title":"商品"`) {
				t.Errorf("%s: %s, %v", level, r.Body, err)
			}
		}
	})
}

// putRole releases the clerk's role with the item's name at a level.
func (w *world) putRole(t *testing.T, level string) {
	t.Helper()
	doc := strings.Replace(shopDocs["roles/clerk.json"], `"fields":{"cost":"hidden",`, `"fields":{"name":"`+level+`","cost":"hidden",`, 1)
	if _, err := w.e.DocumentPut(context.Background(), w.call(builder(), ""), "shop", "role", "clerk", "", []byte(doc)); err != nil {
		t.Fatal(err)
	}
	w.release("shop")
}

// Being made to answer for a record is told, but not by a file.
func TestAssignmentIsTold(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		boss := named(s.boss(), "b1")
		user := &store.User{Email: "w@example.com", Name: "王", Locale: "zh-CN"}
		err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.InsertUser(ctx, store.By{}, user, "x") })
		if err != nil {
			t.Fatal(err)
		}
		other := s.boss()
		other.ID = user.ID
		s.know(boss, other)
		if _, err := s.update(boss, "item", s.pen.id(), 0, record{"owner": user.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.update(boss, "item", s.pen.id(), 0, record{"price": "13"}); err != nil {
			t.Fatal(err)
		}
		list, unread := s.notices(other)
		if len(list) != 1 || unread != 1 || list[0].Kind != "assigned" || list[0].Title != "钢笔" || list[0].Text != "" || list[0].Actor.ID != boss.ID {
			t.Errorf("%+v", list)
		}
		if _, err := s.update(other, "item", s.ink.id(), 0, record{"owner": user.ID}); err != nil {
			t.Fatal(err)
		}
		if list, _ := s.notices(other); len(list) != 1 {
			t.Errorf("told of his own doing: %+v", list)
		}
		// A removed account keeps what it said, and nothing else.
		if _, err := s.comment(other, "item", s.pen.id(), "再见"); err != nil {
			t.Fatal(err)
		}
		s.mustSaveView(other, `{"title":"own"}`)
		s.mustSaveView(other, `{"title":"shared","shared":true}`)
		err = s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			admin := &store.User{Email: "a@example.com", Name: "a", Admin: true}
			if err := tx.InsertUser(ctx, store.By{}, admin, "x"); err != nil {
				return err
			}
			return tx.RemoveUser(ctx, store.By{}, user.ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		if list, _ := s.notices(other); len(list) != 0 {
			t.Errorf("notifications of a removed account: %+v", list)
		}
		if said, err := s.comments(boss, "item", s.pen.id()); err != nil || len(said) != 1 || said[0].Author.Name != "王" {
			t.Errorf("%+v, %v", said, err)
		}
		if views := s.savedViews(other); len(views) != 1 || views[0].Title != "shared" || views[0].Owner.Name != "王" {
			t.Errorf("%+v", views)
		}
	})
}

func TestNotificationsAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		ctx := context.Background()
		err := st.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			for i := range store.MaxNotifications + 5 {
				if err := tx.Notify(ctx, &store.Notification{ID: fmt.Sprintf("%05d", i), User: "u", Kind: "mention"}); err != nil {
					return err
				}
			}
			return tx.Notify(ctx, &store.Notification{ID: "0", User: "v", Kind: "mention"})
		})
		if err != nil {
			t.Fatal(err)
		}
		list, err := st.Reader().Notifications(ctx, "u")
		if err != nil || len(list) != store.MaxNotifications || list[0].ID != "00504" || list[len(list)-1].ID != "00005" {
			t.Errorf("%d, %v", len(list), err)
		}
		if list, err := st.Reader().Notifications(ctx, "v"); err != nil || len(list) != 1 {
			t.Errorf("another's: %d, %v", len(list), err)
		}
	})
}
