package check

import (
	"slices"
	"strconv"

	"tenon/metamodel"
)

// keep judges that what a card shows can be kept up by what each write adds and takes away.
func (c *checker) keep(card *metamodel.Card, path string) {
	if !card.Keep || card.Entity == nil {
		return
	}
	for i, m := range card.Measures {
		at := path + "/measures/" + strconv.Itoa(i)
		if m.Op != "count" && m.Op != "sum" && m.Op != "avg" {
			c.add("card.keep_op", at+"/op", "op", m.Op)
		}
		c.keptWhere(card, m.Where, at+"/where")
		if len(m.Path) > 0 && len(metamodel.Near(card.Entity, m.Path)) < len(m.Path) {
			c.add("card.keep_reach", at+"/field", "name", m.Path.String())
		}
	}
	for i, g := range card.Groups {
		at := path + "/group/" + strconv.Itoa(i)
		c.keptKey(card, g.Path, at+"/field")
		if f := g.Path.Last(); f != nil && f.Kind == metamodel.DateTime && g.By == "" && len(metamodel.Near(card.Entity, g.Path)) == len(g.Path) {
			c.add("card.keep_by", at+"/by", "name", g.Path.String())
		}
	}
	for _, b := range card.Binds {
		c.keptKey(card, b.Path, path+"/bind/"+b.Filter.Name)
	}
	c.keptFilter(card, path+"/filter")
}

func (c *checker) keptKey(card *metamodel.Card, p metamodel.Path, path string) {
	if len(p) > 0 && metamodel.Near(card.Entity, p) == nil {
		c.add("card.keep_reach", path, "name", p.String())
	}
}

// keptWhere holds the condition of a measure to what is known of a row when it is written, or to what the card is kept by.
func (c *checker) keptWhere(card *metamodel.Card, where *metamodel.Formula, path string) {
	program := c.programs.Of(where)
	if program == nil {
		return
	}
	unknown := farReads(program, func(way metamodel.Path) bool { return len(metamodel.Near(card.Entity, way)) == len(way) })
	far := farReads(program, func(way metamodel.Path) bool {
		byGroup := slices.ContainsFunc(card.Groups, func(g *metamodel.CardGroup) bool { return g.By == "" && slices.Equal(g.Path, way) })
		return byGroup || slices.ContainsFunc(card.Binds, func(b *metamodel.CardBind) bool {
			return b.Filter.Entity != nil && slices.Equal(b.Path, way) || b.Filter.Enum != nil && slices.Equal(b.Path, way)
		})
	})
	if len(far) == 0 {
		return
	}
	for _, name := range unknown {
		c.add("card.keep_where", path, "name", name)
	}
}

// keptFilter holds the filter to what is known of a row when it is written.
func (c *checker) keptFilter(card *metamodel.Card, path string) {
	if card.Filter == nil {
		return
	}
	program := c.programs.Of(card.Filter)
	if program == nil {
		return
	}
	far := farReads(program, func(way metamodel.Path) bool { return len(metamodel.Near(card.Entity, way)) == len(way) })
	for _, name := range far {
		c.add("card.keep_reach", path, "name", name)
	}
}
