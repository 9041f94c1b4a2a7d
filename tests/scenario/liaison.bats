#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The officer's tool: first everything that an office can do with the exchange away, and every way in
# which it says no; then with a real exchange and real registries.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	"$DAFTAR_BUILD/certs/daftar-pki" realm other >other.out
}

setup() {
	cases="$DAFTAR_TESTS/data/cases"
	cd "$BATS_TEST_TMPDIR" || exit
	cp -r "$BATS_FILE_TMPDIR/realm" "$BATS_FILE_TMPDIR/other" .
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office"
}

teardown() {
	[ -z "${home:-}" ] || test_over
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

make_office() {
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0
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

# state NUMBER
state() { daftar track "$1" --json --quiet | jq -r .state; }

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

@test "an office is set up, is the owner's alone, and is healthy without an exchange" {
	run make_office
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"ok    trust"* ]]
	[[ "$output" == *"ok    keys"* ]]
	[[ "$output" == *"ok    spool"* ]]
	[[ "$output" == *"ok    clock"* ]]
	[[ "$output" == *"warn  exchange"* ]]
	[ "$(stat -c %a office)" = 700 ]
	[ "$(stat -c %a office/spool)" = 700 ]
	for f in office/keys/* office/daftar.conf office/spool/data.mdb; do
		[ "$(stat -c %a "$f")" = 600 ]
	done
	[ -z "$(find office -name 'pair-*')" ]
}

@test "setup may be run again, and changes neither office nor operator" {
	make_office
	before=$(cat office/keys/* office/operator.pem | sha256sum)
	ends 0 daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:2 --timeout 0
	[ "$before" = "$(cat office/keys/* office/operator.pem | sha256sum)" ]
	grep -q 127.0.0.1:2 office/daftar.conf
	refused 6 CONFLICT daftar setup --party-dir other/parties/UNHCR.NBO \
		--trust other/trust.xml --operator other/operator.pem --broker tcp://127.0.0.1:2
	[ "$before" = "$(cat office/keys/* office/operator.pem | sha256sum)" ]
}

@test "setup refuses what does not fit together and makes nothing" {
	office=realm/parties/UNHCR.NBO
	refused 9 NO-TRUST daftar setup --party-dir $office --trust other/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1
	refused 4 UNKNOWN-PARTY daftar setup --party-dir other/parties/UNHCR.NBO \
		--trust realm/trust.xml --operator realm/operator.pem --broker tcp://127.0.0.1:1
	refused 1 CONFIG daftar setup --party-dir realm/parties/KE.CRS --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1
	refused 2 USAGE daftar setup --party-dir $office --trust realm/trust.xml \
		--operator realm/operator.pem --broker 127.0.0.1
	refused 9 UNKNOWN-CERT daftar setup --party-dir $office --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 \
		--broker-key other/parties/DAFTAR.HUB/curve.pub
	chmod 644 $office/sign.key
	refused 9 KEY-MODE daftar setup --party-dir $office --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1
	rm $office/sign.key
	refused 9 NO-KEY daftar setup --party-dir $office --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1
	[ ! -e office ]
}

@test "the exchange's key can be held against the trust list" {
	ends 0 daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0 \
		--broker-key realm/parties/DAFTAR.HUB/curve.pub
}

@test "without a home every command says how to get one" {
	for c in "list" "outbox" "sync" "track DFT-0000-0000-0" "doctor" "verify x"; do
		# shellcheck disable=SC2086
		refused 1 CONFIG daftar $c
		[[ "$stderr" == *"next: daftar setup"* ]]
	done
}

@test "a bad line in the configuration is told with file and line" {
	make_office
	echo 'brokre = "x"' >>office/daftar.conf
	refused 1 CONFIG daftar list
	[[ "$stderr" =~ daftar.conf:[0-9]+: ]]
}

@test "a missing certificate has its own code" {
	make_office
	rm office/keys/sign.pem
	refused 9 NO-CERT daftar sync
	ends 1 daftar doctor --timeout 0
	[[ "$output" == *"fail  keys"*"(NO-CERT)"* ]]
}

@test "a draft leaves nothing on the line, and the same paper is the same case" {
	make_office
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	[ "$number" = "$(daftar request new --from "$cases/hodan.json" --quiet)" ]
	[ "$(state "$number")" = draft ]
	[ "$(daftar list --json | wc -l)" -eq 1 ]
	ends 0 daftar outbox
	[ -z "$output" ]
	ends 0 daftar show "$number"
	[[ "$output" == *"Hodan Abdi Warsame"* ]]
	ends 0 daftar track "$number"
	[[ "$output" != *Hodan\ Abdi* ]]
}

@test "filing off line stores the request, says so, and doubles nothing" {
	make_office
	ends 7 daftar request file "$cases/hodan.json" --timeout 1
	[[ "$output" == DFT-*" filed "* ]]
	[[ "$stderr" == *"not sent yet"* ]]
	[[ "$stderr" != *"was sent"* ]]
	number=${output%% *}
	message=$(daftar track "$number" --json | jq -r .message)
	ends 7 daftar request file "$cases/hodan.json" --timeout 0 --json
	[ "$(jq -r .message <<<"$output")" = "$message" ]
	[ "$(jq -r .again <<<"$output")" = true ]
	ends 7 daftar request file "$number" --timeout 0
	[ "$(daftar outbox --json | wc -l)" -eq 1 ]
	ends 7 daftar sync --timeout 1
	refused 5 NOT-FOUND daftar receipt "$number"
	ends 8 daftar track "$number" --wait --timeout 1
}

@test "the particulars are erased here when the request has been filed" {
	make_office
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	ends 7 daftar request file "$number" --timeout 0
	ends 0 daftar show "$number"
	[[ "$output" != *Hodan\ Abdi* ]]
	[[ "$stderr" == *"erased"* ]]
}

@test "many officers at once file one paper once" {
	make_office
	for i in 1 2 3 4; do
		daftar request file "$cases/hodan.json" --timeout 0 >"out$i" 2>"err$i" &
	done
	wait
	[ "$(cat out? | cut -d' ' -f1 | sort -u | wc -l)" -eq 1 ]
	[ "$(daftar outbox --json | wc -l)" -eq 1 ]
}

@test "killed anywhere while filing, it holds one request or none" {
	make_office
	for i in 1 2 3 4 5; do
		sed "s/0412873920/041287391$i/" "$cases/hodan.json" >"case$i.json"
		daftar request file "case$i.json" --timeout 0 >/dev/null 2>&1 &
		pid=$!
		for ((spin = 0; spin < i * 900; spin++)); do :; done
		kill -9 $pid 2>/dev/null || true
		wait $pid || true
		run daftar request file "case$i.json" --timeout 0 --quiet
		[ "$status" -eq 7 ]
	done
	[ "$(daftar outbox --json | jq -r .tracking | sort -u | wc -l)" -eq 5 ]
	[ "$(daftar outbox --json | wc -l)" -eq 5 ]
}

@test "a number is taken in any spelling and its check character is tested here" {
	make_office
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	small=$(tr 'A-Z' 'a-z' <<<"$number" | tr -d '-')
	[ "$(daftar track "$small" --json | jq -r .tracking)" = "$number" ]
	[ "$(daftar track "${small#dft}" --json | jq -r .tracking)" = "$number" ]
	last=${number: -1}
	wrong=${number%?}$([ "$last" = 7 ] && echo 8 || echo 7)
	refused 2 USAGE daftar track "$wrong"
	[[ "$stderr" == *"check character"* ]]
	refused 2 USAGE daftar track nonsense
	# another office's number is well formed, and not ours
	DAFTAR_HOME=$PWD/second
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0
	refused 5 NOT-FOUND daftar track "$number"
}

@test "a case file that is not valid is refused with every fault" {
	make_office
	jq 'del(.consent.validUntil) | .locator.birthDate.calendar = "martian"' \
		"$cases/hodan.json" >bad.json
	refused 3 INPUT daftar request check bad.json
	[[ "$stderr" == *"consent.validUntil"* ]]
	[[ "$stderr" == *"locator.birthDate.calendar"* ]]
	refused 3 INPUT daftar request new --from bad.json
	refused 3 INPUT daftar request file bad.json
	echo '{' >torn.json
	refused 3 INPUT daftar request check torn.json
	head -c 300000 /dev/zero | tr '\0' ' ' >large.json
	refused 3 TOO-LARGE daftar request check large.json
	refused 5 NOT-FOUND daftar request check missing.json
	refused 5 NOT-FOUND daftar request file missing.json
	[ -z "$(daftar list)" ]
}

@test "what the rules forbid is refused before anything is kept" {
	make_office
	jq '.consent.validUntil = "2020-01-31" | .consent.givenOn = "2019-12-01"' \
		"$cases/hodan.json" >late.json
	refused 4 CONSENT daftar request file late.json
	[[ "$stderr" == *P02* ]]
	jq '.consent.givenOn = "2035-12-30"' "$cases/hodan.json" >early.json
	refused 4 CONSENT daftar request file early.json
	jq '.requestedOf = "XX.NONE"' "$cases/hodan.json" >unknown.json
	refused 4 UNKNOWN-PARTY daftar request file unknown.json
	jq '.requestedOf = "SO.NIRA" | .destination = "KE.CRS" | .consent.destination = "KE.CRS"' \
		"$cases/hodan.json" >other-way.json
	run daftar request check other-way.json
	[ "$status" -eq 0 ] || [ "$status" -eq 4 ]
	jq '.consent.purpose = "BIRTH-EXTRACT"' "$cases/hodan.json" >purpose.json
	refused 4 PURPOSE daftar request file purpose.json
	[ -z "$(daftar list)" ]
}

@test "P9: a case that must not be known is refused with advice, and nothing of it is kept" {
	make_office
	jq '.riskClearance = {officer: "NBO-PROT-009", result: "BLOCKED", on: "2026-11-03",
		fearedCountry: ["SO"]}' "$cases/hodan.json" >blocked.json
	jq '.riskClearance = {officer: "NBO-PROT-009", result: "CLEARED", on: "2026-11-03",
		fearedCountry: ["KE"]}' "$cases/hodan.json" >asked.json
	jq '.caseType = "ORIGIN-EXTRACT"' "$cases/hodan.json" >origin.json
	for name in blocked asked origin; do
		refused 4 PROTECTION-BLOCK daftar request file "$name.json"
		[[ "$stderr" == *P04* ]]
		[[ "$stderr" == *"1951 Convention"* ]]
	done
	[ -z "$(daftar list)" ]
	[ -z "$(daftar outbox)" ]
	not grep -qa -e Hodan -e 0412873920 office/spool/data.mdb
}

@test "P6: a child of the office's age of assent has to have been asked" {
	make_office
	ends 0 daftar request check "$cases/hodan.json"
	echo 'assent-age = 2' >>office/daftar.conf
	refused 4 CONSENT daftar request check "$cases/hodan.json"
	[[ "$stderr" == *P01*assent* ]]
	jq '.consent.assent = {on: "2026-10-05", language: "so", witnessedBy: "NBO-0417"}' \
		"$cases/hodan.json" >asked.json
	ends 0 daftar request check asked.json
}

@test "hostile texts do not reach the terminal" {
	make_office
	name=$(printf 'a\033[31mb\342\200\256c.json')
	cp "$cases/hodan.json" "$name"
	number=$(daftar request new --from "$name" --quiet)
	for c in "list --labels" "show $number" "list --labels --json" "show $number --json"; do
		# shellcheck disable=SC2086
		daftar $c >out 2>err
		not grep -q "$(printf '\033')" out err
		not grep -q "$(printf '\342\200\256')" out err
		grep -qi 'u{1b}\|u001b' out
	done
	for c in "list" "list --json" "list --csv" "track $number" "track $number --json"; do
		# shellcheck disable=SC2086
		not grep -q json <(daftar $c) # the file's name may be the child's
	done
	run daftar "$(printf 'x\033[2J')"
	[ "$status" -eq 2 ]
	[[ "$output" != *$'\033'* ]]
}

@test "nothing of the person is in words, errors or the files beside the draft" {
	make_office
	ends 7 daftar request file "$cases/hodan.json" --timeout 1
	[[ "$output$stderr" != *Hodan\ Abdi* ]]
	jq '.locator.birthDate.value = "Hodan"' "$cases/hodan.json" >bad.json
	refused 3 INPUT daftar request file bad.json
	[[ "$stderr" != *Hodan* ]]
}

@test "the same output for programs: one object a line, versioned" {
	make_office
	daftar request file "$cases/hodan.json" --timeout 0 --quiet || [ $? -eq 7 ]
	daftar request new --from "$cases/no-entry.json" --quiet
	daftar list --json | jq -es 'length == 2 and all(.v == 1 and (.tracking | startswith("DFT-")))'
	daftar outbox --json | jq -es 'length == 1 and .[0].v == 1'
	daftar doctor --json --timeout 0 | jq -es 'length >= 5 and all(.result != "fail")'
	daftar codes refusal --json | jq -es 'all(.list == "refusal")'
	run --separate-stderr daftar track DFT-0000-0000-1 --json
	[ "$status" -eq 2 ]
	jq -e '.ok == false and .code == "USAGE" and .exit == 2 and .v == 1' <<<"$output"
}

@test "the command line is read strictly" {
	make_office
	for words in "nonsense" "request" "request nonsense" "track" "track a b" "list a" \
		"list --wait" "request new" "list --timeout" "list --timeout x" \
		"list --timeout -1" "list --nonsense" "list -x" "list --json=1" "a b c d e" \
		"help nonsense"; do
		# shellcheck disable=SC2086
		ends 2 daftar $words
		[[ "$stderr" == *"(USAGE)"* ]]
	done
	ends 2 daftar
	ends 0 daftar help
	[[ "$output" == *"request file"*"sign, encrypt"* ]]
	ends 0 daftar help request file
	[[ "$output" == *"FILE|NUMBER"* ]]
	ends 0 daftar track --help
	[[ "$output" == *"--wait"* ]]
	ends 0 daftar --version
	[[ "$output" == "daftar "* ]]
	number=$(daftar request new --from "$cases/hodan.json" --quiet)
	refused 1 STATE daftar track "$number" --wait
}

@test "codes are explained from the lists that the programs are built with" {
	ends 0 daftar codes
	[[ "$output" == *refusal* ]]
	[[ "$output" == *error* ]]
	ends 0 daftar codes L04
	[[ "$output" == *L04* ]]
	ends 0 daftar codes spool-full
	refused 5 NOT-FOUND daftar codes L99
}

@test "what is no receipt and no message does not verify" {
	make_office
	echo '<e:Receipt xmlns:e="urn:daftar:envelope:1"></e:Receipt>' >receipt.xml
	refused 3 MALFORMED daftar verify receipt.xml
	echo 'hello' >hello.xml
	refused 3 MALFORMED daftar verify hello.xml
	printf '<!DOCTYPE x><x></x>' >dtd.xml
	refused 3 FORBIDDEN-MARKUP daftar verify dtd.xml
	refused 5 NOT-FOUND daftar verify missing.xml
}

@test "a full spool refuses new work with its own code and keeps what it has" {
	make_office
	sed -i 's/^party/spool-size = 2\nparty/' office/daftar.conf
	rm -r office/spool
	status=7 n=0
	while [ "$status" -eq 7 ]; do
		n=$((n + 1))
		sed "s/0412873920/$((1000000000 + n))/" "$cases/hodan.json" >case.json
		run daftar request file case.json --timeout 0
	done
	echo "$output"
	[ "$n" -gt 10 ]
	[ "$status" -eq 1 ]
	[[ "$output" == *"(SPOOL-FULL)"* ]]
	[ "$(daftar outbox --json | wc -l)" -eq $((n - 1)) ]
}

# ---- on line ----

# An exchange of this test's own, and the office set up with its address.
on_line() {
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	export DAFTAR_SQL="$top/adapters/sql"
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	broker_conf
	broker_start
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker "$endpoint"
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

@test "the doctor finds the exchange when it is there" {
	on_line
	ends 0 daftar doctor
	[[ "$output" == *"ok    exchange"*"DAFTAR.HUB answers"* ]]
}

@test "a request earns its receipt, and the same paper the same receipt" {
	on_line
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	[[ "$output" == DFT-*" sent "* ]]
	number=${output%% *}
	[ "$(state "$number")" = sent ]
	daftar receipt "$number" >one.xml
	ends 0 daftar request file "$cases/hodan.json" --json
	jq -e '.again and .state == "sent"' <<<"$output"
	jq -jr .receipt <<<"$output" >two.xml
	cmp one.xml two.xml
	[ "$(ctl status --json | jq .messages)" -eq 1 ]
	ends 0 daftar verify one.xml
	[[ "$output" == *ACCEPTED* ]]
	sed 's/ACCEPTED/COMMITTED/' one.xml >altered.xml
	refused 9 PROOF daftar verify altered.xml
	sed 's/<e:Checkpoint>d/<e:Checkpoint>b/' one.xml >altered.xml
	refused 9 CHECKPOINT daftar verify altered.xml
	[ -z "$(daftar outbox)" ]
}

# says WHO EPOCH RESULT ABOUT: a registry's answer to the request, whatever it is worth
says() {
	"$DAFTAR_BUILD/tests/tools/answer" realm "$1" request.xml "$3" "$4" answer.xml
	"$DAFTAR_BUILD/tests/scenario/speak" "$endpoint" realm/parties/DAFTAR.HUB/curve.pub \
		"realm/parties/$1/curve.key" "hello:$2:1000" WELCOME TRUST submit:answer.xml RECEIPT
	daftar sync
}

unread() { daftar track "$number" --json --quiet | jq -r .unread; }

@test "only the registry that enters a record says that it was entered" {
	on_line
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	daftar receipt "$number" request >request.xml
	says KE.CRS 1 Transcribed request
	[ "$(state "$number")" = sent ]
	[ "$(unread)" = SENDER-MISMATCH ]
	says KE.CRS 2 Refused another
	[ "$(state "$number")" = sent ]
	[ "$(unread)" = NOT-FOUND ]
	says SO.NIRA 1 Transcribed both
	[ "$(state "$number")" = sent ]
	[ "$(unread)" = HEADER-MISMATCH ]
	says SO.NIRA 2 Transcribed another
	[ "$(state "$number")" = transcribed ]
	# What the issuing registry says now comes too late.
	says KE.CRS 3 Refused request
	[ "$(state "$number")" = transcribed ]
	[ "$(unread)" = null ]
}

@test "the issuing registry refuses a request" {
	on_line
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	daftar receipt "$number" request >request.xml
	says KE.CRS 1 Refused request
	[ "$(state "$number")" = refused ]
}

@test "the whole road: filed, tracked, entered, and settled by a signed receipt" {
	on_line
	kenya
	somalia
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	ends 0 daftar track "$number" --wait --timeout 60 --json
	jq -e '.state == "transcribed" and .ended and .by == "SO.NIRA" and
		(.entryNumber | startswith("SO-TR-"))' <<<"$output"
	[ "$(somalia_entries)" -eq 1 ]
	[ "$(daftar list --json | jq -r .state)" = transcribed ]
	daftar receipt "$number" addressee >theirs.xml
	ends 0 daftar verify theirs.xml
	[[ "$output" == *"signed by KE.CRS"*COMMITTED* ]]
	sed 's/<e:To>DAFTAR.HUB/<e:To>DAFTAR.HUC/' theirs.xml >altered.xml
	ends 4 daftar verify altered.xml
	sed 's/COMMITTED/REJECTED/' theirs.xml >altered.xml
	refused 9 SIGNATURE daftar verify altered.xml
	ends 0 daftar sync
	until_true 20 all_committed 4
	ends 0 daftar request file "$cases/hodan.json"
	[[ "$output" == *" transcribed "* ]]
	[ "$(somalia_entries)" -eq 1 ]
}

# all_committed N: so many messages, and each has ended well
all_committed() {
	ctl message list --json | jq -e ".messages | length == $1 and all(.stage == \"COMMITTED\")"
}

@test "a record that is not there is told with its code, and track says that it was refused" {
	on_line
	kenya
	ends 0 daftar request file "$cases/no-entry.json" --timeout 20
	number=${output%% *}
	ends 4 daftar track "$number" --wait --timeout 60
	[[ "$output" == *I01* ]]
	[ "$(state "$number")" = refused ]
}

@test "with other keys than the trust list's nothing is taken, and nothing is lost" {
	on_line
	kenya
	ends 0 daftar request file "$cases/no-entry.json" --timeout 20
	number=${output%% *}
	until_true 30 queued UNHCR.NBO
	cp -r office/keys keys
	cp realm/parties/KE.CRS/encrypt.key realm/parties/KE.CRS/encrypt.pem office/keys/
	refused 9 UNKNOWN-CERT daftar track "$number" --wait --timeout 6
	refused 9 UNKNOWN-CERT daftar sync
	ends 1 daftar doctor --timeout 0
	[[ "$output" == *"fail  keys"*"(UNKNOWN-CERT)"* ]]
	cp keys/* office/keys/
	ends 4 daftar track "$number" --wait --timeout 60
	[[ "$output" == *I01* ]]
}

queued() { ctl party show "$1" --json | jq -e '.queued > 0'; }

@test "what was filed off line is sent when the exchange is back" {
	on_line
	ended daftard
	ends 7 daftar request file "$cases/hodan.json" --timeout 1
	number=${output%% *}
	exchange_returns
	ends 0 daftar sync --timeout 30
	[[ "$output" == "sent 1, "* ]]
	[ "$(state "$number")" = sent ]
	ended daftard
	refused 10 UNREACHABLE daftar sync --timeout 1
}

@test "killed while it waits, the tool has lost nothing" {
	on_line
	kenya
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	number=${output%% *}
	daftar track "$number" --wait >/dev/null 2>&1 &
	waiter=$!
	until_true 30 handled "$number"
	kill -9 $waiter
	wait $waiter || true
	[ "$(state "$number")" = handled ]
	somalia
	ends 0 daftar track "$number" --wait --timeout 60
	[ "$(state "$number")" = transcribed ]
}

handled() { [ "$(state "$1")" = handled ]; }

@test "two tools of one office share the line" {
	on_line
	kenya
	ends 0 daftar request file "$cases/hodan.json" --timeout 20
	first=${output%% *}
	daftar track "$first" --wait >first.out 2>&1 &
	waiter=$!
	until_true 30 handled "$first"
	ends 0 daftar request file "$cases/yuusuf.json" --timeout 20
	second=${output%% *}
	[ "$(state "$second")" != filed ]
	somalia
	wait $waiter
	grep -q transcribed first.out || grep -q Transcribed first.out
}

@test "an old copy of the office is fenced and says so; a new one made from the keys is not" {
	on_line
	cp -r office copy
	ends 0 daftar sync
	ends 0 daftar sync
	DAFTAR_HOME=$PWD/copy refused 1 STALE-EPOCH daftar sync
	rm -r office
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker "$endpoint"
	ends 0 daftar sync
}

@test "a newer trust list is taken over the line, an older one is not" {
	on_line
	ended daftard
	"$DAFTAR_BUILD/certs/daftar-pki" agree realm --from SO.NIRA --to KE.CRS >/dev/null
	exchange_returns
	cp office/trust.xml old.xml
	ends 0 daftar sync
	[[ "$stderr" == *"newer trust list (version 2)"* ]]
	cmp office/trust.xml realm/trust.xml
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust old.xml \
		--operator realm/operator.pem --broker "$endpoint"
	cmp office/trust.xml realm/trust.xml
}

@test "a request that the exchange will never take comes back with its code" {
	on_line
	ended daftard
	ends 7 daftar request file "$cases/hodan.json" --timeout 0
	number=${output%% *}
	# the agreement that it was filed under is gone from the realm's newer list
	"$DAFTAR_BUILD/certs/daftar-pki" revoke realm --party KE.CRS >/dev/null
	exchange_returns
	ends 0 daftar sync --timeout 30
	[ "$(state "$number")" = not-taken ]
	ends 0 daftar outbox
	[[ "$output" == *not-taken*UNKNOWN-PARTY* ]]
}
