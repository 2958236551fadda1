#!/usr/bin/env bash
# Starts Tenon on an empty folder and runs the first steps of a README to the letter, as a newcomer would, for each
# language; then tries what must be refused. Ends the servers that it started. Usage: smoke.sh BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
tenon=$(readlink -f "$1")
work=$(mktemp -d)
server=
addr=
last=

stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  server=
}

cleanup() {
  local code=$?
  stop
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

holds() { grep -qF -- "$1" "$work/body" || { echo "smoke: $last: the answer lacks $1" >&2; return 1; }; }

# start TOKEN takes a port that nobody answers on; another process may still take it first, then the next is tried.
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
    for _ in $(seq 1 1200); do
      kill -0 "$server" 2>/dev/null || break
      if curl -fsS --max-time 2 "http://$addr/readyz" >/dev/null 2>&1; then
        return 0
      fi
      sleep 0.05
    done
    stop
    grep -q 'address already in use' "$work/log" || break
  done
  last="the start"
  echo "smoke: the server did not become ready" >&2
  return 1
}

# first_steps README TOKEN runs the commands of the README's second listing in a shell of their own. A refusal of any
# of them is a failure; the stream at the end is cut off after some seconds. It leaves the API token in $work/token.
first_steps() {
  local readme=$1
  last="the first steps of $readme"
  {
    cat <<'SHELL'
set -euo pipefail
curl() {
  local code=0 most=120
  case " $* " in *" -sN "*) most=3 ;; esac
  command curl --fail-with-body --max-time "$most" "$@" || code=$?
  [ "$most" = 3 ] && [ "$code" = 28 ] && code=0
  return "$code"
}
SHELL
    awk '/^```sh$/ { n++; next } /^```$/ { if (n == 2) exit; next } n == 2' "$root/$readme" |
      sed -e "s|^SETUP=…|SETUP=$2|" -e "s|^URL=.*|URL=http://$addr|"
    echo 'echo "$TOKEN" >token'
  } >"$work/steps.sh"
  grep -q "^SETUP=$2" "$work/steps.sh" && ! grep -v '^#' "$work/steps.sh" | grep -q '…' ||
    { echo "smoke: $readme: the first steps can't be run as they are" >&2; return 1; }
  (cd "$work" && bash steps.sh >body 2>&1)
  grep -q '"written":2' "$work/body" && grep -q '"state":"approved"' "$work/body" && grep -q '"generation":2' "$work/body" ||
    { echo "smoke: $readme: an answer is not as expected" >&2; return 1; }
  [ "$(head -c 2 "$work/items.xlsx")" = PK ] || { echo "smoke: the export is no workbook" >&2; return 1; }
}

json=(-H 'Content-Type: application/json')
api=/api/v1
for readme in README.zh-CN.md README.md; do
  setup_token=smoke-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  stop
  rm -rf "$work/data"
  start "$setup_token"
  call 200 GET /healthz
  first_steps "$readme" "$setup_token"
done

# What must be refused.
site=(-H "Origin: http://$addr")
auth=(-H "Authorization: Bearer $(cat "$work/token")")
call 410 POST $api/setup "${json[@]}" "${site[@]}" -d "{\"token\":\"$setup_token\",\"workspace\":\"Smoke\",\"name\":\"Eve\",\"email\":\"eve@example.com\",\"password\":\"correct horse battery\"}"
call 401 GET $api/apps
call 422 POST $api/apps/general/unit "${auth[@]}" "${json[@]}" -d '{"name":"x","no_such_field":1}'
holds '"/no_such_field"'
call 404 GET $api/apps/general/unit/0197a000-0000-7000-8000-000000000000 "${auth[@]}"

# The start page, and the contract that the instance serves.
call 200 GET /
holds Tenon
call 200 GET "$api/openapi.json?app=general" "${auth[@]}"
if [ -x tools/openapi/node_modules/.bin/redocly ]; then
  cp "$work/body" "$work/openapi.json"
  last="the OpenAPI linter"
  ./scripts/openapi_lint.sh "$work/openapi.json"
fi
# A restart: what was there is there, and the server at rest is small. The bound is generous; docs/benchmarks.md has
# the figures.
kill "$server"
wait "$server" || { last="the stop"; echo "smoke: the server ended badly" >&2; exit 1; }
begun=$(date +%s%3N)
start ""
ready=$(($(date +%s%3N) - begun))
call 200 GET "$api/apps/general/item?page_size=1" "${auth[@]}"
if [ -r "/proc/$server/status" ]; then
  sleep 3
  rss=$(awk '/^VmRSS:/ {print $2}' "/proc/$server/status")
  echo "smoke: after a restart, ready within $ready ms; at rest $((rss / 1024)) MB"
  [ "$rss" -lt $((90 * 1024)) ] || { last="the restart"; echo "smoke: the server at rest takes $((rss / 1024)) MB" >&2; exit 1; }
fi

last="the end"
echo "smoke: all steps passed"
