package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Bounds of notifications.
const (
	maxNoticeText = 200 // characters of a comment that a notification shows
	maxNoticeIDs  = 500 // notifications that one request may mark
)

// The kinds of notifications.
const (
	noticeMention  = "mention"
	noticeAssigned = "assigned"
)

// emitBeside tells of something that stands beside a record, to those who may read the record.
func (w *writer) emitBeside(ctx context.Context, n near, what string, data map[string]any) error {
	return w.emitTo(ctx, n.entity, n.id, "", what, data)
}

// emitTo is emitBeside for one person alone, unless recipient is "".
func (w *writer) emitTo(ctx context.Context, ent *compile.Entity, id, recipient, what string, data map[string]any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	app := w.call.Snap.App.Name
	return w.tx.Emit(ctx, store.Event{
		ID: w.engine.newID(), Type: "tenon." + what + ".v1", Source: "/apps/" + app, Subject: ent.Name + "/" + id, Time: w.call.Now,
		Data: body, App: app, EntityID: string(ent.ID), RecordID: id, Recipient: recipient,
	})
}

// tell gives somebody a notification about a record. Nobody is told what he does himself.
func (w *writer) tell(ctx context.Context, ent *compile.Entity, id, user, kind, comment string) error {
	if user == w.call.Actor.ID {
		return nil
	}
	n := &store.Notification{
		ID: w.engine.newID(), User: user, Kind: kind, App: w.call.Snap.App.Name, Entity: string(ent.ID), Record: id, Comment: comment,
		Actor: w.call.Actor.ID, Created: w.call.Now,
	}
	if err := w.tx.Notify(ctx, n); err != nil {
		return err
	}
	return w.emitTo(ctx, ent, id, user, "notification.created", map[string]any{"notification": n.ID, "kind": kind})
}

// tellMentioned tells those whom a comment mentions now and didn't before, and takes back what others were told.
func (w *writer) tellMentioned(ctx context.Context, n near, said *store.Comment, before []string) error {
	for _, user := range before {
		if slices.Contains(said.Mentions, user) {
			continue
		}
		if err := w.tx.DropMention(ctx, said.ID, user); err != nil {
			return err
		}
	}
	for _, user := range said.Mentions {
		if slices.Contains(before, user) {
			continue
		}
		if err := w.tell(ctx, n.entity, n.id, user, noticeMention, said.ID); err != nil {
			return err
		}
	}
	return nil
}

// tellAssigned tells the person who now answers for a record that another one made or changed. What comes from a file
// or from a template tells nobody.
func (w *writer) tellAssigned(ctx context.Context, d *draft) error {
	owner, _ := d.after[metamodel.SlotOwner].(string)
	if owner == "" || w.importing || w.call.trusted || d.before != nil && d.before[metamodel.SlotOwner] == owner {
		return nil
	}
	id, _ := d.after[metamodel.SlotID].(string)
	return w.tell(ctx, d.entity, id, owner, noticeAssigned, "")
}

// noticeJSON is a notification in an answer.
type noticeJSON struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind"`
	App         string     `json:"app"`
	Entity      string     `json:"entity"`
	EntityTitle string     `json:"entity_title"`
	Record      string     `json:"record"`
	Title       string     `json:"title"`
	Text        string     `json:"text,omitempty"`
	Actor       personJSON `json:"actor"`
	Created     string     `json:"created_at"`
	Read        string     `json:"read_at,omitempty"`
}

// Notifications lists what a person was told, the latest first, and counts what is new. What it is about is read with
// the rights of the moment: a record that he may not see any more is left out, and its title is what he may read.
func (e *Engine) Notifications(ctx context.Context, c Call, unread bool, size int, token string) (*Result, error) {
	if token != "" && !validID(token) {
		return nil, diag.Refuse("query.page_token", "")
	}
	all, err := e.notices(ctx, c)
	if err != nil {
		return nil, err
	}
	fresh := 0
	page := []noticeJSON{}
	more := false
	for i := range all {
		if all[i].Read == "" {
			fresh++
		} else if unread {
			continue
		}
		if token != "" && all[i].ID >= token {
			continue
		}
		if more = more || len(page) == size; !more {
			page = append(page, all[i])
		}
	}
	out := map[string]any{"notifications": page, "unread": fresh}
	if more {
		out["next_page_token"] = page[len(page)-1].ID
	}
	return e.json(nil, out)
}

