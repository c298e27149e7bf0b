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
# The session bus and what it starts talk a lot; what the program says goes past them.
# shellcheck disable=SC2016
xvfb-run -a -s "-screen 0 1920x1200x24" \
  bash -c 'exec dbus-run-session -- bash -c "exec \"\$1\" 2>&9 9>&-" _ "$1" 9>&2 2>/dev/null' _ "$program"
