package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
)

// checkApp checks the documents in a folder or zip. It needs neither a database nor a configuration.
func checkApp(_ context.Context, t *terminal, args []string) error {
	if len(args) != 1 {
		return usage("check")
	}
	app, _, list, err := judgeFolder(args[0])
	if err != nil {
		return err
	}
	t.list(t.out, list)
	t.say(fmt.Sprintf("%s: %s", app.Name, t.in(diag.Text{ZH: "没有错误。", EN: "no errors."})))
	return nil
}

// local makes the Call of a command: the machine's administrator acts as the system itself.
func (t *terminal) local() engine.Call {
	self := policy.Itself()
	self.Admin, self.Builder, self.Reviewer = true, true, true
	return engine.Call{Actor: self, Now: engine.Instant(t.now()), Locale: t.lang, RequestID: newRequestID(), Budget: expr.NewBudget(expr.RequestBudget)}
}

func exportApp(ctx context.Context, t *terminal, args []string) error {
	if len(args) != 2 {
		return usage("export")
	}
	return t.withEngine(ctx, false, func(e *engine.Engine) error {
		files, err := t.draft(ctx, e, args[0])
		if err != nil {
			return err
		}
		return writeFiles(args[1], files)
	})
}

// draft reads the draft documents of an app in source form.
func (t *terminal) draft(ctx context.Context, e *engine.Engine, app string) (map[string][]byte, error) {
	d, err := e.DocumentsZip(ctx, t.local(), app)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := d.Write(&buf); err != nil {
		return nil, fmt.Errorf("read draft: %w", err)
	}
	files, list := schema.ReadZip(buf.Bytes())
	return files, list.Err()
}

func importApp(ctx context.Context, t *terminal, args []string) error {
	again := len(args) == 5 && args[4] == "--repost"
	if len(args) != 2 && (len(args) != 4 && !again || args[2] != "--release") {
		return usage("import")
	}
	files, err := readFiles(args[1])
	if err != nil {
		return err
	}
	zip, err := schema.WriteZip(files)
	if err != nil {
		return fmt.Errorf("pack documents: %w", err)
	}
	return t.withEngine(ctx, true, func(e *engine.Engine) error {
		reason := ""
		if len(args) > 2 {
			reason = args[3]
		}
		return t.putApp(ctx, e, args[0], zip, reason, again)
	})
}

// ensureApp begins an app where there is none of that name.
func (t *terminal) ensureApp(ctx context.Context, e *engine.Engine, app string) error {
	_, err := e.Documents(ctx, t.local(), app)
	if problemCode(err) != "app.not_found" {
		return err
	}
	body, err := json.Marshal(map[string]string{"name": app, "title": app})
	if err != nil {
		return fmt.Errorf("write app: %w", err)
	}
	_, err = e.AppCreate(ctx, t.local(), body)
	return err
}

func diffApp(ctx context.Context, t *terminal, args []string) error {
	if len(args) != 2 {
		return usage("diff")
	}
	theirs, err := readFiles(args[1])
	if err != nil {
		return err
	}
	return t.withEngine(ctx, false, func(e *engine.Engine) error {
		ours, err := t.draft(ctx, e, args[0])
		if err != nil {
			return err
		}
		for _, line := range compareFiles(ours, theirs) {
			t.say(line)
		}
		return nil
	})
}

// compareFiles lists what changes from one set of documents to another: added and removed documents, and in the
// others the JSON pointers whose values differ.
func compareFiles(from, to map[string][]byte) []string {
	names := slices.Sorted(maps.Keys(from))
	for name := range to {
		if _, ok := from[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []string
	for _, name := range names {
		a, inFrom := from[name]
		b, inTo := to[name]
		switch {
		case !inTo:
			out = append(out, "- "+name)
		case !inFrom:
			out = append(out, "+ "+name)
		default:
			for _, at := range compareJSON(decodeAny(a), decodeAny(b), "") {
				out = append(out, "~ "+name+"#"+at)
			}
		}
	}
	return out
}

func decodeAny(data []byte) any {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return string(data)
	}
	return v
}

// compareJSON lists the pointers at which two JSON values differ.
func compareJSON(a, b any, path string) []string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return []string{path}
		}
		keys := maps.Clone(x)
		maps.Copy(keys, y)
		var out []string
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			_, inA := x[k]
			_, inB := y[k]
			if inA != inB {
				out = append(out, diag.Pointer(path, k))
				continue
			}
			out = append(out, compareJSON(x[k], y[k], diag.Pointer(path, k))...)
		}
		return out
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return []string{path}
		}
		var out []string
		for i := range x {
			out = append(out, compareJSON(x[i], y[i], diag.Pointer(path, i))...)
		}
		return out
	}
	if a != b {
		return []string{path}
	}
	return nil
}
