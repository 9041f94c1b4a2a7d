#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Registries on manual: a registrar in Nairobi and one in Mogadishu decide each case with the
# adapter's commands, and nothing happens before they do.

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
	kenya_conf manual
	somalia_conf manual
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

file_case() {
	[ -e "$1.json" ] || cp "$DAFTAR_TESTS/data/cases/$1.json" .
	number=$(officer request new --from "$1.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
}

# another_request NAME: a case of its own about the same birth, NAME-again
another_request() {
	jq '.consent.id = "3f1c9a52-7d40-4b6e-9a11-5e0c8d2b7fff"' \
		"$DAFTAR_TESTS/data/cases/$1.json" >"$1-again.json"
}

track() {
	officer track "$1" --wait --timeout 60 >/dev/null
	officer track "$1" --json --quiet | jq -r ".$2"
}

# waits CODE ACTION: such a message waits for that registrar
waits() {
	adapter "$1" inbox --json | jq -e --arg a "$2" --arg n "$number" \
		'any(.[]; .action == $a and .tracking == $n and .state == "waiting")'
}

# certified NAME: the case is filed, and the registrar in Nairobi has certified it
certified() {
	file_case "$1"
	until_true 30 waits KE.CRS TranscriptionRequest
	adapter KE.CRS certify "$number" >/dev/null
	until_true 30 waits SO.NIRA CertifiedExtract
}

# fails STATUS WORD COMMAND...
fails() {
	run "${@:3}"
	echo "$output"
	[ "$status" -eq "$1" ]
	[[ "$output" == *"$2"* ]]
}

@test "two registrars decide, and the officer holds the outcome" {
	file_case hodan
	until_true 30 waits KE.CRS TranscriptionRequest
	run adapter KE.CRS show "$number"
	echo "$output"
	[[ "$output" == *"entryNumber: 0412873920"* ]]
	[[ "$output" == *"full: Hodan Abdi Warsame"* ]]
	[[ "$output" == *"destination: SO.NIRA"* ]]
	not waits SO.NIRA CertifiedExtract
	adapter KE.CRS certify "$number"
	until_true 30 waits SO.NIRA CertifiedExtract
	[ "$(adapter SO.NIRA show "$number" --json | jq -r .record.sex)" = F ]
	[ "$(adapter SO.NIRA show "$number" --json | jq -r .record.certification.officer)" = \
		"Registrar of Births" ]
	[ "$(somalia_entries)" -eq 0 ]
	adapter SO.NIRA transcribe "$number" | grep -q 'note: SO-TR-000001'
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 1 ]
	fails 1 STATE adapter KE.CRS certify "$(adapter KE.CRS inbox --all --json |
		jq -r '.[] | select(.action == "TranscriptionRequest") | .id')"
}

@test "an entry made by hand keeps its number" {
	certified hodan
	adapter SO.NIRA transcribe "$number" --entry-number 'Vol. 12, 304'
	[ "$(track "$number" entryNumber)" = 'Vol. 12, 304' ]
	[ "$(somalia_entries)" -eq 0 ]
	another_request hodan
	certified hodan-again
	adapter SO.NIRA transcribe "$number"
	[ "$(track "$number" result)" = AlreadyTranscribed ]
	[ "$(track "$number" entryNumber)" = 'Vol. 12, 304' ]
	[ "$(somalia_entries)" -eq 0 ]
}

