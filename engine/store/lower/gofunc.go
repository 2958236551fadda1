package lower

import (
	"database/sql/driver"
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"

	"modernc.org/sqlite"

	"tenon/metamodel/value"
)

// init gives SQLite the functions that statements of this package call. The driver keeps them in a table of the
// process and hands them to every connection opened later, so they have to be there before the first one.
func init() { //nolint:gochecknoinits // the driver's registry is global
	for name, f := range goFunctions {
		sqlite.MustRegisterDeterministicScalarFunction(name, f.args, f.scalar)
	}
	sqlite.MustRegisterCollationUtf8("tn_number", compareNumbers)
	for name, make := range goAggregates {
		sqlite.MustRegisterFunction(name, &sqlite.FunctionImpl{NArgs: 1, Deterministic: true, MakeAggregate: make})
	}
}

type goFunction struct {
	args int32
	call func(args []driver.Value) (driver.Value, error)
}

// scalar answers NULL for NULL arguments and for results that evaluation refuses.
func (f goFunction) scalar(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	for _, a := range args {
		if a == nil {
			return nil, nil
		}
	}
	return f.call(args)
}

var goFunctions = map[string]goFunction{
	goAdd:       {2, decimals(value.Decimal.Add)},
	goSub:       {2, decimals(value.Decimal.Sub)},
	goMul:       {2, decimals(value.Decimal.Mul)},
	goDiv:       {2, decimals(value.Decimal.Div)},
	goRem:       {2, decimals(value.Decimal.Rem)},
	"tn_cmp":    {2, compareDecimals},
	"tn_neg":    {1, decimal(func(d value.Decimal) (value.Decimal, error) { return d.Neg(), nil })},
	"tn_abs":    {1, decimal(func(d value.Decimal) (value.Decimal, error) { return d.Abs(), nil })},
	"tn_floor":  {1, decimal(value.Decimal.Floor)},
	"tn_ceil":   {1, decimal(value.Decimal.Ceil)},
	"tn_round":  {2, roundDecimal},
	"tn_fit":    {3, fitDecimal},
	"tn_dec":    {2, scaledDecimal},
	"tn_int":    {1, wholeDecimal},
	"tn_join":   {3, joinHalves},
	"tn_iadd":   {2, integers(addIntegers)},
	"tn_isub":   {2, integers(subtractIntegers)},
	"tn_imul":   {2, integers(multiplyIntegers)},
	"tn_match":  {2, matchPattern},
	"tn_day":    {2, dayInZone},
	"tn_bucket": {2, bucketOfDay},
	"tn_call":   {-1, callLanguage},
}

// decimalOf reads a decimal argument: text, or an integer.
func decimalOf(v driver.Value) (value.Decimal, error) {
	switch x := v.(type) {
	case string:
		if strings.Contains(x, "E") {
			return value.ParseExact(x)
		}
		d, err := value.ParseDecimal(x)
		if err == nil || strings.Contains(x, ".") {
			return d, err
		}
		// A whole number may have more zeros at its end than digits can be written.
		digits := strings.TrimRight(x, "0")
		if d, err = value.ParseDecimal(digits); err != nil {
			return d, err
		}
		return d.Mul(value.NewDecimal(1, -int32(len(x)-len(digits))))
	case int64:
		return value.NewDecimal(x, 0), nil
	}
	return value.Decimal{}, fmt.Errorf("read decimal from %T: %w", v, ErrValue)
}

func decimals(op func(a, b value.Decimal) (value.Decimal, error)) func([]driver.Value) (driver.Value, error) {
	return func(args []driver.Value) (driver.Value, error) {
		a, err := decimalOf(args[0])
		if err != nil {
			return nil, err
		}
		b, err := decimalOf(args[1])
		if err != nil {
			return nil, err
		}
		return result(op(a, b))
	}
}

func decimal(op func(value.Decimal) (value.Decimal, error)) func([]driver.Value) (driver.Value, error) {
	return func(args []driver.Value) (driver.Value, error) {
		a, err := decimalOf(args[0])
		if err != nil {
			return nil, err
		}
		return result(op(a))
	}
}

