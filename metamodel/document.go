package metamodel

import "strings"

// DocKey names a document of an app. The app's own document has no name here: there is one.
type DocKey struct {
	Kind Kind
	Name string
}

var folders = map[Kind]string{
	KindEntity: "entities", KindLedger: "ledgers", KindEnum: "enums", KindRole: "roles", KindView: "views", KindScenario: "scenarios",
}

// Folder is the folder that holds the kind's documents in source form, "" for the app's own document.
func (k Kind) Folder() string { return folders[k] }

// Path is the document's file in an app's folder: entities/goods_receipt.json.
func (k DocKey) Path() string {
	if k.Kind == KindApp {
		return "app.json"
	}
	return k.Kind.Folder() + "/" + k.Name + ".json"
}

// Pointer is the prefix of the paths of the document's diagnostics: /entities/goods_receipt.
func (k DocKey) Pointer() string {
	if k.Kind == KindApp {
		return "/app"
	}
	return "/" + k.Kind.Folder() + "/" + k.Name
}

// String is the key as text: entity/goods_receipt, or app.
func (k DocKey) String() string {
	if k.Kind == KindApp {
		return string(KindApp)
	}
	return string(k.Kind) + "/" + k.Name
}

// ParseDocKey reads a document's key from a file's path (entities/x.json, app.json) or from its text form
// (entity/x, app).
func ParseDocKey(s string) (DocKey, bool) {
	if s == "app.json" || s == string(KindApp) {
		return DocKey{Kind: KindApp}, true
	}
	folder, file, found := strings.Cut(s, "/")
	if !found || strings.Contains(file, "/") {
		return DocKey{}, false
	}
	name, isFile := strings.CutSuffix(file, ".json")
	for kind, f := range folders {
		if isFile && f == folder || !isFile && string(kind) == folder {
			return DocKey{Kind: kind, Name: name}, name != ""
		}
	}
	return DocKey{}, false
}
