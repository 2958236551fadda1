package lower

import (
	"math/big"
	"slices"
	"strconv"

	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// value lowers an expression to SQL that is NULL exactly where evaluation gives null or fails.
func (b *build) value(n *expr.Node) (val, error) {
	if err := b.count(); err != nil {
		return val{}, err
	}
	if v, ok := b.parameter(n); ok {
		return v, nil
	}
	v, err := b.compute(n)
	if err == nil && len(v.sql) > MaxText {
		err = refuse(n, "%s", what(n))
	}
	if err != nil || !slices.Contains(b.outer, n) {
		return v, err
	}
	if v.over {
		return val{}, refuse(n, "%s", what(n))
	}
	v.null, v.fail, v.err = v.null || v.fail, false, "" // a query is given null for what has no value
	return v, nil
}

func (b *build) compute(n *expr.Node) (val, error) {
	switch n.Op { //nolint:exhaustive // what isn't here is refused
	case expr.OpField:
		return b.field(n)
	case expr.OpVar:
		return b.variable(n)
	case expr.OpAnd, expr.OpOr, expr.OpNot, expr.OpEq, expr.OpNe, expr.OpLt, expr.OpLe, expr.OpGt, expr.OpGe, expr.OpIn:
		return b.boolean(n)
	case expr.OpCond:
		return b.conditional(n)
	case expr.OpAdd, expr.OpSub, expr.OpMul, expr.OpDiv, expr.OpMod, expr.OpNeg:
		return b.arithmetic(n)
	case expr.OpCall:
		if f, ok := functions[n.Fn]; ok {
			return f(b, n)
		}
		if _, ok := conditions[n.Fn]; ok {
			return b.boolean(n)
		}
	case expr.OpQuantor:
		return b.folded(n)
	case expr.OpQuery:
		return b.queried(n)
	}
	return val{}, refuse(n, "%s", what(n))
}

// solid lowers a value that stands alone: a parameter is bound as what its type says.
func (b *build) solid(n *expr.Node) (val, error) {
	v, err := b.value(n)
	if err != nil || !v.param {
		return v, err
	}
	return b.bound(v)
}

func (b *build) bound(v val) (val, error) {
	if v.state == stateNull || v.state == stateError {
		return b.nothing(v)
	}
	out := val{}
	switch v.node.Type {
	case expr.Bool:
		out.repr = reprBool
	case expr.Int:
		out.repr, out.max = reprInt, maxInt64
		if n, ok := v.node.Value.(int64); ok && v.node.Op == expr.OpLit {
			out.max = digitsOf(big.NewInt(n))
		}
	case expr.Dec:
		b.boundDecimal(v, &out)
	case expr.Str, expr.Rec:
		out.repr = reprText
	case expr.Dat:
		out.repr = reprDate
	case expr.Ts:
		out.repr = reprInstant
	case expr.Tod:
		out.repr = reprTime
	case expr.Dur:
		out.repr, out.scale, out.max = reprDuration, microScale, maxMicros
	case expr.JSON:
		out.repr = reprJSON
	case expr.ListOf:
		out.repr, out.elem = reprList, reprText
	case expr.Unknown, expr.Null, expr.UserVar:
		return val{}, refuse(v.node, "%s", what(v.node))
	}
	out.sql = b.bind(v.index, target{d: b.d, repr: out.repr, scale: out.scale, fit: fitFloor})
	return out, nil
}

// microScale is the scale of computed durations: seconds × 10^-6.
const microScale = 6

// digitsOf is the greatest number with as many digits as n, so that the text of a statement depends on the size
// of a literal and not on the literal.
func digitsOf(n *big.Int) *big.Int {
	return new(big.Int).Sub(pow10(int32(len(new(big.Int).Abs(n).String()))), big.NewInt(1))
}

func (b *build) boundDecimal(v val, out *val) {
	out.repr, out.max = reprDec, maxDigits
	if b.d == Postgres {
		return
	}
	out.repr = reprBig
	if v.node.Op != expr.OpLit {
		return
	}
	d, ok := v.node.Value.(value.Decimal)
	if !ok {
		return
	}
	if n, err := d.Unscaled(d.Scale()); err == nil {
		out.repr, out.scale, out.max = reprDec, d.Scale(), digitsOf(big.NewInt(n))
	}
}

// nothing is the null, or the failure, that a parameter turned out to be.
func (b *build) nothing(v val) (val, error) {
	out := val{sql: "NULL", null: v.state == stateNull, fail: v.state == stateError}
	switch v.node.Type {
	case expr.Bool:
		out.repr = reprBool
	case expr.Int:
		out.repr, out.max = reprInt, big.NewInt(0)
	case expr.Dec:
		out.repr, out.max = reprDec, big.NewInt(0)
	case expr.Dat:
		out.repr = reprDate
	case expr.Ts:
		out.repr = reprInstant
	case expr.Tod:
		out.repr = reprTime
	case expr.Dur:
		out.repr, out.max = reprDuration, big.NewInt(0)
	case expr.Str, expr.Rec, expr.Null, expr.Unknown, expr.JSON, expr.ListOf, expr.UserVar:
		out.repr = reprText
	}
	if b.d == Postgres {
		out.sql += target{repr: out.repr}.cast()
	}
	return out, nil
}

// field lowers a field of a record.
func (b *build) field(n *expr.Node) (val, error) {
	f, rec := n.Field, n.Args[0]
	if f.System && f.Name == "id" && rec.Op == expr.OpField {
		return b.value(rec) // the id of the record a reference points at is what the reference holds
	}
	from, err := b.record(rec)
	if err != nil {
		return val{}, err
	}
	return b.fieldOf(from, f, n)
}

func (b *build) fieldOf(from *relation, f *metamodel.Field, n *expr.Node) (val, error) {
	if f.Kind == metamodel.Lines {
		return val{}, refuse(n, "%s", f.Name)
	}
	if f.Virtual() {
		return b.virtual(from, f, n)
	}
	if from.id != "" && f.System && f.Name == "id" {
		return val{sql: from.id, repr: reprID}, nil
	}
	return columnVal(b.d, from, f), nil
}

// virtual computes a field that has no column by its formula.
func (b *build) virtual(from *relation, f *metamodel.Field, n *expr.Node) (val, error) {
	var tree *expr.Node
	if b.formula != nil {
		tree = b.formula(f)
	}
	if tree == nil {
		return val{}, refuse(n, "%s", f.Name)
	}
	if len(b.inline) >= MaxInline {
		return val{}, tooComplex(whatNested, MaxInline)
	}
	saved, overs := b.scope, b.overs
	b.scope = map[string]*relation{"": from}
	b.inline = append(b.inline, f)
	v, err := b.solid(tree)
	b.inline = b.inline[:len(b.inline)-1]
	b.scope = saved
	if err != nil {
		return val{}, err
	}
	b.overs = overs // a virtual field that failed is null, for whatever reason
	return b.fitted(v, f, n)
}

// variable lowers a variable used as a value: a record is its id.
func (b *build) variable(n *expr.Node) (val, error) {
	r := b.scope[n.Var]
	switch {
	case r == nil:
		return val{}, refuse(n, "%s", what(n))
	case r.element != nil:
		return *r.element, nil
	case r.id != "":
		return val{sql: r.id, repr: reprID}, nil
	}
	return columnVal(b.d, r, r.entity.Columns()[metamodel.SlotID]), nil
}

// conditional lowers c ? x : y.
func (b *build) conditional(n *expr.Node) (val, error) {
	overs := b.overs
	yes, err := b.pred(n.Args[0], true)
	if err != nil {
		return val{}, err
	}
	no, err := b.pred(n.Args[0], false)
	if err != nil {
		return val{}, err
	}
	x, err := b.solid(n.Args[1])
	if err != nil {
		return val{}, err
	}
	y, err := b.solid(n.Args[2])
	if err != nil {
		return val{}, err
	}
	if x, y, err = b.same(x, y, n); err != nil {
		return val{}, err
	}
	out := x
	out.sql = "CASE WHEN " + yes.sql + " THEN " + x.sql + " WHEN " + no.sql + " THEN " + y.sql + " END"
	out.null, out.fail, out.over = x.null || y.null, true, b.overs > overs
	if out.max != nil && y.max != nil && y.max.Cmp(out.max) > 0 {
		out.max = y.max
	}
	out.err = ""
	if out.null {
		out.err = "(CASE WHEN " + yes.sql + " THEN " + orFalse(x.failed()) + " WHEN " + no.sql + " THEN " + orFalse(y.failed()) + " ELSE TRUE END)"
	}
	return out, nil
}

func orFalse(sql string) string {
	if sql == "" {
		return "FALSE"
	}
	return sql
}

// same brings two bound values into one representation, options' ids by name.
func (b *build) same(x, y val, n *expr.Node) (val, val, error) {
	if isNothing(x) || isNothing(y) {
		return b.sameAsNothing(x, y)
	}
	if x.repr == reprInt && y.repr == reprDec || x.repr == reprDec && y.repr == reprInt {
		if b.d == Postgres {
			x, y = b.numeric(x), b.numeric(y)
			return x, y, nil
		}
	}
	x, y, err := b.alike(x, y, fitExact, n)
	if err == nil && x.repr != y.repr { // an integer beside a decimal of the same scale
		x.repr, y.repr = reprDec, reprDec
	}
	return x, y, err
}

func isNothing(v val) bool { return v.sql == "NULL" || len(v.sql) > 4 && v.sql[:5] == "NULL:" }

func (b *build) sameAsNothing(x, y val) (val, val, error) {
	pattern, empty := x, &y
	if isNothing(x) {
		pattern, empty = y, &x
	}
	empty.repr, empty.scale, empty.enum, empty.elem, empty.max = pattern.repr, pattern.scale, pattern.enum, pattern.elem, pattern.max
	if b.d == Postgres {
		empty.sql = "NULL" + target{repr: pattern.repr}.cast()
	}
	return x, y, nil
}

// fitted converts a formula's value to what a virtual field holds; what does not fit, or failed, is null.
func (b *build) fitted(v val, f *metamodel.Field, n *expr.Node) (val, error) {
	v.null, v.fail, v.err, v.over = v.null || v.fail, false, "", false
	switch classOf(f) {
	case classDecimal:
		return b.fittedDecimal(v, f, n)
	case classInt:
		switch v.repr { //nolint:exhaustive // everything else is no number
		case reprInt:
			return v, nil
		case reprDec, reprBig:
			return b.wholeNumber(v), nil
		}
	case classText, classChoice, classID:
		if !isText(v.repr) {
			break
		}
		if v.repr == reprID && classOf(f) == classID {
			return v, nil
		}
		v = b.texted(b.named(v))
		if f.Kind.IsText() && f.MaxLength > 0 {
			v.sql = "substr(" + v.sql + ", 1, " + strconv.Itoa(f.MaxLength) + ")"
		}
		v.sql, v.null = "NULLIF("+v.sql+", '')", true
		return v, nil
	case classBool, classDate, classInstant, classTime, classDuration, classJSON, classList:
		want := target{repr: columnVal(b.d, &relation{}, f).repr}.repr
		if v.repr == want {
			return v, nil
		}
	case classNone:
	}
	return val{}, refuse(n, "%s", f.Name)
}
