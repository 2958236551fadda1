package expr

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/cel-go/common/types/ref"

	"tenon/metamodel"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Every function has words in both languages and an example that gives what is written.
func TestFunctionExamples(t *testing.T) {
	m, app, act := fixture()
	seen := map[string]bool{}
	for _, f := range Functions() {
		if f.Doc.ZH == "" || f.Doc.EN == "" || f.Example == "" || f.Group == "" {
			t.Errorf("%s: documentation is missing", f.Name)
		}
		if f.Group == GroupQuery {
			continue // queries need an app of their own; they are tried with the test's app elsewhere
		}
		seen[f.Name] = true
		if len(f.Signatures) == 0 || f.Result == "" {
			t.Errorf("%s: no signature or result", f.Name)
		}
		p, list := m.Compile(Scope{Entity: app.Entity("supplier")}, f.Example, Unknown)
		if p == nil {
			t.Errorf("%s: %v", f.Example, list)
			continue
		}
		if !strings.Contains(f.Example, f.Name+"(") {
			t.Errorf("%s: the example doesn't call it", f.Name)
		}
		got, err := p.Eval(&Activation{Now: act.Now, Zone: shanghai})
		if err != nil || show(got) != f.Result {
			t.Errorf("%s = %s, %v, want %s", f.Example, show(got), err, f.Result)
		}
	}
	for name := range functionByName {
		if !seen[name] {
			t.Errorf("%s is not listed", name)
		}
	}
}

func TestFunctions(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt")}
	for src, want := range map[string]string{
		"substring('榫卯结构', 1)": "卯结构", "substring('abc', 1, 99)": "bc", "substring('abc', -5, 2)": "ab", "substring('abc', 2, 1)": "", "left('榫卯', 1)": "榫", "left('ab', 9)": "ab", "left('ab', -1)": "", "right('榫卯', 1)": "卯", "right('ab', 9)": "ab", "right('ab', 0)": "", "mid('榫卯结构', 2, 2)": "卯结", "mid('ab', 5, 2)": "", "mid('ab', 1, 9)": "ab",
		"padLeft('abc', 2, '0')": "abc", "padLeft('1', 3, '零')": "零零1", "replace('aaa', '', 'x')": "aaa", "join([], ',')": "", "split('a', '')": "a", "split('', ',')": "", "text(1.50)": "1.50", "text(true)": "true", "text(lead)": "P1DT12H", "text(opens)": "08:00:00", "number(' 1.5 ')": "1.5",
		"round(2.5)": "3", "round(-2.5)": "-3", "round(1234.5, -2)": "1200", "round(7, 1)": "7.0", "round(0.125, 2)": "0.13", "floor(3)": "3", "ceil(-2.1)": "-2", "abs(-3)": "3", "int(-3.9)": "-3", "decimal(2)": "2", "min('b', 'a')": "a", "max(date('2026-01-01'), today())": "2026-02-02", "max(qty, price, 1)": "12.50", "min(price, price)": "12.50",
		"weekday(date('2026-02-01'))": "7", "quarter(date('2026-12-31'))": "4", "addMonths(date('2026-03-31'), -1)": "2026-02-28", "monthEnd(date('2024-02-01'))": "2024-02-29", "monthsBetween(date('2026-01-31'), date('2026-02-28'))": "1", "monthsBetween(date('2026-03-30'), date('2026-01-31'))": "-1", "monthsBetween(date('2026-01-15'), date('2027-01-14'))": "11",
		"daysBetween(date('2026-02-02'), date('2026-01-31'))": "-2", "workdays(date('2026-01-31'), date('2026-02-01'))": "0", "workdays(date('2026-02-02'), date('2026-02-08'))": "5", "workdays(date('2026-02-08'), date('2026-02-02'))": "-5", "workdays(date('1960-01-04'), date('1960-01-10'))": "5",
		"addWorkdays(date('2026-01-31'), 0)": "2026-01-31", "addWorkdays(date('2026-01-31'), 1)": "2026-02-02", "addWorkdays(date('2026-01-31'), 5)": "2026-02-06", "addWorkdays(date('2026-01-31'), -1)": "2026-01-30", "addWorkdays(date('2026-02-02'), -1)": "2026-01-30", "addWorkdays(date('2026-02-06'), 5)": "2026-02-13", "addWorkdays(date('2026-02-01'), -5)": "2026-01-26",
		"date('2026-01-31') - days(31)": "2025-12-31", "days(1) + date('2026-01-31')": "2026-02-01", "received_on + hours(23)": "2026-01-31", "-lead": "-P1DT12H", "lead - hours(1)": "P1DT11H", "time('10:00') - opens": "PT2H", "seen_at - hours(2) < seen_at": "true", "hour(seen_at)": "4", "year(seen_at)": "2026", "minute(seen_at)": "0", "datetime('2026-01-01T00:00:00Z') < now()": "true",
		"rmbWords(0.05)": "伍分", "rmbWords(10)": "壹拾元整", "rmbWords(100000000.5)": "壹亿元伍角整", "rmbWords(1000010000)": "壹拾亿零壹万元整", "rmbWords(0.005)": "壹分", "rmbWords(-0.001)": "零元整", "rmbWords(1234567890123456.78)": "壹仟贰佰叁拾肆万伍仟陆佰柒拾捌亿玖仟零壹拾贰万叁仟肆佰伍拾陆元柒角捌分", "pinyinInitials('重庆 A-1 号')": "zqa1h", "usccValid('')": "false", "gtinValid('690123456789２')": "false", "blank('')": "true", "blank([])": "true", "blank(0)": "false",
	} {
		p, list := m.Compile(scope, src, Unknown)
		if p == nil {
			t.Errorf("%s: %v", src, list)
			continue
		}
		if got, err := p.Eval(act); err != nil || show(got) != want {
			t.Errorf("%s = %s, %v, want %s", src, show(got), err, want)
		}
	}
}

