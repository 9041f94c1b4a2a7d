#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Who may do what: every verb in every role, by the table that the exchange itself tells; persons
# for whom the dashboard speaks; settings that are put into force while everything runs; and that
# all of it stands in the log.

bats_require_minimum_version 1.5.0

setup_file() {
	home=$BATS_FILE_TMPDIR
	into_home
	realm_make --name demo
}

setup() {
	home=$BATS_TEST_TMPDIR
	into_home
	cp -r "$BATS_FILE_TMPDIR/realm" .
	broker_conf
	cat >>broker/daftard.conf <<-END
		officers = {"daemon", "bin"}
		viewers = {"sys", "games"}
		operators = {"games"}
		auditors = {"man"}
	END
}

into_home() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
}

teardown() {
	ended_all
}

not() { if "$@"; then return 1; fi; }
say() { "$build/tests/scenario/say" "$home/broker/control.sock"; }
# one VERB ARGS [AS]: asks, prints the answer
one() {
	jq -nc --arg v "$1" --argjson a "$2" --arg who "${3:-}" \
		'{verb: $v, args: $a} + if $who == "" then {} else {"as": $who} end' | say
}
code() { one "$@" | jq -r '.code // "OK"'; }
log_has() { grep -q -- "$1" "$home/logs/daftard.log"; }
until_log() { until_true 20 log_has "$1"; }

@test "every verb is for the roles that its row names, and for nobody else" {
	broker_start
	one verbs '{}' | jq -c '.data.verbs' >table
	# What a role may do, and no more: an argument that no verb has is refused only after the role.
	for pair in daemon:viewer,operator,security,auditor sys:viewer games:viewer,operator man:auditor; do
		jq -c --arg who "${pair%%:*}" '.[] | {verb, "as": $who, args: {"no-such": 1}}' table | say |
			jq -r '.code' >codes
		jq -r --arg has "${pair#*:}" '($has | split(",")) as $has |
			.[] | if .roles - (.roles - $has) == [] then "ROLE" else "USAGE" end' table >should
		paste <(jq -r '.[].verb' table) should codes
		cmp should codes
	done
	[ "$(grep -c . codes)" -gt 40 ]
	# An auditor reads, and changes nothing at all.
	jq -e 'all(.[] | select(.changes); .roles | index("auditor") | not)' table
	jq -e 'all(.[] | select(.changes); .roles | index("viewer") | not)' table
	# Every change has a reason.
	jq -e 'all(.[] | select(.changes); [.arguments[].name] | index("reason"))' table
}

@test "a refusal names the role, who has it, and the argument that is wrong" {
	broker_start
	one party.cut '{"code":"SO.NIRA","reason":"x"}' sys >out
	jq -e '.code == "ROLE" and (.sentence | test("security")) and (.sentence | test("daemon, bin"))' out
	[ "$(ctl party show SO.NIRA --json | jq -r .standing)" = good ]
	one party.cut '{"code":"SO.NIRA"}' | jq -e '.code == "USAGE" and (.sentence | test("reason. is missing"))'
	one party.cut '{"code":7,"reason":"x"}' | jq -e '.sentence | test("code. must be a party")'
	one party.cut '{"code":"SO.NIRA","reason":"x","at":1}' | jq -e '.sentence | test("no argument .at")'
	one change.approve '{"number":0}' | jq -e '.sentence | test("from 1 to")'
	# As somebody who is nobody here.
	[ "$(code status '{}' root)" = ROLE ]
	[ "$(code status '{}' mail)" = ROLE ]
	echo '{"verb":"status","as":7}' | say | jq -e '.code == "ROLE"'
}

