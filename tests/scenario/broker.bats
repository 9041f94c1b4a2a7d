#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The exchange alone: daftard with its gate and examiners, its operator's tool, and peers that say
# exactly what they are told (tests/scenario/speak). The whole road is in road.bats.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make --name demo
	broker_conf
}

teardown() {
	test_over
}

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

daftard() { "$build/broker/daftard" -c "$home/broker/daftard.conf" "$@"; }

set_line() { # KEY VALUE: replaces or adds a setting
	sed -i "/^$1 /d" "$home/broker/daftard.conf"
	echo "$1 = $2" >>"$home/broker/daftard.conf"
}

# speak CODE STEP...: as that party
speak() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/$1/curve.key" "${@:2}"
}

# value KEY: of a JSON object on standard input
value() { jq -r "$1"; }

children_of() { cat "/proc/$1/task/$1/children"; }

# child NAME: process number of the first such child of daftard
child() { ctl status --json | value ".children[] | select(.name == \"$1\") | .pid" | head -n 1; }

log_has() { grep -q -- "$1" "$home/logs/daftard.log"; }

# refused_start CODE TEXT: daftard does not start, and says why
refused_start() {
	run daftard
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"[$1]"* ]]
	[[ "$output" == *"$2"* ]]
}

# file_request: the officer files one; Kenya's peer takes it. Sets $id and $digest; message.xml,
# accepted.xml
file_request() {
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json |
		value .tracking)
	officer request file "$number" >/dev/null
	run speak KE.CRS hello:1:0:4 WELCOME TRUST DELIVER keep:message.xml
	[ "$status" -eq 0 ]
	digest=$(sha256sum <message.xml | cut -d ' ' -f 1)
	id=$(sed -n 's/.*<e:MessageId>\([^<]*\)<.*/\1/p' message.xml)
}

# ---- starting and stopping ----

# the gate, two examiners, and who reads the settings
has_its_children() {
	[ "$(children_of "$(pid_of daftard)" | wc -w)" -eq 4 ]
}

@test "daftard gets ready, tells so, and stops with all its children when told" {
	broker_start
	log_has 'ready endpoint=tcp://127.0.0.1:'
	run ctl status
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"realm demo at $endpoint"* ]]
	until_true 20 has_its_children # the first scrub is one of its own, and ends
	kids=$(children_of "$(pid_of daftard)")
	ended daftard
	log_has 'stopped$'
	for pid in $kids; do not kill -0 "$pid"; done
	[ ! -e "$home/broker/control.sock" ]
}

@test "a stop by the supervisor is success, and ready and stopping are told" {
	cat >manager.pl <<-'END'
		use IO::Socket::UNIX;
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM(), Local => "notify") or die;
		open(my $up, ">", "manager.up"); close($up);
		alarm 30;
		for (1 .. 2) { $s->recv(my $m, 256); print "$m\n"; $| = 1; }
	END
	perl manager.pl >told 3>&- &
	manager=$!
	until_true 10 test -e manager.up
	export NOTIFY_SOCKET=$home/notify
	broker_start
	kill -TERM "$(pid_of daftard)"
	wait "$manager"
	until_true 20 gone daftard
	[ "$(cat told)" = $'READY=1\nSTOPPING=1' ]
}

scrubbed() {
	ctl status --json | jq -e '.scrub.at != null and .scrub.running == false'
}

@test "idle, daftard and its children stay under 60 MB together" {
	local most=60000 total=0 pid
	# What two processes share is counted once (Pss). Shadow memory is no memory of ours.
	if ldd "$build/broker/daftard" | grep -q libasan; then most=1000000; fi
	broker_start
	# The first look at the store is a child that ends.
	until_true 60 scrubbed
	for pid in $(pid_of daftard) $(children_of "$(pid_of daftard)"); do
		total=$((total + $(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")))
	done
	echo "$total kB"
	[ "$total" -gt 10000 ]
	[ "$total" -lt "$most" ]
}

@test "a second daftard on the same store does not start, and the first goes on" {
	broker_start
	set_line endpoint-file '"other"'
	set_line control '"other.sock"'
	refused_start LOCKED "store $home/broker/store"
	set_line store '"other-store"'
	set_line control "\"$home/broker/control.sock\""
	refused_start LOCKED "another daftard runs"
	ctl status >/dev/null
}

# ---- configuration ----

@test "a configuration that is right is called good, and every setting is printed" {
	run daftard --check-config --verbose
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"good; realm demo, trust list version 1"* ]]
	[[ "$output" == *"examiners = 2"* ]]
	[ ! -e "$home/broker/store" ]
}

@test "a misspelt setting is refused with file and line" {
	echo 'lisen = "tcp://127.0.0.1:1"' >>"$home/broker/daftard.conf"
	line=$(wc -l <"$home/broker/daftard.conf")
	run daftard --check-config
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"daftard.conf:$line:"*lisen* ]]
}

