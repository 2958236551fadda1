package metamodel

import (
	"slices"
	"strings"
)

// The kept entities of a ledger: what follows its name in theirs.
const (
	entrySuffix   = "_entry"
	balanceSuffix = "_balance"
	costSuffix    = "_cost"
)

// Verbs of a ledger's entries: those of postings, but for transfers, which are two rows, and with corrections, which
// the ledger itself makes, and changes of the cost method, which follow from its policies.
var entryVerbs = []struct {
	name  string
	title Label
}{
	{"in", Label{"zh-CN": "入库", "en-US": "In"}},
	{"out", Label{"zh-CN": "出库", "en-US": "Out"}},
	{"count", Label{"zh-CN": "盘点", "en-US": "Count"}},
	{"revalue", Label{"zh-CN": "调整成本", "en-US": "Revaluation"}},
	{"correction", Label{"zh-CN": "成本更正", "en-US": "Correction"}},
	{"reserve", Label{"zh-CN": "预留", "en-US": "Reservation"}},
	{"method", Label{"zh-CN": "更换计价方法", "en-US": "Change of cost method"}},
}

// amountVerbs are the titles where a ledger knows amounts alone: nothing comes into or out of a warehouse.
var amountVerbs = map[string]Label{
	"in":  {"zh-CN": "增加", "en-US": "Increase"},
	"out": {"zh-CN": "减少", "en-US": "Decrease"},
}

// Digits of what a ledger keeps beside what its document says.
const (
	unitCostScale = 6   // after the point of a unit cost
	keptKeyLength = 600 // characters of a canonical key, separators and escapes included
	keptIDLength  = 36  // characters of a record's id
)

// keeper builds the entities of one ledger.
type keeper struct{ l *Ledger }

// Keep makes the entities that the ledger keeps. The ledger's id, its dimensions and their ids must be known; what
// the dimensions point at is set by Link.
func (l *Ledger) Keep() {
	k := keeper{l}
	cost := Label{"zh-CN": "成本", "en-US": " costs"}
	if l.Quantity == nil { // amounts alone: what is owed, and no cost of anything
		cost = Label{"zh-CN": "余额", "en-US": " amounts"}
	}
	l.Cost = k.entity("cost", costSuffix, cost)
	l.Balance = k.entity("balance", balanceSuffix, Label{"zh-CN": "结存", "en-US": " balances"})
	l.Entry = k.entity("entry", entrySuffix, Label{"zh-CN": "流水", "en-US": " entries"})
	k.entryFields(l.Entry)
	k.balanceFields(l.Balance)
	k.costFields(l.Cost)
	for _, e := range l.Kept() {
		k.indexReferences(e)
	}
}

func (k keeper) entity(key, suffix string, title Label) *Entity {
	l := k.l
	e := &Entity{ID: DeriveID(l.ID, ElementEntity, key, 0), Name: l.Name + suffix, Kept: l, Icon: l.Icon, Title: Label{}}
	for lang, text := range l.Title {
		if lang == DefaultLanguage {
			e.Title[lang] = text + title[DefaultLanguage]
			continue
		}
		e.Title[lang] = text + title["en-US"]
	}
	return e
}

func (k keeper) field(e *Entity, kind FieldKind, name, zh, en string) *Field {
	f := &Field{
		ID: DeriveID(e.ID, ElementField, name, 0), Name: name, Kind: kind, Entity: e, Title: Label{"zh-CN": zh, "en-US": en},
	}
	e.Fields = append(e.Fields, f)
	return f
}

func (k keeper) text(e *Entity, length int, name, zh, en string) *Field {
	f := k.field(e, Text, name, zh, en)
	f.MaxLength = length
	return f
}

// quantity adds a decimal that counts; sums have all digits that a decimal can have.
func (k keeper) quantity(e *Entity, name, zh, en string) {
	f := k.field(e, Decimal, name, zh, en)
	f.Precision, f.Scale = MaxPrecision, DecimalScale
	if q := k.l.Quantity; q != nil {
		f.Scale = q.Scale
	}
}

