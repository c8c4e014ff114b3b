#!/usr/bin/env bash
# includes.sh [TREE]: who may include whom. Prints file:line and the rule for each violation; exit status 1 if any.
#
#	core     base <- {io, flow} <- host; io and flow do not know each other; only host knows exchanges/ (its stand-in venue)
#	sdk      nothing but itself
#	exchanges, plugins   nothing of core/, and no venue of another's folder
set -u
top=${1:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$top" || exit 1

find core sdk exchanges plugins -name '*.[ch]' -not -path 'sdk/abi/*' 2>/dev/null | sort | xargs -r awk '
function bad(rule) { printf "%s:%d: includes \"%s\": %s\n", FILENAME, FNR, what, rule; violations++ }
FNR == 1 {
	split(FILENAME, part, "/")
	layer = part[1]
	if (layer == "core")
		layer = part[2] ~ /\.[ch]$/ ? "host" : part[2]
}
/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
	what = $0
	sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", what)
	sub(/[>"].*/, "", what)
	split(what, to, "/")
	target = what ~ /\// ? to[1] : ""
	if (target == "core")
		target = to[2]
	if (what ~ /(^|\/)\.\.(\/|$)/)
		bad("a path with .. hides where it leads")
	else if (layer == "base" && target ~ /^(io|flow|host|sim|exchanges|plugins)$/)
		bad("base knows no other part of the core")
	else if (layer == "io" && target ~ /^(flow|host|sim|exchanges|plugins)$/)
		bad("io knows base alone")
	else if (layer == "flow" && target ~ /^(io|host|sim|exchanges|plugins)$/)
		bad("flow knows base alone")
	else if (layer == "host" && target == "plugins")
		bad("the host reaches plugins through the ABI only")
	else if (layer == "sdk" && target ~ /^(base|io|flow|host|core|sim|exchanges|plugins)$/)
		bad("the SDK stands alone")
	else if (layer ~ /^(exchanges|plugins)$/ && target ~ /^(base|io|flow|host|core)$/)
		bad("nothing outside the core includes from it")
	else if (layer == "flow" && what ~ /^(dlfcn\.h|sys\/socket\.h|netinet\/|ev\.h|curl\/|openssl\/|libwebsockets)/)
		bad("flow has no sockets and no dlopen")
}
END { exit violations > 0 }
'
