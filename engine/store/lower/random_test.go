package lower_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tenon/engine/store/lower"
)

// grower grows random conditions as source text, typed so that most of them compile.
type grower struct {
	r     *rand.Rand
	loops int
}

func (g *grower) one(choices ...func() string) string { return choices[g.r.IntN(len(choices))]() }

func (g *grower) word(words ...string) func() string {
	return func() string { return words[g.r.IntN(len(words))] }
}

func (g *grower) say(format string, parts ...func() string) func() string {
	return func() string {
		args := make([]any, len(parts))
		for i, p := range parts {
			args[i] = p()
		}
		return fmt.Sprintf(format, args...)
	}
}

var comparisons = []string{"==", "!=", "<", "<=", ">", ">="}

func (g *grower) sign() string { return comparisons[g.r.IntN(len(comparisons))] }

// at makes a generator of a smaller depth.
func (g *grower) at(f func(int) string, depth int) func() string {
	return func() string { return f(depth) }
}

func (g *grower) condition(depth int) string {
	if depth <= 0 {
		return g.word("ok", "flag", "late", "n == 5", "name == 'a'", "state == 'done'", "supplier == null", "amount > 1", "day < due", "name == null", "blank(code)", "true", "hasRole('buyer')", "hasRole('x')")()
	}
	b, n, s, d, x := g.at(g.condition, depth-1), g.at(g.number, depth-1), g.at(g.text, depth-1), g.at(g.date, depth-1), g.at(g.instant, depth-1)
	u, r, sign := g.at(g.duration, depth-1), g.record, g.sign
	return g.one(
		g.say("(%s && %s)", b, b), g.say("(%s || %s)", b, b), g.say("!(%s)", b), g.say("(%s ? %s : %s)", b, b, b), g.say("(%s) == (%s)", b, b),
		g.say("%s %s %s", n, sign, n), g.say("%s %s %s", s, sign, s), g.say("%s %s %s", d, sign, d), g.say("%s %s %s", x, sign, x),
		g.say("%s == null", n), g.say("%s != null", s), g.say("%s in [%s, %s]", s, s, s), g.say("%s in [%s, %s]", n, n, n), g.say("contains(%s, %s)", s, s), g.say("startsWith(%s, %s)", s, s), g.say("endsWith(%s, %s)", s, s),
		g.say("blank(%s)", s), g.say("coalesce(%s, %s)", b, b), g.say("'x' in kinds"), g.say("supplier in tags"), g.loop(depth), g.loop(depth),
		g.say("existsOf(line, q, q.item == supplier && q.n %s n)", sign), g.say("matches(%s, '^[a-z]+')", s),
		g.say("%s %s %s", u, sign, u), g.say("clock %s time('12:00')", sign), g.say("%s == %s", r, r), g.say("%s != %s", r, r), g.say("%s in [%s, %s]", r, r, r), g.say("%s in [%s, null]", n, n), g.say("!(%s in [null, %s])", s, s),
		g.say("oneOf(%s, %s, %s)", s, s, s), g.say("kinds.exists(k, k == %s)", g.at(g.text, 0)), g.say("kinds.all(k, k != %s)", g.at(g.text, 0)), g.say("size(kinds) %s %s", sign, n), g.say("%s.name %s %s", r, sign, s), g.say("inDepartment(%s)", s),
		g.say("%s == user.id", g.word("agent", "owner", "created_by", "id")), g.say("mod(%s, 7) == 1", n), g.say("(%s == null) == %s", d, b), g.say("%s in [%s, today()]", d, d), g.say("blank(%s)", g.word("kinds", "tags", "supplier", "took", "day", "extra")),
	)
}

