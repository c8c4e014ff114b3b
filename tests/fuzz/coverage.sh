#!/usr/bin/env bash
# coverage.sh: which share of each parser's lines a fuzzer reaches with what it has found and what lies in corpus/.
#
#   coverage.sh BUILD [NAME...]   BUILD: the folder of the preset fuzz; NAME: ini, json ...; all without one
#
# Prints "json.c 97.3 % of 412 lines"; exit status 1 when a file is below 90 %. LLVM_COV and LLVM_PROFDATA say which tools.
set -euo pipefail
least=90
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
shift

# What a fuzzer is to reach: the parser's own files.
parsers="
ini            core/host/config_load.c core/host/config_parse.c core/host/config_text.c core/host/config_tree.c
ini            core/host/config_value.c core/host/config_keys.c core/host/config_fill.c core/host/config_option.c
ini            core/host/config_quantity.c core/host/config_errors.c core/host/sim_options.c
capture        exchanges/sim/venue/file.c exchanges/sim/venue/capture.c exchanges/sim/check.c
lines          tools/replay/lines.c tools/replay/import.c
csv            tools/replay/csv.c tools/replay/csv_time.c tools/replay/csv_form.c tools/replay/csv_values.c
csv            tools/replay/csv_rows.c tools/replay/write_rows.c tools/replay/name.c tools/replay/zip.c
journal        core/flow/journal_read.c core/flow/journal_recover.c core/flow/journal_segment.c core/flow/journal_tail.c
flow_records   core/flow/record.c
control        core/host/control_request.c tools/aqctl/head.c
levels         core/host/replay_levels.c core/host/sim_stored.c
json           sdk/src/json.c
bson           sdk/src/bson_read.c sdk/src/value.c sdk/src/decimal128.c sdk/src/utf8.c
frame          sdk/src/frame_read.c
binance        exchanges/binance/wire.c exchanges/binance/decode.c exchanges/binance_usdm/decode.c
"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work

files_of() { # fuzzer
	awk -v name="$1" '$1 == name { for (i = 2; i <= NF; i++) print $i }' <<<"$parsers"
}

# Lines of the report: file name, ..., lines (8), missed (9).
shares() {
	awk -v least="$least" '
		$1 ~ /\.c$/ {
			n = split($1, part, "/")
			share = 100 * ($8 - $9) / $8
			note = share < least ? ", below " least " %" : ""
			printf("%s%s %.1f %% of %d lines%s\n", (n > 1 ? part[n - 1] "/" : ""), part[n], share, $8, note)
			if (share < least)
				low = 1
		}
		END { exit low }'
}

measure() { # fuzzer
	local program=$build/bin/fuzz_$1 profile=$work/$1.profraw files
	mapfile -t files < <(files_of "$1" | sed "s,^,$top/,")
	[ "${#files[@]}" -gt 0 ] || return 0
	mkdir -p "$build/corpus/$1"
	if ! LLVM_PROFILE_FILE=$profile "$program" -runs=0 -artifact_prefix="$work/" \
		"$build/corpus/$1" "$here/corpus/$1" >"$work/said" 2>&1; then
		cat "$work/said"
		return 1
	fi
	"${LLVM_PROFDATA:-llvm-profdata-14}" merge -o "$work/$1.profdata" "$profile"
	"${LLVM_COV:-llvm-cov-14}" report "$program" -instr-profile "$work/$1.profdata" "${files[@]}" | shares
}

[ $# -gt 0 ] || mapfile -t names < <(awk 'NF { print $1 }' <<<"$parsers" | uniq)
status=0
for name in "${@:-${names[@]}}"; do
	measure "$name" || status=1
done
exit "$status"
