package bench

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const defaultDuration = time.Second

// ticks is how many units of /proc's CPU times make a second, on every Linux.
const ticks = 100

// turn is what one server did in one turn.
type turn struct {
	requests int
	took     time.Duration
	cpu      time.Duration // of the server's process
	waits    []time.Duration
}

func (t *turn) rate() float64 { return float64(t.requests) / t.took.Seconds() }

// result is a work's turns on both servers.
type result struct {
	name         string
	tenon, plain []turn
}

// BenchmarkServers lets both servers do each work in turns, and prints a table. What is measured is bounded by time, so
// b.N doesn't matter.
func BenchmarkServers(b *testing.B) {
	for _, d := range eachDatabase {
		b.Run(d.name, func(b *testing.B) {
			w := newWorld(b, d.make, *productRows, *connections)
			works := slices.DeleteFunc(slices.Clone(works), func(k work) bool { return !regexp.MustCompile(*selected).MatchString(k.name) })
			results := make([]result, len(works))
			for i, k := range works {
				results[i].name = k.name
				w.turn(b, w.tenon, k.tenon, 0)
				w.turn(b, w.plain, k.plain, 0)
			}
			b.ResetTimer()
			for round := range *rounds {
				for i, k := range works {
					r := &results[i]
					tenon := func() { r.tenon = append(r.tenon, w.turn(b, w.tenon, k.tenon, 1+round)) }
					plain := func() { r.plain = append(r.plain, w.turn(b, w.plain, k.plain, 1+round)) }
					if round%2 == 0 {
						tenon()
						plain()
					} else {
						plain()
						tenon()
					}
				}
			}
			report(b, results)
		})
	}
}

// turn asks one server as fast as it answers, on all connections at once.
func (w *world) turn(b *testing.B, c *child, next maker, round int) turn {
	b.Helper()
	var mu sync.Mutex
	var all turn
	var running sync.WaitGroup
	before, begun := c.cpu(b), time.Now()
	for i := range c.tokens {
		running.Go(func() {
			conn, s := dial(b, c.addr, c.tokens[i]), newShop(uint64(1000*round+i))
			defer func() { _ = conn.conn.Close() }()
			waits := make([]time.Duration, 0, 4096)
			for time.Since(begun) < *duration {
				q := next(w, s, i)
				asked := time.Now()
				status, err := conn.ask(&q, nil)
				if err != nil || status != q.want {
					b.Errorf("%s: %s %s: status %d, want %d (%v)", c.name, q.method, q.path, status, q.want, err)
					return
				}
				waits = append(waits, time.Since(asked))
			}
			mu.Lock()
			defer mu.Unlock()
			all.waits = append(all.waits, waits...)
		})
	}
	running.Wait()
	all.requests, all.took, all.cpu = len(all.waits), time.Since(begun), c.cpu(b)-before
	slices.Sort(all.waits)
	return all
}

// cpu is the time that a server's process has computed, 0 where the system doesn't tell.
func (c *child) cpu(t testing.TB) time.Duration {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	total := int64(0)
	for _, f := range fields[11:13] { // user and system time
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	return time.Duration(total) * time.Second / ticks
}

// report prints medians over the turns. The ratio is the median of the rounds' ratios: both servers' turns of a round
// saw the same machine.
func report(b *testing.B, results []result) {
	b.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s, %d connections, %d rounds of %v\n\n", b.Name(), *connections, *rounds, *duration)
	out.WriteString("| work | Tenon req/s | by hand req/s | ratio | Tenon CPU µs/req | by hand CPU µs/req | Tenon p50 ms | by hand p50 ms | Tenon p99 ms | by hand p99 ms |\n")
	out.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range results {
		ratios := make([]float64, len(r.tenon))
		for i := range ratios {
			ratios[i] = r.tenon[i].rate() / r.plain[i].rate()
		}
		ratio := median(ratios)
		fmt.Fprintf(&out, "| %s | %.0f | %.0f | **%.2f** | %.0f | %.0f | %.2f | %.2f | %.2f | %.2f |\n", r.name,
			of(r.tenon, (*turn).rate), of(r.plain, (*turn).rate), ratio, of(r.tenon, (*turn).cost), of(r.plain, (*turn).cost),
			of(r.tenon, percentile(50)), of(r.plain, percentile(50)), of(r.tenon, percentile(99)), of(r.plain, percentile(99)))
		b.ReportMetric(ratio, strings.ReplaceAll(strings.ReplaceAll(r.name, ",", ""), " ", "-")+"-ratio")
	}
	_, _ = fmt.Fprintln(os.Stdout, out.String()) // the table is the result
}

// cost is the server's CPU time for a request, in microseconds.
func (t *turn) cost() float64 { return float64(t.cpu.Microseconds()) / float64(t.requests) }

// percentile of the waits for answers, in milliseconds.
func percentile(p int) func(*turn) float64 {
	return func(t *turn) float64 {
		return float64(t.waits[(len(t.waits)-1)*p/100].Microseconds()) / 1000
	}
}

func of(turns []turn, f func(*turn) float64) float64 {
	all := make([]float64, len(turns))
	for i := range turns {
		all[i] = f(&turns[i])
	}
	return median(all)
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
