package lower

import (
	"strconv"
	"strings"

	"tenon/metamodel/expr"
)

// lowering of one function: conditions give predicates, functions give values.
type (
	conditionFn func(b *build, n *expr.Node, want bool) (pred, error)
	valueFn     func(b *build, n *expr.Node) (val, error)
)

// The functions that are lowered. What is missing here and in byGo is refused.
var (
	conditions map[string]conditionFn
	functions  map[string]valueFn
)

func init() { //nolint:gochecknoinits // the tables and the functions in them need each other
	conditions = map[string]conditionFn{
		"contains": textTest(containsSQL), "startsWith": startsWith, "endsWith": textTest(endsWithSQL), "matches": matches,
		"blank": blank, "usccValid": goCondition, "gtinValid": goCondition,
	}
	functions = map[string]valueFn{
		"size": textSize, "lower": cased, "upper": cased, "trim": trimmed, "substring": substring, "left": left, "right": right, "mid": mid,
		"replace": replaced, "padLeft": goOnly, "text": printedText, "number": readNumber, "pinyinInitials": goOnly, "rmbWords": goOnly,
		"round": rounded, "roundBy": goOnly, "floor": whole, "ceil": whole, "abs": absolute, "min": least, "max": least, "int": truncated, "decimal": toDecimal,
		"date": goOnly, "datetime": goOnly, "time": goOnly, "duration": goOnly,
		"days": units(86400), "hours": units(3600), "minutes": units(60),
		"dateOf": dateOf, "year": datePart, "quarter": datePart, "month": datePart, "day": datePart, "weekday": datePart,
		"hour": clockPart, "minute": clockPart, "addDays": addDays, "addMonths": addMonths, "addYears": addMonths,
		"monthStart": monthStart, "monthEnd": monthEnd, "daysBetween": daysBetween, "monthsBetween": monthsBetween,
		"daysUntil": daysUntil, "workdays": workdays, "addWorkdays": goOnly,
		"coalesce": coalesce,
	}
}

