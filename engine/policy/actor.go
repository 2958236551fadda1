package policy

import (
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Kind says what sort of actor acts.
type Kind uint8

// The kinds of actors. The zero value is nobody in particular.
const (
	Anonymous Kind = iota
	Person         // someone signed in
	Token          // a person's API token; acts with the person's rights
	System         // Tenon itself; never made from a request
)

// String returns the kind's name as it is kept in the journal.
func (k Kind) String() string {
	switch k {
	case Person:
		return "user"
	case Token:
		return "token"
	case System:
		return "system"
	default:
		return "anonymous"
	}
}

// Actor is who acts in one request. It is immutable once made and shared between requests.
//
// Workspace roles give nothing inside apps: Admin administers users, settings and audit, Builder changes the
// documents of apps, Reviewer releases them. Records are reached by app roles alone.
type Actor struct {
	Kind  Kind
	ID    string // the person's, also for a token; "" for anonymous
	Name  string
	Email string

	Admin    bool
	Builder  bool
	Reviewer bool

	// Roles are the ids of the assigned roles by the app's name. They are ids and not names, because a role
	// can be named like another one's id.
	Roles map[string][]metamodel.ID
	// Departments are the ids of the person's departments and of all below them.
	Departments []string
	Attributes  map[string]string
	Locale      string

	SessionID  string // of the session or token by which the actor came
	MustChange bool   // the password was given by someone else: nothing but changing it is allowed
	Epoch      int64  // the state of accounts that the actor was made of
}

var nobody = &Actor{Kind: Anonymous}

// Nobody returns the actor of requests without credentials.
func Nobody() *Actor { return nobody }

// Itself returns the actor as which Tenon acts on its own.
func Itself() *Actor { return &Actor{Kind: System, Name: "Tenon"} }

// Assigned is the Roles of someone who has exactly these roles of one app.
func Assigned(app *metamodel.App, roles ...*metamodel.Role) map[string][]metamodel.ID {
	ids := make([]metamodel.ID, 0, len(roles))
	for _, r := range roles {
		ids = append(ids, r.ID)
	}
	return map[string][]metamodel.ID{app.Name: ids}
}

// ExprUser returns the actor as expressions outside any app see it: without roles, because a role's name
// means something in its app alone. Inside an app, Permissions.User is used.
func (a *Actor) ExprUser() *expr.User {
	return &expr.User{ID: a.ID, Departments: a.Departments, Attributes: a.Attributes}
}
