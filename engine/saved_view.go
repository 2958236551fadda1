package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Bounds of saved views.
const (
	maxSavedTitle   = 100  // characters of a saved view's title
	maxSavedColumns = 200  // columns of a saved view
	maxColumnWidth  = 4000 // pixels of a saved view's column
)

// savedJSON is a saved view in an answer.
type savedJSON struct {
	ID      string          `json:"id"`
	Title   string          `json:"title"`
	Shared  bool            `json:"shared"`
	Owner   personJSON      `json:"owner"`
	Mine    bool            `json:"mine"`
	State   savedState      `json:"state"`
	Broken  json.RawMessage `json:"broken,omitempty"`
	Created string          `json:"created_at"`
	Updated string          `json:"updated_at"`
}

// personJSON is somebody in an answer.
type personJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SavedViews lists the ways in which people want to see a view: the actor's own and those that others share.
func (e *Engine) SavedViews(ctx context.Context, c Call, view string) (*Result, error) {
	v, err := c.entityView(view)
	if err != nil {
		return nil, err
	}
	all, err := e.store.Reader().SavedViews(ctx, c.Snap.App.Name, string(v.ID), c.Actor.ID)
	if err != nil {
		return nil, fmt.Errorf("read saved views: %w", err)
	}
	out, err := e.savedJSON(ctx, c, v, all...)
	if err != nil {
		return nil, err
	}
	return e.json(nil, map[string]any{"saved": out})
}

// savedJSON shows saved views as the actor may see them. What does not hold any more, for him, is marked; another's is
// then shown without what it consists of, which may name what he may not know.
func (e *Engine) savedJSON(ctx context.Context, c Call, v *metamodel.View, all ...*store.SavedView) ([]savedJSON, error) {
	ids := make([]string, len(all))
	for i, s := range all {
		ids[i] = s.User
	}
	names, err := e.store.Reader().UserNames(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	out := make([]savedJSON, len(all))
	for i, s := range all {
		j := savedJSON{
			ID: s.ID, Title: s.Title, Shared: s.Shared, Owner: personJSON{s.User, names[s.User]}, Mine: s.User == c.Actor.ID,
			Created: value.FormatDateTime(s.Created), Updated: value.FormatDateTime(s.Updated),
		}
		if err := json.Unmarshal(s.State, &j.State); err != nil {
			return nil, fmt.Errorf("read saved view %s: %w", s.ID, err)
		}
		if broken := c.judgeState(v, &j.State); broken.HasErrors() {
			if !j.Mine && c.documentReader() != nil {
				j.State, broken = savedState{}, diag.List{diag.New("view.saved_broken", "/state")}
			}
			j.Broken = appendDiagnostics(nil, broken, c.Locale)
		}
		out[i] = j
	}
	return out, nil
}

// SavedViewCreate keeps a way of seeing a view: {"title", "shared", "state"}.
func (e *Engine) SavedViewCreate(ctx context.Context, c Call, view string, body []byte) (*Result, error) {
	v, err := c.entityView(view)
	if err != nil {
		return nil, err
	}
	if c.who() == nil {
		return nil, diag.Refuse("access.role_needed", "", "role", "member")
	}
	s := &store.SavedView{App: c.Snap.App.Name, View: string(v.ID), User: c.Actor.ID, State: []byte("{}")}
	if err := c.decodeSaved(v, s, body); err != nil {
		return nil, err
	}
	if s.Title == "" {
		return nil, diag.Refuse("body.member_required", "/title", "name", "title")
	}
	return e.putSaved(ctx, c, v, s, request{"saved view", view, "", body})
}

// SavedViewUpdate changes a saved view, as far as the members are given; the state as a whole.
func (e *Engine) SavedViewUpdate(ctx context.Context, c Call, view, id string, body []byte) (*Result, error) {
	v, s, err := e.ownSaved(ctx, c, view, id)
	if err != nil {
		return nil, err
	}
	if err := c.decodeSaved(v, s, body); err != nil {
		return nil, err
	}
	return e.putSaved(ctx, c, v, s, request{"saved view", view, id, body})
}

// SavedViewDelete removes a saved view.
func (e *Engine) SavedViewDelete(ctx context.Context, c Call, view, id string) (*Result, error) {
	_, s, err := e.ownSaved(ctx, c, view, id)
	if err != nil {
		return nil, err
	}
	err = e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) error { return w.tx.DeleteSavedView(ctx, s.ID) })
	if err != nil {
		return nil, err
	}
	return &Result{Status: StatusEmpty}, nil
}

