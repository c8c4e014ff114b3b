#!/usr/bin/env bash
# plugin_lint.sh [--strict] FILE.so...: what the host would refuse in a plugin, and what it would warn about.
#
# Refused: other exports than aq_plugin_1, undefined symbols that are not of libc or libm, text relocations, static TLS,
# an executable stack. Warned, and refused with --strict: writable globals, constructors, thread-locals, unique symbols,
# and imports that block or break a replay. Exit status 1 if anything was refused.
set -u
strict=0
[ "${1:-}" = --strict ] && { strict=1; shift; }
[ $# -gt 0 ] || { echo "usage: plugin_lint.sh [--strict] FILE.so..." >&2; exit 2; }
for tool in nm readelf; do
	command -v "$tool" >/dev/null || { echo "plugin_lint.sh: $tool is missing (package binutils)" >&2; exit 2; }
done
refused=0

refuse() {
	echo "$file: refused: $*"
	refused=1
}

warn() {
	if [ "$strict" -eq 1 ]; then
		refuse "$*"
	else
		echo "$file: warning: $*"
	fi
}

exports() {
	local names
	names=$(nm -D --defined-only "$file" | awk '{print $3}' | sed 's/@.*//' | sort | tr '\n' ' ')
	[ "$names" = "aq_plugin_1 " ] || refuse "exports \"${names% }\", and must export aq_plugin_1 alone"
}

# Versioned GLIBC symbols are libc's and libm's; those the linker adds by itself are weak.
undefined() {
	local names
	names=$(nm -D --undefined-only "$file" | awk '$1 == "U" && $2 !~ /@GLIBC_/ {print $2}' | tr '\n' ' ')
	[ -z "$names" ] || refuse "undefined: ${names% }"
	names=$(readelf -dW "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -Ev '^(libc|libm|ld-linux.*)\.so' | tr '\n' ' ')
	[ -z "$names" ] || refuse "needs ${names% }; a plugin uses libc and libm only"
}

layout() {
	local dynamic
	dynamic=$(readelf -dW "$file")
	grep -q TEXTREL <<<"$dynamic" && refuse "text relocations; build with -fPIC"
	grep -q STATIC_TLS <<<"$dynamic" && refuse "static TLS; build with -ftls-model=global-dynamic"
	readelf -lW "$file" | grep GNU_STACK | grep -q E && refuse "an executable stack; link with -Wl,-z,noexecstack"
	grep -Eq 'BIND_NOW|FLAGS.* NOW' <<<"$dynamic" || warn "lazy binding; link with -Wl,-z,now"
}

# .init_array holds one entry of the C start-up code; what that keeps in .data and .bss has names of its own.
section_bytes() {
	readelf -SW "$file" | sed 's/^ *\[ *[0-9]*\] *//' | awk -v name="$1" '$1 == name {print $5}' |
		while read -r hex; do echo $((16#$hex)); done
}

globals() {
	local names bytes
	names=$(nm "$file" 2>/dev/null | awk '$2 ~ /^[dDbB]$/ {print $3}' |
		grep -Ev '^(__dso_handle|completed\.[0-9]+|__TMC_END__|__bss_start|_edata|_end|_DYNAMIC|_GLOBAL_OFFSET_TABLE_|__do_global_dtors_aux_fini_array_entry|__frame_dummy_init_array_entry)$' |
		grep -Fxv -f <(readonly_objects) | tr '\n' ' ')
	[ -z "$names" ] || warn "writable globals: ${names% }; keep them in the instance"
	bytes=$(section_bytes .init_array)
	[ "${bytes:-0}" -le 8 ] || warn "constructors; do it in create"
	[ -z "$(section_bytes .tdata)$(section_bytes .tbss)" ] || warn "thread-locals; keep them in the instance"
	nm "$file" 2>/dev/null | awk '$2 == "u"' | grep -q . && warn "unique symbols; build with -fno-gnu-unique"
}

# Constants with pointers in them lie in .data.rel.ro, which nm shows as data.
readonly_objects() {
	local index
	index=$(readelf -SW "$file" | sed -n 's/^ *\[ *\([0-9]*\)\] \.data\.rel\.ro .*/\1/p')
	readelf -sW "$file" | awk -v index_="${index:-none}" '$7 == index_ {print $8}'
	echo "(none)"
}

imports() {
	local names
	names=$(nm -D --undefined-only "$file" | awk '{print $2}' | sed 's/@.*//' | grep -Ex \
		'sleep|usleep|nanosleep|clock_nanosleep|time|gettimeofday|clock_gettime|localtime|rand|srand|random|srandom|drand48|socket|connect|accept|poll|select|read|write|open|fopen|system|fork|exec.*|pthread_create|printf|puts|fprintf|fputs|fwrite|putchar|exit|abort|signal|sigaction' |
		tr '\n' ' ')
	[ -z "$names" ] || warn "imports ${names% }: time, random numbers, logging and sockets come from the host"
}

for file in "$@"; do
	[ -r "$file" ] || { refuse "cannot be read"; continue; }
	exports
	undefined
	layout
	globals
	imports
done
exit "$refused"
