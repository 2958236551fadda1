package schema

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// badCase is one case of testdata/bad.txt.
type badCase struct {
	name     string
	semantic bool
	edits    []string
	want     []string
}

func readCases(t testing.TB) []badCase {
	t.Helper()
	text, err := os.ReadFile("testdata/bad.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []badCase
	for _, line := range strings.Split(string(text), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "case":
			out = append(out, badCase{name: rest})
		case "semantic":
			out[len(out)-1].semantic = true
		case "set", "delete", "raw", "remove":
			out[len(out)-1].edits = append(out[len(out)-1].edits, line)
		case "want":
			out[len(out)-1].want = append(out[len(out)-1].want, rest)
		}
	}
	return out
}

// patch applies one edit of a case to the files.
func patch(t testing.TB, files map[string][]byte, edit string) {
	t.Helper()
	word, rest, _ := strings.Cut(edit, " ")
	file, rest, _ := strings.Cut(rest, " ")
	switch word {
	case "raw":
		files[file] = []byte(strings.NewReplacer(`\n`, "\n", `\ufeff`, "\ufeff").Replace(rest))
		return
	case "remove":
		delete(files, file)
		return
	}
	pointer, value, _ := strings.Cut(rest, " ")
	if n, isLong := strings.CutPrefix(value, "LONG"); isLong {
		count, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		value = `"` + strings.Repeat("x", count) + `"`
	}
	root, problem := parse(files[file], "")
	if problem != nil {
		t.Fatalf("%s: %v", file, problem)
	}
	if strings.ContainsAny(value, ".eE") && value[0] != '"' && value[0] != '{' && value[0] != '[' && value != "true" && value != "false" || strings.Contains(value, `\u0000`) || value == "9007199254740993" {
		// not a value that the reader takes: put a mark, and replace it in the text
		setAt(t, root, pointer, textNode("MARK"))
		files[file] = bytes.Replace(root.pretty(), []byte(`"MARK"`), []byte(value), 1)
		return
	}
	var v *node
	if word == "set" {
		if v, problem = parse([]byte(value), ""); problem != nil {
			t.Fatalf("%s: %v", edit, problem)
		}
	}
	setAt(t, root, pointer, v)
	files[file] = root.pretty()
}

// setAt puts a value at a JSON pointer, or takes what is there away when the value is nil.
func setAt(t testing.TB, n *node, pointer string, v *node) {
	t.Helper()
	parts := strings.Split(pointer, "/")[1:]
	for _, p := range parts[:len(parts)-1] {
		n = stepInto(t, n, p)
	}
	last := parts[len(parts)-1]
	if n.kind == jsonArray {
		i, err := strconv.Atoi(last)
		if err != nil {
			t.Fatal(err)
		}
		n.items[i] = v
		return
	}
	i := slices.IndexFunc(n.members, func(m member) bool { return m.key == last })
	switch {
	case v == nil && i < 0:
		t.Fatalf("nothing at %s", pointer)
	case v == nil:
		n.members = slices.Delete(n.members, i, i+1)
	case i < 0:
		n.members = append(n.members, member{last, v})
	default:
		n.members[i].value = v
	}
}

func stepInto(t testing.TB, n *node, key string) *node {
	t.Helper()
	if n.kind == jsonArray {
		i, err := strconv.Atoi(key)
		if err != nil || i >= len(n.items) {
			t.Fatalf("no item %s", key)
		}
		return n.items[i]
	}
	if v := n.get(key); v != nil {
		return v
	}
	t.Fatalf("no member %s", key)
	return nil
}

// unfilled finds placeholders that got no argument; date parts of number patterns are none.
var unfilled = regexp.MustCompile(`\{[a-x_]+\}`)

func TestDecodeRefuses(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 60 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := readFolder(t, "testdata/shop")
			for _, edit := range c.edits {
				patch(t, files, edit)
			}
			_, list := Decode(files, nil, nil)
			var got []string
			for _, d := range list {
				got = append(got, fmt.Sprintf("%s %s", d.Code, d.Path))
				for _, lang := range diag.Languages {
					if text := d.Text(lang); unfilled.MatchString(text) || text == string(d.Code) {
						t.Errorf("%s in %s: %s", d.Code, lang, text)
					}
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
			agree(t, c, files)
		})
	}
}

// agree checks that the published schemas judge the documents of a case as the decoder does.
func agree(t *testing.T, c badCase, files map[string][]byte) {
	t.Helper()
	shop := readFolder(t, "testdata/shop")
	if len(files) < len(shop) {
		return // a document is missing, which no schema sees
	}
	refused := false
	for path, text := range files {
		if bytes.Equal(text, shop[path]) {
			continue
		}
		key, _ := metamodel.ParseDocKey(path)
		root, problem := parse(text, key.Pointer())
		if problem != nil {
			return // not JSON that the reader takes: there is nothing for a schema to judge
		}
		if list := violations(&document{key: key, root: root, path: key.Pointer()}); len(list) > 0 {
			refused = true
		}
	}
	if refused == c.semantic {
		t.Errorf("the published schema refuses: %v; the case is semantic: %v", refused, c.semantic)
	}
}
