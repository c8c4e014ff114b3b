#!/usr/bin/env bash
# checks.sh: the checks of tools/check find what they are for. Each violation is planted alone in a clean tree, and must be
# named.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
cc=${CC:-cc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

wrong() {
	echo "checks.sh: $*" >&2
	failed=1
}

# ---- include directions ----

clean_tree() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree"/core/{base,io,flow,host} "$work/tree"/{sdk/src,exchanges/sim,plugins/strategy}
	echo '#include "base/map.h"' >"$work/tree/core/base/map.c"
	echo '#include "base/map.h"' >"$work/tree/core/io/loop.c"
	printf '#include "flow/book.h"\n#include <decimal.h>\n' >"$work/tree/core/flow/book.c"
	printf '#include "io/loop.h"\n#include "flow/book.h"\n#include "sim/venue/venue.h"\n' >"$work/tree/core/host/host.c"
	echo '#include "host/host.h"' >"$work/tree/core/main.c"
	echo '#include <aioquant/abi.h>' >"$work/tree/sdk/src/decimal.c"
	echo '#include <aioquant/feed.h>' >"$work/tree/exchanges/sim/sim.c"
	echo '#include <aioquant/strategy.h>' >"$work/tree/plugins/strategy/a.c"
}

plant() { # file, include
	clean_tree
	echo "#include $2" >>"$work/tree/$1"
	"$top/tools/check/includes.sh" "$work/tree" >"$work/out" && wrong "includes.sh lets $1 include $2"
	grep -q "^$1:" "$work/out" || wrong "includes.sh does not name $1 that includes $2"
}

clean_tree
"$top/tools/check/includes.sh" "$work/tree" || wrong "includes.sh refuses a clean tree"
plant core/base/map.c '"io/loop.h"'
plant core/base/map.c '"flow/book.h"'
plant core/base/map.c '"host/host.h"'
plant core/io/loop.c '"flow/book.h"'
plant core/io/loop.c '"host/host.h"'
plant core/flow/book.c '"io/loop.h"'
plant core/flow/book.c '"host/host.h"'
plant core/flow/book.c '<flow/../io/loop.h>'
plant core/flow/book.c '<sys/socket.h>'
plant core/flow/book.c '<dlfcn.h>'
plant core/flow/book.c '"core/io/loop.h"'
plant core/host/host.c '"plugins/strategy/a.h"'
plant sdk/src/decimal.c '"base/map.h"'
plant exchanges/sim/sim.c '"flow/book.h"'
plant exchanges/sim/sim.c '"core/base/map.h"'
plant plugins/strategy/a.c '"host/host.h"'
plant plugins/strategy/a.c '"../../core/base/map.h"'

# ---- options whose field has another type ----

swap() { # sed expression on tests/abi/strategy.c
	sed "$1" "$top/tests/abi/strategy.c" >"$work/swapped.c"
	cmp -s "$work/swapped.c" "$top/tests/abi/strategy.c" && wrong "the edit \"$1\" changes nothing"
	"$cc" -std=c17 -w -fsyntax-only -I"$top/sdk/include" "$work/swapped.c" 2>/dev/null && wrong "an option takes another type: $1"
}

swap 's/double ratio;/int64_t ratio;/'
swap 's/int64_t number, span;/double number, span;/'
swap 's/uint8_t flag, choice;/int flag, choice;/'
swap 's/char text\[16\];/uint64_t text[16];/'
swap 's/struct aq_market market, other;/uint64_t market, other;/'

# ---- the ABI ----

edit() { # header, sed expression
	rm -rf "$work/include"
	cp -r "$top/sdk/include" "$work/include"
	sed -i "$2" "$work/include/aioquant/$1"
	cmp -s "$work/include/aioquant/$1" "$top/sdk/include/aioquant/$1" && wrong "the edit \"$2\" changes nothing in $1"
}

reports() { # what abi.sh must say of the edited headers, with exit status 0
	"$top/tools/check/abi.sh" --quick --include "$work/include" >"$work/out" 2>&1 || wrong "abi.sh fails instead of reporting: $1"
	grep -q "$1" "$work/out" || wrong "abi.sh does not report: $1"
}

fails() { # what abi.sh must say, its options; with exit status 1
	"$top/tools/check/abi.sh" $2 --include "$work/include" >"$work/out" 2>&1 && wrong "abi.sh does not fail: $1"
	grep -q "$1" "$work/out" || wrong "abi.sh does not say: $1"
}

if command -v abidiff >/dev/null; then
	edit types.h 's/^struct aq_level {/&\n\tuint32_t planted;/'
	reports "offset of aq_level.price was 0"
	reports "'uint32_t planted'"
	reports "without a line in the change list"
	edit orders.h 's/int32_t (\*cancel)(void \*owner, uint64_t id,/& uint64_t planted,/'
	reports "aq_orders_api"
	edit plugin.h 's/^\tuint16_t abi_major;/\tuint32_t abi_major;/'
	fails "the frozen head has changed" --quick
	edit types.h '$a struct aq_planted {\n\tint a;\n};'
	fails "struct aq_planted is missing in tests/abi/probe.c" --quick
	edit event.h 's/^struct aq_ticker {/struct aq_ticker {{/'
	fails "headers.sh: " ""
fi

[ "$failed" -eq 0 ] && echo "checks.sh: every planted violation was found"
exit "$failed"
