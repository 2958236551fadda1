package schema

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// readLedger reads a ledger's document. What it keeps is made by keepLedgers, once all ids are known.
func (d *decoder) readLedger(o *object) {
	l := &metamodel.Ledger{Scope: &metamodel.Entity{}, Policies: map[metamodel.Policy]*metamodel.Formula{}}
	d.app.Ledgers = append(d.app.Ledgers, l)
	d.readDialect(o)
	l.Name = d.documentName(o, metamodel.ElementLedger, &l.Scope.ID, l)
	if metamodel.IsName(l.Name) && len(l.Name) > metamodel.MaxLedgerName {
		o.add("name.malformed", "x-name", "name", l.Name)
	}
	if metamodel.IsReserved(l.Name) {
		o.add("name.reserved", "x-name", "name", l.Name)
	}
	l.Title = o.label("title", metamodel.MaxLabel, true)
	l.Help = o.label("description", metamodel.MaxHelp, false)
	l.Icon = o.text("x-icon", metamodel.MaxName)
	l.Scope.Name, l.Scope.Title = l.Name, l.Title
	d.readFields(o, l.Scope)
	l.Dimensions = l.Scope.Fields
	if n := len(l.Dimensions); n > metamodel.MaxDimensions {
		d.list = append(d.list, tooMany(whatDimensions, o.at("properties"), n, metamodel.MaxDimensions))
	}
	for _, f := range l.Dimensions {
		d.checkDimension(f, diag.Pointer(o.at("properties"), f.Name))
	}
	d.readRequired(o, l.Scope)
	d.readQuantity(o, l)
	d.readSecondary(o, l)
	d.readValue(o, l)
	d.readPool(o, l)
	d.readReserveBy(o, l)
	d.readPolicies(o, l)
}

// checkDimension holds a dimension to what a key can be made of.
func (d *decoder) checkDimension(f *metamodel.Field, path string) {
	switch f.Kind {
	case metamodel.Text, metamodel.Choice, metamodel.Date:
	case metamodel.Reference:
		if f.OnDelete != metamodel.Restrict {
			d.list.Add("ledger.dimension_delete", path+"/x-ref/on-delete", "name", f.Name)
		}
	default:
		d.list.Add("ledger.dimension_kind", path, "name", f.Name, "kind", string(f.Kind))
	}
	if metamodel.IsKeptName(f.Name) {
		d.list.Add("ledger.dimension_name", path, "name", f.Name)
	}
	for key, has := range map[string]bool{
		"x-default": f.Default != nil, "x-computed": f.Formula != nil, "x-rollup": f.Rollup != nil, "x-unique": f.Unique, "x-state": f.State, "x-options-filter": f.Options != nil && f.Choices == nil, "x-choices": f.Choices != nil,
	} {
		if has {
			d.list.Add("ledger.dimension_feature", path+"/"+key, "key", key)
		}
	}
}

func (d *decoder) readQuantity(o *object, l *metamodel.Ledger) {
	in := o.object("x-quantity")
	if in == nil || in.n == nil {
		return
	}
	f := &metamodel.Field{Precision: metamodel.MaxPrecision, Scale: metamodel.DecimalScale}
	if n := in.take("x-decimal"); n != nil {
		d.readDigits(in, n, f)
	}
	l.Quantity = &metamodel.LedgerQuantity{Precision: f.Precision, Scale: f.Scale}
	l.Quantity.CheckScale = in.number("check-scale", 0, f.Scale, f.Scale)
	in.done()
}

func (d *decoder) readSecondary(o *object, l *metamodel.Ledger) {
	in := o.object("x-secondary-quantity")
	if in == nil || in.n == nil {
		return
	}
	f := &metamodel.Field{Precision: metamodel.MaxPrecision, Scale: metamodel.DecimalScale}
	if n := in.take("x-decimal"); n != nil {
		d.readDigits(in, n, f)
	}
	l.Secondary = &metamodel.LedgerSecondary{Precision: f.Precision, Scale: f.Scale, Title: in.label("title", metamodel.MaxLabel, false)}
	in.done()
}

func (d *decoder) readValue(o *object, l *metamodel.Ledger) {
	in := o.object("x-value")
	if in == nil || in.n == nil {
		return
	}
	f := &metamodel.Field{Precision: metamodel.MaxPrecision, Scale: metamodel.MoneyScale}
	if n := in.take("x-decimal"); n != nil {
		d.readDigits(in, n, f)
	}
	l.Value = &metamodel.LedgerValue{Precision: f.Precision, Scale: f.Scale}
	l.Value.Currency = d.currency(in.text("x-currency", metamodel.MaxName), in.at("x-currency"))
	in.done()
}

