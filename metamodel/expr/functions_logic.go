package expr

import "strings"

var logicFunctions = []Function{
	{
		Name: "coalesce", Group: GroupLogic, base: 1, lenient: true, Signatures: coalesceSignatures(), size: largest,
		Doc:     text("第一个不为空的值；可写多个。", "The first value that is not null; any number of them."),
		Example: "coalesce(number(''), 0)", Result: "0", call: fnCoalesce,
	},
	{
		Name: "blank", Group: GroupLogic, base: 1, lenient: true, Signatures: []Signature{sig([]TypeRef{{}}, one(Bool))},
		Doc:     text("是否为空：没有值、没有文字或没有任何一项。", "Whether there is nothing: no value, no text or no item."),
		Example: "blank('  ')", Result: "true", call: fnBlank,
	},
}

func coalesceSignatures() []Signature {
	out := sigs([]Type{Int, Dec, Dec}, []Type{Dec, Int, Dec})
	for _, t := range scalars {
		out = append(out, sigs([]Type{t, t, t})...)
	}
	return out
}

func fnCoalesce(c *call) (any, error) {
	for _, v := range c.args {
		if v != nil {
			return v, nil
		}
	}
	return nil, nil //nolint:nilnil // null is a value
}

func fnBlank(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case nil:
		return true, nil
	case string:
		return strings.TrimSpace(v) == "", nil
	case list:
		return len(v) == 0, nil
	default:
		return false, nil
	}
}
