#!/usr/bin/env bash
# Saves a picture of every screen, light and dark, in three sizes, to target/pictures: a program of its own opens the
# till on a virtual display with a practice shop that is the same every time, and clicks through it.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO=${CARGO:-cargo}

if [ "$(uname -s)" != Linux ]; then
  echo "tillbook: pictures are made on Linux, where the window can be driven (WebKitWebDriver)." >&2
  exit 1
fi
"$CARGO" build --locked --quiet -p tillbook-desktop -p tillbook-tests --bins
programs=$("$CARGO" metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug
exec scripts/with-desktop.sh "$programs/tillbook-pictures" "$@"