// The fields of a secondary quantity. They are there only where the ledger has one.
const (
	SecondaryQuantity         = "secondary_quantity"
	AskedSecondaryQuantity    = "asked_secondary_quantity"
	RunningSecondaryQuantity  = "running_secondary_quantity"
	ReservedSecondaryQuantity = "reserved_secondary_quantity"
)

// secondaryTitle is what people call a secondary quantity where its ledger doesn't say.
var secondaryTitle = Label{"zh-CN": "辅助数量", "en-US": "Secondary quantity"}

// secondary adds a decimal of the secondary quantity, called after what that is called.
func (k keeper) secondary(e *Entity, name string, title func(lang, text string) string) {
	q := k.l.Secondary
	if q == nil {
		return
	}
	f := k.field(e, Decimal, name, "", "")
	f.Precision, f.Scale, f.Title = MaxPrecision, q.Scale, Label{}
	for lang, text := range k.l.SecondaryTitle() {
		f.Title[lang] = title(lang, text)
	}
}

func plainTitle(_, text string) string { return text }

func askedTitle(lang, text string) string {
	if lang == DefaultLanguage {
		return "盘点" + text
	}
	return text + " counted"
}

func reservedTitle(lang, text string) string {
	if lang == DefaultLanguage {
		return "预留" + text
	}
	return "Reserved " + strings.ToLower(text)
}

func runningTitle(lang, text string) string {
	if lang == DefaultLanguage {
		return "结存" + text
	}
	return "Running " + strings.ToLower(text)
}

// SecondaryTitle is what people call the secondary quantity of a ledger.
func (l *Ledger) SecondaryTitle() Label {
	if l.Secondary == nil || len(l.Secondary.Title) == 0 {
		return secondaryTitle
	}
	return l.Secondary.Title
}

func (k keeper) money(e *Entity, name, zh, en string) {
	f := k.field(e, Money, name, zh, en)
	f.Precision, f.Scale = MaxPrecision, MoneyScale
	if v := k.l.Value; v != nil {
		f.Scale, f.Currency = v.Scale, v.Currency
	}
}

func (k keeper) rate(e *Entity, name, zh, en string) {
	f := k.field(e, Decimal, name, zh, en)
	f.Precision, f.Scale = MaxPrecision, unitCostScale
}

func (k keeper) choice(e *Entity, name, zh, en string) *Field {
	f := k.field(e, Choice, name, zh, en)
	f.Enum = &Enum{ID: f.ID, Private: true}
	return f
}

func option(f *Field, name string, title Label) {
	f.Enum.Options = append(f.Enum.Options, &Option{ID: DeriveID(f.ID, ElementOption, name, 0), Name: name, Title: title})
}

// dimension adds a dimension of the ledger. Its id follows from the dimension's, so that it keeps its values when the
// dimension gets another name.
func (k keeper) dimension(e *Entity, d *Field) {
	e.Fields = append(e.Fields, &Field{
		ID: DeriveID(e.ID, ElementField, "dimension "+string(d.ID), 0), Name: d.Name, Title: d.Title, Help: d.Help, Kind: d.Kind,
		Entity: e, Min: d.Min, Max: d.Max, MaxLength: d.MaxLength, OnDelete: d.OnDelete, Private: d.Private,
	})
}

func (k keeper) cost(e *Entity) *Field {
	f := k.field(e, Reference, "cost", "成本池", "Cost pool")
	f.OnDelete = Restrict
	return f
}

