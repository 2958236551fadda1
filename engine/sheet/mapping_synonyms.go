package sheet

// synonyms are words of trade files that mean the same field, Chinese and English. A word stands in one group
// only: one that means two things would map a column wrongly.
var synonyms = [][]string{
	{"编码", "编号", "代码", "代号", "货号", "code", "no", "number", "sku", "itemno", "itemcode"},
	{"名称", "品名", "名字", "商品名称", "产品名称", "物料名称", "货品名称", "name", "title", "productname", "itemname"},
	{"商品", "产品", "物料", "货品", "存货", "item", "product", "material", "goods"},
	{"规格", "规格型号", "型号", "spec", "specification", "model"},
	{"单位", "计量单位", "基本单位", "unit", "uom", "unitofmeasure"},
	{"数量", "qty", "quantity"},
	{"件数", "个数", "pieces", "pcs", "piececount"},
	{"单价", "价格", "售价", "price", "unitprice"},
	{"进价", "采购价", "成本价", "成本", "cost", "unitcost", "purchaseprice"},
	{"金额", "总额", "总金额", "合计", "总价", "amount", "total", "totalamount"},
	{"税率", "taxrate", "vatrate"},
	{"税额", "税金", "tax", "taxamount", "vat"},
	{"折扣", "折扣率", "discount", "discountrate"},
	{"币种", "货币", "currency"},
	{"供应商", "供货商", "供应商名称", "供方", "supplier", "vendor"},
	{"客户", "客户名称", "顾客", "买方", "customer", "client", "buyer"},
	{"仓库", "库房", "仓库名称", "warehouse"},
	{"库位", "货位", "仓位", "location", "bin"},
	{"库存", "库存量", "现存量", "库存数量", "stock", "onhand", "inventory"},
	{"批号", "批次", "批次号", "lot", "batch", "lotno", "batchno"},
	{"序列号", "序号码", "serial", "serialno", "serialnumber"},
	{"生产日期", "productiondate", "manufacturedon", "mfgdate"},
	{"到期日", "有效期", "有效期至", "失效日期", "到期日期", "expiry", "expirydate", "expireson", "expirationdate"},
	{"保质期", "保质期天数", "shelflife"},
	{"日期", "单据日期", "date", "documentdate"},
	{"交货日期", "交期", "要求到货日", "deliverydate", "duedate"},
	{"单号", "单据编号", "单据号", "订单号", "订单编号", "documentno", "orderno", "ordernumber"},
	{"条码", "条形码", "商品条码", "barcode", "ean", "gtin", "upc"},
	{"品牌", "brand"},
	{"类别", "分类", "类目", "品类", "商品分类", "category"},
	{"状态", "status", "state"},
	{"备注", "说明", "附注", "摘要", "remark", "remarks", "note", "notes", "memo", "comment", "description"},
	{"联系人", "contact", "contactperson"},
	{"电话", "手机", "手机号", "联系电话", "电话号码", "phone", "mobile", "tel", "telephone", "phonenumber"},
	{"邮箱", "电子邮件", "电子邮箱", "email", "mail"},
	{"地址", "联系地址", "详细地址", "address"},
	{"部门", "department", "dept"},
	{"业务员", "经办人", "负责人", "owner", "salesperson", "salesman", "handler"},
	{"税号", "统一社会信用代码", "纳税人识别号", "taxid", "uscc", "taxnumber"},
	{"开户行", "开户银行", "bank", "bankname"},
	{"银行账号", "账号", "bankaccount", "accountno"},
}

// kin are synonyms, by one word of each, that count different things and yet go for each other where a file has but one
// of them.
var kin = [][]string{{"数量", "件数"}}

// kinOf finds the kin of a group of synonyms, counted from 1.
var kinOf = func() map[int]int {
	out := map[int]int{}
	for i, words := range kin {
		for _, w := range words {
			out[synonymGroup[w]] = i + 1
		}
	}
	return out
}()

// synonymGroup finds a normalised word's group, counted from 1.
var synonymGroup = func() map[string]int {
	groups := map[string]int{}
	for i, words := range synonyms {
		for _, w := range words {
			groups[w] = i + 1
		}
	}
	return groups
}()
