package server

import (
	"math"
	"sync"
	"time"
)

// Rates of requests. They are there to stop floods, not people: a screen asks for tens of things at once.
const (
	anonymousRate  = 100    // requests a second from one address that nobody is signed in from
	anonymousBurst = 1000   //
	actorRate      = 5000   // requests a second of one actor
	actorBurst     = 10000  //
	maxBuckets     = 50_000 // callers whose rate is kept
)

// limiter is token buckets by key. When too many keys are known, full buckets are forgotten; if none is full,
// all are: a flood of addresses must not grow memory.
type limiter struct {
	rate, burst float64

	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(rate, burst float64) *limiter {
	return &limiter{rate: rate, burst: burst, buckets: map[string]bucket{}}
}

// take spends a token of key's. wait is 0 when there was one, else the whole seconds until there will be.
func (l *limiter) take(key string, now time.Time) (wait int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[key]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			l.forget(now)
		}
		b = bucket{tokens: l.burst, at: now}
	}
	b.tokens, b.at = l.filled(b, now), now
	if b.tokens < 1 {
		wait = max(1, int(math.Ceil((1-b.tokens)/l.rate)))
	} else {
		b.tokens--
	}
	l.buckets[key] = b
	return wait
}

// wait is how many seconds there is no token for key, 0 when there is one. It spends nothing.
func (l *limiter) wait(key string, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[key]
	if !ok || l.filled(b, now) >= 1 {
		return 0
	}
	return max(1, int(math.Ceil((1-l.filled(b, now))/l.rate)))
}

func (l *limiter) filled(b bucket, now time.Time) float64 {
	return min(l.burst, b.tokens+max(0, now.Sub(b.at).Seconds())*l.rate)
}

func (l *limiter) forget(now time.Time) {
	for k, b := range l.buckets {
		if l.filled(b, now) >= l.burst {
			delete(l.buckets, k)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets)
	}
}
