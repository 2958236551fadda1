package check

import (
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// maxDiagnostics bounds how many problems one check reports.
const maxDiagnostics = 1000

// App judges a whole app and reports everything at once: errors keep it from being released, warnings don't.
func App(app *metamodel.App) diag.List {
	_, list := Judge(app)
	return list
}

// Judge is App for callers that also need the compiled programs.
func Judge(app *metamodel.App) (*Programs, diag.List) {
	var list diag.List
	for _, m := range app.Missing {
		list.Add("reference.dangling", m.Path, "what", metamodel.Label{"zh-CN": "元素", "en-US": "element"})
	}
	if len(list) > 0 {
		return nil, list // what is missing would make everything else look wrong too
	}
	programs, problems := Compile(app)
	list = append(list, problems...)
	list = append(list, programs.storedFormulas(app)...)
	list = append(list, programs.cycles(app)...)
	list = append(list, programs.postingCycles(app)...)
	c := &checker{list: list, programs: programs}
	for _, e := range app.Entities {
		if e.Kept == nil {
			c.entity(e)
			c.postings(e, programs)
		}
	}
	for _, l := range app.Ledgers {
		c.ledger(l, programs)
	}
	for _, v := range app.Views {
		c.view(app, v)
	}
	for _, r := range app.Roles {
		c.role(r)
	}
	c.inheritance(app)
	c.ungranted(app)
	c.labels(app)
	out := c.list.Sort()
	if len(out) > maxDiagnostics {
		out = out[:maxDiagnostics]
	}
	return programs, out
}

// checker gathers what the checks of structure find.
type checker struct {
	list     diag.List
	programs *Programs
}

func (c *checker) add(code diag.Code, path string, args ...any) { c.list.Add(code, path, args...) }

func (c *checker) warn(code diag.Code, path string, args ...any) {
	c.list = append(c.list, diag.Warn(code, path, args...))
}

// labels warns of titles and messages that say nothing in English.
func (c *checker) labels(app *metamodel.App) {
	for _, el := range app.Elements() {
		if el.Kind == metamodel.ElementItem || el.Kind == metamodel.ElementGrant {
			continue // they show the title of what they point at
		}
		key := "/x-title"
		if el.Kind == metamodel.ElementRule {
			key = "/message"
		}
		if len(el.Title) > 0 && el.Title["en-US"] == "" {
			c.warn("label.untranslated", el.Path+key, "text", el.Title.In(metamodel.DefaultLanguage))
		}
	}
}

// ungranted warns of entities that nobody can see.
func (c *checker) ungranted(app *metamodel.App) {
	granted := map[*metamodel.Entity]bool{}
	for _, r := range app.Roles {
		for _, g := range r.Grants {
			if len(g.Actions) > 0 {
				granted[g.Entity] = true
			}
		}
	}
	for _, e := range app.Entities {
		if !granted[e] && !e.IsLines() && e.Kept == nil {
			c.warn("entity.ungranted", "/entities/"+e.Name, "name", e.Name)
		}
	}
}
