package server

import "testing"

const savedPath = "/api/v1/apps/board/views/task_table/saved"

// boardWithView is a board of its own with a table over tasks.
func boardWithView(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, nil)
	w.admin.do("PUT", "/api/v1/apps/board/documents/view/task_table", `{"x-kind":"view","x-version":1,"x-name":"task_table","title":"任务","type":"table","entity":"task","columns":[{"field":"title"},{"field":"region"}]}`).want(200)
	w.admin.do("POST", "/api/v1/apps/board/releases", map[string]any{"reason": "a table"}).want(201)
	return w
}

func TestSavedViewRoutes(t *testing.T) {
	w := boardWithView(t)
	made := w.admin.do("POST", savedPath, map[string]any{"title": "East", "shared": true, "state": map[string]any{"filter": "region == 'east'"}}).want(201)
	id := made.text("id")
	if got := made.header.Get("Location"); got != savedPath+"/"+id {
		t.Errorf("location %s", got)
	}
	w.clerk.do("GET", savedPath, nil).want(200)
	w.clerk.do("PATCH", savedPath+"/"+id, map[string]any{"title": "Mine"}).refused(403, "view.saved_not_yours")
	w.clerk.do("POST", savedPath, map[string]any{"title": "Dear", "state": map[string]any{"filter": "cost > 1"}}).refused(400, "query.field_unknown")
	w.guest.do("GET", savedPath, nil).refused(404, "app.not_found")
	w.clerk.do("GET", "/api/v1/apps/board/views/nothing/saved", nil).refused(404, "view.not_found")
	w.client().do("GET", savedPath, nil).want(401)
	if got := w.admin.do("PATCH", savedPath+"/"+id, map[string]any{"title": "The east"}).want(200).text("title"); got != "The east" {
		t.Errorf("title %s", got)
	}
	w.admin.do("DELETE", savedPath+"/"+id, nil).want(204)
	w.admin.do("DELETE", savedPath+"/"+id, nil).refused(404, "view.saved_not_found")
}
