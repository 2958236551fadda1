package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"tenon/metamodel/diag"
)

// cost is what argon2id spends on one password.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// present is the cost of new hashes; hashes of another cost are replaced when their owner signs in.
var present = cost{memory: 19 * 1024, passes: 2, threads: 1}

// Bounds of what a stored hash may ask for, so that a damaged one can't take the memory of the server.
const (
	maxMemory  = 256 * 1024 // KiB of memory
	maxPasses  = 16         // passes
	maxThreads = 16         // threads
	saltBytes  = 16
	keyBytes   = 32
	maxSalt    = 64 // bytes of the salt
	maxKey     = 64 // bytes of the key
	minKey     = 16 // bytes of the key, at least
	minSalt    = 8  // bytes of the salt, at least
)

var errHash = errors.New("the password's hash is malformed")

// phc is a password hash in the PHC string format: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type phc struct {
	cost
	salt []byte
	key  []byte
}

// String writes the hash as it is stored.
func (h phc) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.threads,
		enc.EncodeToString(h.salt), enc.EncodeToString(h.key))
}

// parsePHC reads a stored hash. Only what String writes is accepted, so that no two texts mean the same.
func parsePHC(s string) (h phc, err error) {
	const most = 512
	parts := strings.Split(s, "$")
	if len(s) > most || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return h, errHash
	}
	numbers := strings.Split(parts[3], ",")
	if len(numbers) != 3 {
		return h, errHash
	}
	var n [3]uint64
	for i, c := range []struct {
		name string
		most uint64
	}{{"m=", maxMemory}, {"t=", maxPasses}, {"p=", maxThreads}} {
		digits, ok := strings.CutPrefix(numbers[i], c.name)
		if !ok {
			return h, errHash
		}
		if n[i], err = strconv.ParseUint(digits, 10, 32); err != nil || n[i] == 0 || n[i] > c.most {
			return h, errHash
		}
	}
	h.memory, h.passes, h.threads = uint32(n[0]), uint32(n[1]), uint8(n[2])
	enc := base64.RawStdEncoding.Strict()
	if h.salt, err = enc.DecodeString(parts[4]); err != nil {
		return h, errHash
	}
	if h.key, err = enc.DecodeString(parts[5]); err != nil {
		return h, errHash
	}
	if len(h.salt) < minSalt || len(h.salt) > maxSalt || len(h.key) < minKey || len(h.key) > maxKey || h.String() != s {
		return h, errHash
	}
	return h, nil
}

// maxWaiting is how many people may wait for their password to be hashed, and hashWait for how long.
const (
	maxWaiting = 64 // people whose password waits to be hashed
	hashWait   = 5 * time.Second
	busyRetry  = 2 // seconds
)

// hasher hashes passwords, a few at a time: a burst of logins must not take the memory and the cores from all
// others.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	dummy   string // what unknown accounts are compared with, so that they take as long
}

// newHasher makes a hasher. Its dummy has a key of random bytes, which no password leads to: hashing one would take
// time and memory from every start.
func newHasher(slots int) *hasher {
	return &hasher{slots: make(chan struct{}, slots), dummy: phc{cost: present, salt: randomBytes(saltBytes), key: randomBytes(keyBytes)}.String()}
}

// enter waits for a slot and returns what frees it; login.busy when too many wait.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	busy := diag.Refuse("login.busy", "", "retry_after", busyRetry)
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		return nil, busy
	}
	defer h.waiting.Add(-1)
	t := time.NewTimer(hashWait)
	defer t.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-t.C:
		return nil, busy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash makes the stored form of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := randomBytes(saltBytes)
	key := argon2.IDKey([]byte(password), salt, present.passes, present.memory, present.threads, keyBytes)
	return phc{cost: present, salt: salt, key: key}.String(), nil
}

// verify compares a password with a stored hash; "" is never the right one's and takes as long. old tells that the
// hash should be replaced.
func (h *hasher) verify(ctx context.Context, stored, password string) (ok, old bool, err error) {
	missing := stored == ""
	if missing {
		stored = h.dummy
	}
	p, err := parsePHC(stored)
	if err != nil {
		return false, false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	key := argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.threads, uint32(len(p.key)))
	same := subtle.ConstantTimeCompare(key, p.key) == 1
	return same && !missing, p.cost != present || len(p.key) != keyBytes, nil
}
