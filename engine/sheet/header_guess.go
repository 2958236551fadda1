package sheet

import "strings"

// HeaderSample is how many rows GuessHeader looks at.
const HeaderSample = 20

// GuessHeader returns the index of the row that names the columns, or -1 where the rows seem to have none.
// Titles above the header (one cell over a wide table) are passed over. A header is a row of different short
// texts that is about as wide as the rows below it.
func GuessHeader(rows []Row) int {
	rows = rows[:min(len(rows), HeaderSample)]
	width := 0
	for _, r := range rows {
		width = max(width, filled(r))
	}
	for i, r := range rows {
		switch {
		case filled(r)*5 >= width*3 && looksLikeHeader(r) && !sameShape(r, rows[i+1:]):
			return i
		case filled(r) == width: // a full row of data: what comes below is data too
			return -1
		}
	}
	return -1
}

func filled(r Row) int {
	n := 0
	for _, c := range r.Cells {
		if c.Kind != Empty {
			n++
		}
	}
	return n
}

// maxHeaderChars is how many bytes a header may have.
const maxHeaderChars = 100

func looksLikeHeader(r Row) bool {
	seen := map[string]bool{}
	for _, c := range r.Cells {
		if c.Kind == Empty {
			continue
		}
		text := normalise(c.Text)
		if c.Kind != Text || text == "" || len(c.Text) > maxHeaderChars || isPlainNumber(strings.TrimSpace(c.Text)) || looksLikeDate(c.Text) || seen[text] {
			return false
		}
		seen[text] = true
	}
	return true
}

// looksLikeDate knows digits with at least two date separators: a CSV has no types to go by.
func looksLikeDate(text string) bool {
	digits, marks := 0, 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("-/.:年月日", r):
			marks++
		}
	}
	return digits >= 4 && marks >= 2
}

// sameShape tells whether a row reads as one more row of data: nothing tells it apart from the rows below,
// because one of its texts comes again in its column.
func sameShape(head Row, below []Row) bool {
	for i, c := range head.Cells {
		if c.Kind == Empty {
			continue
		}
		for _, r := range below {
			if i < len(r.Cells) && r.Cells[i].Kind == Text && r.Cells[i].Text == c.Text {
				return true
			}
		}
	}
	return false
}
