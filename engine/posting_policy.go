package engine

import (
	"context"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// policy evaluates one of a ledger's policies for a key. What answers the same for every key is asked once, and kept in
// general.
func (w *writer) policy(ctx context.Context, c *compile.Ledger, program *compile.Program, dims []any, general map[*compile.Program]any) (any, error) {
	if v, known := general[program]; known {
		return v, nil
	}
	v, err := w.eval(ctx, nil, program, w.activation(ctx, value.Row(dims)))
	if err != nil && !isNull(err) {
		return nil, err
	}
	if c.General[program] {
		general[program] = v
	}
	return v, nil
}

// policies evaluates a ledger's policies for a key.
func (w *writer) policies(ctx context.Context, l *metamodel.Ledger, dims []any, general map[*compile.Program]any) (ledger.Policies, error) {
	c := w.call.Snap.LedgerByID(l.ID)
	var failed error
	get := func(p metamodel.Policy) any {
		if program := c.Policies[p]; program != nil && failed == nil {
			v, err := w.policy(ctx, c, program, dims, general)
			if err != nil {
				failed = fmt.Errorf("policy %s of %s: %w", p, l.Name, err)
				return nil
			}
			if v != nil && v != "" {
				return v
			}
		}
		if word, ok := metamodel.PolicyDefaults[p]; ok {
			return word
		}
		return nil
	}
	word := func(p metamodel.Policy) string {
		s, _ := get(p).(string)
		if failed == nil && !p.Allows(s) && (s != "" || metamodel.PolicyDefaults[p] != "") {
			failed = diag.Refuse("ledger.policy_unknown", "", "ledger", l.Title.In(w.call.Locale), "policy", string(p), "word", clip(s), "allowed", metamodel.PolicyWords[p])
		}
		return s
	}
	number := func(p metamodel.Policy) *value.Decimal {
		switch v := get(p).(type) {
		case value.Decimal:
			return &v
		case int64:
			d := value.NewDecimal(v, 0)
			return &d
		}
		return nil
	}
	from, _ := get(metamodel.PolicyMethodFrom).(value.Date)
	policies := ledger.Policies{
		CostMethod: word(metamodel.PolicyCostMethod), Negative: word(metamodel.PolicyNegative), NegativeLimit: number(metamodel.PolicyNegativeLimit),
		NegativeVariance: word(metamodel.PolicyNegativeVariance), CustomerReturn: word(metamodel.PolicyCustomerReturn),
		SupplierReturn: word(metamodel.PolicySupplierReturn), Variance: word(metamodel.PolicyVariance),
		StandardCost: number(metamodel.PolicyStandardCost), Backdate: word(metamodel.PolicyBackdate), Reserve: word(metamodel.PolicyReserve),
	}
	if from != 0 {
		policies.MethodFrom = &from
	}
	policies.ReservedCheck = func(context.Context) (string, error) { return word(metamodel.PolicyReservedCheck), failed }
	return policies, failed
}