func (k keeper) entryFields(e *Entity) {
	k.field(e, Date, "day", "日期", "Day")
	k.field(e, Integer, "seq", "序号", "Sequence")
	verb := k.choice(e, "verb", "类型", "Type")
	for _, v := range entryVerbs {
		title := v.title
		if amount, found := amountVerbs[v.name]; found && k.l.Quantity == nil {
			title = amount
		}
		option(verb, v.name, title)
	}
	for _, d := range k.l.Dimensions {
		k.dimension(e, d)
	}
	k.text(e, keptKeyLength, "key", "维度键", "Key")
	cost := k.cost(e)
	k.quantity(e, "quantity", "数量", "Quantity")
	k.secondary(e, SecondaryQuantity, plainTitle)
	k.money(e, "value", "金额", "Value")
	k.quantity(e, "reserved", "预留数量", "Reserved")
	k.secondary(e, ReservedSecondaryQuantity, reservedTitle)
	k.field(e, Boolean, "given", "金额来自单据", "Value given")
	k.quantity(e, "asked", "盘点数量", "Quantity counted")
	k.secondary(e, AskedSecondaryQuantity, askedTitle)
	k.rate(e, "rate", "指定单位成本", "Unit cost set")
	k.rate(e, "share", "分摊权重", "Share")
	k.money(e, "extra", "附加金额", "Amount added")
	k.quantity(e, "remaining", "剩余数量", "Remaining")
	k.money(e, "remaining_value", "剩余金额", "Remaining value")
	open := k.field(e, Boolean, "open", "有剩余", "Open")
	k.quantity(e, "running_quantity", "结存数量", "Running quantity")
	k.secondary(e, RunningSecondaryQuantity, runningTitle)
	k.money(e, "running_value", "结存金额", "Running value")
	k.text(e, MaxName, EntrySource, "来源", "Source")
	document := k.text(e, keptIDLength, EntryDocument, "单据", "Document")
	code := k.text(e, DefaultTextLength, "code", "单号", "Document number")
	line := k.text(e, keptIDLength, EntryLine, "单据行", "Line")
	k.text(e, keptIDLength, "posting", "过账", "Posting")
	k.field(e, Integer, "leg", "分录", "Leg")
	origin := k.text(e, keptIDLength, "origin", "源流水", "Origin")
	k.text(e, keptIDLength, "from", "价值来源", "Value from")
	k.field(e, Boolean, "provisional", "暂估", "Provisional")
	k.field(e, Boolean, "voided", "已作废", "Voided")
	k.method(e, "method_before", "原计价方法", "Cost method before")
	k.method(e, "method", "新计价方法", "New cost method")
	e.Display = code
	day, seq := e.Fields[0], e.Fields[1]
	for _, fields := range [][]*Field{{cost, day, seq}, {document}, {line}, {day, seq}} {
		k.index(e, fields...)
	}
	// Of what is open, and what belongs to another entry, only such rows are in the index: see the store.
	k.index(e, open, cost, day, seq)
	k.index(e, origin)
}

func (k keeper) balanceFields(e *Entity) {
	for _, d := range k.l.Dimensions {
		k.dimension(e, d)
	}
	key := k.text(e, keptKeyLength, "key", "维度键", "Key")
	key.Unique = true
	cost := k.cost(e)
	k.quantity(e, "quantity", "数量", "Quantity")
	k.secondary(e, SecondaryQuantity, plainTitle)
	k.quantity(e, "reserved", "预留数量", "Reserved")
	k.secondary(e, ReservedSecondaryQuantity, reservedTitle)
	k.quantity(e, "available", "可用数量", "Available")
	k.group(e)
	k.field(e, Date, "first_day", "首次日期", "First day")
	k.field(e, Date, "last_day", "最近日期", "Last day")
	e.Display = e.Fields[0]
	k.index(e, cost)
}

// The fields of a balance that sum up all keys which are alike in the dimensions that reservations name. They are in the
// balance whose other dimensions are open.
const (
	GroupQuantity          = "group_quantity"
	GroupReserved          = "group_reserved"
	GroupSecondary         = "group_secondary_quantity"
	GroupReservedSecondary = "group_reserved_secondary_quantity"
)

