#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What is wrong is refused with its own code and sentence, and nothing else is disturbed: a running
# exchange with real registries, messages made wrong by tests/tools/forge, and peers that say what
# they are told (tests/scenario/speak).

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
	broker_conf
	mkdir bad
}

teardown() {
	test_over
}

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

forge() { "$build/tests/tools/forge" realm "$@"; }

registries() {
	kenya_make
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
}

# speak CODE STEP...: as that party, which has kept so many notices
kept=0
speak() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/$1/curve.key" "hello:1:$kept:0" WELCOME TRUST "${@:2}" >answers
	local ended=$?
	sed -i 1,2d answers
	cat answers
	return "$ended"
}

# told CODE RETRY SENTENCE LINE: the line is a refusal, and exactly this one
told() {
	[[ $4 == REFUSED\ *" code=$1 retry=$2 text=\"$3\" "* ]]
}

id_of() { sed -n 's/.*<e:MessageId>\([^<]*\)<.*/\1/p' "$1"; }

digest_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

# stored: everything that the exchange keeps, in one line
stored() {
	ctl message list 200 --json | jq -cS .
	ctl status --json | jq -cS '[.messages, .queued, .stages, .log_size, .examination.quarantined]'
	ctl party list --json | jq -cS '[.parties[] | [.party, .queued]]'
}

helpers() { ctl status --json | jq -cS '[.children[] | [.name, .pid]]'; }

stage_is() { # ID STAGE
	[ "$(ctl message show "$1" --json | jq -r '.timeline[-1].stage')" = "$2" ]
}

entries_are() { [ "$(somalia_entries)" -eq "$1" ]; }

exchange_returns() {
	broker_conf "$endpoint"
	broker_start
}

# good_case NAME: the officer's, from filing to the entry
good_case() {
	local number
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/$1.json" --json |
		jq -r .tracking)
	# A party whose message was set aside waits a little: then the tool sends while it tracks.
	officer request file "$number" >/dev/null || [ $? -eq 7 ]
	officer track "$number" --wait --timeout 60 >/dev/null
	[ "$(officer track "$number" --json --quiet | jq -r .result)" = Transcribed ]
}

# ---- messages ----

@test "each bad message has its own code and sentence, and nothing else is disturbed" {
	broker_start
	registries
	forge pair .
	speak UNHCR.NBO submit:one.xml RECEIPT
	until_true 60 stage_is "$(id_of one.xml)" COMMITTED
	until_true 60 entries_are 1
	until_true 60 all_ended
	before=$(stored) pids=$(helpers) refused=$(all_refused)
	kept=2 # DELIVERED and COMMITTED

	forge messages bad >rows
	steps=()
	while read -r name _; do steps+=("submit:bad/$name.xml" REFUSED); done <rows
	[ "${#steps[@]}" -gt 100 ]
	speak UNHCR.NBO "${steps[@]}" >/dev/null
	[ "$(wc -l <answers)" -eq "$(wc -l <rows)" ]
	while read -r name code retry sentence && read -r answer <&3; do
		echo "$name: wanted $code, got $answer"
		told "$code" "$retry" "$sentence" "$answer"
	done <rows 3<answers

	[ "$(stored)" = "$before" ]
	[ "$(helpers)" = "$pids" ]
	ctl status --json | jq .refused
	[ "$(($(all_refused) - refused))" -eq "$(wc -l <rows)" ]
	alive daftard
	alive KE.CRS
	alive SO.NIRA
	good_case yuusuf
	[ "$(somalia_entries)" -eq 2 ]
}

all_refused() {
	ctl status --json | jq '[.refused[]] | add // 0'
}

all_ended() {
	ctl message list 200 --json | jq -e '(.messages | length) == 4 and
		all(.messages[]; .stage == "COMMITTED" or .to == "UNHCR.NBO")'
}

@test "a refusal names the message as far as it could be read" {
	broker_start
	forge messages bad >rows
	speak UNHCR.NBO submit:bad/wrong-realm.xml REFUSED submit:bad/altered.xml REFUSED \
		submit:bad/words.xml REFUSED
	mapfile -t line <answers
	[[ ${line[0]} == *" id=$(id_of bad/wrong-realm.xml) "* ]]
	[[ ${line[1]} == *" id=$(id_of bad/altered.xml) "* ]]
	[[ ${line[2]} == *" id=00000000-0000-0000-0000-000000000000 "* ]]
}

