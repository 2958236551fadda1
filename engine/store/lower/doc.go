// Package lower turns typed questions and checked expressions into SQL for SQLite and PostgreSQL, and slot
// values into driver values and back. It owns the physical names and types of an app's tables.
//
// Every value is bound as an argument and every identifier comes from an element's id, so no text a person
// typed ever becomes SQL. What can't be said in SQL with exactly the meaning that evaluation in Go has is
// refused with a reason, never approximated. The package builds text and arguments only: it must never open a
// connection, run a statement or decide what anyone may see.
package lower