@test "a register that is a book gets its papers, and the family the outcome" {
	certified hodan
	adapter KE.CRS print "$number" --output request.pdf
	pdftotext -layout request.pdf - | grep -q "Hodan Abdi Warsame"
	adapter SO.NIRA print "$number" --output extract.pdf --languages fr,en
	pdftotext -layout extract.pdf text
	grep -q "Extrait d'acte de naissance" text
	grep -q "0412873920" text
	not grep -q "UNHCR" text
	pdftoppm -r 150 -f 1 -l 1 -png extract.pdf page
	[[ "$(zbarimg --quiet --raw page-1.png 2>/dev/null)" == DFT1:*"$(
		adapter SO.NIRA inbox --json | jq -r '.[0].tracking' | tr -d - | cut -c4-)"* ]]
	adapter SO.NIRA transcribe "$number" --entry-number 1984/77 >/dev/null
	[ "$(track "$number" result)" = Transcribed ]
	officer request print "$number" --to outcome.pdf --languages en,fr --quiet
	pdftotext -layout outcome.pdf - | grep -q "1984/77"
	fails 2 "fr,ar" adapter SO.NIRA print "$number" --languages xx
	fails 1 NOT-FOUND adapter SO.NIRA print DFT-0000-0000-0
}

@test "an extract is refused with its appeal" {
	certified hodan
	fails 1 INPUT adapter SO.NIRA refuse "$number" --code X99
	fails 1 INPUT adapter SO.NIRA refuse "$number" --code L04 --appeal-by tomorrow
	waits SO.NIRA CertifiedExtract
	adapter SO.NIRA refuse "$number" --code L13 --appeal-body 'Supreme Court' \
		--appeal-by 2027-03-01 --explanation 'contradicts entry 12'
	[ "$(track "$number" result)" = Refused ]
	run officer show "$number"
	echo "$output"
	[[ "$output" == *L13* ]]
	[[ "$output" == *"Supreme Court"* ]]
	[[ "$output" == *2027-03-01* ]]
	[ "$(somalia_entries)" -eq 0 ]
}

@test "a request is refused by the issuer" {
	file_case hodan
	until_true 30 waits KE.CRS TranscriptionRequest
	adapter KE.CRS refuse "$number" --code I02
	[ "$(track "$number" result)" = Refused ]
	officer show "$number" | grep -q I02
}

@test "the registrar chooses where the particulars do not" {
	sqlite3 KE.CRS/register.db "INSERT INTO birth_entry (entry_no, office_code, registered_on,
		child_name, child_given, sex, birth_date, birth_place, birth_country)
		SELECT '0421550319', office_code, registered_on, child_name, child_given, sex,
		birth_date, birth_place, birth_country FROM birth_entry
		WHERE entry_no = '0421550318';
		INSERT INTO birth_parent (entry_no, role, full_name)
		SELECT '0421550319', role, full_name FROM birth_parent
		WHERE entry_no = '0421550318'"
	file_case yuusuf
	until_true 30 waits KE.CRS TranscriptionRequest
	fails 1 AMBIGUOUS adapter KE.CRS certify "$number"
	fails 1 RECORD-NOT-FOUND adapter KE.CRS certify "$number" --entry-number 0000000000
	fails 1 RECORD-NOT-FOUND adapter KE.CRS certify "$number" --entry-number 0421550318 \
		--office Mombasa
	waits KE.CRS TranscriptionRequest
	adapter KE.CRS certify "$number" --entry-number 0421550318 --office Garissa
	until_true 30 waits SO.NIRA CertifiedExtract
	[ "$(adapter SO.NIRA show "$number" --json | jq -r .record.entry.number)" = 0421550318 ]
}

@test "a decision outlives the adapter" {
	certified hodan
	exec 8>SO.NIRA/register/.lock
	flock -w 10 8
	fails 1 LOCKED adapter SO.NIRA transcribe "$number"
	ended SO.NIRA KILL
	flock -u 8
	exec 8>&-
	adapter_start SO.NIRA
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 1 ]
}

@test "the control socket is for the adapter's user" {
	[ "$(stat -c %a KE.CRS/control.sock)" = 600 ]
	fails 1 NOT-FOUND adapter KE.CRS show DFT-0000-0000-0
	fails 2 ID adapter KE.CRS show
	fails 2 'no such command' adapter KE.CRS approve x
	ended KE.CRS
	fails 3 'is it running' adapter KE.CRS inbox
}
