package server

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
)

// member is an object of an answer of the platform's own routes.
type member = map[string]any

// answer sends a value as JSON.
func (x *exchange) answer(status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return x.sendJSON(status, data)
}

// empty answers that it is done and there is nothing to say.
func (x *exchange) empty() error {
	x.c.Status(fiber.StatusNoContent)
	return nil
}

// at writes an instant, null for none.
func at(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