@test "what the exchange cannot see the addressee refuses with its code, and goes on" {
	broker_start
	registries
	forge sealed bad >rows
	while read -r name code _; do
		speak UNHCR.NBO "submit:bad/$name.xml" RECEIPT
		id=$(id_of "bad/$name.xml")
		until_true 60 stage_is "$id" REJECTED
		kept=$((kept + 2)) # DELIVERED and REJECTED
		echo "$name: wanted $code"
		ctl message show "$id" --json | tee shown
		[ "$(jq -r '.timeline[-1].code' shown)" = "$code" ]
	done <rows
	[ "$(somalia_entries)" -eq 0 ]
	good_case hodan
	[ "$(somalia_entries)" -eq 1 ]
}

@test "two messages with one id: the first stands, both digests are named, also after kill -9" {
	broker_start
	forge pair .
	one=$(digest_of one.xml) two=$(digest_of two.xml)
	[ "$(id_of one.xml)" = "$(id_of two.xml)" ]
	[ "$one" != "$two" ]
	speak UNHCR.NBO submit:one.xml RECEIPT keep:first submit:two.xml REFUSED CONFIRM \
		submit:one.xml RECEIPT keep:second
	kept=1 # the notice of the conflict
	mapfile -t line <answers
	told CONFLICT 0 "stored=$one offered=$two" "${line[1]}"
	cmp first second
	ended daftard KILL
	exchange_returns
	speak UNHCR.NBO submit:two.xml REFUSED submit:one.xml RECEIPT keep:third
	mapfile -t line <answers
	told CONFLICT 0 "stored=$one offered=$two" "${line[0]}"
	cmp first third
	[ "$(ctl status --json | jq .messages)" -eq 1 ]
}

alarmed() {
	adapter KE.CRS status --json | jq -e --arg a "conflict/$1" '.alarms == [$a]'
}

officer_alarmed() {
	officer sync --timeout 5
	officer doctor | grep -q "warn  alarm .*conflict/$1"
}

@test "two messages with one id are an alarm for both sides" {
	broker_start
	registries
	forge pair .
	speak UNHCR.NBO submit:one.xml RECEIPT submit:two.xml ~REFUSED # it may be delivered in between
	id=$(id_of one.xml)
	until_true 30 alarmed "$id"
	grep -q "$id conflict from=UNHCR.NBO to=KE.CRS stands=$(digest_of one.xml)" logs/KE.CRS.log
	run adapter KE.CRS check
	[ "$status" -eq 1 ]
	[[ "$output" == *"FAILED alarm "*"conflict/$id"* ]]
	officer_setup
	until_true 30 officer_alarmed "$id"
}

# ---- the wire ----

@test "frames that are not DXP/1 are refused, and the peer may go on" {
	broker_start
	forge pair .
	run "$build/tests/scenario/speak" "$endpoint" realm/parties/DAFTAR.HUB/curve.pub \
		realm/parties/UNHCR.NBO/curve.key submit:one.xml REFUSED hello:1:0:0 WELCOME TRUST \
		frames:DXP2,BYE REFUSED frames:DXP1,submit,x REFUSED frames:DXP1,SUBMIT, REFUSED \
		frames:DXP1,SUBMIT,a,b REFUSED frames:DXP1,BYE,1,2,3,4,5,6 REFUSED \
		submit:one.xml RECEIPT
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *code=NOT-READY\ retry=1* ]]
	[[ ${lines[3]} == *code=VERSION\ retry=0* ]]
	for i in 4 5 6 7; do [[ ${lines[$i]} == *code=WIRE\ retry=0* ]]; done
	[[ ${lines[8]} == RECEIPT* ]]
	[ "$(ctl status --json | jq .messages)" -eq 1 ]
}

@test "too many frames and a giant one cost the speaker its answer, others nothing" {
	broker_start
	pids=$(helpers)
	head -c 290000 /dev/zero >large
	head -c 400000 /dev/zero >giant
	"$build/tests/scenario/speak" "$endpoint" realm/parties/DAFTAR.HUB/curve.pub \
		realm/parties/SO.NIRA/curve.key hello:1:0:0 WELCOME TRUST wait:over \
		frames:DXP1,DANCE REFUSED >told 2>&1 3>&- &
	other=$!
	until_true 20 connected SO.NIRA
	# What is read next is the answer to the next frames, on the same connection.
	speak KE.CRS frames:DXP1,SUBMIT,1,2,3,4,5,6,7,8,9,10,11,12 \
		frames:DXP1,SUBMIT,@large frames:DXP9,BYE REFUSED
	grep -q code=VERSION answers
	# A giant is not even read: the gate hangs up, and the speaker begins again.
	speak KE.CRS frames:DXP1,SUBMIT,@giant connected:2 hello:1:0:0 WELCOME
	touch over
	wait "$other"
	grep -q code=WIRE told
	[ "$(helpers)" = "$pids" ]
	[ "$(ctl status --json | jq .messages)" -eq 0 ]
}

