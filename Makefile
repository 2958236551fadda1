# Tenon's tasks. `make help` lists them. Everything works without a network once the caches of Go and npm are warm.
SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X tenon/server.Version=$(VERSION)
FUZZTIME ?= 10s
ROUNDS   ?= 7
BENCH    ?= .
PKG      ?= ./engine/... ./metamodel/... ./server/...

# Packages where goroutines meet; the race detector runs over them alone, because it is slow.
RACE_DIRS := engine engine/event engine/ledger engine/policy server server/auth
RACE_PKGS := $(foreach d,$(RACE_DIRS),$(if $(wildcard $(d)/*_test.go),./$(d)))

# package:target pairs that `make check` fuzzes for FUZZTIME each. Seeds of all targets run in `make test`.
FUZZ := $(addprefix metamodel/schema:,FuzzDecode FuzzRoundTrip FuzzZip) metamodel/expr:FuzzCompile \
        $(addprefix engine:,FuzzRecord FuzzFilter FuzzPageToken FuzzCell FuzzImportRows) engine/store/lower:FuzzLowering \
        $(addprefix engine/sheet:,FuzzCSV FuzzWorkbook FuzzArchive FuzzNumberText) \
        server:FuzzReadObject $(addprefix server/auth:,FuzzParsePHC FuzzCredential FuzzResetCode)

.PHONY: run
run: build ## build Tenon and start it on TENON_ADDR (default 127.0.0.1:8080)
	exec ./bin/tenon serve

.PHONY: test
test: deps vet unit smoke ui-check journeys ## all tests: vet, unit, property and architecture tests, fuzz seeds, on both databases; README's steps on a real server; the interface in a browser

.PHONY: check
check: fmt-check race lint vuln fuzz ## what a reviewer would ask for: format, race detector, lint, known holes, short fuzzing

.PHONY: bench
bench: ## measure Tenon against a server written by hand, on both databases (about 5 minutes; ROUNDS=7)
	$(GO) test ./bench -run '^$$' -bench '^BenchmarkServers$$' -timeout 30m -args -rounds $(ROUNDS)

.PHONY: microbench
microbench: ## run the packages' own benchmarks (BENCH=regexp PKG=./engine/sheet)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $(PKG)

.PHONY: gen
gen: ## write the generated files anew
	$(GO) generate ./...

.PHONY: help
help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install what the tests need beyond Go (PostgreSQL binaries, a C compiler, the OpenAPI linter), or say what is missing
	./scripts/deps.sh

.PHONY: build
build: ui ## build ./bin/tenon
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/tenon .

.PHONY: ui
ui: ## build the web interface, where its sources are present
	./scripts/ui.sh

.PHONY: ui-check
ui-check: ui ## types, lint and unit tests of the web interface
	cd ui && npm run -s check

.PHONY: journeys
journeys: build ## the journeys of people through the interface, in a real browser (JOURNEY=entry for one)
	cd ui && npm run -s journeys -- $(JOURNEY)

.PHONY: tour
tour: build ## take the pictures of docs/tour.md anew
	cd ui && npm run -s tour

.PHONY: vet
vet: ## run go vet
	$(GO) vet ./...

.PHONY: unit
unit: ## run all tests without the race detector
	$(GO) test -timeout 30m ./...

.PHONY: race
race: ## run the tests of concurrent packages under the race detector
	$(if $(RACE_PKGS),CGO_ENABLED=1 $(GO) test -race -timeout 40m $(RACE_PKGS),@echo 'no concurrent package has tests')

.PHONY: fuzz
fuzz: ## fuzz a few targets for FUZZTIME each (FUZZTIME=10m for a long run)
	@for t in $(FUZZ); do \
	  echo "fuzz $$t $(FUZZTIME)"; \
	  $(GO) test "./$${t%%:*}" -run '^$$' -fuzz "^$${t##*:}\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x; \
	done

.PHONY: fmt
fmt: ## format the Go code
	./scripts/lint.sh fmt ./...

.PHONY: fmt-check
fmt-check: ## fail if Go code is not formatted
	@out=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go' -not -path './node_modules/*')); \
	if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi

.PHONY: lint
lint: ## run golangci-lint (built into ./bin the first time, which takes minutes)
	./scripts/lint.sh run ./...

.PHONY: vuln
vuln: ## look for known vulnerabilities in what Tenon calls
	./scripts/vuln.sh ./...

.PHONY: smoke
smoke: build ## start Tenon on an empty folder and walk through README's first steps
	./scripts/smoke.sh ./bin/tenon

.PHONY: image
image: ## build the container image tenon:VERSION (needs Docker)
	docker build --build-arg VERSION=$(VERSION) -t tenon:$(VERSION) .

.PHONY: clean
clean: ## remove what was built (never ./data)
	rm -rf bin dist coverage.out
