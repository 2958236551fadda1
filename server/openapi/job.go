package openapi

// jobOperations are the address at which an app tells what is being worked out.
func (b *builder) jobOperations() []operation {
	return []operation{
		{method: "get", path: "/api/v1/apps/{app}/jobs", id: "jobs.list", summary: b.in(text{"正在进行和近期的重算", "what is being worked out, and what was lately"}), response: object("jobs!", list(job()))},
	}
}

// job is a job as it is told of.
func job() obj {
	at := obj{"type": []string{"string", "null"}, "format": "date-time"}
	return object("id!", str, "kind!", obj{"type": "string", "enum": []string{"recompute", "fill", "post", "keep", "method"}}, "entity!", str, "field", str, "posting", str, "done!", whole, "total!", whole, "left", whole,
		"state!", obj{"type": "string", "enum": []string{"running", "done"}}, "started_at!", obj{"type": "string", "format": "date-time"}, "finished_at!", at, "problem", str)
}

// computing is the part of an answer that names its fields which are being worked out.
func computing(b *builder) obj {
	return obj{"type": "array", "items": str, "description": b.in(text{"正在后台重算的字段：它们的值可能还是旧的", "fields that a job is working out: their values may be of before"})}
}
