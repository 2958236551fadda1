package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Key groups actors who may see the same of every event of an app: those with the same roles, unless a role's rows
// depend on who asks.
func (e *Engine) Key(app string, actor *policy.Actor) string {
	s := (*e.snaps.Load())[app]
	if s == nil {
		return ""
	}
	key := fmt.Sprint(s.Generation, " ", serves(s, actor), " ", strings.Join(s.Permissions.RoleNames(actor), " "))
	for ent := range s.Entities {
		if !ent.IsLines() && len(s.Permissions.Decide(actor, ent.Entity, metamodel.ActRead).Rows) > 0 {
			return key + " " + actor.ID
		}
	}
	return key
}

// See returns what an actor may see of an event, nil when it is not for him: the record must be in his rows as it
// is now, and only fields that he may read are shown.
func (e *Engine) See(ctx context.Context, ev *store.Event, actor *policy.Actor) ([]byte, error) {
	if ev.Recipient != "" && ev.Recipient != actor.ID {
		return nil, nil
	}
	if ev.App == "" && ev.Recipient != "" {
		return ev.Data, nil
	}
	s := (*e.snaps.Load())[ev.App]
	if s == nil {
		return nil, nil
	}
	c := Call{Actor: actor, Snap: s, Now: ev.Time, Locale: metamodel.DefaultLanguage, Budget: expr.NewBudget(expr.RequestBudget)}
	if ev.EntityID == "" {
		if !serves(s, actor) {
			return nil, nil
		}
		return ev.Data, nil
	}
	ent := s.EntityByID(metamodel.ID(ev.EntityID))
	if ent == nil || ent.IsLines() {
		return nil, nil
	}
	may := c.decide(ent.Entity, metamodel.ActRead)
	if !may.allow() {
		return nil, nil
	}
	b := appendString([]byte(`{"app":`), ev.App)
	b = appendString(append(b, `,"entity":`...), ent.Name)
	if ev.RecordID == "" { // of the entity as a whole
		return append(b, '}'), nil
	}
	if may.rows() != nil {
		inside, err := e.inRows(ctx, c, ent, ev.RecordID, may)
		if err != nil || !inside {
			return nil, err
		}
	}
	if !strings.HasPrefix(ev.Type, "tenon.record.") {
		return e.seeBeside(ctx, b, ev, near{entity: ent, id: ev.RecordID})
	}
	b = appendString(append(b, `,"id":`...), ev.RecordID)
	b = fmt.Appendf(b, `,"version":%d,"changes":`, ev.Version)
	b, err := c.appendChanges(b, ent, may, ev.Data, nil)
	if err != nil {
		return nil, err
	}
	return append(b, '}'), nil
}

// seeBeside goes on with an event about what stands beside a record: its data hold nothing of the record itself. Who
// is there is told as it is now, since an event of the past says nothing about it.
func (e *Engine) seeBeside(ctx context.Context, b []byte, ev *store.Event, n near) ([]byte, error) {
	b = appendString(append(b, `,"record":`...), ev.RecordID)
	if ev.Type == presenceChanged {
		people, err := e.present(ctx, ev.App, n, e.now())
		if err != nil {
			return nil, err
		}
		list, err := json.Marshal(people)
		if err != nil {
			return nil, fmt.Errorf("write who is there: %w", err)
		}
		return append(append(append(b, `,"people":`...), list...), '}'), nil
	}
	if more := bytes.TrimPrefix(ev.Data, []byte("{")); len(more) > 1 {
		return append(append(b, ','), more...), nil
	}
	return append(b, '}'), nil
}

func (e *Engine) inRows(ctx context.Context, c Call, ent *compile.Entity, id string, may decision) (bool, error) {
	page, err := e.store.Reader().Select(ctx, &query.Select{
		Entity: ent.Entity, IDs: []string{id}, Where: may.where(), Limit: 1, Bin: query.Any,
		Fields: ent.Columns()[:1],
	}, c.env())
	if err != nil {
		return false, fmt.Errorf("judge an event: %w", err)
	}
	return len(page.Rows) > 0, nil
}
