package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tenon/engine/policy"
	"tenon/metamodel"
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
