#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# A registry and an office that no network reaches: files carried by hand in both directions, twice,
# out of order, altered, to the wrong place; one entry, and everyone is told.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
	broker_conf
	broker_start
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

# From now on nobody but the courier reaches the exchange.
no_network() { endpoint=tcp://127.0.0.1:1; }

log_has() { grep -q -- "$2" "$home/logs/$1.log"; }

lines_of() { grep -c -- "$2" "$home/logs/$1.log" || true; }

# refused STATUS CODE COMMAND...
refused() {
	run "${@:3}"
	echo "$output"
	[ "$status" -eq "$1" ]
	[[ "$output" == *"$2"* ]]
}

# file_case NAME: sets $number; it stays in the office
file_case() {
	[ -e "$1.json" ] || cp "$DAFTAR_TESTS/data/cases/$1.json" .
	number=$(officer request new --from "$1.json" --json | jq -r .tracking)
	officer request file "$number" --timeout 0 >/dev/null || [ $? -eq 7 ]
}

answered() { ctl bundle import "$1" "$2" --json; }

waiting_in() { [ "$(adapter "$1" status --json | jq ".spool.in.$2")" -eq "$3" ]; }

ready_to_send() { [ "$(adapter "$1" status --json | jq .spool.out.filed)" -ge "$2" ]; }

@test "a case goes round by courier alone" {
	no_network
	kenya_make
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
	file_case hodan

	officer bundle export office-1
	answered office-1 office-1.answer >/dev/null
	officer bundle import office-1.answer
	[ "$(officer outbox --json | wc -l)" -eq 0 ]

	adapter KE.CRS export kenya-1
	[ "$(answered kenya-1 kenya-1.answer | jq .done)" = true ]
	[ "$(adapter KE.CRS import kenya-1.answer --json | jq .deliveries)" -eq 1 ]
	until_true 30 ready_to_send KE.CRS 1

	adapter KE.CRS export kenya-2
	answered kenya-2 kenya-2.answer >/dev/null
	adapter KE.CRS import kenya-2.answer >/dev/null
	adapter SO.NIRA export somalia-1
	answered somalia-1 somalia-1.answer >/dev/null
	adapter SO.NIRA import somalia-1.answer >/dev/null
	until_true 30 ready_to_send SO.NIRA 2
	[ "$(somalia_entries)" -eq 1 ]

	adapter SO.NIRA export somalia-2
	answered somalia-2 somalia-2.answer >/dev/null
	adapter SO.NIRA import somalia-2.answer >/dev/null
	officer bundle export office-2
	answered office-2 office-2.answer >/dev/null
	officer bundle import office-2.answer
	[ "$(officer track "$number" --json --quiet | jq -r .result)" = Transcribed ]

	# Everything once more, the newest first: nothing changes.
	for n in 2 1; do
		adapter SO.NIRA import somalia-$n.answer >/dev/null
		adapter KE.CRS import kenya-$n.answer >/dev/null
		officer bundle import office-$n.answer
		answered somalia-$n again-somalia-$n >/dev/null
		answered kenya-$n again-kenya-$n >/dev/null
		answered office-$n again-office-$n >/dev/null
		adapter SO.NIRA import again-somalia-$n >/dev/null
		adapter KE.CRS import again-kenya-$n >/dev/null
		officer bundle import again-office-$n
	done
	until_true 30 waiting_in SO.NIRA taken 0
	[ "$(somalia_entries)" -eq 1 ]
	[ "$(lines_of SO.NIRA ' entered$')" -eq 1 ]
	[ "$(ctl status --json | jq '.stages.COMMITTED + .stages.DELIVERED + .stages.ACCEPTED')" -eq 4 ]
}

@test "a bundle for another, altered, cut off or of another realm is refused, and nothing is heard" {
	no_network
	somalia_conf automatic
	adapter_start SO.NIRA
	officer_setup >/dev/null
	file_case hodan
	officer bundle export office
	messages=$(ctl status --json | jq .messages)

	head -c 900 office >short
	refused 1 INPUT ctl bundle import short answer
	cp office altered
	printf 'X' | dd of=altered bs=1 seek=700 conv=notrunc 2>/dev/null
	refused 1 SIGNATURE ctl bundle import altered answer
	refused 1 INPUT ctl bundle import hodan.json answer
	refused 1 IO ctl bundle import nowhere answer
	[ "$(ctl status --json | jq .messages)" -eq "$messages" ]
	[ ! -e answer ]

	ctl bundle import office answer
	refused 1 IO ctl bundle import office answer # it is there and stays
	refused 1 NOT-ADDRESSEE adapter SO.NIRA import answer
	refused 4 NOT-ADDRESSEE officer bundle import office
	refused 1 STATE officer bundle export office
	officer bundle import answer
	[ "$(officer outbox --json | wc -l)" -eq 0 ]
}

@test "a courier and a line side by side do no harm" {
	kenya_make
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
	cp "$DAFTAR_TESTS/data/cases/hodan.json" .
	number=$(officer request new --from hodan.json --json | jq -r .tracking)
	officer bundle export nothing-yet
	officer request file "$number" >/dev/null
	adapter SO.NIRA export somalia
	answered somalia somalia.answer >/dev/null
	adapter SO.NIRA import somalia.answer >/dev/null
	answered nothing-yet late >/dev/null
	officer track "$number" --wait --timeout 60 >/dev/null
	officer bundle import late
	[ "$(officer track "$number" --json --quiet | jq -r .result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 1 ]
}

@test "after a restore a registry that only a courier reaches is served when the operator says so" {
	mkdir backups
	ended daftard
	echo "backup-dir = \"$home/backups\"" >>broker/daftard.conf
	broker_start
	no_network
	officer_setup >/dev/null
	ctl backup copy >/dev/null
	ended daftard
	rm -rf broker/store
	cp -a backups/copy broker/store
	broker_start
	no_network
	file_case hodan
	officer bundle export one
	answered one one.answer >/dev/null
	officer bundle import one.answer
	[ "$(officer outbox --json | wc -l)" -gt 0 ]
	ctl reconcile waive UNHCR.NBO || [ $? -eq 3 ] # it has not compared, and is not asked to
	refused 1 STATE ctl reconcile waive UNHCR.NBO
	refused 5 NOT-FOUND ctl reconcile waive XX.NONE
	officer bundle export two
	answered two two.answer >/dev/null
	officer bundle import two.answer
	[ "$(officer outbox --json | wc -l)" -eq 0 ]
}

@test "what stops a case is the first that a courier brings" {
	no_network
	officer_setup >/dev/null
	file_case hodan
	officer bundle export one
	answered one one.answer >/dev/null
	officer bundle import one.answer
	stopped=$number
	for i in 4 5 6; do
		sed "s/0412873920/041287391$i/; s/\"3f1c9a52-/\"3f1c9a5$i-/" hodan.json >"case$i.json"
		file_case "case$i"
	done
	officer consent withdraw "$stopped" --timeout 0 || [ $? -eq 7 ]
	officer bundle export two
	grep -a -o '<e:Action>[A-Za-z]*' two | sed 's/.*>//' >actions
	cat actions
	[ "$(sed -n '1p;2p' actions | sort -u)" = Cancellation ]
	[ "$(grep -c TranscriptionRequest actions)" -eq 3 ]
}
