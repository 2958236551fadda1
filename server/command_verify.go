package server

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// verifyApp proves the ledgers of an app from their entries, and names what differs.
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
		count := 0
		for _, name := range slices.Sorted(maps.Keys(found)) {
			count += len(found[name])
			for _, d := range found[name] {
				t.say(d)
			}
			if len(found[name]) == 0 {
				t.say(fmt.Sprintf("%s: %s", name, t.in(diag.Text{ZH: "与流水一致。", EN: "as its entries make it."})))
			}
		}
		if count > 0 {
			return diag.Refuse("ledger.differs", "", "count", count)
		}
		return nil
	})
}
