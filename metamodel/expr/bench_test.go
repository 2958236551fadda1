package expr

import (
	"fmt"
	"testing"
)

// A formula of three fields of a record.
func BenchmarkEval(b *testing.B) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	for _, src := range []string{"price * qty * (1 - discount)", "state == 'approved' && owner == user.id", "lines.sum(l, l.amount)", "received_on <= today()", "coalesce(note, code)", "supplier.level > 2"} {
		p := compileOK(b, m, scope, src, Unknown)
		b.Run(src, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(act); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Compiling without the cache, in a scope that was seen before.
func BenchmarkCompile(b *testing.B) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		src := fmt.Sprintf("price * qty * (1 - discount) > %d", i)
		if p, list := m.Compile(scope, src, Bool); p == nil {
			b.Fatal(list)
		}
	}
}

// Compiling what is in the cache.
func BenchmarkCompileCached(b *testing.B) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	b.ReportAllocs()
	for b.Loop() {
		if p, list := m.Compile(scope, "price * qty * (1 - discount) > 1", Bool); p == nil {
			b.Fatal(list)
		}
	}
}
