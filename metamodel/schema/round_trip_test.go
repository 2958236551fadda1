package schema

import (
	"testing"

	"pgregory.net/rapid"

	"tenon/metamodel"
	"tenon/metamodel/check"
)

func TestRandomAppsRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		app, list := Decode(generate(rt), nil, nil)
		if len(list) > 0 {
			rt.Fatalf("a right app is refused: %v", list)
		}
		for _, d := range check.App(app) {
			if d.Severity == 0 {
				rt.Fatalf("a right app does not pass: %v", d)
			}
		}
		laws(t, app)
		if t.Failed() {
			rt.FailNow()
		}
		if changes := metamodel.Diff(app, app); len(changes) > 0 {
			rt.Fatalf("an app differs from itself: %v", changes)
		}
	})
}