// group adds what is summed up over several keys, where reservations may leave dimensions open. Its fields are others where
// other dimensions are named, so that no sum is taken for one over other keys.
func (k keeper) group(e *Entity) {
	if k.l.Levels() == nil {
		return
	}
	begin := len(e.Fields)
	k.quantity(e, GroupQuantity, "合计数量", "Quantity in all")
	k.quantity(e, GroupReserved, "合计预留", "Reserved in all")
	k.secondary(e, GroupSecondary, func(lang, text string) string { return groupTitle(lang, text) })
	k.secondary(e, GroupReservedSecondary, func(lang, text string) string { return groupTitle(lang, reservedTitle(lang, text)) })
	by := ""
	for _, d := range k.l.ReserveBy {
		by += " " + string(d.ID)
	}
	for _, f := range e.Fields[begin:] {
		f.ID = DeriveID(e.ID, ElementField, f.Name+by, 0)
	}
}

func groupTitle(lang, text string) string {
	if lang == DefaultLanguage {
		return "合计" + text
	}
	return text + " in all"
}

func (k keeper) costFields(e *Entity) {
	for _, d := range k.l.Dimensions {
		if slices.ContainsFunc(k.l.PoolDimensions(), func(p PoolDimension) bool { return p.Field == d }) {
			k.dimension(e, d)
		}
	}
	key := k.text(e, keptKeyLength, "key", "维度键", "Key")
	key.Unique = true
	k.method(e, "method", "计价方法", "Cost method")
	k.quantity(e, "quantity", "数量", "Quantity")
	k.secondary(e, SecondaryQuantity, plainTitle)
	k.money(e, "value", "金额", "Value")
	k.rate(e, "unit_cost", "单位成本", "Unit cost")
	k.quantity(e, "uncovered", "未到货已出数量", "Uncovered")
	k.field(e, Boolean, "provisional", "暂估", "Provisional")
	k.field(e, Date, "method_since", "计价方法起始日", "Cost method since")
	e.Display = e.Fields[0]
}

// method adds a choice of the methods of costing.
func (k keeper) method(e *Entity, name, zh, en string) {
	f := k.choice(e, name, zh, en)
	for _, word := range PolicyWords[PolicyCostMethod] {
		option(f, word, methodTitles[word])
	}
}

var methodTitles = map[string]Label{
	"average":  {"zh-CN": "移动加权平均", "en-US": "Moving average"},
	"month":    {"zh-CN": "全月一次加权平均", "en-US": "Month average"},
	"fifo":     {"zh-CN": "先进先出", "en-US": "First in, first out"},
	"lifo":     {"zh-CN": "后进先出", "en-US": "Last in, first out"},
	"batch":    {"zh-CN": "按批次", "en-US": "By batch"},
	"standard": {"zh-CN": "标准成本", "en-US": "Standard cost"},
	"none":     {"zh-CN": "不计成本", "en-US": "Not valued"},
}

func (k keeper) index(e *Entity, fields ...*Field) {
	key := &Key{Fields: fields}
	key.ID = DeriveID(e.ID, ElementIndex, key.Key(), 0)
	e.Indexes = append(e.Indexes, key)
}

// indexReferences lets what an item or a warehouse has be found without a scan.
func (k keeper) indexReferences(e *Entity) {
	for i, d := range k.l.Dimensions {
		if f := k.l.DimensionOf(e, i); f != nil && d.Kind == Reference {
			k.index(e, f)
		}
	}
}

// Keeps tells whether an action would write what a ledger keeps, which nobody may, the system included.
func (e *Entity) Keeps(action Action) bool {
	return e.Kept != nil && action != ActRead && action != ActExport
}

// Link sets what only the whole app knows: where the dimensions point, and what they choose from.
func (l *Ledger) Link() {
	l.Scope.columns = l.Scope.Fields
	for i, f := range l.Scope.Fields {
		f.Slot, f.Entity = i, l.Scope
	}
	for _, e := range l.Kept() {
		for i, d := range l.Dimensions {
			if f := l.DimensionOf(e, i); f != nil {
				f.Target, f.Enum = d.Target, d.Enum
			}
		}
		if f := e.fieldNamed("cost"); f != nil && e != l.Cost {
			f.Target = l.Cost
		}
	}
}

