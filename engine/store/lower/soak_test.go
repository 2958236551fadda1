package lower_test

import (
	"os"
	"strconv"
	"testing"
)

func TestSoak(t *testing.T) {
	from, _ := strconv.Atoi(os.Getenv("SOAK_FROM"))
	n, _ := strconv.Atoi(os.Getenv("SOAK"))
	w := newWorld()
	w.fill(uint64(from), 9, 40)
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for s := from; s < from+n; s++ {
			r, why := checkConditions(t, d, w, randomConditions(w, uint64(s), 300))
			t.Log(s, r, why)
			if t.Failed() {
				return
			}
		}
	})
}