// loop makes a condition over lines or tags, not inside another.
func (g *grower) loop(depth int) func() string {
	return func() string {
		if g.loops > 0 {
			return "ok"
		}
		g.loops++
		defer func() { g.loops-- }()
		body := g.word("l.n > 1", "l.qty * l.price > 1", "l.note == name", "l.note != code", "l.item == supplier", "!(l.n == n)", "l.n / n > 1", "l.item.name == 'a'", "l.on < day || ok", "l.took > took", "blank(l.note)", "l.big > huge")
		if depth > 1 {
			body = g.say("%s && %s", body, g.at(g.condition, 0))
		}
		return g.one(g.say("lines.exists(l, %s)", body), g.say("lines.all(l, %s)", body), g.say("lines.exists_one(l, %s)", body), g.say("tags.exists(t, t.rank > n)"),
			g.say("lines.filter(l, %s).sum(l, l.n) > 1", body), g.say("size(lines.filter(l, %s)) == 1", body))
	}
}

func (g *grower) number(depth int) string {
	if depth <= 0 {
		return g.word("n", "m", "amount", "rate", "huge", "tiny", "small", "0", "1", "2.5", "0.005", "100", "-3", "supplier.rate", "supplier.rank", "net", "total", "peers", "size(name)", "number(user.attributes.rank)")()
	}
	n, s, d, b := g.at(g.number, depth-1), g.at(g.text, depth-1), g.at(g.date, depth-1), g.at(g.condition, depth-1)
	return g.one(g.at(g.number, 0), g.say("(%s + %s)", n, n), g.say("(%s - %s)", n, n), g.say("(%s * %s)", n, n), g.say("(%s / %s)", n, n), g.say("(%s %% %s)", n, n), g.say("(-(%s))", n), g.say("abs(%s)", n),
		g.say("round(%s, 2)", n), g.say("floor(%s)", n), g.say("ceil(%s)", n), g.say("coalesce(%s, %s)", n, n), g.say("min(%s, %s)", n, n), g.say("max(%s, %s)", n, n), g.say("(%s ? %s : %s)", b, n, n), g.say("size(%s)", s),
		g.say("(%s - %s)", d, d), g.say("year(%s)", d), g.say("weekday(%s)", d), g.say("workdays(%s, %s)", d, d), g.say("monthsBetween(%s, %s)", d, d), g.say("number(%s)", s),
		g.word("lines.sum(l, l.qty * l.price)", "lines.sum(l, l.n)", "lines.max(l, l.n)", "lines.avg(l, l.qty)", "lines.count(l, l.n > 0)", "sumOf(line, q, q.item == supplier, q.qty)", "countOf(order, q, q.state == state)", "maxOf(line, q, q.item == backup, q.price)"))
}

func (g *grower) text(depth int) string {
	if depth <= 0 {
		return g.word("name", "code", "state", "supplier.name", "supplier.level", "supplier.boss.code", "'a'", "'%'", "'中文'", "''", "'it\\'s'", "title", "user.attributes.code", "user.attributes.region", "user.attributes.missing", "mood", "supplier.id")()
	}
	s, n, b := g.at(g.text, depth-1), g.word("n", "m", "0", "1", "2", "-1"), g.at(g.condition, depth-1)
	return g.one(g.at(g.text, 0), g.say("(%s + %s)", s, s), g.say("lower(%s)", s), g.say("upper(%s)", s), g.say("trim(%s)", s), g.say("left(%s, %s)", s, n), g.say("right(%s, %s)", s, n), g.say("mid(%s, %s, %s)", s, n, n),
		g.say("substring(%s, %s)", s, n), g.say("substring(%s, %s, %s)", s, n, n), g.say("replace(%s, %s, %s)", s, s, s), g.say("coalesce(%s, %s)", s, s), g.say("(%s ? %s : %s)", b, s, s), g.say("min(%s, %s)", s, s),
		g.word("text(n)", "text(day)", "text(at)", "text(ok)", "text(amount)", "lines.max(l, l.note)", "lookupOf(order, q, q.supplier == supplier, q.name)"))
}

func (g *grower) date(depth int) string {
	if depth <= 0 {
		return g.word("day", "due", "today()", "date('2026-02-28')", "supplier.since", "lines.min(l, l.on)")()
	}
	d, n := g.at(g.date, depth-1), g.word("n", "m", "1", "-1", "30", "100000")
	return g.one(g.at(g.date, 0), g.say("addDays(%s, %s)", d, n), g.say("addMonths(%s, %s)", d, n), g.say("addYears(%s, %s)", d, n), g.say("monthStart(%s)", d), g.say("monthEnd(%s)", d), g.say("(%s + took)", d), g.say("(%s - days(%s))", d, n),
		g.say("coalesce(%s, %s)", d, d), g.say("max(%s, %s)", d, d), g.say("dateOf(%s)", g.at(g.instant, depth-1)))
}

