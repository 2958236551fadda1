package schema

import (
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

func words(zh, en string) metamodel.Label { return metamodel.Label{"zh-CN": zh, "en-US": en} }

// What limits are about, in words.
var (
	whatBytes       = words("文档大小（字节）", "The document's size in bytes")
	whatValues      = words("文档中的值", "The number of values in the document")
	whatAppBytes    = words("应用大小（字节）", "The app's size in bytes")
	whatDocuments   = words("文档数", "The number of documents")
	whatText        = words("文字长度", "The text's length")
	whatFormula     = words("公式长度（字节）", "The formula's length in bytes")
	whatList        = words("列表条数", "The length of the list")
	whatMenu        = words("菜单项数", "The number of menu items")
	whatMenuDepth   = words("菜单层数", "The depth of the menu")
	whatPath        = words("字段路径的层数", "The length of the field path")
	whatFields      = words("字段数", "The number of fields")
	whatItems       = words("表单中的字段数", "The number of fields in the form")
	whatEntries     = words("压缩包中的文件数", "The number of files in the archive")
	whatArchive     = words("压缩包大小（字节）", "The archive's size in bytes")
	whatUnpacked    = words("解压后的大小（字节）", "The unpacked size in bytes")
	whatDocumentsOf = map[metamodel.Kind]metamodel.Label{
		metamodel.KindEntity:   words("实体数", "The number of entities"),
		metamodel.KindLedger:   words("账本数", "The number of ledgers"),
		metamodel.KindEnum:     words("选项集数", "The number of enums"),
		metamodel.KindView:     words("视图数", "The number of views"),
		metamodel.KindRole:     words("角色数", "The number of roles"),
		metamodel.KindScenario: words("场景数", "The number of scenarios"),
	}
)

// maxDocumentsOf bounds the documents of each kind.
var maxDocumentsOf = map[metamodel.Kind]int{
	metamodel.KindApp:      1,
	metamodel.KindEntity:   metamodel.MaxEntities,
	metamodel.KindLedger:   metamodel.MaxLedgers,
	metamodel.KindEnum:     metamodel.MaxEnums,
	metamodel.KindView:     metamodel.MaxViews,
	metamodel.KindRole:     metamodel.MaxRoles,
	metamodel.KindScenario: metamodel.MaxScenarios,
}

func tooMany(what metamodel.Label, path string, actual, limit int) diag.Diagnostic {
	return diag.New("limit.exceeded", path, "what", what, "actual", actual, "limit", limit)
}