@test "a number out of range and an unknown log level are refused" {
	set_line examiners 99
	run daftard --check-config
	[ "$status" -eq 1 ]
	[[ "$output" == *examiners* ]]
	set_line examiners 1
	set_line log-level '"loud"'
	run daftard --check-config
	[ "$status" -eq 1 ]
	[[ "$output" == *loud* ]]
}

@test "each file that is missing or wrong has its own code" {
	hub=realm/parties/DAFTAR.HUB
	chmod 0644 $hub/log.key
	refused_start KEY-MODE "$hub/log.key"
	chmod 0600 $hub/log.key
	mv $hub/curve.key away
	refused_start NO-KEY "$hub/curve.key"
	cp realm/parties/KE.CRS/curve.key $hub/curve.key
	refused_start NO-KEY "not a key that the trust list gives DAFTAR.HUB"
	mv away $hub/curve.key
	cp realm/parties/KE.CRS/sign.key $hub/log.key
	refused_start NO-KEY "log.key"
	mv realm/operator.pem away
	refused_start NO-CERT "operator.pem"
}

@test "a trust list of another operator, or none, is refused" {
	"$build/certs/daftar-pki" realm other >/dev/null
	cp other/operator.pem realm/operator.pem
	refused_start NO-TRUST "trust.xml"
	rm realm/trust.xml
	refused_start NO-TRUST "trust.xml"
}

@test "an address that is not ours is told, and nothing goes on" {
	set_line listen '"tcp://192.0.2.1:7601"'
	refused_start IO "cannot listen at tcp://192.0.2.1:7601"
}

@test "options that are not understood are usage" {
	run daftard --nonsense
	[ "$status" -eq 2 ]
	run daftard stray
	[ "$status" -eq 2 ]
	run daftard --help
	[ "$status" -eq 0 ]
	[[ "$output" == *"exit status"* ]]
	run daftard --version
	[ "$status" -eq 0 ]
}

# ---- peers ----

@test "what is not DXP/1 is refused as such, and the connection goes on" {
	broker_start
	run speak KE.CRS frames:DXP1,DANCE REFUSED frames:DXP9,BYE REFUSED frames:x REFUSED \
		frames:DXP1,CREDIT,short,short REFUSED frames:DXP1,WELCOME REFUSED \
		hello:1:0:0 WELCOME TRUST
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == *code=WIRE* ]]
	[[ "${lines[1]}" == *code=VERSION* ]]
	[[ "${lines[2]}" == *code=WIRE* ]]
	[[ "${lines[3]}" == *code=WIRE* ]]
	[[ "${lines[4]}" == *code=WIRE* ]]
	[[ "${lines[5]}" == *number=1*DAFTAR.HUB* ]]
	[ "$(ctl status --json | value .refused.WIRE)" -eq 4 ]
}

@test "nothing is heard before HELLO, and a twin from the past is fenced off" {
	broker_start
	local id=018f0000-0000-7000-8000-000000000000
	echo "<e:MessageId>$id</e:MessageId>" >early
	run speak KE.CRS credit:4 REFUSED submit:early REFUSED hello:7:0:0 WELCOME TRUST
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == *code=NOT-READY*retry=1* ]]
	[[ "${lines[1]}" == *id=$id*code=NOT-READY*retry=1* ]]
	[ "$(ctl status --json | value .examination.judged)" -eq 0 ]
	run speak KE.CRS hello:6:0:0 REFUSED hello:7:0:0 WELCOME
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == *code=STALE-EPOCH*retry=0* ]]
	ended daftard KILL
	broker_conf "$endpoint"
	broker_start
	run speak KE.CRS hello:6:0:0 REFUSED
	[[ "${lines[0]}" == *code=STALE-EPOCH* ]]
}

@test "a document that is no message is refused with what is wrong with it" {
	broker_start
	echo 'not a message' >a
	printf '<!DOCTYPE x><x></x>' >b
	printf '\377\376' >c
	run speak KE.CRS hello:1:0:0 WELCOME TRUST submit:a REFUSED submit:b REFUSED \
		submit:c REFUSED octets:262145 REFUSED octets:262144 REFUSED
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[2]}" == *code=MALFORMED* ]]
	[[ "${lines[3]}" == *code=FORBIDDEN-MARKUP* ]]
	[[ "${lines[4]}" == *code=NOT-UTF8* ]]
	[[ "${lines[5]}" == *code=TOO-LARGE* ]]
	not grep -q TOO-LARGE <<<"${lines[6]}"
	[ "$(ctl status --json | value .messages)" -eq 0 ]
}

