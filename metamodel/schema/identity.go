package schema

import (
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// identities gives every element its id. An id that a document states is taken first, then that of the
// element in the base which this one continues (by its former name, else by its name), and only what is
// left is derived, so that a derived id never takes one that somebody else bears.
type identities struct {
	d       *decoder
	retired func(metamodel.ID) bool
	used    map[metamodel.ID]bool   // stated somewhere, or in the base: never derived anew
	owner   map[metamodel.ID]string // borne in the new app: by whom, as a path
	before  map[string]metamodel.ID // the base's elements by parent, kind and key
	queue   []*claimed
}

// claimed is an element that waits for its id.
type claimed struct {
	parent *metamodel.ID // nil for the app
	kind   metamodel.ElementKind
	key    string // name, or what identifies it among its siblings
	stated metamodel.ID
	was    string
	path   string
	id     *metamodel.ID
	object any
	done   bool
}

func newIdentities(d *decoder, base *metamodel.App, retired func(metamodel.ID) bool) *identities {
	ids := &identities{d: d, retired: retired, used: map[metamodel.ID]bool{}, owner: map[metamodel.ID]string{}, before: map[string]metamodel.ID{}}
	if base != nil {
		for _, el := range base.Elements() {
			ids.used[el.ID] = true
			ids.before[siblingKey(el.Parent, el.Kind, el.Key)] = el.ID
		}
	}
	return ids
}

func siblingKey(parent metamodel.ID, kind metamodel.ElementKind, key string) string {
	return string(parent) + "\n" + string(kind) + "\n" + key
}

// claim notes every id that the documents state, before anything is derived.
func (ids *identities) claim(docs []*document) {
	for _, doc := range docs {
		ids.claimIn(doc.root, doc.key.Kind != metamodel.KindScenario)
	}
}

func (ids *identities) claimIn(n *node, deep bool) {
	for _, m := range n.members {
		if m.key == "x-id" && m.value.kind == jsonString {
			ids.used[metamodel.ID(m.value.text)] = true
		}
		if deep {
			ids.claimIn(m.value, deep)
		}
	}
	for _, v := range n.items {
		ids.claimIn(v, deep)
	}
}

// add queues an element. What o states (x-id, x-was) is read here.
func (ids *identities) add(o *object, parent *metamodel.ID, kind metamodel.ElementKind, key string, id *metamodel.ID, object any) {
	c := &claimed{parent: parent, kind: kind, key: key, path: o.path, id: id, object: object}
	if v := o.take("x-id"); v != nil {
		if v.kind == jsonString && metamodel.IsID(v.text) {
			c.stated = metamodel.ID(v.text)
		} else {
			o.add("id.malformed", "x-id", "id", clip(string(v.canonical())))
		}
	} else if o.form == stored && o.n != nil {
		o.add("document.key_missing", "x-id", "key", "x-id")
	}
	if o.form == source {
		c.was = o.text("x-was", metamodel.MaxName)
	}
	ids.queue = append(ids.queue, c)
}

// addKeyed queues an element that is written without an object of its own and so states nothing.
func (ids *identities) addKeyed(path string, parent *metamodel.ID, kind metamodel.ElementKind, key string, id *metamodel.ID, object any) {
	ids.queue = append(ids.queue, &claimed{parent: parent, kind: kind, key: key, path: path, id: id, object: object})
}

// assign gives ids to all that wait. Parents come before their children, so siblings are settled together
// once their parent is known: stated ids, then renames, then names, then derivation.
func (ids *identities) assign() {
	var parents []*metamodel.ID
	groups := map[*metamodel.ID][]*claimed{}
	for _, c := range ids.queue {
		if groups[c.parent] == nil {
			parents = append(parents, c.parent)
		}
		groups[c.parent] = append(groups[c.parent], c)
	}
	ids.queue = nil
	for _, p := range parents {
		group := groups[p]
		for _, c := range group {
			if c.stated != "" {
				ids.give(c, c.stated)
				ids.formerly(c)
			}
		}
		for _, c := range group {
			ids.rename(c)
		}
		for _, c := range group {
			ids.keep(c)
		}
		for _, c := range group {
			ids.derive(c)
		}
	}
}

func (c *claimed) parentID() metamodel.ID {
	if c.parent == nil {
		return ""
	}
	return *c.parent
}

func (ids *identities) give(c *claimed, id metamodel.ID) {
	if other, twice := ids.owner[id]; twice {
		ids.d.list.Add("id.duplicate", c.path, "id", string(id), "other", other)
		return // it derives one of its own, so that linking can go on
	}
	*c.id, c.done = id, true
	ids.owner[id] = c.path
	ids.d.objects[id] = c.object
}

// formerly lets mentions by the element's name before the rename find it.
func (ids *identities) formerly(c *claimed) {
	if c.was != "" {
		ids.d.was[siblingKey(c.parentID(), c.kind, c.was)] = c.object
	}
}

func (ids *identities) rename(c *claimed) {
	if c.done || c.was == "" {
		return
	}
	id, found := ids.before[siblingKey(c.parentID(), c.kind, c.was)]
	if !found && ids.settled(c) {
		ids.formerly(c)
		return
	}
	if !found {
		ids.d.list.Add("rename.unknown", diag.Pointer(c.path, "x-was"), "old", clip(c.was))
		return
	}
	ids.give(c, id)
	ids.formerly(c)
}

// settled tells whether a rename has been carried out before: files keep saying x-was after it.
func (ids *identities) settled(c *claimed) bool {
	if ids.d.base == nil {
		return true
	}
	_, there := ids.before[siblingKey(c.parentID(), c.kind, c.key)]
	return there
}

// keep continues the base's sibling of the same name, unless that one goes on under another name. The app
// itself is always continued.
func (ids *identities) keep(c *claimed) {
	if c.done || ids.d.base == nil {
		return
	}
	id, found := ids.before[siblingKey(c.parentID(), c.kind, c.key)]
	if c.kind == metamodel.ElementApp {
		id, found = ids.d.base.ID, true
	}
	if _, taken := ids.owner[id]; found && !taken {
		ids.give(c, id)
	}
}

func (ids *identities) derive(c *claimed) {
	for salt := 0; !c.done; salt++ {
		id := metamodel.DeriveID(c.parentID(), c.kind, c.key, salt)
		_, borne := ids.owner[id]
		if !borne && !ids.used[id] && (ids.retired == nil || !ids.retired(id)) {
			ids.give(c, id)
		}
	}
}
