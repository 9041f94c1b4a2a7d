#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Consent in the officer's hands: what protects a person is refused before anything is kept or sent,
# a second officer clears what may go after all, and a consent that is withdrawn stops its case, off
# line and on line, as far as it can be stopped.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	second_officer >second.out
}

setup() {
	cases="$DAFTAR_TESTS/data/cases"
	cd "$BATS_TEST_TMPDIR" || exit
	cp -r "$BATS_FILE_TMPDIR/realm" "$BATS_FILE_TMPDIR/second" .
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office"
	today=$(date -u +%F)
}

teardown() {
	[ -z "${home:-}" ] || test_over
}

pki() { "$DAFTAR_BUILD/certs/daftar-pki" "$@"; }

fingerprint() {
	openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr 'A-F' 'a-f'
}

# Another officer of UNHCR.NBO, with keys of the officer's own that the trust list knows too.
second_officer() {
	cp -r realm/parties/UNHCR.NBO second
	pki request second --renew >renew.out
	pki renew realm --request second/next/request.json --answer answer.json \
		--fingerprint "$(sed -n '$s/^ *//p' renew.out)"
	pki accept second --answer answer.json \
		--operator-fingerprint "$(fingerprint realm/operator.pem)"
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

make_office() {
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker "${endpoint:-tcp://127.0.0.1:1}" --timeout 0
}

on_line() {
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	export DAFTAR_SQL="$top/adapters/sql"
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	broker_conf
	broker_start
	make_office
}

kenya() {
	kenya_make
	kenya_conf automatic
	adapter_start KE.CRS
}

somalia() {
	somalia_conf automatic
	adapter_start SO.NIRA
}

exchange_returns() {
	broker_conf "$endpoint"
	broker_start
}

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

# refused STATUS WORD COMMAND...: names the code, what is safe, and why.
refused() {
	local word=$2
	ends "$1" "${@:3}"
	[[ "$stderr" == *"($word)"* ]]
	[[ "$stderr" == *"safe: "* ]]
	[ -z "$output" ]
}

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

state() { daftar track "$1" --json --quiet | jq -r .state; }

# reached NUMBER PARTY: what that registry has said to the stop
reached() {
	daftar track "$1" --json --quiet |
		jq -r --arg p "$2" '.registries[] | select(.party == $p).result'
}

# feared COUNTRY... >FILE: a case whose person fears these, found safe by the first officer
feared() {
	jq --arg on "$today" '.riskClearance = {officer: "NBO-0099", result: "CLEARED", on: $on,
		fearedCountry: $ARGS.positional}' "$cases/hodan.json" --args "$@"
}

# clear NUMBER: the second officer signs
clear() { daftar consent clear "$1" --officer-dir second; }

nothing_is_kept() {
	[ -z "$(daftar list)" ]
	[ -z "$(daftar outbox)" ]
	[ -z "$(daftar consent list)" ]
}

# ---- protection ----

@test "a request to the State of origin is refused before anything is kept or sent" {
	on_line
	jq '.caseType = "ORIGIN-EXTRACT"' "$cases/hodan.json" >extract.json
	for c in "request check extract.json" "request new --from extract.json" \
		"request file extract.json"; do
		# shellcheck disable=SC2086
		refused 4 PROTECTION-BLOCK daftar $c
		[[ "$stderr" == *P04*"article 25"* ]]
		[[ "$stderr" == *"advice: SUBSTITUTE-DOCUMENT"* ]]
		[[ "$stderr" != *Hodan* ]]
	done
	run --separate-stderr daftar request file extract.json --json
	[ "$status" -eq 4 ]
	jq -e '.code == "PROTECTION-BLOCK" and .exit == 4 and .item == "extract.json" and
		(.safe | length > 0) and (.next | length > 0) and
		.advice == "SUBSTITUTE-DOCUMENT"' <<<"$output"
	nothing_is_kept
	[ "$(ctl status --json | jq .messages)" -eq 0 ]
	ends 0 daftar codes SUBSTITUTE-DOCUMENT
}

