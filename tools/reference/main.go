// Command reference writes the reference under docs/reference from the program's own tables: the published schemas
// of documents, the functions of expressions, the catalogue of diagnostics and the named limits. It must never say
// anything that isn't in them. Run it with make gen.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:generate go run . ../..

// pages are the files of the reference, and what writes each. root is the repository's folder.
var pages = map[string]func(root string) (string, error){
	"documents.md":   documents,
	"expressions.md": expressions,
	"errors.md":      diagnostics,
	"limits.md":      limits,
}

// folder is where the reference is, from the repository's folder.
const folder = "docs/reference"

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := write(root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(root string) error {
	if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil { //nolint:gosec // documentation is for everybody
		return fmt.Errorf("make %s: %w", folder, err)
	}
	var all error
	for name, page := range pages {
		text, err := page(root)
		if err == nil {
			err = os.WriteFile(filepath.Join(root, folder, name), []byte(text), 0o644) //nolint:gosec // documentation is for everybody
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("write %s: %w", name, err))
		}
	}
	return all
}

// page is a Markdown text while it is written.
type page struct{ b strings.Builder }

// write appends text; a Builder never fails.
func (p *page) write(text string) { _, _ = p.b.WriteString(text) }

// String is what was written.
func (p *page) String() string { return p.b.String() }

const generated = "<!-- Written by make gen; don't edit. -->\n"

// start begins a page with its title and what it is about.
func (p *page) start(title, about string) {
	p.write(generated + "# " + title + "\n\n" + about + "\n")
}

func (p *page) heading(level int, text string) {
	p.write("\n" + strings.Repeat("#", level) + " " + text + "\n\n")
}

func (p *page) text(text string) { p.write(text + "\n") }

// table writes a table; cells may hold anything.
func (p *page) table(head []string, rows [][]string) {
	p.row(head)
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	p.write("|" + strings.Join(rule, "|") + "|\n")
	for _, r := range rows {
		p.row(r)
	}
}

func (p *page) row(cells []string) {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(c)
	}
	p.write("| " + strings.Join(out, " | ") + " |\n")
}

// code is a text as it is typed.
func code(s string) string {
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}
