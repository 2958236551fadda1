package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// benchChildren is how many documents an account of the benchmarks has.
const benchChildren = 100_000

const benchDecimal = `"type":"string","format":"decimal","x-decimal":[18,2]`

func benchField(name, schema string) string {
	return fmt.Sprintf(`%q:{%s,"title":%q,"x-title":{"en-US":%q}}`, name, schema, name, name)
}

func benchEntity(name string, required string, fields ...string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":%q,"title":%q,"x-title":{"en-US":%q},"type":"object","required":[%s],"properties":{%s}`,
		name, name, name, required, strings.Join(fields, ",")) + "}")
}

func benchRef(name, entity string) string {
	return benchField(name, fmt.Sprintf(`"type":"string","format":"uuid","x-ref":{"entity":%q,"on-delete":"restrict"}`, entity))
}

// keptApp is an app of documents under accounts under groups under firms, with or without what each level keeps of the
// one below, and of a part with ten values with or without ten that are computed of them.
func keptApp(rolled bool) map[string]json.RawMessage {
	sum := func(name, entity, field, value string) string {
		return benchField(name, fmt.Sprintf(`%s,"x-rollup":{"entity":%q,"field":%q,"function":"sum","value":%q}`, benchDecimal, entity, field, value))
	}
	name := benchField("name", `"type":"string","maxLength":50`)
	account := []string{name, benchRef("group", "group")}
	group := []string{name, benchRef("firm", "firm")}
	firm := []string{name}
	var plain, computed []string
	for i := range 10 {
		plain = append(plain, benchField(fmt.Sprint("v", i), benchDecimal))
		computed = append(computed, benchField(fmt.Sprint("c", i), fmt.Sprintf(`%s,"x-computed":{"cel":"v%d * 1.13 + coalesce(v%d, 0.0)","stored":true}`, benchDecimal, i, (i+1)%10)))
	}
	if rolled {
		account = append(account, sum("total", "document", "account", "amount"),
			benchField("documents", `"type":"integer","x-rollup":{"entity":"document","field":"account","function":"count","where":"qty > 1.0"}`),
			benchField("latest", `"type":"string","format":"date","x-rollup":{"entity":"document","field":"account","function":"max","value":"day"}`))
		group = append(group, sum("total", "account", "group", "total"))
		firm = append(firm, sum("total", "group", "firm", "total"))
	}
	document := benchEntity("document", `"account","day","qty","price"`, benchRef("account", "account"), benchField("day", `"type":"string","format":"date"`),
		benchField("qty", benchDecimal), benchField("price", benchDecimal), benchField("note", `"type":"string","maxLength":100`),
		benchField("amount", benchDecimal+`,"x-computed":{"cel":"qty * price","stored":true}`))
	rules := `,"x-rules":[{"name":"some","cel":"qty > 0.0","at":"qty","message":{"zh-CN":"数量","en-US":"Quantity"}},{"name":"limit","cel":"amount < 1000000.0","message":{"zh-CN":"金额","en-US":"Amount"}}]}`
	docs := map[string]json.RawMessage{
		"app.json":               json.RawMessage(`{"x-kind":"app","x-version":1,"x-name":"kept","title":"kept","x-title":{"en-US":"kept"},"version":"1.0.0"}`),
		"entities/firm.json":     benchEntity("firm", `"name"`, firm...),
		"entities/group.json":    benchEntity("group", `"name"`, group...),
		"entities/account.json":  append(benchEntity("account", `"name"`, account...)[:0:0], strings.TrimSuffix(string(benchEntity("account", `"name"`, account...)), "}")+`,"x-display":"name"}`...),
		"entities/document.json": json.RawMessage(strings.TrimSuffix(string(document), "}") + rules),
		"entities/part.json":     benchEntity("part", "", plain...),
		"entities/computed.json": benchEntity("computed", "", append(plain, computed...)...),
	}
	var grants []string
	for _, e := range []string{"firm", "group", "account", "document", "part", "computed"} {
		grants = append(grants, fmt.Sprintf(`{"entity":%q,"actions":["read","create","update","delete","import"]}`, e))
	}
	docs["roles/boss.json"] = json.RawMessage(`{"x-kind":"role","x-version":1,"x-name":"boss","title":"boss","x-title":{"en-US":"boss"},"installer":true,"grants":[` + strings.Join(grants, ",") + `]}`)
	return docs
}

