package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"tenon/bench/plain"
)

// What the data looks like.
const (
	supplierRows = 500
	categories   = 40
	allowed      = "east" // the region of the people who ask
)

var regions = []string{allowed, "west", "north", "south", "centre"}

// shop makes the same suppliers and products in every run.
type shop struct{ r *rand.Rand }

func newShop(seed uint64) *shop { return &shop{rand.New(rand.NewPCG(seed, 1))} }

func pick[T any](s *shop, from ...T) *T { return &from[s.r.IntN(len(from))] }

func (s *shop) supplier(i int) plain.Supplier {
	level := int64(1 + s.r.IntN(5))
	text := func(format string) *string { v := fmt.Sprintf(format, i); return &v }
	return plain.Supplier{
		Code: fmt.Sprintf("S%05d", i), Name: fmt.Sprintf("供应商 Supplier %d", i), Contact: text("Contact %d"), Phone: text("+86 21 5555 %04d"),
		City: pick(s, "上海", "Hangzhou", "苏州", "Ningbo"), Level: &level, Active: pick(s, true, true, false), Note: text("Delivers on day %d"),
	}
}

// product makes a product that keeps all rules.
func (s *shop) product(i int, supplier, region string) plain.Product {
	cost := plain.Cents(s.r.IntN(50_000))
	sale, weight := cost+plain.Cents(s.r.IntN(50_000)), plain.Grams(s.r.IntN(20_000))
	low, days := int64(s.r.IntN(100)), int64(s.r.IntN(60))
	high := low + int64(s.r.IntN(1000))
	day := plain.Day(fmt.Sprintf("20%02d-%02d-%02d", 10+s.r.IntN(15), 1+s.r.IntN(12), 1+s.r.IntN(28)))
	text := func(format string) *string { v := fmt.Sprintf(format, i); return &v }
	return plain.Product{
		Code: fmt.Sprintf("P%07d", i), Name: fmt.Sprintf("商品 Product %05d", s.r.IntN(100_000)), Barcode: text("69%011d"), Region: region,
		Category: s.category(), Brand: pick(s, "Acme", "榫卯", "Umbrella", "Initech"), Spec: text("%d × 40 cm"), Unit: pick(s, "件", "kg", "box"),
		Supplier: supplier, CostPrice: &cost, SalePrice: &sale, Weight: &weight, MinStock: &low, MaxStock: &high, LeadDays: &days, IntroducedOn: &day,
		Active: pick(s, true, true, true, false), Taxable: pick(s, true, false), Shelf: text("A-%05d"), Note: text("Keep product %d dry and out of the sun"),
	}
}

func (s *shop) category() string { return fmt.Sprintf("c%02d", s.r.IntN(categories)) }

// below is a price limit that most products keep.
func (s *shop) below() string { return fmt.Sprintf("%d.%02d", 600+s.r.IntN(300), s.r.IntN(100)) }

// values is a record as a client sends it: without what the server sets.
func values(v any) map[string]any {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		panic(err)
	}
	for _, k := range []string{"id", "version", "created_at", "created_by", "updated_at", "updated_by"} {
		delete(m, k)
	}
	return m
}
