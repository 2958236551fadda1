package engine

import (
	"encoding/json"
	"fmt"

	"tenon/engine/store/lower"
	"tenon/metamodel/expr"
)

// functionDoc is a function as the formula editor shows it.
type functionDoc struct {
	Name    string            `json:"name"`
	Group   string            `json:"group"`
	Forms   []string          `json:"forms"`
	Member  bool              `json:"member,omitempty"` // may also be written after its first argument
	Doc     string            `json:"doc"`
	Example string            `json:"example"`
	Result  string            `json:"result,omitempty"`
	SQL     map[string]string `json:"sql"` // by database: whether records can be looked for with it
}

type operatorDoc struct {
	Sign     string       `json:"sign"`
	Doc      string       `json:"doc"`
	Null     string       `json:"null"`
	Examples []exampleDoc `json:"examples"`
}

type exampleDoc struct {
	Source string `json:"source"`
	Result string `json:"result"`
}

type groupDoc struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Language describes the language of expressions: its functions, macros, queries and operators, in a language of
// people.
func Language(lang string) ([]byte, error) {
	groups, operators, functions := []groupDoc{}, []operatorDoc{}, []functionDoc{}
	for _, g := range expr.Groups {
		groups = append(groups, groupDoc{string(g.Group), g.Title.In(lang)})
	}
	for _, o := range expr.Operators() {
		d := operatorDoc{Sign: o.Sign, Doc: o.Doc.In(lang), Null: o.Null.In(lang)}
		for _, e := range o.Examples {
			d.Examples = append(d.Examples, exampleDoc(e))
		}
		operators = append(operators, d)
	}
	for _, f := range expr.Functions() {
		d := functionDoc{Name: f.Name, Group: string(f.Group), Forms: f.Forms(), Member: f.Member, Doc: f.Doc.In(lang), Example: f.Example, Result: f.Result, SQL: map[string]string{}}
		for _, db := range []lower.Dialect{lower.SQLite, lower.Postgres} {
			d.SQL[db.String()] = lower.FunctionSupport(db)[f.Name].String()
		}
		functions = append(functions, d)
	}
	body, err := json.Marshal(map[string]any{"groups": groups, "operators": operators, "functions": functions})
	if err != nil {
		return nil, fmt.Errorf("describe the language: %w", err)
	}
	return body, nil
}
