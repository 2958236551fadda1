package engine

import "github.com/microcosm-cc/bluemonday"

// richText allows the marks of user-written text and nothing that runs or loads.
var richText = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "h1", "h2", "h3", "h4", "blockquote", "code", "pre", "hr", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowStandardURLs()
	p.AllowAttrs("href").OnElements("a")
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}()

// sanitize returns rich text with all that could run or load something removed.
func sanitize(s string) string { return richText.Sanitize(s) }
