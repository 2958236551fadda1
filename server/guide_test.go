package server

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// block is one fenced part of a guide: how it is marked, and what is in it.
type block struct{ mark, text string }

var fence = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

func blocksOf(t *testing.T, path string) []block {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		out = append(out, block{m[1], m[2]})
	}
	return out
}

// guideApp is the folder that the guide builds, and the terminal that it is typed in.
type guideApp struct {
	t       *testing.T
	dir     string
	lang    string
	environ []string
}

// put writes a file, or adds to one what the guide says.
func (g *guideApp) put(how, name, text string) {
	g.t.Helper()
	path := filepath.Join(g.dir, "expenses", filepath.FromSlash(name))
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		g.t.Fatalf("%s: %v", name, err)
	}
	if how == "merge" {
		before, err := os.ReadFile(path)
		if err != nil {
			g.t.Fatalf("the guide adds to a file that is not there: %v", err)
		}
		var old map[string]any
		if err := json.Unmarshal(before, &old); err != nil {
			g.t.Fatal(err)
		}
		v = merge(old, v)
	}
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		g.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(path, body, 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// merge adds members to an object, those of objects in it one by one.
func merge(into, from map[string]any) map[string]any {
	for k, v := range from {
		inner, isObject := v.(map[string]any)
		old, wasObject := into[k].(map[string]any)
		if isObject && wasObject {
			v = merge(old, inner)
		}
		into[k] = v
	}
	return into
}

var word = regexp.MustCompile(`"[^"]*"|\S+`)

// typed runs the commands of a block and gives what they say.
func (g *guideApp) typed(commands string) string {
	g.t.Helper()
	g.t.Chdir(g.dir)
	var out bytes.Buffer
	for line := range strings.Lines(commands) {
		args := word.FindAllString(strings.TrimSpace(line), -1)
		for i := range args {
			args[i] = strings.Trim(args[i], `"`)
		}
		if len(args) < 2 || args[0] != "tenon" {
			g.t.Fatalf("the guide types %q, which this test can't", line)
		}
		term := &terminal{out: &out, err: &out, environ: g.environ, lang: g.lang, now: time.Now}
		if code := run(g.t.Context(), term, args[1:]); code != exitOK {
			g.t.Errorf("%s ended with %d: %s", strings.TrimSpace(line), code, out.String())
		}
	}
	return out.String()
}

// The guide can be followed to the letter: each file is written, each command typed, and what is shown below a command
// is what it says.
func TestGuide(t *testing.T) {
	for path, lang := range map[string]string{"../docs/documents.md": "en-US", "../docs/documents.zh-CN.md": "zh-CN"} {
		t.Run(lang, func(t *testing.T) {
			blocks := blocksOf(t, path)
			dir := t.TempDir()
			g := &guideApp{t: t, dir: dir, lang: lang, environ: []string{"TENON_DATA=" + filepath.Join(dir, "data"), "TENON_LOG=error"}}
			files, commands := 0, 0
			for i, b := range blocks {
				how, name, isFile := strings.Cut(strings.TrimPrefix(b.mark, "json "), "=")
				switch {
				case isFile:
					g.put(how, name, b.text)
					files++
				case b.mark == "sh":
					said := g.typed(b.text)
					commands++
					if i+1 < len(blocks) && blocks[i+1].mark == "" && said != blocks[i+1].text {
						t.Errorf("%s says\n%s\nthe guide shows\n%s", b.text, said, blocks[i+1].text)
					}
				case b.mark != "":
					t.Errorf("a block is marked %q, which this test doesn't know", b.mark)
				}
			}
			if files < 14 || commands < 5 {
				t.Errorf("%d files and %d commands only", files, commands)
			}
		})
	}
}

// Both languages of the guide build the same app.
func TestGuideIsTheSameInBothLanguages(t *testing.T) {
	code := func(path string) []block {
		return slices.DeleteFunc(blocksOf(t, path), func(b block) bool { return b.mark == "" })
	}
	en, zh := code("../docs/documents.md"), code("../docs/documents.zh-CN.md")
	if !slices.Equal(en, zh) {
		for i := range min(len(en), len(zh)) {
			if en[i] != zh[i] {
				t.Fatalf("%s differs:\n%s\n%s", en[i].mark, en[i].text, zh[i].text)
			}
		}
		t.Errorf("%d blocks, %d blocks", len(en), len(zh))
	}
}
