#!/usr/bin/env bash
# Opens the till. Where there is no display it opens the same window on a virtual one and says so.
#   scripts/run.sh PROGRAM
set -euo pipefail
program=$1

if [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec "$program"
fi

cat <<'WORDS'
There is no display here, so the till opens on a virtual one (Xvfb) that cannot be seen.
To look at it, save pictures of every screen with
    make pictures
which writes them to target/pictures. Stop the till with Ctrl-C.
WORDS

if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
  XDG_RUNTIME_DIR=$(mktemp -d)
  export XDG_RUNTIME_DIR
  trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
fi
export NO_AT_BRIDGE=1
xvfb-run -a -s "-screen 0 1920x1200x24" dbus-run-session -- "$program"
