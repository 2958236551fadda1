package plain

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

// pageSize is how many records a list has.
const pageSize = 30

// Product is a row and an answer.
type Product struct {
	ID           string    `json:"id"`
	Version      int64     `json:"version"`
	CreatedAt    Instant   `json:"created_at"`
	CreatedBy    *string   `json:"created_by"`
	UpdatedAt    Instant   `json:"updated_at"`
	UpdatedBy    *string   `json:"updated_by"`
	Code         string    `json:"code"`
	Name         string    `json:"name"`
	Barcode      *string   `json:"barcode"`
	Region       string    `json:"region"`
	Category     string    `json:"category"`
	Brand        *string   `json:"brand"`
	Spec         *string   `json:"spec"`
	Unit         *string   `json:"unit"`
	Supplier     string    `json:"supplier"`
	CostPrice    *Cents    `json:"cost_price"`
	SalePrice    *Cents    `json:"sale_price"`
	Weight       *Grams    `json:"weight"`
	MinStock     *int64    `json:"min_stock"`
	MaxStock     *int64    `json:"max_stock"`
	LeadDays     *int64    `json:"lead_days"`
	IntroducedOn *Day      `json:"introduced_on"`
	Active       *bool     `json:"active"`
	Taxable      *bool     `json:"taxable"`
	Shelf        *string   `json:"shelf"`
	Note         *string   `json:"note"`
	Expanded     *Expanded `json:"expanded,omitempty"`
}

// Expanded holds the related records of a product.
type Expanded struct {
	Supplier Supplier `json:"supplier"`
}

// Supplier is a row and an answer.
type Supplier struct {
	ID        string  `json:"id"`
	Version   int64   `json:"version"`
	CreatedAt Instant `json:"created_at"`
	CreatedBy *string `json:"created_by"`
	UpdatedAt Instant `json:"updated_at"`
	UpdatedBy *string `json:"updated_by"`
	Code      string  `json:"code"`
	Name      string  `json:"name"`
	Contact   *string `json:"contact"`
	Phone     *string `json:"phone"`
	City      *string `json:"city"`
	Level     *int64  `json:"level"`
	Active    *bool   `json:"active"`
	Note      *string `json:"note"`
}