@test "a case that an officer has blocked is refused like that" {
	make_office
	feared SO | jq '.riskClearance.result = "BLOCKED"' >blocked.json
	refused 4 PROTECTION-BLOCK daftar request new --from blocked.json
	refused 4 PROTECTION-BLOCK daftar request file blocked.json
	nothing_is_kept
}

@test "a feared State's own registry is never asked, whoever has signed" {
	on_line
	feared KE >asked.json
	refused 4 PROTECTION-BLOCK daftar request new --from asked.json
	refused 4 PROTECTION-BLOCK daftar request file asked.json
	nothing_is_kept
	# a draft of before that was found out is not cleared either
	feared SO KE >both.json
	refused 4 PROTECTION-BLOCK daftar request new --from both.json
	nothing_is_kept
	[ "$(ctl status --json | jq .messages)" -eq 0 ]
}

@test "a feared destination waits for a second officer, who signs with a key of his own" {
	on_line
	feared SO >case.json
	refused 4 PROTECTION-BLOCK daftar request file case.json
	nothing_is_kept
	ends 0 daftar request new --from case.json
	number=$output
	[[ "$stderr" == *"daftar consent clear $number"* ]]
	refused 4 PROTECTION-BLOCK daftar request file "$number"
	refused 4 PROTECTION-BLOCK daftar request file case.json
	[ -z "$(daftar outbox)" ]
	[ "$(ctl status --json | jq .messages)" -eq 0 ]
	# the first officer's key is not a second officer's, and neither is a registry's
	refused 4 PROTECTION-BLOCK daftar consent clear "$number" --officer-dir office/keys
	refused 9 UNKNOWN-CERT daftar consent clear "$number" --officer-dir realm/parties/KE.CRS
	refused 4 PROTECTION-BLOCK daftar request file "$number"
	ends 0 clear "$number"
	[ "$output" = "$number cleared" ]
	refused 1 STATE clear "$number"
	ends 0 daftar request file case.json --timeout 20
	[[ "$output" == "$number sent "* ]]
	# on this road the token does not say that anybody feared anything
	daftar receipt "$number" request >sent.xml
	grep -q '<e:ConsentToken ' sent.xml
	not grep -q '<e:Clearance ' sent.xml
	refused 1 STATE clear "$number"
}

@test "a road that demands it is travelled with two signatures on the token" {
	on_line
	pki agree realm --from UNHCR.NBO --to SO.NIRA --clearance --purpose BIRTH-EXTRACT >/dev/null
	pki agree realm --from SO.NIRA --to KE.CRS --action CertifiedExtract --clearance \
		--purpose BIRTH-EXTRACT >/dev/null
	cp realm/trust.xml office/trust.xml
	ended daftard
	exchange_returns
	jq '.requestedOf = "SO.NIRA" | .destination = "KE.CRS" | .consent.destination = "KE.CRS" |
		.consent.purpose = "BIRTH-EXTRACT"' "$cases/hodan.json" >case.json
	refused 4 PROTECTION-BLOCK daftar request file case.json
	number=$(daftar request new --from case.json --quiet)
	refused 4 PROTECTION-BLOCK daftar request file "$number"
	[ "$(ctl status --json | jq .messages)" -eq 0 ]
	ends 0 clear "$number"
	ends 0 daftar request file "$number" --timeout 20
	[[ "$output" == "$number sent "* ]]
	daftar receipt "$number" request >sent.xml
	[ "$(grep -o '<e:Grant \|<e:Clearance ' sent.xml | wc -l)" -eq 2 ]
}

# ---- consents that are kept ----

