package bench

import (
	"encoding/json"
	"net/url"
)

// work is one kind of request, as each server is asked for it. A maker belongs to one connection of one server.
type work struct {
	name  string
	tenon maker
	plain maker
}

// maker makes the next request. With the same shop it asks either server for the same.
type maker func(w *world, s *shop, connection int) request

const records = "/api/v1/apps/shop/product"

var works = []work{
	{"get", getOf(records + "/"), getOf("/products/")},
	{"list", listOf(tenonList, ""), listOf(plainList, "")},
	{"list, new filter", newListOf(tenonList), newListOf(plainList)},
	{"list, expanded", listOf(tenonList, "&expand=supplier"), listOf(plainList, "&expand=supplier")},
	{"create", createOf(records), createOf("/products")},
}

func getOf(path string) maker {
	return func(w *world, s *shop, _ int) request {
		return request{"GET", path + w.visible[s.r.IntN(len(w.visible))], nil, 200}
	}
}

// The filters of lists: one of forty categories, and a price. Views ask the same again and again: there the price is
// the same. The "new filter" has another one each time, as searches have.
const stored = "700.00"

func tenonList(category, below, more string) string {
	q := url.Values{"filter": {"category == '" + category + "' && sale_price < " + below}, "order_by": {"name"}, "page_size": {"30"}}
	return records + "?" + q.Encode() + more
}

func plainList(category, below, more string) string {
	return "/products?category=" + category + "&below=" + below + more
}

func listOf(path func(category, below, more string) string, more string) maker {
	return func(_ *world, s *shop, _ int) request {
		return request{"GET", path(s.category(), stored, more), nil, 200}
	}
}

func newListOf(path func(category, below, more string) string) maker {
	return func(_ *world, s *shop, _ int) request {
		return request{"GET", path(s.category(), s.below(), ""), nil, 200}
	}
}

// createOf makes products with codes that nobody else has.
func createOf(path string) maker {
	return func(w *world, s *shop, connection int) request {
		p := s.product(1+connection, w.suppliers[s.r.IntN(len(w.suppliers))], allowed)
		p.Code = newCode(s)
		body, err := json.Marshal(values(p))
		if err != nil {
			panic(err)
		}
		return request{"POST", path, body, 201}
	}
}

func newCode(s *shop) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
	b := []byte("N-0000000000000000")
	for i := 2; i < len(b); i++ {
		b[i] = letters[s.r.IntN(len(letters))]
	}
	return string(b)
}
