// Package server is Tenon's edge: HTTP in, answers out. Every request walks one visible way: limits, who asks,
// what it may carry, the engine's use case, the answer. It must never decide permissions, build queries or
// interpret documents: the engine does.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"tenon/engine"
	"tenon/engine/event"
	"tenon/engine/store"
	"tenon/server/auth"
)

// Limits of uploads. Sending one takes a place of the actor's own alone; a file that has come is worked on together with
// a few others.
const (
	maxUploads         = 16 // uploaded files that are worked on at once
	maxUploadsPerActor = 8  // uploads of one actor at once, those that are still being sent included
)

// Server is one process's HTTP edge over one workspace.
type Server struct {
	cfg    Config
	log    *slog.Logger
	now    func() time.Time
	store  *store.Store
	engine *engine.Engine
	auth   *auth.Service
	bus    *event.Bus
	app    *fiber.App
	assets *assets

	base      context.Context //nolint:containedctx // ends all work when the process stops
	stopAll   context.CancelFunc
	draining  atomic.Bool
	healthy   atomic.Bool
	inFlight  gauge
	worked    atomic.Int64   // requests that were more than probes
	streams   sync.WaitGroup // downloads under way
	live      *streams
	uploads   chan struct{} // holds one for each file that is worked on
	sending   senders
	actors    *limiter
	addresses *limiter
	metrics   *metrics
	describer describer
	verifying sync.Mutex // one check of the audit log at a time
}

// Parts are what a Server is put together from.
type Parts struct {
	Config Config
	Logger *slog.Logger
	Now    func() time.Time
	Store  *store.Store
	Engine *engine.Engine
	Auth   *auth.Service
}

// New puts a Server together. It listens to nothing yet.
func New(ctx context.Context, p Parts) (*Server, error) {
	s := &Server{
		cfg: p.Config, log: p.Logger, now: p.Now, store: p.Store, engine: p.Engine, auth: p.Auth, bus: newBus(p.Config, p.Store, p.Logger), live: newStreams(),
		uploads: make(chan struct{}, maxUploads), sending: senders{count: map[string]int{}}, actors: newLimiter(actorRate, actorBurst), addresses: newLimiter(anonymousRate, anonymousBurst),
	}
	s.base, s.stopAll = context.WithCancel(context.WithoutCancel(ctx))
	s.metrics = newMetrics(s)
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	s.engine.OnWake(s.bus.Wake)
	s.engine.OnActor(s.auth.ActorOf)
	s.bus.SetJudge(s.engine)
	s.app = s.newApp()
	s.mount(s.app)
	return s, nil
}

// Limits of stopping.
const (
	// drainPause is for how long requests are still taken after the stop was asked for, each with the word that
	// the connection closes: so that a client doesn't send into a connection that is being closed.
	drainPause = 300 * time.Millisecond
	// drainLimit is how long requests in work are waited for.
	drainLimit = 20 * time.Second
)

// Serve answers on a listener until ctx ends, then finishes what is in work.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	var background sync.WaitGroup
	background.Go(func() { s.bus.Run(s.base) })
	background.Go(func() { s.engine.Follow(s.base) })
	background.Go(func() { s.auth.Follow(s.base) })
	background.Go(func() { s.probe(s.base) })
	background.Go(func() { s.watchStreams(s.base) })
	background.Go(func() { s.tidy(s.base) })
	background.Go(func() { s.sweepPresence(s.base) })
	background.Go(func() { s.rest(s.base) })
	background.Go(func() { s.analyze(s.base) })
	background.Go(func() { s.engine.KeepRefusals(s.base) })
	background.Go(func() { s.resumeImports(s.base) })
	background.Go(func() { s.renewIndexes(s.base) })
	background.Go(func() { s.revalueLedgers(s.base) })
	background.Go(func() { s.verifyApps(s.base) })
	background.Go(func() { s.engine.FollowRecomputes(s.base) })
	background.Go(func() { s.fillKept(s.base) })
	background.Go(func() { s.judgeByClock(s.base) })
	ln = newPatient(ln)
	done := make(chan error, 1)
	go func() { done <- s.app.Listener(ln) }()
	var err error
	select {
	case err = <-done:
		err = fmt.Errorf("listen: %w", err)
	case <-ctx.Done():
		err = s.drain(context.WithoutCancel(ctx), ln)
	}
	s.engine.StopImports()
	s.stopAll()
	background.Wait()
	return err
}