@test "whatever an argument holds, each verb answers and the exchange goes on" {
	broker_start
	one verbs '{}' >table
	# Each argument of each verb with each value, the others as they should be. A backup makes a folder.
	jq -c '{"text": ["", "%s%n", "../../etc/passwd", "\u202e", "-1", "KE.CRS>SO.NIRA", "[]", ("\u00e9" * 2048), ("9" * 40)],
		"long text": ["", "A", "AAAA", "!", ("A" * 60000)],
		"number": [0, 1, -1, 4294967296, 9007199254740991, -9007199254740991],
		"switch": [true, false], "party": ["KE.CRS", "XX.YY", "A.BBBBBBBBBBBBBBBBBBBBBBBBBBBBB"],
		"message": ["018f6c00-0000-7000-8000-000000000001", "ffffffff-ffff-7fff-bfff-ffffffffffff"],
		"digest": [("0" * 64), ("f" * 64)], "reason": ["\" by=root", "%s%n", ("~" * 200)],
		"time": [0, 9007199254740991, "now", "-1h", "99999999999d", "2026-13-45", ("9" * 40)]} as $bad |
		{"text": "x", "long text": "AAAA", "number": 1, "switch": true, "party": "KE.CRS", "reason": "x",
		"message": "018f6c00-0000-7000-8000-000000000001", "digest": ("0" * 64), "time": 0} as $good |
		.data.verbs[] | select(.verb | IN("watch", "backup.run") | not) | . as $v |
		[.arguments[] | select(.required) | {(.name): $good[.type]}] | add // {} | . as $usual |
		$v.arguments[] as $a | $bad[$a.type][] | {verb: $v.verb, args: ($usual + {($a.name): .})}' table >lines
	say <lines >answers
	echo "$(wc -l <lines) lines, $(wc -l <answers) answers"
	[ "$(wc -l <lines)" -gt 500 ]
	[ "$(wc -l <answers)" = "$(wc -l <lines)" ]
	[ "$(jq -c 'select((.ok | type) != "boolean")' answers | wc -l)" = 0 ]
	alive daftard
	# A quote in a reason ends nothing.
	not grep -q 'reason="" by=root' logs/daftard.log
	ended daftard
	"$build/broker/daftard" -c broker/daftard.conf --scrub
}

@test "what needs two may be wished for through the dashboard, and is never approved through it" {
	broker_start
	[ "$(code party.cut '{"code":"SO.NIRA","reason":"key stolen"}' daemon)" = OK ]
	one party.resume '{"code":"SO.NIRA","reason":"new keys"}' daemon >out
	jq -e '.data.state == "waits" and .data.by == "daemon"' out
	one change.approve "{\"number\":$(jq .data.number out),\"reason\":\"seen\"}" bin >answer
	cat answer
	jq -e '.code == "OFFICER" and (.sentence | test("dashboard"))' answer
	[ "$(ctl party show SO.NIRA --json | jq -r .standing)" = cut ]
}

@test "settings are put into force all or none, by reload and by HUP, and the log knows" {
	broker_start
	cp broker/daftard.conf good
	one config.show '{}' | jq -e '[.data.settings[] | select(.name == "store-share")] == [{name: "store-share",
		value: 25, default: "25", type: "number", range: "0..100", effect: "reload", origin: "default",
		sentence: "percent of the store that the open messages of one sender may fill, 0: no bound"}]'
	sed '/^viewers/d' good >broker/daftard.conf
	printf 'store-share = 10\nexaminers = 3\nviewers = {"mail"}\n' >>broker/daftard.conf
	one config.diff '{}' | jq -e '[.data.settings[] | [.name, .effect, .file]] ==
		[["store-share", "reload", 10], ["examiners", "restart", 3], ["viewers", "reload", ["mail"]]]'
	sed '/^viewers/d' good >broker/daftard.conf
	printf 'store-share = 10\nviewers = {"sys", "sys"}\n' >>broker/daftard.conf
	# Somebody is named twice now: nothing of it is taken.
	[ "$(code config.reload '{"reason":"less"}')" = CONFIG ]
	one config.show '{}' | jq -e '.data.settings[] | select(.name == "store-share") | .value == 25'
	sed '/^viewers/d' good >broker/daftard.conf
	printf 'store-share = 10\nexaminers = 3\nviewers = {"mail"}\n' >>broker/daftard.conf
	one config.reload '{"reason":"less room for one"}' daemon >out
	cat out
	jq -e '.data.reloaded == ["store-share", "viewers"] and .data.restart == ["examiners"]' out
	one config.explain '{"key":"store-share"}' | jq -e '.data.settings[0] | .value == 10 and (.origin | test("daftard.conf:[0-9]+$"))'
	[ "$(code status '{}' mail)" = OK ]
	[ "$(code status '{}' sys)" = ROLE ]
	# The same by a signal; what is wrong changes nothing.
	cp good broker/daftard.conf
	kill -HUP "$(pid_of daftard)"
	until_log 'configuration in force'
	[ "$(code status '{}' sys)" = OK ]
	echo 'lisen = "x"' >>broker/daftard.conf
	kill -HUP "$(pid_of daftard)"
	until_log 'what was in force still is'
	[ "$(code status '{}' sys)" = OK ]
	one config.check '{}' | jq -e '.data.good == false and (.data.said[0] | test("daftard.conf:[0-9]+: .*lisen"))'
	[ "$(code log.level '{"level":"detail","reason":"a look"}' games)" = OK ]
	[ "$(code log.level '{"level":"loud","reason":"a look"}' games)" = USAGE ]
	one audit.list '{}' man >out
	cat out
	jq -e '[.data.changes[] | [.kind, .by]] == [["log-level", "games"], ["settings", "signal HUP"], ["settings", "daemon"]]' out
	jq -e 'all(.data.changes[]; .leaf >= 0)' out
	one audit.verify '{}' man | jq -e '.data | .checked == 3 and .bad == 0 and .log_size == 3'
	ended daftard
	"$build/broker/daftard" -c good --scrub
}

