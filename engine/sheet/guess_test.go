package sheet

import (
	"reflect"
	"slices"
	"testing"
)

func textRows(rows ...[]string) []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i].Number = i + 1
		for _, text := range r {
			out[i].Cells = append(out[i].Cells, textCell(text))
		}
	}
	return out
}

func TestGuessHeader(t *testing.T) {
	cases := []struct {
		name string
		rows []Row
		want int
	}{
		{"first row", textRows([]string{"名称", "数量"}, []string{"水", "1"}), 0},
		{"below a title", textRows([]string{"商品导入模板"}, []string{"制表人：某某", "2026"}, []string{"名称", "数量", "单价"}, []string{"水", "1", "2"}), 2},
		{"no header: a number", textRows([]string{"水", "1"}, []string{"面包", "2"}), -1},
		{"no header: a date", textRows([]string{"水", "2026-01-01"}, []string{"面包", "2026-01-02"}), -1},
		{"no header: values come again", textRows([]string{"水", "箱"}, []string{"面包", "箱"}), -1},
		{"twice the same name", textRows([]string{"名称", "名称"}, []string{"a", "b"}), -1},
		{"only a header", textRows([]string{"名称", "数量"}), 0},
		{"nothing", nil, -1},
	}
	for _, tc := range cases {
		if got := GuessHeader(tc.rows); got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestGuessMapping(t *testing.T) {
	fields := []Candidate{
		{Key: "code", Labels: []string{"商品编码", "Item code"}},
		{Key: "name", Labels: []string{"商品名称", "Item name"}},
		{Key: "qty", Labels: []string{"数量", "Quantity"}},
		{Key: "price", Labels: []string{"采购单价", "Purchase price"}, Aliases: []string{"未税价"}},
		{Key: "supplier", Labels: []string{"供应商", "Supplier"}, Related: []string{"供应商电话", "供应商等级"}},
		{Key: "expires_on", Labels: []string{"到期日", "Expires on"}},
		{Key: "note", Labels: []string{"备注", "Note"}},
	}
	cases := []struct {
		header string
		field  int
		score  int
	}{
		{"商品编码", 0, scoreExact},
		{"Item Code", 0, scoreExact},
		{"ＣＯＤＥ", 0, scoreExact},
		{"*商品名称", 1, scoreExact},
		{"数量(件)", 2, scoreBare},
		{"数量（箱）", 2, scoreBare},
		{"QTY", 2, scoreExact},
		{"件数", 2, scoreKin},
		{"未税价", 3, scoreAlias},
		{"名称", 1, scoreSynonym},
		{"产品编码", 0, scoreSynonym},
		{"入库备注", 6, scorePart},
		{"供货商", 4, scoreSynonym},
		{"Vendor", 4, scoreSynonym},
		{"供应商电话", 4, SureScore},
		{"等级", -1, 0},
		{"有效期至", 5, scoreSynonym},
		{"Suplier", 4, scoreSimilar - scoreSimilar/8},
		{"remarks", 6, scoreSynonym},
		{"颜色", -1, 0},
		{"", -1, 0},
		{"()", -1, 0},
		{"x", -1, 0},
	}
	for _, tc := range cases {
		if got := GuessMapping([]string{tc.header}, fields)[0]; got != (Match{tc.field, tc.score}) {
			t.Errorf("%q: got %+v, want field %d with %d", tc.header, got, tc.field, tc.score)
		}
	}
}

// What counts pieces and what counts a quantity are two things where a file or an entity has both, and one where it has
// not.
func TestPiecesAreNoQuantity(t *testing.T) {
	quantity, pieces := Candidate{Key: "qty", Labels: []string{"数量"}}, Candidate{Key: "pieces", Labels: []string{"件数"}}
	total := Candidate{Key: "weight", Labels: []string{"总数量"}}
	cases := []struct {
		headers []string
		fields  []Candidate
		want    []int
	}{
		{[]string{"件数", "数量"}, []Candidate{quantity, pieces}, []int{1, 0}},
		{[]string{"数量", "件数"}, []Candidate{quantity, pieces}, []int{0, 1}},
		{[]string{"件数"}, []Candidate{quantity, pieces}, []int{1}},
		{[]string{"pcs"}, []Candidate{quantity, pieces}, []int{1}},
		{[]string{"件数"}, []Candidate{quantity}, []int{0}},
		{[]string{"件数", "数量"}, []Candidate{quantity}, []int{-1, 0}},
		{[]string{"件数", "实收数量"}, []Candidate{quantity}, []int{-1, 0}},
		{[]string{"数量"}, []Candidate{pieces, total}, []int{1}},
	}
	for _, tc := range cases {
		for i, m := range GuessMapping(tc.headers, tc.fields) {
			if m.Field != tc.want[i] {
				t.Errorf("%v: %s means field %d, want %d", tc.headers, tc.headers[i], m.Field, tc.want[i])
			}
		}
	}
}

// A field goes to the column that means it most surely, and to one column only.
func TestMappingIsOneToOne(t *testing.T) {
	fields := []Candidate{{Key: "name", Labels: []string{"名称"}}, {Key: "supplier", Labels: []string{"供应商"}}}
	got := GuessMapping([]string{"供应商名称", "商品名称", "名称", "名称"}, fields)
	want := []Match{{1, scoreSynonym}, {-1, 0}, {0, scoreExact}, {-1, 0}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSynonymsAreNormalAndUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, word := range slices.Concat(synonyms...) {
		if word != normalise(word) {
			t.Errorf("%q is not in normal form", word)
		}
		if seen[word] {
			t.Errorf("%q stands in two groups", word)
		}
		seen[word] = true
	}
}

func TestEditDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"kitten", "sitting", 3}, {"供应商", "供货商", 1}, {"a", "a", 0}} {
		if got := editDistance([]rune(tc.a), []rune(tc.b)); got != tc.want {
			t.Errorf("%s, %s: got %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
