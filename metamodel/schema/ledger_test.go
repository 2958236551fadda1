package schema

import (
	"bytes"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

func ledgerEdit(t *testing.T, app *metamodel.App, from, to string) map[DocKey][]byte {
	t.Helper()
	body, err := EncodeDocument(app, metamodel.KindLedger, "stock")
	if err != nil || !bytes.Contains(body, []byte(from)) {
		t.Fatalf("%s: %v", body, err)
	}
	return map[DocKey][]byte{{Kind: metamodel.KindLedger, Name: "stock"}: bytes.Replace(body, []byte(from), []byte(to), 1)}
}

// A ledger and its dimensions take other names without losing what is kept, and whatever mentions them follows.
func TestLedgersAreRenamed(t *testing.T) {
	app := mustDecode(t, readFolder(t, "testdata/shop"), nil)
	edits := ledgerEdit(t, app, `"item": {`, `"goods": {
      "x-was": "item",`)
	for key, body := range edits {
		body = bytes.ReplaceAll(body, []byte(`"item"`+"\n  ],"), []byte(`"goods"`+"\n  ],"))
		body = bytes.Replace(body, []byte(`"required": [
    "item"`), []byte(`"required": [
    "goods"`), 1)
		body = bytes.Replace(body, []byte(`"x-pool": [
    "item"`), []byte(`"x-pool": [
    "goods"`), 1)
		body = bytes.Replace(body, []byte("item.weight > 0.0"), []byte("goods.weight > 0.0"), 1)
		body = bytes.Replace(body, []byte(`"item.weight"`), []byte(`"goods.weight"`), 1)
		body = bytes.Replace(body, []byte(`"x-name": "stock"`), []byte(`"x-name": "store", "x-was": "stock"`), 1)
		delete(edits, key)
		edits[DocKey{Kind: metamodel.KindLedger, Name: "store"}] = body
	}
	next, list := Apply(app, edits, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	laws(t, next)
	old, now := app.Ledger("stock"), next.Ledger("store")
	for i, e := range old.Kept() {
		kept := now.Kept()[i]
		if kept.ID != e.ID || kept.Name != strings.Replace(e.Name, "stock", "store", 1) || next.Entity(kept.Name) != kept || next.Entity(e.Name) != nil {
			t.Errorf("%s became %s", e.Name, kept.Name)
		}
		if f, g := old.DimensionOf(e, 0), now.DimensionOf(kept, 0); f.ID != g.ID || g.Name != "goods" {
			t.Errorf("%s.%s became %s", e.Name, f.Name, g.Name)
		}
	}
	view := Encode(next)["views/stock_table.json"]
	if !bytes.Contains(view, []byte("store_balance")) || !bytes.Contains(view, []byte("goods.barcode")) {
		t.Errorf("the view does not follow: %s", view)
	}
	if order := Encode(next)["entities/order.json"]; !bytes.Contains(order, []byte(`"ledger": "store"`)) || !bytes.Contains(order, []byte(`"goods": "item.group"`)) {
		t.Errorf("the postings do not follow: %s", order)
	}
}

// What others use of a ledger does not go.
func TestLedgersInUseStay(t *testing.T) {
	app := mustDecode(t, readFolder(t, "testdata/shop"), nil)
	inUse := func(list diag.List, path, user string) {
		t.Helper()
		for _, d := range list {
			if users, _ := d.Args["users"].([]string); d.Code == "document.in_use" && d.Path == path && strings.Contains(strings.Join(users, " "), user) {
				return
			}
		}
		t.Errorf("%s is not said to be used by %s: %v", path, user, list)
	}
	_, list := Apply(app, map[DocKey][]byte{{Kind: metamodel.KindLedger, Name: "stock"}: nil}, nil)
	inUse(list, "/ledgers/stock", "/entities/order/x-postings/0/ledger")
	inUse(list, "/ledgers/stock", "/roles/clerk/grants/3/entity")
	edits := ledgerEdit(t, app, `"quality": {`, `"state": {`)
	_, list = Apply(app, edits, nil)
	inUse(list, "/ledgers/stock/properties/quality", "/entities/order/x-postings/1/to/quality")
}

// No element takes the id of what a ledger keeps.
func TestKeptIDsAreTaken(t *testing.T) {
	files := readFolder(t, "testdata/shop")
	app := mustDecode(t, files, nil)
	for _, id := range []metamodel.ID{app.Ledger("stock").Balance.ID, app.Ledger("stock").Entry.Field("value").ID} {
		files["entities/supplier.json"] = bytes.Replace(readFolder(t, "testdata/shop")["entities/supplier.json"], []byte(`"x-name": "supplier",`), []byte(`"x-name": "supplier", "x-id": "`+string(id)+`",`), 1)
		_, list := Decode(files, nil, nil)
		if !list.HasErrors() || list[0].Code != "id.duplicate" {
			t.Errorf("%s was given twice: %v", id, list)
		}
	}
}

// Documents never hold what a ledger keeps, nor can it be written as a document.
func TestKeptEntitiesAreNoDocuments(t *testing.T) {
	app := mustDecode(t, readFolder(t, "testdata/shop"), nil)
	for path := range Encode(app) {
		if strings.Contains(path, "stock_") && strings.HasPrefix(path, "entities/") {
			t.Errorf("there is %s", path)
		}
	}
	if _, err := EncodeDocument(app, metamodel.KindEntity, "stock_balance"); err == nil {
		t.Error("a kept entity is written as a document")
	}
	_, list := Apply(app, map[DocKey][]byte{{Kind: metamodel.KindEntity, Name: "stock_balance"}: []byte(`{"x-kind": "entity", "x-version": 1, "x-name": "stock_balance", "title": "T", "type": "object", "properties": {"item": {"type": "string", "title": "T"}}}`)}, nil)
	if !list.HasErrors() {
		t.Error("a kept entity is replaced by a document")
	}
	_, list = Apply(app, map[DocKey][]byte{{Kind: metamodel.KindEntity, Name: "stock_balance"}: nil}, nil)
	if len(list) == 0 || list[0].Code != "document.not_found" {
		t.Errorf("a kept entity is deleted: %v", list)
	}
}
