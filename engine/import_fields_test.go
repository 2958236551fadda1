package engine

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/sheet"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
	"tenon/templates"
)

func ownerOfGeneral(t testing.TB) Call {
	t.Helper()
	files, err := templates.Files("general")
	if err != nil {
		t.Fatal(err)
	}
	app, list := schema.Decode(files, nil, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	snap, list := compile.Compile(app, compile.Source{Env: compile.Production})
	if list.HasErrors() {
		t.Fatal(list)
	}
	owner := &policy.Actor{ID: "01920000-0000-7000-8000-0000000000aa", Roles: map[string][]metamodel.ID{app.Name: {app.Role("owner").ID}}}
	return Call{Snap: snap, Actor: owner, Locale: "zh-CN", Now: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), Budget: expr.NewBudget(expr.RequestBudget)}
}

// The columns of files as people have them mean what they seem to mean; a file without lines is taken for none.
func TestGuessedColumns(t *testing.T) {
	c := ownerOfGeneral(t)
	for _, tc := range []struct{ entity, headers, want, group string }{
		{"sales_order", "订单号,客户,发货仓库,订单日期,商品编码,商品名称,单位,数量,单价,备注", "_ customer warehouse ordered_on lines.item _ lines.unit lines.qty lines.price note", "订单号"},
		{"sales_order", "单据编号,客户名称,仓库,日期,货号,数量,折扣率", "_ customer warehouse ordered_on lines.item lines.qty lines.discount", "单据编号"},
		{"sales_order", "Order number,Customer,Warehouse,Ordered on,Item,Qty,Price excl. tax", "_ customer warehouse ordered_on lines.item lines.qty lines.price", "Order number"},
		{"goods_receipt", "单号,供应商,仓库,入库日期,商品,数量,件数,单价,批号,生产日期", "_ supplier warehouse received_on lines.item lines.qty lines.pieces lines.price lines.batch_no lines.produced_on", "单号"},
		{"goods_receipt", "供应商,仓库,商品,件数,数量", "supplier warehouse lines.item lines.pieces lines.qty", ""},
		{"stock_other", "仓库,日期,类型,商品,数量,单位成本,明细·备注,备注", "warehouse moved_on reason lines.item lines.qty lines.unit_cost lines.note note", ""},
		{"item", "商品编码,商品名称,规格,条码,基本单位,商品分类,标准售价", "code name spec barcode unit category sale_price", ""},
		{"item", "编码,名称,单位,件数", "code name unit _", ""},
		{"partner", "编码,名称,电话,地址,备注", "", ""},
	} {
		e, may, err := c.importer(tc.entity)
		if err != nil {
			t.Fatal(err)
		}
		p := &importPlan{Headers: strings.Split(tc.headers, ","), Mapping: map[int]metamodel.ID{}}
		p.guess(e, c.importable(e, may))
		named := p.named(e)
		var got []string
		for _, h := range p.Headers {
			got = append(got, cmpOr(named[h], "_"))
		}
		if text := strings.Join(got, " "); text != tc.want && tc.want != "" || p.groupedBy() != tc.group || tc.want == "" && p.Lines != "" {
			t.Errorf("%s %s:\n got %s by %q\nwant %s by %q", tc.entity, tc.headers, text, p.groupedBy(), tc.want, tc.group)
		}
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// A template's columns are what they stand for: uploaded again, each is mapped to the field that it was made of.
func TestTemplatesMapThemselves(t *testing.T) {
	c := ownerOfGeneral(t)
	for _, lang := range []string{"zh-CN", "en-US"} {
		c.Locale = lang
		for _, of := range c.Snap.App.Entities {
			if of.IsLines() || of.Kept != nil {
				continue
			}
			e, may, err := c.importer(of.Name)
			if err != nil {
				continue
			}
			kinds := []string{""}
			for _, l := range e.Lines {
				kinds = append(kinds, l.Field.Name)
			}
			for _, lines := range kinds {
				fields := slices.DeleteFunc(c.importable(e, may), func(f importField) bool { return f.lines != nil && f.lines.Name != lines })
				if lines != "" && !slices.ContainsFunc(fields, func(f importField) bool { return f.lines != nil }) {
					continue
				}
				numbered := lines != "" && len(e.Numbers) > 0
				p := &importPlan{Mapping: map[int]metamodel.ID{}}
				for _, column := range templateColumns(e, c.importable(e, may), lines, lang) {
					p.Headers = append(p.Headers, column.Title)
				}
				p.guess(e, c.importable(e, may))
				named := p.named(e)
				for i, h := range p.Headers {
					if i == 0 && numbered {
						if named[h] != "" || p.Group != 1 {
							t.Errorf("%s %s: the column of the number is %q, rows are told apart by %d", of.Name, lines, named[h], p.Group)
						}
						continue
					}
					at := i
					if numbered {
						at--
					}
					if want := fields[at].path(); named[h] != want {
						t.Errorf("%s %s: %q means %q, want %q", of.Name, lines, h, named[h], want)
					}
				}
			}
		}
	}
}

// FuzzImportRows groups the rows of any file: each row that says something is read once and in order, no line is lost, and
// each is told in the row that it stands in.
func FuzzImportRows(f *testing.F) {
	f.Add("k,must,line,note\n1,a,x,b\n1,,,c\n2,b,y,d\n,,,e\n", true)
	f.Add("k,must,line,note\n,a,x,\n,,,c\n\n,b,y,d\n,b,z,e\n", false)
	f.Add("k,must,line,note\n1,a,x,b\n2,a,x,b\n1,a,x,b\n", true)
	f.Add("0\n,0", true)
	w := newRecordWorld(f)
	e := w.entity
	l := e.Lines[0]
	f.Fuzz(func(t *testing.T, text string, grouped bool) {
		book, list := sheet.Open("x.csv", bytes.NewReader([]byte(text)), int64(len(text)))
		if list.HasErrors() {
			return
		}
		rows, err := book.Rows("")
		if err != nil {
			return
		}
		defer func() { _ = rows.Close() }()
		p := &importPlan{Mapping: map[int]metamodel.ID{1: e.ByName("must").ID}, Lines: l.Field.ID, LineMapping: map[int]metamodel.ID{3: l.Entity.ByName("note").ID}}
		if grouped {
			p.Group = 1
		}
		world := &world{call: w.call, env: w.call.env()}
		r := &importReader{entity: e, mapping: map[int]*metamodel.Field{}, rows: rows, group: -1, resolve: &resolver{w: world, known: map[*metamodel.Field]map[string]string{}}}
		r.mapped(p)
		last, read, lines, texts := 0, 0, []string{}, map[*metamodel.Field][]string{}
		for ir := r.record(texts); ir != nil; ir = r.record(texts) {
			for _, row := range ir.rows {
				if row.number <= last {
					t.Fatalf("row %d after %d", row.number, last)
				}
				last = row.number
			}
			if ir.read < len(ir.rows)-1 || len(ir.rows) > maxRecordRows {
				t.Fatalf("%d rows kept of %d", len(ir.rows), ir.read)
			}
			if len(ir.body.members) > 0 || len(ir.list) > 0 {
				read += ir.read
			}
			for i, place := range ir.lines {
				if row, _ := r.place(ir, fmt.Sprintf("/%s/%d", l.Field.Name, i)); row != place || i > 0 && place <= ir.lines[i-1] {
					t.Fatalf("lines in rows %v", ir.lines)
				}
			}
			if v := ir.body.get(l.Field.Name); v != nil {
				for i := range v.items {
					lines = append(lines, v.items[i].members[0].value.text)
				}
			}
			r.rowErrors(ir, ir.list, []string{"k", "must", "line", "note"}, "en-US")
		}
		if rows.Err() != nil {
			return
		}
		said, want := plainly(t, text)
		if len(want) <= l.Field.MaxLength && (read != said || !slices.Equal(lines, want)) {
			t.Fatalf("read %d rows with lines %q, want %d with %q", read, lines, said, want)
		}
	})
}

// plainly counts the rows that say something, and lists what stands in the column of lines.
func plainly(t *testing.T, text string) (said int, lines []string) {
	t.Helper()
	book, _ := sheet.Open("x.csv", bytes.NewReader([]byte(text)), int64(len(text)))
	rows, err := book.Rows("")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	lines = []string{}
	for rows.Next() {
		there := map[int]string{}
		for column, cell := range rows.Row().Cells {
			if !blankCell(cell) {
				there[column] = strings.TrimSpace(cell.Text)
			}
		}
		if there[1] != "" || there[3] != "" {
			said++
		}
		if there[3] != "" {
			lines = append(lines, there[3])
		}
	}
	return said, lines
}
