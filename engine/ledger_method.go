package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// The method by which goods are valued is a policy: settings of the company, of a category, of an item, of a warehouse.
// A write that changes what the policy answers says how many cost pools that are there get another method, from which
// day on, and leaves a job that gives it to them. Where one of them can't have it, the write is refused.

// Bounds of changes of method.
const (
	// maxMethodPools is how many pools a write looks at; beyond them it says that the job looks at the others.
	maxMethodPools = 1_000
	// methodBatch is how many pools the job looks at in one transaction.
	methodBatch = 200
	// maxHeldTold is how many pools are named that can't have another method.
	maxHeldTold = 10
	// maxMethodScopes is how many records of a ledger's dimensions are told apart in one write; beyond them all pools are
	// looked at.
	maxMethodScopes = 20
)

// methodJob is which pools a job looks at, and how far it is, as it is kept between its transactions.
type methodJob struct {
	Ledger    metamodel.ID  `json:"ledger"`
	Dimension int           `json:"dimension"` // −1 is all
	Value     string        `json:"value,omitempty"`
	Source    ledger.Source `json:"source"`
	Code      string        `json:"code,omitempty"`
	After     string        `json:"after,omitempty"` // the last pool that was looked at
	Judged    bool          `json:"judged"`          // all were; they are being valued
	Done      int64         `json:"done"`
	Total     int64         `json:"total"` // that get another method
	Held      int64         `json:"held"`  // that can't
	Problem   string        `json:"problem,omitempty"`
}

func (p *methodJob) scope() ledger.Scope { return ledger.Scope{Dimension: p.Dimension, Value: p.Value} }

// methods looks at changes of records for those by which cost methods change.
func (w *writer) methods(ctx context.Context, changes []change) error {
	for _, l := range w.call.Snap.App.Ledgers {
		if l.Quantity == nil || l.Value == nil {
			continue
		}
		var jobs []methodJob
		field := ""
		for _, c := range changes {
			if !w.call.Snap.LedgerByID(l.ID).AsksMethodOf(c.entity.Entity) {
				continue
			}
			asked := asksMethod(w.call.Snap.LedgerByID(l.ID), c)
			if asked == "" {
				continue
			}
			if field == "" {
				field = asked
			}
			jobs = append(jobs, w.methodScopes(l, c)...)
		}
		if len(jobs) == 0 {
			continue
		}
		if err := w.changeMethods(ctx, l, jobs, field); err != nil {
			return err
		}
	}
	return nil
}

