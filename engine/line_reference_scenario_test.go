package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/metamodel/schema"
)

// lineScenario mentions a line of a sale by its place there.
func lineScenario(mention string) json.RawMessage {
	return json.RawMessage(`{"x-kind":"scenario","x-version":1,"x-name":"lines","title":"明细","x-title":{"en-US":"Lines"},
		"given":{"region":[{"$":"r1","name":"north"}],"item":[{"$":"i1","code":"N-1","name":"铅笔","cost":"1"}]},
		"when":[{"as":"boss","create":"sale","$":"s1","with":{"region":"$r1","lines":[{"item":"$i1","qty":"1","price":"9"},{"item":"$i1","qty":"3","price":"7"}]}},
			{"as":"boss","create":"back","$":"b1","with":{"region":"$r1","lines":[{"source_line":"` + mention + `","qty":"2"}]}},
			{"as":"boss","update":"$s1","with":{"lines":[{"item":"$i1","qty":"5","price":"8"},{"item":"$i1","qty":"4","price":"6"}]},"refused":"record.line_in_use"},
			{"as":"boss","create":"sale","$":"s2","with":{"region":"$r1","lines":[{"item":"$i1","qty":"1","price":"9"}]}},
			{"as":"boss","update":"$s2","with":{"lines":[{"item":"$i1","qty":"1","price":"5"},{"item":"$i1","qty":"1","price":"4"}]}},
			{"as":"boss","create":"complaint","$":"c1","with":{"text":"$$ 2","line":"$s2/2"}}],
		"then":[{"record":"$b1","equals":{"lines":[{"source_line":"` + mention + `","price":"7","worth":"14"}]}},
			{"record":"$c1","equals":{"text":"$$ 2","line":"$s2/2"}},
			{"entity":"complaint","filter":"line.price == 4.0","count":1}]}`)
}

// Scenarios mention lines by their place in a record, also where a step has changed it.
func TestScenariosMentionLines(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := returnDocs(t)
		docs["scenarios/lines.json"] = lineScenario("$s1/2")
		s.replaceDocs(docs)
		results, err := s.e.RunScenarios(context.Background(), "shop")
		if err != nil || len(results) != 1 || len(results[0].Failures) > 0 {
			t.Error(results, err)
		}
		docs["scenarios/lines.json"] = lineScenario("$s1/3")
		s.replaceDocs(docs)
		if _, err := s.e.RunScenarios(context.Background(), "shop"); err == nil || !strings.Contains(err.Error(), "s1/3") {
			t.Errorf("a third of two lines is found: %v", err)
		}
	})
}

func TestMentionsOfLinesAreChecked(t *testing.T) {
	for mention, want := range map[string]string{
		"$s1/2": "", "$s1": "scenario.line_unknown", "$s1/0": "scenario.line_unknown", "$s1/x": "scenario.line_unknown", "$i1/1": "scenario.line_unknown", "$s9/1": "scenario.handle_unknown",
	} {
		docs := returnDocs(t)
		docs["scenarios/lines.json"] = lineScenario(mention)
		files := map[string][]byte{}
		for name, d := range docs {
			files[name] = d
		}
		_, list := schema.Decode(files, nil, nil)
		if want == "" && list.HasErrors() || want != "" && !strings.Contains(fmt.Sprint(list), want) {
			t.Errorf("%s: %v", mention, list)
		}
	}
}
