package auth

import (
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"strings"
)

const (
	secretBytes = 32 // 256 bits
	tokenPrefix = "tnn_"
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	// tokenDigits is how many base-62 digits hold 256 bits.
	tokenDigits = 43
	// sessionLength is how many characters of base64url hold 256 bits.
	sessionLength = 43
	// shownPrefix is how much of a token stays visible to tell it from others: the mark and 24 bits.
	shownPrefix = len(tokenPrefix) + 4
	// resetGroups of resetGroup digits make a reset code that can be read out: 100 bits.
	resetGroups = 4
	resetGroup  = 5
	// resetAlphabet has no letters that are taken for digits.
	resetAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails; it ends the process when there is no randomness
	return b
}

func newSessionSecret() string { return base64.RawURLEncoding.EncodeToString(randomBytes(secretBytes)) }

func newTokenSecret() string {
	n := new(big.Int).SetBytes(randomBytes(secretBytes))
	digits := make([]byte, tokenDigits)
	base, rest := big.NewInt(int64(len(base62))), new(big.Int)
	for i := tokenDigits - 1; i >= 0; i-- {
		n.DivMod(n, base, rest)
		digits[i] = base62[rest.Int64()]
	}
	return tokenPrefix + string(digits)
}

// newResetCode makes a code such as 7K2MQ-P0D4R-XW93B-HZ5TN.
func newResetCode() string {
	random := randomBytes(resetGroups * resetGroup)
	var b strings.Builder
	for i, r := range random {
		if i > 0 && i%resetGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(resetAlphabet[int(r)%len(resetAlphabet)])
	}
	return b.String()
}

// plainResetCode is a code as people type it: case, spaces and dashes don't count. It returns "" for what can't be
// a code.
func plainResetCode(code string) string {
	const most = 64
	if len(code) > most {
		return ""
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == ' ':
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, code)
	if len(plain) != resetGroups*resetGroup || strings.Trim(plain, resetAlphabet) != "" {
		return ""
	}
	return plain
}

// isToken tells whether a text has the form of an API token.
func isToken(s string) bool {
	digits, ok := strings.CutPrefix(s, tokenPrefix)
	return ok && len(digits) == tokenDigits && strings.Trim(digits, base62) == ""
}

// isSessionSecret tells whether a text has the form of a session's secret.
func isSessionSecret(s string) bool {
	if len(s) != sessionLength {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == secretBytes
}
