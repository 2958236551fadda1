package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
)

// What a document posts, changes and takes back is found by indexes alone, however much a ledger has: a database that
// takes any index before it reads a whole table reads no table of the ledger whole.
func TestPostingReadsNoTableWhole(t *testing.T) {
	c := storetest.Postgres(t)
	sign := "?"
	if strings.Contains(c.URL, sign) {
		sign = "&"
	}
	c.URL += sign + "enable_seqscan=off"
	app, l := model()
	var names []string
	for _, e := range l.Kept() {
		names = append(names, "'"+lower.Table(e)+"'")
	}
	scans := func() int64 {
		return storetest.Behind(t, c, fmt.Sprintf("SELECT 1 FROM pg_stat_user_tables, generate_series(1, seq_scan) WHERE relname IN (%s)", strings.Join(names, ",")))
	}
	during := func(do func(w *world)) int64 {
		before := scans()
		s, err := store.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		do(worldOn(t, s, app, l, "average"))
		if err := s.Close(); err != nil { // the database counts what a connection did at its end
			t.Fatal(err)
		}
		return scans() - before
	}
	during(func(w *world) { storetest.Install(t, w.s, app) })
	n := during(func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"), in("b", "w", 1, "10", "50"))
		w.post("s1", out("a", "w", 3, "4"))
		w.post("r2", in("a", "w", 2, "10", "120"))
		w.post("m1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 4, qty: "2"})
		w.post("r1", in("a", "w", 1, "8", "100"))
		w.post("s1")
	})
	if n != 0 {
		t.Errorf("tables of the ledger were read whole %d times", n)
	}
}
