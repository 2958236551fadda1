package expr

import (
	"strings"

	"github.com/google/cel-go/common/types"

	"tenon/metamodel"
)

// typeWords are the words for types in texts for people, zh-CN and en-US.
var typeWords = map[Type][2]string{
	Unknown: {"未知类型", "an unknown type"},
	Null:    {"空值", "null"},
	Bool:    {"是/否", "yes/no"},
	Int:     {"整数", "integer"},
	Dec:     {"小数", "decimal"},
	Str:     {"文本", "text"},
	Dat:     {"日期", "date"},
	Ts:      {"日期时间", "date-time"},
	Tod:     {"时刻", "time of day"},
	Dur:     {"时长", "duration"},
	JSON:    {"JSON", "JSON"},
	Rec:     {"记录", "record"},
	ListOf:  {"列表", "list"},
	UserVar: {"用户", "user"},
}

// String returns the type's English name as used in cost and type tables.
func (t Type) String() string {
	names := [...]string{"unknown", "null", "bool", "int", "decimal", "text", "date", "datetime", "time", "duration", "json", "record", "list", "user"}
	if int(t) < len(names) {
		return names[t]
	}
	return names[0]
}

// TypeOf returns the type that a field's value has in expressions. elem is set for lists; entity for records
// and lists of records. User and department fields are texts (an id), references and lines are records.
func TypeOf(f *metamodel.Field) (t, elem Type, entity *metamodel.Entity) {
	switch f.Kind {
	case metamodel.Integer:
		return Int, Unknown, nil
	case metamodel.Decimal, metamodel.Money, metamodel.Percent:
		return Dec, Unknown, nil
	case metamodel.Boolean:
		return Bool, Unknown, nil
	case metamodel.Date:
		return Dat, Unknown, nil
	case metamodel.DateTime:
		return Ts, Unknown, nil
	case metamodel.Time:
		return Tod, Unknown, nil
	case metamodel.Duration:
		return Dur, Unknown, nil
	case metamodel.JSON:
		return JSON, Unknown, nil
	case metamodel.Reference, metamodel.Tree:
		if f.Target != nil {
			return Rec, Unknown, f.Target
		}
		return Str, Unknown, nil
	case metamodel.References, metamodel.Lines:
		if f.Target != nil {
			return ListOf, Rec, f.Target
		}
		return ListOf, Str, nil
	case metamodel.Choices, metamodel.File, metamodel.Image:
		return ListOf, Str, nil
	default:
		return Str, Unknown, nil
	}
}

// The types that the checker sees. A decimal is the checker's double, so that decimal literals and the
// comparison of both kinds of numbers need no rewriting; no float64 is ever computed with. A record's type is
// named after its entity with a prefix that no source can spell.
var (
	celDate = types.NewOpaqueType("@date")
	celTime = types.NewOpaqueType("@time")
	celJSON = types.NewOpaqueType("@json")
	celUser = types.NewObjectType(userType)
)

const (
	userType     = "@user"
	attrsType    = "@attributes"
	entityPrefix = "@entity/"
)

func celRecord(e *metamodel.Entity) *types.Type { return types.NewObjectType(entityPrefix + e.Name) }

// celType is the checker's type for a type of ours.
func celType(t, elem Type, entity *metamodel.Entity) *types.Type {
	switch t {
	case Null:
		return types.NullType
	case Bool:
		return types.BoolType
	case Int:
		return types.IntType
	case Dec:
		return types.DoubleType
	case Str:
		return types.StringType
	case Dat:
		return celDate
	case Ts:
		return types.TimestampType
	case Tod:
		return celTime
	case Dur:
		return types.DurationType
	case JSON:
		return celJSON
	case Rec:
		return celRecord(entity)
	case ListOf:
		return types.NewListType(celType(elem, Unknown, entity))
	case UserVar:
		return celUser
	default:
		return types.NewTypeParamType("T")
	}
}

// typeFrom is the way back from the checker's type.
func (m *Model) typeFrom(t *types.Type) (typ, elem Type, entity *metamodel.Entity) {
	switch t.Kind() {
	case types.BoolKind:
		return Bool, Unknown, nil
	case types.IntKind:
		return Int, Unknown, nil
	case types.DoubleKind:
		return Dec, Unknown, nil
	case types.StringKind:
		return Str, Unknown, nil
	case types.NullTypeKind:
		return Null, Unknown, nil
	case types.TimestampKind:
		return Ts, Unknown, nil
	case types.DurationKind:
		return Dur, Unknown, nil
	case types.OpaqueKind:
		return opaqueType(t), Unknown, nil
	case types.StructKind:
		return m.structType(t.TypeName())
	case types.ListKind:
		e, nested, entity := m.typeFrom(t.Parameters()[0])
		if nested != Unknown {
			return ListOf, Unknown, nil
		}
		return ListOf, e, entity
	default:
		return Unknown, Unknown, nil
	}
}

func opaqueType(t *types.Type) Type {
	switch t.TypeName() {
	case celDate.TypeName():
		return Dat
	case celTime.TypeName():
		return Tod
	case celJSON.TypeName():
		return JSON
	default:
		return Unknown
	}
}

func (m *Model) structType(name string) (typ, elem Type, entity *metamodel.Entity) {
	if e := m.entities[strings.TrimPrefix(name, entityPrefix)]; e != nil && strings.HasPrefix(name, entityPrefix) {
		return Rec, Unknown, e
	}
	return UserVar, Unknown, nil
}
