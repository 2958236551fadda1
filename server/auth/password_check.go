package auth

import (
	"strings"
	"unicode/utf8"

	"tenon/metamodel/diag"
)

// Bounds of passwords. There are no rules about kinds of characters: length and not being common count.
const (
	MinPassword = 8    // characters
	MaxPassword = 1024 // bytes
)

// common are the passwords that are tried first, of eight characters and more.
var common = wordSet(`
password password1 password12 password123 passw0rd p@ssw0rd p@ssword passwort 12345678 123456789 1234567890
0123456789 0987654321 987654321 87654321 11111111 111111111 1111111111 00000000 000000000 88888888 66666666
99999999 12341234 12121212 11223344 112233445566 123123123 123321123 123454321 147258369 147852369 159753456
741852963 789456123 123qweasd 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc qwertyui qwertyuiop qwerty123 qwerty12
qwer1234 qwe123456 asdfghjk asdfghjkl asdf1234 zxcvbnm123 zaq12wsx abcd1234 abc12345 abc123456 a1234567 a12345678
a123456789 aa123456 aa12345678 abcdefgh abcdefg1 aaaaaaaa iloveyou iloveyou1 sunshine princess football baseball
superman starwars trustno1 whatever computer internet michelle jennifer welcome1 welcome123 letmein1 monkey123
dragon123 master123 changeme changeme123 changeit default1 admin123 admin1234 admin12345 admin123456 administrator
root1234 root123456 test1234 test12345 test123456 guest123 user1234 secret123 woaini520 woaini1314 woaini123
5201314520 52013145 13145200 wang1234 li123456 zhang123 liu12345 tenon123 tenon1234 tenontenon company123`)

func wordSet(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}

// checkPassword judges a new password. at is where it stands in the request.
func checkPassword(list *diag.List, at, password, email, name string) {
	plain := strings.ToLower(strings.TrimSpace(password))
	local, _, _ := strings.Cut(email, "@")
	switch {
	case len(password) > MaxPassword:
		list.Add("password.too_long", at, "limit", MaxPassword)
	case !utf8.ValidString(password):
		list.Add("account.control_character", at, "what", words["password"])
	case utf8.RuneCountInString(password) < MinPassword:
		list.Add("password.too_short", at, "limit", MinPassword)
	case plain == "" || common[plain] || strings.Trim(plain, string([]rune(plain)[0])) == "":
		list.Add("password.common", at)
	case strings.EqualFold(plain, email) || strings.EqualFold(plain, local) || strings.EqualFold(plain, name):
		list.Add("password.like_account", at)
	}
}
