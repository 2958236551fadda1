package server

import (
	"fmt"
	"testing"
)

// Whoever installs an app works in it with the next request, whatever was remembered of his rights before.
func TestInstallerWorksAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	for range 3 {
		w.admin.do("GET", "/api/v1/apps/board/task", nil).want(200)
	}
	w.admin.do("POST", "/api/v1/apps", map[string]any{"template": "general"}).want(201)
	w.admin.do("GET", "/api/v1/apps/general/item", nil).want(200)
	for i := range 3 {
		w.admin.do("POST", "/api/v1/apps/general/unit", map[string]any{"name": fmt.Sprint("unit ", i)}).want(201)
	}
}