// notices are all notifications of the actor about records that he may read.
func (e *Engine) notices(ctx context.Context, c Call) ([]noticeJSON, error) {
	r := e.store.Reader()
	all, err := r.Notifications(ctx, c.Actor.ID)
	if err != nil {
		return nil, fmt.Errorf("read notifications: %w", err)
	}
	var people, comments []string
	for _, n := range all {
		people = append(people, n.Actor)
		if n.Comment != "" {
			comments = append(comments, n.Comment)
		}
	}
	names, err := r.UserNames(ctx, people)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	said, err := r.CommentsByID(ctx, comments)
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	titles, err := e.noticeTitles(ctx, c, all)
	if err != nil {
		return nil, err
	}
	out := make([]noticeJSON, 0, len(all))
	for _, n := range all {
		if n.Kind == noticeVerification {
			if out, err = e.appendVerification(ctx, c, out, n); err != nil {
				return nil, err
			}
			continue
		}
		t, seen := titles[titleKey{n.App, n.Entity, n.Record}]
		if !seen {
			continue
		}
		j := noticeJSON{
			ID: n.ID, Kind: n.Kind, App: n.App, Entity: t.entity.Name, EntityTitle: t.entity.Title.In(c.Locale), Record: n.Record, Title: t.text,
			Actor: personJSON{n.Actor, names[n.Actor]}, Created: value.FormatDateTime(n.Created),
		}
		if comment := said[n.Comment]; comment != nil {
			j.Text = excerpt(comment.Text)
		}
		if n.Kind == noticeRule {
			if j.Text = ruleText(t.entity, n.Rule, c.Locale); j.Text == "" {
				continue // a release has done without it
			}
		}
		if !n.Read.IsZero() {
			j.Read = value.FormatDateTime(n.Read)
		}
		out = append(out, j)
	}
	return out, nil
}

// excerpt is the beginning of a comment.
func excerpt(s string) string {
	r := []rune(s)
	if len(r) <= maxNoticeText {
		return s
	}
	return strings.TrimSpace(string(r[:maxNoticeText])) + "…"
}

// titleKey names a record of any app.
type titleKey struct{ app, entity, record string }

type recordTitle struct {
	entity *compile.Entity
	text   string
}

// noticeTitles names the records of notifications, as far as the actor may read them: one question per entity.
func (e *Engine) noticeTitles(ctx context.Context, c Call, all []*store.Notification) (map[titleKey]recordTitle, error) {
	byEntity := map[[2]string][]string{}
	for _, n := range all {
		at := [2]string{n.App, n.Entity}
		if !slices.Contains(byEntity[at], n.Record) {
			byEntity[at] = append(byEntity[at], n.Record)
		}
	}
	out := make(map[titleKey]recordTitle, len(all))
	for at, ids := range byEntity {
		s, err := e.Snapshot(at[0], c.Actor)
		if err != nil {
			continue // no role in it any more, or it can't be served now
		}
		c.Snap = s
		ent := s.EntityByID(metamodel.ID(at[1]))
		if ent == nil || ent.IsLines() || !c.decide(ent.Entity, metamodel.ActRead).allow() {
			continue
		}
		texts, err := e.newWorld(c, e.store.Reader()).recordTitles(ctx, ent, ids)
		if err != nil {
			return nil, err
		}
		for id, text := range texts {
			out[titleKey{at[0], at[1], id}] = recordTitle{ent, text}
		}
	}
	return out, nil
}

// NotificationsRead marks notifications as read, {"ids": […]} or {"all": true}, and tells the person's other screens.
func (e *Engine) NotificationsRead(ctx context.Context, c Call, body []byte) (*Result, error) {
	o, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	l := &lister{list: o.only("", "ids", "all")}
	ids := o.idList(l, "ids", maxNoticeIDs)
	all := o.get("all")
	if all != nil && all.kind != jsonBool {
		l.wrong("/all", "all", "boolean")
	}
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	if all == nil || !all.bool {
		if ids == nil {
			return nil, diag.Refuse("body.member_required", "/ids", "name", "ids")
		}
	} else {
		ids = nil
	}
	err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.ReadNotifications(ctx, c.Actor.ID, ids, c.Now)
		if err != nil || n == 0 {
			return err
		}
		return tx.Emit(ctx, store.Event{
			ID: e.newID(), Type: "tenon.notification.read.v1", Source: "/notifications", Time: c.Now, Data: []byte("{}"), Recipient: c.Actor.ID,
		})
	})
	if err != nil {
		return nil, e.storeProblem(c, err)
	}
	e.wake()
	left, err := e.notices(ctx, c)
	if err != nil {
		return nil, err
	}
	unread := 0
	for i := range left {
		if left[i].Read == "" {
			unread++
		}
	}
	return e.json(nil, map[string]any{"unread": unread})
}

// idList reads a list of ids; nil when absent.
func (v *jsonValue) idList(l *lister, name string, most int) []string {
	m := v.get(name)
	if m == nil || m.kind == jsonNull {
		return nil
	}
	at := diag.Pointer("", name)
	if m.kind != jsonArray {
		l.wrong(at, name, "array")
		return nil
	}
	if len(m.items) > most {
		l.list.Add("limit.exceeded", at, "what", name, "actual", len(m.items), "limit", most)
		return nil
	}
	out := []string{}
	for i := range m.items {
		if m.items[i].kind != jsonString {
			l.wrong(diag.Pointer(at, i), name, "text")
			continue
		}
		out = append(out, m.items[i].text)
	}
	return out
}
