package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// ranks is the order of the house: a package imports only packages of lower rank. ARCHITECTURE.md says what
// each is for. A name that ends in "/..." ranks every package below it that has no line of its own.
var ranks = map[string]int{
	"tenon":                        13,
	"tenon/bench/...":              13,
	"tenon/tools/...":              13,
	"tenon/server":                 12,
	"tenon/server/auth":            11,
	"tenon/server/problem":         11,
	"tenon/server/openapi":         11,
	"tenon/sandbox":                10,
	"tenon/engine":                 9,
	"tenon/engine/flow":            8,
	"tenon/engine/ledger":          8,
	"tenon/engine/ledger/costing":  1,
	"tenon/engine/edge":            8,
	"tenon/engine/event":           7,
	"tenon/engine/job":             7,
	"tenon/engine/connect":         7,
	"tenon/engine/compile":         6,
	"tenon/engine/store/storetest": 6,
	"tenon/engine/policy":          5,
	"tenon/engine/store":           5,
	"tenon/engine/store/lower":     5,
	"tenon/engine/query":           4,
	"tenon/engine/sheet":           4,
	"tenon/metamodel/schema":       4,
	"tenon/metamodel/check":        3,
	"tenon/metamodel/lineage":      3,
	"tenon/templates/...":          3,
	"tenon/metamodel/expr":         2,
	"tenon/metamodel":              1,
	"tenon/metamodel/diag":         0,
	"tenon/metamodel/value":        0,
	"tenon/ui":                     0,
}

// sameRank lists the imports allowed between packages of one rank, importer first.
var sameRank = map[[2]string]bool{
	{"tenon/engine/store", "tenon/engine/store/lower"}: true, // the store runs the statements that lower writes
}

// doors are the libraries that may be imported in one place only, tests included: a prefix of import paths, and
// the package, or the folder "/...", that has it.
var doors = map[string]string{
	"github.com/google/cel-go":              "tenon/metamodel/expr",
	"github.com/santhosh-tekuri/jsonschema": "tenon/metamodel/schema",
	"github.com/cockroachdb/apd":            "tenon/metamodel/value",
	"github.com/casbin":                     "tenon/engine/policy",
	"github.com/xuri":                       "tenon/engine/sheet",
	"gorm.io":                               "tenon/engine/store/...",
	"modernc.org/sqlite":                    "tenon/engine/store/...",
	"github.com/jackc/pgx":                  "tenon/engine/store/...",
	"github.com/gofiber/fiber":              "tenon/server/...",
	"github.com/valyala/fasthttp":           "tenon/server/...",
	"github.com/prometheus/":                "tenon/server/...",
	"golang.org/x/crypto/argon2":            "tenon/server/auth",
	"github.com/nats-io":                    "tenon/engine/connect",
	"github.com/mattn/go-sqlite3":           "tenon/engine/store/...",
	"github.com/microcosm-cc/bluemonday":    "tenon/engine",
	"github.com/mozillazg/go-pinyin":        "tenon/metamodel/expr",
}

// handWritten may use what a program without Tenon would: it is the server that Tenon is measured against.
const handWritten = "tenon/bench/plain"

// handWrittenUses are the doors that are open to it, too.
var handWrittenUses = []string{"github.com/gofiber/fiber", "modernc.org/sqlite", "github.com/jackc/pgx"}

// impure are the packages of the standard library that nothing under metamodel may import.
var impure = []string{"os", "os/exec", "net", "net/http", "database/sql", "log/slog", "log", "math/rand", "math/rand/v2", "crypto/rand", "io/ioutil"}

const maxMainLines = 30

// pkg is what `go list -json` tells of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	GoFiles      []string
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	// -e lists packages that don't compile as well: saying so is the compiler's part.
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read the list of packages: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages only", len(all))
	}
	return all
}

func rankOf(path string) (int, bool) {
	if r, ok := ranks[path]; ok {
		return r, true
	}
	for dir := path; dir != "tenon"; {
		if r, ok := ranks[dir+"/..."]; ok {
			return r, true
		}
		i := strings.LastIndexByte(dir, '/')
		if i < 0 {
			break
		}
		dir = dir[:i]
	}
	return 0, false
}

func within(path, place string) bool {
	if dir, ok := strings.CutSuffix(place, "/..."); ok {
		return path == dir || strings.HasPrefix(path, dir+"/")
	}
	return path == place
}

// No package imports upward, and every package has its rank.
func TestRanks(t *testing.T) {
	for _, p := range listPackages(t) {
		rank, ok := rankOf(p.ImportPath)
		if !ok {
			t.Errorf("%s has no rank: give it one in arch_test.go and a line in ARCHITECTURE.md", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			lower, ranked := rankOf(imported)
			switch {
			case !ranked || sameRank[[2]string{p.ImportPath, imported}]:
			case lower >= rank:
				t.Errorf("%s (rank %d) imports %s (rank %d)", p.ImportPath, rank, imported, lower)
			}
		}
	}
}

// A library with one door is imported there and nowhere else.
func TestDoors(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for library, place := range doors {
				if p.ImportPath == handWritten && slices.Contains(handWrittenUses, library) {
					continue
				}
				if strings.HasPrefix(imported, library) && !within(p.ImportPath, place) {
					t.Errorf("%s imports %s: only %s may", p.ImportPath, imported, place)
				}
			}
		}
	}
}

// The metamodel does no I/O, and knows neither clock nor chance.
func TestMetamodelIsPure(t *testing.T) {
	for _, p := range listPackages(t) {
		if !within(p.ImportPath, "tenon/metamodel/...") {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(impure, imported) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// The program's start hands over at once.
func TestMainIsShort(t *testing.T) {
	for _, p := range listPackages(t) {
		if p.ImportPath == "tenon" && !slices.Equal(p.GoFiles, []string{"main.go"}) {
			t.Errorf("the root package has the files %v: only main.go belongs there", p.GoFiles)
		}
	}
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n > maxMainLines {
		t.Errorf("main.go has %d lines, at most %d", n, maxMainLines)
	}
}

// The table itself is judged: what it forbids is found.
func TestRankTable(t *testing.T) {
	for path, want := range map[string]bool{"tenon/engine": true, "tenon/templates/general": true, "tenon/bench": true, "tenon/bench/load": true, "tenon/common": false, "tenon/engine/sheet/x": false, "fmt": false} {
		if _, ok := rankOf(path); ok != want {
			t.Errorf("%s: ranked %v, want %v", path, ok, want)
		}
	}
	if within("tenon/enginex", "tenon/engine/...") || !within("tenon/engine", "tenon/engine/...") || within("tenon/server/auth", "tenon/server") {
		t.Error("within is wrong about folders")
	}
}
