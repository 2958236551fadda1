package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// auditVerify walks the whole chain of the audit log and names the first entry that is not what was written.
func auditVerify(ctx context.Context, t *terminal, args []string) error {
	if len(args) != 1 || args[0] != "verify" {
		return usage("audit")
	}
	return t.withStore(ctx, false, func(st *store.Store, _ *slog.Logger) error {
		report, err := st.VerifyAudit(ctx)
		if err != nil {
			return err
		}
		if b := report.Break; b != nil {
			return diag.Refuse("audit.broken", "", "seq", b.Seq, "position", b.Position, "reason", b.Reason, "sealed", report.Sealed)
		}
		t.say(fmt.Sprintf("%s %d + %d, %x", t.in(diag.Text{ZH: "审计链完整：", EN: "the chain is whole:"}), report.Sealed, report.Unsealed, report.Head.Hash))
		return nil
	})
}

// askTimeout is how long the health command waits.
const askTimeout = 3 * time.Second

// askHealth asks the server on this machine whether it is ready: for container health checks.
func askHealth(_ context.Context, t *terminal, args []string) error {
	if len(args) != 0 {
		return usage("health")
	}
	c, err := ReadConfig(t.environ)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return fmt.Errorf("ask health: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	client := fasthttp.Client{ReadTimeout: askTimeout, WriteTimeout: askTimeout, MaxResponseBodySize: maxPlatformBytes}
	status, body, err := client.GetTimeout(nil, "http://"+net.JoinHostPort(host, port)+"/readyz", askTimeout)
	if err != nil {
		return fmt.Errorf("ask health: %w", err)
	}
	t.say(string(body))
	if status != fasthttp.StatusOK {
		return diag.Refuse("request.busy", "")
	}
	return nil
}
