package schema

import "unicode/utf8"

// maxShown is how many characters of a text that came from outside a diagnostic repeats.
const maxShown = 80

// clip shortens a text for a diagnostic.
func clip(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown]) + "…"
}

// nearest is the candidate that a misspelt word most likely meant, "" when none is near.
func nearest(word string, candidates []string) string {
	if len(word) > maxShown {
		return ""
	}
	best, found := len(word)/3+1, ""
	for _, c := range candidates {
		if len(c) > maxShown || c == word {
			continue
		}
		if n := distance(word, c); n <= best && (found == "" || n < best) {
			best, found = n, c
		}
	}
	return found
}

// distance counts the single-byte edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		previous := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := previous
			if a[i-1] != b[j-1] {
				cost++
			}
			previous = row[j]
			row[j] = min(row[j]+1, row[j-1]+1, cost)
		}
	}
	return row[len(b)]
}
