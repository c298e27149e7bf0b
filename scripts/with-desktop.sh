#!/usr/bin/env bash
# Runs a command with what a desktop session has: a display, a session bus and an unlocked keyring (a real Secret
# Service), all of its own, with homes of its own, so that nothing of the person's desktop is touched.
#   scripts/with-desktop.sh COMMAND [ARGUMENT …]
set -euo pipefail

if [ -z "${TILLBOOK_DESKTOP:-}" ]; then
  home=$(mktemp -d)
  trap 'rm -rf "$home"' EXIT
  mkdir -m 700 "$home/runtime"
  export TILLBOOK_DESKTOP="$home"
  export XDG_RUNTIME_DIR="$home/runtime" XDG_DATA_HOME="$home/data" XDG_CONFIG_HOME="$home/config"
  unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
  # No accessibility bus on a display that nobody looks at; software rendering, the same on every machine.
  export NO_AT_BRIDGE=1 LIBGL_ALWAYS_SOFTWARE=1 GDK_BACKEND=x11
  # Large enough for the largest window that is photographed.
  # The bus and what it starts talk a lot; what the command says goes past them.
  # shellcheck disable=SC2016
  xvfb-run -a -s "-screen 0 1920x1200x24" bash -c 'exec dbus-run-session -- "$@" 9>&2 2>/dev/null' _ "$0" "$@"
  exit
fi
exec 2>&9 9>&-

# The daemon is told a password for a keyring that lives as long as this session.
printf 'tillbook' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
exec "$@"
