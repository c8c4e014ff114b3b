# lib.sh: what the scripts of tools/ share; sourced, never run. Sets `top`.
# shellcheck shell=bash
umask 022 # the host refuses plugins that others may write
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# The Debian 12 packages of each tier; a later one needs those before it too.
packages_of() { # demo | test | full
	echo gcc libc6-dev make cmake ninja-build pkg-config libev-dev libinih-dev zlib1g-dev libssl-dev libdw-dev
	[ "$1" = demo ] || echo g++ libcmocka-dev abigail-tools python3 libbson-dev libsqlite3-dev libmariadb-dev mariadb-server
	[ "$1" != full ] || echo clang libclang-rt-14-dev llvm-14 valgrind clang-format-14 rustc
}

missing_packages() { # tier
	local package
	for package in $(packages_of "$1"); do
		# A package may be known without being installed, and one that another provides has no state of its own.
		dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
	done
}

# Installs what a tier misses, or says how to and ends.
install_missing() { # tier, yes: 1 = do not ask
	local missing answer
	if ! command -v dpkg-query >/dev/null; then
		echo "This is no Debian, so nothing is installed here. Needed: $(packages_of "$1" | tr '\n' ' ')"
		return
	fi
	missing=$(missing_packages "$1" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	echo "missing: $missing"
	if [ "$(id -u)" -ne 0 ]; then
		echo "As root: apt-get update && apt-get install --no-install-recommends $missing" >&2
		exit 1
	fi
	if [ "$2" -eq 0 ] && [ -t 0 ]; then
		read -r -p "Install these packages now? [y/N] " answer
		[[ $answer == [yY]* ]] || die "nothing was installed"
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get -o DPkg::Lock::Timeout=300 -qq update
	# shellcheck disable=SC2086 # a list of words
	apt-get -o DPkg::Lock::Timeout=300 -y -qq --no-install-recommends install $missing >/dev/null
}

# A build that says little: a status line on a terminal, all of it when it fails.
build() { # preset, targets or nothing for all
	local preset=$1 log
	shift
	log=$top/build/$preset.log
	mkdir -p "$top/build"
	if ! (cd "$top" && cmake --preset "$preset") >"$log" 2>&1; then
		cat "$log" >&2
		die "cmake failed"
	fi
	grep -E '^-- .*(not found|left out)' "$log" || true
	if [ -t 1 ]; then
		NINJA_STATUS="building $preset [%f/%t] " cmake --build "$top/build/$preset" ${1:+--target "$@"} || die "the build failed"
	elif ! cmake --build "$top/build/$preset" ${1:+--target "$@"} >"$log" 2>&1; then
		grep -A 40 -m 3 '^FAILED: ' "$log" >&2 || tail -n 40 "$log" >&2
		die "the build failed"
	fi
}
