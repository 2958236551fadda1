package server

import (
	"strings"
	"testing"
)

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

func TestCommentRoutes(t *testing.T) {
	w := newWorld(t, nil)
	east, west := w.task(map[string]any{"region": "east", "cost": "99"}), w.task(map[string]any{"region": "west"})
	clerk, _ := w.clerk.stream("")
	lead, _ := w.admin.stream("")
	for _, r := range []*sseReader{clerk, lead} {
		if f, _ := r.next(t); f.event != "ready" {
			t.Fatalf("%+v", f)
		}
	}
	w.admin.do("POST", tasks+"/"+west+"/comments", map[string]any{"text": "in the west"}).want(201)
	made := w.admin.do("POST", tasks+"/"+east+"/comments", map[string]any{"text": "look <b>here</b>", "mentions": []string{w.clerk.id()}}).want(201)
	id := made.text("id")
	at := tasks + "/" + east + "/comments/" + id
	if got := made.header.Get("Location"); got != at {
		t.Errorf("location %s", got)
	}
	// The clerk hears of the east alone, and that he was told something; the lead never hears of that.
	first, second := await(t, clerk, "notification"), await(t, clerk, "comment.created")
	for _, f := range []sseFrame{first, second} {
		if !strings.Contains(f.data, east) || strings.Contains(f.data, "here") {
			t.Errorf("%+v", f)
		}
	}
	if f := await(t, lead, "comment.created"); !strings.Contains(f.data, west) {
		t.Errorf("%+v", f)
	}
	if f, _ := lead.next(t); !strings.Contains(f.data, "comment.created") || !strings.Contains(f.data, east) {
		t.Errorf("the lead hears %+v", f)
	}

	w.clerk.do("GET", tasks+"/"+east+"/comments?page_size=1", nil).want(200)
	w.clerk.do("GET", tasks+"/"+west+"/comments", nil).refused(404, "record.not_found")
	w.clerk.do("POST", tasks+"/"+west+"/comments", map[string]any{"text": "x"}).refused(404, "record.not_found")
	w.clerk.do("PATCH", at, map[string]any{"text": "x"}).refused(403, "comment.not_yours")
	w.clerk.do("DELETE", at, nil).refused(403, "comment.not_yours")
	w.guest.do("GET", tasks+"/"+east+"/comments", nil).refused(404, "app.not_found")
	w.client().do("GET", tasks+"/"+east+"/comments", nil).want(401)
	w.admin.do("POST", tasks+"/"+west+"/comments", map[string]any{"text": "x", "mentions": []string{w.clerk.id()}}).refused(422, "comment.mention_unknown")
	w.admin.do("GET", tasks+"/"+east+"/comments?page_token=x", nil).refused(400, "query.page_token")

	told := w.clerk.do("GET", "/api/v1/notifications?unread=true", nil).want(200).json()
	list, _ := told["notifications"].([]any)
	if told["unread"] != float64(1) || len(list) != 1 {
		t.Fatalf("%v", told)
	}
	if got := w.admin.do("GET", "/api/v1/notifications", nil).want(200).json()["unread"]; got != float64(0) {
		t.Errorf("the lead has %v", got)
	}
	w.clerk.do("POST", "/api/v1/notifications:read", map[string]any{"all": true}).want(200)
	if f := await(t, clerk, "notification.read"); f.id == "" {
		t.Errorf("%+v", f)
	}
	if list, _ := w.clerk.do("GET", "/api/v1/notifications?unread=true", nil).want(200).json()["notifications"].([]any); len(list) != 0 {
		t.Errorf("%v", list)
	}
	w.client().do("GET", "/api/v1/notifications", nil).want(401)
	w.admin.do("DELETE", at, nil).want(204)
	if list, _ := w.clerk.do("GET", "/api/v1/notifications", nil).want(200).json()["notifications"].([]any); len(list) != 0 {
		t.Errorf("of a deleted comment: %v", list)
	}
	// Who is removed is nobody to mention.
	gone := w.clerk.id()
	w.admin.do("DELETE", "/api/v1/users/"+gone, nil).want(204)
	w.admin.do("POST", tasks+"/"+east+"/comments", map[string]any{"text": "x", "mentions": []string{gone}}).refused(422, "comment.mention_unknown")
}

