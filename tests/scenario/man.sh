#!/usr/bin/env bash
# man.sh: the manuals say what the programs say, are well-formed, and the example in one of them is a configuration.
set -euo pipefail

fail() {
	echo "man.sh: $*" >&2
	exit 1
}

pages=(core/aioquantd.1 tools/aqctl/aqctl.1 conf/aioquant.ini.5 tools/replay/replay.1)
"$AQ_SOURCE/tools/check/man.py" "$AQ_BIN"
for page in "${pages[@]}"; do
	for section in NAME DESCRIPTION 'SEE ALSO'; do
		grep -qx "\.SH $section" "$AQ_SOURCE/$page" || fail "$page has no section $section"
	done
	if command -v groff >/dev/null; then
		groff -man -Tutf8 -ww -z "$AQ_SOURCE/$page" >said 2>&1
		[ ! -s said ] || fail "$page: $(cat said)"
	fi
done
sed -n '/^\.SH EXAMPLE/,/^\.fi/p' "$AQ_SOURCE/conf/aioquant.ini.5" | sed "/^\./d; s/\\\\-/-/g; s/= traders/= $(id -gn)/" >example.ini
"$AQ_BIN/aioquantd" -t -c example.ini --set "host.plugin_path=$AQ_PLUGINS" || fail "the example is refused"

# What checks must find: a page without an option, and a table that is old.
mkdir -p tree/tools/check tree/core tree/tools/aqctl tree/tools/replay tree/conf
cp "$AQ_SOURCE/tools/check/man.py" tree/tools/check/
for page in "${pages[@]}"; do
	cp "$AQ_SOURCE/$page" "tree/$page"
done
sed -i 's/\\-\\-judge/judge/' tree/core/aioquantd.1
sed -i 's/\\-\\-columns/columns/' tree/tools/replay/replay.1
sed -i 's/^\.B status$/.B stat/' tree/tools/aqctl/aqctl.1
! tree/tools/check/man.py "$AQ_BIN" >found || fail "man.py finds nothing"
grep -q 'aioquantd.1: --judge is not in it' found || fail "man.py misses an option: $(cat found)"
grep -q 'replay.1: --columns is not in it' found || fail "man.py misses an option: $(cat found)"
grep -q 'aqctl.1: its tables' found || fail "man.py misses a table: $(cat found)"
