package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// verifyHour is the hour, in the company's zone, from which on an app is proven each night.
const verifyHour = 3

// Who had an app proven.
const (
	verifiedNightly = "nightly"
	verifiedByAdmin = "admin"
)

// noticeVerification tells an administrator that an app keeps something that is not right.
const noticeVerification = "verification"

// verified is the last proof of an app.
type verified struct {
	At     string        `json:"at"`
	By     string        `json:"by"`
	Result *Verification `json:"result"`
}

// verificationSetting is where the last proof of an app is kept, and nightSetting when the last night's was begun.
func verificationSetting(app string) string { return "verification." + app }
func nightSetting(app string) string        { return "verification_night." + app }

// Verification answers the last proof of all that an app keeps; null where there was none.
func (e *Engine) Verification(ctx context.Context, c Call) (*Result, error) {
	if err := c.builder(); err != nil {
		return nil, err
	}
	last, err := e.lastVerification(ctx, c.Snap.App.Name)
	if err != nil {
		return nil, err
	}
	if last == nil {
		return e.json(nil, map[string]any{"at": nil, "by": nil, "result": nil})
	}
	return e.json(nil, last)
}

func (e *Engine) lastVerification(ctx context.Context, app string) (*verified, error) {
	text, err := e.store.Reader().Setting(ctx, verificationSetting(app))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last proof: %w", err)
	}
	out := &verified{}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		return nil, fmt.Errorf("read the last proof: %w", err)
	}
	return out, nil
}

// keepVerification keeps a proof as the last one. What a night finds is told to the administrators.
func (e *Engine) keepVerification(ctx context.Context, c Call, by string, v *Verification) error {
	app := c.Snap.App.Name
	text, err := json.Marshal(verified{At: value.FormatDateTime(c.Now), By: by, Result: v})
	if err != nil {
		return fmt.Errorf("write a proof: %w", err)
	}
	err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutSetting(ctx, verificationSetting(app), string(text)); err != nil {
			return err
		}
		if by != verifiedNightly || len(v.Differences) == 0 {
			return nil
		}
		return e.alarm(ctx, tx, c)
	})
	if err != nil {
		return e.storeProblem(c, err)
	}
	e.wake()
	return nil
}

// alarm tells every administrator of the workspace that an app keeps something that is not right.
func (e *Engine) alarm(ctx context.Context, tx *store.Tx, c Call) error {
	admins, err := tx.Administrators(ctx)
	if err != nil {
		return fmt.Errorf("find the administrators: %w", err)
	}
	app := c.Snap.App.Name
	for _, user := range admins {
		n := &store.Notification{ID: e.newID(), User: user, Kind: noticeVerification, App: app, Created: c.Now}
		if err := tx.Notify(ctx, n); err != nil {
			return err
		}
		data, err := json.Marshal(map[string]any{"notification": n.ID, "kind": n.Kind})
		if err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
		if err := tx.Emit(ctx, store.Event{
			ID: e.newID(), Type: "tenon.notification.created.v1", Source: "/notifications", Time: c.Now, Data: data, Recipient: user,
		}); err != nil {
			return err
		}
	}
	return nil
}

// VerifyApps proves each app once a night; it is called from time to time. Of all servers of a workspace one does so, and
// a night that was missed is made up for.
func (e *Engine) VerifyApps(ctx context.Context) error {
	var errs []error
	for name, s := range *e.snaps.Load() {
		if err := e.verifyNightly(ctx, s); err != nil && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("verify %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// night is the moment from which on the last night's proof is due.
func night(now time.Time, zone *time.Location) time.Time {
	t := now.In(zone)
	at := time.Date(t.Year(), t.Month(), t.Day(), verifyHour, 0, 0, 0, zone)
	if at.After(t) {
		at = time.Date(t.Year(), t.Month(), t.Day()-1, verifyHour, 0, 0, 0, zone)
	}
	return at
}

// verifyNightly proves an app if that is due. Whoever begins says so first, so that no other server does the same; a
// proof that a stop cuts off is left to the next night.
func (e *Engine) verifyNightly(ctx context.Context, s *compile.Snapshot) error {
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: "verify", trusted: true}
	due, app := night(c.Now, s.Zone), s.App.Name
	mine := false
	err := e.store.Alone(ctx, "verify:"+app, func(ctx context.Context) error {
		text, err := e.store.Reader().Setting(ctx, nightSetting(app))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("read when it was begun: %w", err)
		}
		if begun, err := time.Parse(time.RFC3339, text); err == nil && !begun.Before(due) {
			return nil
		}
		mine = text != "" // an app that is new has its first proof the night after
		mark := c.Now
		return e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			return tx.PutSetting(ctx, nightSetting(app), mark.UTC().Format(time.RFC3339))
		})
	})
	if err != nil || !mine {
		return err
	}
	v, err := e.verify(ctx, c, 0)
	if err != nil {
		return err
	}
	for i := range v.Differences {
		e.log.ErrorContext(ctx, "what is kept differs", "app", app, "what", v.Differences[i].What, "name", v.Differences[i].Name, "record", v.Differences[i].Record, "field", v.Differences[i].Field)
	}
	return e.keepVerification(ctx, c, verifiedNightly, v)
}

// appendVerification adds what a notification of a proof says to those that a person may read: how many differences the
// last proof of the app found.
func (e *Engine) appendVerification(ctx context.Context, c Call, out []noticeJSON, n *store.Notification) ([]noticeJSON, error) {
	s := (*e.snaps.Load())[n.App]
	if c.builder() != nil || s == nil {
		return out, nil
	}
	last, err := e.lastVerification(ctx, n.App)
	if err != nil {
		return nil, err
	}
	count := 0
	if last != nil {
		count = len(last.Result.Differences)
	}
	d := diag.New("verify.differs", "", "app", s.App.Title.In(c.Locale), "count", count)
	j := noticeJSON{ID: n.ID, Kind: n.Kind, App: n.App, Title: d.Text(c.Locale), Created: value.FormatDateTime(n.Created)}
	if !n.Read.IsZero() {
		j.Read = value.FormatDateTime(n.Read)
	}
	return append(out, j), nil
}
