package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"tenon/metamodel/diag"
	"tenon/server/problem"
)

// diagnostics lists every code of the catalogue.
func diagnostics(string) (string, error) {
	var p page
	p.start("Errors and warnings", `Everything that Tenon refuses or warns of has a code. Codes are stable; texts may be reworded. Over HTTP a refusal is
`+"`application/problem+json`"+` with the status given here, and `+"`errors`"+` lists all findings with their places. A code that is only
ever a warning has the status that it would be refused with. Words in braces are filled in; of `+"`{count|row|rows}`"+` the one that
goes with the number is taken.`)
	area := ""
	var rows [][]string
	flush := func() {
		if len(rows) > 0 {
			p.heading(2, area)
			p.table([]string{"code", "status", "zh-CN", "en-US"}, rows)
		}
		rows = nil
	}
	for _, e := range diag.Entries() {
		noun, _, _ := strings.Cut(string(e.Code), ".")
		if noun != area {
			flush()
			area = noun
		}
		status := problem.Status(e.Code)
		if http.StatusText(status) == "" {
			return "", fmt.Errorf("%s has the status %d", e.Code, status)
		}
		rows = append(rows, []string{code(string(e.Code)), strconv.Itoa(status), whole(e.Text.ZH, e.Cure.ZH, ""), whole(e.Text.EN, e.Cure.EN, " ")})
	}
	flush()
	return p.String(), nil
}

// whole is what is wrong, and the way out.
func whole(text, cure, between string) string {
	if cure == "" {
		return text
	}
	return text + between + "*" + cure + "*"
}
