#!/usr/bin/env bash
# run.sh: one fuzzer for some seconds, from corpus/NAME and what earlier runs found; then the share of its parser's lines.
#
#   run.sh BUILD NAME SECONDS            fails when it finds something, or reaches too little
#   run.sh BUILD NAME SECONDS --planted  the program with a planted over-read, from corpus/NAME alone: fails unless the
#                                        sanitizer tells of it, or one of the fuzzer's own checks
#
# Nothing is written into the tree: what is found goes to BUILD/corpus/NAME, an input that fails to BUILD/fuzz-failures.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
name=$2
seconds=$3
planted=${4:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work LLVM_PROFILE_FILE=/dev/null

options=(-max_total_time="$seconds" -print_final_stats=1 -timeout=20 -rss_limit_mb=3000)
[ ! -f "$here/$name.dict" ] || options+=("-dict=$here/$name.dict")
mkdir -p "$here/corpus/$name" "$build/corpus/$name" "$build/fuzz-failures/$name" "$work/found"

if [ -n "$planted" ]; then
	if "$build/bin/fuzz_${name}_planted" "${options[@]}" -artifact_prefix="$work/" "$work/found" "$here/corpus/$name" \
		>"$work/said" 2>&1; then
		echo "the planted over-read of $name was not found in $seconds s"
		tail -n 20 "$work/said"
		exit 1
	fi
	if ! grep -qE 'ERROR: AddressSanitizer: (.*overflow|SEGV)| in check(_[a-z]+)? ' "$work/said"; then
		tail -n 60 "$work/said"
		exit 1
	fi
	grep -m 1 -E 'ERROR: ' "$work/said"
	grep -m 1 -E '^ +#[0-9]+ .* in .*/(core|sdk|exchanges|tools)/| in check(_[a-z]+)? ' "$work/said"
	grep -E '^stat::number_of_executed_units' "$work/said"
	exit 0
fi

"$build/bin/fuzz_$name" "${options[@]}" -artifact_prefix="$build/fuzz-failures/$name/" \
	"$build/corpus/$name" "$here/corpus/$name" >"$work/said" 2>&1 || {
	tail -n 200 "$work/said"
	exit 1
}
grep -E '^(Done|stat::number_of_executed_units)' "$work/said"
"$here/coverage.sh" "$build" "$name"
