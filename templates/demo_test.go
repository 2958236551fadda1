package templates

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenon/metamodel/value"
)

var demoToday = value.NewDate(2026, time.June, 30)

func demoOf(t *testing.T, seed uint64) []DemoRecord {
	t.Helper()
	records, err := Demo("general", seed, demoToday)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestDemoIsDeterministic(t *testing.T) {
	a, b := demoOf(t, 1), demoOf(t, 1)
	if !reflect.DeepEqual(a, b) {
		t.Fatal("the same seed gave different records")
	}
	if reflect.DeepEqual(a, demoOf(t, 2)) {
		t.Fatal("another seed gave the same records")
	}
}

func TestDemoUnknown(t *testing.T) {
	if _, err := Demo("nothing", 1, demoToday); !errors.Is(err, ErrUnknown) {
		t.Fatalf("got %v", err)
	}
}

func TestDemoCounts(t *testing.T) {
	made := map[string]int{}
	drafts := 0
	documents := 0
	for _, r := range demoOf(t, 1) {
		made[r.Entity]++
		if isDocument(r.Entity) {
			documents++
			if len(r.Transitions) == 0 {
				drafts++
			}
		}
	}
	t.Log(made, "drafts", drafts)
	for entity, want := range map[string]int{"item": demoItems + 1, "partner": demoPartners + 3, "warehouse": 3, "item_category": 30, "currency": 3, "exchange_rate": 12} {
		if made[entity] != want {
			t.Errorf("%s: %d records, want %d", entity, made[entity], want)
		}
	}
	if documents != demoDocuments {
		t.Errorf("%d documents, want %d", documents, demoDocuments)
	}
	for entity, least := range map[string]int{
		"purchase_order": 120, "goods_receipt": 150, "purchase_return": 10, "sales_order": 300, "delivery": 350, "sales_return": 20,
		"transfer": 20, "stock_count": 10, "stock_other": 20, "receipt": 100, "payment": 50, "purchase_invoice": 80,
		"landed_cost": 15, "voucher": 15, "fx_revaluation": 4,
	} {
		if made[entity] < least {
			t.Errorf("%s: %d documents, want at least %d", entity, made[entity], least)
		}
	}
	if drafts == 0 || drafts > documents/20 {
		t.Errorf("%d of %d documents are drafts", drafts, documents)
	}
}

// Whoever looks at the data finds a purchase order to approve, whatever the seed.
func TestDemoLeavesSomethingToDo(t *testing.T) {
	for seed := range uint64(20) {
		waiting := 0
		for _, r := range demoOf(t, seed) {
			if r.Entity == "purchase_order" && slices.Equal(r.Transitions, []string{"submit"}) {
				waiting++
			}
		}
		if waiting == 0 {
			t.Errorf("seed %d leaves no purchase order to approve", seed)
		}
	}
}

func isDocument(entity string) bool {
	switch entity {
	case "company_setting", "unit", "item_category", "item", "partner", "warehouse", "price_list", "stock_card",
		"currency", "exchange_rate":
		return false
	}
	return true
}

// TestDemoReplays carries the records out on a model of its own that knows the template's rules: no stock
// below zero, nothing received or returned beyond its source, no credit limit or floor price broken.
func TestDemoReplays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64Range(1, 1<<40).Draw(t, "seed")
		day := demoToday.AddDays(rapid.IntRange(-400, 400).Draw(t, "day"))
		records, err := Demo("general", seed, day)
		if err != nil {
			t.Fatal(err)
		}
		r := newReplay(day)
		for i, rec := range records {
			if err := r.apply(rec); err != nil {
				t.Fatalf("record %d, %s %s: %v", i, rec.Entity, rec.Handle, err)
			}
		}
	})
}

func TestDemoCodes(t *testing.T) {
	barcodes, taxNumbers := map[string]bool{}, map[string]bool{}
	for _, r := range demoOf(t, 1) {
		switch r.Entity {
		case "item":
			code := r.Values["barcode"].(string)
			if !strings.HasPrefix(code, "69") || len(code) != 13 || gtinSum(code)%10 != 0 {
				t.Errorf("%s: barcode %s", r.Handle, code)
			}
			if barcodes[code] {
				t.Errorf("barcode %s appears twice", code)
			}
			barcodes[code] = true
		case "partner":
			code, domestic := r.Values["tax_number"].(string)
			if !domestic {
				continue // foreign, or without one
			}
			if len(code) != 18 || usccSum(code) != 0 {
				t.Errorf("%s: tax number %s", r.Handle, code)
			}
			if taxNumbers[code] {
				t.Errorf("tax number %s appears twice", code)
			}
			taxNumbers[code] = true
		}
	}
}

// gtinSum weighs from the right, the check digit with 1; a valid code's sum ends in 0.
func gtinSum(code string) int {
	sum := 0
	for i := range code {
		d := int(code[len(code)-1-i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum
}

// usccSum is the weighted sum of a code's body, the weights being the powers of 3, plus its check character,
// modulo 31; a valid code's is 0.
func usccSum(code string) int {
	value := func(c byte) int { return strings.IndexByte("0123456789ABCDEFGHJKLMNPQRTUWXY", c) }
	sum, weight := value(code[17]), 1
	for i := range 17 {
		sum += value(code[i]) * weight
		weight = weight * 3 % 31
	}
	return sum % 31
}

func TestCheckCharacters(t *testing.T) {
	for _, c := range []struct{ area, org, want string }{
		{"110000", "60003734", "91110000600037341L"},
		{"440300", "71526726", "9144030071526726XG"},
		{"440300", "19220382", "914403001922038216"},
	} {
		if got := uscc(c.area, c.org); got != c.want {
			t.Errorf("uscc(%s, %s) = %s, want %s", c.area, c.org, got, c.want)
		}
	}
	if got := gtin13("978047111709"); got != "9780471117094" {
		t.Errorf("gtin13 = %s", got)
	}
}

func BenchmarkDemo(b *testing.B) {
	for b.Loop() {
		if _, err := Demo("general", 1, demoToday); err != nil {
			b.Fatal(err)
		}
	}
}
