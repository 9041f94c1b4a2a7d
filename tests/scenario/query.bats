#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Registries ask the office, and each other, about a case: by real programs, across a real exchange.

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
	kenya_conf "${kenya:-automatic}"
	somalia_conf manual
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json |
		jq -r .tracking)
	officer request file "$number" >/dev/null
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

# ends STATUS WORD COMMAND...: ends so, and says that
ends() {
	run --separate-stderr "${@:3}" </dev/null
	echo "status $status, wanted $1"
	echo "$output"
	echo "$stderr"
	[ "$status" -eq "$1" ] && [[ "$output$stderr" == *"$2"* ]]
}

# is CODE ACTION STATE: so does the registry's inbox show that message
is() {
	adapter "$1" inbox --all --json | jq -e --arg a "$2" --arg s "$3" \
		'any(.[]; .action == $a and .state == $s)'
}

# question STATE: so stands the question about the extract
question() {
	adapter SO.NIRA inbox --json | jq -e --arg s "$1" \
		'any(.[]; .action == "CertifiedExtract" and .state == "waiting" and .question == $s)'
}

waits() { until_true 30 is SO.NIRA CertifiedExtract waiting; }

day() { date -u -d "$1" +%F; }

# asks [option...]: Somalia, about the extract
asks() {
	adapter SO.NIRA query "$number" --code MISMATCH --answer-by "$(day '+20 days')" \
		--about b:Birth/b:BirthDate "$@" >asked
}

heard() { officer sync --timeout 20 >/dev/null; }
in_inbox() { officer inbox --json --quiet | jq -es --arg k "$1" 'any(.[]; .kind == $k)'; }
comes() {
	heard
	in_inbox question
}

# sent ACTION: so many of these has the exchange
sent() { ctl message list 200 --json | jq --arg a "$1" '[.. | objects | select(.action? == $a)] | length'; }

no_entry() { [ "$(somalia_entries)" -eq 0 ]; }

@test "asked, answered, entered" {
	waits
	printf 'Is the year 2019 or 2018?\r\nThe scan shows both.\n' |
		tr -d '\r' >question.txt
	asks --question question.txt
	question asked
	not ends 0 '' officer reply "$number"
	until_true 30 comes
	ends 0 "SO.NIRA asks" officer inbox
	[[ "$output" == *"Questions to answer"*"particulars do not agree"*"the date of birth"* ]]
	[[ "$output" != *"2018"* ]]
	ends 0 "Is the year 2019 or 2018?" officer reply "$number"
	[ "$(officer track "$number" --json --quiet | jq -r '.questions[0].code')" = MISMATCH ]
	not grep -qa 'scan shows both' officer/spool/data.mdb SO.NIRA/spool/data.mdb
	printf 'Seen at the office: 2019, family book p. 4' >answer.txt
	printf '%%PDF-1.4 a scan' >scan.pdf
	ends 0 answered officer reply "$number" correct --from answer.txt \
		--document proof-of-birth=scan.pdf
	until_true 30 question answered
	ends 0 "family book p. 4" adapter SO.NIRA show "$number"
	[[ "$output" == *"$(sha256sum scan.pdf | cut -d' ' -f1)"* ]]
	[[ "$output" == *"Is the year 2019 or 2018?"* ]]
	no_entry
	adapter SO.NIRA transcribe "$number" >/dev/null
	[ "$(somalia_entries)" -eq 1 ]
	officer track "$number" --wait --timeout 60 >/dev/null
	not in_inbox question
	ends 0 Finished officer inbox
	ends 0 '' officer inbox
	[[ "$output" != *Finished* ]]
}

@test "asked twice and answered twice, each is one message; another answer is told to be too late" {
	waits
	asks
	asks
	until_true 30 comes
	[ "$(sent Query)" -eq 1 ]
	ends 0 answered officer reply "$number" confirm
	ends 0 "nothing was sent twice" officer reply "$number" confirm
	ends 6 CONFLICT officer reply "$number" cannot
	until_true 30 question answered
	[ "$(sent QueryReply)" -eq 1 ]
	[ "$(adapter SO.NIRA show "$number" --json | jq -r '.questions[0].reply.answer')" = confirm ]
	# and a second question has a number of its own
	asks --code NAME-RULE --question /dev/stdin <<<'Which part is the family name?'
	until_true 30 comes
	ends 0 "family name" officer reply "$number/2"
	ends 0 answered officer reply "$number/2" cannot
}

@test "two officers answer at once: one of them is told that he is too late" {
	waits
	asks
	until_true 30 comes
	officer reply "$number" confirm --timeout 0 >first.out 2>&1 & first=$!
	officer reply "$number" cannot --timeout 0 >second.out 2>&1 & second=$!
	one=0 two=0
	wait "$first" || one=$?
	wait "$second" || two=$?
	echo "$one $two"
	[ "$one/$two" = 7/6 ] || [ "$one/$two" = 6/7 ]
	heard
	until_true 30 question answered
	[ "$(sent QueryReply)" -eq 1 ]
	# what was asked and answered goes when its message is not kept any more
	[ "$(officer track "$number" --json --quiet | jq '.questions | length')" -eq 1 ]
	echo 'keep-days = 0' >>officer/daftar.conf
	heard
	heard
	[ "$(officer track "$number" --json --quiet | jq '.questions | length')" -eq 0 ]
}

