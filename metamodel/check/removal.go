package check

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// maxUsers is how many users of a removed element a diagnostic lists.
const maxUsers = 10

// Removal reports the elements of base that next no longer has, but that something in next still refers to: one
// document.in_use for each, with the list of its users. What was inside a removed element counts as that
// element.
func Removal(base, next *metamodel.App) diag.List {
	before := map[metamodel.ID]metamodel.Element{}
	for _, el := range slices.Concat(base.KeptElements(), base.Elements()) {
		before[el.ID] = el
	}
	still := map[metamodel.ID]bool{}
	for _, el := range slices.Concat(next.KeptElements(), next.Elements()) {
		still[el.ID] = true
	}
	users := map[metamodel.ID][]string{}
	var order []metamodel.ID
	use := func(id metamodel.ID, path string) {
		el, known := before[id]
		if !known || still[id] {
			return
		}
		for parent, ok := before[el.Parent]; ok && !still[parent.ID]; parent, ok = before[el.Parent] {
			el = parent
		}
		if users[el.ID] == nil {
			order = append(order, el.ID)
		}
		if !slices.Contains(users[el.ID], path) {
			users[el.ID] = append(users[el.ID], path)
		}
	}
	for _, m := range next.Missing {
		use(m.ID, m.Path)
	}
	for _, site := range next.Formulas() {
		for _, id := range site.Formula.Mentions() {
			use(id, site.Path)
		}
	}
	var list diag.List
	for _, id := range order {
		el, paths := before[id], users[id]
		slices.Sort(paths)
		shown := paths
		if len(shown) > maxUsers {
			shown = append(slices.Clone(shown[:maxUsers]), "…")
		}
		list.Add("document.in_use", el.Path, "what", el.Kind.Words(), "name", el.Name, "count", len(paths), "users", shown)
	}
	return list.Sort()
}
