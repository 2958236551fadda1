package lower_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel/expr"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenCases are the conditions whose SQL is pinned: one of each kind.
var goldenCases = []string{
	"name == 'a'", "name != 'a'", "name == code", "name != code", "!(name == 'a')", "name == null", "name in ['a', 'b']", "!(name in ['a'])", "name in [code, 'a']", "state == 'done'", "state != 'done'", "state < 'done'", "state == name",
	"n < 5", "!(n < 5)", "n + m > 10", "n * m > 10", "n / m > 1", "n % m == 1", "-n > 0", "n in [1, 2]", "amount == 1", "amount > 0.005", "amount == rate", "amount + rate > 2", "amount * rate > 100", "amount / rate == 1", "huge * huge * huge > 1", "round(amount, 1) == 0.5", "abs(amount) > 1", "min(n, m) == 1",
	"ok", "!ok", "ok == flag", "ok ? flag : n > 1", "(ok ? n : m) == 1", "ok && (flag || n == 1)", "day < today()", "day - due > 3", "addDays(day, n) > due", "addMonths(day, 1) > due", "year(day) == 2026", "dateOf(at) == day", "at < now()", "at + duration('PT1H') < till", "hour(clock) == 1", "workdays(day, due) > 1",
	"contains(name, 'b')", "startsWith(name, 'a')", "!startsWith(name, 'a')", "endsWith(name, code)", "matches(name, '^[a-z]+\\\\d?$')", "lower(name) == 'a'", "trim(name) == ''", "substring(name, 1, n) == 'b'", "size(name) == 2", "name + code == 'ab'", "coalesce(name, code) == 'a'", "blank(name)", "text(n) == '1'", "number(name) > 1",
	"'x' in kinds", "supplier in tags", "size(kinds) == 2", "kinds.exists(k, k == 'x')", "supplier == backup", "supplier == null", "supplier.name == name", "supplier.boss.level != 'gold'", "supplier.id == backup.id", "id == user.id", "agent in user.departments", "supplier.region == user.attributes.region", "name == user.attributes.missing",
	"hasRole('buyer') || n > 1", "lines.exists(l, l.qty > 1)", "lines.all(l, l.note != name)", "lines.sum(l, l.qty * l.price) > 10", "lines.avg(l, l.qty) > 1", "lines.filter(l, l.n > 1).count(l, l.n < 5) == 1", "tags.exists(t, t.rank > n)", "'a' in lines.map(l, l.note)",
	"sumOf(line, l, l.item == supplier && l.parent.state == 'done', l.qty) > 10", "countOf(order, o, o.supplier == supplier) > 1", "!existsOf(line, l, l.item == supplier)", "lookupOf(order, o, o.agent == agent, o.name) == 'a'", "net > 10", "late", "mood == 'good'", "total > 1",
}

func TestGoldenSQL(t *testing.T) {
	w := newWorld()
	w.fill(1, 3, 3)
	var names []string
	for _, e := range w.app.Entities {
		names = append(names, lower.Table(e), e.Name)
		for _, f := range e.Fields {
			names = append(names, lower.Column(f), f.Name)
		}
		for _, f := range e.Fields {
			if f.Enum != nil {
				for _, o := range f.Enum.Options {
					names = append(names, string(o.ID), f.Name+"/"+o.Name)
				}
			}
		}
	}
	readable := strings.NewReplacer(names...)
	var out strings.Builder
	for _, source := range goldenCases {
		n := w.condition(source)
		if n == nil {
			t.Fatalf("not a condition: %s", source)
		}
		fmt.Fprintf(&out, "# %s\n", source)
		for _, d := range []lower.Dialect{lower.SQLite, lower.Postgres} {
			st, err := lower.Count(d, &query.Select{Entity: w.order, Where: []*expr.Node{n}, Bin: query.Any}, w.env())
			if err != nil {
				fmt.Fprintf(&out, "%s: %v\n", d, err)
				continue
			}
			fmt.Fprintf(&out, "%s: %s\n", d, readable.Replace(strings.TrimPrefix(st.SQL, "SELECT count(*) FROM ")))
		}
	}
	path := filepath.Join("testdata", "conditions.golden")
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, out.String(), string(want))
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("line %d differs\n got %s\nwant %s", i+1, line(g, i), line(w, i))
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}
