#!/usr/bin/env bash
# run.sh COMMAND...: one scenario in an empty folder, which is also its TMPDIR.
#
# It is given AQ_BIN (aioquantd, replay, ...), AQ_PLUGINS, AQ_SOURCE, and AQ_MARSHAL: 1 = every host runs with
# --set host.marshal=on. Reports of sanitizers, from any process that it started, are files sanitizer.* in that folder and
# make it fail; a scenario that crashes something on purpose removes them.
set -euo pipefail
umask 022 # the host refuses plugins that others may write
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR=$folder AQ_MARSHAL=${AQ_MARSHAL:-0}
export ASAN_OPTIONS="log_path=$folder/sanitizer:${ASAN_OPTIONS:-}" TSAN_OPTIONS="log_path=$folder/sanitizer:suppressions=$AQ_SOURCE/tests/tsan.supp:${TSAN_OPTIONS:-}"
export UBSAN_OPTIONS="log_path=$folder/sanitizer:print_stacktrace=1:${UBSAN_OPTIONS:-}"
cd "$folder"
status=0
"$@" </dev/null || status=$?
for report in "$folder"/sanitizer.*; do
	[ -e "$report" ] || continue
	echo "${report##*/}:"
	cat "$report"
	status=1
done
if [ "$status" -ne 0 ]; then
	echo "status $status; what the hosts said last:"
	find "$folder" -name '*.log' -size +0 -print -exec tail -n 30 {} \;
fi
exit "$status"