// resumeEvery is how often a server looks for imports that another one has left.
const resumeEvery = 5 * time.Second

// resumeImports goes on with imports that a stop interrupted, until ctx ends.
func (s *Server) resumeImports(ctx context.Context) {
	tick := time.NewTicker(resumeEvery)
	defer tick.Stop()
	for {
		if err := s.engine.ResumeImports(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "imports can't be resumed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// renewIndexes brings the indexes of ledgers to what this binary wants, once.
func (s *Server) renewIndexes(ctx context.Context) {
	if err := s.engine.RenewIndexes(ctx); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "indexes of ledgers can't be renewed; the next start tries again", "error", err)
	}
}

// revalueEvery is how often a server looks for values of ledgers that wait to be worked out.
const revalueEvery = 3 * time.Second

// revalueLedgers works out what writes left provisional in ledgers, until ctx ends.
func (s *Server) revalueLedgers(ctx context.Context) {
	tick := time.NewTicker(revalueEvery)
	defer tick.Stop()
	for {
		if err := s.engine.RevalueLedgers(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "ledgers can't be revalued", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// fillEvery is how often a server looks for kept aggregates that a release has begun.
const fillEvery = 2 * time.Second

// fillKept fills what releases have begun to keep for cards, until ctx ends.
func (s *Server) fillKept(ctx context.Context) {
	every(ctx, fillEvery, func() {
		if err := s.engine.FillKept(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "aggregates can't be filled", "error", err)
		}
	})
}

// clockEvery is how often the rules are judged that are judged by the clock.
const clockEvery = time.Minute

// judgeByClock judges rules by the clock, until ctx ends.
func (s *Server) judgeByClock(ctx context.Context) {
	every(ctx, clockEvery, func() {
		if err := s.engine.JudgeByClock(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "rules can't be judged by the clock", "error", err)
		}
	})
}

// verifyEvery is how often a server looks whether an app is to be proven: it is, once a night.
const verifyEvery = 10 * time.Minute

// verifyApps proves each night what apps keep, until ctx ends.
func (s *Server) verifyApps(ctx context.Context) {
	every(ctx, verifyEvery, func() {
		if err := s.engine.VerifyApps(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "apps can't be verified", "error", err)
		}
	})
}

// drain stops: no new streams, no new connections, a pause in which connections are closed as they are answered, the
// end of what is in work.
func (s *Server) drain(ctx context.Context, ln net.Listener) error {
	s.draining.Store(true)
	s.log.InfoContext(ctx, "stopping", "in_flight", s.inFlight.Load())
	for _, l := range s.live.all() {
		l.end()
	}
	if err := ln.Close(); err != nil {
		s.log.WarnContext(ctx, "listener", "error", err)
	}
	time.Sleep(drainPause)
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	err := s.app.ShutdownWithContext(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.WarnContext(ctx, "requests were cut off", "in_flight", s.inFlight.Load())
		s.stopAll()
		return nil
	}
	s.streams.Wait()
	return err
}

// analyzeEvery is how often the database is asked whether what it knows of its tables is old.
const analyzeEvery = 20 * time.Second

// analyze keeps the database's statistics fresh, until ctx ends.
func (s *Server) analyze(ctx context.Context) {
	every(ctx, analyzeEvery, func() {
		if err := s.store.Analyze(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "tables can't be analyzed", "error", err)
		}
	})
}

// How often old rows of the platform are dropped.
const tidyEvery = 10 * time.Minute

// tidy drops what has grown old, until ctx ends.
func (s *Server) tidy(ctx context.Context) {
	every(ctx, tidyEvery, func() {
		if _, err := s.store.TrimOutbox(ctx, store.OutboxAge, store.OutboxRows); err != nil {
			s.log.WarnContext(ctx, "outbox can't be trimmed", "error", err)
		}
		if err := s.auth.Sweep(ctx); err != nil {
			s.log.WarnContext(ctx, "sessions can't be swept", "error", err)
		}
		if _, err := s.store.TrimIdempotency(ctx); err != nil {
			s.log.WarnContext(ctx, "idempotency keys can't be trimmed", "error", err)
		}
	})
}

// every calls do again and again, the first time after an interval, until ctx ends.
func every(ctx context.Context, interval time.Duration, do func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}
