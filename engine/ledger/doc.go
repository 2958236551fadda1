// Package ledger keeps the books that documents post to: how much there is of what, where, and what it is worth. A Book
// takes what a document wants to have posted, compares it with what the document has posted, and brings entries,
// balances and costs up to date in the document's own transaction.
//
// It is the Book over the database; what goods are worth is found by package costing.
package ledger
