package server

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"tenon/metamodel/diag"
)

// probeEvery is how often the database is asked whether it answers; probes read what came out.
const probeEvery = 2 * time.Second

// health says that the process is alive; it looks at nothing.
func (s *Server) health(x *exchange) error {
	return x.sendJSON(fiber.StatusOK, []byte(`{"status":"ok"}`))
}

// ready says whether requests are welcome. It is answered from memory, so that a flood of it costs nothing.
func (s *Server) ready(x *exchange) error {
	if s.draining.Load() {
		return diag.Refuse("request.stopping", "", "retry_after", 2)
	}
	if !s.healthy.Load() {
		return diag.Refuse("request.busy", "", "retry_after", 2)
	}
	if n := s.engine.Failed(); n > 0 { // the others are served; the log names those that are not
		return x.sendJSON(fiber.StatusOK, fmt.Appendf(nil, `{"status":"ready","apps_failed":%d}`, n))
	}
	return x.sendJSON(fiber.StatusOK, []byte(`{"status":"ready"}`))
}

// probe keeps healthy up to date until ctx ends.
func (s *Server) probe(ctx context.Context) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		s.probeOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Server) probeOnce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, probeEvery)
	defer cancel()
	_, err := s.store.Reader().Marks(ctx)
	s.healthy.Store(err == nil)
}