// asksMethod is the name of a field by whose change, in a record, the cost methods of some keys may change; "" where they
// don't.
func asksMethod(l *compile.Ledger, c change) string {
	before, after := there(c.before), there(c.after)
	if before == nil || after == nil {
		if before == nil && after == nil || !l.LooksForMethod(c.entity.Entity) {
			return ""
		}
		return c.entity.Fields[0].Name
	}
	var names []string
	for f := range changedFields(c.entity, before, after) {
		if l.AsksMethod(f) {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	if slices.Contains(names, string(metamodel.PolicyCostMethod)) {
		return string(metamodel.PolicyCostMethod)
	}
	return names[0]
}

// methodScopes says which pools of a ledger a record may have changed: those of the dimensions that it is one of, else
// all.
func (w *writer) methodScopes(l *metamodel.Ledger, c change) []methodJob {
	row := c.after
	if row == nil {
		row = c.before
	}
	id, _ := row[metamodel.SlotID].(string)
	job := methodJob{Ledger: l.ID, Dimension: -1, Source: ledger.Source{Entity: c.entity.Name, Record: id}, Code: w.nameOf(c.entity, row)}
	var out []methodJob
	for i, d := range l.Dimensions {
		if d.Target == c.entity.Entity && !w.call.Snap.LedgerByID(l.ID).LooksForMethod(c.entity.Entity) && inPool(l, d) {
			job.Dimension, job.Value = i, id
			out = append(out, job)
		}
	}
	if len(out) == 0 {
		out = append(out, job)
	}
	return out
}

func inPool(l *metamodel.Ledger, d *metamodel.Field) bool {
	return slices.ContainsFunc(l.PoolDimensions(), func(p metamodel.PoolDimension) bool { return p.Field == d })
}

// changeMethods looks, within a write, at the pools that it may have changed: it refuses what can't be, says what will
// be, and leaves it to jobs.
func (w *writer) changeMethods(ctx context.Context, l *metamodel.Ledger, jobs []methodJob, field string) error {
	wide := slices.IndexFunc(jobs, func(j methodJob) bool { return j.Dimension < 0 })
	switch {
	case wide >= 0:
		jobs = jobs[wide : wide+1]
	case len(jobs) > maxMethodScopes:
		jobs[0].Dimension, jobs[0].Value = -1, ""
		jobs = jobs[:1]
	}
	var told ledger.Turned
	left := maxMethodPools
	for i := range jobs {
		if w.job { // the write that has left values to it is made; nothing can be refused any more
			if err := w.putMethodJob(ctx, l, jobs[i]); err != nil {
				return err
			}
			continue
		}
		found, err := ledger.Turns(ctx, w.tx, l, w.ampleOptions(), jobs[i].scope(), "", left)
		if err != nil {
			return fmt.Errorf("look at the cost methods of %s: %w", l.Name, err)
		}
		if len(found.Turns) == 0 && !found.More {
			continue
		}
		told.Turns, told.Pools, told.More = append(told.Turns, found.Turns...), told.Pools+found.Pools, told.More || found.More
		if err := w.putMethodJob(ctx, l, jobs[i]); err != nil {
			return err
		}
		if left = max(left-found.Pools, methodBatch); len(told.Turns) > 0 && heldTurns(told.Turns) > 0 {
			break
		}
	}
	if err := w.heldMethods(ctx, l, told.Turns, diag.Pointer("", field)); err != nil {
		return err
	}
	w.tellMethods(l, told, diag.Pointer("", field))
	return nil
}

func heldTurns(turns []ledger.Turn) (n int) {
	for _, t := range turns {
		if t.Held != "" {
			n++
		}
	}
	return n
}

// heldMethods refuses a write that would give pools a method that they can't have.
func (w *writer) heldMethods(ctx context.Context, l *metamodel.Ledger, turns []ledger.Turn, path string) error {
	var list diag.List
	for _, t := range turns {
		if t.Held == "" {
			continue
		}
		if len(list) == maxHeldTold {
			list.Add("ledger.method_held_more", path, "count", heldTurns(turns)-maxHeldTold)
			break
		}
		d, err := w.heldMethod(ctx, l, t, path)
		if err != nil {
			return err
		}
		list = append(list, d)
	}
	return list.Err()
}

// heldMethod says why a pool can't have another method.
func (w *writer) heldMethod(ctx context.Context, l *metamodel.Ledger, t ledger.Turn, path string) (diag.Diagnostic, error) {
	code := diag.Code("ledger.method_held_" + string(t.Held))
	what, err := w.describeKey(ctx, l, t.Dims)
	return diag.New(code, path, "what", what, "from", w.methodTitle(l, t.From), "to", w.methodTitle(l, t.To)), err
}

func (w *writer) methodTitle(l *metamodel.Ledger, word string) string {
	if o := l.Cost.Field("method").Enum.Option(word); o != nil {
		return o.Title.In(w.call.Locale)
	}
	return word
}

// tellMethods says beside the answer what a write does to cost methods: how many pools get which, from when on.
func (w *writer) tellMethods(l *metamodel.Ledger, told ledger.Turned, path string) {
	type kind struct {
		From, To string
		Day      value.Date
	}
	by := map[kind]int{}
	for _, t := range told.Turns {
		by[kind{t.From, t.To, t.Day}]++
	}
	order := slices.SortedFunc(maps.Keys(by), func(a, b kind) int {
		if a.Day != b.Day {
			return int(a.Day) - int(b.Day)
		}
		return strings.Compare(a.From+a.To, b.From+b.To)
	})
	for _, t := range order {
		w.told = append(w.told, diag.Warn("ledger.method_changes", path, "ledger", l.Title.In(w.call.Locale), "count", by[t],
			"from", w.methodTitle(l, t.From), "to", w.methodTitle(l, t.To), "day", t.Day.String()))
	}
	if told.More {
		w.told = append(w.told, diag.Warn("ledger.method_more", path, "ledger", l.Title.In(w.call.Locale), "count", told.Pools))
	}
}

// ampleOptions are those of a book over many documents, with the means of a request for each key.
func (w *writer) ampleOptions() ledger.Options {
	keys := &writer{world: w.engine.newWorld(w.call, w.read), engine: w.engine, tx: w.tx}
	o := keys.bookOptions()
	answer := o.Policies
	o.Policies = func(ctx context.Context, l *metamodel.Ledger, dims []any) (ledger.Policies, error) {
		keys.call.Budget = expr.NewBudget(expr.RequestBudget)
		return answer(ctx, l, dims)
	}
	return o
}

// putMethodJob leaves pools to a job, which begins once the transaction is committed. One that waits to begin does for
// both.
func (w *writer) putMethodJob(ctx context.Context, l *metamodel.Ledger, p methodJob) error {
	jobs, err := w.tx.RunningJobs(ctx, w.call.Snap.App.Name, deriveRunning, store.JobMethod)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		var q methodJob
		if err := json.Unmarshal(j.Progress, &q); err != nil {
			return fmt.Errorf("read job %s: %w", j.ID, err)
		}
		if q.Ledger == p.Ledger && q.scope() == p.scope() && j.Place == "" {
			return nil
		}
	}
	progress, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write which pools are looked at: %w", err)
	}
	return w.tx.PutJob(ctx, store.Job{
		ID: w.engine.newID(), Kind: store.JobMethod, App: w.call.Snap.App.Name, Entity: string(l.Cost.ID), Actor: w.call.Actor.ID,
		State: deriveRunning, Progress: progress,
	})
}

