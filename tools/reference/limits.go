package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// limit is one named constant that bounds something.
type limit struct {
	pkg, name, value, meaning string
}

// bounding are the names of constants that are limits wherever they stand; in a file limits.go, all are.
var bounding = regexp.MustCompile(`^(?i:max|min|default|keep)[A-Z]`)

// outside are the folders whose constants bound no running Tenon.
var outside = []string{"bench", "templates", "tools", "ui", "engine/store/storetest", "docs"}

const limitsAbout = `Everything that people can make large is bounded by a named constant. These are all of them with their values, by
package. What is over a limit is refused with a code that says so; nothing is cut off silently.`

// limits lists the named limits of the source.
func limits(root string) (string, error) {
	all, err := readLimits(root)
	if err != nil {
		return "", err
	}
	var p page
	p.start("Limits", limitsAbout)
	for i := 0; i < len(all); {
		var rows [][]string
		pkg := all[i].pkg
		for ; i < len(all) && all[i].pkg == pkg; i++ {
			rows = append(rows, []string{code(all[i].name), all[i].value, all[i].meaning})
		}
		p.heading(2, pkg)
		p.table([]string{"name", "value", "what it bounds"}, rows)
	}
	return p.String(), nil
}

// readLimits finds the limits of all packages below a folder.
func readLimits(root string) ([]limit, error) {
	r := &limitReader{fset: token.NewFileSet(), root: root, done: map[string]*types.Package{}}
	r.standard = importer.ForCompiler(r.fset, "source", nil)
	var all []limit
	var missing error
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error { //nolint:gosec // our own source
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if slices.Contains(outside, rel) || rel != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" {
			return fs.SkipDir
		}
		found, err := r.limits(rel)
		all = append(all, found...)
		missing = errors.Join(missing, err)
		return nil
	})
	slices.SortStableFunc(all, func(a, b limit) int { return strings.Compare(a.pkg, b.pkg) })
	return all, errors.Join(err, missing)
}

// limitReader works out the values of constants. What packages other than our own and time declare is left open:
// no limit is made of it.
type limitReader struct {
	fset     *token.FileSet
	root     string
	standard types.Importer
	done     map[string]*types.Package
}

var errNotNeeded = errors.New("not needed for limits")

// Import implements types.Importer.
func (r *limitReader) Import(path string) (*types.Package, error) {
	rel, own := strings.CutPrefix(path, "tenon/")
	switch {
	case path == "time":
		return r.standard.Import(path)
	case !own:
		return nil, errNotNeeded
	}
	if p := r.done[rel]; p != nil {
		return p, nil
	}
	files, err := r.parse(rel)
	if err != nil {
		return nil, err
	}
	return r.check(rel, files), nil
}

func (r *limitReader) parse(rel string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(r.root, filepath.FromSlash(rel), "*.go"))
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", rel, err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_other.go") {
			continue
		}
		src, err := os.ReadFile(name) //nolint:gosec // our own source
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		f, err := parser.ParseFile(r.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", name, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// check gives the package's constants their values; that types from elsewhere are open is no hindrance.
func (r *limitReader) check(rel string, files []*ast.File) *types.Package {
	c := types.Config{Importer: r, IgnoreFuncBodies: true, FakeImportC: true, Error: func(error) {}}
	p, _ := c.Check("tenon/"+rel, r.fset, files, nil)
	r.done[rel] = p
	return p
}

func (r *limitReader) limits(rel string) ([]limit, error) {
	files, err := r.parse(rel)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	p := r.done[rel]
	if p == nil {
		p = r.check(rel, files)
	}
	var out []limit
	var missing error
	for _, f := range files {
		all := filepath.Base(r.fset.Position(f.Pos()).Filename) == "limits.go"
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
				found, err := limitsOf(p, rel, g, all)
				out, missing = append(out, found...), errors.Join(missing, err)
			}
		}
	}
	return out, missing
}

// limitsOf are the limits in one declaration of constants.
func limitsOf(p *types.Package, rel string, g *ast.GenDecl, all bool) (out []limit, missing error) {
	for _, s := range g.Specs {
		spec := s.(*ast.ValueSpec)
		for _, name := range spec.Names {
			if !all && !bounding.MatchString(name.Name) {
				continue
			}
			c, ok := p.Scope().Lookup(name.Name).(*types.Const)
			if !ok || c.Val().Kind() == constant.Unknown {
				missing = errors.Join(missing, fmt.Errorf("%s.%s: no value", rel, name.Name))
				continue
			}
			about := meaning(g, spec, name.Name)
			if about == "" {
				missing = errors.Join(missing, fmt.Errorf("%s.%s: its comment must say what it bounds", rel, name.Name))
				continue
			}
			out = append(out, limit{rel, name.Name, shown(c, strings.Contains(strings.ToLower(name.Name+about), "byte")), about})
		}
	}
	return out, missing
}

// meaning is what a constant's own comment says that it bounds.
func meaning(g *ast.GenDecl, spec *ast.ValueSpec, name string) string {
	comments := []*ast.CommentGroup{spec.Comment, spec.Doc}
	if len(g.Specs) == 1 {
		comments = append(comments, g.Doc)
	}
	for _, c := range comments {
		text := strings.Join(strings.Fields(c.Text()), " ")
		if text == "" {
			continue
		}
		text = strings.TrimPrefix(text, name+" ")
		for _, lead := range []string{"bounds ", "is "} {
			text = strings.TrimPrefix(text, lead)
		}
		return strings.TrimSuffix(text, ".")
	}
	return ""
}

// shown is a constant's value as people read it: sizes in units, times in words.
func shown(c *types.Const, size bool) string {
	n, exact := constant.Int64Val(constant.ToInt(c.Val()))
	if !exact {
		return code(c.Val().ExactString())
	}
	if named, ok := c.Type().(*types.Named); ok && named.Obj().Name() == "Duration" {
		return time.Duration(n).String()
	}
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if of := int64(1) << (30 - 10*i); size && n >= of && n%of == 0 {
			return fmt.Sprintf("%d (%d %s)", n, n/of, unit)
		}
	}
	return fmt.Sprint(n)
}