@test "a consent is recorded once, and case files name it" {
	make_office
	jq '.consent | del(.id, .evidenceDigest)' "$cases/hodan.json" >consent.json
	echo 'a signed form' >form.pdf
	ends 0 daftar consent record --from consent.json --evidence form.pdf
	id=$output
	[ "$(daftar consent show "$id" --json | jq -r .paper.evidenceDigest)" = \
		"$(sha256sum <form.pdf | cut -d' ' -f1)" ]
	[ "$(daftar consent list --json | jq -r .consent)" = "$id" ]
	ends 0 daftar consent list
	[[ "$output" == "$id  valid, expires in "* ]]
	jq --arg id "$id" '.consent = $id' "$cases/hodan.json" >case.json
	ends 7 daftar request file case.json --timeout 0
	number=${output%% *}
	[ "$(daftar consent show "$number" --json | jq -r .consent)" = "$id" ]
	[ "$(daftar consent show "$id" --json | jq -r '.cases[]')" = "$number" ]
	# several at once, and the same again is the same
	jq '.consent' "$cases/selam.json" >two.json
	ends 0 daftar consent record --from two.json
	[ "$(wc -l <<<"$output")" -eq 2 ]
	ends 0 daftar consent record --from two.json --json
	jq -es 'all(.again)' <<<"$output"
	[ "$(daftar consent list --json | wc -l)" -eq 3 ]
}

@test "a consent that is none is not recorded" {
	make_office
	jq '.consent' "$cases/hodan.json" >good.json
	while read -r status code change; do
		jq "$change" good.json >bad.json
		refused "$status" "$code" daftar consent record --from bad.json
		[[ "$stderr" != *SO.NIRA* && "$stderr" != *NBO-* ]]
	done <<-'END'
		3 INPUT del(.language)
		3 INPUT .risksExplained = false
		3 INPUT .noConditionality = false
		3 INPUT del(.evidenceDigest)
		3 INPUT .note = "x"
		4 CONSENT .givenOn = "2035-01-01"
		4 CONSENT .givenOn = "2019-01-01" | .validUntil = "2020-01-01"
		4 CONSENT .subject = "mother" | .givenBy = "father"
		4 UNKNOWN-PARTY .destination = "XX.NONE"
	END
	echo 'another form' >form.pdf
	refused 3 INPUT daftar consent record --from good.json --evidence form.pdf
	refused 5 NOT-FOUND daftar consent record --from good.json --evidence missing.pdf
	echo '{' >torn.json
	refused 3 INPUT daftar consent record --from torn.json
	[ -z "$(daftar consent list)" ]
	ends 0 daftar consent record --from good.json
	jq '.language = "ar"' good.json >other.json
	refused 6 CONFLICT daftar consent record --from other.json
	jq '.consent.language = "ar"' "$cases/hodan.json" >case.json
	refused 6 CONFLICT daftar request file case.json
	jq '.consent = "3f1c9a52-0000-4b6e-9a11-5e0c8d2b7f01"' "$cases/hodan.json" >case.json
	refused 5 NOT-FOUND daftar request file case.json
	[ -z "$(daftar list)" ]
}

@test "all consents of a request are for one destination and purpose" {
	make_office
	jq '.consent[1].purpose = "BIRTH-EXTRACT"' "$cases/selam.json" >case.json
	refused 4 CONSENT daftar request file case.json
	[[ "$stderr" == *P01* ]]
	nothing_is_kept
}

@test "a request ends with its token, and the token with the first consent" {
	make_office
	soon=$(date -u -d '+3 days' +%F)
	jq --arg soon "$soon" '.consent[1].validUntil = $soon' "$cases/selam.json" >case.json
	ends 7 daftar request file case.json --timeout 0
	number=${output%% *}
	daftar receipt "$number" request >sent.xml
	grep -q "validUntil=\"${soon}T23:59:59.999Z\"" sent.xml
	grep -q "<e:ExpiresAt>${soon}T23:59:59.999Z" sent.xml
	[ "$(daftar track "$number" --json --quiet | jq -r .consentUntil)" = "${soon}T23:59:59.999Z" ]
}

@test "whoever finds the laptop reads nothing of a case in its spool" {
	on_line
	kenya
	somalia
	jq '.locator.name[0].full = "Canary Zebrafinch" | .locator.office = "Canary-Office"' \
		"$cases/hodan.json" >Canary-File.json
	daftar request new --from Canary-File.json --quiet
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	ends 0 daftar request file "$number" --timeout 20
	ends 0 daftar track "$number" --wait --timeout 60 --json
	entry=$(jq -r .entryNumber <<<"$output")
	[[ "$entry" == SO-TR-* ]]
	for word in Canary hodan.json Hodan NBO-INT-031 BIRTH-PARENTS parental "$entry"; do
		not grep -aq -- "$word" office/spool/data.mdb
	done
}

