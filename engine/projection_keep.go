package engine

import (
	"strings"
	"sync"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/metamodel"
)

// Bounds of what is kept: more projections than that are all forgotten, longer requests are not kept.
const (
	maxKeptProjections = 1024 // projections that are kept
	maxKeptNames       = 16   // fields and relations of a request whose projection is kept
)

// projectionKey is all that the projection of readable records depends on.
type projectionKey struct {
	entity         *compile.Entity // of one Snapshot
	roles          policy.RoleSet
	everything     bool
	fields, expand string
}

// projections keeps what answers show, for those who hold the same roles and ask for the same fields.
type projections struct {
	mu sync.RWMutex
	by map[projectionKey]*projection
}

func (k *projections) get(key projectionKey) *projection {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.by[key]
}

func (k *projections) put(key projectionKey, p *projection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil || len(k.by) >= maxKeptProjections {
		k.by = map[projectionKey]*projection{}
	}
	k.by[key] = p
}

func (k *projections) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.by = nil
}

// projection is what an answer shows of records that the caller may read. It is shared and must not be changed.
func (e *Engine) projection(w *world, ent *compile.Entity, opt ReadOptions) (*projection, error) {
	c := w.call
	may := c.decide(ent.Entity, metamodel.ActRead)
	if len(opt.Fields)+len(opt.Expand) > maxKeptNames {
		return c.project(ent, may, opt)
	}
	key := projectionKey{
		entity: ent, roles: c.Snap.Permissions.Held(c.Actor), everything: c.trusted || c.Actor.Kind == policy.System,
		fields: strings.Join(opt.Fields, ","), expand: strings.Join(opt.Expand, ","),
	}
	if p := e.shown.get(key); p != nil {
		return p, nil
	}
	p, err := c.project(ent, may, opt)
	if err != nil {
		return nil, err
	}
	w.divide(p)
	for i := range p.expand {
		w.divide(p.expand[i].proj)
	}
	e.shown.put(key, p)
	return p, nil
}

// divide works out once how the fields of a projection are read.
func (w *world) divide(p *projection) {
	p.stored, p.rest = w.split(p.slots())
	p.divided = true
}

// parts are the fields that come with the records and those that are filled afterwards.
func (w *world) parts(p *projection) (stored, rest []*metamodel.Field) {
	if p.divided {
		return p.stored, p.rest
	}
	return w.split(p.slots())
}
