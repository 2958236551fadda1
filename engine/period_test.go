package engine

import (
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

func day(t *testing.T, s string) value.Date {
	t.Helper()
	d, err := value.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestNamedPeriods(t *testing.T) {
	for _, tt := range []struct{ name, today, from, to string }{
		{"today", "2026-11-26", "2026-11-26", "2026-11-26"},
		{"yesterday", "2026-03-01", "2026-02-28", "2026-02-28"},
		{"this_week", "2026-11-26", "2026-11-23", "2026-11-29"}, // a Thursday
		{"this_week", "2026-11-23", "2026-11-23", "2026-11-29"},
		{"this_week", "2026-11-29", "2026-11-23", "2026-11-29"},
		{"this_week", "1969-12-31", "1969-12-29", "1970-01-04"},
		{"this_week", "1969-12-29", "1969-12-29", "1970-01-04"},
		{"last_week", "2026-11-26", "2026-11-16", "2026-11-22"},
		{"this_month", "2026-02-10", "2026-02-01", "2026-02-28"},
		{"last_month", "2026-03-31", "2026-02-01", "2026-02-28"},
		{"this_quarter", "2026-11-26", "2026-10-01", "2026-12-31"},
		{"last_quarter", "2026-02-26", "2025-10-01", "2025-12-31"},
		{"this_year", "2026-11-26", "2026-01-01", "2026-12-31"},
		{"last_year", "2026-11-26", "2025-01-01", "2025-12-31"},
		{"last_7_days", "2026-11-26", "2026-11-20", "2026-11-26"},
		{"last_30_days", "2026-11-26", "2026-10-28", "2026-11-26"},
		{"last_90_days", "2026-11-26", "2026-08-29", "2026-11-26"},
		{"last_12_months", "2026-11-26", "2025-12-01", "2026-11-30"},
	} {
		p, ok := named(tt.name, day(t, tt.today))
		if !ok || p.from.String() != tt.from || p.to.String() != tt.to {
			t.Errorf("%s at %s: %s to %s, not %s to %s", tt.name, tt.today, p.from, p.to, tt.from, tt.to)
		}
	}
	for _, name := range metamodel.Periods {
		if p, ok := named(name, day(t, "2026-11-26")); !ok || p.to < p.from {
			t.Errorf("%s is no period", name)
		}
	}
	if _, ok := named("next_month", day(t, "2026-11-26")); ok {
		t.Error("next_month is known")
	}
}

func TestPeriodBefore(t *testing.T) {
	for _, tt := range []struct{ from, to, today, first, last string }{
		{"2026-11-01", "2026-11-30", "2026-11-26", "2026-10-01", "2026-10-26"}, // this month so far
		{"2026-11-01", "2026-11-26", "2026-11-26", "2026-10-01", "2026-10-26"},
		{"2026-03-01", "2026-03-31", "2026-03-31", "2026-02-01", "2026-02-28"},
		{"2026-03-01", "2026-03-31", "2026-03-30", "2026-02-01", "2026-02-28"}, // no such day there
		{"2026-10-01", "2026-10-31", "2026-11-26", "2026-09-01", "2026-09-30"}, // a whole month
		{"2026-10-01", "2026-12-31", "2026-11-26", "2026-07-01", "2026-08-26"}, // this quarter so far
		{"2026-07-01", "2026-09-30", "2026-11-26", "2026-04-01", "2026-06-30"},
		{"2026-01-01", "2026-12-31", "2026-11-26", "2025-01-01", "2025-11-26"},
		{"2026-11-26", "2026-11-26", "2026-11-26", "2026-11-25", "2026-11-25"}, // today
		{"2026-11-01", "2026-11-01", "2026-11-01", "2026-10-31", "2026-10-31"},
		{"2026-11-01", "2026-11-30", "2026-11-01", "2026-10-01", "2026-10-01"},
		{"2026-11-01", "2026-11-01", "2026-11-05", "2026-10-31", "2026-10-31"}, // the first alone
		{"2026-11-23", "2026-11-29", "2026-11-26", "2026-11-16", "2026-11-19"}, // this week so far
		{"2026-11-20", "2026-11-26", "2026-11-26", "2026-11-13", "2026-11-19"},
		{"2026-12-05", "2026-12-06", "2026-11-26", "2026-12-03", "2026-12-04"}, // not begun
	} {
		p := period{day(t, tt.from), day(t, tt.to)}.before(day(t, tt.today))
		if p.from.String() != tt.first || p.to.String() != tt.last {
			t.Errorf("before %s to %s at %s: %s to %s, not %s to %s", tt.from, tt.to, tt.today, p.from, p.to, tt.first, tt.last)
		}
	}
}
