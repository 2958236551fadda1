package metamodel

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
)

// IDLength is how many characters an id has.
const IDLength = 12

var idEncoding = base32.HexEncoding.WithPadding(base32.NoPadding)

// DeriveID is the id that an element gets when nothing else gives it one. parent is the id of the element it
// sits in ("" for the app), name its name, or for elements without a name what identifies them among their
// siblings. salt starts at 0 and is raised while the id is taken.
func DeriveID(parent ID, kind ElementKind, name string, salt int) ID {
	sum := sha256.Sum256([]byte("tenon.id.1\n" + string(parent) + "\n" + string(kind) + "\n" + name + "\n" + strconv.Itoa(salt)))
	return ID(strings.ToLower(idEncoding.EncodeToString(sum[:]))[:IDLength])
}

// IsID tells whether s has the form of an id.
func IsID(s string) bool {
	if len(s) != IDLength {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'v') {
			return false
		}
	}
	return true
}
