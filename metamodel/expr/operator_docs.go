package expr

import (
	"slices"
	"strings"

	"tenon/metamodel/diag"
)

// Operator describes one operator of the language as editors and the reference show it.
type Operator struct {
	Sign       string
	Doc        diag.Text
	Null       diag.Text // what null does to it
	Signatures []Signature
	Examples   []OperatorExample
}

// OperatorExample is an expression without variables and what it gives; null stands for no value as well.
type OperatorExample struct{ Source, Result string }

var (
	nullSpreads = text("有一边为空时，没有值。", "No value where a side is null.")
	nullSees    = text("空可以比较：空等于空，不等于其他；没有值的一边使结果也没有值。", "Null can be compared: it equals null and nothing else. A side without a value leaves the result without one.")
	nullDecides = text("一边已能决定结果时，另一边没有值也没有关系；否则没有值。", "Where one side decides, it does not matter that the other has no value; else there is no value.")
)

// Operators lists the operators, those that bind least first.
func Operators() []Operator { return slices.Clone(operatorDocs) }

func examples(pairs ...string) []OperatorExample {
	var out []OperatorExample
	for p := range slices.Chunk(pairs, 2) {
		out = append(out, OperatorExample{p[0], p[1]})
	}
	return out
}

// operatorDocs uses (false ? 1 : null) where it needs an expression that is null. What is over null has no value,
// which == and != don't see as null: only coalesce and blank catch it.
var operatorDocs = []Operator{
	{
		"? :", text("条件成立时取前一个值，否则取后一个。", "The first value where the condition holds, else the second."), text("条件没有值时，没有值；没有取到的一边不计算。", "No value where the condition has none; the side that is not taken is not evaluated."), nil,
		examples("2 > 1 ? 'a' : 'b'", "a", "(false ? 1 : null) > 1 ? 'a' : 'b'", "null"),
	},
	{"||", text("至少一个成立。", "At least one holds."), nullDecides, documented("_||_"), examples("false || true", "true", "(false ? 1 : null) > 1 || true", "true", "(false ? 1 : null) > 1 || false", "null")},
	{"&&", text("两个都成立。", "Both hold."), nullDecides, documented("_&&_"), examples("true && false", "false", "(false ? 1 : null) > 1 && false", "false", "(false ? 1 : null) > 1 && true", "null")},
	{"==", text("相等。整数与小数可以互比，选项与它的名称比，引用与 id 比。", "Equal. Integers compare with decimals, options with their names, references with ids."), nullSees, nil, examples("1 == 1.0", "true", "(false ? 1 : null) == null", "true", "(false ? 1 : null) == 1", "false")},
	{"!=", text("不相等。", "Not equal."), nullSees, nil, examples("'a' != 'b'", "true", "(false ? 1 : null) != 1", "true")},
	{"<", text("小于；文本按字符编码比。", "Less; texts by their code points."), nullSpreads, documented("_<_"), examples("1 < 1.5", "true", "(false ? 1 : null) < 1", "null")},
	{"<=", text("小于或等于。", "Less or equal."), nullSpreads, documented("_<=_"), examples("date('2026-01-31') <= date('2026-01-31')", "true")},
	{">", text("大于。", "Greater."), nullSpreads, documented("_>_"), examples("'b' > 'a'", "true")},
	{">=", text("大于或等于。", "Greater or equal."), nullSpreads, documented("_>=_"), examples("2 >= 3", "false")},
	{"in", text("是否在列表中。", "Whether it is in a list."), nullSees, nil, examples("'b' in ['a', 'b']", "true", "(false ? 1 : null) in [1]", "false", "(false ? 1 : null) in [1, null]", "true")},
	{"+", text("相加；文本相接；日期加时长。", "The sum; texts are joined; a date plus a duration."), nullSpreads, documented("_+_"), examples("0.1 + 0.2", "0.3", "'A' + '-' + '1'", "A-1", "date('2026-01-31') + days(1)", "2026-02-01", "(false ? 1 : null) + 1", "null")},
	{"-", text("相减；两个日期相减得天数；写在前面表示相反数。", "The difference; of two dates in days; in front of a value its negative."), nullSpreads, slices.Concat(documented("_-_"), documented("-_")), examples("5 - 1.5", "3.5", "date('2026-02-01') - date('2026-01-31')", "1", "-(2 + 1)", "-3")},
	{"*", text("相乘，结果精确。", "The exact product."), nullSpreads, documented("_*_"), examples("12.5 * 3", "37.5", "days(1) * 2", "P2D")},
	{"/", text("相除，结果总是小数；除以零没有值。", "The quotient, always a decimal; there is none by zero."), text("有一边为空或除数为零时，没有值。", "No value where a side is null or the divisor is zero."), documented("_/_"), examples("10 / 4", "2.5", "1 / 0", "null")},
	{"%", text("余数。", "The remainder."), text("有一边为空或除数为零时，没有值。", "No value where a side is null or the divisor is zero."), documented("_%_"), examples("7 % 3", "1", "7.5 % 2", "1.5")},
	{"!", text("不成立。", "It does not hold."), nullSpreads, documented("!_"), examples("!(1 > 2)", "true", "!((false ? 1 : null) > 1)", "null")},
}

// documented are the signatures of an operator in the form that functions have.
func documented(op string) []Signature {
	var out []Signature
	for _, s := range operatorSigs[op] {
		out = append(out, sigs([]Type(s))...)
	}
	return out
}

// queryForms are how the aggregates over an entity are called; the checker has declarations of their own for them.
var queryForms = map[string]string{
	"sumOf": "sumOf(entity, x, bool, number) → number", "countOf": "countOf(entity, x, bool) → int", "minOf": "minOf(entity, x, bool, any) → any",
	"maxOf": "maxOf(entity, x, bool, any) → any", "existsOf": "existsOf(entity, x, bool) → bool", "lookupOf": "lookupOf(entity, x, bool, any) → any\nlookupOf(entity, x, bool, any, date) → any\nlookupOf(entity, x, bool, any, datetime) → any",
}

// Forms are the ways to write a call, such as round(decimal, int) → decimal. In those over lists and entities, x
// is the name that the expression chooses for the item.
func (f *Function) Forms() []string {
	if form, ok := queryForms[f.Name]; ok {
		return strings.Split(form, "\n")
	}
	var out []string
	for _, s := range f.Signatures {
		args := make([]string, len(s.Args))
		for i, a := range s.Args {
			args[i] = a.String()
		}
		call := f.Name + "(" + strings.Join(args, ", ")
		if f.Group == GroupList {
			call = args[0] + "." + f.Name + "(x, " + strings.Join(args[1:], ", ")
		}
		out = append(out, call+") → "+s.Result.String())
	}
	return out
}

// Groups lists the groups in the order in which help shows them, with their names for people.
var Groups = []struct {
	Group Group
	Title diag.Text
}{
	{GroupText, text("文本", "Text")},
	{GroupNumber, text("数字", "Numbers")},
	{GroupDate, text("日期与时间", "Dates and times")},
	{GroupLogic, text("逻辑", "Logic")},
	{GroupList, text("列表与明细", "Lists and lines")},
	{GroupQuery, text("查询其他实体", "Other entities")},
	{GroupUser, text("当前用户", "The acting person")},
	{GroupChinese, text("中文业务", "Chinese business")},
}
