package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Bounds of an explanation.
const (
	maxExplainInputs = 200 // values that a formula reads, shown in one explanation
	maxExplainRows   = 50  // rows behind a value on one page
	maxExplainScan   = 500 // rows that one page looks at: of those that don't count, and those that may not be seen
)

// ExplainRequest asks why a value is what it is. Field is a field's name, or "lines.amount" with the id of the line.
type ExplainRequest struct {
	Field     string
	Line      string
	PageToken string // of the rows behind the value
}

// The kinds of values that an explanation tells apart.
const (
	explainFormula = "formula"
	explainRollup  = "rollup"
	explainLedger  = "ledger" // kept by a ledger
	explainQuery   = "query"  // an aggregate that a formula asks for
	explainNumber  = "number"
	explainSystem  = "system"
	explainEntered = "entered"
)

type explanation struct {
	Entity      string          `json:"entity"`
	Record      string          `json:"record"`
	Line        string          `json:"line,omitempty"`
	Field       string          `json:"field"`
	Title       metamodel.Label `json:"title"`
	Kind        string          `json:"kind"`
	Value       json.RawMessage `json:"value"`
	Formula     string          `json:"formula,omitempty"` // left out where it names what the asker may not read
	Rollup      *rollupJSON     `json:"rollup,omitempty"`
	Inputs      []explainInput  `json:"inputs,omitempty"`
	Rows        []explainRow    `json:"rows,omitempty"`
	Hidden      int             `json:"hidden,omitempty"` // inputs and rows of this page that the asker may not see
	More        bool            `json:"more,omitempty"`   // there are more inputs than are shown
	Computing   bool            `json:"computing,omitempty"`
	Provisional bool            `json:"provisional,omitempty"`
	Changed     *changedJSON    `json:"changed,omitempty"`
	Next        string          `json:"next_page_token,omitempty"`
}

type rollupJSON struct {
	Function string          `json:"function"`
	Entity   string          `json:"entity"`
	Title    metamodel.Label `json:"title"`
	Field    string          `json:"field"`
	Value    string          `json:"value,omitempty"`
	Where    string          `json:"where,omitempty"`
}

// explainInput is a value that a formula reads, with the place that it was read from.
type explainInput struct {
	Path   string          `json:"path"`
	Title  metamodel.Label `json:"title"`
	Kind   string          `json:"kind"`
	Entity string          `json:"entity,omitempty"`
	Record string          `json:"record,omitempty"`
	Line   string          `json:"line,omitempty"`
	Field  string          `json:"field,omitempty"`
	Value  json.RawMessage `json:"value"`
}

// explainRow is a row behind a value, with what it gives to it.
type explainRow struct {
	Entity   string          `json:"entity"`
	Record   string          `json:"record"`
	Line     string          `json:"line,omitempty"`
	Field    string          `json:"field,omitempty"` // the field of the row whose value this is
	Kind     string          `json:"kind,omitempty"`  // of that field
	Value    json.RawMessage `json:"value"`
	Of       []string        `json:"of,omitempty"` // of what a ledger keeps: its dimensions, as ids that have texts or as they are
	Day      string          `json:"day,omitempty"`
	Document *explainDoc     `json:"document,omitempty"` // of an entry of a ledger: what posted it
}

type explainDoc struct {
	Entity string `json:"entity"`
	Record string `json:"record"`
}

type changedJSON struct {
	At     string `json:"at"`
	Actor  string `json:"actor"`
	Action string `json:"action"`
}

// explainer finds out why values are what they are, with what its asker may read and nothing else.
type explainer struct {
	*world
	engine *Engine
	texts  *displays
	out    *explanation
}

// Explain says why a value of a record is what it is: the formula with what it reads, the rows behind a roll-up, the
// entries behind what a ledger keeps, or who entered it. What the asker may not read is counted, and neither named nor
// valued.
func (e *Engine) Explain(ctx context.Context, c Call, entity, id string, req ExplainRequest) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	if _, err := c.require(ent, metamodel.ActRead); err != nil {
		return nil, err
	}
	w := e.newWorld(c, e.store.Reader())
	x := &explainer{world: w, engine: e, texts: w.displays()}
	at, err := x.visit(ctx, ent, id)
	if err != nil {
		return nil, err
	}
	if at == nil {
		return nil, diag.Refuse("record.not_found", "")
	}
	at, f, err := x.target(at, req)
	if err != nil {
		return nil, err
	}
	if err := x.explain(ctx, at, f, req.PageToken); err != nil {
		return nil, err
	}
	if err := x.texts.find(ctx); err != nil {
		return nil, err
	}
	b, err := json.Marshal(x.out)
	if err != nil {
		return nil, fmt.Errorf("write an explanation: %w", err)
	}
	return &Result{Body: append(x.texts.append(append(b[:len(b)-1], ',')), '}')}, nil
}

