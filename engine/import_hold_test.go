package engine_test

import (
	"fmt"
	"strings"
	"testing"
)

// Rows that are written together are judged as if each was written before the next: a rule that counts sees them all.
func TestImportedRowsSeeEachOther(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		rule := `"x-rules": [{"name":"few","cel":"countOf(item, i, i.active) < 5","message":{"zh-CN":"太多了。","en-US":"Too many."}}],`
		if _, err := s.put("entity/item", `"x-display": "name"`, rule+`"x-display": "name"`); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		up := s.upload(s.boss(), goodItems(7))
		whole := s.run(s.boss(), up.Import, `{"mode":"all_or_nothing"}`)
		if got := fmt.Sprint(whole.Errors); whole.State != "failed" || len(whole.Errors) != 4 || !strings.Contains(got, "{5 [{  rule.failed}]}") || strings.Contains(got, "{4 ") {
			t.Errorf("all or nothing: %+v", whole)
		}
		s.items(2)
		some := s.run(s.boss(), up.Import, `{"mode":"skip_bad"}`)
		if some.State != "done" || some.Written != 3 || some.Skipped != 4 {
			t.Errorf("skip bad: %+v", some)
		}
		s.items(5)
	})
}

// When the database refuses one of many rows that are written together, that row is named, and it alone is left out.
func TestImportedRowThatIsTaken(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		const rows = 450
		lines := strings.SplitAfter(goodItems(rows), "\n")
		text := strings.Join(lines[:300], "") + "PEN-1,又一支钢笔,7.50,3,west\n" + strings.Join(lines[300:], "")
		up := s.upload(s.boss(), text)
		whole := s.run(s.boss(), up.Import, `{"mode":"all_or_nothing"}`)
		if whole.State != "failed" || whole.Written != 0 || !strings.Contains(whole.Problem, "301") {
			t.Errorf("all or nothing: %+v", whole)
		}
		s.items(2)
		some := s.run(s.boss(), up.Import, `{"mode":"skip_bad"}`)
		if some.State != "done" || some.Written != rows || some.Skipped != 1 || some.Errors[0].Row != 301 {
			t.Errorf("skip bad: %+v", some)
		}
		s.items(rows + 2)
	})
}
