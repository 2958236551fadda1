package schema

import (
	"maps"

	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
)

// Apply changes some documents of an app and gives the whole app as it is then. edits are documents in source
// form by key; nil text deletes one. An edited document that says "x-was" continues the document of that
// name, which needs no deletion. Documents that aren't edited are taken over by ids, so that they follow every
// rename; what they lose by a removal is reported as document.in_use, once for each element removed. base
// must have been decoded without errors and is not changed.
func Apply(base *metamodel.App, edits map[DocKey][]byte, retired func(metamodel.ID) bool) (*metamodel.App, diag.List) {
	d := newDecoder(base, retired)
	d.removals = true
	if len(base.Missing) > 0 {
		d.list.Add("document.base_invalid", "")
		return nil, d.finish()
	}
	byKey := map[DocKey]*document{}
	for _, doc := range newWriter(base, stored).documents() {
		byKey[doc.key] = doc
	}
	edited := d.edit(byKey, normalized(edits))
	docs := make([]*document, 0, len(byKey))
	for _, doc := range byKey {
		docs = append(docs, doc)
	}
	d.read(docs)
	d.storeFormulas()
	d.list = append(d.list, check.Removal(base, d.app)...)
	d.checkSchemas(edited)
	return d.result()
}

// normalized takes the name off the app's own document, of which there is one. Its text wins over its deletion.
func normalized(edits map[DocKey][]byte) map[DocKey][]byte {
	out := make(map[DocKey][]byte, len(edits))
	for key, text := range edits {
		if key.Kind == metamodel.KindApp {
			key.Name = ""
			if text == nil && out[key] != nil {
				continue
			}
		}
		out[key] = text
	}
	return out
}

// edit replaces the edited documents among all and returns those that could be parsed.
func (d *decoder) edit(byKey map[DocKey]*document, edits map[DocKey][]byte) []*document {
	var edited []*document
	before := maps.Clone(byKey)
	for key, text := range edits {
		switch {
		case text == nil && key.Kind == metamodel.KindApp:
			d.list.Add("document.app_missing", key.Pointer())
		case text == nil && before[key] == nil:
			d.list.Add("document.not_found", key.Pointer(), "name", clip(key.Name))
		case text == nil:
			if byKey[key] == before[key] {
				delete(byKey, key)
			}
		case key.Kind != metamodel.KindApp && key.Kind.Folder() == "":
			d.list.Add("document.path_unknown", "", "path", clip(key.String()))
		default:
			doc := d.parseDocument(key, text)
			if doc == nil {
				continue
			}
			edited = append(edited, doc)
			d.replace(byKey, before, doc, edits)
		}
	}
	return edited
}

// replace puts an edited document in the place of the one that it continues.
func (d *decoder) replace(byKey, before map[DocKey]*document, doc *document, edits map[DocKey][]byte) {
	was := doc.root.get("x-was").str()
	if was == "" || was == doc.key.Name || doc.key.Kind == metamodel.KindApp {
		byKey[doc.key] = doc
		return
	}
	old := DocKey{Kind: doc.key.Kind, Name: was}
	if before[old] == nil && before[doc.key] != nil {
		byKey[doc.key] = doc // renamed earlier; the file still says so
		return
	}
	if _, editedToo := edits[old]; !editedToo && byKey[old] == before[old] {
		delete(byKey, old)
	}
	if before[doc.key] != nil && !renamedAway(edits, doc.key) {
		d.list.Add("name.duplicate", doc.path+"/x-name", "name", doc.key.Name)
	}
	byKey[doc.key] = doc
}

// renamedAway tells whether some edited document continues the one that had a key before.
func renamedAway(edits map[DocKey][]byte, key DocKey) bool {
	for other, text := range edits {
		if other == key || other.Kind != key.Kind || text == nil {
			continue
		}
		if n, problem := parse(text, ""); problem == nil && n.get("x-was").str() == key.Name {
			return true
		}
	}
	return false
}