// batchMark follows a pool's dimension that only the cost method by batch looks at.
const batchMark = "?"

// readPool reads which dimensions tell costs apart.
func (d *decoder) readPool(o *object, l *metamodel.Ledger) {
	d.listDimensions(o, "x-pool", batchMark, l, func(f *metamodel.Field, batch bool) bool {
		if slices.ContainsFunc(l.Pool, func(p metamodel.PoolDimension) bool { return p.Field == f }) {
			return false
		}
		l.Pool = append(l.Pool, metamodel.PoolDimension{Field: f, Batch: batch})
		return true
	})
}

// readReserveBy reads by which dimensions goods are reserved at least.
func (d *decoder) readReserveBy(o *object, l *metamodel.Ledger) {
	d.listDimensions(o, "x-reserve-by", "", l, func(f *metamodel.Field, _ bool) bool {
		if slices.Contains(l.ReserveBy, f) {
			return false
		}
		l.ReserveBy = append(l.ReserveBy, f)
		return true
	})
}

// listDimensions reads a list of a ledger's dimensions, each of which may have a mark behind its name. They are found before
// the kept entities are made, which need them. take is false for one that is there already.
func (d *decoder) listDimensions(o *object, key, mark string, l *metamodel.Ledger, take func(f *metamodel.Field, marked bool) bool) {
	for i, n := range o.list(key, metamodel.MaxDimensions, whatList) {
		at := diag.Pointer(o.at(key), i)
		text, marked := strings.CutSuffix(d.textAt(n, at, maxReference), mark)
		d.dimensions = append(d.dimensions, func() {
			if text == "" {
				if n.kind == jsonString {
					d.list.Add("document.value_empty", at)
				}
				return
			}
			f := d.findDimension(seek{form: o.form, text: text, path: at, owner: &l.Scope.ID, what: whatDimension}, l)
			if f != nil && !take(f, marked) {
				d.list.Add("document.value_duplicate", at, "value", f.Name)
			}
		})
	}
}

func (d *decoder) readPolicies(o *object, l *metamodel.Ledger) {
	in := o.object("x-policies")
	if in == nil {
		return
	}
	for _, p := range metamodel.Policies {
		if f := d.readFormula(in, string(p), in.take(string(p))); f != nil {
			l.Policies[p] = f
		}
	}
	in.done()
}

// keepLedgers makes the entities that the ledgers keep, so that everything else can refer to them.
func (d *decoder) keepLedgers() {
	for _, l := range d.app.Ledgers {
		l.ID = l.Scope.ID
	}
	for _, find := range d.dimensions {
		find()
	}
	for _, l := range d.app.Ledgers {
		l.Keep()
		for _, e := range l.Kept() {
			if other := d.app.Entity(e.Name); other != nil {
				d.list.Add("ledger.name_taken", "/ledgers/"+l.Name+"/x-name", "name", e.Name)
			}
			d.app.Entities = append(d.app.Entities, e)
		}
		d.keptBefore(l)
	}
	for _, el := range d.app.KeptElements() {
		if other, twice := d.ids.owner[el.ID]; twice {
			d.list.Add("id.duplicate", el.Path, "id", string(el.ID), "other", other)
			continue
		}
		d.ids.owner[el.ID] = el.Path
		d.objects[el.ID] = el.Object
	}
}

// keptBefore lets mentions of what a ledger keeps find it by the names that it had before the ledger or a dimension
// got another one.
func (d *decoder) keptBefore(l *metamodel.Ledger) {
	if d.base == nil {
		return
	}
	old := d.base.LedgerByID(l.ID)
	if old == nil {
		return
	}
	now := l.Kept()
	for i, e := range old.Kept() {
		if e.Name != now[i].Name {
			d.was[siblingKey(d.app.ID, metamodel.ElementEntity, e.Name)] = now[i]
		}
		for _, f := range now[i].Fields {
			for _, g := range e.Fields {
				if f.ID == g.ID && f.Name != g.Name {
					d.was[siblingKey(now[i].ID, metamodel.ElementField, g.Name)] = f
				}
			}
		}
	}
}
