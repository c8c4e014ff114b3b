#!/usr/bin/env bash
# pages.sh: the SDK's pages do what they say: their files are written and their commands run, from the first to the last.
#
# Blocks are ```KIND FILE (written to FILE) and ```sh (run in one shell; `clone`: in the tree). The build in use stands for
# build/release, and a folder of the scenario for the home.
set -euo pipefail
build=${AQ_BIN%/bin}
pages=("$AQ_SOURCE/sdk/README.md")
said_by_all=('mm.so: strategy mm, ' ' fill   tag ' 'host.ini is in order' 'mm  *replaced  *2' 'mine BTC/USDT: ')
if [ -e "$build/plugins/sqlite.so" ]; then
	pages+=("$AQ_SOURCE/sdk/stores.md" "$AQ_SOURCE/sdk/records.md")
	said_by_all+=('diary.ini is in order' 'the cheapest minute so far ended at 61652.01' 'order [0-9]* has bought 0.01 at 6[0-9.]*$')
fi
unset AQ_BIN AQ_PLUGINS
mkdir -p home/work
export HOME=$PWD/home

fail() {
	echo "pages.sh: $*"
	exit 1
}

# One script of all of it: every file as a here-document, every command as it stands.
awk -v source="$AQ_SOURCE" -v build="$build" '
function begin_block() {
	file = $2
	if ($1 == "```sh")
		print file == "clone" ? "cd " source : "cd ~/work"
	else
		print "cd ~/work && cat >" file " <<\"END OF FILE\""
	shell = $1 == "```sh"
	inside = 1
}
function end_block() {
	if (!shell)
		print "END OF FILE"
	inside = 0
}
/^```/ { if (inside) end_block(); else begin_block(); next }
inside && shell { gsub(/build\/release/, build) }
inside && shell && /^cmake --preset/ { next }
inside { print }
' "${pages[@]}" >script
grep -q '^cmake --install' script || fail "the page installs nothing"
if ! command -v c++ >/dev/null; then
	sed -i '/^c++ /d; /mmpp.so/d' script
fi
sed -i 's/^\[host\]$/&\nprobe_timeout = 1m/' script # a slow machine is no failure
bash -xeuo pipefail script >said 2>&1 || fail "a command of the page fails: $(tail -n 40 said)"
! grep -q 'warning:' said || fail "a compiler warns: $(grep -A 5 'warning:' said)"
for pattern in "${said_by_all[@]}"; do
	grep -q "$pattern" said || fail "nothing says \"$pattern\": $(cat said)"
done

# The store has every minute once, though it was told them twice, and its prices to the last digit.
minutes=$(find "$HOME" -name diary.db)
if [ -e "$build/plugins/sqlite.so" ]; then
	kept=$(python3 -c "import sqlite3
for row in sqlite3.connect('$minutes').execute('SELECT close, trades FROM minutes ORDER BY time'): print(*row)" | tr '\n' ' ')
	[ "$kept" = "61828.00000000 875 61782.25000000 1255 61727.66000000 1011 61652.01000000 2069 61717.63000000 3216 \
61685.99000000 1312 " ] || fail "the store has: $kept"
	ledger=$(python3 -c "import sqlite3
for row in sqlite3.connect('${minutes/diary/ledger}').execute('SELECT p, s, sy, ac, t, st, q, r FROM \"order\"'): print(*row)")
	[ "$ledger" = "binance ledger BTC/USDT BUY MARKET FILLED 0.01000000 0.00000000" ] || fail "the store has: $ledger"
fi

# What they name is there: aq_put, or some that begin like aq_doc_...
grep -ohE '\b(aq|AQ)_[A-Za-z0-9_]+' "${pages[@]}" | sort -u | while read -r name; do
	[ "${name%_}" != "$name" ] || name+='\b'
	grep -q "\b$name" "$AQ_SOURCE"/sdk/include/aioquant/*.h "$AQ_SOURCE"/sdk/src/mock.h || fail "there is no $name"
done
echo "pages: $(grep -c '^+' said) commands"
