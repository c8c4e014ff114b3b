#!/usr/bin/env bash
# pages.sh: the SDK's page does what it says: its files are written and its commands run, from the first to the last.
#
# Blocks are ```KIND FILE (written to FILE) and ```sh (run in one shell; `clone`: in the tree). The build in use stands for
# build/release, and a folder of the scenario for the home.
set -euo pipefail
page=$AQ_SOURCE/sdk/README.md
build=${AQ_BIN%/bin}
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
' "$page" >script
grep -q '^cmake --install' script || fail "the page installs nothing"
if ! command -v c++ >/dev/null; then
	sed -i '/^c++ /d; /mmpp.so/d' script
fi
sed -i 's/^\[host\]$/&\nprobe_timeout = 1m/' script # a slow machine is no failure
bash -xeuo pipefail script >said 2>&1 || fail "a command of the page fails: $(tail -n 40 said)"
! grep -q 'warning:' said || fail "a compiler warns: $(grep -A 5 'warning:' said)"
for pattern in 'mm.so: strategy mm, ' ' fill   tag ' 'host.ini is in order' 'mm  *replaced  *2' 'mine BTC/USDT: '; do
	grep -q "$pattern" said || fail "nothing says \"$pattern\": $(cat said)"
done

# What it names is there.
grep -oE '\b(aq|AQ)_[A-Za-z0-9_]+' "$page" | sort -u | while read -r name; do
	grep -qw "$name" "$AQ_SOURCE"/sdk/include/aioquant/*.h "$AQ_SOURCE"/sdk/src/mock.h || fail "there is no $name"
done
echo "pages: $(grep -c '^+' said) commands"
