package lower

import (
	"errors"
	"fmt"

	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Limits of one statement. They bound what planning and running it may cost.
const (
	MaxJoins   = 24       // references walked, all levels of a statement together
	MaxNodes   = 500      // nodes of all conditions together, formulas of virtual fields included
	MaxInline  = 8        // virtual fields within virtual fields
	MaxQueries = 24       // sub-queries: lines and other entities
	MaxList    = 1000     // elements of a list that a column is compared with
	MaxIDs     = 1000     // ids of one select
	MaxSearch  = 200      // characters of a search text
	MaxOrder   = 8        // sort keys, the id not counted
	MaxGroups  = 4        // keys of an aggregate
	MaxMeasure = 16       // measures of an aggregate
	MaxRows    = 10_000   // rows of one select
	MaxText    = 64 << 10 // bytes of a condition's or value's SQL
)

// NotLowerableError is the reason why an expression can't be said in SQL with the meaning it has in evaluation.
type NotLowerableError struct {
	What string // the operation, function or type
	Pos  int    // byte offset in the expression's source
}

func (e *NotLowerableError) Error() string {
	return fmt.Sprintf("%s at offset %d can't be computed by the database", e.What, e.Pos)
}

// Diagnostic says the reason to a person.
func (e *NotLowerableError) Diagnostic(path string) diag.Diagnostic {
	return diag.New("query.not_lowerable", path, "what", e.What)
}

// AsNotLowerable finds the reason inside an error.
func AsNotLowerable(err error) (*NotLowerableError, bool) {
	var n *NotLowerableError
	return n, errors.As(err, &n)
}

func refuse(n *expr.Node, format string, args ...any) error {
	pos := 0
	if n != nil {
		pos = n.Pos
	}
	return &NotLowerableError{What: fmt.Sprintf(format, args...), Pos: pos}
}

// tooComplex refuses a question over a limit.
func tooComplex(what diag.Text, limit int) error {
	return diag.Refuse("query.too_complex", "", "what", what, "limit", limit)
}

// What questions can have too many of.
var (
	whatText         = diag.Text{ZH: "查找的字符", EN: "characters to look for"}
	whatNested       = diag.Text{ZH: "层嵌套的计算字段", EN: "computed fields within one another"}
	whatConditions   = diag.Text{ZH: "个条件", EN: "conditions"}
	whatGroups       = diag.Text{ZH: "个分组", EN: "groups"}
	whatIDs          = diag.Text{ZH: "个编号", EN: "ids"}
	whatJoins        = diag.Text{ZH: "次关联", EN: "joins"}
	whatElements     = diag.Text{ZH: "个列表元素", EN: "list elements"}
	whatMeasures     = diag.Text{ZH: "个度量", EN: "measures"}
	whatSearchFields = diag.Text{ZH: "个搜索字段", EN: "search fields"}
	whatSortKeys     = diag.Text{ZH: "个排序字段", EN: "sort keys"}
	whatSubqueries   = diag.Text{ZH: "个子查询", EN: "sub-queries"}
)