// result is NULL where evaluation fails: a zero divisor, too many digits.
func result(d value.Decimal, err error) (driver.Value, error) {
	if err != nil {
		return nil, nil //nolint:nilerr // a failed evaluation is NULL
	}
	s := plainText(d)
	if _, err := decimalOf(s); err != nil {
		return nil, nil //nolint:nilerr // too long to travel on as a text
	}
	return s, nil
}

// plainText writes a decimal so that decimalOf reads it back: zeros at the end that only scale brought are cut
// where the text would be too long, and a number that is long even so has a power of ten.
func plainText(d value.Decimal) string {
	s := d.String()
	if len(s) <= value.MaxDigits {
		return s
	}
	if d = d.Trim(); d.Scale() > value.MaxDigits {
		return d.Exact()
	}
	return d.String()
}

func compareDecimals(args []driver.Value) (driver.Value, error) {
	a, err := decimalOf(args[0])
	if err != nil {
		return nil, err
	}
	b, err := decimalOf(args[1])
	if err != nil {
		return nil, err
	}
	return int64(a.Cmp(b)), nil
}

// compareNumbers orders decimals' texts by their value; texts that are none come first.
func compareNumbers(left, right string) int {
	a, errA := decimalOf(left)
	b, errB := decimalOf(right)
	switch {
	case errA != nil || errB != nil:
		return strings.Compare(left, right)
	}
	return a.Cmp(b)
}

// bucketOfDay is the first day of the unit that a day lies in.
func bucketOfDay(args []driver.Value) (driver.Value, error) {
	unit, okUnit := args[0].(string)
	day, ok := args[1].(int64)
	if !ok || !okUnit {
		return nil, fmt.Errorf("find bucket: %w", ErrValue)
	}
	t := value.Date(day).Time()
	switch unit {
	case "week":
		return day - int64(t.Weekday()+6)%7, nil
	case "month":
		return int64(value.NewDate(t.Year(), t.Month(), 1)), nil
	case "quarter":
		return int64(value.NewDate(t.Year(), (t.Month()-1)/3*3+1, 1)), nil
	case "year":
		return int64(value.NewDate(t.Year(), 1, 1)), nil
	}
	return nil, fmt.Errorf("find bucket: %w", ErrValue)
}

func roundDecimal(args []driver.Value) (driver.Value, error) {
	a, err := decimalOf(args[0])
	if err != nil {
		return nil, err
	}
	scale, ok := args[1].(int64)
	if !ok || scale < -value.MaxDigits || scale > value.MaxDigits {
		return nil, nil
	}
	return result(a.Round(int32(scale)))
}

// fitDecimal is what a column of a precision and scale holds of a number, scaled; NULL when it doesn't fit.
func fitDecimal(args []driver.Value) (driver.Value, error) {
	a, err := decimalOf(args[0])
	if err != nil {
		return nil, err
	}
	precision, scale, ok := twoInts(args[1:])
	if !ok {
		return nil, nil
	}
	r, err := a.Round(int32(scale))
	if err != nil || !r.Fits(int32(precision), int32(scale)) {
		return nil, nil //nolint:nilerr // a value that doesn't fit is NULL
	}
	n, err := r.Unscaled(int32(scale))
	if err != nil {
		return nil, nil //nolint:nilerr // a value that doesn't fit is NULL
	}
	return n, nil
}

func scaledDecimal(args []driver.Value) (driver.Value, error) {
	n, scale, ok := twoInts(args)
	if !ok {
		return nil, fmt.Errorf("read scaled decimal from %T: %w", args[0], ErrValue)
	}
	return value.NewDecimal(n, int32(scale)).String(), nil
}

func twoInts(args []driver.Value) (a, b int64, ok bool) {
	a, okA := args[0].(int64)
	b, okB := args[1].(int64)
	return a, b, okA && okB
}

func wholeDecimal(args []driver.Value) (driver.Value, error) {
	a, err := decimalOf(args[0])
	if err != nil {
		return nil, err
	}
	if n, ok := a.Int64(); ok {
		return n, nil
	}
	return nil, nil
}

