package schema

import "tenon/metamodel"

// DocKey names a document of an app.
type DocKey = metamodel.DocKey

// Path is where a document is in an app's folder: entities/item.json.
func Path(kind metamodel.Kind, name string) string { return DocKey{Kind: kind, Name: name}.Path() }

// KeyOf reads a document's key off its path in an app's folder.
func KeyOf(path string) (DocKey, bool) { return metamodel.ParseDocKey(path) }
