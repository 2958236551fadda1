package expr

import (
	"fmt"
	"time"
)

// CallFunction calls one scalar function of the language by name, outside any expression: what a database that
// can call back into Go uses, so that a function means the same there. Arguments and result are in package
// value's representation and none of them is null. The function must be one of Functions that needs neither
// lists nor the present time.
func CallFunction(name string, zone *time.Location, args ...any) (any, error) {
	f := functionByName[name]
	if f == nil || f.call == nil {
		return nil, fmt.Errorf("call function %q: %w", name, errArgument)
	}
	v, err := f.call(&call{f: &frame{act: &Activation{Zone: zone}}, args: args})
	if err != nil {
		return nil, err
	}
	return unbox(box(v)), nil
}
