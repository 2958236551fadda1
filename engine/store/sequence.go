package store

import (
	"context"
)

// Next takes the next number of a counter, from 1. Numbers are gapless: a transaction that is rolled back gives
// its number back, which is why writers that take from one counter wait for each other until they commit.
func (tx *Tx) Next(ctx context.Context, key string) (int64, error) {
	const query = "INSERT INTO sequences (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1 RETURNING value"
	n, err := tx.integer(ctx, query, key)
	return n, tx.s.wrap("take next number", err)
}

// Reserve takes n numbers of a counter at once and returns the first of them: what an import needs.
func (tx *Tx) Reserve(ctx context.Context, key string, n int64) (int64, error) {
	const query = "INSERT INTO sequences (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = sequences.value + excluded.value RETURNING value"
	last, err := tx.integer(ctx, query, key, n)
	return last - n + 1, tx.s.wrap("reserve numbers", err)
}