// Functions that make texts and lists refuse to make large ones.
func TestTextBombs(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt")}
	act.Row = append(act.Row[:0:0], act.Row...)
	note := app.Entity("receipt").Field("note")
	note.MaxLength = 100_000
	act.Row[note.Slot] = strings.Repeat("a", 60_000)
	for _, src := range []string{"note + note", "note.replace('a', note)", "note.replace('a', 'bb')", "join([note, note], note)", "padLeft('a', 100000, 'b')", "split(note, 'a')", "note.replace('a', '☃☃').size() > 1 || true"} {
		p, list := m.Compile(scope, src, Unknown)
		if p == nil {
			t.Errorf("%s: %v", src, list)
			continue
		}
		if got, err := p.Eval(act); err == nil && got != true {
			t.Errorf("%s gave %d bytes", src, len(show(got)))
		}
	}
}

// The cost of every example and of usual formulas is pinned: a change refuses or admits formulas of users.
func TestCostGolden(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true, Old: true}
	sources := []string{
		"qty", "price * qty * (1 - discount)", "state == 'approved'", "state in ['draft', 'approved']", "note == code", "note + code", "supplier.level", "supplier.boss.level", "lines.sum(l, l.amount)", "lines.sum(l, l.item.price * l.qty)",
		"lines.all(a, lines.exists(b, a.id == b.id))", "tags.exists(t, t == 'urgent')", "items.exists(i, i.active)", "sumOf(receipt_line, l, l.item == id, l.qty)", "countOf(item, i, i.price > price * 2)", "note.contains(code)", "'urgent' in tags.map(t, t)", "old.qty != qty", "lines.filter(l, l.qty > 1).map(l, l.item.name)",
	}
	for _, f := range Functions() {
		if f.Group != GroupQuery {
			sources = append(sources, f.Example)
		}
	}
	var b strings.Builder
	for _, src := range sources {
		cost := int64(-1)
		if p, _ := m.Compile(scope, src, Unknown); p != nil {
			cost = p.Cost()
		}
		fmt.Fprintf(&b, "%d\t%s\n", cost, src)
	}
	const file = "testdata/costs.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, old := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i, line := range got {
		if i >= len(old) || old[i] != line {
			t.Errorf("cost changed: %q", line)
		}
	}
}

type vectors struct {
	Cases []struct {
		Name   string
		Steps  []map[string]any
		Expect map[string]any
	}
}

func loadVectors(t *testing.T, name string) vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func evalText(t *testing.T, m *Model, src string) any {
	t.Helper()
	v, err := compileOK(t, m, Scope{}, src, Unknown).Eval(&Activation{})
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return v
}

func TestVectorsRMB(t *testing.T) {
	m := NewModel(&metamodel.App{})
	for _, c := range loadVectors(t, "cn-amount-in-words.json").Cases {
		step := c.Steps[0]
		got := evalText(t, m, fmt.Sprintf("rmbWords(decimal('%s'), '%s')", step["amount"], step["unit"]))
		accepted := []any{c.Expect["text"]}
		if more, ok := c.Expect["accepted"].([]any); ok {
			accepted = append(accepted, more...)
		}
		if !slices.Contains(accepted, got) {
			t.Errorf("%s: %v, want %v", c.Name, got, c.Expect["text"])
		}
	}
}

func TestVectorsUSCC(t *testing.T) {
	m := NewModel(&metamodel.App{})
	for _, c := range loadVectors(t, "cn-uscc.json").Cases {
		if got := evalText(t, m, fmt.Sprintf("usccValid('%s')", c.Steps[0]["code"])); got != c.Expect["valid"] {
			t.Errorf("%s: %v, want %v", c.Name, got, c.Expect["valid"])
		}
	}
}

func TestVectorsGTIN(t *testing.T) {
	m := NewModel(&metamodel.App{})
	ran := 0
	for _, c := range loadVectors(t, "cn-gs1-ean.json").Cases {
		if c.Steps[0]["op"] != "validate_gtin" {
			t.Logf("%s: %v is no function of expressions", c.Name, c.Steps[0]["op"])
			continue
		}
		ran++
		if got := evalText(t, m, fmt.Sprintf("gtinValid('%s')", c.Steps[0]["code"])); got != c.Expect["valid"] {
			t.Errorf("%s: %v, want %v", c.Name, got, c.Expect["valid"])
		}
	}
	if ran == 0 {
		t.Error("no case was run")
	}
}

// Called outside an expression, a function gives what it gives inside.
func TestCallFunction(t *testing.T) {
	for _, c := range []struct {
		name string
		args []any
		want string
	}{
		{"min", []any{int64(3), dec("2.5")}, "2.5"},
		{"max", []any{"a", "b"}, "b"},
		{"upper", []any{"a"}, "A"},
		{"round", []any{dec("2.345"), int64(2)}, "2.35"},
		{"hour", []any{time.Date(2026, 1, 31, 20, 0, 0, 0, time.UTC)}, "4"},
	} {
		got, err := CallFunction(c.name, shanghai, c.args...)
		if err != nil || show(got) != c.want {
			t.Errorf("%s%v = %v, %v, want %s", c.name, c.args, got, err, c.want)
		}
		if _, inside := got.(ref.Val); inside {
			t.Errorf("%s gave a value of an evaluation", c.name)
		}
	}
	if _, err := CallFunction("nope", shanghai); err == nil {
		t.Error("an unknown function was called")
	}
	if _, err := CallFunction("number", shanghai, "x"); !errors.Is(err, ErrNull) {
		t.Errorf("a text that is no number: %v", err)
	}
}
