package lower

import (
	"encoding/json"
	"fmt"
	"math"

	"tenon/engine/query"
)

// MaxExact is how far an estimated count is exact: SQLite has no statistics worth asking and counts that far.
const MaxExact = 10_000

// Estimate lowers the question about how many records a list has. On PostgreSQL the result is a query plan that
// PlanRows reads; on SQLite it is a count that stops at MaxExact.
func Estimate(d Dialect, q *query.Select, env *query.Env) (*Statement, error) {
	c, err := Compile(d, q, env)
	if err != nil {
		return nil, err
	}
	return c.Estimate(InputsOf(q), env)
}

// Estimate binds the estimate of the compiled question.
func (c *Compiled) Estimate(in Inputs, env *query.Env) (*Statement, error) {
	if c.plan.d == SQLite {
		return c.CountUpTo(in, env, MaxExact)
	}
	in.After, in.Skip, in.Limit = nil, 0, 0
	r, err := c.request(in, env)
	if err != nil {
		return nil, err
	}
	t, err := c.plan.text(r.shape("estimate", 0), r.e, func(b *build) (*text, error) {
		root, where, err := r.where(b)
		if err != nil {
			return nil, err
		}
		return &text{sql: "EXPLAIN (FORMAT JSON) SELECT 1 FROM " + root.level.from(root) + whereSQL(where)}, nil
	})
	if err != nil {
		return nil, err
	}
	return t.statement(r.e)
}

// PlanRows reads the row count out of a plan as PostgreSQL's EXPLAIN (FORMAT JSON) gives it.
func PlanRows(src any) (int64, error) {
	s, ok := textOf(src)
	if !ok {
		return 0, fmt.Errorf("read query plan from %T: %w", src, ErrValue)
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"` //nolint:tagliatelle // PostgreSQL's own name
		}
	}
	if err := json.Unmarshal([]byte(s), &plans); err != nil {
		return 0, fmt.Errorf("read query plan: %w", err)
	}
	if len(plans) != 1 || plans[0].Plan.Rows < 0 || plans[0].Plan.Rows > math.MaxInt32*1e6 {
		return 0, fmt.Errorf("read query plan: %w", ErrValue)
	}
	return int64(plans[0].Plan.Rows), nil
}
