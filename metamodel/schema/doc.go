// Package schema reads and writes an app's documents: the published JSON Schemas of the kinds, the strict
// reader, the source form that people, templates and files use (names), and the stored form that is hashed,
// merged and compiled (ids). It must never open a file or a connection, and never judge an expression: that is
// package check's.
package schema