@test "after a change of keys the cases are sealed to the new ones" {
	make_office
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	for f in encrypt.key encrypt.pem; do
		mv "office/keys/$f" "office/keys/${f/encrypt/encrypt.old}"
		cp "second/$f" "office/keys/$f"
	done
	cp realm/trust.xml office/trust.xml
	ends 0 daftar show "$number"
	[[ "$output" == *Hodan* ]]
	rm office/keys/encrypt.old.*
	ends 0 daftar show "$number"
	[[ "$output" == *Hodan* ]]
}

# ---- withdrawal ----

@test "a draft is withdrawn here alone, and its consent carries nothing any more" {
	make_office
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	ends 0 daftar consent withdraw "$number" --channel telephone --timeout 0
	[ "$(state "$number")" = withdrawn ]
	[ -z "$(daftar outbox)" ]
	ends 0 daftar show "$number"
	[[ "$output" != *Hodan* ]]
	refused 4 CONSENT-WITHDRAWN daftar request file "$number"
	refused 4 CONSENT-WITHDRAWN daftar request file "$cases/hodan.json"
	refused 4 CONSENT-WITHDRAWN daftar consent hold "$number"
	ends 0 daftar consent list
	[[ "$output" == *"  withdrawn "* ]]
	[ "$(daftar consent list --json | jq -r .channel)" = telephone ]
	ends 0 daftar consent withdraw "$number" --timeout 0
	[ "$(daftar consent list --json | jq -r .channel)" = telephone ]
}

@test "one consent, many cases: all of them stop" {
	make_office
	for i in 1 2 3; do
		sed "s/0412873920/041287391$i/" "$cases/hodan.json" >"case$i.json"
		daftar request new --from "case$i.json" --quiet
	done
	ends 0 daftar consent withdraw "$(jq -r .consent.id "$cases/hodan.json")" --timeout 0
	[ "$(grep -c withdrawn <<<"$output")" -eq 3 ]
	[ "$(daftar list --json | jq -r .state | sort -u)" = withdrawn ]
	# and none begins
	sed "s/0412873920/0412873919/" "$cases/hodan.json" >late.json
	refused 4 CONSENT-WITHDRAWN daftar request check late.json
	refused 4 CONSENT-WITHDRAWN daftar request file late.json
	refused 5 NOT-FOUND daftar consent withdraw 3f1c9a52-0000-4b6e-9a11-5e0c8d2b7f01
	refused 2 USAGE daftar consent withdraw "$(jq -r .consent.id "$cases/hodan.json")" --channel x
}

@test "what was filed and has not left does not leave any more" {
	on_line
	ended daftard
	ends 7 daftar request file "$cases/hodan.json" --timeout 0
	number=${output%% *}
	ends 7 daftar consent withdraw "$number" --timeout 0
	[ "$(daftar outbox --json | jq -r .action | sort -u)" = Cancellation ]
	exchange_returns
	until_true 20 withdrawn "$number"
	[ "$(ctl message list --json | jq -r '.messages[].action' | sort -u)" = Cancellation ]
	[ "$(reached "$number" KE.CRS)" = not-reached ]
}

@test "withdrawn off line, in time: nobody was told, and nobody is" {
	on_line
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	ended daftard
	ends 7 daftar consent withdraw "$number" --timeout 1
	[[ "$output" == *"is not told yet"* ]]
	[ "$(state "$number")" = withdrawing ]
	# what is sent first is the withdrawal, whatever was filed before it
	[ "$(daftar outbox --json | jq -r .action | sort -u)" = Cancellation ]
	exchange_returns
	ends 0 daftar sync --timeout 30
	until_true 20 withdrawn "$number"
	[ "$(reached "$number" KE.CRS)" = not-reached ]
	[ "$(reached "$number" SO.NIRA)" = not-reached ]
	kenya
	somalia
	until_true 20 adapter SO.NIRA status
	[ "$(somalia_entries)" -eq 0 ]
	ends 0 daftar consent withdraw "$number" --timeout 1
	[[ "$output" == *"nothing had reached it"* ]]
}

