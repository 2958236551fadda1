package check

import (
	"strconv"

	"tenon/metamodel"
)

// choices judges what a text field offers: kept texts of records that stand for themselves.
func (c *checker) choices(f *metamodel.Field, path string) {
	o := f.Choices
	if f.Computed() {
		c.add("field.computed_conflict", path, "key", "x-choices")
	}
	if o.Entity == nil {
		return // reported where it was read
	}
	if o.Entity.IsLines() {
		c.add("field.choices_unfit", path+"/entity", "name", o.Entity.Name)
	}
	if v := o.Value; v != nil && (v.Virtual() || !v.Kind.IsText()) {
		c.add("field.choices_unfit", path+"/value", "name", v.Name)
	}
	for i, k := range o.Order {
		if last := k.Path.Last(); len(k.Path) > 1 || !keyable(last) {
			c.add("field.choices_unfit", path+"/order/"+strconv.Itoa(i), "name", k.Path.String())
		}
	}
	for i, s := range o.Show {
		if !keyable(s) || s.Kind == metamodel.Reference || s.Kind == metamodel.Tree {
			c.add("field.choices_unfit", path+"/show/"+strconv.Itoa(i), "name", s.Name)
		}
	}
}
