package expr

import (
	"errors"

	"tenon/metamodel/value"
)

var numberFunctions = []Function{
	{
		Name: "round", Group: GroupNumber, Member: true, base: 6, Signatures: sigs([]Type{Dec, Dec}, []Type{Dec, Int, Dec}, []Type{Int, Dec}, []Type{Int, Int, Dec}),
		Doc:     text("四舍五入到几位小数（省略时为整数）。", "Rounded half up to so many decimals, or to a whole number."),
		Example: "round(2.345, 2)", Result: "2.35", call: fnRound,
	},
	{
		Name: "roundBy", Group: GroupNumber, base: 8, Signatures: sigs([]Type{Dec, Dec, Str, Dec}, []Type{Int, Dec, Str, Dec}),
		Doc: text("按步长和方式取整：half_up 四舍五入、half_down 五舍六入、half_even 四舍六入五成双、up 向上（远离零）、down 向下（趋近零）。整箱拣货用 up，步长为 1。",
			"Rounded to a multiple of a step: half_up, half_down, half_even, up (away from zero) or down (towards zero). Whole packs are picked by up with a step of 1."),
		Example: "roundBy(2.675, 0.01, 'half_even')", Result: "2.68", call: fnRoundBy,
	},
	{
		Name: "allocate", Group: GroupNumber, base: 10, perText: true,
		Signatures: []Signature{sig([]TypeRef{one(Dec), {Type: Dec, List: true}, one(Int), one(Int)}, one(Dec))},
		Doc: text("按权重把金额分摊到几位小数，取第几份（从 1 开始）：尾差给余数最大的，相同时给靠前的，各份之和等于金额。在明细里写 allocate(parent.freight, parent.lines.map(l, l.amount), position, 2)。",
			"The share of one place (from 1) when an amount is split by weights to so many decimals: what is left goes to the largest remainders, the first among equals, and the shares sum to the amount. On a line: allocate(parent.freight, parent.lines.map(l, l.amount), position, 2)."),
		Example: "allocate(100.0, [1.0, 1.0, 1.0], 1, 2)", Result: "33.34", call: fnAllocate,
	},
	{
		Name: "floor", Group: GroupNumber, base: 4, Signatures: sigs([]Type{Dec, Dec}, []Type{Int, Dec}),
		Doc: text("不大于它的最大整数。", "The largest whole number not above it."), Example: "floor(-2.5)", Result: "-3", call: onDecimal(value.Decimal.Floor),
	},
	{
		Name: "ceil", Group: GroupNumber, base: 4, Signatures: sigs([]Type{Dec, Dec}, []Type{Int, Dec}),
		Doc: text("不小于它的最小整数。", "The smallest whole number not below it."), Example: "ceil(2.1)", Result: "3", call: onDecimal(value.Decimal.Ceil),
	},
	{
		Name: "abs", Group: GroupNumber, base: 3, Signatures: sigs([]Type{Dec, Dec}, []Type{Int, Int}),
		Doc: text("绝对值。", "The absolute value."), Example: "abs(-3.5)", Result: "3.5", call: fnAbs,
	},
	{
		Name: "min", Group: GroupNumber, base: 3, Signatures: pairSignatures(), size: largest,
		Doc: text("两个或更多值中最小的。", "The least of two or more values."), Example: "min(3, 1.5, 2)", Result: "1.5", call: fnLeast(-1),
	},
	{
		Name: "max", Group: GroupNumber, base: 3, Signatures: pairSignatures(), size: largest,
		Doc: text("两个或更多值中最大的。", "The greatest of two or more values."), Example: "max(3, 1.5, 2)", Result: "3", call: fnLeast(1),
	},
	{
		Name: "int", Group: GroupNumber, base: 4, Signatures: sigs([]Type{Dec, Int}, []Type{Int, Int}),
		Doc: text("去掉小数部分的整数。", "The integer without the decimals."), Example: "int(3.9)", Result: "3", call: fnInt,
	},
	{
		Name: "decimal", Group: GroupNumber, base: 4, Signatures: sigs([]Type{Int, Dec}, []Type{Dec, Dec}, []Type{Str, Dec}),
		Doc: text("转为小数；文本读不出数字时为空。", "The value as a decimal; null for a text that spells no number."), Example: "decimal('1.20')", Result: "1.20", call: fnDecimal,
	},
}

