#!/usr/bin/env bash
# abi.sh [--update] [--quick] [--include FOLDER]: compares the ABI of sdk/include with its baseline in sdk/abi/v1.
#
# The ABI is a draft: differences are reported, and the exit status is 0. It is 1 when a tool is missing, when a header
# does not compile, when the frozen head has changed, or when a public struct is missing from the probe or the offsets.
# --quick leaves out the compilation of each header in each standard.
# --update writes the baseline anew: the headers and what abidw says of the probe library.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
include=$top/sdk/include
update=0
quick=0
while [ $# -gt 0 ]; do
	case $1 in
	--update) update=1 ;;
	--quick) quick=1 ;;
	--include) include=${2:-}; shift ;;
	*) echo "usage: abi.sh [--update] [--quick] [--include FOLDER]" >&2; exit 1 ;;
	esac
	shift
done
baseline=$top/sdk/abi/v1
cc=${CC:-cc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "abi.sh: $*" >&2
	failed=1
}

for tool in "$cc" abidw abidiff; do
	command -v "$tool" >/dev/null || { fail "$tool is missing (abidw and abidiff: package abigail-tools)"; exit 1; }
done

# strategy.h, stores.h, records.h, test.h, bson.h and frame.h are parts of the SDK that are linked into each plugin or its test, so they are no ABI.
public_headers() {
	for header in "$1"/aioquant/*.h; do
		[[ ${header##*/} == @(strategy|stores|records|test|bson|frame).h ]] || echo "$header"
	done
}

every_struct_is_watched() {
	public_headers "$include" | xargs sed -n 's/^struct \(aq_[a-z0-9_]*\) {.*/\1/p' | while read -r name; do
		grep -q "^PROBE($name);" "$top/tests/abi/probe.c" || echo "struct $name is missing in tests/abi/probe.c"
		grep -q "^SIZE($name, " "$top/tests/abi/offsets.c" || echo "struct $name is missing in tests/abi/offsets.c"
	done >"$work/missing"
	[ ! -s "$work/missing" ] || fail "$(cat "$work/missing")"
}

build_probe() { # include folder, output
	"$cc" -std=c17 -g -O0 -shared -fPIC -I"$1" -o "$2" "$top/tests/abi/probe.c" || { fail "the probe does not compile"; exit 1; }
}

write_baseline() {
	rm -rf "$baseline/include"
	mkdir -p "$baseline/include/aioquant"
	public_headers "$include" | xargs -I{} cp {} "$baseline/include/aioquant/"
	abidw --no-corpus-path --no-comp-dir-path --short-locs --no-show-locs "$work/probe.so" >"$baseline/aioquant.abi" ||
		fail "abidw failed"
	echo "abi.sh: baseline written"
}

report_offsets() {
	if ! "$cc" -std=c17 -fsyntax-only -I"$include" "$top/tests/abi/offsets.c" 2>"$work/offsets"; then
		grep 'error: static assertion failed' "$work/offsets" | sed 's/.*failed: /abi.sh: draft: /' || true
		grep 'error: ' "$work/offsets" | grep -v 'static assertion' | sed 's/.*error: /abi.sh: draft: /'
		changed=1
	fi
}

report_abidiff() {
	if [ ! -s "$baseline/aioquant.abi" ]; then
		echo "abi.sh: no baseline yet: tools/check/abi.sh --update"
		return
	fi
	abidiff --no-show-locs "$baseline/aioquant.abi" "$work/probe.so" >"$work/diff"
	status=$?
	[ $((status & 3)) -eq 0 ] || fail "abidiff could not compare (status $status)"
	if [ $((status & 12)) -ne 0 ]; then
		sed 's/^/abi.sh: draft: /' "$work/diff"
		changed=1
	fi
}

# The change list stands in abi.h: a changed baseline with the same list is an undocumented change.
report_change_list() {
	list() { sed -n '/Change list/,/\*\//p' "$1"; }
	[ -s "$baseline/include/aioquant/abi.h" ] || return
	if [ "$changed" -ne 0 ] && [ "$(list "$include/aioquant/abi.h")" = "$(list "$baseline/include/aioquant/abi.h")" ]; then
		echo "abi.sh: draft: the ABI has changed without a line in the change list of abi.h"
	fi
}

# A plugin that was built from the saved headers carries a head that today's host reads.
report_old_plugin() {
	[ -s "$baseline/include/aioquant/plugin.h" ] || return
	"$cc" -std=c17 -shared -fPIC -I"$baseline/include" -o "$work/old.so" "$top/tests/abi/frozen.c" ||
		fail "a plugin does not compile from the saved headers"
}

changed=0
[ "$quick" -eq 1 ] || "$top/tests/abi/headers.sh" "$include" || failed=1
"$cc" -std=c17 -fsyntax-only -I"$include" "$top/tests/abi/frozen.c" || fail "the frozen head has changed"
every_struct_is_watched
build_probe "$include" "$work/probe.so"
if [ "$update" -eq 1 ]; then
	write_baseline
else
	report_offsets
	report_abidiff
	report_change_list
	report_old_plugin
	[ "$changed" -eq 0 ] && echo "abi.sh: as in sdk/abi/v1"
fi
exit "$failed"
