package metamodel

import (
	"slices"
	"strings"
)

// MaxName is how many characters a name may have.
const MaxName = 63

// IsName tells whether s is a well-formed name: lower-case letters, digits and underscores, a letter first,
// no underscore at the end and no two in a row.
func IsName(s string) bool {
	if s == "" || len(s) > MaxName || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return !strings.HasSuffix(s, "_") && !strings.Contains(s, "__")
}

// IsOptionName tells whether s is a well-formed name of an option: as a name, but capitals are allowed, so
// that currencies and units can be called as everyone calls them.
func IsOptionName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '_') {
			return false
		}
	}
	return true
}

// reserved are the words that mean something of their own in an expression, so that a field or an entity of
// that name could not be mentioned.
var reserved = []string{
	"all", "as", "blank", "bool", "break", "bytes", "coalesce", "const", "continue", "double", "duration", "dyn",
	"else", "exists", "exists_one", "false", "filter", "for", "function", "has", "if", "import", "in", "int", "it",
	"let", "list", "loop", "map", "namespace", "now", "null", "null_type", "old", "package", "parent", "return",
	"size", "string", "timestamp", "today", "true", "type", "uint", "user", "var", "void", "while",
}

// IsReserved tells whether a name has a meaning of its own in expressions, so that no field or entity may
// bear it.
func IsReserved(name string) bool {
	_, found := slices.BinarySearch(reserved, name)
	return found
}

// answerMembers are what the answer to a request has beside a record's fields.
var answerMembers = []string{"colors", "display", "expanded", "warnings"}

// IsAnswerMember tells whether answers have a member of this name of their own, so that no field may bear it.
func IsAnswerMember(name string) bool { return slices.Contains(answerMembers, name) }

// resources are what an app has addresses for beside its entities, or will have.
var resources = []string{
	"check", "documents", "environments", "events", "files", "impact", "jobs", "ledgers", "lineage", "meta", "openapi",
	"plan", "releases", "roles", "sandboxes", "search", "verification", "views",
}

// IsResource tells whether an address of every app is called so, which an entity of that name would hide behind.
func IsResource(name string) bool { return slices.Contains(resources, name) }

// Reserved lists the reserved words, sorted.
func Reserved() []string { return slices.Clone(reserved) }