# ---- from afar ----

# The key of a party of the realm stands in for that of a viewer.
afar() {
	mkdir keys
	"$build/certs/daftar-pki" officer realm/parties/amina --name amina
	cp realm/parties/amina/curve.pub keys/daemon.pub
	cp realm/parties/SO.NIRA/curve.pub keys/sys.pub
	cat >>broker/daftard.conf <<-END
		control-listen = "tcp://127.0.0.1:*"
		officer-keys = "$home/keys"
	END
	broker_start
	until_log 'officers from afar: listens at'
	address=$(sed -n 's/.*officers from afar: listens at \(tcp:[^ ]*\).*/\1/p' logs/daftard.log)
}

# from PARTY VERB ARGS: asks with that party's key
from() {
	jq -nc --arg v "$2" --argjson a "$3" '{verb: $v, args: $a}' |
		timeout 10 "$build/tests/scenario/say" "$address" "realm/parties/$1/curve.key" \
			realm/parties/DAFTAR.HUB/curve.pub
}

@test "who comes from afar is whom his key proves, with his roles and no others" {
	afar
	from SO.NIRA status '{}' | jq -e '.ok and .data.state != null'
	from SO.NIRA party.cut '{"code":"KE.CRS","reason":"x"}' | jq -e '.code == "ROLE" and (.sentence | test("sys has not"))'
	echo '{"verb":"status","as":"daemon"}' | timeout 10 "$build/tests/scenario/say" "$address" \
		realm/parties/SO.NIRA/curve.key realm/parties/DAFTAR.HUB/curve.pub | jq -e '.code == "ROLE"'
	from amina party.cut '{"code":"SO.NIRA","reason":"key stolen"}' | jq -e '.data.by == "daemon" and .data.state == "done"'
	# Answers of more than one piece.
	from SO.NIRA verbs '{}' | jq -e '.data.verbs | length > 40'
	# A stranger's key, though he knows ours.
	run timeout 2 "$build/tests/scenario/say" "$address" realm/parties/UNHCR.NBO/curve.key \
		realm/parties/DAFTAR.HUB/curve.pub <<<'{"verb":"status"}'
	echo "status $status: $output"
	[[ $status -ne 0 && $output != *'"ok"'* ]]
	# A key that is taken away.
	rm keys/daemon.pub
	one config.reload '{"reason":"he has left"}' | jq -e '.data.reloaded == ["officer-keys"]'
	run timeout 2 "$build/tests/scenario/say" "$address" realm/parties/amina/curve.key \
		realm/parties/DAFTAR.HUB/curve.pub <<<'{"verb":"status"}'
	echo "status $status: $output"
	[[ $status -ne 0 && $output != *'"ok"'* ]]
	# It was turned away at the door, not only by the table of officers behind it.
	not log_has 'a key that is not known any more'
	from SO.NIRA status '{}' | jq -e .ok
	# A key that is none puts nothing into force.
	echo nonsense >keys/bin.pub
	[ "$(code config.reload '{"reason":"another one"}')" = CONFIG ]
	from SO.NIRA status '{}' | jq -e .ok
}

@test "silent sockets and garbage at the officers' door harm nobody" {
	afar
	local i fds=()
	for ((i = 0; i < 400; i++)); do
		exec {fd}<>"/dev/tcp/127.0.0.1/${address##*:}"
		fds+=("$fd")
		((i % 2)) || (printf 'GET / HTTP/1.1\r\n\r\n' >&"$fd") 2>/dev/null || true
	done
	[ "$(code status '{}')" = OK ]
	from SO.NIRA status '{}' | jq -e .ok
	for i in "${fds[@]}"; do exec {i}>&-; done
	not log_has 'the process died'
}

@test "doc/CONTROL.md has every verb as the table has it" {
	broker_start
	one verbs '{}' | jq .data | "$top/doc/control-verbs" >table.md
	sed '1,/^<!-- verbs -->$/d' "$top/doc/CONTROL.md" >doc.md
	[ -z "${DAFTAR_KEEP:-}" ] || cp table.md "$DAFTAR_KEEP"
	diff -u doc.md table.md
}
