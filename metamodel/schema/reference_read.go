package schema

import (
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// What references are about, in words.
var (
	whatEntity     = words("实体", "entity")
	whatField      = words("字段", "field")
	whatEnum       = words("选项集", "enum")
	whatOption     = words("选项", "option")
	whatView       = words("视图", "view")
	whatRole       = words("角色", "role")
	whatMenuItem   = words("菜单项", "menu item")
	whatTransition = words("流转", "transition")
	whatFilter     = words("仪表盘筛选", "dashboard filter")
	whatMeasure    = words("指标", "measure")
	whatRule       = words("规则", "rule")
	whatLedger     = words("账本", "ledger")
	whatPosting    = words("过账", "posting")
	whatDimension  = words("维度", "dimension")
)

// seek is one reference that is to be resolved.
type seek struct {
	form  form
	text  string // a name, or an id in stored form
	path  string
	owner *metamodel.ID // the element that refers
	what  metamodel.Label
}

// seekAt reads a reference: a text in either form. ok is false when there is nothing to resolve.
func (d *decoder) seekAt(n *node, path string, f form, owner *metamodel.ID, what metamodel.Label) (seek, bool) {
	s := seek{form: f, path: path, owner: owner, what: what}
	if n != nil {
		s.text = d.textAt(n, path, maxReference)
		if n.kind == jsonString && n.text == "" {
			d.list.Add("document.value_empty", path)
		}
	}
	return s, s.text != ""
}

// maxReference is how long a reference may be: a path of names.
const maxReference = metamodel.MaxPath * (metamodel.MaxName + 1)

// resolve finds what a reference means: by id in stored form, else by name among the candidates, else by the
// name that it had before this save.
func resolve[T any](d *decoder, s seek, kind metamodel.ElementKind, parent metamodel.ID, byName func(string) *T, names func() []string) *T {
	if s.form == stored {
		if found, ok := d.objects[metamodel.ID(s.text)].(*T); ok {
			return found
		}
		d.miss(s)
		return nil
	}
	if found := byName(s.text); found != nil {
		return found
	}
	if found, ok := d.was[siblingKey(parent, kind, s.text)].(*T); ok {
		return found
	}
	if !d.broken[DocKey{Kind: metamodel.Kind(kind), Name: s.text}] {
		d.notFound(s, s.text, names())
	}
	return nil
}

// miss notes a reference by id that finds nothing.
func (d *decoder) miss(s seek) {
	if !metamodel.IsID(s.text) {
		d.list.Add("id.malformed", s.path, "id", clip(s.text))
		return
	}
	d.missing = append(d.missing, mention{id: metamodel.ID(s.text), owner: s.owner, path: s.path})
	if !d.removals {
		d.list.Add("reference.dangling", s.path, "what", s.what)
	}
}

func (d *decoder) notFound(s seek, name string, candidates []string) {
	dg := diag.New("reference.not_found", s.path, "what", s.what, "name", clip(name))
	if near := nearest(name, candidates); near != "" {
		dg.Args["suggestion"], dg.Fix = near, "document.did_you_mean"
	}
	d.list = append(d.list, dg)
}

func (d *decoder) findEntity(s seek) *metamodel.Entity {
	return resolve(d, s, metamodel.ElementEntity, d.app.ID, d.app.Entity, func() []string {
		return namesOf(d.app.Entities, func(e *metamodel.Entity) string { return e.Name })
	})
}

func (d *decoder) findLedger(s seek) *metamodel.Ledger {
	return resolve(d, s, metamodel.ElementLedger, d.app.ID, d.app.Ledger, func() []string {
		return namesOf(d.app.Ledgers, func(l *metamodel.Ledger) string { return l.Name })
	})
}

// findDimension finds a dimension of a ledger; nil when it has none of that name.
func (d *decoder) findDimension(s seek, l *metamodel.Ledger) *metamodel.Field {
	if l == nil {
		return nil
	}
	byName := func(name string) *metamodel.Field {
		if i := l.Dimension(name); i >= 0 {
			return l.Dimensions[i]
		}
		return nil
	}
	return resolve(d, s, metamodel.ElementField, l.ID, byName, func() []string {
		return namesOf(l.Dimensions, func(f *metamodel.Field) string { return f.Name })
	})
}

func (d *decoder) findPosting(s seek, e *metamodel.Entity) *metamodel.Posting {
	return resolve(d, s, metamodel.ElementPosting, e.ID, e.Posting, func() []string {
		return namesOf(e.Postings, func(p *metamodel.Posting) string { return p.Name })
	})
}

func (d *decoder) findEnum(s seek) *metamodel.Enum {
	return resolve(d, s, metamodel.ElementEnum, d.app.ID, d.app.Enum, func() []string {
		return namesOf(d.app.Enums, func(e *metamodel.Enum) string { return e.Name })
	})
}

func (d *decoder) findView(s seek) *metamodel.View {
	return resolve(d, s, metamodel.ElementView, d.app.ID, d.app.View, func() []string {
		return namesOf(d.app.Views, func(v *metamodel.View) string { return v.Name })
	})
}

func (d *decoder) findRole(s seek) *metamodel.Role {
	return resolve(d, s, metamodel.ElementRole, d.app.ID, d.app.Role, func() []string {
		return namesOf(d.app.Roles, func(r *metamodel.Role) string { return r.Name })
	})
}

func (d *decoder) findOption(s seek, enum *metamodel.Enum) *metamodel.Option {
	if enum == nil {
		return nil
	}
	return resolve(d, s, metamodel.ElementOption, enum.ID, enum.Option, func() []string {
		return namesOf(enum.Options, func(o *metamodel.Option) string { return o.Name })
	})
}

func (d *decoder) findTransition(s seek, e *metamodel.Entity) *metamodel.Transition {
	if e == nil {
		return nil
	}
	return resolve(d, s, metamodel.ElementTransition, e.ID, e.Transition, func() []string {
		if e.States == nil {
			return nil
		}
		return namesOf(e.States.Transitions, func(t *metamodel.Transition) string { return t.Name })
	})
}

// findField finds a field of an entity, system fields included.
func (d *decoder) findField(s seek, e *metamodel.Entity) *metamodel.Field {
	if e == nil {
		return nil
	}
	if s.form == stored {
		if f := e.FieldByID(metamodel.ID(s.text)); f != nil {
			return f
		}
		d.miss(s)
		return nil
	}
	return resolve(d, s, metamodel.ElementField, e.ID, e.Field, func() []string {
		return namesOf(e.Columns(), func(f *metamodel.Field) string { return f.Name })
	})
}

// findPath walks from an entity over references to a field. It is nil when any step is not there.
func (d *decoder) findPath(s seek, e *metamodel.Entity) metamodel.Path {
	parts := strings.Split(s.text, ".")
	if len(parts) > metamodel.MaxPath {
		d.list = append(d.list, tooMany(whatPath, s.path, len(parts), metamodel.MaxPath))
		return nil
	}
	var out metamodel.Path
	for i, part := range parts {
		if e == nil {
			return nil
		}
		step := s
		step.text = part
		f := d.findField(step, e)
		if f == nil {
			return nil
		}
		out = append(out, f)
		if i == len(parts)-1 {
			break
		}
		if !f.Kind.IsReference() {
			d.list.Add("path.not_reference", s.path, "name", f.Name)
			return nil
		}
		e = f.Target
	}
	return out
}

func namesOf[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = name(v)
	}
	return out
}
