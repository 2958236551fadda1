// Package engine is what Tenon does with an app: create, read, change and find records, evaluate forms, import
// and export, keep documents and release them. One file per use case; every write goes through the same decide,
// decode, check, write. It must never know HTTP.
package engine
