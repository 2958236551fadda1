package server

import (
	"context"
	"fmt"
	"log/slog"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// verifyApp works out again all that an app keeps, and names what differs.
func verifyApp(ctx context.Context, t *terminal, args []string) error {
	if len(args) != 1 || !metamodel.IsName(args[0]) {
		return usage("verify")
	}
	return t.withStore(ctx, false, func(st *store.Store, log *slog.Logger) error {
		e, err := openEngine(ctx, st, log, t.now)
		if err != nil {
			return err
		}
		found, err := e.VerifyApp(ctx, engine.Call{Actor: policy.Itself(), Now: engine.Instant(t.now()), Locale: t.lang}, args[0])
		if err != nil {
			return err
		}
		for i := range found.Differences {
			t.say(found.Differences[i].String())
		}
		if found.Truncated {
			t.say(t.in(diag.Text{ZH: "……还有更多差异。", EN: "… there are more differences."}))
		}
		n := found.Checked
		t.say(fmt.Sprintf(t.in(diag.Text{
			ZH: "已核对：账本 %d 本，汇总 %d 个值，公式 %d 个值，预先统计 %d 组。",
			EN: "verified: %d ledgers, %d values of roll-ups, %d values of formulas, %d groups of kept aggregates.",
		}), n.Ledgers, n.Rollups, n.Formulas, n.Aggregates))
		if count := len(found.Differences); count > 0 {
			return diag.Refuse("verify.differs", "", "app", args[0], "count", count)
		}
		return nil
	})
}
