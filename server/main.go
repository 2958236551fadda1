package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"tenon/metamodel/diag"
)

// Exit codes of the program.
const (
	exitOK      = 0
	exitFailed  = 1 // it was tried and refused, or what was checked is wrong
	exitMisused = 2 // the command line or the environment is wrong
)

// terminal is what a command talks to.
type terminal struct {
	out, err io.Writer
	environ  []string
	lang     string
	now      func() time.Time
}

// command is one word of the command line.
type command struct {
	name string
	args string
	help diag.Text
	run  func(ctx context.Context, t *terminal, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "", diag.Text{ZH: "启动服务（默认）", EN: "start the server (default)"}, serve},
		{"check", "<folder|zip>", diag.Text{ZH: "检查应用文档，无需数据库", EN: "check the documents of an app, without a database"}, checkApp},
		{"test", "<folder|zip>", diag.Text{ZH: "在临时数据库上运行应用的场景", EN: "run an app's scenarios on a throw-away database"}, testApp},
		{"export", "<app> <folder|zip>", diag.Text{ZH: "导出应用的草稿文档", EN: "write the draft documents of an app"}, exportApp},
		{"import", "<app> <folder|zip> [--release <reason> [--repost]]", diag.Text{ZH: "导入应用文档为草稿，可立即发布；--repost 按修改后的过账重新过账", EN: "read documents into an app's draft, and release it if asked to; --repost posts documents again by changed postings"}, importApp},
		{"diff", "<app> <folder|zip>", diag.Text{ZH: "比较草稿与文件", EN: "compare the draft with files"}, diffApp},
		{"audit", "verify", diag.Text{ZH: "校验审计链", EN: "verify the chain of the audit log"}, auditVerify},
		{"verify", "<app>", diag.Text{ZH: "核对应用的账本、汇总、公式和预先统计", EN: "prove all that an app keeps: ledgers, roll-ups, formulas, aggregates"}, verifyApp},
		{"backup", "<file>", diag.Text{ZH: "备份数据目录（内置数据库）", EN: "back up the data directory (embedded database)"}, backup},
		{"restore", "<file>", diag.Text{ZH: "从备份恢复到空的数据目录", EN: "restore a backup into an empty data directory"}, restore},
		{"health", "", diag.Text{ZH: "查询本机服务是否就绪", EN: "ask the server on this machine whether it is ready"}, askHealth},
		{"version", "", diag.Text{ZH: "显示版本", EN: "show the version"}, showVersion},
		{"help", "", diag.Text{ZH: "显示本帮助", EN: "show this help"}, showHelp},
	}
}

// Main runs the program and returns its exit code.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, &terminal{out: os.Stdout, err: os.Stderr, environ: os.Environ(), lang: terminalLanguage(os.Environ()), now: time.Now}, args)
}

func run(ctx context.Context, t *terminal, args []string) int {
	name := "serve"
	if len(args) > 0 {
		name, args = strings.TrimLeft(args[0], "-"), args[1:]
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		return t.report(c.run(ctx, t, args))
	}
	return t.report(diag.Refuse("command.unknown", "", "name", clip(name)))
}

// report writes an error for people and says how to end.
func (t *terminal) report(err error) int {
	if err == nil {
		return exitOK
	}
	var p *diag.Problem
	if !errors.As(err, &p) {
		t.fail("tenon: " + err.Error())
		return exitFailed
	}
	t.list(t.err, p.List)
	switch code := p.First().Code; {
	case strings.HasPrefix(string(code), "command."), strings.HasPrefix(string(code), "config."):
		return exitMisused
	}
	return exitFailed
}

// list writes diagnostics, one a line, each with its way out.
func (t *terminal) list(w io.Writer, list diag.List) {
	for _, d := range list {
		line := d.Severity.String() + " " + string(d.Code)
		if d.Path != "" {
			line += " " + d.Path
		}
		if d.Pos != nil {
			line += fmt.Sprintf(":%d:%d", d.Pos.Line, d.Pos.Column)
		}
		line += ": " + d.Text(t.lang)
		if cure := d.Cure(t.lang); cure != "" {
			line += " " + cure
		}
		_, _ = fmt.Fprintln(w, line) // nobody is left to tell
	}
}

func (t *terminal) say(text string) { _, _ = fmt.Fprintln(t.out, text) }

func (t *terminal) fail(text string) { _, _ = fmt.Fprintln(t.err, text) }

func (t *terminal) in(text diag.Text) string {
	if t.lang == "en-US" {
		return text.EN
	}
	return text.ZH
}

// terminalLanguage is the language of the terminal's locale: English where the locale says so or says nothing
// of a language, Chinese otherwise.
func terminalLanguage(environ []string) string {
	env := map[string]string{}
	for _, e := range environ {
		if k, v, ok := strings.Cut(e, "="); ok {
			env[k] = v
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v := env[name]
		if v == "" {
			continue
		}
		if strings.HasPrefix(v, "en") || strings.HasPrefix(v, "C") || strings.HasPrefix(v, "POSIX") {
			return "en-US"
		}
		return "zh-CN"
	}
	return "zh-CN"
}

// usage refuses a command line that a command can't be run with.
func usage(name string) error {
	for _, c := range commands() {
		if c.name == name {
			return diag.Refuse("command.usage", "", "usage", strings.TrimSpace("tenon "+c.name+" "+c.args))
		}
	}
	return diag.Refuse("command.unknown", "", "name", name)
}

func showHelp(_ context.Context, t *terminal, _ []string) error {
	for _, c := range commands() {
		t.say(fmt.Sprintf("tenon %-46s %s", strings.TrimSpace(c.name+" "+c.args), t.in(c.help)))
	}
	t.say("")
	for _, v := range variables {
		t.say(fmt.Sprintf("%-22s %s", v.name, t.in(v.usage)))
	}
	return nil
}

// logger makes the log of a process.
func (t *terminal) logger(c Config) *slog.Logger {
	opt := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(t.err, opt))
	}
	return slog.New(slog.NewTextHandler(t.err, opt))
}
