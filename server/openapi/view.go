package openapi

// viewSchemas are the schemas of views as they are described to those who look at them.
func viewSchemas() obj {
	option := object("name!", str, "title!", label, "color", str, "retired", flag)
	sort := list(object("field!", str, "desc", flag))
	medium := obj{"type": "string", "enum": []string{"screen", "print"}, "description": "where it is shown alone"}
	day := obj{"type": "string", "format": "date"}
	period := object("from!", day, "to!", day)
	return obj{
		"ViewColumn": object(
			"path!", obj{"type": "string", "examples": []any{"supplier.name"}}, "title!", label, "kind!", str, "precision", whole, "scale", whole,
			"currency", str, "currency_field", str, "unit_field", str, "options", list(option), "target", str, "width", whole,
			"total", obj{"type": "string", "enum": []string{"sum", "avg", "min", "max", "count"}}, "fixed", flag, "sortable!", flag, "writable!", flag, "masked", flag, "only", medium, "conditional", flag,
		),
		"Period":           period,
		"DashboardRequest": object("filters", obj{"type": "object", "description": "a period by its days or its name, a record's id, an option's name; null for none", "additionalProperties": obj{"anyOf": []obj{ref("Period"), {"type": []string{"string", "null"}}}}}, "cards", texts),
		"DashboardData":    object("filters!", anyObj, "cards!", obj{"type": "object", "additionalProperties": ref("CardData")}),
		"CardData": object(
			"rows", list(object("key!", anyObj, "measures!", anyObj, "display", obj{"type": "object", "additionalProperties": str}, "filter", str)), "more", flag,
			"total", anyObj, "previous", anyObj, "period", ref("Period"), "previous_period", ref("Period"), "colors", texts, "records", list(anyObj), "display", obj{"type": "object", "additionalProperties": str},
			"filter", str, "measure_filters", obj{"type": "object", "additionalProperties": str}, "as_of", instant, "kept", flag, "computing", texts, "problem", object("code!", str, "detail!", str, "errors!", list(ref("Diagnostic"))),
		),
		"Card": object(
			"name!", str, "title!", label, "help", label, "empty", label, "type!", obj{"type": "string", "enum": []string{"number", "bar", "line", "pie", "stacked", "pivot", "list"}}, "entity!", str,
			"measures", list(object("name!", str, "title!", label, "op!", str, "kind!", str, "precision", whole, "scale", whole, "currency", str)),
			"group", list(object("path!", str, "title!", label, "kind!", str, "by", str, "options", list(option), "target", str)),
			"columns", list(ref("ViewColumn")), "flat", flag, "limit", whole, "compare", str, "period", str, "colors", list(object("name!", str, "color!", str, "title", label)),
			"bind!", texts, "width!", whole, "height!", whole, "view", str,
		),
		"View": object(
			"name!", str, "title!", label, "help", label, "type!", str, "entity", str, "form", str, "columns", list(ref("ViewColumn")), "sort", sort,
			"colors", list(object("name!", str, "color!", str, "title", label, "field", str)),
			"group", str, "page_size", whole, "saved", list(object("name!", str, "title!", label, "sort", sort)),
			"by", str, "board_columns", list(object("value!", str, "title!", label, "color", str, "limit", whole)), "sum", str, "lane", str, "start", str, "end", str,
			"filters", list(object("name!", str, "title!", label, "kind!", obj{"type": "string", "enum": []string{"period", "day", "reference", "choice"}}, "entity", str, "options", list(option), "default", str)),
			"cards", list(ref("Card")),
			"sections", list(object("name!", str, "title", label, "tab", label, "columns!", whole, "items!",
				list(object("field!", str, "span!", whole, "help", label, "only", medium, "columns", list(ref("ViewColumn")))))),
			"print", object("title", label, "orientation", obj{"type": "string", "enum": []string{"portrait", "landscape"}}, "note", label, "signatures", list(label)),
		),
	}
}
