package ledger

import (
	"errors"
	"fmt"
)

// errDamaged says that a ledger's tables don't fit together.
var errDamaged = errors.New("the ledger is damaged")

func errLost(id string) error { return fmt.Errorf("%w: entry %s is not there", errDamaged, id) }
