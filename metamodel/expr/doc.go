// Package expr is the expression language of an app: CEL with exact decimals, calendar dates and records.
//
// An expression goes through five steps. The source is scanned for what would be slow or is a common slip
// (precheck.go). cel-go parses it and checks it against declarations in which a decimal is the checker's double
// and a record is a struct type named after its entity (operators.go, provider.go). The checked tree becomes
// Nodes, plain data that SQL lowering and lineage read as well (convert.go); here null, options, comparisons and
// the places of queries are judged. A node to be evaluated is written back as a tree of cel-go over a runtime
// environment of our own functions and slots (lift.go, runtime_env.go) and planned; cel-go evaluates it. Every
// refusal is a diag.Diagnostic of the codes expr.*; the library's own words are shown to nobody.
//
// Null follows SQL: arithmetic, order and functions over null have no value (ErrNull), == and != compare null
// like any value, && and || absorb it, loops pass it over. Integers divide to decimals: 1 / 2 is 0.5.
//
// This is the only package that imports cel-go. It must never know a database, a file, a clock or a language
// other than through its arguments.
package expr
