package engine_test

import (
	"context"
	"fmt"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// BenchmarkInstall installs the general template, by itself and with its demo data: half a year of documents, each created
// and moved on as people do, with all that it posts.
func BenchmarkInstall(b *testing.B) {
	eachBenchDatabase(b, func(b *testing.B, c store.Config) {
		w := newWorld(b, storetest.Open(b, c))
		a := builder()
		a.ID = ""
		n := 0
		for _, demo := range []bool{false, true} {
			b.Run(fmt.Sprintf("demo=%v", demo), func(b *testing.B) {
				for b.Loop() {
					n++
					body := fmt.Sprintf(`{"template":"general","name":"shop%d","demo":%v}`, n, demo)
					if _, err := w.e.AppCreate(context.Background(), w.call(a, ""), []byte(body)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}
