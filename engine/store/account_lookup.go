package store

import (
	"cmp"
	"context"
)

// DepartmentNames gives the names of departments by id. Unknown ids are left out.
func (r *Reader) DepartmentNames(ctx context.Context, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for start := 0; start < len(ids); start += idBatch {
		var rows []departmentRow
		batch := ids[start:min(start+idBatch, len(ids))]
		if err := r.models(ctx).Select("id", "name").Where("id IN ?", batch).Find(&rows).Error; err != nil {
			return nil, r.s.wrap("read names of departments", err)
		}
		for _, row := range rows {
			out[row.ID] = row.Name
		}
	}
	return out, nil
}

// ambiguousName stands for several accounts of one name.
const ambiguousName = "?"

// UsersNamed finds the people who exist by e-mail, whatever its case, or else by name; a name that several bear
// gives "?". An e-mail counts before a name, so that nobody comes between by being named like somebody's e-mail.
func (r *Reader) UsersNamed(ctx context.Context, texts []string) (map[string]string, error) {
	out := make(map[string]string, len(texts))
	for start := 0; start < len(texts); start += idBatch {
		batch := texts[start:min(start+idBatch, len(texts))]
		keys := make([]string, len(batch))
		for i, t := range batch {
			keys[i] = emailKey(t)
		}
		var rows []userRow
		err := r.models(ctx).Select("id", "name", "email_key").Where("deleted_at = 0 AND (name IN ? OR email_key IN ?)", batch, keys).Find(&rows).Error
		if err != nil {
			return nil, r.s.wrap("find users", err)
		}
		byEmail, byName := make(map[string]string, len(rows)), make(map[string]string, len(rows))
		for _, row := range rows {
			byEmail[row.EmailKey] = row.ID
			if _, twice := byName[row.Name]; twice {
				byName[row.Name] = ambiguousName
			} else {
				byName[row.Name] = row.ID
			}
		}
		for i, t := range batch {
			if id := cmp.Or(byEmail[keys[i]], byName[t]); id != "" {
				out[t] = id
			}
		}
	}
	return out, nil
}

// DepartmentsNamed finds departments by name; a name that several bear gives "?".
func (r *Reader) DepartmentsNamed(ctx context.Context, texts []string) (map[string]string, error) {
	out := make(map[string]string, len(texts))
	for start := 0; start < len(texts); start += idBatch {
		var rows []departmentRow
		if err := r.models(ctx).Select("id", "name").Where("name IN ?", texts[start:min(start+idBatch, len(texts))]).Find(&rows).Error; err != nil {
			return nil, r.s.wrap("find departments", err)
		}
		for _, row := range rows {
			if out[row.Name] != "" {
				out[row.Name] = ambiguousName
				continue
			}
			out[row.Name] = row.ID
		}
	}
	return out, nil
}

// FileTypes gives the types of files that owner has uploaded; an empty owner stands for anyone.
func (r *Reader) FileTypes(ctx context.Context, ids []string, owner string) (map[string]string, error) {
	return r.filesBy(ctx, ids, owner, func(f fileRow) string { return f.Type })
}

// FileNames gives the names of files that owner has uploaded; an empty owner stands for anyone.
func (r *Reader) FileNames(ctx context.Context, ids []string, owner string) (map[string]string, error) {
	return r.filesBy(ctx, ids, owner, func(f fileRow) string { return f.Name })
}

// filesBy reads something of files that owner has uploaded, by their ids.
func (r *Reader) filesBy(ctx context.Context, ids []string, owner string, what func(fileRow) string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for start := 0; start < len(ids); start += idBatch {
		q := r.models(ctx).Select("id", "name", "type").Where("id IN ?", ids[start:min(start+idBatch, len(ids))])
		if owner != "" {
			q = q.Where("created_by = ?", owner)
		}
		var rows []fileRow
		if err := q.Find(&rows).Error; err != nil {
			return nil, r.s.wrap("find files", err)
		}
		for _, row := range rows {
			out[row.ID] = what(row)
		}
	}
	return out, nil
}
