#!/usr/bin/env bash
# Installs what the tests need beyond Go: PostgreSQL's server programs, a C compiler for the race detector, the
# OpenAPI linter, a browser with Chinese fonts. What can't be installed here is named, and the script fails.
#
# TENON_TEST_DATABASE_URL (a PostgreSQL server where databases may be created) takes the place of the programs.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
updated=

apt_install() {
  local sudo=()
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    sudo=(sudo -n)
  fi
  if [ -z "$updated" ]; then
    "${sudo[@]}" apt-get update -qq || echo "deps: apt-get update did not succeed, trying with the package lists at hand" >&2
    updated=yes
  fi
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

has_postgres() {
  [ -n "${TENON_TEST_DATABASE_URL:-}" ] && return 0
  if command -v initdb >/dev/null && [ -x "$(dirname "$(readlink -f "$(command -v initdb)")")/postgres" ]; then
    return 0
  fi
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

has_compiler() { command -v "$(go env CC)" >/dev/null; }

has_linter() {
  [ -x tools/openapi/node_modules/.bin/redocly ] &&
    [ tools/openapi/node_modules/.package-lock.json -nt tools/openapi/package-lock.json ]
}

has_browser() { [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }

has_fonts() { ! command -v fc-list >/dev/null || [ -n "$(fc-list :lang=zh family | head -n 1)" ]; }

command -v go >/dev/null || { echo "deps: Go is missing: install the version that go.mod names" >&2; exit 1; }

if ! has_postgres; then
  echo "deps: installing PostgreSQL's server programs"
  apt_install postgresql && has_postgres ||
    missing+=("PostgreSQL's server programs (initdb, postgres): Debian's package 'postgresql'; or set TENON_TEST_DATABASE_URL")
fi

if ! has_compiler; then
  echo "deps: installing a C compiler"
  apt_install gcc libc6-dev && has_compiler ||
    missing+=("a C compiler for the race detector: Debian's packages 'gcc' and 'libc6-dev'")
fi

if ! has_linter; then
  if command -v npm >/dev/null; then
    echo "deps: installing the OpenAPI linter"
    (cd tools/openapi && npm ci --no-audit --no-fund --prefer-offline --loglevel=error) && touch tools/openapi/node_modules/.package-lock.json ||
      missing+=("the OpenAPI linter: 'npm ci' in tools/openapi failed")
  else
    missing+=("npm, for the OpenAPI linter: Debian's packages 'nodejs' and 'npm', Node 20.19 or newer")
  fi
fi

if ! has_browser; then
  echo "deps: installing Chromium"
  apt_install chromium && has_browser ||
    missing+=("a browser for the journeys: Debian's package 'chromium'; or name one in CHROMIUM")
fi

if ! has_fonts; then
  echo "deps: installing Chinese fonts"
  apt_install fonts-noto-cjk && has_fonts ||
    missing+=("Chinese fonts for the journeys' pictures: Debian's package 'fonts-noto-cjk'")
fi

if [ "${#missing[@]}" -gt 0 ]; then
  echo "deps: still missing:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi
