package diag

import (
	"regexp"
	"slices"
	"testing"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

var codeForm = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)*$`)

func placeholders(s string) []string {
	out := placeholder.FindAllString(s, -1)
	slices.Sort(out)
	return slices.Compact(out)
}

// Both languages of every code exist and use the same placeholders.
func TestCatalogueParity(t *testing.T) {
	for _, e := range Entries() {
		if !codeForm.MatchString(string(e.Code)) {
			t.Errorf("%s: not of the form noun.problem", e.Code)
		}
		if e.Text.ZH == "" || e.Text.EN == "" {
			t.Errorf("%s: a text is missing", e.Code)
		}
		if (e.Cure.ZH == "") != (e.Cure.EN == "") {
			t.Errorf("%s: the cure is missing in one language", e.Code)
		}
		if zh, en := placeholders(e.Text.ZH), placeholders(e.Text.EN); !slices.Equal(zh, en) {
			t.Errorf("%s: placeholders differ: %v, %v", e.Code, zh, en)
		}
		if zh, en := placeholders(e.Cure.ZH), placeholders(e.Cure.EN); !slices.Equal(zh, en) {
			t.Errorf("%s: the cure's placeholders differ: %v, %v", e.Code, zh, en)
		}
	}
}

func TestDiagnosticText(t *testing.T) {
	d := New("limit.exceeded", "/lines", "what", "lines", "actual", 501, "limit", 500)
	if got, want := d.Text("en-US"), "lines is over the limit: 501, at most 500."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	d.Message = map[string]string{"zh-CN": "太多了"}
	if got := d.Text("en-US"); got != "太多了" {
		t.Errorf("a builder's message falls back to the other language, got %q", got)
	}
}

func TestPointerEscapes(t *testing.T) {
	if got, want := Pointer("", "a/b", 3, "c~d"), "/a~1b/3/c~0d"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestListErr(t *testing.T) {
	if err := (List{Warn("limit.exceeded", "")}).Err(); err != nil {
		t.Errorf("a warning refused: %v", err)
	}
	var l List
	l.Add("limit.exceeded", "/a")
	if l.Err() == nil {
		t.Error("an error did not refuse")
	}
}
