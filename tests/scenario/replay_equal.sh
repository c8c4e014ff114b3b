#!/usr/bin/env bash
# replay_equal.sh: runs of one replay differ in nothing: not by its speed, not by what goes through bytes.
# Compared are the journals, byte by byte, and the venue's own record of orders, fills and balances.
set -euo pipefail
fail() {
	echo "replay_equal.sh: $*"
	exit 1
}

"$AQ_BIN/replay" import --venue binance --symbol BTCUSDT capture.aqc "$AQ_SOURCE"/tests/data/binance-spot/btcusdt_2024080{8,9}.gz
marshal=$([ "$AQ_MARSHAL" = 0 ] && echo off || echo on)

run() { # name, speed, marshal, spread
	mkdir "$1"
	"$AQ_BIN/aioquantd" -c "$AQ_SOURCE/conf/demo.ini" --follow mm --judge "$1/judge" --set "host.plugin_path=$AQ_PLUGINS" \
		--set "host.state_dir=$PWD/$1/state" --set "log.file=$PWD/$1/host.log" --set "binance.capture=$PWD/capture.aqc" \
		--set "host.speed=$2" --set "host.marshal=$3" --set "mm.spread=${4:-0.6bps}" --set "mm.size=0.001 BTC" \
		--set mm.tolerance=0.05bps --set journal.segment=1MB >"$1/said" || fail "$1: exit status $?"
	tail -n 1 "$1/said"
}

same() { # first, second
	cmp "$1/judge" "$2/judge" || fail "the venue's records of $1 and $2 differ"
	diff -r "$1/state/journal" "$2/state/journal" || fail "the journals of $1 and $2 differ"
}

run max max "$marshal"
run paced 100x "$marshal"
run again max "$marshal"
run other max "$([ "$marshal" = on ] && echo off || echo on)"
run wider max "$marshal" 0.7bps

orders=$(grep -c '^order ' max/judge)
fills=$(grep -c '^fill ' max/judge)
segments=$(find max/state/journal -name '*.aqj' | wc -l)
echo "$orders orders, $fills fills, $segments segments"
[ "$orders" -ge 1000 ] && [ "$fills" -ge 100 ] || fail "too little happened to compare"
[ "$segments" -ge 2 ] || fail "the journal has one segment"
[ "$(tail -c 4096 max/judge | grep -c '^end ')" -eq 1 ] || fail "the venue's record has no end"
same max paced
same max again
same max other
for what in judge state/journal; do # what compares must be able to tell runs apart
	! diff -rq "max/$what" "wider/$what" >/dev/null || fail "$what of two different runs is the same"
done