func (g *grower) instant(depth int) string {
	if depth <= 0 {
		return g.word("at", "till", "now()", "created_at", "datetime('2026-03-05T01:02:03Z')")()
	}
	x := g.at(g.instant, depth-1)
	return g.one(g.at(g.instant, 0), g.say("(%s + took)", x), g.say("(%s - hours(5))", x), g.say("coalesce(%s, %s)", x, x), g.say("(%s + (till - at))", x))
}

func (g *grower) duration(depth int) string {
	if depth <= 0 {
		return g.word("took", "duration('PT1H')", "hours(n)", "(at - till)", "(clock - time('08:30'))", "lines.sum(l, l.took)")()
	}
	u := g.at(g.duration, depth-1)
	return g.one(g.at(g.duration, 0), g.say("(%s + %s)", u, u), g.say("(%s - %s)", u, u), g.say("(-(%s))", u), g.say("(%s * 2)", u), g.say("coalesce(%s, %s)", u, u), g.say("(%s ? %s : %s)", g.at(g.condition, 0), u, u))
}

// record is a reference, or what one leads to.
func (g *grower) record() string {
	return g.word("supplier", "backup", "supplier.boss", "supplier.boss.boss")()
}

// randomConditions makes conditions that compile.
func randomConditions(w *world, seed uint64, count int) []string {
	g := &grower{r: rand.New(rand.NewPCG(seed, 2))}
	var out []string
	for tries := 0; len(out) < count && tries < 20*count; tries++ {
		source := g.condition(1 + g.r.IntN(3))
		if len(source) < 1500 && w.condition(source) != nil {
			out = append(out, source)
		}
	}
	return out
}

// checkConditions compares conditions on a database and counts those that it refuses.
func checkConditions(t *testing.T, d *database, w *world, sources []string) (refused int, why map[string]int) {
	t.Helper()
	why = map[string]int{}
	for _, source := range sources {
		err := compareCondition(d, w, w.condition(source))
		if r, ok := lower.AsNotLowerable(err); ok {
			refused++
			why[r.What]++
			continue
		}
		if err != nil && strings.Contains(err.Error(), "query.too_complex") {
			refused++
			why["too complex"]++
			continue
		}
		if err != nil {
			t.Errorf("%s:\n%v", source, err)
		}
	}
	return refused, why
}

// seeds is how many worlds of records, each with conditions of its own, are tried.
var (
	seeds    = flag.Int("seeds", 1, "how many random worlds and lists of conditions to compare")
	seedFrom = flag.Uint64("seedfrom", 1, "the first seed")
)

func TestRandomConditionsAgreeWithEvaluation(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d *database) {
		for i := range uint64(*seeds) {
			seed := *seedFrom + i
			w := newWorld()
			w.fill(22+seed, 10, 60)
			sources := randomConditions(w, seed, 400)
			if len(sources) < 400 {
				t.Fatalf("only %d conditions compile", len(sources))
			}
			if i > 0 {
				d.clear(t, w)
			}
			d.load(t, w)
			refused, why := checkConditions(t, d, w, sources)
			t.Logf("seed %d: %d of %d refused: %v", seed, refused, len(sources), why)
			if refused > len(sources)/4 {
				t.Errorf("seed %d: %d of %d refused: %v", seed, refused, len(sources), why)
			}
		}
	})
}

// FuzzLowering compares random conditions over random records. SQLite is asked for each input; PostgreSQL has
// its turn in TestRandomConditionsAgreeWithEvaluation.
func FuzzLowering(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, seed*31)
	}
	f.Fuzz(func(t *testing.T, data, conditions uint64) {
		w := newWorld()
		w.fill(data, 8, 24)
		d := openSQLite(t)
		d.load(t, w)
		checkConditions(t, d, w, randomConditions(w, conditions, 12))
	})
}
