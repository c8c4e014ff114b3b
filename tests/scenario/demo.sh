#!/usr/bin/env bash
# demo.sh: the demo shows what the README promises, and ends well when it is interrupted.
set -euo pipefail
export AQ_DEMO=$PWD/demo
options=(--yes)
[ "$AQ_MARSHAL" = 0 ] || options+=(--set host.marshal=on)

fail() {
	echo "demo.sh: $*"
	exit 1
}

result='^demo: events=[1-9][0-9]* orders=[1-9][0-9]* fills=([1-9][0-9]*) position=-?[0-9.]+ pnl=-?[0-9.]+ max_latency_us=[0-9]+ '
result+='fees=-?[0-9.]+ turnover=[0-9]+ max_position=[0-9.]+ drawdown=[0-9.]+$'

# Ten seconds: a hundred of the recording, a line a second, and trades.
"$AQ_SOURCE/tools/demo" "${options[@]}" --seconds 10 >said || fail "exit status $?"
cat said
[[ $(tail -n 1 said) =~ $result ]] || fail "the last line has another form"
[ "${BASH_REMATCH[1]}" -ge 10 ] || fail "only ${BASH_REMATCH[1]} fills"
second='^[0-9]{2}:[0-9]{2}:[0-9]{2} bid [0-9.]+ ask [0-9.]+ quotes [0-9.-]+/[0-9.-]+ pos [+-]?[0-9.]+ fills [0-9]+ pnl [+-]?[0-9.]+$'
lines=$(grep -cE "$second" said)
[ "$lines" -ge 8 ] && [ "$lines" -le 11 ] || fail "$lines lines in ten seconds"
[ "$(wc -l <said)" -eq $((lines + 6)) ] || fail "there are lines of another form"

# Where the result comes from, in front of the last line; its parts are checked by demo_view.py.
split='^where the result comes from, in USDT:|  (spread captured|price moved (against|for) us|fees \(0 bps\)|total) +[+-]?[0-9,.]+(  .+)?$'
[ "$(tail -n 6 said | head -n 5 | grep -cE "$split")" -eq 5 ] || fail "it does not tell where the result comes from"

# Interrupted after its first line.
mkfifo pipe
"$AQ_SOURCE/tools/demo" "${options[@]}" >pipe &
demo=$!
exec 3<pipe
read -r -t 60 first <&3 || fail "it says nothing"
kill -TERM "$demo"
cat <&3 >rest
wait "$demo" || fail "exit status $? after an interruption"
[[ $(tail -n 1 rest) =~ $result ]] || fail "no last line after an interruption that followed \"$first\""

# All of it at once; then one that cannot trade, and says so by its status.
"$AQ_SOURCE/tools/demo" "${options[@]}" --speed max --set mm.spread=2bps >said || fail "exit status $? at full speed"
[[ $(tail -n 1 said) =~ $result ]] || fail "at full speed the last line has another form"
if "$AQ_SOURCE/tools/demo" "${options[@]}" --speed max --set mm.spread=5% >said 2>&1; then
	fail "a demo without fills ends with status 0"
fi
grep -q '^demo: events=' said || fail "a demo without fills has no last line"

# A mistake is told before anything runs.
mistake() { # what must be said, arguments
	local what=$1
	shift
	! "$AQ_SOURCE/tools/demo" "${options[@]}" "$@" >said 2>&1 || fail "$* is accepted"
	grep -qF -- "$what" said && ! grep -q '^demo: events=' said || fail "$* says: $(cat said)"
}
mistake "[strategy:mm] sprd: unknown key. Nearest: spread." --set mm.sprd=2bps
mistake "--fee 3: a unit is needed" --fee 3
