//go:build never

package main

import (
	_ "github.com/casbin/casbin/v2"
	_ "github.com/cockroachdb/apd/v3"
	_ "github.com/gofiber/fiber/v2"
	_ "github.com/gofiber/fiber/v2/middleware/recover"
	_ "github.com/google/cel-go/cel"
	_ "github.com/google/cel-go/checker"
	_ "github.com/google/cel-go/common"
	_ "github.com/google/cel-go/ext"
	_ "github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/mozillazg/go-pinyin"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/santhosh-tekuri/jsonschema/v5"
	_ "github.com/valyala/fasthttp"
	_ "github.com/xuri/excelize/v2"
	_ "golang.org/x/crypto/argon2"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/sync/semaphore"
	_ "golang.org/x/text/language"
	_ "gorm.io/driver/postgres"
	_ "gorm.io/gorm"
	_ "modernc.org/sqlite"
	_ "pgregory.net/rapid"
)