@test "a message is accepted once; again it has the same receipt, from another it is refused" {
	broker_start
	file_request
	# The officer's own connection had an epoch of its own; this one is newer.
	run speak UNHCR.NBO hello:9000000000000000000:0:0 WELCOME TRUST submit:message.xml RECEIPT \
		keep:one.xml submit:message.xml RECEIPT keep:two.xml
	[ "$status" -eq 0 ]
	cmp one.xml two.xml
	[[ "${lines[2]}" == *id=$id* ]]
	ctl message receipt "$id" ACCEPTED >three.xml
	cmp one.xml three.xml
	run speak KE.CRS hello:1:0:0 WELCOME TRUST submit:message.xml REFUSED
	[[ "${lines[2]}" == *id=$id*code=SENDER-MISMATCH* ]]
	sed 's/BIRTH-TRANSCRIPTION/BIRTH-TRANSCRIPTIOM/' message.xml >altered.xml
	run speak UNHCR.NBO hello:9000000000000000000:0:0 WELCOME TRUST submit:altered.xml REFUSED
	[[ "${lines[2]}" == *id=$id*code=* ]]
	[ "$(ctl status --json | value .messages)" -eq 1 ]
}

@test "TAKEN is for the addressee, by id and digest, and changes nothing said twice" {
	broker_start
	file_request
	run speak SO.NIRA hello:1:0:0 WELCOME TRUST "taken:$id:$digest" REFUSED
	[[ "${lines[2]}" == *code=NOT-FOUND* ]]
	run speak KE.CRS hello:1:0:4 WELCOME TRUST DELIVER "taken:$id:$(sha256sum </dev/null |
		cut -d ' ' -f 1)" REFUSED "taken:$id:$digest" "taken:$id:$digest" credit:4 bye
	[ "$status" -eq 0 ]
	[[ "${lines[3]}" == *code=CONFLICT*"$digest"* ]]
	until_true 10 taken_once
}

taken_once() {
	[ "$(ctl message show "$id" --json | value '.timeline | map(.stage) | join(" ")')" = \
		"ACCEPTED DELIVERED" ]
}

@test "what was accepted is still there after kill -9, with the same receipt" {
	broker_start
	file_request
	ctl message receipt "$id" >before.xml
	ended daftard KILL
	broker_conf "$endpoint"
	broker_start
	ctl message receipt "$id" >after.xml
	cmp before.xml after.xml
	run speak KE.CRS hello:1:0:4 WELCOME TRUST DELIVER keep:again.xml
	[ "$status" -eq 0 ]
	cmp message.xml again.xml
}

# ---- helpers that die ----

@test "a gate that is killed is replaced at the same address" {
	broker_start
	gate=$(child daftar-gate)
	speak KE.CRS hello:1:0:0 WELCOME TRUST connected:2 hello:1:0:0 WELCOME >told 2>&1 3>&- &
	speaker=$!
	until_true 10 connected KE.CRS
	kill -KILL "$gate"
	until_true 10 another_gate "$gate"
	wait "$speaker"
	[ "$(grep -c WELCOME told)" -eq 2 ]
}

connected() { [ "$(ctl party show "$1" --json | value .connected)" = true ]; }
another_gate() {
	local now
	now=$(child daftar-gate)
	[ "$now" -gt 0 ] && [ "$now" != "$1" ] && log_has 'gate: died'
}

@test "an examiner that is killed is replaced, and messages go on" {
	set_line examiners 1
	broker_start
	file_request
	examiner=$(child daftar-examiner)
	kill -KILL "$examiner"
	run speak UNHCR.NBO hello:9000000000000000000:0:0 WELCOME TRUST submit:message.xml RECEIPT
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(child daftar-examiner)" != "$examiner" ]
}

@test "a message that an examiner is stuck over is quarantined, its party waits, others do not" {
	set_line examiners 1
	broker_start
	file_request
	sed 's/BIRTH-TRANSCRIPTION/BIRTH-TRANSCRIPTIOM/' message.xml >other.xml
	kill -STOP "$(child daftar-examiner)"
	run speak UNHCR.NBO hello:9000000000000000000:0:0 WELCOME TRUST submit:other.xml REFUSED \
		submit:message.xml REFUSED
	echo "$output"
	[[ "${lines[2]}" == *id=$id*code=QUARANTINED*retry=0* ]]
	[[ "${lines[3]}" == *id=$id*code=BUSY*retry=1* ]]
	run speak KE.CRS hello:1:0:0 WELCOME TRUST submit:message.xml REFUSED
	[[ "${lines[2]}" == *code=SENDER-MISMATCH* ]]
	[ "$(ctl status --json | value .examination.quarantined)" -eq 1 ]
	log_has "$id quarantined peer=UNHCR.NBO"
}

# ---- the trust list ----

