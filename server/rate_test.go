package server

import (
	"strconv"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	l := newLimiter(2, 3)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3 {
		if w := l.take("a", now); w != 0 {
			t.Fatalf("take %d waits %d", i, w)
		}
	}
	if w := l.take("a", now); w != 1 {
		t.Errorf("empty: %d", w)
	}
	if w := l.take("b", now); w != 0 {
		t.Errorf("another key: %d", w)
	}
	if w := l.take("a", now.Add(500*time.Millisecond)); w != 0 {
		t.Errorf("refilled: %d", w)
	}
	if w := l.take("a", now.Add(-time.Hour)); w != 1 {
		t.Errorf("a clock that goes back: %d", w)
	}
}

func TestLimiterIsBounded(t *testing.T) {
	l := newLimiter(0.001, 1)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 2*maxBuckets + 10 {
		l.take(strconv.Itoa(i), now)
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(l.buckets))
	}
}
