package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Bounds of comments.
const (
	maxCommentText = 4000        // characters of a comment
	maxMentions    = 20          // people that one comment mentions
	maxCommentRate = 30          // comments that one person may write in commentPeriod
	commentPeriod  = time.Minute // see maxCommentRate
)

// commentJSON is a comment in an answer.
type commentJSON struct {
	ID       string     `json:"id"`
	Text     string     `json:"text"`
	Mentions []string   `json:"mentions"`
	Author   personJSON `json:"author"`
	Created  string     `json:"created_at"`
	Updated  string     `json:"updated_at,omitempty"`
}

// Comments lists what people say about a record, the latest first. Whoever may read the record may read them.
func (e *Engine) Comments(ctx context.Context, c Call, entity, id string, size int, token string) (*Result, error) {
	w := e.newWorld(c, e.store.Reader())
	n, err := w.near(ctx, entity, id)
	if err != nil {
		return nil, err
	}
	if token != "" && !validID(token) {
		return nil, diag.Refuse("query.page_token", "")
	}
	if size == 0 {
		size = defaultPageSize
	}
	if size < 1 || size > MaxPageSize {
		return nil, diag.Refuse("query.page_size", "", "value", size, "limit", MaxPageSize)
	}
	all, err := e.store.Reader().Comments(ctx, c.Snap.App.Name, string(n.entity.ID), n.id, token, size+1)
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	shown := all[:min(size, len(all))]
	list, err := commentsJSON(ctx, e.store.Reader(), shown...)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"comments": list}
	if len(all) > size {
		out["next_page_token"] = shown[size-1].ID
	}
	return e.json(nil, out)
}

func commentsJSON(ctx context.Context, r *store.Reader, all ...*store.Comment) ([]commentJSON, error) {
	ids := make([]string, len(all))
	for i, c := range all {
		ids[i] = c.Author
	}
	names, err := r.UserNames(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	out := make([]commentJSON, len(all))
	for i, c := range all {
		out[i] = commentJSON{ID: c.ID, Text: c.Text, Mentions: nonNil(c.Mentions), Author: personJSON{c.Author, names[c.Author]}, Created: value.FormatDateTime(c.Created)}
		if !c.Updated.IsZero() {
			out[i].Updated = value.FormatDateTime(c.Updated)
		}
	}
	return out, nil
}

// CommentCreate says something about a record: {"text", "mentions": [user id]}.
func (e *Engine) CommentCreate(ctx context.Context, c Call, entity, id string, body []byte) (*Result, error) {
	if c.who() == nil {
		return nil, diag.Refuse("access.role_needed", "", "role", "member")
	}
	return e.comment(ctx, c, entity, id, request{"comment", entity, id, body}, func(ctx context.Context, w *writer, n near) (*store.Comment, error) {
		recent, err := w.tx.CommentsSince(ctx, c.Actor.ID, c.Now.Add(-commentPeriod))
		if err != nil {
			return nil, fmt.Errorf("count comments: %w", err)
		}
		if recent >= maxCommentRate {
			return nil, diag.Refuse("comment.too_fast", "", "limit", maxCommentRate, "retry_after", int(commentPeriod/time.Second))
		}
		said := &store.Comment{ID: e.newID(), App: c.Snap.App.Name, Entity: string(n.entity.ID), Record: n.id, Author: c.Actor.ID, Created: c.Now}
		return said, w.say(ctx, n, said, body)
	})
}

// CommentUpdate changes one's own comment: {"text"?, "mentions"?}.
func (e *Engine) CommentUpdate(ctx context.Context, c Call, entity, id, comment string, body []byte) (*Result, error) {
	return e.comment(ctx, c, entity, id, request{"comment", entity, id + "/" + comment, body}, func(ctx context.Context, w *writer, n near) (*store.Comment, error) {
		said, err := w.commentOf(ctx, n, comment)
		if err != nil {
			return nil, err
		}
		if said.Author != c.Actor.ID {
			return nil, diag.Refuse("comment.not_yours", "")
		}
		said.Updated = c.Now
		return said, w.say(ctx, n, said, body)
	})
}

// CommentDelete removes one's own comment, or, for administrators, anybody's.
func (e *Engine) CommentDelete(ctx context.Context, c Call, entity, id, comment string) (*Result, error) {
	err := e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) error {
		n, err := w.near(ctx, entity, id)
		if err != nil {
			return err
		}
		said, err := w.commentOf(ctx, n, comment)
		if err != nil {
			return err
		}
		if said.Author != c.Actor.ID && !c.Actor.Admin {
			return diag.Refuse("comment.not_yours", "")
		}
		if err := w.tx.DeleteComment(ctx, c.by(), said); err != nil {
			return err
		}
		return w.emitBeside(ctx, n, "comment.deleted", map[string]any{"comment": said.ID})
	})
	if err != nil {
		return nil, err
	}
	return &Result{Status: StatusEmpty}, nil
}

