package server

import (
	"strings"
	"testing"
)

// A file that a line holds is for whoever may read the record and that field of its lines, and for nobody else.
func TestFilesOfLines(t *testing.T) {
	w := newWorld(t, nil)
	put := func(path, was, is string) {
		t.Helper()
		at := "/api/v1/apps/board/documents/" + path
		doc := string(w.admin.do("GET", at, nil).want(200).body)
		if !strings.Contains(doc, was) {
			t.Fatalf("%s has no %q: %s", path, was, doc)
		}
		w.admin.do("PUT", at, strings.Replace(doc, was, is, 1)).want(200)
	}
	release := func() {
		t.Helper()
		w.admin.do("POST", "/api/v1/apps/board/releases", map[string]any{"reason": "photos of steps"}).want(201)
	}
	put("entity/task_step", `"note":`, `"photo": {"type": "array", "x-field": "file", "title": "照片", "x-title": {"en-US": "Photo"}, "items": {"type": "string", "format": "uuid"}, "maxItems": 5}, "note":`)
	release()
	upload := func() string {
		t.Helper()
		body, kind := form(t, "file", "step.png", "not really a picture")
		return w.admin.do("POST", "/api/v1/files", body, "Content-Type", kind).want(201).text("id")
	}
	east, west := upload(), upload()
	w.clerk.do("GET", "/api/v1/files/"+east, nil).refused(404, "file.not_found")
	w.task(map[string]any{"region": "west", "steps": []any{map[string]any{"note": "b", "photo": []string{west}}}})
	task := w.task(map[string]any{"region": "east", "steps": []any{map[string]any{"note": "a"}, map[string]any{"note": "b", "photo": []string{east}}}})
	w.clerk.do("GET", "/api/v1/files/"+east, nil).want(200)
	w.clerk.do("GET", "/api/v1/files/"+west, nil).refused(404, "file.not_found")
	w.guest.do("GET", "/api/v1/files/"+east, nil).refused(404, "file.not_found")

	put("role/clerk", `"cost": "hidden"`, `"cost": "hidden", "steps.photo": "hidden"`)
	release()
	w.clerk.do("GET", "/api/v1/files/"+east, nil).refused(404, "file.not_found")
	put("role/clerk", `"steps.photo": "hidden"`, `"steps": "hidden"`)
	release()
	w.clerk.do("GET", "/api/v1/files/"+east, nil).refused(404, "file.not_found")
	w.admin.do("DELETE", tasks+"/"+task, nil).want(204)
	w.admin.do("GET", "/api/v1/files/"+east, nil).want(200) // whose upload it was
}
