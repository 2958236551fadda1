package server

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A release that brings a value over many records is answered at once; the server works the value out, tells how far it
// is, and tells those who look on when it has ended.
func TestReleaseOverManyRecordsIsWorkedOut(t *testing.T) {
	w := newWorld(t, nil)
	w.unhurried()
	const jobs = "/api/v1/apps/board/jobs"
	if m := w.clerk.do("GET", jobs, nil).want(200).json(); fmt.Sprint(m["jobs"]) != "[]" {
		t.Errorf("jobs: %v", m)
	}
	var text strings.Builder
	text.WriteString("标题,区域,成本\n")
	const tasksMade = 2500
	for i := range tasksMade {
		fmt.Fprintf(&text, "任务 %d,many,%d.5\n", i, i%10)
	}
	body, kind := form(t, "file", "任务.csv", text.String())
	at := tasks + "/imports/" + w.admin.do("POST", tasks+"/imports", body, "Content-Type", kind).want(201).text("import")
	w.admin.do("POST", at+":run", map[string]any{"mode": "all_or_nothing"}).want(202)
	until(t, func() bool { return w.admin.do("GET", at, nil).want(200).text("state") == "done" })

	events, status := w.admin.stream("app=board")
	if status != 200 {
		t.Fatal(status)
	}
	doc := string(w.admin.do("GET", "/api/v1/apps/board/documents/entity/task", nil).want(200).body)
	doc = strings.Replace(doc, `"properties": {`, `"properties": {"doubled": {"type": "string", "format": "decimal", "x-decimal": [18, 2], "title": "两倍", "x-title": {"en-US": "Twice"}, "x-computed": {"cel": "cost * 2.0", "stored": true}},`, 1)
	w.admin.do("PUT", "/api/v1/apps/board/documents/entity/task", doc).want(200)
	w.admin.do("POST", "/api/v1/apps/board/releases", map[string]any{"reason": "doubled"}).want(201)
	var job map[string]any
	until(t, func() bool {
		list, _ := w.admin.do("GET", jobs, nil).want(200).json()["jobs"].([]any)
		if len(list) == 1 {
			job, _ = list[0].(map[string]any)
		}
		return job["state"] == "done"
	})
	if job["kind"] != "fill" || job["entity"] != "task" || job["field"] != "doubled" || job["done"] != job["total"] || job["finished_at"] == nil {
		t.Errorf("the job: %v", job)
	}
	m := w.admin.do("GET", tasks+"?filter=region+%3D%3D+%27many%27+%26%26+doubled+%3D%3D+cost+*+2.0&count=exact", nil).want(200).json()
	if m["count"] != float64(tasksMade) || m["computing"] != nil {
		t.Errorf("%v tasks have it, computing %v", m["count"], m["computing"])
	}
	for {
		f, ok := events.next(t)
		if !ok {
			t.Fatal("nobody was told")
		}
		if strings.Contains(f.data, "tenon.entity.recomputed.v1") {
			if !strings.Contains(f.data, `"entity":"task"`) {
				t.Errorf("told %s", f.data)
			}
			return
		}
	}
}

// until waits for something that the server does by itself.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come to an end")
		}
	}
}
