package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"tenon/metamodel/diag"
)

func TestReadConfig(t *testing.T) {
	c, err := ReadConfig([]string{"PATH=/bin", "TENON_PUBLIC_URL=https://ERP.example.com/", "TENON_LOG=debug,json", "TENON_TRUSTED_PROXIES=10.0.0.1, 192.168.3.4/16"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != DefaultAddr || c.Data != DefaultData || !c.SQLiteFullSync || c.MetricsAddr != "" {
		t.Errorf("defaults: %+v", c)
	}
	if c.PublicURL != "https://erp.example.com" || c.LogLevel != slog.LevelDebug || !c.LogJSON {
		t.Errorf("values: %+v", c)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("192.168.0.0/16")}
	if fmt.Sprint(c.TrustedProxies) != fmt.Sprint(want) {
		t.Errorf("proxies: %v", c.TrustedProxies)
	}
}

// All problems come at once, and no value is repeated.
func TestReadConfigProblems(t *testing.T) {
	_, err := ReadConfig([]string{
		"TENON_ADDR=localhost", "TENON_DATABASE_URL=mysql://u:hunter2@h/d", "TENON_SETUP_TOKEN=hunter2",
		"TENON_PUBLIC_URL=ftp://x", "TENON_LOG=loud", "TENON_SQLITE_SYNC=off", "TENON_TRUSTED_PROXIES=all", "TENON_METRICS_ADDR=1", "TENON_ADRR=:1",
	})
	var p *diag.Problem
	if !errors.As(err, &p) {
		t.Fatal("no problem", err)
	}
	if len(p.List) != 9 {
		t.Errorf("%d problems: %v", len(p.List), p.List)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("a secret in the error")
	}
}

func TestSecretHides(t *testing.T) {
	s := NewSecret("hunter2")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", Config{DatabaseURL: s}, "url", s)
	j, err := json.Marshal(map[string]any{"a": s, "b": Config{DatabaseURL: s}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{log.String(), string(j), fmt.Sprintf("%v %+v %#v %s", s, Config{SetupToken: s}, s, s)} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("leaked: %s", text)
		}
	}
	if s.Reveal() != "hunter2" {
		t.Error("reveal")
	}
}