withdrawn() {
	daftar sync --timeout 10
	[ "$(state "$1")" = withdrawn ]
}

@test "withdrawn before the record is entered: it is not entered" {
	on_line
	kenya
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	until_true 30 waits_for_somalia
	ends 0 daftar consent withdraw "$number" --wait --timeout 60
	[[ "$output" == *"SO.NIRA: nothing had reached it"* ]]
	[ "$(state "$number")" = withdrawn ]
	somalia
	until_true 20 adapter SO.NIRA status
	[ "$(somalia_entries)" -eq 0 ]
	[ "$(ctl party show SO.NIRA --json | jq .queued)" -eq 0 ]
	# Kenya's book has the extract, and does not show it to whoever asks for a comparison
	until_true 20 compared_with_kenya
	jq -e '.agreed and .differences == 0 and .found == {}' compared.json
}

compared_with_kenya() { adapter SO.NIRA reconcile --with KE.CRS --json >compared.json; }

waits_for_somalia() { ctl party show SO.NIRA --json | jq -e '.queued > 0'; }

@test "withdrawn after the record was entered: the registry says TOO-LATE, with the entry" {
	on_line
	kenya
	somalia
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	ends 0 daftar track "$number" --wait --timeout 60
	ends 4 daftar consent withdraw "$number" --wait --timeout 60
	[[ "$output" == *"SO.NIRA: TOO-LATE"*"entry SO-TR-"* ]]
	[ "$(state "$number")" = transcribed ]
	[ "$(reached "$number" SO.NIRA)" = too-late ]
	[ "$(somalia_entries)" -eq 1 ]
	ends 4 daftar consent withdraw "$number" --wait --timeout 60
	[ "$(daftar outbox --json | wc -l)" -eq 0 ]
}

@test "a case is held, and goes on when it is released" {
	on_line
	kenya
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	until_true 30 waits_for_somalia
	ends 0 daftar consent hold "$number" --timeout 20
	[ "$(state "$number")" = frozen ]
	refused 4 PROTECTION-HOLD daftar request file "$number"
	somalia
	until_true 20 adapter SO.NIRA status
	ends 0 daftar sync --timeout 10
	[ "$(somalia_entries)" -eq 0 ]
	ends 0 daftar consent release "$number" --timeout 20
	ends 0 daftar track "$number" --wait --timeout 60
	[ "$(somalia_entries)" -eq 1 ]
}

# ---- two windows, two copies ----

# So many wait for the lock of the cases.
wait_for_lock() {
	[ "$(grep -c -- "-> FLOCK .*:$(stat -c %i office/cases.lock) " /proc/locks)" -eq "$1" ]
}

# together COMMAND --- COMMAND: both read the case before either may change it; the first goes first
together() {
	local first=()
	while [ "$1" != --- ]; do
		first+=("$1")
		shift
	done
	shift
	exec 6<>office/cases.lock
	flock 6
	"${first[@]}" >first.out 2>&1 6>&- 3>&- &
	until_true 20 wait_for_lock 1
	"$@" >second.out 2>&1 6>&- 3>&- &
	until_true 20 wait_for_lock 2
	flock -u 6
	exec 6>&-
	wait
	cat first.out second.out
}

@test "filed in two windows at once, a case can still be stopped" {
	on_line
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	together daftar request file "$number" --timeout 0 --- daftar request file "$number" --timeout 0
	ends 0 daftar sync --timeout 20
	ends 0 daftar consent withdraw "$number" --timeout 20
	until_true 20 withdrawn "$number"
	[ "$(reached "$number" KE.CRS)" = not-reached ]
	kenya
	somalia
	ends 0 daftar sync --timeout 5
	[ "$(somalia_entries)" -eq 0 ]
}

@test "cleared in one window and withdrawn in the other, a case is withdrawn" {
	on_line
	feared SO >case.json
	number=$(daftar request new --from case.json --quiet)
	together daftar consent withdraw "$number" --timeout 0 --- clear "$number"
	grep -q CONSENT-WITHDRAWN second.out
	[ "$(state "$number")" = withdrawn ]
	ends 0 daftar show "$number"
	[[ "$output" != *Hodan* ]]
}

