package metamodel

import (
	"strings"
)

var elementWords = map[ElementKind]Label{
	ElementApp:        {"zh-CN": "应用", "en-US": "app"},
	ElementMenu:       {"zh-CN": "菜单项", "en-US": "menu item"},
	ElementEntity:     {"zh-CN": "实体", "en-US": "entity"},
	ElementField:      {"zh-CN": "字段", "en-US": "field"},
	ElementOption:     {"zh-CN": "选项", "en-US": "option"},
	ElementUnique:     {"zh-CN": "唯一约束", "en-US": "unique key"},
	ElementIndex:      {"zh-CN": "索引", "en-US": "index"},
	ElementRule:       {"zh-CN": "规则", "en-US": "rule"},
	ElementPosting:    {"zh-CN": "过账", "en-US": "posting"},
	ElementLedger:     {"zh-CN": "账本", "en-US": "ledger"},
	ElementTransition: {"zh-CN": "流转", "en-US": "transition"},
	ElementEnum:       {"zh-CN": "选项集", "en-US": "enum"},
	ElementView:       {"zh-CN": "视图", "en-US": "view"},
	ElementSection:    {"zh-CN": "表单分组", "en-US": "form section"},
	ElementItem:       {"zh-CN": "表单项", "en-US": "form item"},
	ElementColumn:     {"zh-CN": "列", "en-US": "column"},
	ElementColor:      {"zh-CN": "颜色规则", "en-US": "colour rule"},
	ElementSaved:      {"zh-CN": "常用筛选", "en-US": "saved filter"},
	ElementFilter:     {"zh-CN": "仪表盘筛选", "en-US": "dashboard filter"},
	ElementCard:       {"zh-CN": "卡片", "en-US": "card"},
	ElementMeasure:    {"zh-CN": "指标", "en-US": "measure"},
	ElementRole:       {"zh-CN": "角色", "en-US": "role"},
	ElementGrant:      {"zh-CN": "授权", "en-US": "grant"},
	ElementScenario:   {"zh-CN": "场景", "en-US": "scenario"},
}

// Words is what a kind of element is called, by language.
func (k ElementKind) Words() Label { return elementWords[k] }

