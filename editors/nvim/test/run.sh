#!/bin/sh
# Opens a small project in a real Neovim without a screen: diagnostics, definition, rename across files, a stage.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
binary=${CINDER_BINARY:-$here/../../../target/debug/cinder}
nvim=${NVIM:-nvim}
if ! command -v "$nvim" >/dev/null; then
    echo "this test needs nvim on the path, or in NVIM" >&2
    exit 1
fi
if ! [ -x "$binary" ]; then
    echo "$binary: build it with cargo build -p cinder, or set CINDER_BINARY" >&2
    exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/project" "$folder/home"
printf '[tool.cinder]\n' > "$folder/project/pyproject.toml"
cp "$here"/project/*.py "$folder/project/"
export XDG_CONFIG_HOME="$folder/home" XDG_DATA_HOME="$folder/home" XDG_CACHE_HOME="$folder/home" XDG_STATE_HOME="$folder/home"
export CINDER_BINARY="$binary" CINDER_PROJECT="$folder/project" CINDER_PLUGIN="$here/.."
cd "$folder/project"
timeout 120 "$nvim" --headless --clean -u NONE -i NONE -n -c "luafile $here/session.lua" 2>&1
