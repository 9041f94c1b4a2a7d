#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# daftarctl as administrators have it: on a screen, in a monitoring system, in scripts, and when
# something is wrong.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
}

setup() {
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
}

teardown() {
	test_over
}

exchange() {
	realm_make
	broker_conf
	broker_start
}

terminal() {
	[ -x "$DAFTAR_BUILD/tests/tools/terminal" ] || skip "libvterm is not here"
	"$DAFTAR_BUILD/tests/tools/terminal" "$@"
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

# refused STATUS WORD COMMAND...
refused() {
	local word=$2
	ends "$1" "${@:3}"
	[[ "$stderr" == *"($word)"*"safe: "*"next: "* ]]
}

file_request() {
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
	id=$(ctl message list --json | jq -r '.messages[0].id')
}

has() {
	ctl verbs --json | jq -e --arg v "$1" 'any(.verbs[]; .verb == $v)' >/dev/null ||
		skip "this daftard has no $1"
}

@test "alone it is one screen, and each command has a help with an example" {
	ends 2 ctl
	[ "${#lines[@]}" -le 24 ]
	[ "$(wc -L <<<"$output")" -le 80 ]
	[[ "$output" == *status*"dead list"*reconcile* ]]
	while read -r first second; do
		ends 0 ctl help "$first" ${second:+"$second"}
		[[ "$output" == *"for example: "* ]]
	done < <(sed -n 's/^command //p' "$top/broker/commands.table")
	ends 0 ctl help all
	[[ "$output" == *"exit status"* ]]
	refused 2 USAGE ctl help nothing
}

@test "what is not understood is refused, and what a terminal obeys is spelt" {
	refused 2 USAGE ctl dance
	refused 2 USAGE ctl message
	refused 2 USAGE ctl party show
	refused 2 USAGE ctl party cut KE.CRS
	[[ "$stderr" == *"needs --reason TEXT"* ]]
	refused 2 USAGE ctl party list --reason x
	refused 2 USAGE ctl status --every=
	refused 2 USAGE ctl message list many
	refused 2 USAGE ctl message find --since yesterday
	refused 2 USAGE ctl top --once --every 0
	refused 2 USAGE ctl $'\e[2Jdance\u202e'
	[[ "$stderr" != *$'\e'* && "$stderr" == *'\u{1b}[2Jdance\u{202e}'* ]]
	ends 10 ctl party list --json
	[ "$(jq -r '"\(.v) \(.ok) \(.code) \(.exit)"' <<<"$output")" = "1 false UNREACHABLE 10" ]
}

@test "status is a plug-in of monitoring: a line with figures, 0 to 3" {
	ends 3 ctl status --plugin
	[[ "$output" == "DAFTAR UNKNOWN - "*UNREACHABLE* ]]
	exchange
	ends 0 ctl status --plugin
	[[ "${lines[0]}" =~ ^DAFTAR\ OK\ -\ [^|]+\ \|( [a-z_]+=[0-9]+[a-zB]?(;[0-9:]*)*)+$ ]]
	ctl party suspend KE.CRS --reason 'a test' >/dev/null
	ends 1 ctl status --plugin
	[[ "${lines[0]}" == "DAFTAR WARNING - "*" | "* ]]
	ends 1 ctl status
	[ "$(ctl status --json --plugin | jq .v)" = 1 ]
}

@test "check names what is wrong and what to type" {
	exchange
	ends 0 ctl check
	[[ "$output" == *"ok    trust list"*"ok    store"*"warn  backup"*"next: daftarctl backup"* ]]
	ctl party cut KE.CRS --reason 'a test' >/dev/null
	ctl check --json | jq -e '.lines[] | select(.check == "daftard") | .health != "ok"'
	[ "$(ctl engine check --json | jq -r '[.lines[].check] | index("store") != null')" = true ]
}

@test "check names a key that others may read" {
	exchange
	chmod 644 realm/parties/DAFTAR.HUB/sign.key
	ends 1 ctl check
	[[ "$output" == *"fail  keys"*"sign.key"*"chmod 600"* ]]
}

@test "settings: checked by the line, compared with what runs, put into force with a reason" {
	exchange
	ends 0 ctl config show
	[[ "$output" == *"store-size"*"daftard.conf:7"*256* ]]
	[ "$(ctl config show store-size --json | jq '.settings | length')" -eq 1 ]
	ends 0 ctl config explain store-size
	[[ "$output" == *"16..1048576"*"restart daftard"* ]]
	refused 5 NOT-FOUND ctl config explain nothing
	ends 0 ctl config diff
	[[ "$output" == *"what runs is what the file says"* ]]
	echo 'log-level = "detail"' >>broker/daftard.conf
	ends 0 ctl config diff
	[[ "$output" == *"log-level"*reload*notice*detail* ]]
	refused 2 USAGE ctl config reload
	ends 0 ctl config reload --reason 'a test'
	[[ "$output" == *"in force"*log-level* ]]
	cp broker/daftard.conf next.conf
	echo 'nonsense = 3' >>next.conf
	ends 1 ctl config check next.conf
	[[ "$output" == *":10: no such option"* ]]
	ends 0 ctl config check
	ends 0 ctl log level warning --reason 'quiet again'
	refused 2 USAGE ctl log level loud --reason x
	[ "$(ctl audit list --json | jq '.changes | length')" -eq 2 ]
	[ "$(ctl audit list --by root --kind settings --json | jq '.changes | length')" -eq 1 ]
	[ "$(ctl audit show 1 --json | jq -r .reason)" = 'a test' ]
	ends 0 ctl audit verify
	[[ "$output" == *"2 changes"* ]]
}

@test "alerts: listed, taken by somebody, muted for a while" {
	exchange
	ctl party suspend KE.CRS --reason 'a test' >/dev/null
	until_true 20 alert_is party-out firing
	one=$(ctl alert list --json | jq -r '.alerts[] | select(.rule == "party-out") | .id')
	ends 0 ctl alert ack "$one" --reason 'I look after it'
	alert_is party-out acked
	ends 0 ctl alert mute party-out --until 8h --reason 'known'
	refused 2 USAGE ctl alert mute party-out --reason 'for ever'
	refused 5 NOT-FOUND ctl alert ack 999 --reason x
	ends 0 ctl alert unmute party-out --reason 'known no more'
	ends 0 ctl alert rules
	[[ "$output" == *"party-out"* ]]
	ends 0 ctl health
}

alert_is() {
	ctl alert list --json | jq -e --arg r "$1" --arg s "$2" \
		'any(.alerts[]; .rule == $r and .state == $s)' >/dev/null
}

@test "dead letters: what would be done is shown first, and no filter that is not understood acts" {
	exchange
	has dead.retry
	file_request
	ends 0 ctl message hold "$id" --reason 'a test'
	ends 0 ctl dead list
	[[ "$output" == *"$number"* ]]
	refused 2 USAGE ctl dead retry
	refused 2 USAGE ctl dead retry --where form=UNHCR.NBO --yes --reason x
	refused 2 USAGE ctl dead retry --where from=UNHCR.NBO --where from=KE.CRS --yes --reason x
	refused 2 USAGE ctl dead discard "$id" --yes
	ends 0 ctl dead retry --where from=UNHCR.NBO
	[[ "$output" == *"1 fit"*"$id"*"nothing was done"*"--where from=UNHCR.NBO --reason TEXT --yes"* ]]
	[ "$(ctl dead list --json | jq '[.messages[] | select(.ended | not)] | length')" -eq 1 ]
	ends 0 ctl dead retry --where from=SO.NIRA --yes --reason 'not this one'
	[ "$(ctl dead list --json | jq '[.messages[] | select(.ended | not)] | length')" -eq 1 ]
	ends 0 ctl dead retry --where from=UNHCR.NBO --yes --reason 'mended'
	[ "$(ctl dead list --json | jq '[.messages[] | select(.ended | not)] | length')" -eq 0 ]
	ends 0 ctl message hold "$id" --reason 'a test'
	ends 0 ctl dead discard "$id" --yes --reason 'filed twice'
	[[ "$(ctl message show "$id")" == *DEAD-LETTER* ]]
}

@test "corridors and drain: closed, shown, opened again, each with a reason" {
	exchange
	has corridor.close
	ends 0 ctl corridor close KE.CRS SO.NIRA --reason 'agreement under review'
	[ "$(ctl corridor list --json | jq -r '.corridors[] | select(.from == "KE.CRS" and .to == "SO.NIRA").state')" = closed ]
	ends 0 ctl corridor show KE.CRS SO.NIRA
	[[ "$output" == *closed* ]]
	ends 0 ctl corridor open KE.CRS SO.NIRA --reason 'review is over'
	refused 2 USAGE ctl drain on
	ends 0 ctl drain on --reason 'new disk'
	[ "$(ctl status --json | jq .draining)" = true ]
	ends 0 ctl drain off --reason 'disk is in'
	ends 0 ctl deadline list
}

@test "from afar, with an officer's key, everything but watch" {
	realm_make
	broker_conf
	mkdir keys
	cp realm/parties/SO.NIRA/curve.pub keys/sys.pub
	cat >>broker/daftard.conf <<-END
		viewers = {"sys"}
		control-listen = "tcp://127.0.0.1:*"
		officer-keys = "$home/keys"
	END
	broker_start
	until_true 20 grep -q 'officers from afar: listens at' logs/daftard.log
	address=$(sed -n 's/.*officers from afar: listens at \(tcp:[^ ]*\).*/\1/p' logs/daftard.log)
	afar=(--remote "$address" --key realm/parties/SO.NIRA/curve.key
		--server-key realm/parties/DAFTAR.HUB/curve.pub)
	ends 0 "$build/broker/daftarctl" "${afar[@]}" status
	[[ "$output" == *"realm demo"* ]]
	refused 4 ROLE "$build/broker/daftarctl" "${afar[@]}" party cut KE.CRS --reason x
	refused 2 USAGE "$build/broker/daftarctl" "${afar[@]}" watch
	refused 2 USAGE "$build/broker/daftarctl" --remote "$address" status
	refused 1 NO-KEY "$build/broker/daftarctl" --remote "$address" --key nowhere \
		--server-key realm/parties/DAFTAR.HUB/curve.pub status
}

@test "top shows it live in 80x24, once in a pipe, and what it said last when nobody answers" {
	exchange
	ends 0 ctl top --once
	[[ "$output" == *"daftar top   realm demo   OK"*"corridors, the most trouble first"* ]]
	[ "$(ctl top --once --json | jq -r .status.state)" = ok ]
	terminal "$build/broker/daftarctl" --socket broker/control.sock top --every 1 <<-'.'
		expect realm demo
		see q quit
		type p
		expect SO.NIRA
		see registry
		type ?
		expect PgUp
		type \s
		expect PAUSED
		type \s
		key Down
		size 40x10
		see q quit
		size 80x24
		type c
		expect corridors
		key q
		ends 0
		restored
	.
	terminal "$build/broker/daftarctl" --socket broker/control.sock top --every 1 <<-.
		expect realm demo
		run kill $(pid_of daftard)
		expect does not answer
		key ^C
		ends 0
		restored
	.
}

@test "a terminal that cannot draw is told what to type" {
	exchange
	terminal --term dumb "$build/broker/daftarctl" --socket broker/control.sock top <<-'.'
		expect top --once
		ends 2
	.
}

@test "a message is found and its evidence taken to where anybody verifies it" {
	exchange
	file_request
	[[ "$(ctl message find "${number:0:8}" --json | jq -r '.messages[].id')" == *"$id"* ]]
	[ "$(ctl message find --from UNHCR.NBO --since 1h --json | jq '.messages | length')" -ge 1 ]
	[ "$(ctl message find --from SO.NIRA --json | jq '.messages | length')" -eq 0 ]
	ends 0 ctl message history "$id"
	[[ "$output" == *"$number"*ACCEPTED* ]]
	ends 0 ctl message export "$id" --out evidence
	[ "$(stat -c %a evidence)" = 700 ]
	[ "$(stat -c %a evidence/ACCEPTED.xml)" = 600 ]
	ends 0 officer verify evidence/ACCEPTED.xml
	[ "$(jq -r .id evidence/message.json)" = "$id" ]
	refused 1 IO ctl message export "$id" --out evidence
	refused 5 NOT-FOUND ctl message export 018f0000-0000-7000-8000-000000000000 --out other
	[ ! -e other ]
}

@test "keys: where a party stands, what a certificate is good for" {
	exchange
	ends 0 ctl key rotate KE.CRS
	[[ "$output" == *"nothing new is listed"*"daftar-pki renew"* ]]
	ends 0 ctl cert test realm/parties/KE.CRS/sign.pem
	[[ "$output" == *"verdict"*taken* ]]
	print=$(ctl cert test realm/parties/KE.CRS/sign.pem --json | jq -r .fingerprint)
	ends 0 ctl cert show "${print:0:8}"
	[[ "$output" == *"$print"*KE.CRS* ]]
	refused 2 USAGE ctl cert show "${print:0:2}"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout x.key \
		-out x.pem 2>/dev/null
	ends 1 ctl cert test x.pem
	[[ "$output" == *"not taken"*"trust install"* ]]
	ends 0 ctl cert revoke KE.CRS "${print:0:8}" --reason 'key stolen'
	ends 1 ctl cert test realm/parties/KE.CRS/sign.pem
	ends 0 ctl cert add x.pem
	[[ "$output" == *"daftar-pki enrol"* ]]
}

@test "a support bundle holds no name, key, id, address or path" {
	exchange
	file_request
	ctl party suspend SO.NIRA --reason 'Hodan knows why' >/dev/null
	ends 0 ctl party show SO.NIRA
	[[ "$output" == *"nobody is named"* ]]
	echo 'contacts = {"SO.NIRA: night desk 112233", "SO.NRIA: a desk"}' >>broker/daftard.conf
	ctl config check
	ctl config reload --reason 'a desk' >/dev/null
	ends 0 ctl party show SO.NIRA
	[[ "$output" == *"call "*"night desk 112233"* ]]
	[[ "$(ctl check)" == *"contacts in daftard.conf name SO.NRIA, which is no party"* ]]
	ctl alert list --json | jq -e '.alerts[] | select(.subject == "SO.NIRA") | .contacts == ["night desk 112233"]'
	ends 0 ctl support-bundle bundle.tar.gz
	[[ "$output" == *status.json*README.txt* ]]
	[ "$(stat -c %a bundle.tar.gz)" = 600 ]
	mkdir out && tar -C out -xzf bundle.tar.gz
	for part in README.txt status.json check.json certificates.json machine.txt; do
		[ -s "out/daftar-support/$part" ]
	done
	print=$(ctl cert test realm/parties/KE.CRS/sign.pem --json | jq -r .fingerprint)
	for name in 112233 Hodan knows Abdi KE.CRS SO.NIRA UNHCR DAFTAR.HUB Kenya Somalia Nairobi "$number" "$id" \
		"${id:0:13}" "$print" "${print:0:16}" "$(cat realm/parties/DAFTAR.HUB/curve.pub)" 127.0.0.1 \
		"$home" "$(hostname)" root; do
		# the words of the verbs' own table are not this exchange's
		if grep -rFq --exclude verbs.json -- "$name" out; then
			grep -rF --exclude verbs.json -- "$name" out
			return 1
		fi
	done
	[[ "$(jq -r '.parties[0].code' out/daftar-support/status.json)" =~ ^P[0-9]+$ ]]
	refused 1 IO ctl support-bundle bundle.tar.gz
}