@test "the exchange is away, the office is killed: the answer waits and is sent once" {
	waits
	asks
	until_true 30 comes
	ended daftard KILL
	ends 7 "safe in the spool" officer reply "$number" confirm --timeout 0
	(officer reply "$number" confirm --timeout 30 & echo $! >pid && wait) >/dev/null 2>&1 &
	until_true 10 test -s pid
	kill -KILL "$(cat pid)"
	ends 7 "nothing was sent twice" officer reply "$number" confirm --timeout 0
	broker_conf "$endpoint"
	broker_start
	heard
	until_true 30 question answered
	[ "$(sent QueryReply)" -eq 1 ]
}

@test "an adapter that is killed with a question open has it still, and hears the answer" {
	waits
	asks
	ended SO.NIRA KILL
	until_true 30 comes
	ends 0 answered officer reply "$number" confirm
	adapter_start SO.NIRA
	until_true 30 question answered
	asks --code UNREADABLE
	[ "$(adapter SO.NIRA show "$number" --json | jq '.questions | length')" -eq 2 ]
}

@test "P7: of a case that was withdrawn nothing is asked, answered or kept" {
	waits
	asks
	until_true 30 comes
	ends 0 '' officer consent withdraw "$number" --wait --timeout 60
	ends 1 CONSENT-WITHDRAWN asks
	ends 5 NOT-FOUND officer reply "$number" confirm
	not in_inbox question
	[ "$(adapter SO.NIRA show "$(adapter SO.NIRA inbox --all --json |
		jq -r '.[] | select(.action == "CertifiedExtract") | .id')" --json |
		jq '.questions | length')" -eq 0 ]
	no_entry
}

@test "a case that is held is not asked about, and its question not answered, until it is released" {
	waits
	asks
	until_true 30 comes
	officer consent hold "$number" --wait --timeout 60 >/dev/null
	until_true 20 is SO.NIRA CertifiedExtract frozen
	ends 1 PROTECTION-HOLD asks --code TRANSLATION
	ends 1 PROTECTION-HOLD adapter SO.NIRA print "$number" --output held.pdf
	[ ! -e held.pdf ]
	ends 4 PROTECTION-HOLD officer reply "$number" confirm
	in_inbox held
	officer consent release "$number" --wait --timeout 60 >/dev/null
	until_true 20 is SO.NIRA CertifiedExtract waiting
	ends 0 answered officer reply "$number" confirm
	until_true 30 question answered
}

@test "the issuer is asked instead, and its registrar answers; nobody else is" {
	waits
	ends 1 CONSENT-SCOPE asks --to ET.RES
	ends 1 CONSENT-SCOPE asks --to UNHCR.ADD
	asks --to KE.CRS
	until_true 30 is KE.CRS Query waiting
	id=$(adapter KE.CRS inbox --json | jq -r '.[] | select(.action == "Query") | .id')
	ends 0 BirthDate adapter KE.CRS show "$id"
	echo 'as it stands in volume 3' >text
	ends 2 "must be one of" adapter KE.CRS reply "$id" --answer maybe
	ends 0 confirm adapter KE.CRS reply "$id" --answer confirm --text text
	until_true 30 question answered
	ends 0 "volume 3" adapter SO.NIRA show "$number"
	heard
	not in_inbox question
}

@test "what cannot be asked or answered says why" {
	waits
	ends 2 "must be one of" asks --code WHY
	ends 2 "must be a day" asks --answer-by soon
	ends 1 INPUT asks --answer-by 2020-01-01
	ends 2 "must be the path" asks --about '//*[1]'
	printf 'turned \342\200\256 round' >evil
	ends 2 "without controls" asks --question evil
	ends 1 NOT-FOUND adapter SO.NIRA query DFT-0000-0000-0 --code MISMATCH \
		--answer-by "$(day '+9 days')"
	ends 5 NOT-FOUND officer reply "$number"
	asks
	until_true 30 comes
	ends 2 USAGE officer reply "$number" perhaps
	ends 3 INPUT officer reply "$number" confirm --from evil
	ends 3 INPUT officer reply "$number" correct
	ends 3 INPUT officer reply "$number" confirm --document other=evil
	ends 5 NOT-FOUND officer reply "$number/7" confirm
	[ "$(sent QueryReply)" -eq 0 ]
}

# A registry that speaks with its own key: steps of tests/scenario/speak.c
somalia_says() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/SO.NIRA/curve.key" "hello:$((epoch += 1)):0:4" WELCOME TRUST "$@"
}

@test "a registry's hold is told to the office, which alone ends it" {
	epoch=9000000000000000
	waits
	ended SO.NIRA
	officer receipt "$number" request >request.xml
	"$build/tests/tools/letter" realm Cancellation SO.NIRA UNHCR.NBO hold.xml like=request.xml \
		token=request.xml purpose=CASE-HOLD \
		body="$DAFTAR_TESTS/data/valid/cancellation/hold.xml"
	somalia_says submit:hold.xml RECEIPT
	until_true 20 held_by_somalia
	ends 0 "held for the protection of a person by SO.NIRA" officer track "$number"
	[ "$(officer track "$number" --json --quiet | jq -r '.state + .heldBy')" = frozenSO.NIRA ]
	ends 0 "held by SO.NIRA" officer inbox
	ends 0 released officer consent release "$number" --timeout 20
	[ "$(officer track "$number" --json --quiet | jq -r .heldBy)" = null ]
}

held_by_somalia() {
	heard
	in_inbox held
}