// joinHalves puts a sum together that was made in two halves: high × 10^9 + low, at a scale.
func joinHalves(args []driver.Value) (driver.Value, error) {
	high, low, ok := twoInts(args)
	scale, isInt := args[2].(int64)
	if !ok || !isInt {
		return nil, fmt.Errorf("join sums: %w", ErrValue)
	}
	h, err := value.NewDecimal(high, 0).Mul(value.NewDecimal(1_000_000_000, int32(scale)))
	if err != nil {
		return nil, nil //nolint:nilerr // a failed evaluation is NULL
	}
	return result(h.Add(value.NewDecimal(low, int32(scale))))
}

func integers(op func(a, b int64) (int64, bool)) func([]driver.Value) (driver.Value, error) {
	return func(args []driver.Value) (driver.Value, error) {
		a, b, ok := twoInts(args)
		if !ok {
			return nil, fmt.Errorf("read integers: %w", ErrValue)
		}
		if n, ok := op(a, b); ok {
			return n, nil
		}
		return nil, nil
	}
}

func addIntegers(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

func subtractIntegers(a, b int64) (int64, bool) {
	if b == math.MinInt64 {
		return 0, false
	}
	return addIntegers(a, -b)
}

func multiplyIntegers(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	p := a * b
	return p, p/b == a && (a != -1 || b != math.MinInt64) && (b != -1 || a != math.MinInt64)
}

// patterns keeps compiled regular expressions; it is emptied when it is full.
var patterns = struct {
	sync.Mutex
	compiled map[string]*regexp.Regexp
}{compiled: map[string]*regexp.Regexp{}}

// keepPatterns bounds the compiled regular expressions that are kept; beyond it all are forgotten.
const keepPatterns = 256

func compiledPattern(source string) (*regexp.Regexp, error) {
	patterns.Lock()
	defer patterns.Unlock()
	if re := patterns.compiled[source]; re != nil {
		return re, nil
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("compile pattern: %w", err)
	}
	if len(patterns.compiled) >= keepPatterns {
		clear(patterns.compiled)
	}
	patterns.compiled[source] = re
	return re, nil
}

func matchPattern(args []driver.Value) (driver.Value, error) {
	text, okText := args[0].(string)
	source, okSource := args[1].(string)
	if !okText || !okSource {
		return nil, fmt.Errorf("match text: %w", ErrValue)
	}
	re, err := compiledPattern(source)
	if err != nil {
		return nil, err
	}
	return encodeBool(SQLite, re.MatchString(text)), nil
}

var goAggregates = map[string]func(sqlite.FunctionContext) (sqlite.AggregateFunction, error){
	"tn_sum": newDecimalAggregate(value.Decimal.Add),
	"tn_min": newDecimalAggregate(func(a, b value.Decimal) (value.Decimal, error) {
		if b.Cmp(a) < 0 {
			return b, nil
		}
		return a, nil
	}),
	"tn_max": newDecimalAggregate(func(a, b value.Decimal) (value.Decimal, error) {
		if b.Cmp(a) > 0 {
			return b, nil
		}
		return a, nil
	}),
}

// decimalAggregate folds decimals; NULLs are passed over, no rows are NULL.
type decimalAggregate struct {
	fold  func(a, b value.Decimal) (value.Decimal, error)
	total value.Decimal
	some  bool
	fails bool
}

func newDecimalAggregate(fold func(a, b value.Decimal) (value.Decimal, error)) func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) {
	return func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) {
		return &decimalAggregate{fold: fold}, nil
	}
}

// Step takes one row's value.
func (a *decimalAggregate) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	if args[0] == nil || a.fails {
		return nil
	}
	d, err := decimalOf(args[0])
	if err != nil {
		return err
	}
	if !a.some {
		a.total, a.some = d, true
		return nil
	}
	if a.total, err = a.fold(a.total, d); err != nil {
		a.fails = true
	}
	return nil
}

// WindowInverse is never used: no statement of this package has windows.
func (a *decimalAggregate) WindowInverse(*sqlite.FunctionContext, []driver.Value) error {
	return fmt.Errorf("decimal aggregate in a window: %w", ErrValue)
}

// WindowValue is the result.
func (a *decimalAggregate) WindowValue(*sqlite.FunctionContext) (driver.Value, error) {
	if !a.some || a.fails {
		return nil, nil
	}
	return plainText(a.total), nil
}

// Final has nothing to free.
func (a *decimalAggregate) Final(*sqlite.FunctionContext) {}
