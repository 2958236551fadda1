package check

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// elementWords are the kinds of elements in words.
var elementWords = map[metamodel.ElementKind]metamodel.Label{
	metamodel.ElementApp:        {"zh-CN": "应用", "en-US": "App"},
	metamodel.ElementMenu:       {"zh-CN": "菜单项", "en-US": "Menu item"},
	metamodel.ElementEntity:     {"zh-CN": "实体", "en-US": "Entity"},
	metamodel.ElementField:      {"zh-CN": "字段", "en-US": "Field"},
	metamodel.ElementOption:     {"zh-CN": "选项", "en-US": "Option"},
	metamodel.ElementUnique:     {"zh-CN": "唯一约束", "en-US": "Unique key"},
	metamodel.ElementIndex:      {"zh-CN": "索引", "en-US": "Index"},
	metamodel.ElementRule:       {"zh-CN": "规则", "en-US": "Rule"},
	metamodel.ElementTransition: {"zh-CN": "流转", "en-US": "Transition"},
	metamodel.ElementEnum:       {"zh-CN": "选项集", "en-US": "Enum"},
	metamodel.ElementView:       {"zh-CN": "视图", "en-US": "View"},
	metamodel.ElementSection:    {"zh-CN": "表单分组", "en-US": "Form section"},
	metamodel.ElementItem:       {"zh-CN": "表单项", "en-US": "Form item"},
	metamodel.ElementColumn:     {"zh-CN": "列", "en-US": "Column"},
	metamodel.ElementColor:      {"zh-CN": "颜色规则", "en-US": "Colour rule"},
	metamodel.ElementSaved:      {"zh-CN": "常用筛选", "en-US": "Saved filter"},
	metamodel.ElementRole:       {"zh-CN": "角色", "en-US": "Role"},
	metamodel.ElementGrant:      {"zh-CN": "授权", "en-US": "Grant"},
	metamodel.ElementScenario:   {"zh-CN": "场景", "en-US": "Scenario"},
}

// maxUsers is how many users of a removed element a diagnostic lists.
const maxUsers = 10

// Removal reports the elements of base that next no longer has, but that something in next still refers to: one
// document.in_use for each, with the list of its users. What was inside a removed element counts as that
// element.
func Removal(base, next *metamodel.App) diag.List {
	before := map[metamodel.ID]metamodel.Element{}
	for _, el := range base.Elements() {
		before[el.ID] = el
	}
	still := map[metamodel.ID]bool{}
	for _, el := range next.Elements() {
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
		for _, id := range mentions(site.Formula.Stored) {
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
		list.Add("document.in_use", el.Path, "what", elementWords[el.Kind], "name", el.Name, "count", len(paths), "users", shown)
	}
	return list.Sort()
}

// mentions lists the ids in a formula's stored text.
func mentions(stored string) []metamodel.ID {
	var out []metamodel.ID
	for {
		_, rest, found := strings.Cut(stored, "⟦")
		if !found {
			return out
		}
		id, after, closed := strings.Cut(rest, "⟧")
		if !closed {
			return out
		}
		out = append(out, metamodel.ID(id))
		stored = after
	}
}
