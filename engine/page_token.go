package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// maxPageToken bounds the length of a page token.
const maxPageToken = 4096

// cursorJSON is what a page token holds: the values of the order's keys and the last id.
type cursorJSON struct {
	Keys []json.RawMessage `json:"k,omitempty"`
	ID   string            `json:"i"`
}

// pageToken seals a place in a list. It is bound to the query and to who asked: another's token, or a token used
// with another filter, opens nothing.
func (e *Engine) pageToken(c Call, entity string, req ListRequest, at *query.Cursor) (string, error) {
	cur := cursorJSON{ID: at.ID}
	for _, k := range at.Keys {
		cur.Keys = append(cur.Keys, appendValue(nil, k))
	}
	body, err := json.Marshal(cur)
	if err != nil {
		return "", fmt.Errorf("write the page token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(append(e.seal(c, entity, req, body), body...)), nil
}

// seal is the key of a token: over the query, the actor, the release and the place.
func (e *Engine) seal(c Call, entity string, req ListRequest, body []byte) []byte {
	h := hmac.New(sha256.New, e.pageKey)
	for _, part := range []string{
		c.Snap.App.Name, entity, string(c.Actor.Kind), c.Actor.ID, req.Filter, req.OrderBy, req.Search,
		fmt.Sprint(req.Deleted), req.View, req.Saved, string(body),
	} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash never fails
	}
	return h.Sum(nil)
}

// openPageToken checks the seal of a token and gives what it holds.
func (e *Engine) openPageToken(c Call, entity string, req ListRequest) (cur cursorJSON, err error) {
	refused := diag.Refuse("query.page_token", "")
	if len(req.PageToken) > maxPageToken {
		return cur, refused
	}
	raw, err := base64.RawURLEncoding.DecodeString(req.PageToken)
	if err != nil || len(raw) < sha256.Size || !hmac.Equal(raw[:sha256.Size], e.seal(c, entity, req, raw[sha256.Size:])) {
		return cur, refused
	}
	if err := json.Unmarshal(raw[sha256.Size:], &cur); err != nil {
		return cur, refused
	}
	return cur, nil
}

// readPageToken opens a token that pageToken made for the same query and actor.
func (e *Engine) readPageToken(c Call, entity string, req ListRequest) (*query.Cursor, error) {
	refused := diag.Refuse("query.page_token", "")
	cur, err := e.openPageToken(c, entity, req)
	if err != nil {
		return nil, err
	}
	l := &lister{call: c, entity: c.Snap.Entity(entity), may: c.decide(c.Snap.Entity(entity).Entity, metamodel.ActRead)}
	order := l.order(req.OrderBy)
	if len(order) != len(cur.Keys) {
		return nil, refused
	}
	at := &query.Cursor{ID: cur.ID}
	dec := &decoder{}
	for i, o := range order {
		f := o.Path[len(o.Path)-1]
		v, err := parseJSON(cur.Keys[i])
		if err != nil {
			return nil, refused
		}
		key, ok := dec.key(f, v)
		if !ok {
			return nil, refused
		}
		at.Keys = append(at.Keys, key)
	}
	return at, nil
}

// key decodes a value of a sealed token: it was written by appendValue, so bounds are not judged again.
func (d *decoder) key(f *metamodel.Field, v *jsonValue) (any, bool) {
	if v.kind == jsonNull {
		return nil, true
	}
	if f.Kind == metamodel.Choice || f.Kind.IsText() || f.System && f.Kind == metamodel.Text {
		return v.text, v.kind == jsonString
	}
	loose := &metamodel.Field{Kind: f.Kind, Precision: 38, Scale: f.Scale, Title: f.Title}
	return d.scalar(nil, loose, v, "")
}
