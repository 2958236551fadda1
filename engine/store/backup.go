package store

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// The form of a backup: a zip with manifest.json, then tables/<name>.jsonl with one JSON array per row, then
// files/<hash>. Values are written the same way whatever the database, so a backup of SQLite restores into
// PostgreSQL and the other way round.
const (
	backupFormat   = "tenon.backup.v1"
	manifestName   = "manifest.json"
	backupTables   = "tables/"
	backupFiles    = "files/"
	maxManifest    = 16 << 20 // bytes of a manifest
	restoreBatch   = 256      // rows encoded before they are sent
	flushThreshold = 1 << 16
)

// passing tables hold nothing that outlives the process, or belong to the database itself.
var passing = []string{"migrations", "schema_steps", "schema_dirty", "presence"}

type manifest struct {
	Format     string          `json:"format"`
	Workspace  string          `json:"workspace"`
	Dialect    string          `json:"dialect"`
	At         time.Time       `json:"at"`
	Migrations int             `json:"migrations"`
	Tables     []backupTable   `json:"tables"`
	Audit      json.RawMessage `json:"audit"`
}

// backupTable is a table with its columns. Records is set for tables of apps.
type backupTable struct {
	Name    string         `json:"name"`
	Records bool           `json:"records,omitempty"`
	Columns []backupColumn `json:"columns"`
}

// backupColumn is a column with its class: of platform tables int, text or blob, of apps' tables as in the
// catalogue.
type backupColumn struct {
	Name  string `json:"name"`
	Class string `json:"class"`
	Scale int    `json:"scale,omitempty"`
}

// Backup writes a consistent copy of the whole workspace, files included, while it is in use.
func (s *Store) Backup(ctx context.Context, w io.Writer) (err error) {
	if _, err := s.Seal(ctx); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	tx, err := s.db.snapshot(ctx)
	if err != nil {
		return s.wrap("back up", err)
	}
	defer func() { err = errors.Join(err, tx.rollback()) }()
	b := &backup{r: &Reader{s: s, on: tx}, zip: zip.NewWriter(w)}
	if s.Dialect() == lower.Postgres {
		const patient = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
		if _, err := tx.pool().ExecContext(ctx, patient); err != nil {
			return s.wrap("back up", err)
		}
	}
	if err := b.run(ctx); err != nil {
		return s.wrap("back up", err)
	}
	if err := b.zip.Close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

type backup struct {
	r   *Reader
	zip *zip.Writer
}

func (b *backup) run(ctx context.Context) error {
	m, err := b.manifest(ctx)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	out, err := b.zip.Create(manifestName)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	for _, t := range m.Tables {
		if err := b.table(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return b.files(ctx)
}

func (b *backup) manifest(ctx context.Context) (*manifest, error) {
	s := b.r.s
	all, err := migrations(s.Dialect())
	if err != nil {
		return nil, err
	}
	m := &manifest{Format: backupFormat, Workspace: s.id, Dialect: s.Dialect().String(), At: s.now().UTC(), Migrations: len(all)}
	if m.Tables, err = b.r.platformTables(ctx); err != nil {
		return nil, err
	}
	records, err := b.r.recordTables(ctx)
	if err != nil {
		return nil, err
	}
	m.Tables = append(m.Tables, records...)
	last, err := b.r.lastSeal(ctx)
	if err != nil {
		return nil, err
	}
	m.Audit, err = json.Marshal(Checkpoint{Position: last.Position, Total: last.Total, Hash: last.Hash})
	return m, err
}

// platformTables lists the platform's tables by name.
func (r *Reader) platformTables(ctx context.Context) (out []backupTable, err error) {
	columns, err := r.s.db.platformColumns(ctx, r.on)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		if slices.Contains(passing, c.table) || strings.HasPrefix(c.table, "e_") {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Name != c.table {
			out = append(out, backupTable{Name: c.table})
		}
		last := &out[len(out)-1]
		last.Columns = append(last.Columns, backupColumn{Name: c.column, Class: c.class})
	}
	return out, nil
}

// platformColumn is a column of any table that is no app's.
type platformColumn struct{ table, column, class string }

// classOfType is the class of a platform column by its declared type.
func classOfType(declared string) string {
	switch strings.ToLower(declared) {
	case "integer", "bigint":
		return "int"
	case "blob", "bytea":
		return "blob"
	default:
		return "text"
	}
}

// recordTables lists the tables of apps from the catalogue, hidden columns included.
func (r *Reader) recordTables(ctx context.Context) ([]backupTable, error) {
	var rows []columnRow
	if err := r.models(ctx).Order("tbl").Order("position").Order("col").Find(&rows).Error; err != nil {
		return nil, err
	}
	var out []backupTable
	for _, row := range rows {
		if len(out) == 0 || out[len(out)-1].Name != row.Tbl {
			out = append(out, backupTable{Name: row.Tbl, Records: true})
		}
		last := &out[len(out)-1]
		last.Columns = append(last.Columns, backupColumn{Name: row.Col, Class: row.Class, Scale: int(row.Scale)})
	}
	return out, nil
}

// table writes the rows of one table.
func (b *backup) table(ctx context.Context, t backupTable) (err error) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quote(c.Name)
	}
	order := names[0]
	if t.Records {
		order = "id"
	}
	out, err := b.zip.Create(backupTables + t.Name + ".jsonl")
	if err != nil {
		return err
	}
	rows, err := b.r.on.pool().QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+quote(t.Name)+" ORDER BY "+order)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	cells, dest := make([]any, len(names)), make([]any, len(names))
	for i := range cells {
		dest[i] = &cells[i]
	}
	columns, err := columnsOf(t)
	if err != nil {
		return err
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for i, c := range columns {
			if cells[i], err = c.portable(b.r.s.Dialect(), cells[i]); err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
		}
		if err := enc.Encode(cells); err != nil {
			return err
		}
		if line.Len() >= flushThreshold {
			if _, err := line.WriteTo(out); err != nil {
				return err
			}
		}
	}
	if _, err := line.WriteTo(out); err != nil {
		return err
	}
	return rows.Err()
}

