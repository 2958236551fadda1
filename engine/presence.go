package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// How long somebody is there.
const (
	presenceLife  = 45 * time.Second // after which somebody who isn't seen anew is gone
	presenceFresh = 5 * time.Second  // within which being seen again isn't noted
)

// presenceChanged is the type of the event that somebody has come, gone, or begun or ended to edit.
const presenceChanged = "tenon.presence.changed.v1"

// presenceModes are what somebody does with a record that he has open.
var presenceModes = []string{"viewing", "editing"}

// presentJSON is somebody who has a record open.
type presentJSON struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Mode  string `json:"mode"`
	Since string `json:"since"`
}

// PresencePut says that the actor has a record open, {"mode": "viewing" | "editing"}, and answers who else has. It is
// said again and again while it is so.
func (e *Engine) PresencePut(ctx context.Context, c Call, entity, id string, body []byte) (*Result, error) {
	mode, err := presenceMode(body)
	if err != nil {
		return nil, err
	}
	if c.who() == nil {
		return nil, diag.Refuse("access.role_needed", "", "role", "member")
	}
	w := e.newWorld(c, e.store.Reader())
	n, err := w.near(ctx, entity, id)
	if err != nil {
		return nil, err
	}
	me := store.Presence{App: c.Snap.App.Name, Entity: string(n.entity.ID), Record: n.id, User: c.Actor.ID, Mode: mode, Seen: c.Now}
	alive := c.Now.Add(-presenceLife)
	people, err := e.store.Reader().Present(ctx, me.App, me.Entity, me.Record, alive)
	if err != nil {
		return nil, fmt.Errorf("read presence: %w", err)
	}
	i := slices.IndexFunc(people, func(p store.Presence) bool { return p.User == me.User })
	changed := i < 0 || people[i].Mode != mode
	if changed || c.Now.Sub(people[i].Seen) >= presenceFresh {
		err := e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) error {
			if err := w.tx.PutPresence(ctx, me, alive); err != nil || !changed {
				return err
			}
			return w.emitBeside(ctx, n, "presence.changed", map[string]any{})
		})
		if err != nil {
			return nil, err
		}
	}
	list, err := e.present(ctx, me.App, n, c.Now)
	if err != nil {
		return nil, err
	}
	return e.json(nil, map[string]any{"people": list})
}

func presenceMode(body []byte) (string, error) {
	o, err := parseObject(body)
	if err != nil {
		return "", err
	}
	l := &lister{list: o.only("", "mode")}
	mode := o.optionalText(l, "mode")
	if err := l.list.Err(); err != nil {
		return "", err
	}
	if !slices.Contains(presenceModes, mode) {
		return "", diag.Refuse("presence.mode_unknown", "/mode", "value", clip(mode), "known", presenceModes)
	}
	return mode, nil
}

// PresenceDelete says that the actor has closed a record. It is no matter whether he had it open, or may still read it.
func (e *Engine) PresenceDelete(ctx context.Context, c Call, entity, id string) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	if !validID(id) {
		return nil, diag.Refuse("record.not_found", "")
	}
	n := near{entity: ent, id: strings.ToLower(id)}
	err = e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) error {
		was, err := w.tx.DeletePresence(ctx, c.Snap.App.Name, string(ent.ID), n.id, c.Actor.ID)
		if err != nil || !was {
			return err
		}
		return w.emitBeside(ctx, n, "presence.changed", map[string]any{})
	})
	if err != nil {
		return nil, err
	}
	return &Result{Status: StatusEmpty}, nil
}

// present lists who has a record open.
func (e *Engine) present(ctx context.Context, app string, n near, now time.Time) ([]presentJSON, error) {
	people, err := e.store.Reader().Present(ctx, app, string(n.entity.ID), n.id, now.Add(-presenceLife))
	if err != nil {
		return nil, fmt.Errorf("read presence: %w", err)
	}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.User
	}
	names, err := e.store.Reader().UserNames(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	out := make([]presentJSON, len(people))
	for i, p := range people {
		out[i] = presentJSON{p.User, names[p.User], p.Mode, value.FormatDateTime(p.Since)}
	}
	return out, nil
}

// SweepPresence forgets those who have gone without saying so, and tells those who look at the same records.
func (e *Engine) SweepPresence(ctx context.Context) error {
	before := e.now().Add(-presenceLife)
	stale, err := e.store.Reader().StalePresence(ctx, before)
	if err != nil || len(stale) == 0 {
		return err
	}
	err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		for _, p := range stale {
			dropped, err := tx.DropStale(ctx, p, before)
			if err != nil {
				return err
			}
			if !dropped {
				continue // seen meanwhile, or dropped by another server
			}
			if err := tx.Emit(ctx, e.gone(p)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget who has gone: %w", err)
	}
	e.wake()
	return nil
}

// gone is the event that somebody isn't there any more. Its subject needs the entity's name of today.
func (e *Engine) gone(p store.Presence) store.Event {
	name := p.Entity
	if s := (*e.snaps.Load())[p.App]; s != nil {
		if ent := s.EntityByID(metamodel.ID(p.Entity)); ent != nil {
			name = ent.Name
		}
	}
	return store.Event{
		ID: e.newID(), Type: presenceChanged, Source: "/apps/" + p.App, Subject: name + "/" + p.Record, Time: e.now(),
		Data: []byte("{}"), App: p.App, EntityID: p.Entity, RecordID: p.Record,
	}
}