const (
	productColumns = "p.id, p.version, p.created_at, p.created_by, p.updated_at, p.updated_by, p.code, p.name, p.barcode, p.region, p.category, p.brand, p.spec, p.unit, " +
		"p.supplier, p.cost_price, p.sale_price, p.weight, p.min_stock, p.max_stock, p.lead_days, p.introduced_on, p.active, p.taxable, p.shelf, p.note"
	supplierColumns = "s.id, s.version, s.created_at, s.created_by, s.updated_at, s.updated_by, s.code, s.name, s.contact, s.phone, s.city, s.level, s.active, s.note"
	listTail        = " WHERE p.region = ? AND p.category = ? AND p.sale_price < ? AND p.deleted_at IS NULL ORDER BY p.name, p.id LIMIT 31"
	insertProduct   = "INSERT INTO product (id, version, created_at, created_by, updated_at, updated_by, code, name, barcode, region, category, brand, spec, unit, supplier, " +
		"cost_price, sale_price, weight, min_stock, max_stock, lead_days, introduced_on, active, taxable, shelf, note) " +
		"VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

func (p *Product) dest() []any {
	return []any{
		&p.ID, &p.Version, &p.CreatedAt, &p.CreatedBy, &p.UpdatedAt, &p.UpdatedBy, &p.Code, &p.Name, &p.Barcode, &p.Region, &p.Category, &p.Brand, &p.Spec, &p.Unit,
		&p.Supplier, &p.CostPrice, &p.SalePrice, &p.Weight, &p.MinStock, &p.MaxStock, &p.LeadDays, &p.IntroducedOn, &p.Active, &p.Taxable, &p.Shelf, &p.Note,
	}
}

func (s *Supplier) dest() []any {
	return []any{&s.ID, &s.Version, &s.CreatedAt, &s.CreatedBy, &s.UpdatedAt, &s.UpdatedBy, &s.Code, &s.Name, &s.Contact, &s.Phone, &s.City, &s.Level, &s.Active, &s.Note}
}

func (p *Product) args(db *DB) []any {
	created, updated := db.instant(p.CreatedAt.Time), db.instant(p.UpdatedAt.Time)
	return []any{
		p.ID, created, p.CreatedBy, updated, p.UpdatedBy, p.Code, p.Name, p.Barcode, p.Region, p.Category, p.Brand, p.Spec, p.Unit,
		p.Supplier, p.CostPrice, p.SalePrice, p.Weight, p.MinStock, p.MaxStock, p.LeadDays, p.IntroducedOn, p.Active, p.Taxable, p.Shelf, p.Note,
	}
}

func (s *Server) get(c *fiber.Ctx) error {
	var p Product
	id := c.Params("id")
	if uuid.Validate(id) != nil {
		return fiber.ErrNotFound
	}
	err := s.db.get.QueryRowContext(c.Context(), id, user(c).Region).Scan(p.dest()...)
	if errors.Is(err, sql.ErrNoRows) {
		return fiber.ErrNotFound
	}
	if err != nil {
		return err
	}
	return c.JSON(&p)
}

// page is the answer of a list.
type page struct {
	Records []Product `json:"records"`
	Next    string    `json:"next_page_token,omitempty"`
}

func (s *Server) list(c *fiber.Ctx) (err error) {
	below, err := parseFixed([]byte(c.Query("below")), 2)
	if err != nil {
		return fiber.ErrBadRequest
	}
	st, expand := s.db.list, c.Query("expand") == "supplier"
	if expand {
		st = s.db.listExpanded
	}
	rows, err := st.QueryContext(c.Context(), user(c).Region, c.Query("category"), below)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out := page{Records: make([]Product, 0, pageSize)}
	for rows.Next() {
		if len(out.Records) == pageSize {
			last := out.Records[pageSize-1]
			out.Next = base64.RawURLEncoding.EncodeToString([]byte(last.Name + "\n" + last.ID))
			break
		}
		var p Product
		dest := p.dest()
		if expand {
			p.Expanded = &Expanded{}
			dest = append(dest, p.Expanded.Supplier.dest()...)
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		out.Records = append(out.Records, p)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return c.JSON(&out)
}

// invalidError is a refusal with all that is wrong.
type invalidError struct{ list []FieldError }

func (e *invalidError) Error() string { return fmt.Sprintf("%d fields are wrong", len(e.list)) }

func (e *invalidError) add(field, code, message string) {
	e.list = append(e.list, FieldError{Pointer: "/" + field, Code: code, Message: message})
}

// check judges a new product as the documents of the same app say.
func (p *Product) check() *invalidError {
	e := &invalidError{}
	text := func(field, v string, most int, required bool) {
		switch {
		case v == "" && required:
			e.add(field, "required", field+" is missing")
		case len(v) > most && len([]rune(v)) > most:
			e.add(field, "too_long", fmt.Sprintf("%s has more than %d characters", field, most))
		}
	}
	maybe := func(field string, v *string, most int) {
		if v != nil {
			text(field, *v, most, false)
		}
	}
	bounds := func(field string, v *int64, most int64) {
		if v != nil && (*v < 0 || *v > most) {
			e.add(field, "out_of_range", fmt.Sprintf("%s must be between 0 and %d", field, most))
		}
	}
	text("code", p.Code, 32, true)
	text("name", p.Name, 100, true)
	text("region", p.Region, 20, true)
	text("category", p.Category, 20, true)
	text("supplier", p.Supplier, 36, true)
	maybe("barcode", p.Barcode, 32)
	maybe("brand", p.Brand, 50)
	maybe("spec", p.Spec, 100)
	maybe("unit", p.Unit, 10)
	maybe("shelf", p.Shelf, 20)
	maybe("note", p.Note, 200)
	bounds("cost_price", (*int64)(p.CostPrice), 1<<53)
	bounds("sale_price", (*int64)(p.SalePrice), 100_000_000)
	bounds("weight", (*int64)(p.Weight), 1<<53)
	bounds("min_stock", p.MinStock, 1_000_000)
	bounds("max_stock", p.MaxStock, 1_000_000)
	bounds("lead_days", p.LeadDays, 365)
	if p.IntroducedOn != nil {
		if _, err := time.Parse(time.DateOnly, string(*p.IntroducedOn)); err != nil {
			e.add("introduced_on", "malformed", "introduced_on is no date")
		}
	}
	switch {
	case p.CostPrice == nil:
		e.add("cost_price", "required", "cost_price is missing")
	case p.SalePrice == nil:
		e.add("sale_price", "required", "sale_price is missing")
	case *p.SalePrice < *p.CostPrice:
		e.add("sale_price", "no_loss", "The price can't be below the cost")
	}
	if len(e.list) == 0 {
		return nil
	}
	return e
}

func (s *Server) create(c *fiber.Ctx) error {
	var p Product
	dec := json.NewDecoder(strings.NewReader(string(c.Body())))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return fiber.ErrUnprocessableEntity
	}
	if e := p.check(); e != nil {
		return e
	}
	u := user(c)
	if p.Region != u.Region {
		return fiber.ErrForbidden
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	now := Instant{time.Now().UTC().Truncate(time.Microsecond)}
	p.ID, p.Version, p.CreatedAt, p.UpdatedAt, p.CreatedBy, p.UpdatedBy = id.String(), 1, now, now, &u.ID, &u.ID
	if err := s.insert(c.Context(), &p, u); err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, "/products/"+p.ID)
	return c.Status(fiber.StatusCreated).JSON(&p)
}

// insert writes the product, its audit row and its outbox row in one transaction.
func (s *Server) insert(ctx context.Context, p *Product, u User) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	event, err := uuid.NewV7()
	if err != nil {
		return err
	}
	tx, err := s.db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to do after a commit
	var one int
	switch err := tx.StmtContext(ctx, s.db.supplier).QueryRowContext(ctx, p.Supplier).Scan(&one); { //nolint:sqlclosecheck // ends with the transaction
	case errors.Is(err, sql.ErrNoRows):
		e := &invalidError{}
		e.add("supplier", "not_found", "There is no such supplier")
		return e
	case err != nil:
		return err
	}
	at := s.db.instant(p.CreatedAt.Time)
	if _, err := tx.StmtContext(ctx, s.db.insert).ExecContext(ctx, p.args(s.db)...); err != nil { //nolint:sqlclosecheck // ends with the transaction
		if taken(err) {
			e := &invalidError{}
			e.add("code", "not_unique", "The code is taken")
			return e
		}
		return err
	}
	if _, err := tx.StmtContext(ctx, s.db.audit).ExecContext(ctx, at, u.ID, p.ID, string(data)); err != nil { //nolint:sqlclosecheck // ends with the transaction
		return err
	}
	if _, err := tx.StmtContext(ctx, s.db.outbox).ExecContext(ctx, event.String(), at, p.ID, string(data)); err != nil { //nolint:sqlclosecheck // ends with the transaction
		return err
	}
	return tx.Commit()
}

// taken tells whether a unique key was in the way, by the words of either database.
func taken(err error) bool {
	text := err.Error()
	return strings.Contains(text, "UNIQUE constraint failed") || strings.Contains(text, "23505")
}

// Load fills the tables of a new database.
func (db *DB) Load(ctx context.Context, suppliers []Supplier, products []Product) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to do after a commit
	const into = "INSERT INTO supplier (id, version, created_at, created_by, updated_at, updated_by, code, name, contact, phone, city, level, active, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	for _, s := range suppliers {
		at := db.instant(s.CreatedAt.Time)
		if _, err := tx.ExecContext(ctx, db.bind(into), s.ID, s.Version, at, s.CreatedBy, at, s.UpdatedBy, s.Code, s.Name, s.Contact, s.Phone, s.City, s.Level, s.Active, s.Note); err != nil {
			return fmt.Errorf("load supplier: %w", err)
		}
	}
	insert := tx.StmtContext(ctx, db.insert) //nolint:sqlclosecheck // ends with the transaction
	for i := range products {
		if _, err := insert.ExecContext(ctx, products[i].args(db)...); err != nil {
			return fmt.Errorf("load product: %w", err)
		}
	}
	return tx.Commit()
}