// commentOf finds a comment on a record.
func (w *writer) commentOf(ctx context.Context, n near, id string) (*store.Comment, error) {
	absent := diag.Refuse("comment.not_found", "")
	if !validID(id) {
		return nil, absent
	}
	said, err := w.tx.Comment(ctx, w.call.Snap.App.Name, string(n.entity.ID), n.id, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, absent
	}
	return said, err
}

// comment writes a comment on a record and answers with it. With an idempotency key a repeated request gets the first
// answer.
func (e *Engine) comment(ctx context.Context, c Call, entity, id string, req request, do func(context.Context, *writer, near) (*store.Comment, error)) (r *Result, err error) {
	err = e.write(ctx, c, claim{serializable: true}, func(ctx context.Context, w *writer) error {
		if r, err = w.replay(ctx, req); err != nil || r != nil {
			return err
		}
		n, err := w.near(ctx, entity, id)
		if err != nil {
			return err
		}
		said, err := do(ctx, w, n)
		if err != nil {
			return err
		}
		out, err := commentsJSON(ctx, &w.tx.Reader, said)
		if err != nil {
			return err
		}
		if r, err = e.json(nil, out[0]); err != nil {
			return err
		}
		if r.ID = said.ID; said.Updated.IsZero() {
			r.Status = StatusCreated
		}
		return w.keep(ctx, req, r)
	})
	if errors.Is(err, store.ErrTooLarge) {
		return nil, diag.Refuse("comment.too_many", "", "limit", store.MaxComments)
	}
	return r, err
}

// say reads a comment's body over what there is of it, keeps it and tells those who are mentioned.
func (w *writer) say(ctx context.Context, n near, said *store.Comment, body []byte) error {
	o, err := parseObject(body)
	if err != nil {
		return err
	}
	before := said.Mentions
	l := &lister{list: o.only("", "text", "mentions")}
	if o.get("text") != nil {
		said.Text = strings.TrimSpace(o.optionalText(l, "text"))
	}
	switch size := len([]rune(said.Text)); {
	case l.list.HasErrors():
	case said.Text == "":
		l.list.Add("body.member_required", "/text", "name", "text")
	case strings.ContainsRune(said.Text, 0):
		l.wrong("/text", "text", "text") // PostgreSQL keeps no NUL
	case size > maxCommentText:
		l.list.Add("limit.exceeded", "/text", "what", "text", "actual", size, "limit", maxCommentText)
	}
	if m := o.get("mentions"); m != nil {
		if said.Mentions, err = w.mentions(ctx, l, n, m); err != nil {
			return err
		}
	}
	if err := l.list.Err(); err != nil {
		return err
	}
	if err := w.tx.PutComment(ctx, said); err != nil {
		return err
	}
	if err := w.tellMentioned(ctx, n, said, before); err != nil {
		return err
	}
	verb := "comment.created"
	if !said.Updated.IsZero() {
		verb = "comment.updated"
	}
	return w.emitBeside(ctx, n, verb, map[string]any{"comment": said.ID})
}

// mentions reads who is mentioned: people who may come in and may read the record.
func (w *writer) mentions(ctx context.Context, l *lister, n near, v *jsonValue) ([]string, error) {
	if v.kind != jsonArray {
		l.wrong("/mentions", "mentions", "array")
		return nil, nil
	}
	if len(v.items) > maxMentions {
		l.list.Add("limit.exceeded", "/mentions", "what", "mentions", "actual", len(v.items), "limit", maxMentions)
		return nil, nil
	}
	var out []string
	for i := range v.items {
		id := strings.ToLower(v.items[i].text)
		if v.items[i].kind != jsonString || !validID(id) {
			l.list.Add("comment.mention_unknown", diag.Pointer("/mentions", i))
			continue
		}
		may, err := w.engine.mayRead(ctx, w.call, id, n)
		if err != nil {
			return nil, err
		}
		if !may {
			l.list.Add("comment.mention_unknown", diag.Pointer("/mentions", i))
			continue
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, nil
}

// mayRead tells whether somebody else may read a record.
func (e *Engine) mayRead(ctx context.Context, c Call, user string, n near) (bool, error) {
	if e.imports.actorOf == nil {
		return false, nil
	}
	actor, err := e.imports.actorOf(ctx, user)
	if _, refused := asProblem(err); refused {
		return false, nil // there is no such person, or he may not come in
	}
	if err != nil {
		return false, fmt.Errorf("look for who is mentioned: %w", err)
	}
	c.Actor, c.trusted = actor, false
	may := c.decide(n.entity.Entity, metamodel.ActRead)
	if !serves(c.Snap, actor) || !may.allow() {
		return false, nil
	}
	seen, err := e.newWorld(c, e.store.Reader()).readable(ctx, n.entity, may, []string{n.id})
	return seen[n.id], err
}
