// Package bench measures Tenon as a whole, over HTTP, against a server written by hand for the same work
// (tenon/bench/plain). `make bench` runs it; docs/benchmarks.md holds what was measured. A test proves that both
// servers give the same answers, so that the comparison is one of like with like.
package bench
