#!/usr/bin/env bash
# Installs what is missing, and says exactly what to do where it cannot. Does nothing, quickly, when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

RUST_NEEDED=1.90
PACKAGES=(
  build-essential pkg-config libglib2.0-bin fonts-dejavu-core
  libwebkit2gtk-4.1-dev libayatana-appindicator3-dev librsvg2-dev libssl-dev
  webkit2gtk-driver xvfb xauth dbus gnome-keyring
)

fail() {
  printf 'tillbook: %s\n' "$@" >&2
  exit 1
}

other_system() {
  case "$(uname -s)" in
    Darwin)
      fail "on macOS install by hand:" \
        "  xcode-select --install" \
        "  brew install openssl@3 pkg-config node@22" \
        "then run make again. The window tests need Linux (WebKitWebDriver); every other test runs here."
      ;;
    Linux)
      fail "this Linux has no apt-get. Install with its own package manager, then run make again with TILLBOOK_SKIP_APT=1:" \
        "  a C compiler, pkg-config, OpenSSL headers, librsvg headers, WebKitGTK 4.1 headers with WebKitWebDriver," \
        "  Xvfb, xauth, D-Bus, gnome-keyring, the DejaVu fonts" \
        "  Fedora: sudo dnf install gcc pkgconf-pkg-config openssl-devel librsvg2-devel webkit2gtk4.1-devel webkit2gtk-driver \\" \
        "            xorg-x11-server-Xvfb xauth dbus-daemon gnome-keyring dejavu-sans-fonts" \
        "  Arch:   sudo pacman -S --needed base-devel openssl librsvg webkit2gtk-4.1 xorg-server-xvfb xorg-xauth dbus gnome-keyring ttf-dejavu"
      ;;
    *)
      fail "on Windows install the Visual Studio C++ build tools, Rust, Node 22 and OpenSSL (vcpkg install openssl), then build with" \
        "  cargo build -p tillbook-desktop" \
        "after npm ci and npm run build in ui. The window tests need Linux."
      ;;
  esac
}

# $1 at least $2, both dotted numbers.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

check_rust() {
  command -v "${CARGO:-cargo}" >/dev/null && command -v rustc >/dev/null ||
    fail "Rust $RUST_NEEDED or newer is needed and was not found. Install it from https://rustup.rs, then run make again."
  local version
  version=$(rustc --version | awk '{print $2}')
  at_least "${version%%-*}" "$RUST_NEEDED" ||
    fail "Rust $RUST_NEEDED or newer is needed, this is $version. Run: rustup update stable"
}

check_node() {
  local wanted="Node 20.19 or newer in 20, or 22.12 and newer, with npm"
  command -v node >/dev/null && command -v npm >/dev/null ||
    fail "$wanted, is needed and was not found. Install it from https://nodejs.org, then run make again."
  local version major
  version=$(node --version)
  version=${version#v}
  major=${version%%.*}
  if [ "$major" -eq 20 ] && at_least "$version" 20.19; then return; fi
  if at_least "$version" 22.12; then return; fi
  fail "$wanted, is needed; this is $version."
}

missing_packages() {
  local package
  for package in "${PACKAGES[@]}"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || printf '%s\n' "$package"
  done
}

install_packages() {
  if [ -n "${TILLBOOK_SKIP_APT:-}" ]; then return; fi
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || other_system
  local missing=()
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -eq 0 ]; then return; fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "these packages are missing and there is no sudo. As root, run:" "  apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  echo "apt: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null
}

# tauri-driver stands between the window tests and WebKit's own driver. Built once, kept outside the checkout.
install_bridge() {
  local root="${TILLBOOK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tillbook}/bridge"
  if [ -x "$root/bin/tauri-driver" ]; then return; fi
  if [ "$(uname -s)" != Linux ]; then return; fi
  echo "cargo: installing tauri-driver into $root"
  # Not in the checkout's own target folder: its build is of no use to anything else.
  env -u CARGO_TARGET_DIR "${CARGO:-cargo}" install --quiet tauri-driver --version '^2' --locked --root "$root"
}

check_rust
check_node
install_packages
install_bridge
