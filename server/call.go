package server

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"tenon/engine"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// call makes the Call of a request outside apps.
func (s *Server) call(x *exchange) (engine.Call, error) {
	key, err := x.idempotencyKey()
	if err != nil {
		return engine.Call{}, err
	}
	return engine.Call{
		Actor: x.who.actor, Now: engine.Instant(x.now), Locale: x.locale(), RequestID: x.id, IdempotencyKey: key,
		Budget: expr.NewBudget(expr.RequestBudget),
	}, nil
}

// appCall makes the Call of a request to an app: it pins the state of the app that serves this actor.
func (s *Server) appCall(x *exchange) (engine.Call, error) {
	c, err := s.call(x)
	if err != nil {
		return c, err
	}
	app := x.c.Params("app")
	if !metamodel.IsName(app) {
		return c, diag.Refuse("app.not_found", "")
	}
	c.Snap, err = s.engine.Snapshot(app, c.Actor)
	return c, err
}

// version reads If-Match as the version of a record; 0 when absent.
func (x *exchange) version() (int64, error) {
	tag, err := x.etag()
	if err != nil || tag == "" {
		return 0, err
	}
	v, err := strconv.ParseInt(tag, 10, 64)
	if err != nil || v < 1 {
		return 0, diag.Refuse("header.if_match", "")
	}
	return v, nil
}

// send answers with the result of a use case.
func (x *exchange) send(r *engine.Result) error {
	h := &x.c.Response().Header
	switch {
	case r.ETag != "":
		h.Set(fiber.HeaderETag, `"`+r.ETag+`"`)
	case r.Version > 0:
		h.Set(fiber.HeaderETag, `"`+strconv.FormatInt(r.Version, 10)+`"`)
	}
	if r.Replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	switch r.Status {
	case engine.StatusEmpty:
		x.c.Status(fiber.StatusNoContent)
		return nil
	case engine.StatusCreated:
		return x.sendJSON(fiber.StatusCreated, r.Body)
	case engine.StatusAccepted:
		return x.sendJSON(fiber.StatusAccepted, r.Body)
	case engine.StatusOK:
	}
	return x.sendJSON(fiber.StatusOK, r.Body)
}

// sendLocated is send for what was made at an address of its own.
func (x *exchange) sendLocated(r *engine.Result, path string) error {
	if r.ID != "" && r.Status != engine.StatusOK {
		x.c.Response().Header.Set(fiber.HeaderLocation, path+"/"+r.ID)
	}
	return x.send(r)
}
