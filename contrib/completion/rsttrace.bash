# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Made from the program's tables by "make docs": do not edit.

# compgen's words for what is being typed, $cur
_rsttrace_words()
{
	[[ $1 != -[df] ]] || compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

# words separated by commas: the last one is completed
_rsttrace_list()
{
	local last=${cur##*,}
	mapfile -t COMPREPLY < <(compgen -P "${cur%"$last"}" -W "$1" -- "$last")
}

_rsttrace()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i
	local options=' --pid -p --comm -c --port --lport --rport --addr --netns --cgroup --direction --cause --outcome --suppress --duration -d --count -n --settle --rate --stacks --hooks --config --btf --json --output -o --json-file --confine --append --journal --all --events --record --replay --pcapng --html --junit --metrics --metrics-by --user -u --fail-on-reset --color --quiet -q --verbose -v --by --since --until --ask --compare --top --skew --keep --batch --once --interval --help -h --version -V'
	local commands=' top report explain check'
	local causes=' mptcp-reset socket-killed linger2-timeout close-with-unread listener-closed out-of-memory keepalive-timeout linger-zero disconnect firewall-reject closed-port data-after-close stray-segment data-after-shutdown syn-in-connection accept-queue-overflow bad-syn-cookie bad-handshake-ack user-timeout icmp-unreachable retransmit-timeout injected peer-refused keepalive-race peer-reset-after-fin peer-reset-during-send peer-reset unknown'
	local topics=' mptcp-reset socket-killed linger2-timeout close-with-unread listener-closed out-of-memory keepalive-timeout linger-zero disconnect firewall-reject closed-port data-after-close stray-segment data-after-shutdown syn-in-connection accept-queue-overflow bad-syn-cookie bad-handshake-ack user-timeout icmp-unreachable retransmit-timeout injected peer-refused keepalive-race peer-reset-after-fin peer-reset-during-send peer-reset unknown connect-abandoned after-reset after-error late-ack rejected listener-restarted untranslated handshake-aborted probe close-notify-crossed tls-tickets-unread client-exited slow-reader thrown-away request-timeout idle-timeout refused-on-purpose gave-up server-ended written-after-close early-answer cut-off client-left client-done ECONNRESET EPIPE ECONNREFUSED ETIMEDOUT ECONNABORTED EHOSTUNREACH ENETUNREACH ENOTCONN EBADMSG EACCES EPROTO EHOSTDOWN ENONET ENOPROTOOPT EOPNOTSUPP SIGPIPE NOT_SPECIFIED NO_SOCKET TCP_INVALID_ACK_SEQUENCE TCP_RFC7323_PAWS TCP_TOO_OLD_ACK TCP_ACK_UNSENT_DATA TCP_OLD_ACK TCP_FLAGS TCP_ABORT_ON_DATA TCP_TIMEWAIT_SOCKET INVALID_SYN TCP_ABORT_ON_CLOSE TCP_ABORT_ON_LINGER TCP_ABORT_ON_MEMORY TCP_STATE TCP_KEEPALIVE_TIMEOUT TCP_DISCONNECT_WITH_DATA MPTCP_RST_EUNSPEC MPTCP_RST_EMPTCP MPTCP_RST_ERESOURCE MPTCP_RST_EPROHIBIT MPTCP_RST_EWQ2BIG MPTCP_RST_EBADPERF MPTCP_RST_EMIDDLEBOX ERROR when-reset ignored-reset second-write read-sigpipe zero-read'

	COMPREPLY=()
	# --option=value comes in three words
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--pid|-p|--comm|-c|--port|--lport|--rport|--addr|--netns|--cgroup|--direction|--cause|--outcome|--suppress|--duration|-d|--count|-n|--settle|--rate|--hooks|--config|--btf|--output|-o|--json-file|--record|--replay|--pcapng|--html|--junit|--metrics|--metrics-by|--user|-u|--color|--by|--since|--until|--ask|--top|--skew|--keep|--interval) i=$((i + 1)) ;;
		explain) _rsttrace_words -W "$topics"; return ;;
		check) return ;;
		--)
			if ((i + 1 == COMP_CWORD)); then
				_rsttrace_words -c
			else
				_rsttrace_words -f
			fi
			return ;;
		esac
	done
	case $prev in
	--pid|-p) _rsttrace_words -W "$(cd /proc && echo [0-9]*)" ;;
	--comm|-c)  ;;
	--port)  ;;
	--lport)  ;;
	--rport)  ;;
	--addr)  ;;
	--netns) _rsttrace_words -f ;;
	--cgroup) _rsttrace_words -d ;;
	--direction) _rsttrace_words -W 'sent received' ;;
	--cause) _rsttrace_list "$causes" ;;
	--outcome)  ;;
	--suppress)  ;;
	--duration|-d)  ;;
	--count|-n)  ;;
	--settle)  ;;
	--rate)  ;;
	--hooks) _rsttrace_words -W 'auto fentry tracepoint kprobe' ;;
	--config) _rsttrace_words -f ;;
	--btf) _rsttrace_words -f ;;
	--output|-o) _rsttrace_words -f ;;
	--json-file) _rsttrace_words -f ;;
	--record) _rsttrace_words -f ;;
	--replay) _rsttrace_words -f ;;
	--pcapng) _rsttrace_words -f ;;
	--html) _rsttrace_words -f ;;
	--junit) _rsttrace_words -f ;;
	--metrics)  ;;
	--metrics-by)  ;;
	--user|-u) _rsttrace_words -u ;;
	--color) _rsttrace_words -W 'auto always never' ;;
	--by) _rsttrace_words -W 'cause situation pair process port container unit host kernel addresses source' ;;
	--since)  ;;
	--until)  ;;
	--ask)  ;;
	--top)  ;;
	--skew)  ;;
	--keep)  ;;
	--interval)  ;;
	*) _rsttrace_words -W "$options $commands" ;;
	esac
}

complete -F _rsttrace rsttrace
