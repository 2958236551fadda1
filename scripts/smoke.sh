#!/usr/bin/env bash
# Starts Tenon on an empty folder and walks through the first steps of README.md, as a newcomer would with curl.
# Ends the server that it started. Usage: smoke.sh BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
tenon=$(readlink -f "$1")
work=$(mktemp -d)
server=
addr=
last=

cleanup() {
  local code=$?
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if [ "$code" != 0 ]; then
    echo "smoke: stopped after: $last" >&2
    [ ! -s "$work/body" ] || { echo "smoke: the last answer:" >&2; head -c 4000 "$work/body" >&2; echo >&2; }
    [ ! -s "$work/log" ] || { echo "smoke: the end of the log:" >&2; tail -n 20 "$work/log" >&2; }
  fi
  rm -rf "$work"
  exit "$code"
}
trap cleanup EXIT

# call WANTED-STATUS METHOD PATH [curl arguments…]: the answer's body is left in $work/body.
call() {
  local want=$1 method=$2 path=$3 status
  shift 3
  last="$method $path"
  status=$(curl -sS --max-time 120 -o "$work/body" -w '%{http_code}' -X "$method" "http://$addr$path" "$@")
  if [ "$status" != "$want" ]; then
    echo "smoke: $method $path answered $status, expected $want" >&2
    return 1
  fi
}

# member NAME: the first text value of that name in the last answer.
member() { grep -oE "\"$1\": *\"[^\"]+\"" "$work/body" | head -n 1 | sed -E 's/.*: *"(.*)"/\1/'; }

holds() { grep -qF -- "$1" "$work/body" || { echo "smoke: $last: the answer lacks $1" >&2; return 1; }; }

# start takes a port that nobody answers on; another process may still take it first, then the next is tried.
start() {
  local token=$1 port
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      continue
    fi
    addr=127.0.0.1:$port
    TENON_ADDR=$addr TENON_DATA=$work/data TENON_SETUP_TOKEN=$token TENON_LOG=info,json "$tenon" serve >"$work/log" 2>&1 &
    server=$!
    for _ in $(seq 1 300); do
      kill -0 "$server" 2>/dev/null || break
      if curl -fsS --max-time 2 "http://$addr/readyz" >/dev/null 2>&1; then
        return 0
      fi
      sleep 0.2
    done
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
    grep -q 'address already in use' "$work/log" || break
  done
  last="the start"
  echo "smoke: the server did not become ready" >&2
  return 1
}

json=(-H 'Content-Type: application/json')
api=/api/v1
setup_token=smoke-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

start "$setup_token"
call 200 GET /healthz

# The first administrator, a session, a token.
site=(-H "Origin: http://$addr")
call 201 POST $api/setup "${json[@]}" "${site[@]}" -d "{\"token\":\"$setup_token\",\"workspace\":\"Smoke\",\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"correct horse battery\"}"
call 410 POST $api/setup "${json[@]}" "${site[@]}" -d "{\"token\":\"$setup_token\",\"workspace\":\"Smoke\",\"name\":\"Eve\",\"email\":\"eve@example.com\",\"password\":\"correct horse battery\"}"
call 201 POST $api/sessions "${json[@]}" "${site[@]}" -c "$work/cookies" -d '{"email":"ada@example.com","password":"correct horse battery"}'
call 201 POST $api/tokens "${json[@]}" "${site[@]}" -b "$work/cookies" -d '{"name":"smoke"}'
token=$(grep -oE 'tnn_[A-Za-z0-9_-]{20,}' "$work/body")
auth=(-H "Authorization: Bearer $token")
call 401 GET $api/apps

# An app from a template, with data.
call 200 GET $api/templates "${auth[@]}"
holds '"general"'
call 201 POST $api/apps "${auth[@]}" "${json[@]}" -d '{"template":"general","demo":true}'
call 200 GET $api/apps/general/documents/entity/unit "${auth[@]}"
cp "$work/body" "$work/unit.json"

# Records.
call 200 GET "$api/apps/general/item?page_size=5&order_by=code" "${auth[@]}"
holds '"records"'
call 201 POST $api/apps/general/unit "${auth[@]}" "${json[@]}" -d '{"name":"smoke pack"}'
id=$(member id)
call 200 GET "$api/apps/general/unit/$id" "${auth[@]}"
holds 'smoke pack'
call 200 PATCH "$api/apps/general/unit/$id" "${auth[@]}" "${json[@]}" -d '{"note":"24 pieces"}'
call 422 POST $api/apps/general/unit "${auth[@]}" "${json[@]}" -d '{"name":"x","no_such_field":1}'
call 200 POST "$api/apps/general/purchase_order:aggregate" "${auth[@]}" "${json[@]}" -d '{"group_by":["state"],"measures":[{"fn":"sum","field":"total","as":"total"}]}'
call 200 POST "$api/apps/general/item:export" "${auth[@]}" "${json[@]}" -d '{"format":"xlsx"}'
[ "$(head -c 2 "$work/body")" = PK ] || { echo "smoke: the export is no workbook" >&2; exit 1; }

# A change of the app, released.
sed 's/"maxLength": *20\b/"maxLength": 40/' "$work/unit.json" >"$work/unit2.json"
cmp -s "$work/unit.json" "$work/unit2.json" && { echo "smoke: the entity document has changed, mend this script" >&2; exit 1; }
call 200 PUT $api/apps/general/documents/entity/unit "${auth[@]}" "${json[@]}" --data-binary @"$work/unit2.json"
call 201 POST $api/apps/general/releases "${auth[@]}" "${json[@]}" -d '{"reason":"longer unit names"}'
call 201 POST $api/apps/general/unit "${auth[@]}" "${json[@]}" -d '{"name":"a unit name of 30 characters.."}'
call 204 DELETE "$api/apps/general/unit/$id" "${auth[@]}"
call 404 GET "$api/apps/general/unit/$id" "${auth[@]}"

# The contract that the instance serves.
call 200 GET "$api/openapi.json?app=general" "${auth[@]}"
if [ -x tools/openapi/node_modules/.bin/redocly ]; then
  cp "$work/body" "$work/openapi.json"
  last="the OpenAPI linter"
  ./scripts/openapi_lint.sh "$work/openapi.json"
fi
last="the end"
echo "smoke: all steps passed"
