package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Bounds of the audit of refusals: when more come at once than can be written, those over are counted and not kept,
// so that nobody can stop the work by being refused.
const (
	maxRefusals   = 1000 // refusals that wait to be written
	refusalsEvery = 200 * time.Millisecond
)

// Refused notes that a request was refused: who asked, for what, with which code. It never waits.
func (e *Engine) Refused(c Call, app, target string, code diag.Code) {
	if !metamodel.IsName(app) {
		app = "" // what is no name is told by the target, where it can't hurt
	}
	entry := store.Entry{
		At: c.Now, Actor: c.Actor.ID, ActorKind: c.Actor.Kind.String(), Action: "refusal", App: app,
		Data: append(appendString([]byte(`{"target":`), clip(target)), '}'), RequestID: c.RequestID, Code: string(code),
	}
	select {
	case e.refusals <- entry:
	default:
		e.refusalsLost.Add(1)
	}
}

// KeepRefusals writes refusals to the journal, many at a time, until ctx ends; then it writes what is left.
func (e *Engine) KeepRefusals(ctx context.Context) {
	tick := time.NewTicker(refusalsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			e.writeRefusals(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			e.writeRefusals(ctx)
		}
	}
}

func (e *Engine) writeRefusals(ctx context.Context) {
	var batch []store.Entry
	for len(batch) < maxRefusals {
		select {
		case entry := <-e.refusals:
			batch = append(batch, entry)
			continue
		default:
		}
		break
	}
	if lost := e.refusalsLost.Swap(0); lost > 0 {
		batch = append(batch, store.Entry{At: e.now(), ActorKind: "system", Action: "refusals_lost", Data: fmt.Appendf(nil, `{"count":%d}`, lost)})
	}
	if len(batch) == 0 {
		return
	}
	err := e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Journal(ctx, batch...) })
	if err != nil {
		e.refusalsLost.Add(int64(len(batch)))
		e.log.ErrorContext(ctx, "journal refusals", "error", err, "count", len(batch))
	}
}

// maxAuditPage bounds a page of the audit.
const maxAuditPage = 200

// AuditRequest selects entries of the audit; empty parts select all.
type AuditRequest struct {
	App, Actor, Action string
	PageSize           int
	PageToken          string
}

// Audit lists the journal for administrators, newest first. Values of records are not shown: only who did what to
// which record, when, and which refusals there were.
func (e *Engine) Audit(ctx context.Context, c Call, req AuditRequest) (*Result, error) {
	if !c.Actor.Admin {
		return nil, diag.Refuse("access.role_needed", "", "role", "admin")
	}
	if req.PageSize < 0 || req.PageSize > maxAuditPage {
		return nil, diag.Refuse("query.page_size", "", "value", req.PageSize, "limit", maxAuditPage)
	}
	if req.PageSize == 0 {
		req.PageSize = defaultPageSize
	}
	before := int64(0)
	if req.PageToken != "" {
		n, err := strconv.ParseInt(req.PageToken, 10, 64)
		if err != nil || n <= 0 {
			return nil, diag.Refuse("query.page_token", "")
		}
		before = n
	}
	entries, err := e.store.Reader().Entries(ctx, store.JournalFilter{App: req.App, Actor: req.Actor, Action: req.Action}, before, req.PageSize+1)
	if err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	type item struct {
		Seq       int64           `json:"seq"`
		At        time.Time       `json:"at"`
		Actor     string          `json:"actor"`
		ActorKind string          `json:"actor_kind"`
		Action    string          `json:"action"`
		App       string          `json:"app,omitempty"`
		Entity    string          `json:"entity,omitempty"`
		Record    string          `json:"record,omitempty"`
		Version   int64           `json:"version,omitempty"`
		Code      string          `json:"code,omitempty"`
		Request   string          `json:"request,omitempty"`
		Data      json.RawMessage `json:"data,omitempty"`
	}
	out := struct {
		Entries []item `json:"entries"`
		Next    string `json:"next_page_token,omitempty"`
	}{Entries: []item{}}
	for i, x := range entries {
		if i == req.PageSize {
			out.Next = strconv.FormatInt(entries[i-1].Seq, 10)
			break
		}
		it := item{x.Seq, x.At, x.Actor, x.ActorKind, x.Action, x.App, e.entityName(x.App, x.EntityID), x.RecordID, x.Version, x.Code, x.RequestID, nil}
		if x.EntityID == "" && len(x.Data) > 0 {
			it.Data = x.Data
		}
		out.Entries = append(out.Entries, it)
	}
	return e.json(nil, out)
}

func (e *Engine) entityName(app, id string) string {
	if s := (*e.snaps.Load())[app]; s != nil {
		for ent := range s.Entities {
			if string(ent.ID) == id {
				return ent.Name
			}
		}
	}
	return id
}
