#!/usr/bin/env bash
# templates.sh: what tools/new makes builds, passes its test, and is a plugin to the host; and nothing is overwritten.
set -euo pipefail
export PKG_CONFIG_PATH=${AQ_BIN%/bin}
unset AQ_BIN AQ_PLUGINS # what is made has only pkg-config to go by

fail() {
	echo "templates.sh: $*"
	exit 1
}

made() { # kind of template, kind of plugin
	local name=own_$1
	"$AQ_SOURCE/tools/new" "$1" "$name" "made/$1" >said || fail "$1: $(cat said)"
	make -s -C "made/$1" test >"made/$1/said" 2>&1 || fail "$1: its test fails: $(cat "made/$1/said")"
	make -s -C "made/$1" lint >"made/$1/lint" 2>&1 || fail "$1: the host does not take it: $(cat "made/$1/lint")"
	grep -q "^$name.so: $2 $name, " "made/$1/lint" || fail "$1: it is something else: $(cat "made/$1/lint")"
	! grep -i warning "made/$1/said" || fail "$1: the compiler warns"
	! grep -rIn minimal "made/$1" || fail "$1: not all of it has got its name"
}

refused() { # what must be said, arguments
	local what=$1
	shift
	! "$AQ_SOURCE/tools/new" "$@" >said 2>&1 || fail "new $* is not refused"
	grep -q "$what" said || fail "new $* says: $(cat said)"
}

made strategy strategy
made exchange exchange
made storage storage
made bus bus
made service service
! command -v c++ >/dev/null || made strategy_cpp strategy
grep -q '^[0-9:.]* *order ' made/strategy/said || fail "the test of a strategy prints no orders"
grep -q '^[0-9:.]* *fill ' made/strategy/said || fail "the test of a strategy prints no fills"

# A test can fail: this one sells what the test expects to be bought.
sed -i 's/AQ_BUY, aq_px_down/AQ_SELL, aq_px_up/; s/1 - s->distance/1 + s->distance/' made/strategy/own_strategy.c
! make -s -C made/strategy test >said 2>&1 || fail "a test does not find what is wrong"
grep -q 'own_strategy_test.c:[0-9]*: is not so: ' said || fail "a test does not say what is wrong: $(cat said)"

# Nothing is overwritten, and nothing is written besides.
cp -r made/strategy before
rm made/strategy/Makefile before/Makefile
refused "own_strategy.c is there already; nothing was written" strategy own_strategy made/strategy
diff -r before made/strategy || fail "something was written"
refused "no kind \"stratego\". There are bus exchange service storage strategy strategy_cpp" stratego own new
refused "needs KIND NAME FOLDER" strategy own
refused "is no name" strategy Own new
refused "is no name" strategy ../own new
refused "is a word of C" strategy while new
refused "is a section of tests" strategy venue new
[ ! -e new ] || fail "a refused call has made its folder"

# Without pkg-config's help the tree that it was made from is used; where nothing is built, that is said.
sed -i "s|^SDK := .*|SDK := $PKG_CONFIG_PATH|" made/bus/Makefile
sed -i "s|^SDK := .*|SDK := $PWD/nowhere|" made/service/Makefile
unset PKG_CONFIG_PATH
make -s -C made/bus clean test >said 2>&1 || fail "the tree is not found: $(cat said)"
! make -s -C made/service clean test >said 2>&1 || fail "it is built with nothing"
grep -q "pkg-config knows no aioquant, and nothing is built in $PWD/nowhere" said || fail "it says: $(cat said)"
echo "templates: $(cd made && echo *)"
