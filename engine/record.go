package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// validID tells whether a text can be the id of a record; anything else is simply not found.
func validID(id string) bool {
	_, err := uuid.Parse(id)
	return err == nil && len(id) == 36
}

// Create makes a record from a JSON object.
func (e *Engine) Create(ctx context.Context, c Call, entity string, body []byte, opt ReadOptions) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	return e.one(ctx, c, ent, opt, request{"create", entity, "", body}, func(ctx context.Context, w *writer, ent *compile.Entity) (*draft, error) {
		return w.createFrom(ctx, ent, v, "")
	})
}

// Update changes the fields that a JSON object names; ifMatch is the version that the client saw, 0 for any.
func (e *Engine) Update(ctx context.Context, c Call, entity, id string, ifMatch int64, body []byte, opt ReadOptions) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	return e.one(ctx, c, ent, opt, request{"update", entity, id, body}, func(ctx context.Context, w *writer, ent *compile.Entity) (*draft, error) {
		return w.updateFrom(ctx, ent, id, ifMatch, v, "")
	})
}

// Transition moves a record to another state: {"transition": "approve"}. With "warnings": "refuse" it is not made where
// there is something to be warned of, so that somebody can think again.
func (e *Engine) Transition(ctx context.Context, c Call, entity, id string, ifMatch int64, body []byte, opt ReadOptions) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	name, err := transitionName(v, "", "warnings")
	if err != nil {
		return nil, err
	}
	unwarned := v.get("warnings")
	if unwarned != nil && (unwarned.kind != jsonString || unwarned.text != "refuse") {
		return nil, wrongMember("/warnings", "warnings", "refuse")
	}
	return e.one(ctx, c, ent, opt, request{"transition", entity, id, body}, func(ctx context.Context, w *writer, ent *compile.Entity) (*draft, error) {
		d, err := w.transition(ctx, ent, id, name, ifMatch, "")
		if err == nil && unwarned != nil {
			err = d.warned()
		}
		return d, err
	})
}

// warned refuses what there is something to be warned of.
func (d *draft) warned() error {
	if len(d.list) == 0 {
		return nil
	}
	refusal := diag.New("flow.warned", "", "count", len(d.list))
	return &diag.Problem{List: append(diag.List{refusal}, d.list...)}
}

func transitionName(v *jsonValue, path string, also ...string) (string, error) {
	if err := v.only(path, append(also, "transition")...).Err(); err != nil {
		return "", err
	}
	t := v.get("transition")
	if t == nil || t.kind != jsonString {
		return "", wrongMember(diag.Pointer(path, "transition"), "transition", "text")
	}
	return t.text, nil
}

// Delete puts a record into the recycle bin.
func (e *Engine) Delete(ctx context.Context, c Call, entity, id string, ifMatch int64) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	r, err := e.one(ctx, c, ent, ReadOptions{}, request{"delete", entity, id, nil}, func(ctx context.Context, w *writer, ent *compile.Entity) (*draft, error) {
		left := maxCascade
		return w.remove(ctx, ent, id, ifMatch, "", &left)
	})
	if err != nil {
		return nil, err
	}
	return &Result{Status: StatusEmpty, ID: r.ID, Replayed: r.Replayed}, nil
}

// Restore takes a record out of the recycle bin.
func (e *Engine) Restore(ctx context.Context, c Call, entity, id string) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	return e.one(ctx, c, ent, ReadOptions{}, request{"restore", entity, id, nil}, func(ctx context.Context, w *writer, ent *compile.Entity) (*draft, error) {
		return w.restore(ctx, ent, id, "")
	})
}

// request is what makes two requests the same, for idempotency keys.
type request struct {
	verb, entity, id string
	body             []byte
}

func (r request) hash(app string) string {
	h := sha256.New()
	for _, part := range []string{app, r.verb, r.entity, r.id, string(r.body)} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash accepts every write
	}
	return hex.EncodeToString(h.Sum(nil))
}

