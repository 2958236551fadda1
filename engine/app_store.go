package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/schema"
)

// draftEnv is the environment whose reference holds the documents being worked on. It has no data.
const draftEnv = "draft"

// draftReason marks the commits that a draft leaves behind. A release must have a reason of its own.
const draftReason = ""

// treeEntry is one document in a tree object.
type treeEntry struct {
	Kind metamodel.Kind `json:"kind"`
	ID   metamodel.ID   `json:"id"`
	Name string         `json:"name"`
	Hash string         `json:"hash"`
}

// putApp keeps the documents of an app as objects and a tree over them, and returns the tree's address.
func putApp(ctx context.Context, tx *store.Tx, app *metamodel.App) (string, error) {
	var tree []treeEntry
	for _, d := range schema.Store(app) {
		hash, err := tx.PutObject(ctx, d.Body)
		if err != nil {
			return "", fmt.Errorf("keep %s %s: %w", d.Kind, d.Name, err)
		}
		tree = append(tree, treeEntry{d.Kind, d.ID, d.Name, hash})
	}
	body, err := json.Marshal(tree)
	if err != nil {
		return "", fmt.Errorf("write the tree: %w", err)
	}
	return tx.PutObject(ctx, body)
}

// commitApp keeps an app's documents as a commit.
func (e *Engine) commitApp(ctx context.Context, tx *store.Tx, c Call, app *metamodel.App, reason string, parents ...string) (string, error) {
	tree, err := putApp(ctx, tx, app)
	if err != nil {
		return "", err
	}
	var kept []string
	for _, p := range parents {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return tx.PutCommit(ctx, store.Commit{App: app.Name, Tree: tree, Parents: kept, Author: c.Actor.ID, Reason: reason, At: c.Now})
}

// loadCommit reads the app of a commit.
func (e *Engine) loadCommit(ctx context.Context, hash string) (*metamodel.App, error) {
	r := e.store.Reader()
	commit, err := r.Commit(ctx, hash)
	if err != nil {
		return nil, err
	}
	body, err := r.Object(ctx, commit.Tree)
	if err != nil {
		return nil, err
	}
	var tree []treeEntry
	if err := json.Unmarshal(body, &tree); err != nil {
		return nil, fmt.Errorf("read the tree of %s: %w", hash, err)
	}
	docs := make([]schema.Stored, 0, len(tree))
	for _, t := range tree {
		body, err := r.Object(ctx, t.Hash)
		if err != nil {
			return nil, err
		}
		docs = append(docs, schema.Stored{Kind: t.Kind, ID: t.ID, Name: t.Name, Body: body})
	}
	app, list := schema.Load(docs)
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("read the documents of %s: %w", hash, err)
	}
	return app, nil
}
