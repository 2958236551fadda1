package ledger

import (
	"cmp"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Verbs of entries beside those of postings.
const (
	verbIn         = "in"
	verbOut        = "out"
	verbCount      = "count"
	verbRevalue    = "revalue"
	verbReserve    = "reserve"
	verbCorrection = "correction"
	verbMethod     = "method" // from here on its pool is valued by another method
)

// place is where an entry stands: the order of the book.
type place struct {
	day value.Date
	seq int64
	leg int64
}

func (p place) compare(q place) int {
	if c := cmp.Compare(p.day, q.day); c != 0 {
		return c
	}
	if c := cmp.Compare(p.seq, q.seq); c != 0 {
		return c
	}
	return cmp.Compare(p.leg, q.leg)
}

func (p place) before(q place) bool { return p.compare(q) < 0 }

// entry is a row of the book.
type entry struct {
	place
	id, verb, key  string
	dims           []any
	pool           *pool
	source         Source
	code           string
	origin, from   string
	quantity       value.Decimal
	secondary      *value.Decimal // nil where the document counts nothing so
	reserved       value.Decimal
	reservedSecond *value.Decimal // of the secondary quantity; nil where the document counts nothing so
	asked          *value.Decimal // count
	askedSecondary *value.Decimal
	rate           *value.Decimal
	share, extra   *value.Decimal
	was, now       string         // a change of method
	given          *value.Decimal // the value where it comes from a document, signed like quantity
	value          value.Decimal
	remaining      value.Decimal
	remainingValue value.Decimal
	running        value.Decimal
	runningValue   value.Decimal
	runningSecond  *value.Decimal
	provisional    bool
	voided         bool

	path    string        // where the document says so; known while it is posted
	stored  value.Row     // as it is in the table; nil for a new one
	marked  bool          // may differ from stored
	said    *run          // a generated entry: the run that it came out of
	done    *costing.Pool // the automaton that has taken it
	applied bool          // its value is found
	reverse bool          // takes another entry back
	listed  bool          // among its balance's rows
}

// generated tells whether the book made the entry by itself: it follows from others and is made anew with them.
func (e *entry) generated() bool {
	return e.verb == verbCorrection || e.verb == verbRevalue && e.leg > 0
}

// arrives tells whether the entry is where a transfer goes.
func (e *entry) arrives() bool { return e.verb == verbIn && e.leg == 1 }

// made tells whether the entry takes what other entries of its document gave.
func (e *entry) made() bool { return e.verb == verbIn && e.from != "" }

// returns tells whether the entry brings back what its origin moved.
func (e *entry) returns() bool {
	return e.origin != "" && (e.verb == verbIn && e.leg == 0 || e.verb == verbOut)
}

func byPlace(a, b *entry) int { return a.compare(b.place) }

func sorted(list []*entry) []*entry {
	slices.SortStableFunc(list, byPlace)
	return list
}

// fields are the fields of a ledger's kept entities.
type fields struct {
	day, seq, verb, key, cost, quantity, value, reserved, given, remaining, remainingValue  *metamodel.Field
	runningQuantity, runningValue, source, document, code, line, posting, leg, origin       *metamodel.Field
	provisional, voided, asked, rate, share, extra, from, open, methodBefore, methodAfter   *metamodel.Field
	dims                                                                                    []*metamodel.Field
	balanceKey, balanceCost, balanceQuantity, balanceReserved, available, firstDay, lastDay *metamodel.Field
	balanceDims                                                                             []*metamodel.Field
	costKey, method, since, costQuantity, costValue, unit, uncovered, costProvisional       *metamodel.Field
	costDims                                                                                []*metamodel.Field // nil for dimensions outside every pool
	second                                                                                  *secondaryFields   // nil where the ledger has no secondary quantity
	group                                                                                   groupFields        // of none where reservations name all dimensions
}

func fieldsOf(l *metamodel.Ledger) *fields {
	e, b, c := l.Entry.Field, l.Balance.Field, l.Cost.Field
	f := &fields{
		day: e("day"), seq: e("seq"), verb: e("verb"), key: e("key"), cost: e("cost"), quantity: e("quantity"), value: e("value"),
		reserved: e("reserved"), given: e("given"), remaining: e("remaining"), remainingValue: e("remaining_value"),
		runningQuantity: e("running_quantity"), runningValue: e("running_value"), source: e("source"), document: e("document"),
		code: e("code"), line: e("line"), posting: e("posting"), leg: e("leg"), origin: e("origin"), provisional: e("provisional"),
		voided: e("voided"), asked: e("asked"), rate: e("rate"), share: e("share"), extra: e("extra"), from: e("from"), open: e("open"),
		methodBefore: e("method_before"), methodAfter: e("method"),
		balanceKey: b("key"), balanceCost: b("cost"), balanceQuantity: b("quantity"), balanceReserved: b("reserved"),
		available: b("available"), firstDay: b("first_day"), lastDay: b("last_day"),
		costKey: c("key"), method: c("method"), since: c("method_since"), costQuantity: c("quantity"), costValue: c("value"), unit: c("unit_cost"),
		uncovered: c("uncovered"), costProvisional: c("provisional"),
	}
	for i := range l.Dimensions {
		f.dims = append(f.dims, l.DimensionOf(l.Entry, i))
		f.balanceDims = append(f.balanceDims, l.DimensionOf(l.Balance, i))
		f.costDims = append(f.costDims, l.DimensionOf(l.Cost, i))
	}
	f.second, f.group = secondaryOf(l), groupFieldsOf(l)
	return f
}

// optional is a decimal that a slot may hold.
func optional(v any) *value.Decimal {
	if d, ok := v.(value.Decimal); ok {
		return &d
	}
	return nil
}

func decimal(v any) value.Decimal {
	d, _ := v.(value.Decimal)
	return d
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func truth(v any) bool {
	b, _ := v.(bool)
	return b
}

func whole(v any) int64 {
	n, _ := v.(int64)
	return n
}

func day(v any) value.Date {
	d, _ := v.(value.Date)
	return d
}

// orNil keeps what is nothing out of the table.
func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func pointed(d *value.Decimal) any {
	if d == nil {
		return nil
	}
	return *d
}

// dimsOf are a row's dimensions.
func dimsOf(row value.Row, fields []*metamodel.Field) []any {
	dims := make([]any, len(fields))
	for i, d := range fields {
		dims[i] = row[d.Slot]
	}
	return dims
}

// read makes an entry of a row.
func (f *fields) read(row value.Row) *entry {
	e := &entry{
		place: place{day: day(row[f.day.Slot]), seq: whole(row[f.seq.Slot]), leg: whole(row[f.leg.Slot])},
		id:    text(row[metamodel.SlotID]), verb: text(row[f.verb.Slot]), key: text(row[f.key.Slot]),
		quantity: decimal(row[f.quantity.Slot]), reserved: decimal(row[f.reserved.Slot]), asked: optional(row[f.asked.Slot]),
		rate: optional(row[f.rate.Slot]), share: optional(row[f.share.Slot]), extra: optional(row[f.extra.Slot]), value: decimal(row[f.value.Slot]),
		remaining: decimal(row[f.remaining.Slot]), remainingValue: decimal(row[f.remainingValue.Slot]),
		running: decimal(row[f.runningQuantity.Slot]), runningValue: decimal(row[f.runningValue.Slot]),
		source: Source{
			Entity: text(row[f.source.Slot]), Record: text(row[f.document.Slot]), Line: text(row[f.line.Slot]),
			Posting: metamodel.ID(text(row[f.posting.Slot])),
		},
		was: text(row[f.methodBefore.Slot]), now: text(row[f.methodAfter.Slot]),
		code: text(row[f.code.Slot]), origin: text(row[f.origin.Slot]), from: text(row[f.from.Slot]),
		provisional: truth(row[f.provisional.Slot]), voided: truth(row[f.voided.Slot]), stored: row, applied: true,
	}
	e.dims = dimsOf(row, f.dims)
	f.second.read(e, row)
	if truth(row[f.given.Slot]) || e.verb == verbRevalue && e.rate == nil {
		v := e.value
		e.given = &v
	}
	return e
}

// write puts an entry into a row of its table. System fields are left alone.
func (f *fields) write(e *entry, row value.Row) {
	row[f.day.Slot], row[f.seq.Slot], row[f.leg.Slot], row[f.verb.Slot], row[f.key.Slot] = e.day, e.seq, e.leg, e.verb, e.key
	for i, d := range f.dims {
		row[d.Slot] = e.dims[i]
	}
	row[f.cost.Slot] = e.pool.id
	row[f.source.Slot], row[f.document.Slot], row[f.line.Slot] = orNil(e.source.Entity), orNil(e.source.Record), orNil(e.source.Line)
	row[f.posting.Slot], row[f.code.Slot], row[f.from.Slot] = orNil(string(e.source.Posting)), orNil(e.code), orNil(e.from)
	row[f.asked.Slot], row[f.rate.Slot], row[f.extra.Slot] = pointed(e.asked), pointed(e.rate), pointed(e.extra)
	f.second.write(e, row)
	row[f.reserved.Slot], row[f.methodBefore.Slot], row[f.methodAfter.Slot] = e.reserved, orNil(e.was), orNil(e.now)
	f.update(e, row)
}

// update puts what may change of an entry into its row.
func (f *fields) update(e *entry, row value.Row) {
	row[f.quantity.Slot], row[f.value.Slot], row[f.leg.Slot] = e.quantity, e.value, e.leg
	row[f.given.Slot] = e.given != nil && !e.generated()
	row[f.remaining.Slot], row[f.remainingValue.Slot], row[f.open.Slot] = e.remaining, e.remainingValue, !e.remaining.IsZero()
	row[f.runningQuantity.Slot], row[f.runningValue.Slot] = e.running, e.runningValue
	if e.voided || e.verb == verbReserve {
		row[f.runningQuantity.Slot], row[f.runningValue.Slot] = nil, nil
	}
	f.second.update(e, row)
	row[f.share.Slot] = pointed(e.share)
	row[f.origin.Slot], row[f.provisional.Slot], row[f.voided.Slot] = orNil(e.origin), e.provisional, e.voided
}

// mutable are the fields that update sets.
func (f *fields) mutable() []*metamodel.Field {
	list := []*metamodel.Field{
		f.quantity, f.value, f.leg, f.given, f.remaining, f.remainingValue, f.open, f.runningQuantity, f.runningValue, f.origin,
		f.provisional, f.voided, f.share,
	}
	return f.second.mutable(list)
}