// files copies the content of all files that are known in the snapshot.
func (b *backup) files(ctx context.Context) error {
	hashes, err := texts(ctx, b.r.on, "SELECT DISTINCT hash FROM files ORDER BY hash")
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		if err := b.file(ctx, hash); err != nil {
			return fmt.Errorf("file %.80s: %w", hash, err)
		}
	}
	return nil
}

func (b *backup) file(ctx context.Context, hash string) (err error) {
	if !isHash(hash) {
		return ErrDamaged
	}
	in, err := os.Open(b.r.s.contentPath(hash))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := b.zip.Create(backupFiles + hash)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, &contextReader{ctx, in})
	return err
}

// column converts a cell between a driver and a backup. Field is set for apps' tables and stands in for the one
// that the column was made for: it has the same storage.
type column struct {
	name  string
	class string
	field *metamodel.Field
}

func columnsOf(t backupTable) ([]column, error) {
	out := make([]column, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = column{name: c.Name, class: c.Class}
		if !t.Records {
			continue
		}
		f, err := standIn(c)
		if err != nil {
			return nil, err
		}
		out[i].field = f
	}
	return out, nil
}

// standInKinds are field kinds with the storage of a class.
var standInKinds = map[string]metamodel.FieldKind{
	"t": metamodel.Text, "c": metamodel.Text, "r": metamodel.User, "i": metamodel.Integer, "b": metamodel.Boolean,
	"day": metamodel.Date, "ts": metamodel.DateTime, "tod": metamodel.Time, "dur": metamodel.Duration, "j": metamodel.JSON, "l": metamodel.File,
}

func standIn(c backupColumn) (*metamodel.Field, error) {
	f := &metamodel.Field{ID: "backup", Name: c.Name, Kind: standInKinds[c.Class]}
	if scale, ok := strings.CutPrefix(c.Class, "d"); ok && f.Kind == "" {
		n, err := strconv.Atoi(scale)
		if err != nil || n < 0 || n > value.MaxScale {
			return nil, fmt.Errorf("column %s: %w: class %.20s", c.Name, ErrDamaged, c.Class)
		}
		f.Kind, f.Scale, f.Precision = metamodel.Decimal, n, value.MaxPrecision
	}
	if f.Kind == "" {
		return nil, fmt.Errorf("column %s: %w: class %.20s", c.Name, ErrDamaged, c.Class)
	}
	return f, nil
}

// portable is a cell as a backup has it.
func (c column) portable(d lower.Dialect, src any) (any, error) {
	if src == nil {
		return nil, nil
	}
	if c.field == nil {
		if b, ok := src.([]byte); ok {
			return base64.StdEncoding.EncodeToString(b), nil
		}
		return src, nil
	}
	if c.class == "l" { // the elements may be of any kind: the list is copied as it is
		return compact(src)
	}
	v, err := lower.Decode(d, c.field, src)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case time.Duration:
		return int64(x / time.Second), nil
	case value.JSON:
		return string(x), nil
	}
	return v, nil // the others write themselves: decimals and dates as texts
}

// compact is a stored JSON text without the spaces that PostgreSQL adds.
func compact(src any) (any, error) {
	var text []byte
	switch x := src.(type) {
	case string:
		text = []byte(x)
	case []byte:
		text = x
	default:
		return nil, fmt.Errorf("%w: %T", ErrDamaged, src)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		return nil, fmt.Errorf("%w: list", ErrDamaged)
	}
	return out.String(), nil
}

// stored is the opposite of portable: a driver's argument.
func (c column) stored(d lower.Dialect, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if n, ok := v.(json.Number); ok {
		i, err := n.Int64()
		if err != nil {
			return nil, fmt.Errorf("%w: number", ErrDamaged)
		}
		v = i
	}
	if c.field == nil {
		return storedPlain(c.class, v)
	}
	if c.class == "l" {
		return v, nil
	}
	slot, err := slotOf(c.field.Kind, v)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return lower.Encode(d, c.field, slot)
}

func storedPlain(class string, v any) (any, error) {
	switch x := v.(type) {
	case int64:
		if class == "int" {
			return x, nil
		}
	case string:
		if class == "text" {
			return x, nil
		}
		if class == "blob" {
			return base64.StdEncoding.DecodeString(x)
		}
	}
	return nil, fmt.Errorf("%w: %T for %s", ErrDamaged, v, class)
}

// slotOf reads a value of a backup into what a slot holds.
func slotOf(kind metamodel.FieldKind, v any) (any, error) {
	n, _ := v.(int64)
	s, isText := v.(string)
	switch kind { //nolint:exhaustive // the kinds of stand-ins
	case metamodel.Duration:
		return time.Duration(n) * time.Second, nil
	case metamodel.Integer, metamodel.Boolean:
		return v, nil
	}
	if !isText {
		return nil, fmt.Errorf("%T for %s", v, kind)
	}
	switch kind { //nolint:exhaustive // the kinds of stand-ins
	case metamodel.Decimal:
		return value.ParseDecimal(s)
	case metamodel.Date:
		return value.ParseDate(s)
	case metamodel.DateTime:
		return value.ParseDateTime(s)
	case metamodel.Time:
		return value.ParseTimeOfDay(s)
	case metamodel.JSON:
		return value.JSON(s), nil
	}
	return s, nil
}
