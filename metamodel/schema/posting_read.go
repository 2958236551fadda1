package schema

import "tenon/metamodel"

func (d *decoder) readPosting(o *object, e *metamodel.Entity) {
	p := &metamodel.Posting{}
	e.Postings = append(e.Postings, p)
	p.Name = d.elementName(o, metamodel.ElementPosting, &e.ID, &p.ID, p)
	d.unique("posting\n"+e.Name+"\n"+p.Name, p.Name, o.at("name"))
	p.Title = o.label("title", metamodel.MaxLabel, false)
	p.Verb = metamodel.PostingVerb(o.needOne("verb", namesOf(metamodel.PostingVerbs, func(v metamodel.PostingVerb) string { return string(v) })...))
	ledger, each, from := o.need("ledger"), o.take("each"), o.take("from")
	p.When = d.readFormula(o, "when", o.take("when"))
	p.Day = d.readFormula(o, "day", o.need("day"))
	p.Quantity = d.readFormula(o, "quantity", o.take("quantity"))
	p.Secondary = d.readFormula(o, "secondary-quantity", o.take("secondary-quantity"))
	p.Value = d.readFormula(o, "value", o.take("value"))
	p.Rate = d.readFormula(o, "rate", o.take("rate"))
	p.Of = d.readFormula(o, "of", o.take("of"))
	p.Share = d.readFormula(o, "share", o.take("share"))
	dimensions, to := o.object("dimensions"), o.object("to")
	d.later(linkPaths, func() {
		if s, ok := d.seekAt(ledger, o.at("ledger"), o.form, &p.ID, whatLedger); ok {
			p.Ledger = d.findLedger(s)
		}
		if s, ok := d.seekAt(each, o.at("each"), o.form, &p.ID, whatField); ok {
			p.Each = d.findField(s, e)
		}
		if p.Each != nil && p.Each.Kind != metamodel.Lines {
			o.add("posting.each_lines", "each", "name", p.Each.Name)
			p.Each = nil
		}
		if s, ok := d.seekAt(from, o.at("from"), o.form, &p.ID, whatPosting); ok {
			p.From = d.findPosting(s, e)
		}
		p.Dimensions = d.readDimensions(dimensions, p)
		p.To = d.readDimensions(to, p)
	})
	o.done()
}

// readDimensions reads formulas by dimension. It is nil where none is given.
func (d *decoder) readDimensions(o *object, p *metamodel.Posting) []*metamodel.Formula {
	if o == nil || o.n == nil || p.Ledger == nil {
		return nil
	}
	if n := len(o.n.members); n > metamodel.MaxDimensions {
		d.list = append(d.list, tooMany(whatDimensions, o.path, n, metamodel.MaxDimensions))
		return nil
	}
	var out []*metamodel.Formula
	for _, m := range o.n.members {
		at := o.at(m.key)
		if o.form == stored {
			at = o.at(d.sayIDs(m.key))
		}
		f := d.findDimension(seek{form: o.form, text: m.key, path: at, owner: &p.ID, what: whatDimension}, p.Ledger)
		formula := d.readFormula(&object{d: d, form: o.form, n: o.n, path: o.path}, m.key, m.value)
		if f == nil || formula == nil {
			continue
		}
		if out == nil {
			out = make([]*metamodel.Formula, len(p.Ledger.Dimensions))
		}
		out[p.Ledger.Dimension(f.Name)] = formula
	}
	return out
}

// whatDimensions is what the bound on a ledger's dimensions is about.
var whatDimensions = words("维度数", "The number of dimensions")
