# completion.bash: completes aqctl in bash: source it, or install it as bash-completion/completions/aqctl.
# (zsh: autoload -U bashcompinit && bashcompinit, then source it.)
#
# Verbs, what they take, and the names of instances, accounts and options come from the running host that the words on the
# line name, so nothing is completed that it does not know; without a host only our own flags are. A host that does not
# answer is not waited for longer than two seconds, unless -t is on the line.
# shellcheck shell=bash

# One member of each row of an answer; a row is a line.
_aqctl_rows() { # first member, verb
	"${_aqctl_host[@]}" --json "$2" 2>/dev/null | sed -n 's/^{"'"$1"'":"\([^"]*\)".*/\1/p'
}

# What a verb takes, as the host writes it for people.
_aqctl_help() { # verb: what the host says of it, its flags among that
	"${_aqctl_host[@]}" --json help 2>/dev/null | sed -n '/^{"verb":"'"$1"'",/p'
}

_aqctl_arguments() { # verb
	"${_aqctl_host[@]}" --json help 2>/dev/null | sed -n 's/^{"verb":"'"$1"'","arguments":"\([^"]*\)".*/\1/p'
}

_aqctl_venues() {
	"${_aqctl_host[@]}" --json instances 2>/dev/null | sed -n 's/^{"instance":"\([^"]*\)","kind":"exchange".*/\1/p'
}

# The live options of an instance.
_aqctl_options() { # instance
	"${_aqctl_host[@]}" --json params "$1" 2>/dev/null | sed -n 's/^{"option":"\([^"]*\)",.*"live":"live".*/\1=/p'
}

# What stands behind `store`: a store, what it is asked for, one of its tables.
_aqctl_store() { # words behind the verb
	case $# in
	0) _aqctl_rows store store ;;
	1) echo tables describe count find export ;;
	2) [ "$2" = tables ] || "${_aqctl_host[@]}" --json store "$1" tables 2>/dev/null | sed -n 's/^{"table":"\([^"]*\)".*/\1/p' ;;
	esac
}

# Words, flags aside, that may stand in an argument of this description.
_aqctl_choices() { # description, words behind the verb
	local description=$1
	shift
	if [[ $description == *KEY=VALUE* ]]; then
		[ $# -ge 1 ] || { _aqctl_rows instance instances; return; }
		_aqctl_options "$1"
	fi
	if [[ $description == *NAME* ]]; then # and then words of the person
		[ $# -ge 1 ] || { _aqctl_rows instance instances; _aqctl_rows account status; echo host; }
		return
	fi
	[[ $description != *INSTANCE* || $description == *KEY=VALUE* ]] || _aqctl_rows instance instances
	[[ $description != *ORDER* ]] || _aqctl_rows order orders
	[[ $description != *ACCOUNT* ]] || _aqctl_rows account status
	[[ $description != *VENUE* ]] || _aqctl_venues
	[[ $description != *host* ]] || echo host
	[[ $description != *NAME* || $# -ge 1 ]] || printf '%s\n' host $(_aqctl_rows instance instances) $(_aqctl_rows account status)
}

_aqctl() {
	local word=${COMP_WORDS[COMP_CWORD]} at=1 verb="" choices
	local _aqctl_host=("${COMP_WORDS[0]/#\~/$HOME}" -t 2)
	COMPREPLY=()
	while [ "$at" -lt "$COMP_CWORD" ] && [ -z "$verb" ]; do
		case ${COMP_WORDS[at]} in
		-S | -d | -t)
			at=$((at + 1))
			_aqctl_host+=("${COMP_WORDS[at - 1]}" "${COMP_WORDS[at]/#\~/$HOME}")
			;;
		--width) at=$((at + 1)) ;;
		-*) ;;
		*) verb=${COMP_WORDS[at]} ;;
		esac
		at=$((at + 1))
	done
	if [ -z "$verb" ] && [ "$at" -gt "$COMP_CWORD" ]; then # the value of one of our own flags
		[ "${COMP_WORDS[at - 2]}" != -S ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
		[ "${COMP_WORDS[at - 2]}" != -d ] || mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
	fi
	if [ -n "$verb" ] && [[ $word == -* ]]; then
		choices=$(_aqctl_help "$verb" | grep -o -e '--[a-z][a-z]*')
	elif [ -n "$verb" ]; then
		if [ "$verb" = store ]; then
			choices=$(_aqctl_store "${COMP_WORDS[@]:at:COMP_CWORD-at}")
		else
			choices=$(_aqctl_choices "$(_aqctl_arguments "$verb")" "${COMP_WORDS[@]:at:COMP_CWORD-at}")
		fi
	elif [[ $word == -* ]]; then
		choices="-S -d -a -t -w -h --json --width --help"
	else
		choices=$(_aqctl_rows verb help)
	fi
	mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
	[[ ${COMPREPLY[*]-} != *= ]] || compopt -o nospace 2>/dev/null # a value follows
}

complete -F _aqctl aqctl
