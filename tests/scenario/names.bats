#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Names, numbers and places at the officer's desk: what is told, what is refused and why, and that one
# child is not filed twice under two spellings without a word.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	DAFTAR_HOME=office "$DAFTAR_BUILD/liaison/daftar" setup \
		--party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0 >setup.out 2>&1
}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	cp -r "$BATS_FILE_TMPDIR/realm" "$BATS_FILE_TMPDIR/office" .
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office"
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

# ends STATUS COMMAND...
ends() {
	local want=$1
	shift
	run --separate-stderr "$@" </dev/null
	echo "status $status, wanted $want"
	echo "$output"
	echo "$stderr"
	[ "$status" -eq "$want" ]
}

# typed TEXT COMMAND...: the text comes from standard input.
typed() {
	local text=$1
	shift
	run --separate-stderr "$@" < <(printf '%b' "$text")
	echo "$status: $output $stderr"
}

# paper FILTER: a case file, changed by jq.
paper() { jq "$1" "$DAFTAR_TESTS/data/cases/hodan.json" >case.json; }

@test "a number is looked over by what is known of its scheme" {
	ends 0 daftar id check fr-nir "2 95 10 99 126 111 93" --json
	[ "$(jq -r '.normalized+" "+.verdict+" "+.sex+" "+.born+" "+.place' <<<"$output")" = "295109912611193 ok F XX95-10 abroad" ]
	ends 0 daftar id check fr-nir 295109912611194
	[[ "$stderr" == *"check digit does not fit"*"compare it with the paper"* ]]
	ends 0 daftar id check eg-nid 29501023201952 --json
	[ "$(jq -r '.verdict+.checkMark' <<<"$output")" = okX ]
	ends 0 daftar id check ly-nid ١١٩٩٩٠٠٠٠٠١٥ --json
	[ "$(jq -r .normalized <<<"$output")" = 119990000015 ]
	ends 5 daftar id check zz-nid 1
	[[ "$stderr" == *"daftar id list"* ]]
	ends 2 daftar id check fr-nir
}

@test "a number of UNHCR is refused with the reason, and none is left in a shell's memory" {
	typed '123-45C67890\n' daftar id check unhcr-case -
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"asylum"*"P04"* ]]
	[[ "$stderr" == *"safe: "* ]]
}

@test "every scheme is listed with its mark" {
	ends 0 daftar id list --json
	[ "$(jq -rs 'length' <<<"$output")" -ge 25 ]
	[ -z "$(jq -r 'select(.mark | test("^[VBX]$") | not)' <<<"$output")" ]
	ends 0 daftar help identifiers
}

@test "a hostile character is refused by its name and place, without the name" {
	typed 'Hodan\xe2\x80\xae Abdi' daftar name -
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"character 6 is U+202E RIGHT-TO-LEFT OVERRIDE"* ]]
	[[ "$stderr" != *Hodan* ]]
	typed 'Ho\x1b[31mdan' daftar name -
	[ "$status" -eq 3 ]
	[[ "$stderr" == *"U+001B ESCAPE"* ]]
	typed '\xff' daftar name -
	[ "$status" -eq 3 ]
	typed '' daftar name -
	[ "$status" -eq 3 ]
}

@test "a name is told by script, parts and proposals that say their system" {
	ends 0 daftar name "محمد علي" --json
	[ "$(jq -r '.script+" "+(.parts|map(.kind)|join(","))' <<<"$output")" = "Arab given,father" ]
	[ "$(jq -r '.proposals[] | select(.system=="x-icao9303") | .text' <<<"$output")" = "MXHMD ELY" ]
	ends 0 daftar name "ሰላም ተስፋዬ" --json
	jq -e '.proposals[] | select(.system=="am-Latn-t-am-m0-bgn")' <<<"$output"
	ends 0 daftar name "Jean Dupont" --order given-family --json
	[ "$(jq -r '.parts[-1].kind' <<<"$output")" = family ]
	ends 2 daftar name "Jean Dupont" --order family
	ends 0 daftar help names
}

@test "a place is told in both systems of codes" {
	ends 0 daftar place Nairobi --country KE --json
	[ "$(jq -r .code <<<"$output" | paste -sd' ')" = "KE-30 KE047" ]
	ends 0 daftar place ke-01
	[[ "$output" == *Baringo* ]]
	ends 0 daftar place Éthiopie --json
	[ "$(jq -r .code <<<"$output")" = ET ]
	ends 0 daftar place SO --json
	[ "$(jq -r .code <<<"$output" | wc -l)" -gt 100 ]
	ends 5 daftar place Atlantis
	ends 2 daftar place Nairobi --country Kenya
}

