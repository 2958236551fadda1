package expr

import (
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"tenon/metamodel"
)

// provider tells the checker what fields records have. Nothing else is reachable by name: no enum, no
// identifier, no construction of values.
type provider struct {
	m        *Model
	readable func(*metamodel.Field) bool
}

var _ types.Provider = provider{}

// EnumValue knows no enums.
func (provider) EnumValue(string) ref.Val { return types.NewErr("no enums") }

// FindIdent knows no identifiers: variables are declared, types can't be named.
func (provider) FindIdent(string) (ref.Val, bool) { return nil, false }

// FindStructType knows the record type of every entity and the user's.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if name == userType || name == attrsType || p.entity(name) != nil {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return nil, false
}

// FindStructFieldNames is never asked by the checker.
func (provider) FindStructFieldNames(string) ([]string, bool) { return nil, false }

// FindStructFieldType knows the fields of records; an unreadable field does not exist.
func (p provider) FindStructFieldType(structType, name string) (*types.FieldType, bool) {
	switch structType {
	case userType:
		t, ok := userFields[name]
		return &types.FieldType{Type: t}, ok
	case attrsType:
		return &types.FieldType{Type: types.StringType}, true
	}
	e := p.entity(structType)
	if e == nil {
		return nil, false
	}
	f := e.Field(name)
	if f == nil || p.readable != nil && !p.readable(f) {
		return nil, false
	}
	return &types.FieldType{Type: fieldType(f)}, true
}

// NewValue makes nothing: records can't be constructed.
func (provider) NewValue(string, map[string]ref.Val) ref.Val { return types.NewErr("no construction") }

func (p provider) entity(typeName string) *metamodel.Entity {
	name, ok := strings.CutPrefix(typeName, entityPrefix)
	if !ok {
		return nil
	}
	return p.m.entities[name]
}

func fieldType(f *metamodel.Field) *types.Type { return celType(TypeOf(f)) }

var userFields = map[string]*types.Type{
	"id":          types.StringType,
	"roles":       types.NewListType(types.StringType),
	"departments": types.NewListType(types.StringType),
	"attributes":  types.NewObjectType(attrsType),
}