var attributeWords = map[string]Label{
	"actions":            {"zh-CN": "操作", "en-US": "actions"},
	"at":                 {"zh-CN": "提示位置", "en-US": "place of the message"},
	"bind":               {"zh-CN": "绑定的筛选", "en-US": "filters bound"},
	"by":                 {"zh-CN": "分列依据", "en-US": "columns by"},
	"check":              {"zh-CN": "条件", "en-US": "condition"},
	"color":              {"zh-CN": "颜色", "en-US": "colour"},
	"columns":            {"zh-CN": "列数", "en-US": "columns"},
	"empty":              {"zh-CN": "没有内容时的说明", "en-US": "words where there is nothing"},
	"flat":               {"zh-CN": "分组都在行上", "en-US": "keys as rows"},
	"keep":               {"zh-CN": "预先统计", "en-US": "keeping of the numbers"},
	"compare":            {"zh-CN": "与上期比较", "en-US": "comparison"},
	"computed":           {"zh-CN": "计算公式", "en-US": "formula"},
	"content":            {"zh-CN": "内容", "en-US": "content"},
	"currency":           {"zh-CN": "币种", "en-US": "currency"},
	"day":                {"zh-CN": "日期", "en-US": "day"},
	"default":            {"zh-CN": "默认值", "en-US": "default"},
	"description":        {"zh-CN": "说明", "en-US": "description"},
	"dimensions":         {"zh-CN": "维度", "en-US": "dimensions"},
	"display":            {"zh-CN": "显示字段", "en-US": "display field"},
	"each":               {"zh-CN": "按明细", "en-US": "lines"},
	"end":                {"zh-CN": "结束于", "en-US": "end"},
	"entity":             {"zh-CN": "实体", "en-US": "entity"},
	"enum":               {"zh-CN": "选项集", "en-US": "enum"},
	"field":              {"zh-CN": "字段", "en-US": "field"},
	"fields":             {"zh-CN": "字段", "en-US": "fields"},
	"filter":             {"zh-CN": "筛选条件", "en-US": "filter"},
	"fixed":              {"zh-CN": "固定列", "en-US": "fixed"},
	"form":               {"zh-CN": "表单", "en-US": "form"},
	"from":               {"zh-CN": "起始状态", "en-US": "from"},
	"frozen":             {"zh-CN": "冻结状态", "en-US": "frozen states"},
	"group":              {"zh-CN": "分组", "en-US": "grouping"},
	"height":             {"zh-CN": "高度", "en-US": "height"},
	"help":               {"zh-CN": "提示", "en-US": "help"},
	"icon":               {"zh-CN": "图标", "en-US": "icon"},
	"inherits":           {"zh-CN": "继承的角色", "en-US": "inherited roles"},
	"initial":            {"zh-CN": "初始状态", "en-US": "initial state"},
	"installer":          {"zh-CN": "授予安装者", "en-US": "given to the installer"},
	"kind":               {"zh-CN": "种类", "en-US": "kind"},
	"lane":               {"zh-CN": "泳道", "en-US": "lanes"},
	"ledger":             {"zh-CN": "账本", "en-US": "ledger"},
	"limit":              {"zh-CN": "最多条数", "en-US": "limit"},
	"limits":             {"zh-CN": "在制数量上限", "en-US": "limits"},
	"masks":              {"zh-CN": "字段遮蔽", "en-US": "field masks"},
	"max":                {"zh-CN": "上限", "en-US": "upper bound"},
	"max_length":         {"zh-CN": "最大长度或条数", "en-US": "greatest length or number"},
	"menu":               {"zh-CN": "菜单", "en-US": "menu"},
	"message":            {"zh-CN": "提示信息", "en-US": "message"},
	"min":                {"zh-CN": "下限", "en-US": "lower bound"},
	"minus":              {"zh-CN": "取反", "en-US": "turned sign"},
	"min_items":          {"zh-CN": "最少条数", "en-US": "least number"},
	"min_length":         {"zh-CN": "最小长度", "en-US": "least length"},
	"name":               {"zh-CN": "名称", "en-US": "name"},
	"number":             {"zh-CN": "单号格式", "en-US": "number pattern"},
	"of":                 {"zh-CN": "来源行", "en-US": "what it is of"},
	"on":                 {"zh-CN": "判断时机", "en-US": "moments"},
	"on_delete":          {"zh-CN": "删除目标时", "en-US": "when the target is deleted"},
	"only":               {"zh-CN": "只显示于", "en-US": "shown only on"},
	"op":                 {"zh-CN": "统计方式", "en-US": "measure"},
	"options":            {"zh-CN": "可选范围", "en-US": "options' condition"},
	"page_size":          {"zh-CN": "每页条数", "en-US": "page size"},
	"pattern":            {"zh-CN": "格式", "en-US": "pattern"},
	"period":             {"zh-CN": "期间", "en-US": "period"},
	"policies":           {"zh-CN": "策略", "en-US": "policies"},
	"pool":               {"zh-CN": "成本池", "en-US": "cost pool"},
	"reserve_by":         {"zh-CN": "预留的维度", "en-US": "dimensions of reservations"},
	"precision":          {"zh-CN": "总位数", "en-US": "digits"},
	"print_note":         {"zh-CN": "打印附注", "en-US": "note on paper"},
	"print_orientation":  {"zh-CN": "纸张方向", "en-US": "orientation of paper"},
	"print_signatures":   {"zh-CN": "签字栏", "en-US": "signatures"},
	"print_title":        {"zh-CN": "打印标题", "en-US": "title on paper"},
	"private":            {"zh-CN": "隐私", "en-US": "private"},
	"quantity":           {"zh-CN": "数量", "en-US": "quantity"},
	"rate":               {"zh-CN": "单价", "en-US": "rate"},
	"readonly":           {"zh-CN": "只读条件", "en-US": "read-only condition"},
	"required":           {"zh-CN": "必填", "en-US": "required"},
	"retired":            {"zh-CN": "停用", "en-US": "retired"},
	"rollup_function":    {"zh-CN": "汇总方式", "en-US": "function of the roll-up"},
	"rollup_order":       {"zh-CN": "汇总顺序", "en-US": "order of the roll-up"},
	"rollup_over":        {"zh-CN": "汇总的记录", "en-US": "rows of the roll-up"},
	"choices_of":         {"zh-CN": "可选的文本", "en-US": "texts to choose from"},
	"choices_strict":     {"zh-CN": "只能从列表选择", "en-US": "whether only listed texts may be written"},
	"choices_order":      {"zh-CN": "列表的顺序", "en-US": "order of the list"},
	"shows":              {"zh-CN": "可选记录旁显示的字段", "en-US": "fields beside the records to choose from"},
	"open":               {"zh-CN": "未完成的数量", "en-US": "what is still open"},
	"choices_show":       {"zh-CN": "列表旁显示的字段", "en-US": "fields beside the list's texts"},
	"rollup_separator":   {"zh-CN": "分隔符", "en-US": "separator"},
	"rollup_value":       {"zh-CN": "汇总的值", "en-US": "value of the roll-up"},
	"rollup_where":       {"zh-CN": "汇总条件", "en-US": "condition of the roll-up"},
	"rows":               {"zh-CN": "数据范围", "en-US": "rows"},
	"scale":              {"zh-CN": "小数位", "en-US": "digits after the point"},
	"search":             {"zh-CN": "搜索字段", "en-US": "search"},
	"severity":           {"zh-CN": "级别", "en-US": "severity"},
	"secondary_quantity": {"zh-CN": "辅助数量", "en-US": "secondary quantity"},
	"secondary_title":    {"zh-CN": "辅助数量的名称", "en-US": "title of the secondary quantity"},
	"share":              {"zh-CN": "分摊比例", "en-US": "share"},
	"sort":               {"zh-CN": "排序", "en-US": "order"},
	"span":               {"zh-CN": "跨列", "en-US": "span"},
	"start":              {"zh-CN": "开始于", "en-US": "start"},
	"state":              {"zh-CN": "状态字段", "en-US": "state field"},
	"stored":             {"zh-CN": "保存结果", "en-US": "stored"},
	"sum":                {"zh-CN": "合计", "en-US": "sum"},
	"tab":                {"zh-CN": "页签", "en-US": "tab"},
	"taken_from":         {"zh-CN": "取自过账", "en-US": "taken from"},
	"target":             {"zh-CN": "指向的实体", "en-US": "target"},
	"time_span":          {"zh-CN": "取数时段", "en-US": "span of time"},
	"timezone":           {"zh-CN": "时区", "en-US": "time zone"},
	"title":              {"zh-CN": "标题", "en-US": "title"},
	"to":                 {"zh-CN": "目标状态", "en-US": "to"},
	"total":              {"zh-CN": "合计方式", "en-US": "total"},
	"transitions":        {"zh-CN": "流转", "en-US": "transitions"},
	"type":               {"zh-CN": "类型", "en-US": "type"},
	"unique":             {"zh-CN": "不可重复", "en-US": "unique"},
	"unit":               {"zh-CN": "单位字段", "en-US": "unit"},
	"value":              {"zh-CN": "金额", "en-US": "value"},
	"verb":               {"zh-CN": "动作", "en-US": "verb"},
	"version":            {"zh-CN": "版本", "en-US": "version"},
	"view":               {"zh-CN": "视图", "en-US": "view"},
	"visible":            {"zh-CN": "显示条件", "en-US": "visible condition"},
	"waiting":            {"zh-CN": "待办状态", "en-US": "waiting states"},
	"when":               {"zh-CN": "适用条件", "en-US": "when"},
	"where":              {"zh-CN": "统计条件", "en-US": "condition"},
	"width":              {"zh-CN": "宽度", "en-US": "width"},
}

