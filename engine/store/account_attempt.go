package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
)

// AttemptRule bounds attempts to come in that are counted under one key: Free attempts within Window, then each
// further one waits twice as long as the one before, from one second up to Longest.
type AttemptRule struct {
	Key     string // a hash; the store keeps no addresses
	Free    int64
	Window  time.Duration
	Longest time.Duration
}

type attemptRow struct {
	KeyHash      string `gorm:"primaryKey"`
	Failures     int64
	Since        int64
	BlockedUntil int64
}

// TableName is the table of failed attempts.
func (attemptRow) TableName() string { return "login_attempts" }

// CountAttempt counts an attempt under all rules before it is made, so that a hundred at once are no more than
// a hundred in a row. It returns how long to wait when one of the rules blocks; then nothing is counted.
func (tx *Tx) CountAttempt(ctx context.Context, rules []AttemptRule) (wait time.Duration, err error) {
	rules = slices.Clone(rules)
	slices.SortFunc(rules, func(a, b AttemptRule) int { // one order for all, so that no two wait for each other
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	now := tx.s.micros()
	rows := make([]attemptRow, len(rules))
	for i, rule := range rules {
		if rows[i], err = tx.holdAttempts(ctx, rule.Key, now); err != nil {
			return 0, err
		}
		if left := rows[i].BlockedUntil - now; left > 0 {
			wait = max(wait, time.Duration(left)*time.Microsecond)
		}
	}
	if wait > 0 {
		return wait, nil
	}
	for i, rule := range rules {
		rows[i].count(rule, now)
		if err := tx.models(ctx).Save(&rows[i]).Error; err != nil {
			return 0, tx.s.wrap("count attempt", err)
		}
	}
	return 0, nil
}

// holdAttempts reads the row of a key and keeps others from it until the transaction ends.
func (tx *Tx) holdAttempts(ctx context.Context, key string, now int64) (row attemptRow, err error) {
	const hold = `INSERT INTO login_attempts (key_hash, failures, since, blocked_until) VALUES (?, 0, ?, 0)
ON CONFLICT (key_hash) DO UPDATE SET failures = login_attempts.failures`
	if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), hold), key, now); err != nil {
		return row, tx.s.wrap("hold attempts", err)
	}
	err = tx.models(ctx).Where("key_hash = ?", key).Take(&row).Error
	return row, tx.s.wrap("read attempts", err)
}

func (r *attemptRow) count(rule AttemptRule, now int64) {
	if now-r.Since > rule.Window.Microseconds() && now-r.BlockedUntil > rule.Window.Microseconds() {
		r.Failures, r.Since = 0, now
	}
	r.Failures++
	over := r.Failures - rule.Free
	if over < 0 {
		return
	}
	const doublings = 20
	pause := min(time.Second<<min(over, doublings), rule.Longest)
	r.BlockedUntil = now + pause.Microseconds()
}

// ForgetAttempts clears what was counted under a key, after the attempt succeeded.
func (tx *Tx) ForgetAttempts(ctx context.Context, key string) error {
	return tx.s.wrap("forget attempts", tx.models(ctx).Where("key_hash = ?", key).Delete(&attemptRow{}).Error)
}

// ForgiveAttempt takes one back under a key that many people share.
func (tx *Tx) ForgiveAttempt(ctx context.Context, key string) error {
	const query = "UPDATE login_attempts SET failures = failures - 1, blocked_until = 0 WHERE key_hash = ? AND failures > 0"
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), key)
	return tx.s.wrap("forgive attempt", err)
}

type resetRow struct {
	UserID    string `gorm:"primaryKey"`
	Hash      string
	ExpiresAt int64
}

// TableName is the table of reset codes.
func (resetRow) TableName() string { return "password_resets" }

// PutReset gives a person a reset code (its hash), in place of any former one.
func (tx *Tx) PutReset(ctx context.Context, by By, user, hash string, expires time.Time) error {
	if err := tx.change(ctx, by, "user.reset_issued", "user", user, nil); err != nil {
		return err
	}
	if _, err := tx.userRow(ctx, "id = ? AND deleted_at = 0", user); err != nil {
		return err
	}
	row := resetRow{UserID: user, Hash: hash, ExpiresAt: expires.UnixMicro()}
	return tx.s.wrap("put reset code", tx.models(ctx).Save(&row).Error)
}

// UseReset takes a person's reset code, which then is gone, and sets the password. It returns ErrNotFound when the
// code is not the person's, has expired or was used.
func (tx *Tx) UseReset(ctx context.Context, by By, user, hash, password string) error {
	if err := tx.change(ctx, by, "user.reset_used", "user", user, nil); err != nil {
		return err
	}
	done := tx.models(ctx).Where("user_id = ? AND hash = ? AND expires_at > ?", user, hash, tx.s.micros()).Delete(&resetRow{})
	if done.Error != nil {
		return tx.s.wrap("use reset code", done.Error)
	}
	if done.RowsAffected == 0 {
		return ErrNotFound
	}
	if err := tx.storePassword(ctx, user, password, false); err != nil {
		return err
	}
	return tx.EndSessions(ctx, user, "")
}

func (tx *Tx) dropReset(ctx context.Context, user string) error {
	return tx.s.wrap("drop reset code", tx.models(ctx).Where("user_id = ?", user).Delete(&resetRow{}).Error)
}

type setupRow struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	TokenHash string `gorm:"column:token_hash"`
	UsedAt    int64
}

// TableName is the table of the one setup row.
func (setupRow) TableName() string { return "setup" }

const setupID = 1

// SetupDone tells whether the workspace was set up.
func (r *Reader) SetupDone(ctx context.Context) (bool, error) {
	row, err := r.setup(ctx)
	return row.UsedAt != 0, err
}

func (r *Reader) setup(ctx context.Context) (row setupRow, err error) {
	err = r.models(ctx).Where("id = ?", setupID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return setupRow{ID: setupID}, nil
	}
	return row, r.s.wrap("read setup", err)
}

// OfferSetup keeps the hash of the token that may set the workspace up, in place of a former one; ErrUsed when
// that has been done.
func (tx *Tx) OfferSetup(ctx context.Context, hash string) error {
	if err := tx.BumpEpoch(ctx); err != nil {
		return err
	}
	row, err := tx.setup(ctx)
	if err != nil {
		return err
	}
	if row.UsedAt != 0 {
		return ErrUsed
	}
	row.TokenHash = hash
	return tx.s.wrap("offer setup", tx.models(ctx).Save(&row).Error)
}

// TakeSetup uses the setup up: same compares the kept hash with that of the token that was given. It returns
// ErrUsed when it was used before and ErrNotFound when the token is wrong.
func (tx *Tx) TakeSetup(ctx context.Context, by By, same func(hash string) bool) error {
	if err := tx.change(ctx, by, "setup", "workspace", tx.s.id, nil); err != nil {
		return err
	}
	row, err := tx.setup(ctx)
	switch {
	case err != nil:
		return err
	case row.UsedAt != 0:
		return ErrUsed
	case row.TokenHash == "" || !same(row.TokenHash):
		return ErrNotFound
	}
	row.UsedAt = tx.s.micros()
	return tx.s.wrap("take setup", tx.models(ctx).Save(&row).Error)
}
