package schema

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// FuzzDecode puts any text into the place of any value of a document: decoding never panics, what it takes the
// published schema takes as well, and it can be stored and loaded.
func FuzzDecode(f *testing.F) {
	files := readFolder(f, "testdata/shop")
	paths := slices.Sorted(maps.Keys(files))
	for i, path := range paths {
		f.Add(uint8(i), uint16(0), files[path])
		f.Add(uint8(i), uint16(7), []byte(`"x"`))
		f.Add(uint8(i), uint16(20), []byte(`{"name": "a", "title": "b"}`))
	}
	f.Add(uint8(0), uint16(9), []byte(`[1, null, {"x-id": "aaaaaaaaaaaa"}]`))
	f.Fuzz(func(t *testing.T, file uint8, place uint16, value []byte) {
		path := paths[int(file)%len(paths)]
		root, problem := parse(files[path], "")
		if problem != nil {
			t.Fatal(problem)
		}
		all := allNodes(root, nil)
		n := all[int(place)%len(all)]
		*n = node{kind: jsonString, text: "PLACE"}
		docs := maps.Clone(files)
		docs[path] = bytes.Replace(root.pretty(), []byte(`"PLACE"`), value, 1)
		fuzzed(t, docs, path)
	})
}

func allNodes(n *node, out []*node) []*node {
	out = append(out, n)
	for _, m := range n.members {
		out = allNodes(m.value, out)
	}
	for _, v := range n.items {
		out = allNodes(v, out)
	}
	return out
}

// fuzzed decodes documents of which one may be anything. It goes the way of Decode, but holds only that one to
// the published schema.
func fuzzed(t *testing.T, files map[string][]byte, path string) {
	t.Helper()
	d := newDecoder(nil, nil)
	docs, ok := d.parseFiles(files)
	if !ok {
		return
	}
	d.read(docs)
	if d.list.HasErrors() {
		d.storeFormulas() // judges what there is
		return
	}
	for _, doc := range docs {
		if doc.key.Path() == path {
			if list := violations(doc); len(list) > 0 {
				t.Errorf("the decoder takes what the published schema refuses: %v: %s", list, files[path])
			}
		}
	}
	d.storeFormulas()
	loaded, problems := Load(Store(d.app))
	if len(problems) > 0 {
		t.Fatalf("stored, it does not load: %v", problems)
	}
	sameApp(t, d.app, loaded)
}

// FuzzRoundTrip reads and writes JSON: canonical text is a fixpoint, and pretty text means the same.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte(`{"b": [1, -2, true, null, {"c": "é\n\"\\\u0041"}], "a": {}}`))
	f.Add([]byte(`[]`))
	f.Add([]byte(`"\ud800"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, problem := parse(body, "")
		if problem != nil {
			return
		}
		canonical := n.canonical()
		again, problem := parse(canonical, "")
		if problem != nil {
			t.Fatalf("canonical text can't be read: %v: %s", problem, canonical)
		}
		if !bytes.Equal(canonical, again.canonical()) {
			t.Errorf("canonical text is no fixpoint: %s", canonical)
		}
		pretty, problem := parse(n.pretty(), "")
		if problem != nil || !bytes.Equal(canonical, pretty.canonical()) {
			t.Errorf("pretty text means something else: %s", n.pretty())
		}
		if Hash(body) != Hash(canonical) {
			t.Error("the hash depends on how the text is spaced")
		}
	})
}

// FuzzZip unpacks anything: never a panic, never a file that is no document.
func FuzzZip(f *testing.F) {
	f.Add(archive(f, packed{name: "app.json", body: "{}"}))
	f.Fuzz(func(t *testing.T, body []byte) {
		files, list := ReadZip(body)
		if files == nil && !list.HasErrors() {
			t.Error("nothing was unpacked, and nothing is said about it")
		}
		for path := range files {
			if _, ok := metamodel.ParseDocKey(path); !ok {
				t.Errorf("%q is no document's path", path)
			}
		}
	})
}

// Hostile documents are refused quickly, whatever they try.
func TestDecodeIsBounded(t *testing.T) {
	deep := bytes.Repeat([]byte(`{"a":`), 100_000)
	list := bytes.Repeat([]byte(`[`), 100_000)
	manyKeys := []byte(`{"x-kind":"entity","x-version":1,"x-name":"order","title":"T","type":"object","properties":{`)
	for i := range 5001 {
		if i > 0 {
			manyKeys = append(manyKeys, ',')
		}
		manyKeys = append(manyKeys, []byte(`"f`+string(rune('a'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676))+`":{"type":"string","title":"T"}`)...)
	}
	manyKeys = append(manyKeys, "}}"...)
	tests := []struct {
		name string
		body []byte
		want diag.Code
	}{
		{"deep objects", deep, "document.too_deep"},
		{"deep lists", list, "document.too_deep"},
		{"too large", bytes.Repeat([]byte(" "), metamodel.MaxDocumentBytes+1), "limit.exceeded"},
		{"too many values", append(append([]byte("["), bytes.Repeat([]byte("1,"), metamodel.MaxNodes)...), '1', ']'), "limit.exceeded"},
		{"5,001 fields", manyKeys, "limit.exceeded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := readFolder(t, "testdata/shop")
			files["entities/order.json"] = tt.body
			_, list := Decode(files, nil, nil)
			found := false
			for _, d := range list {
				found = found || d.Code == tt.want
			}
			if !found {
				t.Errorf("want %s, got %v", tt.want, list[:min(3, len(list))])
			}
		})
	}
}

func BenchmarkDecodeTemplate(b *testing.B) {
	files := readFolder(b, "../../templates/general")
	for b.Loop() {
		if _, list := Decode(files, nil, nil); list.HasErrors() {
			b.Fatal(list)
		}
	}
}

func BenchmarkLoadTemplate(b *testing.B) {
	docs := Store(mustDecode(b, readFolder(b, "../../templates/general"), nil))
	for b.Loop() {
		if _, list := Load(docs); list.HasErrors() {
			b.Fatal(list)
		}
	}
}