// sentence fills a pattern of either language: {kind}, {where} and whatever pairs give. Values are Labels or
// strings.
func (a about) sentence(zh, en string, pairs ...any) Label {
	out := Label{}
	for lang, pattern := range map[string]string{"zh-CN": zh, "en-US": en} {
		fills := []string{"{kind}", a.Element.Kind.Words().In(lang), "{where}", a.Where.In(lang)}
		for i := 0; i+1 < len(pairs); i += 2 {
			text, _ := pairs[i+1].(string)
			if l, ok := pairs[i+1].(Label); ok {
				text = l.In(lang)
			}
			name, _ := pairs[i].(string)
			fills = append(fills, name, text)
		}
		out[lang] = strings.NewReplacer(fills...).Replace(pattern)
	}
	return out
}

// Words is the change as a sentence, by language.
func (c Added) Words() Label {
	return c.sentence("新增{kind}“{where}”。", "The {kind} “{where}” is new.")
}

// Words is the change as a sentence, by language.
func (c Removed) Words() Label {
	return c.sentence("删除{kind}“{where}”。", "The {kind} “{where}” is removed.")
}

// Words is the change as a sentence, by language.
func (c Renamed) Words() Label {
	return c.sentence("{kind}“{where}”由 {from} 改名为 {to}。", "The {kind} “{where}” is renamed from {from} to {to}.", "{from}", c.From, "{to}", c.To)
}

// Words is the change as a sentence, by language.
func (c Retyped) Words() Label {
	return c.sentence("{kind}“{where}”的种类由 {from} 改为 {to}。", "The {kind} “{where}” is of kind {to} instead of {from}.", "{from}", string(c.From), "{to}", string(c.To))
}

// Words is the change as a sentence, by language.
func (c Altered) Words() Label {
	attribute := attributeWords[c.Attribute]
	switch {
	case c.From == "":
		return c.sentence("{kind}“{where}”的{attribute}设为 {to}。", "The {kind} “{where}” has its {attribute} set to {to}.", "{attribute}", attribute, "{to}", c.To)
	case c.To == "":
		return c.sentence("{kind}“{where}”不再有{attribute}（原为 {from}）。", "The {kind} “{where}” has no {attribute} any more (it was {from}).", "{attribute}", attribute, "{from}", c.From)
	default:
		return c.sentence("{kind}“{where}”的{attribute}由 {from} 改为 {to}。", "The {kind} “{where}” has its {attribute} changed from {from} to {to}.", "{attribute}", attribute, "{from}", c.From, "{to}", c.To)
	}
}

// Words is the change as a sentence, by language.
func (c Moved) Words() Label {
	return c.sentence("{kind}“{where}”移动了位置（原在 {from}）。", "The {kind} “{where}” is in another place (it was in {from}).", "{from}", c.From.Name)
}

// Words is the change as a sentence, by language.
func (c Reordered) Words() Label {
	return c.sentence("{kind}“{where}”中{what}的顺序变了。", "In the {kind} “{where}” the order of each {what} is different.", "{what}", c.Kind.Words())
}
