package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
	"tenon/metamodel/schema"
)

// judgeFolder reads an app from a folder or zip and judges it; with errors, there is no app.
func judgeFolder(path string) (*metamodel.App, map[string][]byte, diag.List, error) {
	files, err := readFiles(path)
	if err != nil {
		return nil, nil, nil, err
	}
	app, list := schema.Decode(files, nil, nil)
	if app != nil && !list.HasErrors() {
		list = append(list, check.App(app)...)
	}
	list = list.Sort()
	if list.HasErrors() {
		return nil, nil, nil, &diag.Problem{List: list}
	}
	return app, files, list, nil
}

// testApp runs the scenarios of the app in a folder or zip: the real engine, on a database that is thrown away.
func testApp(ctx context.Context, t *terminal, args []string) (err error) {
	if len(args) != 1 {
		return usage("test")
	}
	app, files, _, err := judgeFolder(args[0])
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tenon-test-")
	if err != nil {
		return fmt.Errorf("make a throw-away database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	log := slog.New(slog.DiscardHandler)
	st, err := store.Open(ctx, store.Config{Dir: dir, Logger: log, Now: t.now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	e, err := openEngine(ctx, st, log, t.now)
	if err != nil {
		return err
	}
	zip, err := schema.WriteZip(files)
	if err != nil {
		return fmt.Errorf("pack documents: %w", err)
	}
	if err := t.putApp(ctx, e, app.Name, zip, "test", false); err != nil {
		return err
	}
	results, err := e.RunScenarios(ctx, app.Name)
	if err != nil {
		return err
	}
	return t.tellScenarios(app, results)
}

// putApp makes documents an app's draft, and releases it where a reason is given; again posts documents again whose
// postings it changes or takes away.
func (t *terminal) putApp(ctx context.Context, e *engine.Engine, app string, zip []byte, reason string, again bool) error {
	if err := t.ensureApp(ctx, e, app); err != nil {
		return err
	}
	if _, err := e.DocumentsImport(ctx, t.local(), app, zip); err != nil || reason == "" {
		return err
	}
	release := map[string]any{"reason": reason}
	if again {
		var err error
		if release["repost"], err = t.changedPostings(ctx, e, app); err != nil {
			return err
		}
	}
	body, err := json.Marshal(release)
	if err != nil {
		return fmt.Errorf("write release: %w", err)
	}
	r, err := e.Release(ctx, t.local(), app, body)
	if err != nil {
		return err
	}
	return t.tellPostings(r.Body)
}

// plannedPostings is what a plan or a release says of postings.
type plannedPostings struct {
	Postings []struct{ ID, Change, Text string }
}

// changedPostings lists the postings that a release would change or take away.
func (t *terminal) changedPostings(ctx context.Context, e *engine.Engine, app string) ([]string, error) {
	r, err := e.Plan(ctx, t.local(), app)
	if err != nil {
		return nil, err
	}
	var p plannedPostings
	if err := json.Unmarshal(r.Body, &p); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	ids := []string{}
	for _, posting := range p.Postings {
		if posting.Change != "added" {
			ids = append(ids, posting.ID)
		}
	}
	return ids, nil
}

// tellPostings writes what a release does to the postings of documents that are there.
func (t *terminal) tellPostings(released []byte) error {
	var p plannedPostings
	if err := json.Unmarshal(released, &p); err != nil {
		return fmt.Errorf("read the release: %w", err)
	}
	for _, posting := range p.Postings {
		t.say(posting.Text)
	}
	return nil
}

// tellScenarios writes how each scenario went, one a line, each failure below its scenario.
func (t *terminal) tellScenarios(app *metamodel.App, results []engine.ScenarioResult) error {
	failed := 0
	for i, r := range results {
		word := "ok  "
		if len(r.Failures) > 0 {
			word = "FAIL"
			failed++
		}
		t.say(word + " " + r.Name + ": " + app.Scenarios[i].Title.In(t.lang))
		for _, f := range r.Failures {
			t.say("     " + f)
		}
	}
	if failed > 0 {
		return diag.Refuse("scenario.failed", "", "failed", failed, "count", len(results))
	}
	t.say(fmt.Sprintf(t.in(diag.Text{ZH: "%s：%d 个场景全部通过。", EN: "%s: all %d scenarios passed."}), app.Name, len(results)))
	return nil
}
