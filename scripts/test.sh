#!/usr/bin/env bash
# Every check and every test. Goes on after a failure, so that one run shows all of them; the last line counts them:
# "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO=${CARGO:-cargo}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0
failed=0

# Runs a command, shown as it goes and kept in $logs/$1, and remembers whether it failed.
part() {
  local name=$1
  shift
  part_started=$SECONDS
  "$@" 2>&1 | tee "$logs/$name"
  part_status=${PIPESTATUS[0]}
}

# Sums the numbers before a word over the lines of a log that match a pattern, colours taken out.
sum() {
  local log=$1 lines=$2 word=$3
  sed 's/\x1b\[[0-9;]*m//g' "$logs/$log" | grep -E "$lines" | grep -oE "[0-9]+ $word" |
    awk '{ total += $1 } END { print total + 0 }'
}

# Adds a part's counts to the total. A part that failed without naming a failure (it did not build) counts as one.
tally() {
  local name=$1 good=$2 bad=$3
  if [ "$part_status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  summary+=("$(printf '%-22s %5d passed, %d failed   %d s' "$name" "$good" "$bad" $((SECONDS - part_started)))")
}

summary=()
desktop=()
if [ "$(uname -s)" = Linux ]; then
  desktop=(scripts/with-desktop.sh)
  # Everything a test needs has just been installed: a test that finds something missing fails instead of skipping.
  export TILLBOOK_TEST_ALL=1
fi

part ui-build make --no-print-directory ui
[ "$part_status" -eq 0 ] || tally "the UI's build" 0 0

part checks scripts/check.sh
tally "checks" "$(sum checks '^checks: ' passed)" "$(sum checks '^checks: ' failed)"

part ui-tests npm --prefix ui run --silent test
tally "tests of the UI" "$(sum ui-tests '^ +Tests ' passed)" "$(sum ui-tests '^ +Tests ' failed)"

part build "$CARGO" build --locked --workspace --all-targets
[ "$part_status" -eq 0 ] || tally "the programs' build" 0 0

if "$CARGO" nextest --version >/dev/null 2>&1; then
  part rust "${desktop[@]}" "$CARGO" nextest run --locked --workspace --no-fail-fast
  tally "tests in Rust" "$(sum rust '^ +Summary ' passed)" \
    "$(($(sum rust '^ +Summary ' failed) + $(sum rust '^ +Summary ' 'timed out')))"
else
  part rust "${desktop[@]}" "$CARGO" test --locked --workspace --no-fail-fast
  tally "tests in Rust" "$(sum rust '^test result: ' passed)" "$(sum rust '^test result: ' failed)"
fi

printf '\n'
grep -hE 'skipped: ' "$logs"/* | sort -u
[ -n "${STRIPE_OPENAPI:-}" ] ||
  echo "skipped: requests and responses were not checked against Stripe's API description (STRIPE_OPENAPI is not set)"
printf '%s\n' "${summary[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
