#!/usr/bin/env bash
# Runs golangci-lint at the version that the project is written against, building it into ./bin if it is not at
# hand. Usage: lint.sh run|fmt PACKAGES…
set -euo pipefail
cd "$(dirname "$0")/.."
version=2.15.0

fits() { [ -x "$1" ] && "$1" version --short 2>/dev/null | grep -qxF "$version"; }

for candidate in "bin/golangci-lint" "$(command -v golangci-lint || true)" "$(go env GOPATH)/bin/golangci-lint"; do
  if fits "$candidate"; then
    exec "$candidate" "$@"
  fi
done
echo "lint: building golangci-lint $version into ./bin, which takes some minutes"
GOBIN="$PWD/bin" go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$version"
exec bin/golangci-lint "$@"
