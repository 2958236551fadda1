package metamodel

import (
	"encoding/json"
	"fmt"
)

// Class says what a change means for those who use the app.
type Class string

// The classes of changes, mildest first.
const (
	Cosmetic  Class = "cosmetic"  // looks or reads differently, works the same
	Additive  Class = "additive"  // something more; what worked still works
	Behaviour Class = "behaviour" // the same acts give other results
	Breaking  Class = "breaking"  // data, acts or callers that were right may be refused or lost
)

// Change is one difference between two states of an app: Added, Removed, Renamed, Retyped, Altered, Moved or
// Reordered. The set is closed.
type Change interface {
	// Of is the element that changed: as it is after, for what was removed as it was before.
	Of() Element
	// Class says how much the change matters.
	Class() Class
	// Words is the change as a sentence, by language.
	Words() Label
	change()
}

// about is what all changes have in common.
type about struct {
	Element Element
	Where   Label // the element with everything it sits in, in words
}

func (a about) Of() Element { return a.Element }

// Added is an element that was not there before. What sits in it is not listed on its own.
type Added struct{ about }

// Removed is an element that is gone, with everything in it.
type Removed struct{ about }

// Renamed is an element with another name. Its id, and with it every reference, stays.
type Renamed struct {
	about
	From, To string
}

// Retyped is a field of another kind.
type Retyped struct {
	about
	From, To FieldKind
}

// Altered is an element of which one attribute is different. From and To are as people read them, "" for none.
type Altered struct {
	about
	Attribute string
	From, To  string
	class     Class
}

// Moved is an element that sits in another one than before.
type Moved struct {
	about
	From Element // what it sat in
}

// Reordered is an element in which the elements of one kind are in another order.
type Reordered struct {
	about
	Kind ElementKind
}

func (Added) change()     {}
func (Removed) change()   {}
func (Renamed) change()   {}
func (Retyped) change()   {}
func (Altered) change()   {}
func (Moved) change()     {}
func (Reordered) change() {}

// Class of something new: required fields and unique keys may refuse what was right before.
func (c Added) Class() Class {
	switch o := c.Element.Object.(type) {
	case *Field:
		if o.Required && o.Default == nil || o.Unique {
			return Breaking
		}
	case *Key:
		if c.Element.Kind == ElementUnique {
			return Breaking
		}
	case *Rule:
		if o.Severity != "warning" {
			return Behaviour
		}
	case *Role, *Grant, *Posting:
		return Behaviour
	case *Scenario:
		return Cosmetic
	}
	return Additive
}

// Class of something gone: what holds data or gives access is missed by those who used it.
func (c Removed) Class() Class {
	switch c.Element.Kind {
	case ElementEntity, ElementLedger, ElementField, ElementOption, ElementEnum, ElementTransition, ElementRole, ElementGrant:
		return Breaking
	case ElementScenario, ElementColor:
		return Cosmetic
	default:
		return Behaviour
	}
}

// Class of a new name: nothing inside the app notices, callers from outside do where names are part of the API.
func (c Renamed) Class() Class {
	switch c.Element.Kind {
	case ElementEntity, ElementLedger, ElementField, ElementOption, ElementTransition, ElementRole, ElementApp:
		return Behaviour
	default:
		return Cosmetic
	}
}

// Class of another kind is always Breaking: values have to be converted.
func (c Retyped) Class() Class { return Breaking }

// Class depends on the attribute, and for bounds on the direction.
func (c Altered) Class() Class { return c.class }

// Class of another place.
func (c Moved) Class() Class {
	switch c.Element.Kind {
	case ElementMenu, ElementItem, ElementColumn:
		return Cosmetic
	default:
		return Breaking
	}
}

// Class of another order is always Cosmetic.
func (c Reordered) Class() Class { return Cosmetic }

// changeJSON is the form in which changes travel.
type changeJSON struct {
	Change    string      `json:"change"`
	Class     Class       `json:"class"`
	Kind      ElementKind `json:"kind"`
	ID        ID          `json:"id"`
	Path      string      `json:"path"`
	Document  string      `json:"document"`
	Where     Label       `json:"where"`
	Attribute string      `json:"attribute,omitempty"`
	From      string      `json:"from,omitempty"`
	To        string      `json:"to,omitempty"`
	Text      Label       `json:"text"`
}

func (a about) json(c Change, name, attribute, from, to string) ([]byte, error) {
	body, err := json.Marshal(changeJSON{
		Change: name, Class: c.Class(), Kind: a.Element.Kind, ID: a.Element.ID, Path: a.Element.Path,
		Document: a.Element.Document.String(), Where: a.Where, Attribute: attribute, From: from, To: to, Text: c.Words(),
	})
	if err != nil {
		return nil, fmt.Errorf("write a change: %w", err)
	}
	return body, nil
}

// MarshalJSON writes the change with its class, place and text.
func (c Added) MarshalJSON() ([]byte, error) { return c.json(c, "added", "", "", "") }

// MarshalJSON writes the change with its class, place and text.
func (c Removed) MarshalJSON() ([]byte, error) { return c.json(c, "removed", "", "", "") }

// MarshalJSON writes the change with its class, place and text.
func (c Renamed) MarshalJSON() ([]byte, error) { return c.json(c, "renamed", "name", c.From, c.To) }

// MarshalJSON writes the change with its class, place and text.
func (c Retyped) MarshalJSON() ([]byte, error) {
	return c.json(c, "retyped", "kind", string(c.From), string(c.To))
}

// MarshalJSON writes the change with its class, place and text.
func (c Altered) MarshalJSON() ([]byte, error) {
	return c.json(c, "altered", c.Attribute, c.From, c.To)
}

// MarshalJSON writes the change with its class, place and text.
func (c Moved) MarshalJSON() ([]byte, error) { return c.json(c, "moved", "", c.From.Name, "") }

// MarshalJSON writes the change with its class, place and text.
func (c Reordered) MarshalJSON() ([]byte, error) {
	return c.json(c, "reordered", string(c.Kind), "", "")
}