// methodAnew is a ledger whose cost method a release answers otherwise, for the plan of it.
type methodAnew struct {
	Ledger string       `json:"ledger"`
	Pools  int64        `json:"pools"` // that are there and will be looked at
	id     metamodel.ID // of what the ledger keeps of costs
	ledger metamodel.ID
}

// newMethods lists the ledgers with pools for which a release writes the policy of the cost method anew.
func (e *Engine) newMethods(ctx context.Context, p *plan) ([]methodAnew, error) {
	out := []methodAnew{}
	if p.from == nil {
		return out, nil
	}
	for _, l := range p.draft.app.Ledgers {
		was := p.from.LedgerByID(l.ID)
		if was == nil || !slices.ContainsFunc([]metamodel.Policy{metamodel.PolicyCostMethod, metamodel.PolicyMethodFrom}, func(x metamodel.Policy) bool {
			return storedText(was.Policies[x]) != storedText(l.Policies[x])
		}) {
			continue
		}
		n, err := e.store.Reader().RecordCount(ctx, was.Cost)
		if err != nil {
			return nil, fmt.Errorf("count cost pools of %s: %w", l.Name, err)
		}
		if n > 0 {
			out = append(out, methodAnew{l.Name, n, l.Cost.ID, l.ID})
		}
	}
	return out, nil
}

func storedText(f *metamodel.Formula) string {
	if f == nil {
		return ""
	}
	return f.Stored
}

