#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Completes the same words in bash, fish and zsh as a person would, with the installed files. A
# shell that is not installed is skipped. Ends with "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
files=$PWD/contrib/completion
passed=0 failed=0 skipped=0

# completes SHELL LINE EXPECTED: passes if completing the line in that shell offers the expected
# words.
completes() {
	local got
	got=$("$1"_words "$2" 2>&1)
	if grep -qE -- "$3" <<<"$got"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL completion: $1: '$2' gave '$got', expected '$3'"
	fi
}

bash_words() {
	bash --norc -c '. "$1/rsttrace.bash"; read -ra COMP_WORDS <<<"$2"
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _rsttrace; echo "${COMPREPLY[@]}"' _ "$files" "$1"
}

fish_words() {
	fish --no-config -c 'source $argv[1]/rsttrace.fish; complete -C $argv[2]' "$files" "$1"
}

# zsh completes only at a terminal: one is made for it, and the line is typed with a tab.
zsh_words() {
	TERM=dumb zsh -fc '
		zmodload zsh/zpty
		zpty z "zsh -fi"
		zpty -w z "PS1= PS2=; unset zle_bracketed_paste; fpath=($1 \$fpath); autoload -Uz compinit; compinit -uD; print rea\${:-}dy"
		zpty -r z out "*ready*"
		zpty -w -n z "$2"$'"'\\t'"'
		zpty -w z " ;print e\${:-}nd"
		zpty -r z out "*end*"
		print -r -- "$out"
		zpty -d z' _ "$files" "$1" | sed 's,\x07,,g; s,\x1b\[[0-9;?]*[A-Za-z],,g'
}

for shell in bash fish zsh; do
	if ! command -v "$shell" >/dev/null; then
		echo "skip completion: no $shell here"
		skipped=$((skipped + 1))
		continue
	fi
	completes "$shell" 'rsttrace --direct' '--direction'
	completes "$shell" 'rsttrace --direction rec' 'received'
	completes "$shell" 'rsttrace --cause linger-zero,close-w' 'linger-zero,close-with-unread'
	completes "$shell" 'rsttrace explain SIGP' 'SIGPIPE'
	completes "$shell" 'rsttrace che' 'check'
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
