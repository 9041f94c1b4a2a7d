#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Two registries with real adapters and real registers (SQLite through ODBC, a folder), the exchange
# between them and an officer who asks: one entry for one act, whatever is killed, locked or away.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

# everything [COMMAND...]: the exchange, both registries, the officer; the command changes the
# Kenyan register before anybody has it open
everything() {
	kenya_make
	"$@"
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
}

# file_case NAME: sets $number
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

# track NUMBER KEY: once the case has ended
track() {
	officer track "$1" --wait --timeout 60 >/dev/null
	officer track "$1" --json --quiet | jq -r ".$2"
}

log_has() { grep -q -- "$2" "$home/logs/$1.log"; }

lines_of() { grep -c -- "$2" "$home/logs/$1.log" || true; }

more_lines() { [ "$(lines_of "$1" "$2")" -gt "$3" ]; }

hold_register() {
	exec 8>"$home/SO.NIRA/register/.lock"
	flock -w 10 8
}

free_register() {
	flock -u 8
	exec 8>&-
}

sql() { sqlite3 "$home/KE.CRS/register.db" "$1"; }

# refused_start CODE TEXT COMMAND...: says what is wrong and starts nothing
refused_start() {
	run "${@:3}"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"$2"* ]]
	[ -z "$1" ] || [[ "$output" == *"($1)"* ]]
}

