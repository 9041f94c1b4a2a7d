#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Copies, and books: two copies of one spool, the operator's view of comparisons, and who is asked
# for one.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make --name demo
	broker_conf
	broker_start
}

teardown() {
	test_over
}

# speak CODE STEP...: as that party
speak() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/$1/curve.key" "${@:2}"
}

is_connected() { ctl party show "$1" --json | jq -e .connected >/dev/null; }

@test "of two copies of one spool the second to come is fenced off" {
	run speak KE.CRS hello:7:0:0:1 WELCOME TRUST
	[ "$status" -eq 0 ]
	run speak KE.CRS hello:7:0:0:2 REFUSED hello:7:0:0:1 WELCOME
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == *code=STALE-EPOCH*retry=0* ]]
	ended daftard KILL
	broker_conf "$endpoint"
	broker_start
	run speak KE.CRS hello:7:0:0:2 REFUSED
	[[ "${lines[0]}" == *code=STALE-EPOCH* ]]
}

@test "daftarctl says of each party whether it has compared its book" {
	run ctl reconcile show
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *KE.CRS*never* ]]
	[ "$(ctl reconcile show KE.CRS --json | jq -r '.parties | length')" -eq 1 ]
	run ctl reconcile show XX.NONE
	[ "$status" -eq 5 ]
	run ctl reconcile diff
	[ "$status" -eq 2 ]
	run ctl reconcile diff KE.CRS
	[ "$status" -eq 3 ]
	run ctl reconcile closing KE.CRS SO.NIRA
	[ "$status" -eq 5 ]
	[ "$(ctl status --json | jq -r .restored)" = false ]
	[ "$(ctl status --json | jq -r '[.parties[].reconciling] | any')" = false ]
}

@test "a party is tested: away, connected but silent, and with an adapter that works" {
	run ctl party test KE.CRS
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"no; last heard before"*"could not be asked"*"call that office"* ]]
	ctl party cut SO.NIRA --reason trial >/dev/null
	run ctl party test SO.NIRA
	[ "$status" -eq 3 ]
	[[ "$output" == *"it is cut off at this exchange"* ]]
	run ctl party test XX.NONE
	[ "$status" -eq 5 ]
	run ctl party test KE.CRS --wait 0
	[ "$status" -eq 2 ]
	speak UNHCR.NBO hello:1:0:0 WELCOME TRUST RECON wait:go bye >silent 2>&1 3>&- &
	until_true 20 is_connected UNHCR.NBO
	run ctl party test UNHCR.NBO --wait 1
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"yes, since "*"no, within 1."*"its program hangs"* ]]
	: >go
	kenya_make
	kenya_conf automatic
	adapter_start KE.CRS
	until_true 20 is_connected KE.CRS
	run ctl party test KE.CRS
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"yes, a comparison of 0 messages in "*equal*"work"* ]]
	[ "$(ctl party test KE.CRS --json | jq -c '[.verdict, .answered, .took_ms < 30000]')" = '["works",true,true]' ]
}

@test "a party is asked to compare when its operator wants it, and one that is away is named" {
	run ctl reconcile run KE.CRS
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *KE.CRS*"was not reached"* ]]
	speak KE.CRS hello:1:0:0 WELCOME TRUST RECON bye >asked 2>&1 3>&- &
	until_true 20 is_connected KE.CRS
	run ctl reconcile run KE.CRS
	echo "$output"
	[ "$status" -eq 3 ]
	wait
	grep '^RECON' asked
}
