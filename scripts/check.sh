#!/usr/bin/env bash
# Every check that is not a test: formatting, lints, types, licences. Goes on after a failure, to show all of them at
# once, and counts: the last line is "checks: N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}
passed=0
failed=0

check() {
  local name=$1
  shift
  local started=$SECONDS
  if "$@"; then
    passed=$((passed + 1))
    printf 'check passed: %s (%d s)\n' "$name" $((SECONDS - started))
  else
    failed=$((failed + 1))
    printf 'check FAILED: %s\n' "$name" >&2
  fi
}

in_ui() {
  (cd ui && "$@")
}

optional_deny() {
  if "$CARGO" deny --version >/dev/null 2>&1; then
    check "licences and advisories (cargo deny)" "$CARGO" deny --log-level error --locked check licenses bans sources
  else
    echo "check skipped: licences (cargo-deny is not installed)"
  fi
}

check "formatting of Rust (cargo fmt)" "$CARGO" fmt --all -- --check --files-with-diff
check "types of the UI (svelte-check)" in_ui npm run --silent check
check "lints and formatting of the UI (eslint, prettier)" in_ui npm run --silent lint
check "lints of Rust (clippy)" "$CARGO" clippy --locked --workspace --all-targets --quiet -- -D warnings
optional_deny

echo "checks: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