func (e *Entity) fieldNamed(name string) *Field {
	for _, f := range e.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// DimensionOf is the field of a kept entity that holds dimension i; nil when it holds it not.
func (l *Ledger) DimensionOf(e *Entity, i int) *Field {
	id := DeriveID(e.ID, ElementField, "dimension "+string(l.Dimensions[i].ID), 0)
	for _, f := range e.Fields {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// keptNames are the names of what a ledger keeps, which no dimension may bear.
var keptNames = []string{
	"asked", "asked_secondary_quantity", "available", "code", "cost", "day", "document", "extra", "first_day", "from", "given", "group_quantity", "group_reserved", "group_reserved_secondary_quantity", "group_secondary_quantity", "key", "last_day", "leg", "line", "method", "method_before", "method_since", "open", "origin",
	"posting", "provisional", "quantity", "rate", "remaining", "remaining_value", "reserved", "reserved_secondary_quantity", "running_quantity", "running_secondary_quantity", "running_value",
	"secondary_quantity", "seq", "share", "source", "uncovered", "unit_cost", "value", "verb", "voided",
}

// technical are the kept fields by which rows find each other: people read the document's number and the dimensions.
var technical = map[string]bool{
	"document": true, "from": true, GroupQuantity: true, GroupReserved: true, GroupSecondary: true, GroupReservedSecondary: true, "key": true, "leg": true, "line": true, "origin": true, "posting": true, "share": true,
}

// counting are the kept fields that say something only where a ledger counts.
var counting = map[string]bool{
	"asked": true, "available": true, "cost": true, "extra": true, "given": true, "method": true, "method_before": true, "open": true, "provisional": true,
	"quantity": true, "rate": true, "remaining": true, "remaining_value": true, "reserved": true, "running_quantity": true, "uncovered": true,
	"unit_cost": true,
}

// Technical tells whether a field means nothing to people, though it may be asked for.
func (f *Field) Technical() bool {
	if f.Entity == nil || f.Entity.Kept == nil {
		return false
	}
	return technical[f.Name] || counting[f.Name] && f.Entity.Kept.Quantity == nil
}

// IsKeptName tells whether a ledger keeps something of this name, so that no dimension may be called so.
func IsKeptName(name string) bool {
	_, found := slices.BinarySearch(keptNames, name)
	return found
}

// KeptElements lists what the app's ledgers keep: entities that sit in their ledger, fields that sit in their entity
// or, where they hold a dimension, in the dimension. They are in no document and so not among Elements.
func (a *App) KeptElements() []Element {
	var out []Element
	for _, l := range a.Ledgers {
		for _, e := range l.Kept() {
			if e != nil {
				out = append(out, l.keptElements(e)...)
			}
		}
	}
	return out
}

// keptElements lists a kept entity and what is in it.
func (l *Ledger) keptElements(e *Entity) []Element {
	doc := DocKey{KindLedger, l.Name}
	element := func(id, parent ID, kind ElementKind, name string, title Label, object any) Element {
		return Element{ID: id, Parent: parent, Kind: kind, Name: name, Key: name, Title: title, Path: doc.Pointer(), Document: doc, Object: object}
	}
	out := []Element{element(e.ID, l.ID, ElementEntity, e.Name, e.Title, e)}
	of := map[ID]ID{}
	for i, d := range l.Dimensions {
		if f := l.DimensionOf(e, i); f != nil {
			of[f.ID] = d.ID
		}
	}
	for _, f := range e.Fields {
		if d := of[f.ID]; d != "" {
			out = append(out, element(f.ID, d, ElementField, f.Name, f.Title, f))
			continue // its options are the dimension's
		}
		out = append(out, element(f.ID, e.ID, ElementField, f.Name, f.Title, f))
		if f.Enum == nil {
			continue
		}
		for _, o := range f.Enum.Options {
			out = append(out, element(o.ID, f.ID, ElementOption, o.Name, o.Title, o))
		}
	}
	return out
}
