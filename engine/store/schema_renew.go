package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// RenewIndexes gives the tables that an app's ledgers keep the indexes that this binary wants of them, and takes away
// those that an earlier one wanted: people can't declare them, so no release would. It tells how many it made and took
// away; where all is as it should be that is none, and nothing is written. Each index is a step of its own, so that a
// process that is stopped goes on at the next start. It is called when no release is under way; one that was begun and
// not finished keeps all indexes that are there. It returns ErrMoved when another release serves than the pin says.
func (s *Store) RenewIndexes(ctx context.Context, from Pin, app *metamodel.App) (made, dropped int, err error) {
	have, err := s.keptIndexes(ctx, app)
	if err != nil {
		return 0, 0, err
	}
	wanted := map[string]bool{}
	for _, e := range entitiesOf(app) {
		if e.Kept == nil {
			continue
		}
		for _, x := range slices.Concat(indexesOf(e), sortIndexes(app, e), rollupIndexes(app, e)) {
			if wanted[x.name] {
				continue
			}
			wanted[x.name] = true
			if have[x.name] {
				continue
			}
			st := Step{Kind: CreateIndex, SQL: x.ddl(s.Dialect(), true), entity: e, index: x}
			if err := s.makeIndex(ctx, from, st, func(context.Context, *Tx) error { return nil }); err != nil {
				return made, 0, fmt.Errorf("renew index %s of %s: %w", x.name, e.Name, err)
			}
			made++
		}
	}
	dropped, err = s.dropOthers(ctx, from, app, have, wanted)
	return made, dropped, err
}

// RenewColumns gives the tables that an app's ledgers keep the columns that this binary wants of them and that an earlier
// one didn't: people can't declare them, so no release would. It tells how many tables it changed; where all is as it
// should be that is none, and nothing is written. Nothing of the app may be written before it is done.
func (s *Store) RenewColumns(ctx context.Context, from Pin, app *metamodel.App) (changed int, err error) {
	have, err := s.keptColumns(ctx, app)
	if err != nil {
		return 0, err
	}
	for _, e := range entitiesOf(app) {
		table := lower.Table(e)
		if e.Kept == nil || !slices.ContainsFunc(e.Columns(), func(f *metamodel.Field) bool {
			return lower.HasColumn(f) && !have[table+"."+lower.Column(f)]
		}) {
			continue
		}
		err := s.Write(ctx, from, func(ctx context.Context, tx *Tx) error { return tx.ensureTable(ctx, app.ID, e) })
		if err != nil {
			return changed, fmt.Errorf("renew columns of %s: %w", e.Name, err)
		}
		changed++
	}
	return changed, nil
}

// keptColumns lists the columns of the tables that an app's ledgers keep, as the catalogue has them.
func (s *Store) keptColumns(ctx context.Context, app *metamodel.App) (map[string]bool, error) {
	var rows []columnRow
	err := s.read.models(ctx).Where(clause.Eq{Column: "app", Value: string(app.ID)}).Find(&rows).Error
	have := map[string]bool{}
	for _, r := range rows {
		have[r.Tbl+"."+r.Col] = true
	}
	return have, s.wrap("read catalogue", err)
}

// keptIndexes lists the indexes of the tables that an app's ledgers keep, as the catalogue has them.
func (s *Store) keptIndexes(ctx context.Context, app *metamodel.App) (map[string]bool, error) {
	var tables []any
	for _, e := range entitiesOf(app) {
		if e.Kept != nil {
			tables = append(tables, lower.Table(e))
		}
	}
	have := map[string]bool{}
	if len(tables) == 0 {
		return have, nil
	}
	var names []string
	err := s.read.models(ctx).Model(&indexRow{}).Where(clause.IN{Column: "tbl", Values: tables}).Pluck("name", &names).Error
	for _, name := range names {
		have[name] = true
	}
	return have, s.wrap("read catalogue", err)
}

// dropOthers takes away the indexes that nobody wants any more, unless a plan that was begun may want them.
func (s *Store) dropOthers(ctx context.Context, from Pin, app *metamodel.App, have, wanted map[string]bool) (dropped int, err error) {
	var stale []string
	for name := range have {
		if !wanted[name] {
			stale = append(stale, name)
		}
	}
	if len(stale) == 0 {
		return 0, nil
	}
	slices.Sort(stale)
	err = s.Write(ctx, from, func(ctx context.Context, tx *Tx) error {
		dropped = 0
		var begun int64
		err := tx.models(ctx).Model(&stepRow{}).Where(clause.Eq{Column: "app", Value: string(app.ID)}).Count(&begun).Error
		if err != nil || begun > 0 {
			return s.wrap("read schema ledger", err)
		}
		for _, name := range stale {
			if err := tx.dropIndex(ctx, index{name: name}); err != nil {
				return err
			}
			dropped++
		}
		return nil
	})
	return dropped, err
}

// dropIndex takes an index away, and out of the catalogue.
func (tx *Tx) dropIndex(ctx context.Context, x index) error {
	if err := tx.ddl(ctx, x.drop()); err != nil {
		return err
	}
	err := tx.models(ctx).Where(clause.Eq{Column: "name", Value: x.name}).Delete(&indexRow{}).Error
	return tx.s.wrap("write catalogue", err)
}