@test "a case file with a hostile character says which, where, and never whose" {
	paper '.locator.name[0].full = "Hodan\u202e Abdi Warsame"'
	ends 3 daftar request check case.json
	[[ "$stderr" == *"locator.name[1].full[6]: U+202E RIGHT-TO-LEFT OVERRIDE"* ]]
	[[ "$stderr" != *Hodan* ]]
	paper '.locator.name[0].parts[0].value = "Hodan\u200b"'
	ends 3 daftar request check case.json
	[[ "$stderr" == *"locator.name[1].parts[1].value[6]: U+200B ZERO WIDTH SPACE"* ]]
	paper '.locator.mother = .locator.name | .locator.mother[0].full = "Amina\u0378"'
	ends 3 daftar request new --from case.json
	[[ "$stderr" == *"locator.mother[1].full[6]: U+0378"* ]]
	ends 0 daftar list --json
	[ -z "$output" ]
}

@test "a code of another country is refused, an unknown one looked at again" {
	paper '.locator.birthPlace = {"text":"Ifo","country":"KE","iso":"SO-BN"}'
	ends 3 daftar request check case.json
	[[ "$stderr" == *"locator.birthPlace: the ISO code is one of another country"* ]]
	paper '.locator.birthPlace = {"text":"Ifo","country":"KE","iso":"KE-01","pcode":"KE001"}'
	ends 0 daftar request check case.json
	[[ "$stderr" == *"look again: locator.birthPlace: the two codes seem to mean two places"* ]]
	ends 0 daftar request check case.json --json
	[ "$(jq -r '.warnings | length' <<<"$output")" -ge 1 ]
}

@test "what should be looked at again is told and stops nothing" {
	paper '.locator.name[0].script = "Arab" | .legalBasis = "file 123-45C67890" |
		.locator.name[1].parts = [{"kind":"given","value":"هودن"}]'
	ends 0 daftar request check case.json
	[[ "$stderr" == *"locator.name[1]: its letters are not of the script"* ]]
	[[ "$stderr" == *"locator.name[2]: its parts do not make up"* ]]
	[[ "$stderr" == *"legalBasis: it looks like a number of UNHCR"* ]]
	[[ "$stderr" != *"123-45C67890"* ]]
	paper .
	ends 0 daftar request check case.json
	[[ "$stderr" != *"look again"* ]]
}

@test "letters and their marks are put together before anything is composed" {
	paper '.locator.name[0].full = "H\u00f3dan Abdi Warsame" | .locator.name[0].parts[0].value = "H\u00f3dan"'
	number=$(daftar request new --from case.json)
	paper '.locator.name[0].full = "Ho\u0301dan Abdi Warsame" | .locator.name[0].parts[0].value = "Ho\u0301dan"'
	ends 0 daftar request new --from case.json
	[ "$output" = "$number" ]
}

@test "another case of the same child is told, under another spelling too, and files all the same" {
	paper '.locator.entryNumber = "1" | del(.locator.mother, .locator.father)'
	first=$(daftar request new --from case.json)
	paper '.locator.entryNumber = "2" | .locator.name = [.locator.name[0]] |
		.locator.name[0].full = "HODAN  Abdi Warsame"'
	ends 0 daftar request check case.json
	[[ "$stderr" == *"look again: $first: this case has the same name and day of birth"* ]]
	paper '.locator.entryNumber = "3" | .locator.name = [.locator.name[0]] |
		.locator.name[0].full = "Xodan Cabdi" | .locator.birthDate.value = "2024"'
	ends 0 daftar request new --from case.json --json
	[ "$(jq -r '.warnings[]' <<<"$output" | grep -c "^$first: .*heard alike")" -eq 1 ]
	ends 0 daftar request new --from case.json
	[[ "$stderr" == *"is case"*"already"* ]]
	paper '.locator.entryNumber = "4" | .locator.name = [.locator.name[0]] |
		.locator.name[0].full = "Hibo Abdi Warsame"'
	ends 0 daftar request check case.json
	[[ "$stderr" != *"same child"* ]]
	paper '.locator.entryNumber = "5" | .locator.birthDate = {"value":"2016-05-17",
		"calendar":"gregorian","authored":"17 May 2016","basis":"document"}'
	ends 0 daftar request check case.json
	[[ "$stderr" != *"same child"* ]]
}

@test "what is kept to tell doubles names nobody, and goes with the consent" {
	paper '.locator.entryNumber = "1"'
	number=$(daftar request new --from case.json)
	ends 7 daftar request file "$number" --timeout 0
	run grep -rqaF -e Hodan -e Warsame -e hodan -e هودن -e =Hodan office
	[ "$status" -eq 1 ]
	grep -qaF "alike/" office/spool/data.mdb
	paper '.locator.entryNumber = "2"'
	ends 0 daftar request check case.json
	[[ "$stderr" == *"$number: this case has the same name"* ]]
	daftar consent withdraw "$number" --timeout 0 || true
	run grep -qa "alike/.*$number" office/spool/data.mdb
	[ "$status" -eq 1 ]
}
