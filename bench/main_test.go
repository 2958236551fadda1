package bench

import (
	"flag"
	"os"
	"runtime/pprof"
	"testing"

	"tenon/bench/plain"
	"tenon/engine/store/storetest"
	"tenon/server"
)

// Settings of a measurement.
var (
	rounds      = flag.Int("rounds", 7, "how often each server does each work; the servers take turns")
	duration    = flag.Duration("duration", defaultDuration, "how long each turn lasts")
	productRows = flag.Int("rows", 100_000, "products")
	connections = flag.Int("connections", 8, "connections that ask at once, each of a person of its own")
	selected    = flag.String("work", "", "a regular expression of the works to do; all without one")
	profiles    = flag.String("profiles", "", "a folder for CPU profiles of both servers")
)

// The environment that makes a copy of the test's program one of the servers.
const (
	envChild   = "BENCH_CHILD"
	envProfile = "BENCH_PROFILE"
)

func TestMain(m *testing.M) {
	switch os.Getenv(envChild) {
	case "tenon":
		os.Exit(profiled(func() int { return server.Main([]string{"serve"}) }))
	case "plain":
		os.Exit(profiled(plain.Main))
	}
	flag.Parse()
	os.Exit(storetest.Main(m))
}

func writeAllocations(path string) {
	f, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	defer func() { _ = f.Close() }()
	if err := pprof.Lookup("allocs").WriteTo(f, 0); err != nil {
		panic(err)
	}
}

// profiled writes profiles of a server when it is asked for: where its time goes and what it allocates.
func profiled(serve func() int) int {
	if path := os.Getenv(envProfile); path != "" {
		f, err := os.Create(path)
		if err != nil {
			panic(err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			panic(err)
		}
		defer func() { _ = f.Close() }()
		defer pprof.StopCPUProfile()
		defer writeAllocations(path + ".allocs")
	}
	return serve()
}
