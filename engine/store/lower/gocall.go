package lower

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"time"

	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// codes of values that travel between SQLite and Go.
var callCodes = map[repr]byte{reprText: 's', reprInt: 'i', reprBig: 'n', reprBool: 'b', reprDate: 'd', reprInstant: 't', reprTime: 'o', reprDuration: 'u'}

// goOnly has SQLite call the language's own function; PostgreSQL can't.
func goOnly(b *build, n *expr.Node) (val, error) {
	if b.d == Postgres {
		return val{}, refuse(n, "%s", what(n))
	}
	args, err := b.arguments(n)
	if err != nil {
		return val{}, err
	}
	out, err := callResult(n)
	if err != nil {
		return val{}, err
	}
	codes, list := "", ""
	for _, a := range args {
		if a.repr == reprDec {
			a = b.big(a)
		}
		if isText(a.repr) {
			a = b.texted(b.named(a))
		}
		if a.repr == reprDuration {
			a.sql = b.microsOf(a)
		}
		code, ok := callCodes[a.repr]
		if !ok {
			return val{}, refuse(n, "%s", what(n))
		}
		codes += string(code)
		list += ", " + a.sql
		out.over = out.over || a.over
	}
	t := target{d: b.d, repr: reprText}
	out.sql = "tn_call('" + optionText(n.Fn) + "', '" + codes + "', " + b.constant(b.zone().name, t) + list + ")"
	out.fail = true
	if mayLeaveRange[n.Fn] {
		b.overs++
		out.over = true
	}
	return out, nil
}

// mayLeaveRange are the functions that fail for other reasons than a null.
var mayLeaveRange = map[string]bool{
	"round": true, "roundBy": true, "int": true, "rmbWords": true, "addMonths": true, "addYears": true, "addWorkdays": true, "padLeft": true,
	"lower": true, "upper": true, "pinyinInitials": true, "duration": true,
}

func callResult(n *expr.Node) (val, error) {
	switch n.Type { //nolint:exhaustive // no function gives the others
	case expr.Str:
		return val{repr: reprText}, nil
	case expr.Int:
		return val{repr: reprInt, max: maxInt64}, nil
	case expr.Dec:
		return val{repr: reprBig, max: maxDigits}, nil
	case expr.Bool:
		return val{repr: reprBool}, nil
	case expr.Dat:
		return val{repr: reprDate}, nil
	case expr.Ts:
		return val{repr: reprInstant}, nil
	case expr.Tod:
		return val{repr: reprTime}, nil
	case expr.Dur:
		return val{repr: reprDuration, scale: microScale, max: maxMicros}, nil
	}
	return val{}, refuse(n, "%s", what(n))
}

func goCondition(b *build, n *expr.Node, want bool) (pred, error) {
	v, err := goOnly(b, n)
	if err != nil {
		return pred{}, err
	}
	return b.truth(v, want, n)
}

// callLanguage runs a function of the language over arguments in SQLite's representation: name, codes, zone,
// arguments. What has no value is NULL.
func callLanguage(args []driver.Value) (driver.Value, error) {
	name, okName := args[0].(string)
	codes, okCodes := args[1].(string)
	zoneName, okZone := args[2].(string)
	if !okName || !okCodes || !okZone || len(codes) != len(args)-3 {
		return nil, fmt.Errorf("call function: %w", ErrValue)
	}
	zone, err := zoneNamed(zoneName)
	if err != nil {
		return nil, err
	}
	in := make([]any, len(codes))
	for i := range in {
		if in[i], err = fromDriver(codes[i], args[i+3]); err != nil {
			return nil, err
		}
	}
	out, err := expr.CallFunction(name, zone, in...)
	if err != nil {
		if undefined(err) {
			return nil, nil
		}
		return nil, fmt.Errorf("call function: %w", err)
	}
	return toDriver(out)
}

func fromDriver(code byte, v driver.Value) (any, error) {
	if code == 'n' {
		return decimalOf(v)
	}
	if code == 's' {
		if s, ok := v.(string); ok {
			return strings.Clone(s), nil
		}
		return nil, fmt.Errorf("read text from %T: %w", v, ErrValue)
	}
	n, ok := v.(int64)
	if !ok {
		return nil, fmt.Errorf("read argument from %T: %w", v, ErrValue)
	}
	switch code {
	case 'i':
		return n, nil
	case 'b':
		return n != 0, nil
	case 'd':
		return value.Date(n), nil
	case 't':
		return time.UnixMicro(n).UTC(), nil
	case 'o':
		return value.TimeOfDay(n), nil
	case 'u':
		return time.Duration(n) * time.Microsecond, nil
	}
	return nil, fmt.Errorf("read argument of code %q: %w", code, ErrValue)
}

func toDriver(v any) (driver.Value, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case string:
		return x, nil
	case int64:
		return x, nil
	case bool:
		return encodeBool(SQLite, x), nil
	case value.Decimal:
		return result(x, nil)
	case value.Date:
		return int64(x), nil
	case time.Time:
		return x.UnixMicro(), nil
	case value.TimeOfDay:
		return int64(x), nil
	case time.Duration:
		return x.Microseconds(), nil
	}
	return nil, fmt.Errorf("give back %T: %w", v, ErrValue)
}

// zones keeps loaded zones; reading one from disk takes longer than a query.
var zones sync.Map // name → *time.Location

func zoneNamed(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil //nolint:forcetypeassert // only locations are stored
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load zone: %w", err)
	}
	zones.Store(name, z)
	return z, nil
}

// dayInZone is the day, as days since 1970, of microseconds in a zone.
func dayInZone(args []driver.Value) (driver.Value, error) {
	micros, ok := args[0].(int64)
	name, okName := args[1].(string)
	if !ok || !okName {
		return nil, fmt.Errorf("find day: %w", ErrValue)
	}
	zone, err := zoneNamed(name)
	if err != nil {
		return nil, err
	}
	return int64(value.DateOf(time.UnixMicro(micros), zone)), nil
}
