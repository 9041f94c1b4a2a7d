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
	mkdir backups
	exchange_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
}

teardown() {
	test_over
}

exchange_conf() {
	broker_conf "$@"
	echo "backup-dir = \"$home/backups\"" >>broker/daftard.conf
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

# number_is TRACKING NUMBER: what the officer was told last
number_is() {
	officer sync >/dev/null
	[ "$(officer track "$1" --json --quiet | jq -r .entryNumber)" = "$2" ]
}

log_has() { grep -q -- "$2" "$home/logs/$1.log"; }

lines_of() { grep -c -- "$2" "$home/logs/$1.log" || true; }

# agreed CODE: its books and the exchange's are the same
agreed() { ctl reconcile show "$1"; }

# spool_from COPY CODE: the spool is lost, after some restarts, and this copy takes its place
spool_from() {
	ended "$2" KILL
	adapter_start "$2"
	ended "$2" KILL
	adapter_start "$2"
	ended "$2" KILL
	rm -rf "$2/spool" "$2/spool.key"
	cp -a "$1" "$2/spool"
	cp -a "$1.key" "$2/spool.key"
	adapter "$2" takeover
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


@test "an adapter restored from an old copy of its spool is brought up to date, and enters nothing twice" {
	case_ends hodan
	adapter SO.NIRA backup "$home/copy" >/dev/null
	case_ends yuusuf
	spool_from copy SO.NIRA
	file_case selam
	adapter_start SO.NIRA
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 3 ]
	until_true 30 agreed SO.NIRA
	[ "$(lines_of SO.NIRA ' entered$')" -eq 3 ]
	[ "$(reconciled SO.NIRA | jq -c '[.agreed, .register.agree]')" = '[true,3]' ]
	[ "$(ctl status --json | jq .stages.COMMITTED)" -eq 12 ]
}

@test "an issuer restored from an old copy knows again what it has sent, and sends nothing twice" {
	case_ends hodan
	adapter KE.CRS backup "$home/copy" >/dev/null
	case_ends yuusuf
	spool_from copy KE.CRS
	file_case selam
	adapter_start KE.CRS
	[ "$(track "$number" result)" = Transcribed ]
	until_true 30 agreed KE.CRS
	[ "$(adapter KE.CRS status --json | jq .spool.out.ended)" -eq 3 ]
	[ "$(somalia_entries)" -eq 3 ]
	[ "$(ctl status --json | jq .messages)" -eq 12 ]
}

@test "a twin of an adapter that still runs is fenced off, and the first goes on" {
	case_ends hodan
	adapter SO.NIRA backup "$home/copy" >/dev/null
	mkdir twin
	sed -e "s|$home/SO.NIRA/spool|$home/twin/spool|" -e "s|$home/SO.NIRA/control.sock|$home/twin/control.sock|" \
		SO.NIRA/adapter.conf >twin/adapter.conf
	cp -a copy twin/spool
	cp -a copy.key twin/spool.key
	ended SO.NIRA
	adapter_start SO.NIRA
	run timeout 60 "$build/adapters/daftar-adapter" -c twin/adapter.conf
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *STALE-EPOCH* || "$output" == *"newer instance"* ]]
	ctl party show SO.NIRA | grep -q '^fenced off *an older copy of this spool'
	[ "$(ctl party list --json | jq -c '[.parties[] | select(.fenced != null) | .code]')" = '["SO.NIRA"]' ]
	case_ends yuusuf
	[ "$(somalia_entries)" -eq 2 ]
}

@test "an exchange restored from a backup compares books before it speaks, and loses nothing" {
	case_ends hodan
	officer receipt "$number" accepted >old-receipt
	ctl backup copy >/dev/null
	case_ends yuusuf
	lost=$number
	case_ends selam
	ended daftard KILL
	rm -rf broker/store
	cp -a backups/copy broker/store
	exchange_conf "$endpoint"
	broker_start
	until_true 60 agreed KE.CRS
	until_true 60 agreed SO.NIRA
	# What waits, and whom somebody has to call, is on every screen.
	until_true 30 waited_for UNHCR.NBO compares false
	ctl status | grep -q 'UNHCR.NBO, which has to compare .*call that office'
	ctl check | grep -A1 'UNHCR.NBO, which has to compare' | grep -q 'reconcile waive UNHCR.NBO'
	waiting=$(ctl message list --to SO.NIRA --state open --json | jq -r '.messages[0].id')
	ctl message show "$waiting" | grep -q 'the office that took the consent, UNHCR.NBO, .*call that office'
	# Set aside, it may be put back; an end that somebody may know better is not offered, and refused.
	ctl message hold "$waiting" --reason 'a test'
	[ "$(ctl message show "$waiting" --json | jq -c .allowed)" = '["release","retry"]' ]
	run ctl message return "$waiting" --reason 'a test'
	[ "$status" -ne 0 ]
	[[ "$output" == *RECONCILING* ]]
	ctl message release "$waiting" --reason 'a test'
	officer sync >/dev/null
	until_true 60 agreed UNHCR.NBO
	# Every message is there again. What travels with a consent waits, also what is new: it may have
	# been withdrawn after the copy was made, and the office has ten minutes to say so.
	until_true 60 stages_are 8 4
	waited_for UNHCR.NBO speaks
	ctl message show "$waiting" | grep -q 'UNHCR.NBO, which has compared its books, and has until'
	[ "$(track "$lost" result)" = Transcribed ]
	another_request hodan
	file_case hodan-again
	until_true 30 stages_are 8 5
	[ "$(lines_of SO.NIRA ' entered$')" -eq 3 ]
	[ "$(somalia_entries)" -eq 3 ]
	[ "$(ctl status --json | jq .generation)" -gt 1 ]
	officer verify old-receipt
	officer receipt "$number" accepted | grep -Eq 'daftar/demo/[0-9]+'
	for party in KE.CRS SO.NIRA UNHCR.NBO; do until_true 60 compared "$party"; done
}

# waited_for CODE DOES [CONNECTED]: since the restore, as status says
waited_for() {
	ctl status --json | jq -e --arg party "$1" --arg does "$2" --arg connected "${3:-}" \
		'.waits_for[] | select(.party == $party and .does == $does and .messages > 0
			and ($connected == "" or (.connected | tostring) == $connected))'
}

# another_request NAME: a case of its own about the same birth, NAME-again
another_request() {
	jq '.consent.id = "3f1c9a52-7d40-4b6e-9a11-5e0c8d2b7fff"' \
		"$DAFTAR_TESTS/data/cases/$1.json" >"$1-again.json"
}

# stages_are COMMITTED ACCEPTED: so many messages each, and none between
stages_are() {
	[ "$(ctl status --json | jq -c '.stages | [.COMMITTED, .ACCEPTED, .DELIVERED]')" = "[$1,$2,0]" ]
}

# compared CODE: once more, and nothing is left
compared() {
	[ "$1" != UNHCR.NBO ] || officer sync >/dev/null
	ctl reconcile show "$1"
}