func pairSignatures() []Signature {
	out := sigs([]Type{Int, Dec, Dec}, []Type{Dec, Int, Dec})
	for _, t := range ordered {
		out = append(out, sigs([]Type{t, t, t})...)
	}
	return out
}

func largest(_ []*Node, sizes []int64) int64 {
	n := int64(0)
	for _, s := range sizes {
		n = max(n, s)
	}
	return n
}

func decimalArg(v any) (value.Decimal, bool) {
	switch v := v.(type) {
	case value.Decimal:
		return v, true
	case int64:
		return value.NewDecimal(v, 0), true
	default:
		return value.Decimal{}, false
	}
}

func onDecimal(fn func(value.Decimal) (value.Decimal, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		d, ok := decimalArg(c.args[0])
		if !ok {
			return nil, errArgument
		}
		return orError(fn(d))
	}
}

// orError keeps a decimal's error from travelling with a value.
func orError(d value.Decimal, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return d, nil
}

func fnRound(c *call) (any, error) {
	d, ok := decimalArg(c.args[0])
	if !ok {
		return nil, errArgument
	}
	digits := int64(0)
	if len(c.args) > 1 {
		if digits, ok = c.args[1].(int64); !ok {
			return nil, errArgument
		}
	}
	if digits < -MaxRound || digits > MaxRound {
		return nil, ErrOutOfRange
	}
	return orError(d.Round(int32(digits)))
}

// fnRoundBy rounds to a multiple of a step.
func fnRoundBy(c *call) (any, error) {
	d, ok1 := decimalArg(c.args[0])
	step, ok2 := c.args[1].(value.Decimal)
	mode, ok3 := c.args[2].(string)
	if !ok1 || !ok2 || !ok3 {
		return nil, errArgument
	}
	if step.Sign() <= 0 {
		return nil, ErrOutOfRange
	}
	whole, err := d.RoundTo(step, value.Rounding(mode))
	return orError(whole, err)
}

// fnAllocate gives one share of an amount that is split by weights. A weight of null is 0; where nothing is to be split
// by, there is no share.
func fnAllocate(c *call) (any, error) {
	amount, ok1 := c.args[0].(value.Decimal)
	l, ok2 := c.args[1].(list)
	place, ok3 := c.args[2].(int64)
	digits, ok4 := c.args[3].(int64)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil, errArgument
	}
	if digits < 0 || digits > value.MaxScale || place < 1 || place > int64(len(l)) {
		return nil, ErrOutOfRange
	}
	weights := make([]value.Decimal, len(l))
	for i, v := range l {
		weights[i], _ = decimalArg(unbox(v))
	}
	parts, err := value.Allocate(amount, weights, int32(digits))
	if errors.Is(err, value.ErrNoWeight) {
		return nil, value.ErrDivZero
	}
	if err != nil {
		return nil, err
	}
	return parts[place-1], nil
}

func fnAbs(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case int64:
		if v < 0 {
			v = -v
		}
		if v < 0 {
			return nil, ErrOutOfRange
		}
		return v, nil
	case value.Decimal:
		return v.Abs(), nil
	default:
		return nil, errArgument
	}
}

func fnLeast(sign int) func(*call) (any, error) {
	return func(c *call) (any, error) {
		a, b := box(c.args[0]), box(c.args[1])
		order, err := compare(a, b)
		if err != nil {
			return nil, err
		}
		if order == -sign {
			a = b
		}
		return a, nil
	}
}

func fnInt(c *call) (any, error) {
	d, ok := decimalArg(c.args[0])
	if !ok {
		return nil, errArgument
	}
	whole := d.Floor
	if d.Sign() < 0 {
		whole = d.Ceil
	}
	w, err := whole()
	if err != nil {
		return nil, err
	}
	n, ok := w.Int64()
	if !ok {
		return nil, ErrOutOfRange
	}
	return n, nil
}

func fnDecimal(c *call) (any, error) {
	if _, ok := c.args[0].(string); ok {
		return fnNumber(c)
	}
	d, ok := decimalArg(c.args[0])
	if !ok {
		return nil, errArgument
	}
	return d, nil
}