// ownSaved finds a saved view that the actor may change: his own, or, being a builder, a shared one.
func (e *Engine) ownSaved(ctx context.Context, c Call, view, id string) (*metamodel.View, *store.SavedView, error) {
	v, err := c.entityView(view)
	if err != nil {
		return nil, nil, err
	}
	absent := diag.Refuse("view.saved_not_found", "")
	if !validID(id) {
		return nil, nil, absent
	}
	s, err := e.store.Reader().SavedView(ctx, c.Snap.App.Name, string(v.ID), id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil, absent
	case err != nil:
		return nil, nil, fmt.Errorf("read saved view: %w", err)
	case s.User == c.Actor.ID:
		return v, s, nil
	case !s.Shared:
		return nil, nil, absent
	case c.builder() != nil:
		return nil, nil, diag.Refuse("view.saved_not_yours", "")
	}
	return v, s, nil
}

// putSaved writes a saved view and answers with it. With an idempotency key, a repeated request gets the first answer.
func (e *Engine) putSaved(ctx context.Context, c Call, v *metamodel.View, s *store.SavedView, req request) (r *Result, err error) {
	err = e.write(ctx, c, claim{serializable: true}, func(ctx context.Context, w *writer) error {
		if r, err = w.replay(ctx, req); err != nil || r != nil {
			return err
		}
		kept := *s // the transaction may run again
		if err := w.tx.PutSavedView(ctx, &kept); err != nil {
			return err
		}
		out, err := e.savedJSON(ctx, c, v, &kept)
		if err != nil {
			return err
		}
		if r, err = e.json(nil, out[0]); err != nil {
			return err
		}
		r.ID = kept.ID
		if s.ID == "" {
			r.Status = StatusCreated
		}
		return w.keep(ctx, req, r)
	})
	if errors.Is(err, store.ErrTooLarge) {
		return nil, diag.Refuse("view.saved_too_many", "", "limit", store.MaxSavedViews, "shared", store.MaxSharedViews)
	}
	return r, err
}

// decodeSaved reads the body of a saved view over what is kept.
func (c Call) decodeSaved(v *metamodel.View, s *store.SavedView, body []byte) error {
	o, err := parseObject(body)
	if err != nil {
		return err
	}
	l := &lister{list: o.only("", "title", "shared", "state")}
	if o.get("title") != nil {
		s.Title = strings.TrimSpace(o.optionalText(l, "title"))
		if strings.ContainsRune(s.Title, 0) {
			l.wrong("/title", "title", "text") // PostgreSQL keeps no NUL
		}
		if n := len([]rune(s.Title)); n > maxSavedTitle {
			l.list.Add("limit.exceeded", "/title", "what", "title", "actual", n, "limit", maxSavedTitle)
		}
		if s.Title == "" && !l.list.HasErrors() {
			l.list.Add("body.member_required", "/title", "name", "title")
		}
	}
	if shared := o.get("shared"); shared != nil {
		s.Shared = shared.bool
		if shared.kind != jsonBool {
			l.wrong("/shared", "shared", "boolean")
		}
	}
	if state := o.get("state"); state != nil {
		st := l.readState(state)
		if !l.list.HasErrors() {
			l.list = append(l.list, c.judgeState(v, &st)...)
		}
		if s.State, err = json.Marshal(st); err != nil {
			return fmt.Errorf("write the state: %w", err)
		}
	}
	return l.list.Err()
}
