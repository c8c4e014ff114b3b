# demo_plugin.sh: what tools/demo does with a strategy that it compiles and watches; sourced, never run. It uses the
# variables of tools/demo: source (a .c or .so file), library (where it goes), folder, bin, plugins, name, options.
# shellcheck shell=bash disable=SC2154

# The name of the first section of a kind.
section_of() { # file, kind
	sed -n "s/^\[$2:\(.*\)\]\$/\1/p" "$1" | head -n 1
}

# The SDK's helpers come from the build that runs, whatever its compiler and flags were.
compile() { # source, library
	LC_ALL=C "${CC:-cc}" -std=c17 -D_GNU_SOURCE -O2 -g -Wall -fPIC -shared -fvisibility=hidden \
		-fno-semantic-interposition -ftls-model=global-dynamic -fno-lto -I"$top/sdk/include" -I"$top/sdk/src" \
		-o "$2" "$1" \
		-Wl,-z,now,-z,relro,-z,text,-z,noexecstack -Wl,--version-script="$top/sdk/plugin.map" \
		"$bin/../sdk/libaq_sdk.a" -lm >"$folder/compiler.log" 2>&1
}

# A save while it compiles is seen later.
make_library() { # library
	touch -r "$source" "$folder/code/seen"
	if [[ $source == *.c ]]; then
		compile "$source" "$1"
	else
		cp "$source" "$1"
	fi
}

# ---- a strategy that the configuration does not know ----

value_of() { # file, key: as it stands in the section of the strategy
	awk -v section="[strategy:$name]" -v key="$2" '$0 ~ /^\[/ { inside = $0 == section }
		inside && $1 == key { sub(/^[^=]*= */, ""); print; exit }' "$1"
}

is_set() { # key: by --set
	local option
	for option in ${options[@]+"${options[@]}"}; do
		[[ $option != "$name.$1="* ]] || return 0
	done
	return 1
}

# The lines of the options that the library requires: the market, and what the configuration has for its own strategy.
required_options() { # file, what the host says of the library
	local key type default range flags meaning value missing=''
	# shellcheck disable=SC2034 # columns that are passed over
	while IFS=$'\t' read -r key type default range flags meaning; do
		[[ $flags == *required* ]] || continue
		value=$(value_of "$1" "$key")
		[ "$type" != market ] || value=$(value_of "$1" market)
		if [ -n "$value" ]; then
			echo "$key = $value"
		elif ! is_set "$key"; then
			missing+=$'\n'"  --set $name.$key=VALUE    $meaning: $(sed -n "s/^  $type  *//p" <<<"$2")"
		fi
	done < <(sed -n '/^OPTION /,/^$/p' <<<"$2" | sed '1d; /^$/d; s/  \+/\t/g')
	[ -z "$missing" ] || die "$source requires options that the demo does not have; add$missing"
}

# The configuration with the library in the place of its strategy; limits stay.
make_config() { # file
	local said
	said=$("$bin/aioquantd" --probe "$library" 2>&1) || die "$source: $said"
	[[ $said =~ :\ strategy\  ]] || die "$source is no strategy: $(head -n 1 <<<"$said")"
	awk -v section="[strategy:$name]" '/^\[/ { inside = $0 == section } !inside' "$1"
	echo "[strategy:$name]"
	echo "plugin = $library"
	required_options "$1" "$said"
	awk -v section="[strategy:$name]" '/^\[/ { inside = $0 == section } inside && /^limit\./' "$1"
}

# ---- watching ----

note() {
	echo "say $*" >&8
}

# Without the folders of the file.
first_error() {
	grep -E '(error:|undefined reference)' "$folder/compiler.log" | sed 's|^.*/\([^/]*:[0-9]\)|\1|' | head -n 1
}

saved() {
	[ -e "$source" ] && [[ $source -nt $folder/code/seen || $source -ot $folder/code/seen ]]
}

# The host tells itself what comes of a reload; only what happens before it is told here. In the place of the library lies
# what runs: the new one, or after a refusal again the old one.
take_new_code() {
	if ! make_library "$library.new"; then
		note "$(first_error)"
		note "it does not compile: the code before goes on"
		return
	fi
	mv "$library" "$library.last"
	mv "$library.new" "$library"
	tried=1
	if "$bin/aqctl" -d "$folder/state" reload "$name" >"$folder/reload.log" 2>&1; then
		mv "$library.last" "$library.before"
	else
		mv "$library.last" "$library"
		rm -f "$library.before"
	fi
}

# What the host has said of its crash: the instance, its callback, the file and line.
crash_said() {
	sed -n 's/^[^ ]* error crash: //p' "$folder/errors" | head -n 1
}

# New code that took the host with it: what is said of it, and the library before it in a host that goes on from the
# same journal.
go_back() { # exit status
	local reason
	clear_terminal
	reason=$(crash_said)
	echo "the new code ended the host (status $1)${reason:+: $reason}"
	[ ! -e "$library.before" ] || mv "$library.before" "$library"
	tried=0
	start_host
	[ -z "$reason" ] || note "$(sed 's| (generation .*||; s|/[^ ]*/||' <<<"$reason")" # without folders
	note "the new code ended the host: the code before goes on"
}

# Until the host ends for good. A read that nobody answers is a wait that a signal ends and that starts no process.
watch_source() {
	local status
	tried=0
	exec 6<> <(:)
	while :; do
		while kill -0 "$host" 2>/dev/null; do
			read -r -t 0.1 -u 6 || true
			! saved || take_new_code
		done
		status=0
		wait "$host" || status=$?
		if [ "$status" -eq 0 ] || [ "$stopping" -eq 1 ] || [ "$tried" -eq 0 ]; then
			return
		fi
		go_back "$status"
	done
}
