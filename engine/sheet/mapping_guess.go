package sheet

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Candidate is a field that a column of a file may fill: its name, its titles in all languages, other words that people
// use for it, and names of what it is found by, which may as well be another field's.
type Candidate struct {
	Key     string
	Labels  []string
	Aliases []string
	Related []string
}

// Match is the guess for one column: the index of the field, or -1, and how sure it is, 0 to 100.
type Match struct {
	Field int
	Score int
}

// Scores of a match, the surest first.
const (
	scoreExact   = 100 // the title or name itself
	scoreAlias   = 95
	scoreBare    = 90 // the title but for a unit or a remark in brackets
	scoreSynonym = 80
	SureScore    = 75 // from here on a guess is no mere likeness; the score of what a field is found by
	scorePart    = 70 // one ends with the other: 商品名称, 名称
	scoreSimilar = 65 // at most, by edit distance
	scoreKin     = 55 // something else that goes for it where the file has nothing better: 件数, 数量
	MinScore     = 50 // below this a column stays unmapped
)

// maxHeaderRunes bounds the characters of headers that are compared letter by letter.
const maxHeaderRunes = 60

// GuessMapping finds for each header the field it most likely means. A field is given to at most one column:
// the surest guess first, then the leftmost column.
func GuessMapping(headers []string, fields []Candidate) []Match {
	type guess struct{ column, field, score int }
	var all []guess
	names := make([][]fieldName, len(fields))
	for i, f := range fields {
		names[i] = namesOf(f)
	}
	for column, header := range headers {
		h := newFieldName(header, 0)
		if h.full == "" {
			continue
		}
		for field := range fields {
			best := 0
			for _, name := range names[field] {
				best = max(best, score(h, name))
			}
			if best >= MinScore {
				all = append(all, guess{column, field, best})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b guess) int { return b.score - a.score })
	out := make([]Match, len(headers))
	for i := range out {
		out[i] = Match{Field: -1}
	}
	taken := make([]bool, len(fields))
	for _, g := range all {
		if out[g.column].Field < 0 && !taken[g.field] {
			out[g.column], taken[g.field] = Match{g.field, g.score}, true
		}
	}
	return out
}

// fieldName is a name in the forms that are compared.
type fieldName struct {
	full  string // normalised
	bare  string // without what stands in brackets
	group int    // of synonyms; 0 is none
	kin   int    // of groups; 0 is none
	exact int    // the score of equality, and the most of any
}

func namesOf(f Candidate) []fieldName {
	out := []fieldName{newFieldName(f.Key, scoreExact)}
	for _, l := range f.Labels {
		out = append(out, newFieldName(l, scoreExact))
	}
	for _, a := range f.Aliases {
		out = append(out, newFieldName(a, scoreAlias))
	}
	for _, r := range f.Related {
		out = append(out, newFieldName(r, SureScore))
	}
	return slices.DeleteFunc(out, func(n fieldName) bool { return n.full == "" })
}

func newFieldName(text string, exact int) fieldName {
	n := fieldName{full: normalise(text), bare: normalise(stripBrackets(text)), exact: exact}
	if n.bare == "" {
		n.bare = n.full
	}
	if n.group = synonymGroup[n.bare]; n.group == 0 {
		n.group = synonymGroup[withoutSubject(n.bare)]
	}
	n.kin = kinOf[n.group]
	return n
}

// withoutSubject takes the thing that a table is about off a column's name: 产品编码 is 编码.
func withoutSubject(name string) string {
	for _, subject := range []string{"商品", "产品", "物料", "货品", "存货", "材料", "item", "product", "material", "goods"} {
		if rest, ok := strings.CutPrefix(name, subject); ok {
			return rest
		}
	}
	return name
}

func score(header, name fieldName) int {
	switch {
	case header.full == name.full:
		return name.exact
	case header.bare == name.bare:
		return min(scoreBare, name.exact)
	case header.group != 0 && header.group == name.group:
		return min(scoreSynonym, name.exact)
	case header.kin != 0 && header.kin == name.kin:
		return scoreKin
	case name.exact == SureScore: // a likeness to what a field is found by says nothing
		return 0
	}
	short, long := header.bare, name.bare
	if len(short) > len(long) {
		short, long = long, short
	}
	if len([]rune(short)) >= 2 && strings.HasSuffix(long, short) {
		return scorePart
	}
	return similarity([]rune(header.bare), []rune(name.bare))
}

// normalise makes spellings equal that people don't tell apart: width, case, blanks, punctuation and the
// asterisk of a required column.
func normalise(text string) string {
	text = strings.ToLower(norm.NFKC.String(text))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '%' || r == '#' {
			return r
		}
		return -1
	}, text)
}

// stripBrackets takes out what stands in brackets: 数量(件) is 数量.
func stripBrackets(text string) string {
	var b strings.Builder
	depth := 0
	for _, r := range norm.NFKC.String(text) {
		switch r {
		case '(', '[', '{', '【', '〔', '「', '<':
			depth++
		case ')', ']', '}', '】', '〕', '」', '>':
			depth = max(0, depth-1)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// similarity scores two names by their edit distance; short names must be equal to score at all.
func similarity(a, b []rune) int {
	longest := max(len(a), len(b))
	if min(len(a), len(b)) < 3 || longest > maxHeaderRunes {
		return 0
	}
	return scoreSimilar - scoreSimilar*editDistance(a, b)/longest
}

// editDistance counts the insertions, deletions and replacements between two names.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
