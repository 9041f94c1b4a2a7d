#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Words that the Tab key completes, in the shells themselves.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	mkdir bin
	ln -s "$DAFTAR_BUILD/liaison/daftar" bin/daftar
	export PATH="$PWD/bin:$PATH" DAFTAR_HOME="$PWD/office" HOME="$PWD"
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0 >setup.out
	daftar request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --quiet >number
}

# in_bash WORD...: what bash offers for the last of them
in_bash() {
	bash -c 'source <(daftar completion bash)
		COMP_WORDS=(daftar "$@") COMP_CWORD=$#
		_daftar
		echo "${COMPREPLY[*]}"' bash "$@"
}

@test "bash completes commands, options, codes and numbers" {
	[ "$(in_bash req)" = request ]
	[[ " $(in_bash request "") " == *" print "* ]]
	[ "$(in_bash request print --lang)" = "--lang --languages" ]
	[[ " $(in_bash cancel x --reason "") " == *" SUBJECT-DECEASED "* ]]
	[ "$(in_bash track DFT)" = "$(cat "$BATS_FILE_TMPDIR/number")" ]
	[ "$(in_bash receipt x e)" = ended ]
	[ "$(in_bash --lang f)" = fr ]
	[[ " $(in_bash help d) " == *" dates "* ]]
	[[ " $(in_bash outbox retry DFT) " == *" $(cat "$BATS_FILE_TMPDIR/number") "* ]]
	[ -z "$(in_bash help setup "")" ]
	[ -z "$(in_bash show x "")" ]
}

@test "fish and zsh are told the same" {
	fish --no-config -c 'source (daftar completion fish | psub); complete -C "daftar request f"' |
		grep -q '^file'
	zsh -f -c 'autoload -Uz compinit; compinit -u -D; source <(daftar completion zsh)
		[[ ${_comps[daftar]} == _daftar ]] && functions _daftar | grep -q "completion next"'
}

@test "every command of the table is offered, and help, manual and completion know the same ones" {
	names=$(sed -n 's/^command //p' "$DAFTAR_TESTS/../liaison/commands.table")
	while read -r first second; do
		[[ " $(in_bash "$first") " == *" $first "* ]]
		[ -z "$second" ] || [[ " $(in_bash "$first" "$second") " == *" $second "* ]]
		daftar help all | grep -q "^  $first${second:+ $second} "
	done <<<"$names"
}

@test "where there is no office nothing is said and nothing fails" {
	DAFTAR_HOME=/nowhere run daftar completion next -- track "" 2>/dev/null
	[ "$status" -eq 0 ]
	run --separate-stderr daftar completion tcsh
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"bash, zsh and fish"* ]]
}
