#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# One case is cancelled while its consent stands: as a draft, on its way, with a registrar, and when it
# is too late.

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
	new_case
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

new_case() {
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json |
		jq -r .tracking)
}

file_case() { officer request file "$number" >/dev/null; }

registries() {
	kenya_conf automatic
	somalia_conf manual
	adapter_start KE.CRS
	adapter_start SO.NIRA
}

# is CODE ACTION STATE: so does the registry's inbox show that message
is() {
	adapter "$1" inbox --all --json | jq -e --arg a "$2" --arg s "$3" \
		'any(.[]; .action == $a and .state == $s)'
}

# ends STATUS WORD COMMAND...: ends so, and says that
ends() {
	run --separate-stderr "${@:3}" </dev/null
	echo "status $status, wanted $1"
	echo "$output"
	echo "$stderr"
	[ "$status" -eq "$1" ] && [[ "$output$stderr" == *"$2"* ]]
}

state() { officer track "$number" --json --quiet | jq -r .state; }

consent_stands() { [ "$(officer consent list --json --quiet | jq -r .state)" = valid ]; }

@test "a draft is erased, and the same paper is a new case" {
	ends 2 "needs --reason" officer cancel "$number"
	ends 2 "daftar consent withdraw" officer cancel "$number" --reason CONSENT-WITHDRAWN
	ends 2 "daftar codes cancellation" officer cancel "$number" --reason TIRED
	[ "$(state)" = draft ]
	ends 0 erased officer cancel "$number" --reason DUPLICATE
	ends 5 NOT-FOUND officer track "$number"
	ends 5 NOT-FOUND officer cancel "$number" --reason DUPLICATE
	consent_stands
	old=$number
	new_case
	[ "$number" != "$old" ]
	file_case
}

@test "cancelled with the exchange away, it never leaves" {
	ended daftard
	officer request file "$number" --timeout 0 >/dev/null || true
	ends 7 "goes first" officer cancel "$number" --reason REQUEST-CANCELLED --timeout 0
	[ "$(state)" = cancelling ]
	broker_conf "$endpoint"
	broker_start
	officer sync --timeout 10 >/dev/null
	[ "$(state)" = cancelled ]
	[ "$(ctl message list 200 --json |
		jq '[.. | objects | select(.action? == "TranscriptionRequest")] | length')" -eq 0 ]
	consent_stands
}

@test "cancelled while a registrar looks at it: nothing is entered, the consent stands" {
	file_case
	registries
	until_true 30 is SO.NIRA CertifiedExtract waiting
	ends 0 "stays entered" officer cancel "$number" --reason SUBJECT-DECEASED --wait --timeout 60
	[[ "$output" == *"stopped in time"* ]]
	is SO.NIRA CertifiedExtract withdrawn
	ends 1 CONSENT-WITHDRAWN adapter SO.NIRA transcribe "$number"
	[ "$(somalia_entries)" -eq 0 ]
	[ "$(state)" = cancelled ]
	ends 0 "the person has died" officer track "$number"
	consent_stands
	# the same again changes nothing, and the paper of somebody who has died is no new case
	ends 0 cancelled officer cancel "$number" --reason SUBJECT-DECEASED --wait --timeout 60
	old=$number
	new_case
	[ "$number" = "$old" ]
}

@test "what is not wanted any more may be wanted again: a new case under the same consent" {
	file_case
	registries
	until_true 30 is SO.NIRA CertifiedExtract waiting
	ends 0 cancelled officer cancel "$number" --reason REQUEST-CANCELLED --wait --timeout 60
	old=$number
	new_case
	[ "$number" != "$old" ]
	file_case
	until_true 30 is SO.NIRA CertifiedExtract waiting
	ends 0 cancelled officer cancel "$old" --reason REQUEST-CANCELLED --timeout 0
	[ "$(state)" != draft ]
	new=$number
	new_case
	[ "$number" = "$new" ]
	adapter SO.NIRA transcribe "$number" >/dev/null
	[ "$(somalia_entries)" -eq 1 ]
	officer track "$number" --wait --timeout 60 >/dev/null
}

@test "entered, it is too late: told before anything is sent, and by the registry" {
	file_case
	registries
	until_true 30 is SO.NIRA CertifiedExtract waiting
	adapter SO.NIRA transcribe "$number" >/dev/null
	ends 4 TOO-LATE officer cancel "$number" --reason DUPLICATE --wait --timeout 60
	officer track "$number" --wait --timeout 60 >/dev/null
	before=$(ctl message list 200 --json | jq '[.. | objects | select(.action?)] | length')
	ends 4 "not undone" officer cancel "$number" --reason DUPLICATE --wait --timeout 60
	[ "$(ctl message list 200 --json | jq '[.. | objects | select(.action?)] | length')" -eq \
		"$before" ]
	[ "$(somalia_entries)" -eq 1 ]
}

@test "a consent that is withdrawn later stops what was cancelled once only" {
	file_case
	ends 0 cancelled officer cancel "$number" --reason REQUEST-CANCELLED --wait --timeout 60
	ends 0 '' officer consent withdraw "$number" --timeout 10
	[ "$(officer consent list --json --quiet | jq -r .state)" = withdrawn ]
	ends 4 "was withdrawn" officer request file "$number"
}
