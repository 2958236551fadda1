package openapi

// viewSchemas are the schemas of views as they are described to those who look at them.
func viewSchemas() obj {
	option := object("name!", str, "title!", label, "color", str, "retired", flag)
	sort := list(object("field!", str, "desc", flag))
	return obj{
		"ViewColumn": object(
			"path!", obj{"type": "string", "examples": []any{"supplier.name"}}, "title!", label, "kind!", str, "precision", whole, "scale", whole,
			"currency", str, "currency_field", str, "unit_field", str, "options", list(option), "target", str, "width", whole,
			"total", obj{"type": "string", "enum": []string{"sum", "avg", "min", "max", "count"}}, "fixed", flag, "sortable!", flag, "writable!", flag, "masked", flag,
		),
		"View": object(
			"name!", str, "title!", label, "help", label, "type!", str, "entity", str, "form", str, "columns", list(ref("ViewColumn")), "sort", sort,
			"colors", list(object("name!", str, "color!", str, "title", label, "field", str)),
			"group", str, "page_size", whole, "saved", list(object("name!", str, "title!", label, "sort", sort)),
			"by", str, "board_columns", list(object("value!", str, "title!", label, "color", str, "limit", whole)), "sum", str, "lane", str, "start", str, "end", str,
			"sections", list(object("name!", str, "title", label, "tab", label, "columns!", whole, "items!",
				list(object("field!", str, "span!", whole, "help", label, "columns", list(ref("ViewColumn")))))),
		),
	}
}