func TestTodoRoute(t *testing.T) {
	w := newWorld(t, nil)
	doc := string(w.admin.do("GET", "/api/v1/apps/board/documents/entity/task", nil).want(200).body)
	doc = strings.Replace(doc, `"initial"`, `"waiting": ["open"], "initial"`, 1)
	w.admin.do("PUT", "/api/v1/apps/board/documents/entity/task", doc).want(200)
	w.admin.do("POST", "/api/v1/apps/board/releases", map[string]any{"reason": "open tasks wait"}).want(201)
	w.task(map[string]any{"region": "east"})
	if list, _ := w.admin.do("GET", "/api/v1/todos", nil).want(200).json()["todos"].([]any); len(list) != 1 {
		t.Errorf("the lead has %v", list)
	}
	for name, c := range map[string]*client{"the clerk, who may not finish": w.clerk, "the guest": w.guest} {
		if list, _ := c.do("GET", "/api/v1/todos", nil).want(200).json()["todos"].([]any); len(list) != 0 {
			t.Errorf("%s has %v", name, list)
		}
	}
	w.client().do("GET", "/api/v1/todos", nil).want(401)
}

func TestPresenceRoutes(t *testing.T) {
	w := newWorld(t, nil)
	east, west := w.task(map[string]any{"region": "east"}), w.task(map[string]any{"region": "west"})
	clerk, _ := w.clerk.stream("app=board&entity=task")
	if f, _ := clerk.next(t); f.event != "ready" {
		t.Fatalf("%+v", f)
	}
	mode := map[string]any{"mode": "editing"}
	w.admin.do("PUT", tasks+"/"+west+"/presence", mode).want(200)
	w.admin.do("PUT", tasks+"/"+east+"/presence", mode).want(200)
	f, _ := clerk.next(t)
	for strings.Contains(f.data, "tenon.record.created.v1") { // of before, where it was slow
		f, _ = clerk.next(t)
	}
	if !strings.Contains(f.data, "tenon.presence.changed.v1") || !strings.Contains(f.data, east) || !strings.Contains(f.data, "管理员") {
		t.Errorf("%+v", f) // of the east alone
	}
	if list, _ := w.clerk.do("PUT", tasks+"/"+east+"/presence", map[string]any{"mode": "viewing"}).want(200).json()["people"].([]any); len(list) != 2 {
		t.Errorf("%v", list)
	}
	w.clerk.do("PUT", tasks+"/"+west+"/presence", mode).refused(404, "record.not_found")
	w.clerk.do("PUT", tasks+"/"+east+"/presence", map[string]any{"mode": "asleep"}).refused(422, "presence.mode_unknown")
	w.guest.do("PUT", tasks+"/"+east+"/presence", mode).refused(404, "app.not_found")
	w.client().do("PUT", tasks+"/"+east+"/presence", mode).want(401)
	w.admin.do("DELETE", tasks+"/"+east+"/presence", nil).want(204)
	if list, _ := w.clerk.do("PUT", tasks+"/"+east+"/presence", map[string]any{"mode": "viewing"}).want(200).json()["people"].([]any); len(list) != 1 {
		t.Errorf("%v", list)
	}
}

func TestTemplateRoute(t *testing.T) {
	w := shared(t)
	if got := w.guest.do("GET", "/api/v1/templates/general", nil).want(200).text("name"); got != "general" {
		t.Errorf("name %s", got)
	}
	w.admin.do("GET", "/api/v1/templates/nothing", nil).refused(404, "template.not_found")
	w.client().do("GET", "/api/v1/templates/general", nil).want(401)
}
