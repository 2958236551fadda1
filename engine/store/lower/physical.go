package lower

import (
	"fmt"
	"strconv"

	"tenon/metamodel"
)

// Dialect is a kind of database.
type Dialect uint8

// The databases.
const (
	SQLite Dialect = iota
	Postgres
)

// String returns the dialect's name.
func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// class is how the values of a field are kept. Fields of different classes never share a column, so that a
// retype is another column.
type class uint8

const (
	classNone class = iota // no column
	classText
	classID // the id of a record, a person or a department
	classInt
	classDecimal
	classBool
	classDate
	classInstant
	classTime
	classDuration
	classChoice // the id of an option
	classList   // a JSON array of texts: ids of options, records or files
	classJSON
)

// idLength bounds an id inside a physical name; PostgreSQL cuts names at 63 bytes.
const idLength = 40

// physicalID asserts that an id is safe inside a physical name. Ids come from decoded documents only, so
// anything else is a programming error.
func physicalID(id metamodel.ID) string {
	if len(id) == 0 || len(id) > idLength {
		panic(fmt.Sprintf("lower: %.80q is no id", id))
	}
	for i := range len(id) {
		if c := id[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			panic(fmt.Sprintf("lower: %.80q is no id", id))
		}
	}
	return string(id)
}

// Table is the name of the table that holds an entity's records.
func Table(e *metamodel.Entity) string { return "e_" + physicalID(e.ID) }

// Column is the name of the column that holds a field: a system field's own name, otherwise the field's id
// with its storage class, so that a field which changes its type or scale gets another column. Fields of
// which HasColumn is false have none; for them the name is that of the column that a stored one would have.
func Column(f *metamodel.Field) string {
	if f.System {
		return physicalID(metamodel.ID(f.Name))
	}
	return "f_" + physicalID(f.ID) + "_" + suffix(f)
}

// HasColumn tells whether the field is kept in its entity's table: virtual fields are computed when read,
// lines live in a table of their own.
func HasColumn(f *metamodel.Field) bool { return !f.Virtual() && classOf(f) != classNone }

func suffix(f *metamodel.Field) string {
	switch classOf(f) {
	case classText:
		return "t"
	case classID:
		return "r"
	case classInt:
		return "i"
	case classDecimal:
		return "d" + strconv.Itoa(f.Scale)
	case classBool:
		return "b"
	case classDate:
		return "day"
	case classInstant:
		return "ts"
	case classTime:
		return "tod"
	case classDuration:
		return "dur"
	case classChoice:
		return "c"
	case classList:
		return "l"
	case classJSON:
		return "j"
	case classNone:
		return "none"
	}
	return "none"
}

func classOf(f *metamodel.Field) class {
	switch f.Kind {
	case metamodel.Integer:
		return classInt
	case metamodel.Decimal, metamodel.Money, metamodel.Percent:
		return classDecimal
	case metamodel.Boolean:
		return classBool
	case metamodel.Date:
		return classDate
	case metamodel.DateTime:
		return classInstant
	case metamodel.Time:
		return classTime
	case metamodel.Duration:
		return classDuration
	case metamodel.Choice:
		return classChoice
	case metamodel.Choices, metamodel.References, metamodel.File, metamodel.Image:
		return classList
	case metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		return classID
	case metamodel.JSON:
		return classJSON
	case metamodel.Lines:
		return classNone
	case metamodel.Text, metamodel.LongText, metamodel.RichText, metamodel.Barcode, metamodel.Phone, metamodel.Email,
		metamodel.Link, metamodel.Number:
		if f.System && f.Name == "id" {
			return classID
		}
		return classText
	}
	return classNone
}

// ColumnType is the column's type in DDL, without NOT NULL, defaults or keys: INTEGER or TEXT on SQLite
// (texts compare as bytes), the native exact type on PostgreSQL. It is "" for a field without a column.
func ColumnType(d Dialect, f *metamodel.Field) string {
	if d == Postgres {
		return postgresType(f)
	}
	switch classOf(f) {
	case classText, classID, classChoice, classList, classJSON:
		return "TEXT"
	case classInt, classDecimal, classBool, classDate, classInstant, classTime, classDuration:
		return "INTEGER"
	case classNone:
	}
	return ""
}

func postgresType(f *metamodel.Field) string {
	switch classOf(f) {
	case classText, classChoice:
		return `text COLLATE "C"`
	case classID:
		return "uuid"
	case classInt, classDuration:
		return "bigint"
	case classDecimal:
		return fmt.Sprintf("numeric(%d,%d)", f.Precision, f.Scale)
	case classBool:
		return "boolean"
	case classDate:
		return "date"
	case classInstant:
		return "timestamptz"
	case classTime:
		return "integer"
	case classList:
		return "jsonb"
	case classJSON:
		return "json" // keeps the canonical text as written; jsonb would rewrite it
	case classNone:
	}
	return ""
}

// Sums are the columns beside a roll-up that hold what it is worked out of: how many (different) values, for an average
// and a deviation their sum, for a deviation the sum of their squares. Nothing but the store reads them. A record in which they are
// null has not been worked out yet.
func Sums(f *metamodel.Field) []string {
	if f.Rollup == nil {
		return nil
	}
	base := "f_" + physicalID(f.ID) + "_"
	digits := strconv.Itoa(f.Scale)
	switch f.Rollup.Function {
	case metamodel.RollupDistinct, metamodel.RollupConcat:
		return []string{base + "n" + digits}
	case metamodel.RollupAverage:
		return []string{base + "n" + digits, base + "s" + digits}
	case metamodel.RollupDeviate:
		return []string{base + "n" + digits, base + "s" + digits, base + "q" + digits}
	default:
		return nil
	}
}

// SumType is the type of such a column: whole numbers as text, since squares outgrow every exact type of SQLite.
func SumType(d Dialect) string {
	if d == Postgres {
		return "text"
	}
	return "TEXT"
}
