#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What does not get through, and what people do about it: a registry whose adapter dies of one
# message, a channel that is closed, an exchange that is drained. Real processes; what an operator
# types is what is typed here.

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
	echo 'aside-after = 3' >>broker/daftard.conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	officer_setup >/dev/null
}

teardown() {
	touch "$home/enough"
	test_over
}

not() { if "$@"; then return 1; fi; }

# file_case NAME: sets $number
file_case() {
	cp "$DAFTAR_TESTS/data/cases/$1.json" .
	number=$(officer request new --from "$1.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null || [ "$?" -eq 7 ]
	officer sync >/dev/null || [ "$?" -eq 7 ]
}

# request_of NUMBER: the id of the case's request, as the exchange has it
request_of() { ctl message show "$1" --json | jq -r .id; }

ends_as() { [ "$(officer track "$1" --wait --timeout 60 --json --quiet | jq -r .result)" = "$2" ]; }

# brittle: an adapter that dies of what holds the text in the file `poison', started again each time
brittle() {
	mkdir -p hurt
	cp "$build/adapters/daftar-adapter" hurt/
	cp "$build/tests/tools/brittle" hurt/daftar-examiner
	export BRITTLE_EXAMINER=$build/broker/daftar-examiner BRITTLE_POISON=$home/poison
	# shellcheck disable=SC2016
	started watcher bash -c 'while [ ! -e "$1/enough" ]; do
		"$1/hurt/daftar-adapter" -c "$1/KE.CRS/adapter.conf" &
		echo $! >"$1/pids/KE.CRS"
		wait $!
	done' watcher "$home"
}

at_registry() { adapter KE.CRS inbox --json | jq -e --arg id "$1" "any(.[]; .id == \$id and $2)"; }

is_set_aside() { ctl dead list --json | jq -e --arg id "$1" 'any(.messages[]; .id == $id and .code == "NOT-TAKEN")'; }

@test "a message that an adapter dies of is set aside, others flow; mended, it is tried again and entered once" {
	adapter_start SO.NIRA
	file_case hodan
	bad=$number id=$(request_of "$number")
	echo "$id" >poison
	file_case yuusuf
	good=$number
	brittle
	ends_as "$good" Transcribed
	until_true 60 is_set_aside "$id"

	# what the operator finds
	run ctl dead list
	[[ "$output" == *NOT-TAKEN* ]]
	ctl dead list --json | jq -e '.groups[0] | .n == 1 and .last_retry == null and (.ended | not)'
	ctl dead list --json | jq -e '.messages[0] | .aside.code == "NOT-TAKEN" and .aside.by == "" and .turn == "operator"'
	[ "$(ctl status --json | jq .aside)" -eq 1 ]

	# the driver is mended
	rm poison
	ctl dead retry --where code=NOT-TAKEN --json | jq -e '.matches == 1 and .done == false'
	is_set_aside "$id"
	ctl dead retry --where code=NOT-TAKEN --reason 'the driver is mended' --yes
	ends_as "$bad" Transcribed
	[ "$(somalia_entries)" -eq 2 ]
	ctl dead list --json | jq -e '.messages == []'
	not ctl message retry "$id" --reason again
	touch enough
}

@test "a message is set aside by hand, returned to its sender, and filed again" {
	file_case hodan
	returned=$number id=$(request_of "$number")
	ctl message hold "$id" --reason 'the registry asks for it'
	adapter_start KE.CRS
	adapter_start SO.NIRA
	file_case yuusuf
	ends_as "$number" Transcribed
	ctl message show "$id" --json | jq -e '.stage == "ACCEPTED"'
	ctl message return "$id" --reason 'sent to the wrong office'
	ctl message show "$id" --json | jq -e '.stage == "DEAD-LETTER" and .code == "RETURNED"'
	officer sync >/dev/null
	run officer track "$returned"
	[[ "$output" == *RETURNED* && "$output" == *"has ended it"* ]]
	officer codes RETURNED | grep -q 'file it again'
	ctl dead list --json | jq -e '.groups[] | select(.code == "RETURNED") | .ended and .turn == "sender" and
		(.what_next | contains("files it again"))'
	not ctl dead retry "$id" --reason x --yes
	officer track "$returned" | grep -q 'daftar request file FILE'

	# one command files it again; pressed twice it is one message
	again=$(officer request file hodan.json --json | jq -r .tracking)
	[ "$again" != "$returned" ]
	[ "$(officer request file hodan.json --json | jq -r '.tracking + " \(.again)"')" = "$again true" ]
	[ "$(officer request file "$returned" --json | jq -r '.tracking + " \(.again)"')" = "$again true" ]
	ends_as "$again" Transcribed
	[ "$(ctl message list --json | jq --arg n "$again" \
		'[.messages[] | select(.tracking == $n and .action == "TranscriptionRequest")] | length')" -eq 1 ]
	[ "$(somalia_entries)" -eq 2 ]
	officer track "$returned" | grep -q "filed again as $again"
	officer track "$again" | grep -q "in place of $returned"
	[ "$(officer track "$returned" --json | jq -r .filedAgainAs)" = "$again" ]
	[ "$(officer track "$again" --json | jq -r .insteadOf)" = "$returned" ]
}

@test "a closed channel keeps what is new with its sender, and gives what was accepted" {
	adapter_start SO.NIRA
	file_case hodan
	first=$number
	ctl corridor close UNHCR.NBO KE.CRS --reason 'the registry moves'
	file_case yuusuf
	ctl message list --json | jq -e '.messages | length == 1'
	adapter_start KE.CRS
	ends_as "$first" Transcribed
	not ctl corridor close UNHCR.NBO KE.CRS --reason again
	ctl corridor open UNHCR.NBO KE.CRS --reason 'it has moved'
	ends_as "$number" Transcribed
}

@test "an exchange that drains takes nothing new and says when nothing is under way" {
	adapter_start SO.NIRA
	adapter_start KE.CRS
	ctl drain on --reason 'an upgrade'
	file_case hodan
	ctl status --json | jq -e '.draining and .under_way == 0'
	ctl message list --json | jq -e '.messages == []'
	ctl drain off --reason 'it is done'
	ends_as "$number" Transcribed
}

@test "a message that kills the adapter after it was taken is set aside there; tried again, it is certified once" {
	adapter_start SO.NIRA
	sqlite3 KE.CRS/register.db 'PRAGMA legacy_alter_table=ON; ALTER TABLE birth_entry RENAME TO away'
	brittle
	file_case hodan
	bad=$number id=$(request_of "$number")
	until_true 30 at_registry "$id" '.state == "taken"'
	echo "$id" >poison
	sqlite3 KE.CRS/register.db 'PRAGMA legacy_alter_table=ON; ALTER TABLE away RENAME TO birth_entry'
	until_true 60 at_registry "$id" '.state == "aside" and .code == "ADAPTER-DIED" and .deaths == 3'
	file_case yuusuf
	ends_as "$number" Transcribed
	at_registry "$id" '.state == "aside"'

	# what the registrar finds, and does
	run adapter KE.CRS inbox
	[[ "$output" == *"died of it 3 times: retry $id, or refuse it"* ]]
	[ "$(adapter KE.CRS status --json | jq .aside)" -eq 1 ]
	run adapter KE.CRS certify "$id"
	[ "$status" -eq 1 ]
	[[ "$output" == *ADAPTER-DIED*'daftar-adapter retry'* ]]
	rm poison
	adapter KE.CRS retry "$id"
	ends_as "$bad" Transcribed
	[ "$(somalia_entries)" -eq 2 ]
	[ "$(adapter KE.CRS status --json | jq .aside)" -eq 0 ]
	run adapter KE.CRS retry "$id"
	[[ "$output" == *STATE* ]]
	touch enough
}

@test "an extract that was returned is sent again by its registry with one command" {
	adapter_start KE.CRS
	file_case hodan
	until_true 30 extract_is_there
	ctl message hold "$id" --reason 'its addressee moves'
	ctl message return "$id" --reason 'its addressee has moved'
	until_true 20 is_given_back
	run adapter KE.CRS refile "$id" --json
	[ "$status" -eq 0 ]
	adapter KE.CRS refile "$id" --json | diff - <(printf '%s\n' "$output")
	not is_given_back
	adapter_start SO.NIRA
	ends_as "$number" Transcribed
	[ "$(somalia_entries)" -eq 1 ]
}

# sets $id
extract_is_there() {
	id=$(ctl message list --json | jq -r '.messages[] | select(.action == "CertifiedExtract") | .id')
	[ -n "$id" ]
}

is_given_back() { adapter KE.CRS returned --json | jq -e --arg id "$id" 'any(.[]; .id == $id and .note == "RETURNED")'; }
