package server

import (
	"reflect"
	"testing"
)

// A template is shown as people will meet it: in the order of its menu, its samples in the states they came to, and
// what roles inherit with what they say themselves.
func TestTemplateAsPeopleMeetIt(t *testing.T) {
	w := newWorld(t, nil)
	p := w.admin.do("GET", "/api/v1/templates/general", nil).want(200).json()
	again := w.admin.do("GET", "/api/v1/templates/general", nil).want(200).json()
	if p["conflict"] != nil || !reflect.DeepEqual(p, again) {
		t.Error("asked twice, it is told differently, or in conflict with an app that isn't there")
	}
	first := p["entities"].([]any)[0].(map[string]any)
	if first["name"] != "purchase_order" {
		t.Errorf("%v comes first, not what the menu begins with", first["name"])
	}
	options := 0
	for _, f := range first["fields"].([]any) {
		if f := f.(map[string]any); f["name"] == "state" {
			options = len(f["options"].([]any))
		}
	}
	if options == 0 {
		t.Error("the state has no options to show it by")
	}
	if order := p["sample"].(map[string]any)["purchase_order"].([]any)[0].(map[string]any); order["state"] != "approved" {
		t.Errorf("the first order is %v, though it was submitted and approved", order["state"])
	}
	var buyer []any
	for _, r := range p["roles"].([]any) {
		if r := r.(map[string]any); r["name"] == "buyer" {
			buyer = r["grants"].([]any)
		}
	}
	seen := map[any]int{}
	for _, g := range buyer {
		seen[g.(map[string]any)["entity"]]++
	}
	if seen["unit"] != 1 || seen["purchase_order"] != 1 {
		t.Errorf("a buyer's grants by entity: %v; want each once, inherited ones too", seen)
	}
	w.admin.do("POST", "/api/v1/apps", map[string]any{"template": "general"}).want(201)
	if after := w.admin.do("GET", "/api/v1/templates/general", nil).want(200).json(); after["conflict"] != "general" {
		t.Errorf("conflict %v after the app is there", after["conflict"])
	}
}
