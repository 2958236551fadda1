package server

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"tenon/metamodel/diag"
)

// Config is what the environment says about how to run. Every value has been checked.
type Config struct {
	Addr           string // where to listen, host:port
	Data           string // directory of the embedded database and of files
	DatabaseURL    Secret // postgres://…; empty means the embedded database in Data
	SetupToken     Secret // what the first administrator must present; empty = one is made and logged
	PublicURL      string // how people reach this server, without a slash at the end; empty = as asked
	LogLevel       slog.Level
	LogJSON        bool
	SQLiteFullSync bool           // fsync on every commit of the embedded database
	TrustedProxies []netip.Prefix // whose X-Forwarded-* headers count
	MetricsAddr    string         // a second listener for /metrics alone; empty = none
	Warnings       diag.List      // what is odd but stops nothing

	readTimeout time.Duration // how long a request may take to come; 0 is the constant of that name
}

// Defaults of the configuration.
const (
	DefaultAddr = "127.0.0.1:8080" // where to listen
	DefaultData = "data"           // where data are
)

// variables are the environment variables that Tenon reads, with what each must be.
var variables = []struct {
	name  string
	usage diag.Text
}{
	{"TENON_ADDR", diag.Text{ZH: "监听地址，主机:端口，默认 " + DefaultAddr, EN: "address to listen on, host:port; default " + DefaultAddr}},
	{"TENON_DATA", diag.Text{ZH: "数据目录，默认 " + DefaultData, EN: "data directory; default " + DefaultData}},
	{"TENON_DATABASE_URL", diag.Text{ZH: "PostgreSQL 地址 postgres://…；不设则用数据目录里的内置数据库", EN: "PostgreSQL at postgres://…; unset means the embedded database in the data directory"}},
	{"TENON_SETUP_TOKEN", diag.Text{ZH: "首次设置管理员时的一次性口令，至少 16 个字符；不设则自动生成并写入日志", EN: "one-time token for setting up the first administrator, at least 16 characters; unset means one is made and logged"}},
	{"TENON_PUBLIC_URL", diag.Text{ZH: "用户访问本系统的地址，https://…", EN: "how people reach this server, https://…"}},
	{"TENON_LOG", diag.Text{ZH: "日志级别 debug、info、warn、error，可加 ,json", EN: "log level debug, info, warn or error, optionally followed by ,json"}},
	{"TENON_SQLITE_SYNC", diag.Text{ZH: "内置数据库的落盘方式：normal 或 full，默认 full", EN: "when the embedded database syncs to disk: normal or full; default full"}},
	{"TENON_TRUSTED_PROXIES", diag.Text{ZH: "可信代理的地址或网段，逗号分隔，默认没有", EN: "addresses or networks of trusted proxies, separated by commas; default none"}},
	{"TENON_METRICS_ADDR", diag.Text{ZH: "只提供 /metrics 的第二个监听地址", EN: "a second address that serves /metrics alone"}},
}

// minSetupToken is how many characters a set-up token must have, so that it can't be guessed.
const minSetupToken = 16

// ReadConfig reads the environment given as "NAME=value" entries. All problems come at once.
func ReadConfig(environ []string) (Config, error) {
	r := configReader{env: map[string]string{}}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && strings.HasPrefix(name, "TENON_") {
			r.env[name] = strings.TrimSpace(value)
		}
	}
	r.warnUnknown()
	level, asJSON := r.log("TENON_LOG")
	c := Config{
		Addr:           r.addr("TENON_ADDR", DefaultAddr),
		Data:           r.text("TENON_DATA", DefaultData),
		DatabaseURL:    NewSecret(r.databaseURL("TENON_DATABASE_URL")),
		SetupToken:     NewSecret(r.setupToken("TENON_SETUP_TOKEN")),
		PublicURL:      r.publicURL("TENON_PUBLIC_URL"),
		LogLevel:       level,
		LogJSON:        asJSON,
		SQLiteFullSync: r.choice("TENON_SQLITE_SYNC", "full", "normal") == "full",
		TrustedProxies: r.prefixes("TENON_TRUSTED_PROXIES"),
		MetricsAddr:    r.addr("TENON_METRICS_ADDR", ""),
	}
	if err := r.list.Err(); err != nil {
		return Config{}, err
	}
	c.Warnings = r.list
	return c, nil
}

type configReader struct {
	env  map[string]string
	list diag.List
}

// warnUnknown finds misspelt variables. They don't stop the start: other tools may use the prefix, too.
func (r *configReader) warnUnknown() {
	known := make([]string, len(variables))
	for i, v := range variables {
		known[i] = v.name
	}
	for name := range r.env {
		if !slices.Contains(known, name) {
			r.list = append(r.list, diag.Warn("config.variable_unknown", "/"+name, "name", name, "known", known))
		}
	}
	r.list.Sort()
}

// malformed reports a variable by what it must be. The value is not repeated: it may be a secret.
func (r *configReader) malformed(name, expected string) {
	r.list.Add("config.value_malformed", "/"+name, "name", name, "expected", expected)
}

func (r *configReader) text(name, preset string) string {
	if v := r.env[name]; v != "" {
		return v
	}
	return preset
}

func (r *configReader) addr(name, preset string) string {
	v := r.text(name, preset)
	if v == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		r.malformed(name, "host:port")
	}
	return v
}

func (r *configReader) choice(name string, options ...string) string {
	v := r.text(name, options[0])
	if !slices.Contains(options, v) {
		r.malformed(name, strings.Join(options, " | "))
	}
	return v
}

func (r *configReader) databaseURL(name string) string {
	v := r.env[name]
	if v == "" {
		return ""
	}
	if u, err := url.Parse(v); err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" && u.Query().Get("host") == "" {
		r.malformed(name, "postgres://user:password@host:port/database")
	}
	return v
}

func (r *configReader) setupToken(name string) string {
	v := r.env[name]
	if v != "" && len(v) < minSetupToken {
		r.malformed(name, "[A-Za-z0-9…]{16,}")
	}
	return v
}

func (r *configReader) publicURL(name string) string {
	v := r.env[name]
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		r.malformed(name, "https://host")
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

func (r *configReader) log(name string) (level slog.Level, asJSON bool) {
	text, format, hasFormat := strings.Cut(r.text(name, "info"), ",")
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[text]
	if !ok || hasFormat && format != "json" && format != "text" {
		r.malformed(name, "debug | info | warn | error [,json]")
	}
	return level, format == "json"
}

func (r *configReader) prefixes(name string) []netip.Prefix {
	var out []netip.Prefix
	for part := range strings.SplitSeq(r.env[name], ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if a, aerr := netip.ParseAddr(part); err != nil && aerr == nil {
			p, err = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
		}
		if err != nil {
			r.malformed(name, "10.0.0.1, 192.168.0.0/16")
			continue
		}
		out = append(out, p.Masked())
	}
	return out
}