@test "a birth in Kenya is entered in Somalia, and the log names nobody" {
	everything
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(track "$number" entryNumber)" = SO-TR-000001 ]
	# the name as it was entered is the person's: track keeps it back, show tells it
	[ "$(track "$number" enteredAs)" = null ]
	[[ "$(officer show "$number" --json --quiet | jq -r .enteredAs)" != @(null|) ]]
	[ "$(somalia_entries)" -eq 1 ]
	xml=$(echo SO.NIRA/register/new/*.xml)
	grep -q '<b:Number>0412873920</b:Number>' "$xml"
	grep -q '<ds:Signature' "$xml"
	grep -q '"Hodan Abdi Warsame"' SO.NIRA/register/new/*.csv
	for word in Hodan Warsame 0412873920 2024-03-09 SO-TR-000001; do
		not grep -q "$word" logs/*.log
	done
}

# compared CODE N: this adapter's last comparison with the exchange, over N messages, agreed
compared() {
	adapter "$1" status --json | jq -e --argjson n "$2" \
		'.reconciled | .agreed and .elements == $n and .differences == 0'
}

@test "an adapter that comes back compares its book with the exchange, and they agree" {
	everything
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
	ended SO.NIRA KILL
	adapter_start SO.NIRA
	until_true 30 compared SO.NIRA 3
}

@test "a record that is not there is refused to the officer with I01" {
	everything
	file_case no-entry
	[ "$(track "$number" result)" = Refused ]
	officer show "$number" | grep -q I01
	[ "$(somalia_entries)" -eq 0 ]
}

@test "every case of the test data finds its child" {
	everything
	for name in hodan yuusuf selam; do
		file_case "$name"
		[ "$(track "$number" result)" = Transcribed ]
	done
	[ "$(somalia_entries)" -eq 3 ]
}

@test "the same birth asked for again gets the first entry's number" {
	everything
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
	another_request hodan
	file_case hodan-again
	[ "$(track "$number" result)" = AlreadyTranscribed ]
	[ "$(track "$number" entryNumber)" = SO-TR-000001 ]
	[ "$(somalia_entries)" -eq 1 ]
}

@test "killed between claim and entry, it enters once" {
	everything
	hold_register
	file_case hodan
	until_true 30 log_has SO.NIRA ' claimed$'
	ended SO.NIRA KILL
	[ "$(somalia_entries)" -eq 0 ]
	free_register
	adapter_start SO.NIRA
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 1 ]
	[ "$(find SO.NIRA/register/numbers -type f | wc -l)" -eq 1 ]
}

@test "killed as soon as it has entered, it finds its own entry" {
	everything
	for name in hodan yuusuf selam; do
		seen=$(lines_of SO.NIRA ' entered$')
		file_case "$name"
		until_true 30 more_lines SO.NIRA ' entered$' "$seen"
		ended SO.NIRA KILL
		adapter_start SO.NIRA
		[ "$(track "$number" result)" = Transcribed ]
	done
	[ "$(somalia_entries)" -eq 3 ]
	[ "$(find SO.NIRA/register/numbers -type f | wc -l)" -eq 3 ]
}

@test "the issuing adapter is killed with the request in its hands" {
	everything sqlite3 KE.CRS/register.db 'PRAGMA journal_mode=DELETE'
	coproc lock { sqlite3 KE.CRS/register.db; }
	locker=$lock_PID # bash forgets it with the process
	echo 'BEGIN EXCLUSIVE; SELECT 1;' >&"${lock[1]}"
	read -r -u "${lock[0]}" held
	[ "$held" = 1 ]
	file_case hodan
	until_true 30 log_has KE.CRS 'put off code=LOCKED'
	ended KE.CRS KILL
	echo 'COMMIT;' >&"${lock[1]}"
	exec {lock[1]}>&-
	wait "$locker"
	adapter_start KE.CRS
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 1 ]
}

@test "a register that is away is waited for, and what came meanwhile is entered" {
	everything
	mv SO.NIRA/register SO.NIRA/away
	file_case hodan
	first=$number
	file_case yuusuf
	until_true 30 log_has SO.NIRA 'put off code=REGISTER'
	mv SO.NIRA/away SO.NIRA/register
	[ "$(track "$first" result)" = Transcribed ]
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 2 ]
}

@test "an act that came by post is not entered again" {
	everything
	printf '%s\n' 'issuing_country,issuing_office,issuing_entry,entry_number,entered_on' \
		'KE,Nairobi East,0412873920,POST-17,2025-02-03' >SO.NIRA/register/other.csv
	file_case hodan
	[ "$(track "$number" result)" = AlreadyTranscribed ]
	[ "$(track "$number" entryNumber)" = POST-17 ]
	[ "$(somalia_entries)" -eq 0 ]
}

@test "an entry that makes no sense waits for a registrar, nothing is sent" {
	everything
	sql "UPDATE birth_entry SET birth_date = 'in the rains' WHERE entry_no = '0412873920'"
	file_case hodan
	until_true 30 log_has KE.CRS 'waiting for the registrar code=REGISTER-DATA'
	adapter KE.CRS inbox | grep -F "$number " | grep -q ' waiting ' # its last character may be a *
	sql "UPDATE birth_entry SET birth_date = '2024-03-09' WHERE entry_no = '0412873920'"
	adapter KE.CRS certify "$number"
	[ "$(track "$number" result)" = Transcribed ]
}

@test "both sides of a channel sign that a period agrees, and the proof is kept" {
	everything
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
	today=$(date -u +%F)
	run ctl reconcile sign KE.CRS SO.NIRA "$today" --json
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(jq '.closings | length' <<<"$output")" -eq 2 ]
	jq -r '.closings[0].note' <<<"$output" >note
	grep -q "^daftar-closing/1" note
	grep -q "^AGREED" note
	grep -q '^1$' note
	run ctl reconcile sign KE.CRS SO.NIRA 2026-13-01
	[ "$status" -eq 2 ]
	ended KE.CRS
	run ctl reconcile sign KE.CRS SO.NIRA 2026-01
	echo "$output"
	[ "$status" -eq 3 ]
	ctl reconcile closing KE.CRS SO.NIRA | grep -q 'stated by'
}

@test "two registries compare their books end to end" {
	everything
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
	run adapter KE.CRS reconcile --with SO.NIRA --json
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.elements, .differences, .agreed]' <<<"$output")" = '[2,0,true]' ]
	[ "$(adapter SO.NIRA reconcile --with KE.CRS --json | jq .agreed)" = true ]
	run adapter KE.CRS reconcile --with XX.NONE
	[ "$status" -eq 1 ]
	[[ "$output" == *UNKNOWN-PARTY* ]]
}

@test "one spool has one adapter" {
	everything
	refused_start LOCKED 'another process' adapter SO.NIRA
	adapter SO.NIRA status >/dev/null
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
}

@test "a spool is scrubbed and copied while the adapter runs, and a copy says what it is" {
	everything
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
	adapter SO.NIRA scrub | grep -q '^[0-9]* records, all as they were written$'
	adapter SO.NIRA backup copied
	[ "$(stat -c %a copied)" = 700 ]
	for f in copied/data.mdb copied.key; do [ "$(stat -c %a $f)" = 600 ]; done
	[ "$(adapter SO.NIRA --json scrub copied | jq -r .code)" = OK ]
	run adapter SO.NIRA backup copied
	[ "$status" -eq 1 ]
	[[ "$output" == *"(IO)"* ]]
	refused_start NOT-FOUND '' adapter SO.NIRA scrub no-such-folder
	[ ! -e no-such-folder ]
	adapter SO.NIRA status >/dev/null
	ended SO.NIRA
	rm -r SO.NIRA/spool SO.NIRA/spool.key
	mv copied SO.NIRA/spool
	refused_start NO-KEY '' adapter SO.NIRA scrub
	mv copied.key SO.NIRA/spool.key
	adapter SO.NIRA check | grep -q 'spool .*brought back from a backup'
	# one octet of a message, wherever it stands
	at=$(grep -abo 'EncryptedData' SO.NIRA/spool/data.mdb | head -n 1 | cut -d: -f1)
	printf 'X' | dd of=SO.NIRA/spool/data.mdb bs=1 seek="$at" conv=notrunc status=none
	run adapter SO.NIRA scrub
	[ "$status" -eq 1 ]
	[[ "$output" == *"(DAMAGED)"*body* ]]
}

@test "a newer trust list is taken, kept, and used after a restart" {
	everything
	"$build/certs/daftar-pki" resign realm --days 30 >/dev/null
	cp realm/trust.xml newer.xml
	ended daftard
	broker_conf "$endpoint"
	broker_start
	until_true 60 log_has SO.NIRA 'trust list version=2 in force'
	[ "$(adapter SO.NIRA status --json | jq .trust.version)" -eq 2 ]
	ended SO.NIRA
	rm realm/trust.xml
	adapter_start SO.NIRA
	[ "$(adapter SO.NIRA status --json | jq .trust.version)" -eq 2 ]
	cp newer.xml realm/trust.xml
}

@test "what is missing is named, and nothing starts" {
	endpoint=tcp://127.0.0.1:1
	somalia_conf automatic
	keys=realm/parties/SO.NIRA
	mv $keys/sign.pem kept
	refused_start NO-CERT sign.pem adapter SO.NIRA
	run adapter SO.NIRA check
	[ "$status" -eq 1 ]
	[[ "$output" == *"FAILED keys"* ]]
	mv kept $keys/sign.pem
	mv $keys/sign.key kept
	refused_start NO-KEY sign.key adapter SO.NIRA
	mv kept $keys/sign.key
	chmod 644 $keys/sign.key
	refused_start KEY-MODE sign.key adapter SO.NIRA
	chmod 600 $keys/sign.key
	mv $keys/curve.key kept
	refused_start NO-KEY curve.key adapter SO.NIRA
	tr a-z A-Z <kept >$keys/curve.key
	chmod 600 $keys/curve.key
	sed -i s/..$// $keys/curve.key
	refused_start NO-KEY curve.key adapter SO.NIRA
	mv kept $keys/curve.key
	cp realm/parties/KE.CRS/sign.* $keys/
	refused_start UNKNOWN-CERT sign.pem adapter SO.NIRA
	sed -i 's/valid/Valid/' realm/trust.xml
	refused_start NO-TRUST trust.xml adapter SO.NIRA
	rm realm/operator.pem
	refused_start NO-CERT operator.pem adapter SO.NIRA
	[ ! -e SO.NIRA/spool ]
}

@test "a bad configuration line is told with its place" {
	endpoint=tcp://127.0.0.1:1
	somalia_conf automatic
	run adapter SO.NIRA --check-config
	[ "$status" -eq 0 ]
	echo 'colour = "blue"' >>SO.NIRA/adapter.conf
	line=$(wc -l <SO.NIRA/adapter.conf)
	refused_start '' "adapter.conf:$line:" adapter SO.NIRA --check-config
	[ "$status" -eq 4 ]
	[[ "$output" == *colour* ]]
	for wrong in 'decide = "perhaps"' 'party = "somalia"' 'driver = "paper"' \
		'name-rule = "guess"' 'appeal-days = 0' 'broker = "exchange.example"'; do
		somalia_conf automatic
		sed -i "/^${wrong%% *} /d" SO.NIRA/adapter.conf
		echo "$wrong" >>SO.NIRA/adapter.conf
		refused_start '' "${wrong%% *}" adapter SO.NIRA --check-config
		[ "$status" -eq 4 ]
	done
}

@test "every setting and every column is in the manual" {
	endpoint=tcp://127.0.0.1:1
	somalia_conf automatic
	page=$top/doc/man/daftar-adapter.conf.5.scd
	for name in $(adapter SO.NIRA --check-config --verbose | sed -n 's/^\([a-z-]*\) = .*/\1/p'); do
		grep -q "\*$name\*" "$page" || { echo "no $name"; false; }
	done
	for name in $(sed -n 's/^COLUMN("\([^"]*\)".*/\1/p' "$top/adapters/column.def"); do
		grep -q "^|  $name\$" "$page" || { echo "no $name"; false; }
	done
	for option in $("$build/adapters/daftar-adapter" --help | grep -o -- '--[a-z-]*'); do
		grep -q -- "\*$option\*" "$top/doc/man/daftar-adapter.8.scd" || { echo "no $option"; false; }
	done
}
