package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Stored is one document in stored form: canonical JSON in which elements are referred to by id.
type Stored struct {
	Kind metamodel.Kind
	ID   metamodel.ID
	Name string
	Body []byte
}

// Key is the document's key in source form.
func (s Stored) Key() metamodel.DocKey {
	if s.Kind == metamodel.KindApp {
		return metamodel.DocKey{Kind: s.Kind}
	}
	return metamodel.DocKey{Kind: s.Kind, Name: s.Name}
}

// Hash is the SHA-256 of the document's canonical JSON, in hexadecimal. It does not depend on how a database
// spaces or orders the JSON that it gives back.
func (s Stored) Hash() string {
	return Hash(s.Body)
}

// Hash is the SHA-256 of a document's canonical JSON, in hexadecimal.
func Hash(body []byte) string {
	if n, problem := parseStored(body, ""); problem == nil {
		body = n.canonical()
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// HashApp is the SHA-256 over kinds, ids and hashes of an app's documents, in hexadecimal. The order of the
// documents does not matter.
func HashApp(docs []Stored) string {
	lines := make([]string, len(docs))
	for i, s := range docs {
		lines[i] = string(s.Kind) + "\n" + string(s.ID) + "\n" + s.Hash() + "\n"
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte("tenon.app.1\n" + strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

// Store writes an app as its documents in stored form, sorted by kind and name.
func Store(app *metamodel.App) []Stored {
	w := newWriter(app, stored)
	var out []Stored
	for _, doc := range w.documents() {
		out = append(out, Stored{
			Kind: doc.key.Kind,
			ID:   metamodel.ID(doc.root.get("x-id").str()),
			Name: doc.root.get("x-name").str(),
			Body: doc.root.canonical(),
		})
	}
	return out
}

// Load makes an app from its documents in stored form. What was stored without errors loads without errors;
// anything else is reported, and the app must not be used when the list has errors.
func Load(docs []Stored) (*metamodel.App, diag.List) {
	d := newDecoder(nil, nil)
	var parsed []*document
	hasApp := false
	for _, s := range docs {
		key := s.Key()
		root, problem := parseStored(s.Body, key.Pointer())
		if problem != nil {
			d.list = append(d.list, *problem)
			continue
		}
		hasApp = hasApp || s.Kind == metamodel.KindApp
		parsed = append(parsed, &document{key: key, form: stored, root: root, path: key.Pointer()})
	}
	if !hasApp {
		d.list.Add("document.app_missing", "/app")
	}
	d.read(parsed)
	d.nameFormulas()
	return d.result()
}

// parseStored reads a document in stored form, which is longer than its source: references take an id each.
func parseStored(body []byte, path string) (*node, *diag.Diagnostic) {
	return parseSized(body, path, metamodel.MaxDocumentBytes*storedGrowth)
}
