package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
)

// plan is a release worked out but not done: what changes in words, and what the database has to do.
type plan struct {
	draft    *appDraft
	from     *metamodel.App // what runs; nil for an app that never ran
	fromRef  store.Ref
	changes  []metamodel.Change
	schema   []store.Step
	warnings diag.List
	posted   []postedAnew
	looked   bool                  // it is known which documents have posted otherwise than they would
	again    map[metamodel.ID]bool // postings that are posted again, of those that are changed or taken away
	methods  []methodAnew
	snap     *compile.Snapshot // the draft's, not yet of any commit
	notes    notes
	// begin makes the draft of a new app, in the transaction of its first release; nil where there is one.
	begin func(ctx context.Context, tx *store.Tx) (store.Ref, error)
	// finish writes what belongs to the new state, in the same transaction; nil for nothing.
	finish func(ctx context.Context, tx *store.Tx, ref store.Ref) error
}

// makePlan works out the release of an app's draft. It refuses a draft that does not compile.
func (e *Engine) makePlan(ctx context.Context, app string) (*plan, error) {
	d, err := e.loadDraft(ctx, app)
	if err != nil {
		return nil, err
	}
	p := &plan{draft: d, again: map[metamodel.ID]bool{}}
	if p.snap, p.warnings, err = runnable(d.app); err != nil {
		return nil, err
	}
	ref, err := e.store.Reader().Ref(ctx, app, compile.Production)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return nil, fmt.Errorf("read the released state: %w", err)
	default:
		p.fromRef = ref
		if p.from, err = e.loadCommit(ctx, ref.Commit); err != nil {
			return nil, err
		}
	}
	p.changes = metamodel.Diff(p.from, d.app)
	if p.posted, err = e.postingChanges(ctx, p); err != nil {
		return nil, err
	}
	if p.methods, err = e.newMethods(ctx, p); err != nil {
		return nil, err
	}
	p.warnings = append(p.warnings, policy.Reveals(p.from, d.app)...)
	if p.schema, err = e.store.Plan(p.from, d.app); err != nil {
		return nil, fmt.Errorf("plan the release: %w", err)
	}
	return p, nil
}

// runnable refuses an app that can't be released: what any check finds wrong, and what can't be compiled. It gives
// what it was compiled to, and the warnings.
func runnable(app *metamodel.App) (*compile.Snapshot, diag.List, error) {
	warnings := check.App(app)
	if warnings.HasErrors() {
		return nil, nil, &diag.Problem{List: warnings}
	}
	s, list := compile.Compile(app, compile.Source{Env: compile.Production})
	if list.HasErrors() {
		return nil, nil, &diag.Problem{List: list}
	}
	if list := clockProblems(s); list.HasErrors() {
		return nil, nil, &diag.Problem{List: list}
	}
	return s, warnings, nil
}

// Plan shows what a release of the draft would change, in words and in the database, with a hash that a release
// can be bound to.
func (e *Engine) Plan(ctx context.Context, c Call, app string) (*Result, error) {
	if err := c.documentReader(); err != nil {
		return nil, err
	}
	p, err := e.makePlan(ctx, app)
	if err != nil {
		return nil, err
	}
	if err := e.look(ctx, p); err != nil {
		return nil, err
	}
	return p.result(c.Locale)
}

func (p *plan) result(lang string) (*Result, error) {
	type changeJSON struct {
		Class string       `json:"class"`
		Path  string       `json:"path"`
		ID    metamodel.ID `json:"id"`
		Text  string       `json:"text"`
	}
	changes := []changeJSON{}
	for _, ch := range p.changes {
		changes = append(changes, changeJSON{string(ch.Class()), ch.Of().Path, ch.Of().ID, ch.Words().In(lang)})
	}
	type stepJSON struct {
		Comment string `json:"comment"`
		SQL     string `json:"sql,omitempty"`
		Source  string `json:"source,omitempty"`
	}
	steps := []stepJSON{}
	for _, s := range p.schema {
		steps = append(steps, stepJSON{s.Comment, s.SQL, string(s.Source)})
	}
	p.tellPostings(lang)
	body, err := json.Marshal(map[string]any{
		"from": p.fromRef.Commit, "to": p.draft.ref.Commit, "plan": p.hash(),
		"changes": changes, "steps": steps, "postings": p.posted, "methods": p.methods, "warnings": json.RawMessage(appendDiagnostics(nil, p.warnings, lang)),
	})
	if err != nil {
		return nil, fmt.Errorf("write the plan: %w", err)
	}
	return &Result{Body: body, ETag: p.hash()}, nil
}

