#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# A consent is withdrawn, or a case is put on hold, while it waits for a registrar, while a register
# does not answer, and while the registry is off line: what is not in the register never comes there.

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
	officer_setup >/dev/null
	file_case
}

teardown() {
	test_over
}

file_case() {
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json |
		jq -r .tracking)
	officer request file "$number" >/dev/null
}

# registries KENYA SOMALIA: automatic or manual
registries() {
	kenya_conf "$1"
	somalia_conf "$2"
	adapter_start KE.CRS
	adapter_start SO.NIRA
}

# is CODE ACTION STATE: so does the registry's inbox show that message
is() {
	adapter "$1" inbox --all --json | jq -e --arg a "$2" --arg s "$3" \
		'any(.[]; .action == $a and .state == $s)'
}

# says STATUS WORD COMMAND...
says() {
	run "${@:3}"
	echo "$output"
	[ "$status" -eq "$1" ] && [[ "$output" == *"$2"* ]]
}

no_entry() {
	[ "$(somalia_entries)" -eq 0 ]
	[ "$(adapter SO.NIRA status --json | jq .register.fromAbroad)" -eq 0 ]
}

@test "P7: withdrawn while it waits for the registrar, it can not be entered" {
	registries automatic manual
	until_true 30 is SO.NIRA CertifiedExtract waiting
	says 0 SO.NIRA officer consent withdraw "$number" --wait --timeout 60
	is SO.NIRA CertifiedExtract withdrawn
	says 1 CONSENT-WITHDRAWN adapter SO.NIRA transcribe "$number"
	says 1 CONSENT-WITHDRAWN adapter SO.NIRA transcribe "$number" --entry-number H-1
	[ "$(officer track "$number" --json --quiet | jq -r .state)" = withdrawn ]
	no_entry
}

@test "P7: withdrawn while the request waits in Nairobi, nothing is certified" {
	registries manual automatic
	until_true 30 is KE.CRS TranscriptionRequest waiting
	says 0 SO.NIRA officer consent withdraw "$number" --wait --timeout 60
	is KE.CRS TranscriptionRequest withdrawn
	says 1 CONSENT-WITHDRAWN adapter KE.CRS certify "$number"
	[ "$(adapter SO.NIRA inbox --all --json | jq length)" -eq 0 ]
	no_entry
}

@test "P7: claimed for a register that is away: the withdrawal waits for its word, and wins" {
	mkdir -p "$home/SO.NIRA/register"
	exec 8>"$home/SO.NIRA/register/.lock"
	flock -w 10 8
	registries automatic automatic
	until_true 30 is SO.NIRA CertifiedExtract claimed
	mv "$home/SO.NIRA/register" "$home/SO.NIRA/away"
	officer consent withdraw "$number" --timeout 5 || true
	until_true 20 is SO.NIRA Cancellation taken
	is SO.NIRA CertifiedExtract frozen
	mv "$home/SO.NIRA/away" "$home/SO.NIRA/register"
	flock -u 8
	exec 8>&-
	until_true 60 is SO.NIRA CertifiedExtract withdrawn
	says 0 SO.NIRA officer consent withdraw "$number" --wait --timeout 60
	no_entry
}

@test "P7: entered by the registrar, it is too late, and nothing changes" {
	registries automatic manual
	until_true 30 is SO.NIRA CertifiedExtract waiting
	adapter SO.NIRA transcribe "$number" >/dev/null
	officer track "$number" --wait --timeout 60 >/dev/null
	says 4 TOO-LATE officer consent withdraw "$number" --wait --timeout 60
	[ "$(somalia_entries)" -eq 1 ]
	says 0 '"lost":0' adapter SO.NIRA reconcile --json
}

@test "P7: withdrawn while both registries are off line, it reaches neither" {
	says 0 SO.NIRA officer consent withdraw "$number" --wait --timeout 60
	registries automatic automatic
	until_true 20 adapter SO.NIRA status
	[ "$(adapter SO.NIRA inbox --all --json | jq length)" -eq 0 ]
	[ "$(adapter KE.CRS inbox --all --json | jq length)" -eq 0 ]
	no_entry
}