type keptBench struct {
	*world
	b       *testing.B
	boss    *policy.Actor
	account string
}

func newKeptBench(b *testing.B, c store.Config, rolled bool) *keptBench {
	b.Helper()
	w := newWorld(b, storetest.Open(b, c))
	ctx := context.Background()
	a := builder()
	a.ID = ""
	if _, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"name":"kept","title":"kept"}`)); err != nil {
		b.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"documents": keptApp(rolled)})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.e.DocumentsPut(ctx, w.call(a, ""), "kept", "", body); err != nil {
		b.Fatal(err)
	}
	w.release("kept")
	k := &keptBench{world: w, b: b, boss: w.role("kept", "boss")}
	firm := k.make("firm", record{"name": "firm"})
	group := k.make("group", record{"name": "group", "firm": firm})
	k.account = k.make("account", record{"name": "account", "group": group})
	return k
}

func (k *keptBench) make(entity string, values record) string {
	k.b.Helper()
	body, err := json.Marshal(values)
	if err != nil {
		k.b.Fatal(err)
	}
	r, err := k.e.Create(context.Background(), k.call(k.boss, "kept"), entity, body, engine.ReadOptions{})
	if err != nil {
		k.b.Fatal(err)
	}
	return r.ID
}

// children copies a document of the account many times, and lets what is kept be worked out.
func (k *keptBench) children(n int) []string {
	k.b.Helper()
	first := k.make("document", record{"account": k.account, "day": "2025-03-03", "qty": "2", "price": "3"})
	ent := k.call(k.boss, "kept").Snap.Entity("document")
	ids := make([]string, 0, n)
	err := k.store.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Get(ctx, ent.Entity, first, query.Live, false)
		if err != nil {
			return err
		}
		var rows []value.Row
		for i := range n {
			one := slices.Clone(row)
			one[metamodel.SlotID] = fmt.Sprintf("01940000-0000-7000-8000-%012x", i)
			rows, ids = append(rows, one), append(ids, one[metamodel.SlotID].(string))
			if len(rows) == 1000 || i == n-1 {
				if err := tx.Insert(ctx, ent.Entity, rows...); err != nil {
					return err
				}
				rows = rows[:0]
			}
		}
		return nil
	})
	if err != nil {
		k.b.Fatal(err)
	}
	return ids
}

func eachKept(b *testing.B, do func(b *testing.B, c func(b *testing.B) store.Config)) {
	b.Run("sqlite", func(b *testing.B) { do(b, func(b *testing.B) store.Config { return storetest.SQLite(b) }) })
	b.Run("postgres", func(b *testing.B) { do(b, func(b *testing.B) store.Config { return storetest.Postgres(b) }) })
}

// compare does two things in turns and reports how long each takes and what it costs of the processor, and how many times
// the first the second does: what else runs on the machine meets both.
func compare(b *testing.B, plain, kept func(i int)) {
	const turn = 50
	var took, used [2]time.Duration
	n := 0
	for b.Loop() {
		for side, do := range []func(int){plain, kept} {
			cpu, began := cpuTime(b), time.Now()
			for i := range turn {
				do(n*turn + i)
			}
			used[side] += cpuTime(b) - cpu
			took[side] += time.Since(began)
		}
		n++
	}
	for name, all := range map[string][2]time.Duration{"µs": took, "cpu-µs": used} {
		b.ReportMetric(float64(all[0].Microseconds())/float64(n*turn), "plain-"+name)
		b.ReportMetric(float64(all[1].Microseconds())/float64(n*turn), "kept-"+name)
		b.ReportMetric(float64(all[1])/float64(all[0]), "times-"+name)
	}
}

// cpuTime is what the process has used of the processor.
func cpuTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkComputed makes records of ten values, alone and with ten more that are computed and kept.
func BenchmarkComputed(b *testing.B) {
	eachKept(b, func(b *testing.B, c func(b *testing.B) store.Config) {
		k := newKeptBench(b, c(b), true)
		values := record{}
		for i := range 10 {
			values[fmt.Sprint("v", i)] = fmt.Sprint(10*i, ".25")
		}
		compare(b, func(int) { k.make("part", values) }, func(int) { k.make("computed", values) })
	})
}

// BenchmarkRollups changes one of 100,000 documents of an account, with nothing above it and with three levels that keep
// what is below.
func BenchmarkRollups(b *testing.B) {
	eachKept(b, func(b *testing.B, c func(b *testing.B) store.Config) {
		change := func(rolled bool) func(i int) {
			k := newKeptBench(b, c(b), rolled)
			ids := k.children(benchChildren)
			return func(i int) {
				body := fmt.Sprintf(`{"qty":"%d"}`, 3+i/len(ids)+i%7)
				if _, err := k.e.Update(context.Background(), k.call(k.boss, "kept"), "document", ids[i*7919%len(ids)], 0, []byte(body), engine.ReadOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		}
		compare(b, change(false), change(true))
	})
}

// BenchmarkImportRolled imports 100,000 documents of 1,000 accounts, with rules and roll-ups of three levels.
func BenchmarkImportRolled(b *testing.B) {
	eachKept(b, func(b *testing.B, c func(b *testing.B) store.Config) {
		for _, rolled := range []bool{false, true} {
			b.Run(fmt.Sprintf("rolled=%v", rolled), func(b *testing.B) {
				var took time.Duration
				for b.Loop() {
					b.StopTimer()
					k := newKeptBench(b, c(b), rolled)
					group := k.make("group", record{"name": "second"})
					for i := range 1000 {
						k.make("account", record{"name": fmt.Sprintf("account %04d", i), "group": group})
					}
					var text strings.Builder
					text.WriteString("account,day,qty,price,note\n")
					for i := range benchChildren {
						fmt.Fprintf(&text, "account %04d,2025-%02d-%02d,%d,%d.5,n\n", i*7919%1000, 1+i%12, 1+i%28, 1+i%9, 1+i%100)
					}
					began := time.Now()
					b.StartTimer()
					k.load("document", "all_or_nothing", text.String())
					took += time.Since(began)
				}
				b.ReportMetric(float64(benchChildren)*float64(b.N)/took.Seconds(), "rows/s")
			})
		}
	})
}

func (k *keptBench) load(entity, mode, text string) {
	k.b.Helper()
	ctx := context.Background()
	file := engine.ImportFile{Name: "x.csv", Data: strings.NewReader(text), Size: int64(len(text))}
	r, err := k.e.ImportUpload(ctx, k.call(k.boss, "kept"), entity, file)
	if err != nil {
		k.b.Fatal(err)
	}
	up := must[importAnswer](k.b, r, nil)
	if _, err := k.e.ImportRun(ctx, k.call(k.boss, "kept"), entity, up.Import, []byte(`{"mode":"`+mode+`"}`)); err != nil {
		k.b.Fatal(err)
	}
	for {
		r, err := k.e.ImportStatus(ctx, k.call(k.boss, "kept"), entity, up.Import)
		if err != nil {
			k.b.Fatal(err)
		}
		switch at := must[importAnswer](k.b, r, nil); at.State {
		case "running":
			time.Sleep(20 * time.Millisecond)
		case "done":
			if at.Written != benchChildren {
				k.b.Fatalf("%+v", at)
			}
			return
		default:
			k.b.Fatalf("%+v", at)
		}
	}
}

// BenchmarkFill releases roll-ups of three levels and a stored formula over 200,000 documents: how long the release takes,
// and how many documents a second the job works out afterwards, without pauses, as the clock stands.
func BenchmarkFill(b *testing.B) {
	eachKept(b, func(b *testing.B, c func(b *testing.B) store.Config) {
		for b.Loop() {
			b.StopTimer()
			k := newKeptBench(b, c(b), false)
			k.children(2 * benchChildren)
			docs := keptApp(true)
			var document map[string]any
			if err := json.Unmarshal(docs["entities/document.json"], &document); err != nil {
				b.Fatal(err)
			}
			document["properties"].(map[string]any)["owner_name"] = json.RawMessage(`{"type":"string","maxLength":50,"title":"o","x-title":{"en-US":"o"},"x-computed":{"cel":"account.name","stored":true}}`)
			docs["entities/document.json"], _ = json.Marshal(document)
			body, err := json.Marshal(map[string]any{"documents": docs})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := k.e.DocumentsPut(context.Background(), k.call(builder(), ""), "kept", "", body); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			began := time.Now()
			k.release("kept")
			b.ReportMetric(float64(time.Since(began).Milliseconds()), "release-ms")
			began = time.Now()
			if err := k.e.Recompute(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(2*benchChildren/time.Since(began).Seconds(), "documents/s")
		}
	})
}