// hash names a plan: the state that runs and the state that would.
func (p *plan) hash() string {
	return request{"plan", p.fromRef.Commit, p.draft.ref.Commit, nil}.hash(p.draft.app.Name)
}

// Release makes the draft what runs: {"reason", "plan"?, "repost"?}. Repost are ids of postings that the plan says are
// changed or taken away: what documents have posted by them is posted again in periods that are open. The database is prepared first; then the reference
// moves in one transaction with journal and event, and every request from then on is served by the new state.
func (e *Engine) Release(ctx context.Context, c Call, app string, body []byte) (*Result, error) {
	if !c.Actor.Reviewer && !c.Actor.Admin && !c.trusted {
		return nil, diag.Refuse("access.role_needed", "", "role", "reviewer")
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	l := &lister{list: v.only("", "reason", "plan", "repost")}
	reason, bound, again := v.optionalText(l, "reason"), v.optionalText(l, "plan"), v.idList(l, "repost", maxReposts)
	if reason == "" {
		l.list.Add("release.reason_missing", "/reason")
	}
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	var p *plan
	var ref store.Ref
	err = e.store.Alone(ctx, releaseLock(app), func(ctx context.Context) (err error) {
		if p, err = e.makePlan(ctx, app); err != nil {
			return err
		}
		if bound != "" && bound != p.hash() {
			return diag.Refuse("release.plan_stale", "/plan")
		}
		if p.from != nil && p.fromRef.Commit == p.draft.ref.Commit {
			return diag.Refuse("release.nothing", "")
		}
		if err := p.choose(again); err != nil {
			return err
		}
		if err := e.checkGrants(ctx, c, nil, p.draft.app, p.fromRef.Generation); err != nil {
			return err
		}
		ref, err = e.release(ctx, c, p, reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	out, err := p.result(c.Locale)
	if err != nil {
		return nil, err
	}
	out.Body = append(appendString(append(out.Body[:len(out.Body)-1], `,"commit":`...), ref.Commit), fmt.Sprintf(`,"generation":%d}`, ref.Generation)...)
	out.Status = StatusCreated
	return out, nil
}

// releaseLock names the lock under which an app is planned, prepared and switched: of two servers that release at
// once, the second plans from what the first has left, and never touches columns that are in use meanwhile.
func releaseLock(app string) string { return "release:" + app }

// release prepares the database and moves the reference. It is called under the app's release lock.
func (e *Engine) release(ctx context.Context, c Call, p *plan, reason string) (store.Ref, error) {
	app := p.draft.app
	from := store.Pin{App: app.Name, Env: compile.Production, Generation: p.fromRef.Generation}
	err := e.store.Apply(ctx, from, app.ID, p.schema)
	if errors.Is(err, store.ErrMoved) {
		return store.Ref{}, diag.Refuse("release.moved", "")
	}
	if err != nil {
		return store.Ref{}, e.schemaProblem(err)
	}
	var to store.Ref
	defer e.settled(ctx, &p.notes)
	err = e.store.Write(ctx, store.Pin{Ledgers: len(p.snap.App.Ledgers) > 0}, func(ctx context.Context, tx *store.Tx) (err error) {
		to, err = e.switchTo(ctx, tx, c, p, reason)
		return err
	})
	if errors.Is(err, store.ErrMoved) {
		return to, diag.Refuse("release.moved", "")
	}
	if err != nil {
		return to, e.schemaProblem(err)
	}
	e.wake()
	if err := e.reload(context.WithoutCancel(ctx)); err != nil { // released it is: Follow will see it
		e.log.WarnContext(ctx, "follow own release", "error", err)
	}
	return to, nil
}

// switchTo makes a plan's state what runs, in the transaction at hand: the reference, what the database does with it,
// the journal and the event.
func (e *Engine) switchTo(ctx context.Context, tx *store.Tx, c Call, p *plan, reason string) (to store.Ref, err error) {
	app := p.draft.app
	if p.begin != nil {
		if p.draft.ref, err = p.begin(ctx, tx); err != nil {
			return to, err
		}
	}
	commit, err := e.commitApp(ctx, tx, c, app, reason, p.fromRef.Commit, p.draft.ref.Commit)
	if err != nil {
		return to, err
	}
	to = store.Ref{App: app.Name, Env: compile.Production, Commit: commit, Generation: p.fromRef.Generation + 1}
	if err := tx.SwapRef(ctx, app.Name, compile.Production, p.fromRef, to); err != nil {
		return to, err
	}
	// Only now have all writes of the old revision ended, so that the last of them are converted too.
	if err := tx.Switch(ctx, app.ID, p.schema); err != nil {
		return to, err
	}
	if err := e.beginKept(ctx, tx, p); err != nil {
		return to, err
	}
	if err := e.refill(ctx, tx, c, p); err != nil {
		return to, err
	}
	if err := e.beginPostings(ctx, tx, c, p); err != nil {
		return to, err
	}
	if err := e.beginMethods(ctx, tx, c, p); err != nil {
		return to, err
	}
	draft := store.Ref{App: app.Name, Env: draftEnv, Commit: commit, Generation: p.draft.ref.Generation + 1}
	if err := tx.SwapRef(ctx, app.Name, draftEnv, p.draft.ref, draft); err != nil {
		return to, err
	}
	if err := tx.UseIDs(ctx, app.Name, elementIDs(app)); err != nil {
		return to, err
	}
	if p.finish != nil {
		if err := p.finish(ctx, tx, to); err != nil {
			return to, err
		}
	}
	data := append(appendString([]byte(`{"commit":`), commit), '}')
	if err := tx.Journal(ctx, store.Entry{
		At: c.Now, Actor: c.Actor.ID, ActorKind: c.Actor.Kind.String(), Action: "release",
		App: app.Name, Data: data, RequestID: c.RequestID,
	}); err != nil {
		return to, err
	}
	// Who hears of it may ask a server that hasn't followed yet, and knows by the generation.
	data = append(appendString([]byte(`{"app":`), app.Name), `,"commit":`...)
	data = append(appendString(data, commit), fmt.Sprintf(`,"generation":%d}`, to.Generation)...)
	return to, tx.Emit(ctx, store.Event{ID: e.newID(), Type: "tenon.app.released.v1", Source: "/apps/" + app.Name, Subject: app.Name, Time: c.Now, Data: data, App: app.Name})
}

// schemaProblem turns what the store says about a change of tables into what a person is told.
func (e *Engine) schemaProblem(err error) error {
	if _, ok := asProblem(err); ok {
		return err
	}
	if errors.Is(err, store.ErrBusy) {
		return diag.Refuse("store.busy", "")
	}
	return fmt.Errorf("prepare the database: %w", err)
}

// maxReleases bounds a page of releases.
const maxReleases = 100

// Releases lists the commits of an app, newest first; drafts are left out.
func (e *Engine) Releases(ctx context.Context, c Call, app string, size int, token string) (*Result, error) {
	if err := c.documentReader(); err != nil {
		return nil, err
	}
	if size < 0 || size > maxReleases {
		return nil, diag.Refuse("query.page_size", "", "value", size, "limit", maxReleases)
	}
	if size == 0 {
		size = defaultPageSize
	}
	if _, err := e.loadDraft(ctx, app); err != nil {
		return nil, err
	}
	ref, err := e.store.Reader().Ref(ctx, app, compile.Production)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("read the released state: %w", err)
	}
	commits, err := e.store.Reader().Commits(ctx, app, token, maxReleases)
	if errors.Is(err, store.ErrNotFound) {
		return nil, diag.Refuse("query.page_token", "")
	}
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	type item struct {
		Commit string `json:"commit"`
		Author string `json:"author"`
		Reason string `json:"reason"`
		At     string `json:"at"`
		Live   bool   `json:"live"`
	}
	out := struct {
		Releases []item `json:"releases"`
		Next     string `json:"next_page_token,omitempty"`
	}{Releases: []item{}}
	for i, k := range commits {
		if len(out.Releases) == size {
			out.Next = commits[i-1].Hash
			break
		}
		if k.Reason != draftReason {
			out.Releases = append(out.Releases, item{k.Hash, k.Author, k.Reason, k.At.Format("2006-01-02T15:04:05.999999Z07:00"), k.Hash == ref.Commit})
		}
	}
	if out.Next == "" && len(commits) == maxReleases {
		out.Next = commits[len(commits)-1].Hash
	}
	return e.json(nil, out)
}

// elementIDs lists the ids of everything in an app, with what each is.
func elementIDs(app *metamodel.App) map[metamodel.ID]string {
	out := map[metamodel.ID]string{}
	for _, el := range app.Elements() {
		out[el.ID] = string(el.Kind)
	}
	return out
}