// arguments lowers all arguments of a call, parameters bound by their types.
func (b *build) arguments(n *expr.Node) ([]val, error) {
	out := make([]val, len(n.Args))
	for i, a := range n.Args {
		v, err := b.solid(a)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// texts lowers all arguments of a call as texts.
func (b *build) texts(n *expr.Node) ([]val, error) {
	out, err := b.arguments(n)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if !isText(out[i].repr) {
			return nil, refuse(n, "%s", what(n))
		}
		out[i] = b.texted(b.named(out[i]))
	}
	return out, nil
}

// textOut is a function's text result: strict in its arguments, and without a value over the size that
// evaluation allows.
func (b *build) textOut(sql string, bytes int, args ...val) val {
	v := val{sql: sql, repr: reprText, bytes: bytes}
	if bytes > expr.MaxText {
		size := "octet_length("
		v.sql, v.fail, v.over, v.bytes = "(CASE WHEN "+size+sql+") <= "+strconv.Itoa(expr.MaxText)+" THEN "+sql+" END)", true, true, expr.MaxText
		b.overs++
	}
	for _, a := range args {
		v.over = v.over || a.over
	}
	return v.strict(args...)
}

// boolOut makes a predicate of a test that is TRUE, FALSE or, for a null, NULL.
func boolOut(sql string, want bool) pred {
	if want {
		return sqlPred(sql)
	}
	return sqlPred("NOT " + sql)
}

func textTest(write func(b *build, x, y string) string) conditionFn {
	return func(b *build, n *expr.Node, want bool) (pred, error) {
		a, err := b.texts(n)
		if err != nil {
			return pred{}, err
		}
		return boolOut(write(b, a[0].sql, a[1].sql), want), nil
	}
}

func containsSQL(b *build, x, y string) string {
	if b.d == Postgres {
		return "(strpos(" + x + ", " + y + ") > 0)"
	}
	return "(instr(" + x + ", " + y + ") > 0)"
}

func endsWithSQL(b *build, x, y string) string {
	if b.d == Postgres {
		return "(right(" + x + ", length(" + y + ")) = " + y + ")"
	}
	return "(CASE WHEN " + y + " = '' THEN " + x + " IS NOT NULL OR NULL ELSE substr(" + x + ", -length(" + y + ")) = " + y + " END)"
}

// startsWith uses a range where a column meets a parameter, so that an index serves it.
func startsWith(b *build, n *expr.Node, want bool) (pred, error) {
	x, err := b.value(n.Args[0])
	if err != nil {
		return pred{}, err
	}
	y, err := b.value(n.Args[1])
	if err != nil {
		return pred{}, err
	}
	if !x.param && y.param && x.repr == reprText {
		switch y.state { //nolint:exhaustive // all others are ordinary texts
		case stateNull, stateError:
			return knownPred(false), nil
		case stateEmpty:
			if want {
				return x.isThere(), nil
			}
			return knownPred(false), nil
		case stateValue:
			t := target{d: b.d, repr: reprText}
			from := b.bind(y.index, t)
			t.change = afterAll
			to, col := b.bind(y.index, t), b.collated(x)
			if want {
				return sqlPred("(" + col + " >= " + from + " AND " + col + " < " + to + ")"), nil
			}
			return sqlPred("(" + col + " < " + from + " OR " + col + " >= " + to + ")"), nil
		}
	}
	return textTest(func(b *build, x, y string) string {
		if b.d == Postgres {
			return "starts_with(" + x + ", " + y + ")"
		}
		return "(substr(" + x + ", 1, length(" + y + ")) = " + y + ")"
	})(b, n, want)
}

// matches runs Go's regular expressions on SQLite, and on PostgreSQL those that mean the same there.
func matches(b *build, n *expr.Node, want bool) (pred, error) {
	x, err := b.solid(n.Args[0])
	if err != nil {
		return pred{}, err
	}
	p, ok := b.parameter(n.Args[1])
	source, isText := n.Args[1].Value.(string)
	if !ok || !isText {
		return pred{}, refuse(n, "%s", what(n))
	}
	x = b.texted(b.named(x))
	if x.repr != reprText {
		return pred{}, refuse(n, "%s", what(n))
	}
	if b.d == SQLite {
		return boolOut("tn_match("+x.sql+", "+b.bind(p.index, target{d: b.d, repr: reprText})+")", want), nil
	}
	translated, err := postgresPattern(source)
	if err != nil {
		return pred{}, refuse(n, "%s", what(n))
	}
	return boolOut("("+x.sql+` COLLATE "C" ~ `+b.constant(translated, target{d: b.d, repr: reprText})+")", want), nil
}

// whiteSpace are the characters that evaluation trims.
const whiteSpace = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

func (b *build) trim(x string) string {
	name := "trim("
	if b.d == Postgres {
		name = "btrim("
	}
	return name + x + ", " + b.constant(whiteSpace, target{d: b.d, repr: reprText}) + ")"
}

func trimmed(b *build, n *expr.Node) (val, error) {
	a, err := b.texts(n)
	if err != nil {
		return val{}, err
	}
	return b.textOut(b.trim(a[0].sql), a[0].size(), a...), nil
}

func blank(b *build, n *expr.Node, want bool) (pred, error) {
	arg := n.Args[0]
	if arg.Type == expr.ListOf {
		v, err := b.listSize(arg)
		if err != nil {
			return pred{}, err
		}
		if want {
			return sqlPred(v.sql + " = 0"), nil
		}
		return sqlPred(v.sql + " > 0"), nil
	}
	v, err := b.solid(arg)
	if err != nil {
		return pred{}, err
	}
	if v.over {
		return pred{}, refuse(n, "%s", what(n))
	}
	v.null, v.fail, v.err = v.null || v.fail, false, "" // what has no value is blank
	if v.repr != reprText {
		if want {
			return v.isNull(), nil
		}
		return v.isThere(), nil
	}
	trimmed := b.trim(v.sql)
	if want {
		return or(v.isNull(), sqlPred(trimmed+" = ''")), nil
	}
	return sqlPred(trimmed + " <> ''"), nil
}

func textSize(b *build, n *expr.Node) (val, error) {
	if n.Args[0].Type == expr.ListOf {
		return b.listSize(n.Args[0])
	}
	a, err := b.texts(n)
	if err != nil {
		return val{}, err
	}
	return val{sql: "length(" + a[0].sql + ")", repr: reprInt, max: pow10(9)}.strict(a...), nil
}

// coalesce takes the first that has a value; a part that fails because of a null counts as null.
func coalesce(b *build, n *expr.Node) (val, error) {
	a, err := b.arguments(n)
	if err != nil {
		return val{}, err
	}
	x, y, err := b.same(a[0], a[1], n)
	if err != nil {
		return val{}, err
	}
	if x.over || y.over {
		return val{}, refuse(n, "%s", what(n))
	}
	out := x
	out.sql = "COALESCE(" + x.sql + ", " + y.sql + ")"
	out.null, out.fail, out.err = (x.null || x.fail) && (y.null || y.fail), false, ""
	if out.max != nil && y.max != nil && y.max.Cmp(out.max) > 0 {
		out.max = y.max
	}
	out.bytes = max(x.size(), y.size())
	return out, nil
}

// size is how many bytes a text may have.
func (v val) size() int {
	if v.bytes == 0 {
		return expr.MaxText
	}
	return v.bytes
}

// cased changes the case of letters one by one, as Go does. PostgreSQL's own functions depend on the database's
// language, so all but texts of ASCII and letters without case go through a table.
func cased(b *build, n *expr.Node) (val, error) {
	if b.d == SQLite {
		return goOnly(b, n)
	}
	a, err := b.texts(n)
	if err != nil {
		return val{}, err
	}
	x := a[0].sql
	from, to := caseTable(n.Fn)
	t := target{d: b.d, repr: reprText}
	sql := "(CASE WHEN " + x + ` COLLATE "C" ~ ` + b.constant(plainLetters, t) + " THEN " + n.Fn + "(" + x + ` COLLATE "C") ELSE translate(` +
		x + ", " + b.constant(from, t) + ", " + b.constant(to, t) + ") END)"
	return b.textOut(sql, a[0].size()*3/2, a...), nil
}

// bounded cuts an integer to what positions in a text can be.
func (b *build) bounded(v val) string {
	const most = "100000000"
	if b.d == Postgres {
		return "LEAST(GREATEST(" + v.sql + ", -" + most + "), " + most + ")::int"
	}
	return "MIN(MAX(" + v.sql + ", -" + most + "), " + most + ")"
}

func (b *build) most(x, y string) string {
	if b.d == Postgres {
		return "GREATEST(" + x + ", " + y + ")"
	}
	return "MAX(" + x + ", " + y + ")"
}

// cutArguments lowers a text followed by integers.
func (b *build) cutArguments(n *expr.Node) ([]val, error) {
	a, err := b.arguments(n)
	if err != nil {
		return nil, err
	}
	if !isText(a[0].repr) {
		return nil, refuse(n, "%s", what(n))
	}
	a[0] = b.texted(b.named(a[0]))
	for _, v := range a[1:] {
		if v.repr != reprInt {
			return nil, refuse(n, "%s", what(n))
		}
	}
	return a, nil
}

// cutSQL takes the characters from one position up to before another. PostgreSQL's GREATEST passes nulls over,
// so nulls are looked for first.
func (b *build) cutSQL(x, from, to string, args []val) string {
	from = b.most(from, "0")
	sql := "substr(" + x + ", " + from + " + 1, " + b.most("("+to+") - "+from, "0") + ")"
	if b.d == SQLite {
		return sql
	}
	return b.whereAll(sql, args)
}

// whereAll is NULL where one of the arguments is.
func (b *build) whereAll(sql string, args []val) string {
	parts := make([]pred, 0, len(args))
	for _, a := range args {
		parts = append(parts, a.isThere())
	}
	if p := and(parts...); p.known != always {
		return "(CASE WHEN " + p.sql + " THEN " + sql + " END)"
	}
	return sql
}

func substring(b *build, n *expr.Node) (val, error) {
	a, err := b.cutArguments(n)
	if err != nil {
		return val{}, err
	}
	to := "100000000"
	if len(a) > 2 {
		to = b.bounded(a[2])
	}
	return b.textOut(b.cutSQL(a[0].sql, b.bounded(a[1]), to, a), a[0].size(), a...), nil
}

func left(b *build, n *expr.Node) (val, error) {
	a, err := b.cutArguments(n)
	if err != nil {
		return val{}, err
	}
	return b.textOut(b.cutSQL(a[0].sql, "0", b.bounded(a[1]), a), a[0].size(), a...), nil
}

func right(b *build, n *expr.Node) (val, error) {
	a, err := b.cutArguments(n)
	if err != nil {
		return val{}, err
	}
	count := b.bounded(a[1])
	sql := "(CASE WHEN " + a[1].sql + " <= 0 THEN substr(" + a[0].sql + ", 1, 0) WHEN " + a[1].sql + " > 0 THEN "
	if b.d == Postgres {
		sql += "right(" + a[0].sql + ", " + count + ") END)"
	} else {
		sql += "substr(" + a[0].sql + ", -" + count + ") END)"
	}
	return b.textOut(sql, a[0].size(), a...), nil
}

func mid(b *build, n *expr.Node) (val, error) {
	a, err := b.cutArguments(n)
	if err != nil {
		return val{}, err
	}
	from := b.most(b.bounded(a[1]), "1")
	return b.textOut(b.cutSQL(a[0].sql, from+" - 1", from+" - 1 + "+b.bounded(a[2]), a), a[0].size(), a...), nil
}

func replaced(b *build, n *expr.Node) (val, error) {
	a, err := b.texts(n)
	if err != nil {
		return val{}, err
	}
	// SQLite forgets a null replacement where there is nothing to replace.
	return b.textOut(b.whereAll("replace("+a[0].sql+", "+a[1].sql+", "+a[2].sql+")", a), a[0].size()*max(1, a[2].size()), a...), nil
}

// optionText asserts that an option's name may stand inside a literal: names are letters, digits and
// underscores.
func optionText(name string) string {
	if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		panic("lower: " + strconv.Quote(name) + " is no option's name")
	}
	return name
}