// target finds the field that is asked about, and its line.
func (x *explainer) target(at *place, req ExplainRequest) (*place, *metamodel.Field, error) {
	unknown := diag.Refuse("query.field_unknown", "", "field", clip(req.Field), "parameter", "field")
	name, inner, ofLine := strings.Cut(req.Field, ".")
	f := at.entity.ByName(name)
	if f == nil || !x.open(f) || ofLine != (f.Kind == metamodel.Lines) {
		return nil, nil, unknown
	}
	if !ofLine {
		return at, f, nil
	}
	lines, _ := at.row[f.Slot].([]value.Row)
	inside := at.entity.LinesOf(f).Entity
	lf := inside.ByName(inner)
	if lf == nil || !x.open(lf) {
		return nil, nil, unknown
	}
	for _, row := range lines {
		if row[metamodel.LineSlotID] == req.Line {
			return &place{entity: inside, row: row, doc: at}, lf, nil
		}
	}
	return nil, nil, diag.Refuse("record.not_found", "")
}

// open tells whether the asker may see values of a field.
func (x *explainer) open(f *metamodel.Field) bool {
	may := x.call.decide(f.Entity, metamodel.ActRead)
	if !may.allow() || !may.open(f) {
		return false
	}
	return !f.Entity.IsLines() || may.open(f.Entity.Via)
}

// visit reads a record with its lines; nil where the asker may not see it, or it isn't there.
func (x *explainer) visit(ctx context.Context, ent *compile.Entity, id string) (*place, error) {
	if ent.IsLines() {
		return x.visitLine(ctx, ent, id)
	}
	may := x.call.decide(ent.Entity, metamodel.ActRead)
	if !may.allow() {
		return nil, nil
	}
	row, err := x.getAny(ctx, ent, id, may)
	if p, told := asProblem(err); told && p.First().Code == "record.not_found" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, l := range ent.Lines {
		if err := x.readLines(ctx, l.Field, []value.Row{row}); err != nil {
			return nil, err
		}
	}
	return &place{entity: ent, row: row}, nil
}

// valueAt is the value of a field at a place, worked out where it isn't kept.
func (x *explainer) valueAt(ctx context.Context, at *place, f *metamodel.Field) (any, error) {
	if f.Computed() && !f.Stored {
		var parent value.Row
		if at.doc != nil {
			parent = at.doc.row
		}
		if err := x.fillVirtual(ctx, []*metamodel.Field{f}, []value.Row{at.row}, parent, true); err != nil {
			return nil, err
		}
	}
	return at.row[f.Slot], nil
}

func kindOf(f *metamodel.Field) string {
	switch {
	case f.Rollup != nil:
		return explainRollup
	case f.Computed():
		return explainFormula
	case f.Entity.Kept != nil:
		return explainLedger
	case f.System:
		return explainSystem
	case f.Kind == metamodel.Number:
		return explainNumber
	}
	return explainEntered
}

func (x *explainer) explain(ctx context.Context, at *place, f *metamodel.Field, token string) error {
	v, err := x.valueAt(ctx, at, f)
	if err != nil {
		return err
	}
	x.texts.value(f, v)
	x.out = &explanation{
		Entity: at.unit(), Record: at.record(), Line: at.line(), Field: at.named(f), Title: f.Title, Kind: kindOf(f),
		Value: appendValue(nil, v),
	}
	if u := x.call.Snap.Unsettled(); u != nil {
		x.out.Computing = u.Told[f]
	}
	if p := at.entity.ByName("provisional"); p != nil && at.entity.Kept != nil {
		x.out.Provisional, _ = at.row[p.Slot].(bool)
	}
	switch x.out.Kind {
	case explainRollup:
		return x.ofRollup(ctx, at, f, token)
	case explainFormula:
		return x.ofFormula(ctx, at, f)
	case explainLedger:
		return x.ofLedger(ctx, at, f, token)
	}
	if at.doc != nil {
		return nil
	}
	return x.ofPerson(ctx, at, f)
}

