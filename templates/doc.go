// Package templates holds the apps that ship with Tenon: their documents in source form, embedded, and
// demonstration data for trying them out. It is pure: the same name, seed and day always give the same
// bytes. It never touches a database and never reads the clock.
package templates
