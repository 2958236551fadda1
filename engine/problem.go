package engine

import (
	"errors"

	"tenon/metamodel/diag"
)

// asProblem finds the diagnostics that an error carries.
func asProblem(err error) (*diag.Problem, bool) {
	var p *diag.Problem
	ok := errors.As(err, &p)
	return p, ok
}

// jsonForms names JSON's types for messages.
var jsonForms = map[string]map[string]string{
	"text":    {"zh-CN": "文本", "en-US": "a text"},
	"array":   {"zh-CN": "数组", "en-US": "an array"},
	"object":  {"zh-CN": "对象", "en-US": "an object"},
	"integer": {"zh-CN": "整数", "en-US": "an integer"},
	"boolean": {"zh-CN": "true 或 false", "en-US": "true or false"},
	"refuse":  {"zh-CN": " \"refuse\"", "en-US": "\"refuse\""},
}

// wrongMember refuses a member of a body that has not the form it must have.
func wrongMember(path, name, form string) error {
	texts := jsonForms[form]
	return &diag.Problem{List: diag.List{{
		Code: "body.wrong_member", Path: path, Args: diag.Pairs("name", name, "expected", form),
		Message: map[string]string{"zh-CN": "「" + name + "」应为" + texts["zh-CN"] + "。", "en-US": "“" + name + "” must be " + texts["en-US"] + "."},
	}}}
}
