#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Words of daftarctl that the Tab key completes, in the shells themselves; codes and ids come from the
# exchange that runs, and nothing is said when none does.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	mkdir bin
	ln -s "$DAFTAR_BUILD/broker/daftarctl" bin/daftarctl
}

setup() {
	export PATH="$BATS_FILE_TMPDIR/bin:$PATH"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) home=$BATS_TEST_TMPDIR
	export build=$DAFTAR_BUILD
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
}

teardown() {
	test_over
}

# in_bash WORD...: what bash offers for the last of them
in_bash() {
	bash -c 'source <(daftarctl completion bash)
		COMP_WORDS=(daftarctl "$@") COMP_CWORD=$#
		_daftarctl
		echo "${COMPREPLY[*]}"' bash "$@"
}

@test "every command of the table is offered, and help and completion know the same ones" {
	all=$(daftarctl help all)
	while read -r first second; do
		daftarctl completion next -- "$first" | grep -q "^$first	"
		[ -z "$second" ] || daftarctl completion next -- "$first" "$second" | grep -q "^$second	"
		[[ "$all" == *"  $first${second:+ $second} "* ]]
	done < <(sed -n 's/^command //p' "$top/broker/commands.table")
}

@test "bash completes options and the words of closed lists" {
	[ "$(in_bash --so)" = --socket ]
	[[ " $(in_bash message find --) " == *" --state "*" --until "* ]]
	[ "$(in_bash message find --state h)" = held ]
	[ "$(in_bash dead retry --where c)" = code= ]
	[ "$(in_bash drain o)" = "on off" ]
	[ "$(in_bash completion f)" = fish ]
	[[ " $(in_bash help st) " == *" status "* ]]
}

@test "codes and ids come from the exchange that runs" {
	realm_make
	broker_conf
	broker_start
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
	on=(--socket "$home/broker/control.sock")
	[ "$(in_bash "${on[@]}" party show S)" = SO.NIRA ]
	[ "$(in_bash "${on[@]}" reconcile sign KE.CRS SO)" = SO.NIRA ]
	[ "$(in_bash "${on[@]}" cert list --party KE)" = KE.CRS ]
	# a number that a shell would obey is not offered
	[[ "$number" == *[*$]* ]] || [ "$(in_bash "${on[@]}" message show "${number:0:8}")" = "$number" ]
}

@test "fish and zsh are told the same" {
	fish --no-config -c 'source (daftarctl completion fish | psub); complete -C "daftarctl party s"' |
		grep -q '^show'
	zsh -f -c 'autoload -Uz compinit; compinit -u -D; source <(daftarctl completion zsh)
		[[ ${_comps[daftarctl]} == _daftarctl ]] && functions _daftarctl | grep -q "completion next"'
}

@test "where nothing runs nothing is said and nothing fails" {
	run --separate-stderr daftarctl completion next -- party show ""
	[ "$status" -eq 0 ]
	[ -z "$output" ] && [ -z "$stderr" ]
	run --separate-stderr daftarctl completion tcsh
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"bash, zsh and fish"* ]]
}
