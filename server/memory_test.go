package server

import "testing"

// Probes and scrapes don't keep a server from resting; everything else does.
func TestProbesAreNoWork(t *testing.T) {
	w := startServer(t, nil)
	c := w.client()
	for path, work := range map[string]int64{"/healthz": 0, "/readyz": 0, "/metrics": 0, "/nothing": 0, "/api/v1/setup": 1, "/api/v1/apps": 1} {
		before := w.s.worked.Load()
		c.do("GET", path, nil)
		if n := w.s.worked.Load() - before; n != work {
			t.Errorf("%s counts as %d", path, n)
		}
	}
}
