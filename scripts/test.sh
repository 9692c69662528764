#!/bin/sh
# npm test: sets the clone up, then runs every suite with the pinned Node. With `--install` or CI=true it installs what the tests
# need of the system: bubblewrap for the process wall, tmux for a real terminal, Chromium for the language in a browser. In CI a
# missing wall or terminal is a failure; elsewhere, and without Chromium, its tests are skipped by name.
set -u
cd "$(dirname -- "$0")/.." || exit 2

install=${CI:-}
if [ "${1:-}" = --install ]; then install=true; shift; fi

./ccos --version || exit 2

missing=
command -v bwrap >/dev/null || missing=bubblewrap
command -v tmux >/dev/null || missing="$missing tmux"
command -v chromium >/dev/null || missing="$missing chromium"
if [ -n "$missing" ]; then
  if [ "$install" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "npm test: installing $missing" >&2
    # shellcheck disable=SC2086
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing; } >&2 </dev/null ||
      echo 'npm test: apt-get failed: its own message is above' >&2
  else
    echo "npm test: missing, so their tests are skipped; install them: apt-get install $missing (as root)" >&2
  fi
fi
if [ "${CI:-}" = true ] && ! { command -v bwrap && command -v tmux; } >/dev/null; then
  echo 'npm test: CI needs bubblewrap and tmux: apt-get install bubblewrap tmux' >&2
  exit 1
fi

unset NODE_EXTRA_CA_CERTS
exec sh scripts/node.sh scripts/test.ts "$@"