# restored: the office as it was before it filed; the copy that did so is lost
restored() {
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	cp -a office backup
	ends 0 daftar request file "$number" --timeout 20
	rm -rf office
	mv backup office
}

stopped_everywhere() {
	until_true 20 withdrawn "$number"
	[ "$(reached "$number" KE.CRS)" = not-reached ]
	[ "$(reached "$number" SO.NIRA)" = not-reached ]
	kenya
	somalia
	ends 0 daftar sync --timeout 5
	[ "$(somalia_entries)" -eq 0 ]
	[ "$(state "$number")" = withdrawn ]
}

@test "what a lost copy of the office has filed, the restored one stops" {
	on_line
	restored
	ends 0 daftar takeover
	ends 7 daftar consent withdraw "$number" --timeout 0
	[[ "$output" == *"is not told yet"* ]]
	stopped_everywhere
}

@test "what a lost copy has filed is stopped after the books were compared, too" {
	on_line
	restored
	ends 0 daftar takeover
	ends 0 daftar sync --timeout 20
	[ "$(state "$number")" = sent ]
	ends 0 daftar consent withdraw "$number" --timeout 20
	stopped_everywhere
}

@test "what was withdrawn before it was known that a copy was lost is said again" {
	on_line
	restored
	ends 0 daftar consent withdraw "$number" --timeout 0
	ends 0 daftar takeover
	[ "$(state "$number")" = withdrawing ]
	stopped_everywhere
}

@test "an old copy of the office does not say that nobody knows of its drafts" {
	on_line
	restored
	run --separate-stderr daftar consent withdraw "$number" --timeout 20
	echo "$stderr"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *STALE-EPOCH*"daftar takeover"* ]]
	ends 0 daftar takeover
	stopped_everywhere
}

@test "what was filed with keys that have been retired since can be stopped" {
	on_line
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	pki retire realm --party UNHCR.NBO --cert "$(fingerprint office/keys/sign.pem)"
	for f in encrypt.key encrypt.pem; do
		mv "office/keys/$f" "office/keys/${f/encrypt/encrypt.old}"
	done
	cp second/*.key second/*.pem office/keys
	cp realm/trust.xml office/trust.xml
	ended daftard
	exchange_returns
	ends 0 daftar consent withdraw "$number" --timeout 20
	until_true 20 withdrawn "$number"
	[ "$(reached "$number" KE.CRS)" = not-reached ]
	[ "$(reached "$number" SO.NIRA)" = not-reached ]
}

# ---- the ledger ----

@test "the person can be told who has handled the case, when, and under which mandate" {
	on_line
	kenya
	somalia
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	ends 0 daftar track "$number" --wait --timeout 60
	ends 0 daftar show "$number"
	ends 0 daftar ledger "$number" --json
	jq -es 'map(select(.who == "UNHCR.NBO").what) | contains(["drafted", "filed", "shown",
		"outcome opened", "outcome shown", "ledger"])' <<<"$output"
	jq -es 'any(.what == "accepted" and .action == "TranscriptionRequest" and
		.agreement != null and .purpose == "BIRTH-TRANSCRIPTION" and .token != null)' <<<"$output"
	jq -es 'any(.what == "delivered" and .action == "CertifiedExtract" and .who == "SO.NIRA")' \
		<<<"$output"
	jq -es '[.[].at | select(. != null)] | . == sort' <<<"$output"
	not grep -qi 'hodan\|SO-TR-\|0412873920' <<<"$output"
	ends 0 daftar ledger "$number" --csv
	[[ "$output" == '"at","what","who",'* ]]
	[ "$(grep -c '"CertifiedExtract"' <<<"$output")" -ge 3 ]
	# off line the office tells its own part, and says that it is one
	ended daftard
	ends 8 daftar ledger "$number" --timeout 1 --json
	jq -es 'length > 5 and all(.who == "UNHCR.NBO")' <<<"$output"
	[[ "$stderr" == *"could not be asked"* ]]
}
