// Package plain is what Tenon is measured against: a server for products and suppliers written by hand with fiber and
// SQL, as somebody would who needs these two tables and nothing else. Its entities, columns, rules and answers are
// compiled in; it shares no code with Tenon. It uses the same drivers, pragmas and durability, and does in one
// transaction what a careful program does: the record, its audit row and its outbox row.
//
// It is for measurements only and must never be imported by the product.
package plain

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
)

// User is who a token belongs to.
type User struct {
	ID     string
	Region string
}

// Server answers requests from one database.
type Server struct {
	db    *DB
	users map[[sha256.Size]byte]User
}

// userKey is where a request's user is kept.
const userKey = "user"

// Variables of the environment that Main reads.
const (
	EnvAddr     = "PLAIN_ADDR"
	EnvDatabase = "PLAIN_DATABASE" // a folder for SQLite, or postgres://…
	EnvUsers    = "PLAIN_USERS"    // token=id=region, separated by commas
)

// Main serves until the process is told to stop, and returns its exit code.
func Main() int {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		return 1
	}
	return 0
}

func run() (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	db, err := Open(ctx, os.Getenv(EnvDatabase))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := &Server{db: db, users: map[[sha256.Size]byte]User{}}
	for part := range strings.SplitSeq(os.Getenv(EnvUsers), ",") {
		fields := strings.Split(part, "=")
		if len(fields) != 3 {
			return fmt.Errorf("%s: %q is not token=id=region", EnvUsers, part)
		}
		s.users[sha256.Sum256([]byte(fields[0]))] = User{ID: fields[1], Region: fields[2]}
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", os.Getenv(EnvAddr))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	app := s.app()
	done := make(chan error, 1)
	go func() { done <- app.Listener(ln) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	return app.ShutdownWithTimeout(5 * time.Second)
}

func (s *Server) app() *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 4 << 20, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, ErrorHandler: fail})
	app.Use(recover.New())
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok") })
	app.Use(s.identify)
	app.Get("/products", s.list)
	app.Post("/products", s.create)
	app.Get("/products/:id", s.get)
	return app
}

// identify finds the user of the request's token.
func (s *Server) identify(c *fiber.Ctx) error {
	token, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	if !ok {
		return fiber.ErrUnauthorized
	}
	u, ok := s.users[sha256.Sum256([]byte(token))]
	if !ok {
		return fiber.ErrUnauthorized
	}
	c.Locals(userKey, u)
	return c.Next()
}

func user(c *fiber.Ctx) User {
	u, _ := c.Locals(userKey).(User)
	return u
}

// Problem is the body of a refusal.
type Problem struct {
	Status int          `json:"status"`
	Title  string       `json:"title"`
	Errors []FieldError `json:"errors,omitempty"`
}

// FieldError says what is wrong with one field.
type FieldError struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func fail(c *fiber.Ctx, err error) error {
	status := fiber.StatusInternalServerError
	var fe *fiber.Error
	if errors.As(err, &fe) {
		status = fe.Code
	}
	p := Problem{Status: status, Title: "error"}
	var invalid *invalidError
	if errors.As(err, &invalid) {
		p.Status, p.Errors = fiber.StatusUnprocessableEntity, invalid.list
	}
	return c.Status(p.Status).JSON(p, "application/problem+json")
}