// one runs a change of one record in a transaction and answers with the record as the actor may read it. With an
// idempotency key the answer is kept, in the same transaction, and given again to whoever repeats the request.
func (e *Engine) one(ctx context.Context, c Call, ent *compile.Entity, opt ReadOptions, req request, do func(context.Context, *writer, *compile.Entity) (*draft, error)) (*Result, error) {
	var result *Result
	err := e.write(ctx, c, c.claimOf(ent, req.verb == "delete"), func(ctx context.Context, w *writer) error {
		saved, err := w.replay(ctx, req)
		if err != nil {
			return err
		}
		if saved != nil {
			result, err = w.again(ctx, saved, ent, opt)
			return err
		}
		ent, err := w.call.entity(ent.Name) // of the Snapshot at hand: a release may have replaced the one that was decided on
		if err != nil {
			return err
		}
		d, err := do(ctx, w, ent)
		if err != nil {
			return err
		}
		if result, err = w.answer(ctx, d, opt); err != nil {
			return err
		}
		if req.verb == "create" {
			result.Status = StatusCreated
		}
		return w.keep(ctx, req, result)
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// replay finds the answer of an earlier request with the same idempotency key.
func (w *writer) replay(ctx context.Context, req request) (*Result, error) {
	if w.call.IdempotencyKey == "" {
		return nil, nil
	}
	saved, err := w.tx.Idempotent(ctx, w.call.Actor.ID, w.call.IdempotencyKey, req.hash(w.call.Snap.App.Name))
	if err != nil || saved == nil {
		return nil, err
	}
	return &Result{Body: saved.Body, Version: saved.Version, ID: saved.Record, Status: Status(saved.Status), Replayed: true}, nil
}

// again is the answer of an earlier request as the actor may read its record now: he may have lost rights since. Who may
// not read gets the id and version that he had.
func (w *writer) again(ctx context.Context, saved *Result, ent *compile.Entity, opt ReadOptions) (*Result, error) {
	if saved.ID == "" || saved.Status == StatusEmpty {
		return saved, nil
	}
	out := &Result{ID: saved.ID, Version: saved.Version, Status: saved.Status, Replayed: true}
	out.Body = fmt.Appendf(appendString([]byte(`{"id":`), saved.ID), `,"version":%d}`, saved.Version)
	ent, err := w.call.entity(ent.Name)
	if err != nil {
		return out, nil //nolint:nilerr // he has no grant on the entity any more
	}
	may := w.call.decide(ent.Entity, metamodel.ActRead)
	if !may.allow() {
		return out, nil
	}
	p, err := w.engine.projection(w.world, ent, opt)
	if err != nil {
		return nil, err
	}
	row, err := w.get(ctx, ent, saved.ID, may, p)
	if problem, told := asProblem(err); told && problem.First().Code == "record.not_found" {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Version = row[metamodel.SlotVersion].(int64)
	out.Body, err = w.shownOne(ctx, p, row, opt, nil)
	return out, err
}

func (w *writer) keep(ctx context.Context, req request, r *Result) error {
	if w.call.IdempotencyKey == "" {
		return nil
	}
	return w.tx.SaveIdempotent(ctx, w.call.Actor.ID, w.call.IdempotencyKey, req.hash(w.call.Snap.App.Name),
		store.Response{Status: string(r.Status), Body: r.Body, Version: r.Version, Record: r.ID})
}

// answer is the written record as the actor may read it; who may not read gets the id and version alone.
func (w *writer) answer(ctx context.Context, d *draft, opt ReadOptions) (*Result, error) {
	row := d.after
	r := &Result{ID: row[metamodel.SlotID].(string), Version: row[metamodel.SlotVersion].(int64)}
	may := w.call.decide(d.entity.Entity, metamodel.ActRead)
	visible := may.allow()
	if rows := may.rows(); visible && rows != nil {
		v, err := w.env.Model.EvalNode(rows, w.activation(ctx, row))
		visible, _ = v.(bool)
		visible = visible && err == nil
	}
	if !visible {
		r.Body = appendString([]byte(`{"id":`), r.ID)
		r.Body = fmt.Appendf(r.Body, `,"version":%d}`, r.Version)
		return r, nil
	}
	p, err := w.engine.projection(w.world, d.entity, opt)
	if err != nil {
		return nil, err
	}
	row = cloneRow(row)
	for _, l := range d.entity.Lines {
		row[l.Field.Slot] = cloneLines(row[l.Field.Slot])
	}
	if err := w.fillShown(ctx, p, []value.Row{row}, nil, true); err != nil {
		return nil, err
	}
	r.Body, err = w.shownOne(ctx, p, row, opt, d.list)
	return r, err
}

func (w *writer) createFrom(ctx context.Context, e *compile.Entity, v *jsonValue, path string) (*draft, error) {
	may, err := w.call.require(e, metamodel.ActCreate)
	if err != nil {
		return nil, err
	}
	dec := &decoder{lang: w.call.Locale, cells: w.importing}
	g := w.call.decodeRecord(dec, e, may, v, path)
	return w.create(ctx, e, g, path, dec.list)
}

func (w *writer) updateFrom(ctx context.Context, e *compile.Entity, id string, ifMatch int64, v *jsonValue, path string) (*draft, error) {
	may, err := w.call.require(e, metamodel.ActUpdate)
	if err != nil {
		return nil, err
	}
	dec := &decoder{lang: w.call.Locale, cells: w.importing}
	g := w.call.decodeRecord(dec, e, may, v, path)
	return w.update(ctx, e, id, ifMatch, g, path, dec.list)
}

// Get reads one record with its lines.
func (e *Engine) Get(ctx context.Context, c Call, entity, id string, opt ReadOptions) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	may, err := c.require(ent, metamodel.ActRead)
	if err != nil {
		return nil, err
	}
	w := e.newWorld(c, e.store.Reader())
	p, err := e.projection(w, ent, opt)
	if err != nil {
		return nil, err
	}
	row, err := w.get(ctx, ent, id, may, p)
	if err != nil {
		return nil, err
	}
	body, err := w.shownOne(ctx, p, row, opt, nil)
	if err != nil {
		return nil, err
	}
	return &Result{Body: body, ID: id, Version: row[metamodel.SlotVersion].(int64)}, nil
}

// get reads one visible record, deleted ones included, with what the projection shows.
func (w *world) get(ctx context.Context, ent *compile.Entity, id string, may decision, p *projection) (value.Row, error) {
	if !validID(id) {
		return nil, diag.Refuse("record.not_found", "")
	}
	stored, rest := w.parts(p)
	page, err := w.read.Select(ctx, &query.Select{Entity: ent.Entity, IDs: []string{id}, Where: may.where(), Limit: 1, Fields: stored}, w.env)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ent.Name, err)
	}
	if len(page.Rows) == 0 {
		return nil, diag.Refuse("record.not_found", "")
	}
	return page.Rows[0], w.fillRest(ctx, p, page.Rows, rest)
}

// getAny reads one visible record with every stored field, deleted or not.
func (w *world) getAny(ctx context.Context, ent *compile.Entity, id string, may decision) (value.Row, error) {
	if !validID(id) {
		return nil, diag.Refuse("record.not_found", "")
	}
	page, err := w.read.Select(ctx, &query.Select{Entity: ent.Entity, IDs: []string{id}, Where: may.where(), Limit: 1, Bin: query.Any}, w.env)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ent.Name, err)
	}
	if len(page.Rows) == 0 {
		return nil, diag.Refuse("record.not_found", "")
	}
	return page.Rows[0], nil
}
