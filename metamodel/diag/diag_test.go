package diag

import (
	"regexp"
	"slices"
	"strings"
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

// One thing and several read as people say them, also where the number comes as text.
func TestCountedText(t *testing.T) {
	for _, c := range []struct {
		count any
		want  string
	}{
		{1, "1 row is wrong; nothing was imported."},
		{"1", "1 row is wrong; nothing was imported."},
		{0, "0 rows are wrong; nothing was imported."},
		{21, "21 rows are wrong; nothing was imported."},
	} {
		if got := New("import.rows_refused", "", "count", c.count).Text("en-US"); got != c.want {
			t.Errorf("%v: got %q, want %q", c.count, got, c.want)
		}
	}
	if got, want := New("import.rows_refused", "", "other", 1).Text("en-US"), "{count} {count|row is|rows are} wrong; nothing was imported."; got != want {
		t.Errorf("what is missing: got %q, want %q", got, want)
	}
	if got, want := New("scenario.failed", "", "count", 1, "failed", "{count").Text("en-US"), "{count of 1 scenario failed."; got != want {
		t.Errorf("a brace in an argument: got %q, want %q", got, want)
	}
}

// A counted word has two forms and a number of its sentence, and stands beside that number.
func TestCountedForm(t *testing.T) {
	counted := regexp.MustCompile(`\{([a-z_]+)\|[^{}|]+\|[^{}|]+\}`)
	for _, e := range Entries() {
		for _, text := range []string{e.Text.ZH, e.Text.EN, e.Cure.ZH, e.Cure.EN} {
			for _, m := range counted.FindAllStringSubmatch(text, -1) {
				if !strings.Contains(text, "{"+m[1]+"}") {
					t.Errorf("%s: %s counts what isn't told", e.Code, m[0])
				}
			}
			if strings.Contains(counted.ReplaceAllString(text, ""), "|") && strings.Contains(text, "{") {
				t.Errorf("%s: a counted word is not written {name|one|many}: %s", e.Code, text)
			}
		}
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
