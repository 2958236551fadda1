package server

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// maxQueryList bounds the lists in query parameters.
const maxQueryList = 200

// params are the query parameters of a request, checked against those that its route knows.
type params struct {
	values url.Values
	list   diag.List
}

// readParams parses the query of a request. Unknown and repeated parameters are refused, so that a misspelt
// filter is never silently no filter.
func readParams(raw string, known ...string) *params {
	p := &params{}
	values, err := url.ParseQuery(raw)
	if err != nil {
		p.list.Add("request.malformed", "")
		values = url.Values{}
	}
	p.values = values
	for name, v := range values {
		switch {
		case !slices.Contains(known, name) && len(known) == 0:
			p.list.Add("query.parameter_none", "", "name", clip(name))
		case !slices.Contains(known, name):
			p.list.Add("query.parameter_unknown", "", "name", clip(name), "known", known)
		case len(v) > 1:
			p.list.Add("query.parameter_repeated", "", "name", name)
		case !utf8.ValidString(v[0]) || strings.ContainsRune(v[0], 0):
			p.list.Add("query.parameter_malformed", "", "name", name, "expected", diag.Text{ZH: "文字", EN: "text"})
		}
	}
	slices.SortFunc(p.list, func(a, b diag.Diagnostic) int { return strings.Compare(a.Text("en-US"), b.Text("en-US")) })
	return p
}

func (p *params) text(name string) string { return p.values.Get(name) }

// names reads a list of names separated by commas; nil when absent.
func (p *params) names(name string) []string {
	v := p.values.Get(name)
	if v == "" {
		return nil
	}
	list := strings.Split(v, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	if len(list) > maxQueryList {
		p.list.Add("query.parameter_range", "", "name", name, "low", 1, "high", maxQueryList)
		return nil
	}
	return list
}

// integer reads a whole number between low and high; preset when absent.
func (p *params) integer(name string, preset, low, high int) int {
	v := p.values.Get(name)
	if v == "" {
		return preset
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		p.list.Add("query.parameter_range", "", "name", name, "low", low, "high", high)
		return preset
	}
	return n
}

// boolean reads true or false; false when absent.
func (p *params) boolean(name string) bool {
	switch p.values.Get(name) {
	case "", "false":
		return false
	case "true":
		return true
	}
	p.list.Add("query.parameter_malformed", "", "name", name, "expected", "true | false")
	return false
}

// choice reads one of the options; "" when absent.
func (p *params) choice(name string, options ...string) string {
	v := p.values.Get(name)
	if v != "" && !slices.Contains(options, v) {
		p.list.Add("query.parameter_malformed", "", "name", name, "expected", strings.Join(options, " | "))
		return ""
	}
	return v
}

// pageSize reads page_size, 1 to 200.
func (p *params) pageSize() int {
	return p.integer("page_size", metamodel.DefaultPage, 1, metamodel.MaxPage)
}

func (p *params) err() error { return p.list.Err() }
