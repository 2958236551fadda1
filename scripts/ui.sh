#!/usr/bin/env bash
# Builds the web interface into ui/dist, where its sources are present and newer than what was built.
set -euo pipefail
cd "$(dirname "$0")/../ui"
[ -f package.json ] || exit 0
[ -z "${SKIP_UI:-}" ] || exit 0 # it was built elsewhere, as in the container image

if ! command -v npm >/dev/null; then
  if [ -f dist/index.html ]; then
    echo "ui: npm is missing, keeping the build that is there" >&2
    exit 0
  fi
  echo "ui: npm is missing: install Node 20.19 or newer to build the web interface" >&2
  exit 1
fi
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --prefer-offline --loglevel=error
  touch node_modules/.package-lock.json
fi
newest=$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer dist/index.html -print 2>/dev/null | head -n 1 || true)
if [ ! -f dist/index.html ] || [ -n "$newest" ]; then
  npm run build
fi
