#!/usr/bin/env bash
# headers.sh [INCLUDE]: each public header compiles alone, as C99, C11, C17, C++11 and C++20, without a warning (.hpp: as
# C++20); so does a strategy that uses every macro. With every compiler of gcc, clang, g++, clang++ that is there.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
include=${1:-$top/sdk/include}
flags="-Wall -Wextra -pedantic -Werror -fsyntax-only -I$include"
failed=0
ran=0

compile() { # compiler, standard, language; source on standard input
	ran=$((ran + 1))
	"$1" "-std=$2" -x "$3" $flags - || { echo "headers.sh: $1 -std=$2 refuses $header" >&2; failed=1; }
}

matrix() { # language, compilers, standards
	for compiler in $2; do
		command -v "$compiler" >/dev/null || continue
		for standard in $3; do
			for header in "$include"/aioquant/*.h; do
				compile "$compiler" "$standard" "$1" <<<"#include <aioquant/$(basename "$header")>"
			done
		done
	done
}

matrix c "gcc clang" "c99 c11 c17"
matrix c++ "g++ clang++" "c++11 c++20"
header=tests/abi/strategy.c
flags="$flags -Wno-unused-parameter"
for compiler in gcc clang; do
	command -v "$compiler" >/dev/null || continue
	for standard in c99 c11 c17; do
		compile "$compiler" "$standard" c <"$top/$header"
	done
done
for compiler in g++ clang++; do
	command -v "$compiler" >/dev/null || continue
	compile "$compiler" c++20 c++ <"$top/$header"
	compile "$compiler" c++20 c++ <<<"#include <aioquant/strategy.hpp>"
done
[ "$ran" -gt 0 ] || { echo "headers.sh: no compiler found" >&2; exit 1; }
[ "$failed" -eq 0 ] && echo "headers.sh: $ran compilations"
exit "$failed"
