package server

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"tenon/engine"
	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/server/openapi"
)

// maxDescriptions bounds how many descriptions are remembered; beyond it all are forgotten.
const maxDescriptions = 64

// describer remembers descriptions of the interface by what they depend on: the app's state, the set of roles, the
// language.
type describer struct {
	mu    sync.Mutex
	known map[string]*engine.Result
}

func (d *describer) get(key string, write func() ([]byte, error)) (*engine.Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.known[key]; r != nil {
		return r, nil
	}
	data, err := write()
	if err != nil {
		return nil, err
	}
	r := &engine.Result{Body: data, ETag: tagOf(data)}
	if len(d.known) >= maxDescriptions || d.known == nil {
		d.known = map[string]*engine.Result{}
	}
	d.known[key] = r
	return r, nil
}

// tagOf is the ETag of an answer that is told by its content.
func tagOf(data []byte) string {
	const most = 12
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:most])
}

// openapi describes the interface: the platform alone, or with an app's records as this actor may work with them.
func (s *Server) openapi(x *exchange) error {
	app := x.c.Params("app")
	if app == "" {
		app = readParams(x.rawQuery(), "app").text("app")
	}
	o := openapi.Options{Version: Version, Server: s.cfg.PublicURL, Lang: x.locale(), Actor: x.who.actor}
	if o.Server == "" {
		o.Server = "/"
	}
	key := o.Lang
	if app != "" {
		if x.who.id() == "" {
			return diag.Refuse("session.required", "")
		}
		if !metamodel.IsName(app) {
			return diag.Refuse("app.not_found", "")
		}
		var err error
		if o.Snap, err = s.engine.Snapshot(app, x.who.actor); err != nil {
			return err
		}
		key = describedBy(o)
	}
	r, err := s.describer.get(key, func() ([]byte, error) { return openapi.Document(o) })
	if err != nil {
		return err
	}
	x.c.Response().Header.Set(fiber.HeaderVary, "Accept-Encoding, Accept-Language, Authorization, Cookie")
	return x.sendCached(r)
}

// describedBy is all that an app's description depends on. Parts can't run into each other: names hold no colon.
func describedBy(o openapi.Options) string {
	return strings.Join(append([]string{o.Lang, o.Snap.App.Name, o.Snap.Commit, strconv.FormatInt(o.Snap.Generation, 10)}, rolesOf(o.Snap, o)...), ":")
}

func rolesOf(snap *compile.Snapshot, o openapi.Options) []string {
	return slices.Sorted(slices.Values(snap.Permissions.RoleNames(o.Actor)))
}