// beginMethods leaves the pools of those ledgers to jobs, in the transaction of the release.
func (e *Engine) beginMethods(ctx context.Context, tx *store.Tx, c Call, p *plan) error {
	for _, m := range p.methods {
		progress, err := json.Marshal(methodJob{Ledger: m.ledger, Dimension: -1})
		if err != nil {
			return fmt.Errorf("write which pools are looked at: %w", err)
		}
		err = tx.PutJob(ctx, store.Job{
			ID: e.newID(), Kind: store.JobMethod, App: p.draft.app.Name, Entity: string(m.id), Actor: c.Actor.ID, State: deriveRunning, Progress: progress,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// turnMethods gives the pools of a ledger the methods that writes have left to jobs.
func (e *Engine) turnMethods(ctx context.Context, s *compile.Snapshot, name string) error {
	for more := true; more && ctx.Err() == nil; {
		jobs, err := e.methodJobs(ctx, e.store.Reader(), s, name)
		if err != nil || len(jobs) == 0 {
			return err
		}
		c := Call{
			Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: "method", trusted: true,
			Budget: expr.NewBudget(expr.RequestBudget),
		}
		err = e.write(ctx, c, claim{ledgers: true}, func(ctx context.Context, w *writer) (err error) {
			more, err = w.turnBatch(ctx, name)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// methodJobs lists the jobs that give pools of a ledger another method.
func (e *Engine) methodJobs(ctx context.Context, r jobReader, s *compile.Snapshot, name string) ([]store.Job, error) {
	l := s.Ledger(name)
	jobs, err := r.RunningJobs(ctx, s.App.Name, deriveRunning, store.JobMethod)
	return slices.DeleteFunc(jobs, func(j store.Job) bool {
		return l == nil || j.Entity != string(l.Cost.ID)
	}), err
}

// jobReader reads jobs, in a transaction or outside of one.
type jobReader interface {
	RunningJobs(ctx context.Context, app, state string, kinds ...string) ([]store.Job, error)
}

// turnBatch looks at the next pools of the oldest job that hasn't looked at all of its own; more is false where none is
// left.
func (w *writer) turnBatch(ctx context.Context, name string) (more bool, err error) {
	l := w.call.Snap.Ledger(name)
	if l == nil {
		return false, nil // a release has done without it
	}
	jobs, err := w.engine.methodJobs(ctx, w.tx, w.call.Snap, name)
	if err != nil {
		return false, err
	}
	for _, j := range jobs {
		var p methodJob
		if err := json.Unmarshal(j.Progress, &p); err != nil {
			return false, fmt.Errorf("read job %s: %w", j.ID, err)
		}
		if !p.Judged {
			return true, w.turnPools(ctx, l.Ledger, j, &p)
		}
	}
	return false, nil
}

func (w *writer) turnPools(ctx context.Context, l *metamodel.Ledger, j store.Job, p *methodJob) error {
	kept, found, err := ledger.TurnPools(ctx, w.tx, l, w.ampleOptions(), p.scope(), p.Source, p.Code, p.After, methodBatch)
	if err != nil {
		return err
	}
	p.After, p.Judged = found.Last, !found.More
	for _, t := range found.Turns {
		if t.Held == "" {
			p.Total++
			continue
		}
		if p.Held++; p.Problem == "" { // goods came in since the write was judged, or there were too many pools for it
			d, err := w.heldMethod(ctx, l, t, "")
			if err != nil {
				return err
			}
			p.Problem = d.Text(w.call.Locale)
		}
	}
	if err := w.derive(ctx, w.keptChanges(kept)...); err != nil {
		return err
	}
	return w.moveMethodJob(ctx, j, p, 0)
}

// moveMethodJob notes how far a job is; waiting is how many pools wait for their values.
func (w *writer) moveMethodJob(ctx context.Context, j store.Job, p *methodJob, waiting int) (err error) {
	to := j
	to.Place = p.After
	if to.Place == "" {
		to.Place = "-" // there are no pools
	}
	if p.Judged {
		if p.Done = max(p.Done, p.Total-int64(waiting)); waiting == 0 && j.Place != "" {
			to.State, p.Done = deriveDone, p.Total
			if err := w.tx.PruneJobs(ctx, j.App, j.Kind, deriveDone, w.call.Now.Add(-keepJobs)); err != nil {
				return err
			}
		}
	}
	if to.Progress, err = json.Marshal(p); err != nil {
		return fmt.Errorf("write how far the methods are: %w", err)
	}
	return w.tx.MoveJob(ctx, j, to)
}

// valuedMethods moves the jobs of a ledger on whose pools are being valued.
func (w *writer) valuedMethods(ctx context.Context, l *metamodel.Ledger) error {
	jobs, err := w.engine.methodJobs(ctx, w.tx, w.call.Snap, l.Name)
	if err != nil || len(jobs) == 0 {
		return err
	}
	waiting, err := ledger.Waiting(ctx, w.tx, l)
	if err != nil {
		return fmt.Errorf("count what waits: %w", err)
	}
	for _, j := range jobs {
		var p methodJob
		if err := json.Unmarshal(j.Progress, &p); err != nil {
			return fmt.Errorf("read job %s: %w", j.ID, err)
		}
		if !p.Judged {
			continue
		}
		if err := w.moveMethodJob(ctx, j, &p, waiting); err != nil {
			return err
		}
	}
	return nil
}

// methodStatus is a job that changes cost methods, for those who may read costs; what stands in its way is for those who
// may release the app.
func (c Call) methodStatus(j store.Job) (*jobStatus, error) {
	var p methodJob
	if err := json.Unmarshal(j.Progress, &p); err != nil {
		return nil, fmt.Errorf("read job %s: %w", j.ID, err)
	}
	return c.statusOf(j, p.Done, p.Total, p.Problem), nil
}