@test "a case on hold waits, for the registrar too, until it is released" {
	registries automatic manual
	until_true 30 is SO.NIRA CertifiedExtract waiting
	officer consent hold "$number" --wait --timeout 60
	until_true 20 is SO.NIRA CertifiedExtract frozen
	says 1 PROTECTION-HOLD adapter SO.NIRA transcribe "$number"
	no_entry
	officer consent release "$number" --wait --timeout 60
	until_true 20 is SO.NIRA CertifiedExtract waiting
	adapter SO.NIRA transcribe "$number" >/dev/null
	officer track "$number" --wait --timeout 60 >/dev/null
	[ "$(somalia_entries)" -eq 1 ]
}

# A registry that never says TAKEN, and speaks with its own key: steps of tests/scenario/speak.c
somalia_speaks() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/SO.NIRA/curve.key" "$@"
}

somalia_holds() {
	"$build/tests/tools/letter" realm Cancellation SO.NIRA KE.CRS hold.xml like=extract.xml \
		token=extract.xml purpose=CASE-HOLD body="$DAFTAR_TESTS/data/valid/cancellation/hold.xml"
	somalia_speaks "hello:$1:99:0" WELCOME TRUST submit:hold.xml RECEIPT
}

# The extract, and the office's releases, which Somalia leaves.
waits_for_somalia() { ctl party show SO.NIRA --json | jq -e --argjson n "$1" '.queued == $n'; }

@test "a registry puts a case on hold and tells nobody: the office's release lets it go on, each time" {
	kenya_conf automatic
	adapter_start KE.CRS
	until_true 30 waits_for_somalia 1
	somalia_speaks hello:1:0:4 WELCOME TRUST DELIVER keep:extract.xml
	for epoch in 2 3; do
		somalia_holds "$epoch"
		waits_for_somalia $((epoch - 2))
		says 0 released officer consent release "$number" --timeout 20
		waits_for_somalia "$epoch"
	done
}

# brought_back: the registry is what it was when `backup' was made, and its newer spool is lost
brought_back() {
	ended SO.NIRA
	rm -rf SO.NIRA
	mv backup SO.NIRA
	adapter SO.NIRA takeover
}

waiting_and_backed_up() {
	registries automatic manual
	until_true 30 is SO.NIRA CertifiedExtract waiting
	ended SO.NIRA
	cp -a SO.NIRA backup
	adapter_start SO.NIRA
}

@test "P7: what a registry has promised not to enter, it does not enter after a restore" {
	waiting_and_backed_up
	says 0 SO.NIRA officer consent withdraw "$number" --wait --timeout 60
	is SO.NIRA CertifiedExtract withdrawn
	brought_back
	# nothing is entered before the books were compared
	ended daftard
	adapter_start SO.NIRA
	says 1 PROTECTION-HOLD adapter SO.NIRA transcribe "$number"
	broker_conf "$endpoint"
	broker_start
	until_true 60 is SO.NIRA CertifiedExtract withdrawn
	says 1 CONSENT-WITHDRAWN adapter SO.NIRA transcribe "$number"
	no_entry
}

@test "what was put on hold is on hold after a restore" {
	waiting_and_backed_up
	officer consent hold "$number" --wait --timeout 60
	until_true 20 is SO.NIRA CertifiedExtract frozen
	brought_back
	adapter_start SO.NIRA
	until_true 60 is SO.NIRA CertifiedExtract frozen
	says 1 PROTECTION-HOLD adapter SO.NIRA transcribe "$number"
	no_entry
	officer consent release "$number" --wait --timeout 60
	until_true 20 is SO.NIRA CertifiedExtract waiting
	adapter SO.NIRA transcribe "$number" >/dev/null
	[ "$(somalia_entries)" -eq 1 ]
}
