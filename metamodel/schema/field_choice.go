package schema

import (
	"regexp"
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

func readChoice(d *decoder, o *object, f *metamodel.Field) {
	d.readOptionsOf(o, o, f)
}

func readChoices(d *decoder, o *object, f *metamodel.Field) {
	items := o.object("items")
	if items == nil {
		o.need("items")
		items = &object{d: d, form: o.form, path: o.at("items")}
	}
	if items.n != nil {
		items.needOne("type", "string")
	}
	d.readOptionsOf(o, items, f)
	items.done()
	o.onlyTrue("uniqueItems")
	f.MinItems = o.number("minItems", 0, metamodel.MaxListItems, 0)
	f.MaxLength = o.number("maxItems", 1, metamodel.MaxListItems, metamodel.DefaultItems)
	d.checkItems(o, f)
}

func (d *decoder) checkItems(o *object, f *metamodel.Field) {
	if f.MinItems > f.MaxLength {
		o.add("field.bounds_reversed", "minItems", "min", f.MinItems, "max", f.MaxLength)
	}
}

// readOptionsOf reads where a choice's options come from: the field's own x-options, a shared enum, or a bare
// enum, whose options are called by their names. in is where enum and x-enum are: the field itself, or items.
func (d *decoder) readOptionsOf(o, in *object, f *metamodel.Field) {
	shared, bare, own := in.take("x-enum"), in.take("enum"), o.take("x-options")
	if shared != nil {
		for key, n := range map[string]*node{"enum": bare, "x-options": own} {
			if n != nil {
				o.add("document.unknown_key", key, "key", key)
			}
		}
		d.later(linkTargets, func() {
			if s, ok := d.seekAt(shared, in.at("x-enum"), o.form, &f.ID, whatEnum); ok {
				f.Enum = d.findEnum(s)
			}
		})
		return
	}
	f.Enum = &metamodel.Enum{Private: true}
	d.later(linkTargets, func() { f.Enum.ID = f.ID })
	switch {
	case own != nil:
		d.readOptions(own, o.at("x-options"), o.form, &f.ID, f.Enum)
		if bare != nil {
			d.compareEnum(bare, in.at("enum"), f.Enum)
		}
	case bare != nil:
		d.bareOptions(bare, in.at("enum"), f)
	default:
		d.list.Add("field.options_missing", o.path)
	}
}

func (d *decoder) compareEnum(bare *node, path string, enum *metamodel.Enum) {
	var names []string
	for i, n := range d.listAt(bare, path, metamodel.MaxOptions, whatList) {
		names = append(names, d.textAt(n, diag.Pointer(path, i), metamodel.MaxName))
	}
	if !slices.Equal(names, namesOf(enum.Options, func(o *metamodel.Option) string { return o.Name })) {
		d.list.Add("field.enum_contradiction", path)
	}
}

func (d *decoder) bareOptions(bare *node, path string, f *metamodel.Field) {
	names := map[string]bool{}
	list := d.listAt(bare, path, metamodel.MaxOptions, whatList)
	if len(list) == 0 && bare.kind == jsonArray {
		d.list.Add("document.value_empty", path)
	}
	for i, n := range list {
		at := diag.Pointer(path, i)
		opt := &metamodel.Option{Name: d.textAt(n, at, metamodel.MaxName)}
		switch {
		case !metamodel.IsOptionName(opt.Name):
			d.list.Add("name.option_malformed", at, "name", clip(opt.Name))
		case names[opt.Name]:
			d.list.Add("name.duplicate", at, "name", opt.Name)
		}
		names[opt.Name] = true
		opt.Title = metamodel.Label{metamodel.DefaultLanguage: opt.Name}
		f.Enum.Options = append(f.Enum.Options, opt)
		d.ids.addKeyed(at, &f.ID, metamodel.ElementOption, opt.Name, &opt.ID, opt)
	}
}

func (d *decoder) readEnum(o *object) {
	e := &metamodel.Enum{}
	d.app.Enums = append(d.app.Enums, e)
	e.Name = d.documentName(o, metamodel.ElementEnum, &e.ID, e)
	e.Title = o.label("title", metamodel.MaxLabel, true)
	e.Help = o.label("description", metamodel.MaxHelp, false)
	if n := o.need("options"); n != nil {
		d.readOptions(n, o.at("options"), o.form, &e.ID, e)
	}
}

var colorForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func (d *decoder) readOptions(n *node, path string, f form, parent *metamodel.ID, into *metamodel.Enum) {
	names := map[string]bool{}
	list := d.listAt(n, path, metamodel.MaxOptions, whatList)
	if len(list) == 0 && n.kind == jsonArray {
		d.list.Add("document.value_empty", path)
	}
	for i, v := range list {
		o := d.object(v, diag.Pointer(path, i), f)
		opt := &metamodel.Option{}
		into.Options = append(into.Options, opt)
		opt.Name = d.elementName(o, metamodel.ElementOption, parent, &opt.ID, opt)
		d.siblings(names, opt.Name, o)
		opt.Title = o.label("title", metamodel.MaxLabel, true)
		opt.Color = o.text("color", metamodel.MaxName)
		if opt.Color != "" && !colorForm.MatchString(opt.Color) {
			o.add("field.color_malformed", "color", "value", clip(opt.Color))
		}
		opt.Retired = o.flag("retired")
		o.done()
	}
}

func writeChoice(w *writer, n *node, f *metamodel.Field) { w.choice(n, n, f) }

func writeChoices(w *writer, n *node, f *metamodel.Field) {
	items := objectNode(member{"type", textNode("string")})
	n.put("items", items)
	w.choice(n, items, f)
	n.put("uniqueItems", boolNode(true))
	n.putNumber("minItems", f.MinItems, 0)
	n.putNumber("maxItems", f.MaxLength, metamodel.DefaultItems)
}

// choice writes where a choice's options come from. The list of names is for readers of JSON Schema only; it
// is left out of the stored form, where it would say everything twice.
func (w *writer) choice(n, in *node, f *metamodel.Field) {
	switch {
	case f.Enum == nil:
		return
	case !f.Enum.Private:
		in.put("x-enum", w.ref(f.Enum.ID, f.Enum.Name))
		return
	case w.form == source:
		in.put("enum", textsNode(namesOf(f.Enum.Options, func(o *metamodel.Option) string { return o.Name })))
	}
	n.put("x-options", w.options(f.Enum.Options, f.ID))
}

func (w *writer) options(list []*metamodel.Option, parent metamodel.ID) *node {
	out := listNode()
	for _, opt := range list {
		n := objectNode(member{"name", textNode(opt.Name)})
		w.identity(n, parent, metamodel.ElementOption, opt.Name, opt.ID)
		w.label(n, "title", opt.Title)
		n.putText("color", opt.Color)
		n.putTrue("retired", opt.Retired)
		out.items = append(out.items, n)
	}
	return out
}