// ofPerson says who gave a value its present state, and when.
func (x *explainer) ofPerson(ctx context.Context, at *place, f *metamodel.Field) error {
	entries, err := x.engine.store.Reader().History(ctx, at.entity.ID, at.record(), 0, maxHistoryPage)
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	for _, entry := range entries {
		var change changeJSON
		if err := json.Unmarshal(entry.Data, &change); err != nil {
			return fmt.Errorf("read a journal entry: %w", err)
		}
		if _, has := change.After[f.ID]; !has {
			continue
		}
		x.texts.mention(x.texts.users, entry.Actor)
		x.out.Changed = &changedJSON{At: value.FormatDateTime(entry.At), Actor: entry.Actor, Action: entry.Action}
		return nil
	}
	return nil
}

// ofFormula lists what a formula reads.
func (x *explainer) ofFormula(ctx context.Context, at *place, f *metamodel.Field) error {
	p := x.call.Snap.Computed(f)
	walks := p.Walks()
	secret := false
	for _, walk := range walks {
		if walk.Field.Kind == metamodel.Lines || leadsOn(walk, walks) {
			continue
		}
		places, hidden, err := x.follow(ctx, at, walk.Way)
		if err != nil {
			return err
		}
		if !x.open(walk.Field) {
			secret, hidden, places = true, hidden+max(1, len(places)), nil
		}
		x.out.Hidden += hidden
		for _, there := range places {
			if err := x.input(ctx, there, walk); err != nil {
				return err
			}
		}
	}
	x.asked(ctx, at, p, &secret)
	if !secret {
		x.out.Formula = f.Formula.Source
	}
	return nil
}

// leadsOn tells whether a walk only leads to what another one reads.
func leadsOn(walk expr.Walk, all []expr.Walk) bool {
	if !walk.Field.Kind.IsReference() {
		return false
	}
	way := append(slices.Clone(walk.Way), walk.Field)
	return slices.ContainsFunc(all, func(w expr.Walk) bool {
		return len(w.Way) >= len(way) && slices.Equal(w.Way[:len(way)], way)
	})
}

func (x *explainer) input(ctx context.Context, there *place, walk expr.Walk) error {
	if len(x.out.Inputs) >= maxExplainInputs {
		x.out.More = true
		return nil
	}
	f := walk.Field
	v, err := x.valueAt(ctx, there, f)
	if err != nil {
		return err
	}
	x.texts.value(f, v)
	x.mention(there)
	path := append(slices.Clone(walk.Way), f)
	x.out.Inputs = append(x.out.Inputs, explainInput{
		Path: path.String(), Title: columnTitle(path), Kind: kindOf(f), Entity: there.unit(), Record: there.record(),
		Line: there.line(), Field: there.named(f), Value: appendValue(nil, v),
	})
	return nil
}

// mention asks for the text of a place's record.
func (x *explainer) mention(at *place) {
	for at.doc != nil {
		at = at.doc
	}
	if ids := x.texts.records[at.entity.Entity]; ids == nil {
		x.texts.records[at.entity.Entity] = map[string]bool{}
	}
	x.texts.mention(x.texts.records[at.entity.Entity], at.record())
}

// asked lists the aggregates over other entities that a formula asks for, as far as the asker may see all that they are
// made of.
func (x *explainer) asked(ctx context.Context, at *place, p *compile.Program, secret *bool) {
	act := x.activation(ctx, at.row)
	if at.doc != nil {
		act.Parent = at.doc.row
	}
	p.Tree().Walk(func(n *expr.Node) bool {
		if n.Op != expr.OpQuery {
			return true
		}
		if !x.sees(n) {
			x.out.Hidden++
			*secret = true
			return true
		}
		in := explainInput{Path: expr.Print(n), Title: n.Query.Entity.Title, Kind: explainQuery, Entity: n.Query.Entity.Name, Value: json.RawMessage("null")}
		if v, err := x.env.Model.EvalNode(n, act); err == nil { // else it hangs on a loop's variable, or has no value
			in.Value = appendValue(nil, v)
		}
		x.out.Inputs = append(x.out.Inputs, in)
		return true
	})
}

// sees tells whether the asker may see every record and field that an aggregate is made of.
func (x *explainer) sees(n *expr.Node) bool {
	may := x.call.decide(n.Query.Entity, metamodel.ActRead)
	if !may.allow() || may.rows() != nil {
		return false
	}
	all := true
	n.Walk(func(m *expr.Node) bool {
		all = all && (m.Op != expr.OpField || m.Field == nil || x.open(m.Field))
		return all
	})
	return all
}
