package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// rowsAsked adds up how many rows the statements of a table ask for at most.
type rowsAsked struct {
	mu    sync.Mutex
	table string
	rows  int
	asked []string
}

var limitOf = regexp.MustCompile(`LIMIT (\d+)`)

func (r *rowsAsked) before(q string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := limitOf.FindStringSubmatch(q); m != nil && r.table != "" && strings.Contains(q, "FROM "+r.table+" ") {
		n, _ := strconv.Atoi(m[1])
		r.rows += n
		r.asked = append(r.asked, q)
	}
}

func (r *rowsAsked) begin(table string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.table, r.rows, r.asked = table, 0, nil
}

// One row of many that changes costs a look at the end of the others, however many there are.
func TestEndsAreFoundWithoutReadingAll(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		var asked rowsAsked
		c.Before = asked.before
		s := newShop(t, newWorld(t, storetest.Open(t, c)))
		docs := keptDocs(t, false)
		region := map[string]any{}
		if err := json.Unmarshal(docs["entities/region.json"], &region); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"least":  `"type":"string","format":"decimal","x-decimal":[18,2],"x-rollup":{"entity":"item","field":"region","function":"min","value":"cost"}`,
			"most":   `"type":"string","format":"decimal","x-decimal":[18,2],"x-rollup":{"entity":"item","field":"region","function":"max","value":"cost","where":"active"}`,
			"last":   `"type":"string","maxLength":50,"x-rollup":{"entity":"item","field":"region","function":"last","value":"name","order":["code"]}`,
			"first":  `"type":"string","maxLength":50,"x-rollup":{"entity":"item","field":"region","function":"first","value":"name","order":["cost","code"]}`,
			"grades": `"type":"integer","x-rollup":{"entity":"item","field":"region","function":"distinct","value":"grade"}`,
			"names":  `"type":"string","maxLength":200,"x-rollup":{"entity":"item","field":"region","function":"concat","value":"grade","order":["code"]}`,
		} {
			var f map[string]any
			if err := json.Unmarshal([]byte("{"+text+`,"title":"`+name+`","x-title":{"en-US":"`+name+`"}}`), &f); err != nil {
				t.Fatal(err)
			}
			region["properties"].(map[string]any)[name] = f
		}
		docs["entities/region.json"], _ = json.Marshal(region)
		s.replaceDocs(docs)
		boss := s.boss()
		const items = 60
		ids := make([]string, items)
		for i := range ids {
			ids[i] = s.mustCreate(boss, "item", record{"code": fmt.Sprintf("N-%03d", i), "name": fmt.Sprint("n", i), "cost": fmt.Sprint(i), "grade": []string{"a", "b"}[i%2], "region": s.west.id()}).id()
		}
		table := "e_" + strings.ToLower(string(s.call(boss, "shop").Snap.Entity("item").ID))
		want := func(values record) {
			t.Helper()
			got, err := s.get(boss, "region", s.west.id())
			for name, v := range values {
				if err != nil || fmt.Sprint(got[name]) != fmt.Sprint(v) {
					t.Errorf("%s is %v, want %v (%v)", name, got[name], v, err)
				}
			}
		}
		want(record{"least": "0.00", "most": "59.00", "first": "n0", "last": "n59", "grades": 2, "names": "a、b"})
		for _, gone := range []int{0, items - 1} {
			asked.begin(table)
			if _, err := s.e.Delete(context.Background(), s.call(boss, "shop"), "item", ids[gone], 0); err != nil {
				t.Fatal(err)
			}
			// The ends are one row each, and one more that tells whether there are others; the texts are found among the first.
			if asked.rows == 0 || asked.rows > 4*2+17 {
				t.Errorf("%d rows were asked for:\n%s", asked.rows, strings.Join(asked.asked, "\n"))
			}
			asked.begin("")
		}
		want(record{"least": "1.00", "most": "58.00", "first": "n1", "last": "n58", "grades": 2, "names": "b、a"})
		for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(boss, "shop")) {
			t.Error(wrong)
		}
	})
}
