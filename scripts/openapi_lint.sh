#!/usr/bin/env bash
# Judges an OpenAPI document. Usage: openapi_lint.sh FILE
set -euo pipefail
dir=$(cd "$(dirname "$0")/../tools/openapi" && pwd)
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
exec "$dir/node_modules/.bin/redocly" lint --config "$dir/redocly.yaml" --format=stylish "$1"
