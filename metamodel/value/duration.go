package value

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var isoDuration = regexp.MustCompile(`^(-)?P(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$`)

// ParseDuration reads the days, hours, minutes and seconds of an ISO 8601 duration: P3D, PT1H30M, -PT5M.
func ParseDuration(s string) (time.Duration, error) {
	m := isoDuration.FindStringSubmatch(s)
	if m == nil || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return 0, fmt.Errorf("%w: %.40q", ErrDate, s)
	}
	var total time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+2] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+2], 10, 64)
		if err != nil || n > int64(1<<62)/int64(unit) {
			return 0, fmt.Errorf("%w: %.40q", ErrDate, s)
		}
		total += time.Duration(n) * unit
	}
	if total < 0 {
		return 0, fmt.Errorf("%w: %.40q", ErrDate, s)
	}
	if m[1] == "-" {
		total = -total
	}
	return total, nil
}

// FormatDuration writes an ISO 8601 duration in days, hours, minutes and seconds: P1DT2H, PT0S.
func FormatDuration(d time.Duration) string {
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	b.WriteByte('P')
	if days := d / (24 * time.Hour); days > 0 {
		fmt.Fprintf(&b, "%dD", days)
		d %= 24 * time.Hour
		if d < time.Second {
			return b.String()
		}
	}
	b.WriteByte('T')
	h, m, s := d/time.Hour, d/time.Minute%60, d/time.Second%60
	if h > 0 {
		fmt.Fprintf(&b, "%dH", h)
	}
	if m > 0 {
		fmt.Fprintf(&b, "%dM", m)
	}
	if s > 0 || h == 0 && m == 0 {
		fmt.Fprintf(&b, "%dS", s)
	}
	return b.String()
}
