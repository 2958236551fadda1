package server

import (
	"context"
	"runtime/debug"
	"strings"
	"time"
)

// restEvery is how long nobody must have asked for anything before memory is given back.
const restEvery = 30 * time.Second

// rest gives memory that is not needed any more back to the system: what starting took, and whenever nobody has asked
// for anything for a while, what the work before and the looking for news left behind. A server at rest is small, and
// one at work isn't slowed down. It ends with ctx.
func (s *Server) rest(ctx context.Context) {
	s.giveBack(ctx)
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	seen := s.worked.Load()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n := s.worked.Load()
		if n == seen && s.inFlight.Load() == 0 {
			if err := s.store.Shrink(ctx); err != nil {
				s.log.WarnContext(ctx, "memory of the database is kept", "error", err)
			}
			s.giveBack(ctx)
		}
		seen = n
	}
}

// giveBack returns to the system what nothing holds.
func (s *Server) giveBack(ctx context.Context) {
	debug.FreeOSMemory()
	if err := forgetProgram(); err != nil {
		s.log.WarnContext(ctx, "pages of the program are kept", "error", err)
	}
}

// isWork tells requests that do something from probes and scrapes, which never end.
func isWork(route string) bool { return strings.HasPrefix(route, apiPath) }
