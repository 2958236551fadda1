package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Why explains a decision to the person whom it is about: which roles grant the action, under which row rules and
// field masks, or what is missing. With an id it also says whether that record lies inside the rows; a record
// that the actor may not read is as absent here as anywhere.
func (e *Engine) Why(ctx context.Context, c Call, entity, id, action string) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	if action == "" {
		action = string(metamodel.ActRead)
	}
	why := c.Snap.Permissions.Why(c.Actor, ent.Entity, metamodel.Action(action))
	if c.documentReader() != nil {
		c.withhold(why, ent)
	}
	out := map[string]any{
		"entity": entity, "action": action, "allowed": why.Allow, "all_rows": why.AllRows,
		"explanation": strings.Split(why.Text(c.Locale), "\n"), "grants": grantsOf(why), "could": roleNames(why.Could),
	}
	if id != "" {
		read, err := c.require(ent, metamodel.ActRead)
		if err != nil {
			return nil, err
		}
		w := e.newWorld(c, e.store.Reader())
		row, err := w.getAny(ctx, ent, id, read)
		if err != nil {
			return nil, err
		}
		may := c.decide(ent.Entity, metamodel.Action(action))
		inside := may.allow()
		if rows := may.rows(); inside && rows != nil {
			v, err := w.env.Model.EvalNode(rows, w.activation(ctx, row))
			inside, _ = v.(bool)
			inside = inside && err == nil
		}
		out["record"] = map[string]any{"id": id, "inside_rows": inside}
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("write the explanation: %w", err)
	}
	return &Result{Body: body}, nil
}

// withhold takes out of an explanation what the actor may not know: that a field is hidden from him, and row rules
// that name such a field.
func (c Call) withhold(why *policy.Explanation, ent *compile.Entity) {
	l := &lister{call: c, entity: ent, may: c.decide(ent.Entity, metamodel.ActRead)}
	secret := false
	for _, rows := range c.decide(ent.Entity, why.Action).Rows {
		rows.Walk(func(n *expr.Node) bool {
			secret = secret || n.Op == expr.OpField && !l.readable(n.Field) || n.Query != nil
			return !secret
		})
	}
	why.Lines = slices.DeleteFunc(why.Lines, func(d diag.Diagnostic) bool {
		return d.Code == "access.why_hidden" || secret && d.Code == "access.why_rows"
	})
	for i := range why.Grants {
		if secret {
			why.Grants[i].Rows = nil
		}
	}
}

type grantJSON struct {
	Role    string   `json:"role"`
	Through []string `json:"through,omitempty"`
	Rows    string   `json:"rows,omitempty"`
}

func grantsOf(why *policy.Explanation) []grantJSON {
	out := []grantJSON{}
	for _, g := range why.Grants {
		j := grantJSON{Role: g.Role.Name}
		if len(g.Through) > 0 {
			j.Through = roleNames(g.Through)
		}
		if g.Rows != nil {
			j.Rows = g.Rows.Source
		}
		out = append(out, j)
	}
	return out
}

func roleNames(roles []*metamodel.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = r.Name
	}
	return out
}
