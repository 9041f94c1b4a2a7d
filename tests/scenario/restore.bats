#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What was lost is brought back into agreement: a register, an adapter and a broker, each restored
# from an older copy while the others have gone on. Nothing is lost and nothing is entered twice.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
	kenya_make
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
}

teardown() {
	ended_all
}

not() { if "$@"; then return 1; fi; }

# file_case NAME: sets $number
file_case() {
	[ -e "$1.json" ] || cp "$DAFTAR_TESTS/data/cases/$1.json" .
	number=$(officer request new --from "$1.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
}

# track NUMBER KEY: once the case has ended
track() {
	officer track "$1" --wait --timeout 60 >/dev/null
	officer track "$1" --json --quiet | jq -r ".$2"
}

# case_ends NAME: filed, and entered in Somalia; sets $number
case_ends() {
	file_case "$1"
	[ "$(track "$number" result)" = Transcribed ]
}

reconciled() { adapter "$1" --json reconcile "${@:2}"; }

@test "a register restored from last week's copy gets its entries back, once" {
	case_ends hodan
	cp -a SO.NIRA/register last-week
	case_ends yuusuf
	second=$number
	[ "$(reconciled SO.NIRA | jq -r .agreed)" = true ]
	[ "$(somalia_entries)" -eq 2 ]

	rm -rf SO.NIRA/register
	mv last-week SO.NIRA/register
	run reconciled SO.NIRA
	[ "$status" -eq 1 ]
	[ "$(jq -r .differences[0].what <<<"$output")" = register-lost ]
	[ "$(somalia_entries)" -eq 1 ]

	# Meanwhile the restored register has given the lost entry's number to another child.
	case_ends selam
	[ "$(track "$number" entryNumber)" = SO-TR-000002 ]
	run reconciled SO.NIRA --mend
	[ "$status" -eq 0 ]
	[ "$(jq -r .register.renumbered <<<"$output")" -eq 1 ]
	[ "$(somalia_entries)" -eq 3 ]
	[ "$(reconciled SO.NIRA --mend | jq -c '[.agreed, .register.agree]')" = '[true,3]' ]
	until_true 30 number_is "$second" SO-TR-000003
	[ "$(somalia_entries)" -eq 3 ]
}

# number_is TRACKING NUMBER: what the officer was told last
number_is() {
	officer sync >/dev/null
	[ "$(officer track "$1" --json --quiet | jq -r .entryNumber)" = "$2" ]
}
