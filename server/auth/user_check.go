package auth

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Bounds of accounts.
const (
	maxEmail      = 254 // bytes
	maxLocal      = 64  // bytes before the @
	maxName       = 100 // characters
	maxIP         = 64  // bytes of an address
	maxAttributes = 50  // attributes of one account
	maxAttribute  = 500 // characters of a value
	maxKeyLength  = 63  // bytes of an attribute's name
	maxOwn        = 50  // departments of one person
	maxRoles      = 200 // roles of one person in one app
)

// words are what fields of accounts are called in messages.
var words = map[string]metamodel.Label{
	"workspace":  {"zh-CN": "工作区名称", "en-US": "workspace name"},
	"name":       {"zh-CN": "名称", "en-US": "name"},
	"email":      {"zh-CN": "邮箱", "en-US": "e-mail"},
	"password":   {"zh-CN": "密码", "en-US": "password"},
	"attributes": {"zh-CN": "属性", "en-US": "attributes"},
	"attribute":  {"zh-CN": "属性值", "en-US": "attribute"},
	"tokens":     {"zh-CN": "API 令牌", "en-US": "API tokens"},
	"roles":      {"zh-CN": "角色", "en-US": "roles"},
	"department": {"zh-CN": "部门", "en-US": "departments"},
}

// email is deliberately ASCII: two addresses that look alike or fold alike would be one account for people and two
// for machines, or the other way round.
var (
	emailForm = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
	attribute = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

func emailKey(email string) string { return strings.ToLower(email) }

// clipText bounds a text from outside to bytes, at a rune, and takes out what no database keeps or log shows.
func clipText(text string, most int) string {
	if len(text) > most {
		text = text[:most]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// idText is an id from outside, or "" when it can't be one: then nothing is found.
func idText(id string) string {
	const most = 64
	ok := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_'
	}
	if len(id) > most || strings.ContainsFunc(id, func(r rune) bool { return !ok(r) }) {
		return ""
	}
	return id
}

// checkUser judges and tidies what people give of an account.
func checkUser(list *diag.List, u *store.User) {
	u.Email = strings.TrimSpace(u.Email)
	local, _, _ := strings.Cut(u.Email, "@")
	switch {
	case u.Email == "":
		list.Add("account.required", "/email", "what", words["email"])
	case len(u.Email) > maxEmail || len(local) > maxLocal || !emailForm.MatchString(u.Email):
		list.Add("user.email_malformed", "/email", "email", clipText(u.Email, maxEmail))
	}
	checkText(list, "/name", "name", &u.Name)
	if u.Locale == "" {
		u.Locale = metamodel.DefaultLanguage
	}
	if !slices.Contains(diag.Languages, u.Locale) {
		list.Add("user.locale_unknown", "/locale", "locale", clipText(u.Locale, maxIP), "known", diag.Languages)
	}
	checkAttributes(list, u.Attributes)
}

func checkAttributes(list *diag.List, attributes map[string]string) {
	if len(attributes) > maxAttributes {
		list.Add("limit.exceeded", "/attributes", "what", words["attributes"], "actual", len(attributes), "limit", maxAttributes)
		return
	}
	for name, text := range attributes {
		if len(name) > maxKeyLength || !attribute.MatchString(name) {
			list.Add("user.attribute_malformed", "/attributes", "name", clipText(name, maxKeyLength), "limit", maxKeyLength)
			continue
		}
		at := diag.Pointer("/attributes", name)
		if utf8.RuneCountInString(text) > maxAttribute {
			list.Add("account.too_long", at, "what", words["attribute"], "limit", maxAttribute)
		} else if !printable(text) {
			list.Add("account.control_character", at, "what", words["attribute"])
		}
	}
	list.Sort()
}

// checkText judges a required name or title of one line and takes the spaces around it away.
func checkText(list *diag.List, at, what string, text *string) {
	*text = strings.TrimSpace(*text)
	switch {
	case *text == "":
		list.Add("account.required", at, "what", words[what])
	case utf8.RuneCountInString(*text) > maxName:
		list.Add("account.too_long", at, "what", words[what], "limit", maxName)
	case !printable(*text):
		list.Add("account.control_character", at, "what", words[what])
	}
}

// printable tells whether a text has no characters that can't be seen: control characters, and those that turn
// the direction of what follows.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	})
}
