package lower

import (
	"strconv"

	"tenon/metamodel"
)

// key is one sort key. Null is smaller than every value.
type key struct {
	column  string // what is selected for the cursor
	as      val    // how that decodes
	sort    val    // what is compared
	desc    bool
	idOnly  bool
	options *metamodel.Enum // sorted by the options' order
}

// order lowers the sort keys, the id last: in the direction of the last key, so that an index serves both.
func (r *request) order(b *build, root *relation) ([]key, error) {
	keys := make([]key, 0, len(r.q.Order)+1)
	desc := false
	for _, o := range r.q.Order {
		v, err := b.path(root, o.Path)
		if err != nil {
			return nil, err
		}
		desc = o.Descending
		k, err := b.key(v, o.Path, desc)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
		if v.sql == root.alias+".id" {
			return keys, nil // nothing orders after the id
		}
	}
	id := columnVal(b.d, root, r.q.Entity.Columns()[metamodel.SlotID])
	return append(keys, key{column: id.sql, as: id, sort: id, desc: desc, idOnly: len(keys) == 0}), nil
}

func (b *build) key(v val, p metamodel.Path, desc bool) (key, error) {
	f := p[len(p)-1]
	k := key{column: v.sql, as: v, sort: v, desc: desc}
	switch v.repr { //nolint:exhaustive // the others have an order of their own
	case reprChoice:
		k.options = v.enum
		k.sort = b.optionOrder(v)
	case reprList, reprJSON, reprNull, reprBig:
		return key{}, refuse(nil, "%s", f.Name)
	case reprText:
		k.sort.sql = b.collated(v)
	}
	k.idOnly = f.System && f.Name == "id" && len(p) == 1
	return k, nil
}

// optionOrder is the place of a choice among its options; an option that is gone comes after all.
func (b *build) optionOrder(v val) val {
	sql := "CASE " + v.sql
	for i, o := range v.enum.Options {
		sql += " WHEN '" + physicalID(o.ID) + "' THEN " + strconv.Itoa(i+1)
	}
	rest := " WHEN " + v.sql + " IS NOT NULL THEN " + strconv.Itoa(len(v.enum.Options)+1) + " END"
	if len(v.enum.Options) == 0 {
		return val{sql: "(CASE" + rest + ")", repr: reprInt, null: v.null, max: maxInteger}
	}
	return val{sql: "(" + sql + " ELSE CASE" + rest + " END)", repr: reprInt, null: v.null, max: maxInteger}
}

// optionPlace is what optionOrder gives for an option's name.
func optionPlace(e *metamodel.Enum, name string) int64 {
	for i, o := range e.Options {
		if o.Name == name {
			return int64(i + 1)
		}
	}
	return int64(len(e.Options) + 1)
}

// orderSQL is the ORDER BY. PostgreSQL is told where nulls go, as its indexes were; the primary key's order
// alone needs no word.
func orderSQL(d Dialect, keys []key) string {
	sql := " ORDER BY "
	for i, k := range keys {
		if i > 0 {
			sql += ", "
		}
		sql += k.sort.sql
		if k.desc {
			sql += " DESC"
		}
		if d == Postgres && (!k.idOnly || i != 0) {
			if k.desc {
				sql += " NULLS LAST"
			} else {
				sql += " NULLS FIRST"
			}
		}
	}
	return sql
}

// cursor turns the keys of the place to go on from into parameters.
func (r *request) cursor() error {
	c := r.in.After
	if len(c.Keys) != len(r.q.Order) || !isUUID(c.ID) {
		return errCursor
	}
	past := false // nothing orders after the id
	for i, o := range r.q.Order {
		v := c.Keys[i]
		if past {
			v = nil
		}
		past = past || len(o.Path) == 1 && o.Path[0].System && o.Path[0].Name == "id"
		if v != nil {
			f := o.Path[len(o.Path)-1]
			if f.Kind == metamodel.Choice && !f.Virtual() {
				name, ok := v.(string)
				if !ok {
					return errCursor
				}
				v = optionPlace(f.Enum, name)
			} else if !fits(f, v) {
				return errCursor
			}
		}
		r.after = append(r.after, r.e.extra(v))
	}
	r.after = append(r.after, r.e.extra(c.ID))
	return nil
}

// fits tells whether a cursor's value is of the field's type.
func fits(f *metamodel.Field, v any) bool {
	switch classOf(f) {
	case classText, classID, classChoice:
		_, ok := v.(string)
		return ok
	case classJSON, classList, classNone:
		return false
	case classInt, classDecimal, classBool, classDate, classInstant, classTime, classDuration:
	}
	return typedAs(f, v)
}

// afterCursor holds for the records that come after the cursor: k1 is beyond its value, or equal and k2 is
// beyond its own, and so on. The first key's bound is said once more by itself, so that an index starts there.
func (r *request) afterCursor(b *build, keys []key) pred {
	var rest pred
	for i := len(keys) - 1; i >= 0; i-- {
		k := keys[i]
		at := i
		if i == len(keys)-1 {
			at = len(r.after) - 1
		}
		last := i == len(keys)-1
		rest = b.afterKey(k, r.after[at], r.e.states[r.after[at]], rest, last)
	}
	return rest
}

func (b *build) afterKey(k key, param int, s state, rest pred, last bool) pred {
	if s == stateNull {
		null := sqlPred(k.sort.sql + " IS NULL")
		if k.desc {
			return and(null, rest)
		}
		return or(sqlPred(k.sort.sql+" IS NOT NULL"), and(null, rest))
	}
	at := b.bind(param, b.keyTarget(k))
	beyond, reach := " > ", " >= "
	if k.desc {
		beyond, reach = " < ", " <= "
	}
	past := sqlPred(k.sort.sql + beyond + at)
	if last {
		return past
	}
	strict := or(past, and(sqlPred(k.sort.sql+" = "+at), rest))
	if k.desc && k.sort.null {
		return or(strict, sqlPred(k.sort.sql+" IS NULL"))
	}
	return and(sqlPred(k.sort.sql+reach+at), strict)
}

func (b *build) keyTarget(k key) target {
	t := target{d: b.d, repr: k.sort.repr, scale: k.sort.scale}
	if b.d == Postgres && t.repr == reprDec {
		t.scale = 0
	}
	return t
}
