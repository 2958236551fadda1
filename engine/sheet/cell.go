package sheet

// CellKind says what a cell holds.
type CellKind uint8

// The kinds of cell.
const (
	Empty    CellKind = iota
	Text              // as written
	Number            // plain decimal notation, at most 15 significant digits if it has a fraction
	Bool              // true, false
	Date              // 2006-01-02
	DateTime          // 2006-01-02T15:04:05 with up to three fraction digits, in no zone
	Time              // 15:04:05 with up to three fraction digits
	Duration          // ISO 8601, as value.ParseDuration reads it; whole seconds
	Error             // #N/A and its like
	Formula           // a formula that was saved without a result; the text is the formula
)

var cellKindNames = [...]string{"empty", "text", "number", "bool", "date", "datetime", "time", "duration", "error", "formula"}

// String returns the kind's name.
func (k CellKind) String() string {
	if int(k) < len(cellKindNames) {
		return cellKindNames[k]
	}
	return "unknown"
}

// Cell is one cell as typed text. Every cell of a CSV is Text or Empty.
type Cell struct {
	Kind CellKind
	Text string
}

// Row is one row with content. Number counts from 1 as the spreadsheet shows it (for CSV: the line on which
// the row starts). Cells ends with the last cell that holds something.
type Row struct {
	Number int
	Cells  []Cell
}

// trim cuts trailing empty cells.
func (r *Row) trim() {
	n := len(r.Cells)
	for n > 0 && r.Cells[n-1].Kind == Empty {
		n--
	}
	r.Cells = r.Cells[:n]
}
