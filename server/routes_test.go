package server

import (
	"strings"
	"testing"

	"tenon/metamodel"
)

// No entity can be called as a resource of every app is.
func TestResourcesAreReserved(t *testing.T) {
	const below = apiPath + "apps/:app/"
	for i := range routes {
		rest, found := strings.CutPrefix(routes[i].path, below)
		name, _, _ := strings.Cut(strings.ReplaceAll(rest, "\\:", "/"), "/")
		if !found || strings.HasPrefix(name, ":") || strings.Contains(name, ".") {
			continue
		}
		if !metamodel.IsResource(name) {
			t.Errorf("%s: an entity could be called %s", routes[i].path, name)
		}
	}
	w := shared(t)
	w.admin.do("PUT", "/api/v1/apps/board/documents/entity/views", map[string]any{
		"x-kind": "entity", "x-version": 1, "x-name": "views", "title": "V", "type": "object",
		"properties": map[string]any{"name": map[string]any{"type": "string", "title": "N"}},
	}).refused(422, "name.resource")
}
