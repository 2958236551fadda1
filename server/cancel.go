package server

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// watchInterval is how often the connection of a request in work is looked at. Most requests end before the
// first look.
const watchInterval = 40 * time.Millisecond

// watched returns a context that ends with its parent, after the limit, when its connection is closed by the
// other side, or when stop is called, whichever comes first. fasthttp has no such context of its own.
func watched(parent context.Context, conn net.Conn, limit time.Duration) (ctx context.Context, stop context.CancelFunc) {
	ctx, cancel := context.WithTimeout(parent, limit)
	if conn == nil {
		return ctx, cancel
	}
	var timer atomic.Pointer[time.Timer]
	look := func() {
		switch {
		case ctx.Err() != nil:
		case peerGone(conn):
			cancel()
		default:
			if t := timer.Load(); t != nil {
				t.Reset(watchInterval)
			}
		}
	}
	timer.Store(time.AfterFunc(watchInterval, look))
	return ctx, func() {
		cancel()
		timer.Load().Stop()
	}
}
