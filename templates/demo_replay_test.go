package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel/value"
)

// replay is a second, independent telling of what the general template does with its documents.
type replay struct {
	today value.Date
	last  value.Date
	made  map[string]DemoRecord
	state map[string]string
	stock map[[2]string]value.Decimal // item, warehouse
	done  map[[2]string]value.Decimal // by entity: what was taken of a line of a source document
	owed  map[string]value.Decimal
}

func newReplay(today value.Date) *replay {
	return &replay{
		today: today, made: map[string]DemoRecord{}, state: map[string]string{}, stock: map[[2]string]value.Decimal{},
		done: map[[2]string]value.Decimal{}, owed: map[string]value.Decimal{},
	}
}

// steps are the transitions of orders and of other documents: state, transition → state.
var steps = map[string]string{
	"draft submit": "submitted", "draft approve": "approved", "submitted approve": "approved", "approved close": "closed", "draft cancel": "cancelled",
}

func (r *replay) apply(rec DemoRecord) error {
	if err := r.create(rec); err != nil {
		return err
	}
	for _, tr := range rec.Transitions {
		to, ok := steps[r.state[rec.Handle]+" "+tr]
		if !ok {
			return fmt.Errorf("%s in the state %s", tr, r.state[rec.Handle])
		}
		r.state[rec.Handle] = to
		if tr != "approve" {
			continue
		}
		if err := r.approve(r.made[rec.Handle]); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) create(rec DemoRecord) error {
	if _, ok := r.made[rec.Handle]; ok {
		return fmt.Errorf("the handle is taken")
	}
	if err := r.references(rec.Values); err != nil {
		return err
	}
	r.made[rec.Handle], r.state[rec.Handle] = rec, "draft"
	if !isDocument(rec.Entity) {
		return nil
	}
	for _, name := range []string{"ordered_on", "received_on", "delivered_on", "returned_on", "moved_on", "counted_on", "paid_on", "invoiced_on", "incurred_on", "posted_on", "revalued_on"} {
		if _, ok := rec.Values[name]; !ok {
			continue
		}
		day := mustDate(rec.Values[name])
		if day > r.today || day < r.last {
			return fmt.Errorf("dated %s, after %s, today being %s", day, r.last, r.today)
		}
		r.last = day
	}
	return r.prices(rec)
}

// references checks that every handle mentioned was made before.
func (r *replay) references(v any) error {
	switch v := v.(type) {
	case string:
		if name, ok := strings.CutPrefix(v, "$"); ok {
			name, _, _ = strings.Cut(name, "/")
			if _, ok := r.made[name]; !ok {
				return fmt.Errorf("%s is not there yet", v)
			}
		}
	case []any:
		for _, e := range v {
			if err := r.references(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, e := range v {
			if err := r.references(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// prices checks the floor price and the units of a document's lines.
func (r *replay) prices(rec DemoRecord) error {
	for _, l := range linesOf(rec) {
		item, ok := r.made[handleOf(l["item"])]
		if !ok || l["factor"] == nil {
			continue
		}
		factor, pack := dec(l["factor"]), dec("1")
		if l["unit"] != item.Values["unit"] {
			alternatives, _ := item.Values["units"].([]any)
			if len(alternatives) != 1 || alternatives[0].(map[string]any)["unit"] != l["unit"] {
				return fmt.Errorf("unit %v of %v", l["unit"], l["item"])
			}
			pack = dec(alternatives[0].(map[string]any)["factor"])
		}
		if !factor.Equal(pack) {
			return fmt.Errorf("factor %s of %v, want %s", factor, l["item"], pack)
		}
		net := mul(dec(l["price"]), sub(dec("1"), dec(l["discount"])))
		if rec.Entity == "sales_order" || rec.Entity == "delivery" {
			net = mul(net, r.rate(rec))
		}
		if (rec.Entity == "sales_order" || rec.Entity == "delivery") && net.Cmp(mul(dec(item.Values["floor_price"]), factor)) < 0 {
			return fmt.Errorf("price %s of %v is below the floor", net, l["item"])
		}
	}
	return nil
}

func (r *replay) approve(rec DemoRecord) error {
	v := rec.Values
	switch rec.Entity {
	case "purchase_order":
		if total := totalOf(rec); total.Cmp(dec("50000")) > 0 {
			return fmt.Errorf("total %s needs the owner", total)
		}
	case "sales_order":
		return r.credit(v["customer"], totalOf(rec))
	case "goods_receipt":
		if err := r.take(rec, "order", "1.05"); err != nil {
			return err
		}
		return r.move(rec, v["warehouse"], 1)
	case "delivery":
		if err := r.credit(v["customer"], totalOf(rec)); err != nil {
			return err
		}
		r.owe(v["customer"], totalOf(rec))
		if err := r.take(rec, "order", "1"); err != nil {
			return err
		}
		return r.move(rec, v["warehouse"], -1)
	case "purchase_return":
		if err := r.take(rec, "source_receipt", "1"); err != nil {
			return err
		}
		return r.move(rec, v["warehouse"], -1)
	case "sales_return":
		r.owe(v["customer"], totalOf(rec).Neg())
		if err := r.take(rec, "source_delivery", "1"); err != nil {
			return err
		}
		return r.move(rec, v["warehouse"], 1)
	case "transfer":
		if err := r.move(rec, v["from_warehouse"], -1); err != nil {
			return err
		}
		return r.move(rec, v["to_warehouse"], 1)
	case "stock_other":
		return r.move(rec, v["warehouse"], map[any]int64{"inward": 1, "outward": -1}[v["direction"]])
	case "stock_count":
		return r.countStock(rec)
	case "receipt":
		r.owe(v["customer"], dec(v["amount"]).Neg())
	case "payment", "landed_cost", "fx_revaluation":
	case "purchase_invoice":
		return r.invoiced(rec)
	case "voucher":
		return balanced(rec)
	default:
		return fmt.Errorf("approved, but has no states")
	}
	return nil
}

func (r *replay) credit(customer any, more value.Decimal) error {
	limit := dec(r.made[handleOf(customer)].Values["credit_limit"])
	if owed := add(r.owed[handleOf(customer)], more); !limit.IsZero() && owed.Cmp(limit) > 0 {
		return fmt.Errorf("%v would owe %s, limit %s", customer, owed, limit)
	}
	return nil
}

func (r *replay) owe(customer any, amount value.Decimal) {
	r.owed[handleOf(customer)] = add(r.owed[handleOf(customer)], amount)
}

// move books a document's quantities into a warehouse, or out of it with sign −1.
func (r *replay) move(rec DemoRecord, warehouse any, sign int64) error {
	for _, l := range linesOf(rec) {
		key := [2]string{handleOf(l["item"]), handleOf(warehouse)}
		r.stock[key] = add(r.stock[key], mul(value.NewDecimal(sign, 0), baseQty(l)))
	}
	for key, qty := range r.stock {
		if qty.Sign() < 0 {
			return fmt.Errorf("stock of %v is %s", key, qty)
		}
	}
	return nil
}

// take checks that what was taken of each line of the source document stays within it, times share.
func (r *replay) take(rec DemoRecord, source, share string) error {
	if source == "order" && rec.Values[source] == nil {
		return nil // goods come and go without an order, too
	}
	from := handleOf(rec.Values[source])
	if r.state[from] != "approved" {
		return fmt.Errorf("%s is %s", from, r.state[from])
	}
	field := "source_line"
	if source == "order" {
		field = "order_line"
	}
	for _, l := range linesOf(rec) {
		name, place, _ := strings.Cut(handleOf(l[field]), "/")
		there := linesOf(r.made[from])
		n, err := strconv.Atoi(place)
		if name != from || err != nil || n < 1 || n > len(there) || there[n-1]["item"] != l["item"] {
			return fmt.Errorf("%v of %s isn't its line", l[field], from)
		}
		key := [2]string{rec.Entity, handleOf(l[field])}
		r.done[key] = add(r.done[key], baseQty(l))
		if have := baseQty(there[n-1]); r.done[key].Cmp(mul(have, dec(share))) > 0 {
			return fmt.Errorf("%s of %s taken, %s there", r.done[key], l["item"], have)
		}
	}
	return nil
}

// invoiced checks that each line of a receipt is invoiced once, by its supplier.
func (r *replay) invoiced(rec DemoRecord) error {
	for _, l := range linesOf(rec) {
		from := r.made[handleOf(l["goods_receipt"])]
		if from.Values["supplier"] != rec.Values["supplier"] || r.state[from.Handle] != "approved" {
			return fmt.Errorf("receipt %s is %s and of %v", from.Handle, r.state[from.Handle], from.Values["supplier"])
		}
		key := [2]string{from.Handle + "/invoice", handleOf(l["item"])}
		if !r.done[key].IsZero() {
			return fmt.Errorf("%s of %s is invoiced twice", key[1], from.Handle)
		}
		r.done[key] = dec("1")
	}
	return nil
}

// balanced checks that debits equal credits.
func balanced(rec DemoRecord) error {
	var sum value.Decimal
	for _, l := range linesOf(rec) {
		if l["debit"] != nil {
			sum = add(sum, dec(l["debit"]))
		} else {
			sum = sub(sum, dec(l["credit"]))
		}
	}
	if !sum.IsZero() {
		return fmt.Errorf("debits and credits differ by %s", sum)
	}
	return nil
}

// rate is what one unit of a document's currency is worth on its day.
func (r *replay) rate(rec DemoRecord) value.Decimal {
	partner := r.made[handleOf(rec.Values["customer"])]
	out, since := dec("1"), ""
	if partner.Values["currency"] == nil {
		return out
	}
	for _, known := range r.made {
		day, _ := known.Values["day"].(string)
		if known.Entity == "exchange_rate" && known.Values["currency"] == partner.Values["currency"] && day <= r.last.String() && day > since {
			out, since = dec(known.Values["rate"]), day
		}
	}
	return out
}

func (r *replay) countStock(rec DemoRecord) error {
	var seen []string
	for _, l := range linesOf(rec) {
		key := [2]string{handleOf(l["item"]), handleOf(rec.Values["warehouse"])}
		if slices.Contains(seen, key[0]) {
			return fmt.Errorf("%s is counted twice", key[0])
		}
		seen = append(seen, key[0])
		if book := dec(l["book_qty"]); !book.Equal(r.stock[key]) {
			return fmt.Errorf("book quantity %s of %s, stock is %s", book, key[0], r.stock[key])
		}
		r.stock[key] = dec(l["counted_qty"])
	}
	return nil
}

func linesOf(rec DemoRecord) []map[string]any {
	all, _ := rec.Values["lines"].([]any)
	out := make([]map[string]any, len(all))
	for i, l := range all {
		out[i] = l.(map[string]any)
	}
	return out
}

func totalOf(rec DemoRecord) value.Decimal {
	var total value.Decimal
	for _, l := range linesOf(rec) {
		net := round2(mul(mul(dec(l["qty"]), dec(l["price"])), sub(dec("1"), dec(l["discount"]))))
		total = add(total, add(net, round2(mul(net, dec(l["tax_rate"])))))
	}
	return total
}

func baseQty(l map[string]any) value.Decimal {
	if l["factor"] == nil {
		return dec(l["qty"])
	}
	return mul(dec(l["qty"]), dec(l["factor"]))
}

func handleOf(v any) string {
	s, _ := v.(string)
	return strings.TrimPrefix(s, "$")
}

func dec(v any) value.Decimal {
	s, _ := v.(string)
	return value.MustDecimal(s)
}

func add(a, b value.Decimal) value.Decimal { return must(a.Add(b)) }
func sub(a, b value.Decimal) value.Decimal { return must(a.Sub(b)) }
func mul(a, b value.Decimal) value.Decimal { return must(a.Mul(b)) }
func round2(a value.Decimal) value.Decimal { return must(a.Round(2)) }

func must(d value.Decimal, err error) value.Decimal {
	if err != nil {
		panic(err)
	}
	return d
}