@test "a party that is cut off is out at once; an older list never comes back" {
	broker_start
	cp realm/trust.xml old.xml
	speak SO.NIRA hello:1:0:0 WELCOME TRUST wait:cut credit:1 wait:over >told 2>&1 3>&- &
	until_true 10 connected SO.NIRA
	"$build/certs/daftar-pki" revoke realm --party SO.NIRA >/dev/null
	kill -HUP "$(pid_of daftard)"
	until_true 5 log_has 'trust list version=2 in force'
	[ "$(ctl status --json | value '.peers | length')" -eq 0 ]
	touch cut
	run speak KE.CRS hello:1:0:0 WELCOME TRUST
	[[ "${lines[0]}" == *number=2* ]]
	[ "$(ctl status --json | value '.peers | map(.party) | join(" ")')" != SO.NIRA ]
	cp old.xml realm/trust.xml
	kill -HUP "$(pid_of daftard)"
	until_true 5 log_has 'version=2 kept, version=1 refused code=TRUST-OLD'
	touch over
	[ "$(ctl status --json | value .trust.version)" -eq 2 ]
}

# ---- the operator's tool ----

@test "daftarctl has an exit status for each way to fail" {
	run ctl status
	[ "$status" -eq 10 ]
	[[ "$output" == *UNREACHABLE*safe:*next:* ]]
	broker_start
	run ctl message show 018f0000-0000-7000-8000-000000000000
	[ "$status" -eq 5 ]
	[[ "$output" == *NOT-FOUND* ]]
	run ctl party show XX.NONE
	[ "$status" -eq 5 ]
	run ctl party show 'not a code'
	[ "$status" -eq 2 ]
	run ctl message show
	[ "$status" -eq 2 ]
	run ctl message list many
	[ "$status" -eq 2 ]
	run ctl dance
	[ "$status" -eq 2 ]
	run ctl --help
	[ "$status" -eq 0 ]
	run ctl verbs
	[ "$status" -eq 0 ]
	[[ "$output" == *message.receipt* ]]
}

@test "a message is found by id and by tracking number, in lists, and in what is watched" {
	broker_start
	started watch "$build/broker/daftarctl" --socket "$home/broker/control.sock" watch
	officer_setup >/dev/null
	until_true 10 watch_is_on
	file_request
	run ctl message show "$id"
	echo "$output"
	[[ "$output" == *"$number"*ACCEPTED* ]]
	[ "$(ctl message show "$number" --json | value .id)" = "$id" ]
	[ "$(ctl message list --json | value '.messages[0].id')" = "$id" ]
	[ "$(ctl message list 5 1 --json | value '.messages | length')" -eq 0 ]
	[ "$(ctl party show KE.CRS --json | value .queued)" -eq 1 ]
	until_true 10 grep -q "accepted.*${number%?}.*$id" logs/watch.log # the last may be a *
	ctl corridor close UNHCR.NBO SO.NIRA --reason 'Amina has asked'
	until_true 10 grep -q 'change.*corridor-close done number=1' logs/watch.log
	not grep -q Amina logs/watch.log
	not grep -riq "hodan" logs broker/store
}

@test "corridors, counters, deadlines, filters and evidence are there to look at" {
	broker_start
	file_request
	found() { ctl message find "$@" --json | value '.messages | length'; }
	ctl corridor list --json | jq -e '.corridors[] |
		select(.from == "UNHCR.NBO" and .to == "KE.CRS") | .state == "open" and
		.waiting == 1 and .open == 1 and .day.accepted == 1 and .trouble == 0'
	ctl corridor show UNHCR.NBO KE.CRS --json | jq -e '(.agreements | length) > 0 and
		.series.sum.accepted == 1 and (.series.points | length) == 24 and .ages.n[0] == 1'
	ctl deadline list --json | jq -e --arg id "$id" '.messages[0] |
		.id == $id and .left_ms > 0 and (.why == "expiry" or .why == "consent")'
	[ "$(found "$number")" -eq 1 ]
	[ "$(found "${number:0:8}")" -eq 1 ]
	[ "$(found "${id:0:20}")" -eq 1 ]
	[ "$(found --to KE.CRS --state open --since 1h)" -eq 1 ]
	[ "$(found --from KE.CRS)" -eq 0 ]
	[ "$(found --state ended)" -eq 0 ]
	run ctl message find '<script>'
	[ "$status" -ne 0 ]
	ctl message show "$id" --json | jq -e '.evidence[0] | .stage == "ACCEPTED" and .leaf == 0 and
		.receipt and .verdict == "signature verified"'
}

# Nothing tells that a watcher has been heard; a status after it was started comes later.
watch_is_on() { ctl status >/dev/null && [ -S "/proc/$(pid_of watch)/fd/3" ]; }
