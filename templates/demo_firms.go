package templates

// place is a city of the demonstration data with its region (an option of the enum region), the first six
// digits of its credit codes and its telephone area.
type place struct {
	city, region, area, dial string
}

var places = []place{
	{"杭州", "east", "330106", "0571"},
	{"上海", "east", "310115", "021"},
	{"宁波", "east", "330203", "0574"},
	{"苏州", "east", "320505", "0512"},
	{"合肥", "east", "340104", "0551"},
	{"南京", "east", "320102", "025"},
	{"广州", "south", "440106", "020"},
	{"深圳", "south", "440305", "0755"},
	{"佛山", "south", "440604", "0757"},
	{"厦门", "south", "350203", "0592"},
	{"北京", "north", "110105", "010"},
	{"天津", "north", "120104", "022"},
	{"石家庄", "north", "130104", "0311"},
	{"太原", "north", "140105", "0351"},
	{"武汉", "central", "420106", "027"},
	{"长沙", "central", "430104", "0731"},
	{"成都", "southwest", "510107", "028"},
	{"重庆", "southwest", "500105", "023"},
	{"西安", "northwest", "610113", "029"},
	{"沈阳", "northeast", "210102", "024"},
}

// Words that company names are put together from.
var (
	supplierWords = []string{"清源", "禾丰", "盛达", "永兴", "华瑞", "恒泰", "金穗", "力峰", "明阳", "正源", "嘉禾", "长青", "宏业", "德润", "天合", "东升"}
	customerWords = []string{"康乐", "万家", "惠民", "好邻", "百信", "佳和", "乐盈", "福满", "新世", "联惠", "友邻", "鑫源", "春晓", "同心", "广聚", "祥和"}
	customerKinds = []string{"商贸有限公司", "超市有限公司", "便利店连锁有限公司", "百货有限公司", "批发部", "供应链管理有限公司"}
	roads         = []string{"建设路", "解放路", "人民路", "新华街", "工业大道", "文化路", "滨江路", "科技园路"}
	contactDesks  = []string{"采购部", "财务部", "仓储部", "业务部"}
)

// supplierTrades says by upper category what a supplier's name ends with.
var supplierTrades = map[string]string{
	"F": "食品有限公司", "D": "饮品有限公司", "H": "日用品有限公司", "W": "五金制品有限公司", "O": "文具有限公司",
}

// demoWarehouse is a warehouse of the demonstration data.
type demoWarehouse struct {
	handle, code, name, kind, region, address string
}

var demoWarehouses = []demoWarehouse{
	{"wh_east", "CK01", "华东中心仓", "central", "east", "杭州市余杭区工业大道 188 号"},
	{"wh_south", "CK02", "华南分仓", "branch", "south", "佛山市南海区物流园路 36 号"},
	{"wh_north", "CK03", "华北分仓", "branch", "north", "天津市北辰区建设路 92 号"},
}

// servedBy maps a region of partners to the warehouse (index in demoWarehouses) that serves it.
var servedBy = map[string]int{
	"east": 0, "central": 0, "south": 1, "southwest": 1, "north": 2, "northeast": 2, "northwest": 2,
}
