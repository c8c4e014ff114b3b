#!/usr/bin/env bash
# service_file.sh: systemd takes the unit file as it is, and it keeps what the host cannot do without.
set -euo pipefail
unit=$AQ_SOURCE/conf/aioquant@.service

fail() {
	echo "service_file.sh: $*" >&2
	exit 1
}

for line in Type=notify 'ExecReload=/bin/kill -HUP $MAINPID' RuntimeDirectoryPreserve=yes Restart=on-failure; do
	grep -qxF "$line" "$unit" || fail "$line is missing"
done
grep -qE '^WatchdogSec=[1-9]' "$unit" || fail "there is no watchdog"
! grep -E '^(NoExecPaths|ReadOnlyPaths|TemporaryFileSystem|DynamicUser)=' "$unit" ||
	fail "plugins are mapped from the state folder"
if ! command -v systemd-analyze >/dev/null; then
	echo "systemd-analyze is not there: the unit file is not verified"
	exit 0
fi
# Its programs need not be installed to be verified.
verify() {
	systemd-analyze verify --man=no --recursive-errors=no './aioquant@test.service' >said 2>&1
}
sed "s,/usr/bin/aioquantd,$AQ_BIN/aioquantd,; /^Documentation=/d" "$unit" >'aioquant@test.service'
verify || fail "refused: $(cat said)"
[ ! -s said ] || fail "warned: $(cat said)"
sed -i 's/^Type=notify$/Type=nonsense/' 'aioquant@test.service' # what verifies must be able to find fault
if verify || ! grep -q nonsense said; then
	fail "systemd-analyze finds nothing"
fi
