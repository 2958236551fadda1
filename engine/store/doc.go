// Package store keeps a workspace in SQLite or PostgreSQL: the records of apps in typed tables, and the
// platform's own tables (revisions of apps, journal, outbox, settings, files). Everything that is written goes
// through Store.Write, the only opener of write transactions.
//
// A workspace is one database, so the tenant is a property of the connection and never of a statement. The
// package decides no permissions, runs no rules and knows no HTTP; errors of the database drivers never leave
// it unwrapped by one of its own.
package store