connected() { [ "$(ctl party show "$1" --json | jq -r .connected)" = true ]; }

@test "a key that is not in the trust list gets nothing" {
	broker_start
	"$build/certs/daftar-pki" realm other >/dev/null
	started stranger "$build/tests/scenario/speak" "$endpoint" \
		"$home/realm/parties/DAFTAR.HUB/curve.pub" "$home/other/parties/KE.CRS/curve.key" \
		hello:1:0:0 WELCOME
	until_true 20 grep -q 'does not admit this key' logs/stranger.log
	speak KE.CRS credit:1
	not grep -q WELCOME logs/stranger.log
	alive stranger
}

@test "SETTLED is for the addressee, for this message, in its own name" {
	broker_start
	forge pair .
	id=$(id_of one.xml) digest=$(digest_of one.xml)
	speak UNHCR.NBO submit:one.xml RECEIPT
	forge receipt KE.CRS "$id" "$digest" right.xml
	forge receipt KE.CRS "$id" "$digest" again.xml
	forge receipt KE.CRS "$id" "$(digest_of two.xml)" wrong-digest.xml
	forge receipt KE.CRS 018f0000-0000-7000-8000-000000000000 "$digest" other-id.xml
	forge receipt SO.NIRA "$id" "$digest" not-addressee.xml
	sed 's/COMMITTED/REJECTED/' right.xml >altered.xml

	speak SO.NIRA "settled:$id:not-addressee.xml" REFUSED "settled:$id:right.xml" REFUSED
	mapfile -t line <answers
	[[ ${line[0]} == *code=NOT-FOUND* ]]
	[[ ${line[1]} == *code=SENDER-MISMATCH* ]]
	# what carries a consent is not there for its addressee before it was offered
	speak KE.CRS "settled:$id:right.xml" REFUSED credit:1 DELIVER
	mapfile -t line <answers
	[[ ${line[0]} == *code=NOT-FOUND* ]]
	speak KE.CRS "settled:$id:wrong-digest.xml" REFUSED "settled:$id:other-id.xml" REFUSED \
		"settled:$id:altered.xml" REFUSED "settled:$id:one.xml" REFUSED
	mapfile -t line <answers
	told CONFLICT 0 "stored=$digest offered=$(digest_of two.xml)" "${line[0]}"
	[[ ${line[1]} == *code=WIRE* ]]
	[[ ${line[2]} == *code=SIGNATURE\ * ]]
	[[ ${line[3]} == *code=SENDER-MISMATCH* ]]
	stage_is "$id" ACCEPTED

	speak KE.CRS "settled:$id:right.xml" RECEIPT keep:first "settled:$id:right.xml" RECEIPT \
		keep:second "settled:$id:again.xml" REFUSED
	cmp first second
	mapfile -t line <answers
	[[ ${line[2]} == *code=FINAL* ]]
	stage_is "$id" COMMITTED
}

# ---- a helper that dies ----

@test "examiners that die over a message: it is set aside, others are served" {
	broker_start
	forge pair .
	registries
	mapfile -t pids < <(ctl status --json |
		jq -r '.children[] | select(.name == "daftar-examiner") | .pid')
	[ "${#pids[@]}" -eq 2 ]
	kill -STOP "${pids[@]}"
	# The answer to the second comes from daftard itself: the first has been handed on by then.
	speak UNHCR.NBO submit:one.xml frames:DXP1,DANCE REFUSED REFUSED >told 2>&1 3>&- &
	speaker=$!
	until_true 20 grep -q code=WIRE answers
	kill -ABRT "${pids[@]}"
	kill -CONT "${pids[@]}"
	wait "$speaker"
	answer=$(tail -n 1 answers)
	[[ $answer == *" id=$(id_of one.xml) code=QUARANTINED retry=0 "* ]]
	[ "$(ctl status --json | jq .examination.quarantined)" -eq 1 ]
	[ "$(ctl status --json | jq .messages)" -eq 0 ]
	for pid in "${pids[@]}"; do [[ $(helpers) != *"$pid"* ]]; done
	alive daftard
	good_case hodan
	[ "$(somalia_entries)" -eq 1 ]
}
