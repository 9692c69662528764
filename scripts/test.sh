#!/bin/sh
# npm test: sets the clone up, then runs every suite with the pinned Node. With `--install` or CI=true it installs bubblewrap,
# without which the process wall cannot be tested; in CI a missing wall is a failure, elsewhere its tests are skipped by name.
set -u
cd "$(dirname -- "$0")/.." || exit 2

install=${CI:-}
if [ "${1:-}" = --install ]; then install=true; shift; fi

./ccos --version || exit 2

if ! command -v bwrap >/dev/null; then
  if [ "$install" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo 'npm test: installing bubblewrap' >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq bubblewrap; } >&2 </dev/null ||
      echo 'npm test: apt-get failed: its own message is above' >&2
  else
    echo 'npm test: bubblewrap is missing, its tests are skipped; install it: apt-get install bubblewrap (as root)' >&2
  fi
fi
if [ "${CI:-}" = true ] && ! command -v bwrap >/dev/null; then
  echo 'npm test: CI needs bubblewrap: apt-get install bubblewrap' >&2
  exit 1
fi

unset NODE_EXTRA_CA_CERTS
exec sh scripts/node.sh scripts/test.ts "$@"
