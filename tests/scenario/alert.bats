#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Alerts reach people: by mail, webhook and command, once each, also when the exchange is killed, when
# daftar-alert is started again, and when a receiver is slow, away, or never answers.

bats_require_minimum_version 1.5.0

setup_file() {
	home=$BATS_FILE_TMPDIR
	into_realm
	realm_make --name demo
}

setup() {
	home=$BATS_TEST_TMPDIR
	into_realm
	cp -r "$BATS_FILE_TMPDIR"/realm .
	broker_conf "" 64
	sed -i 's/^listen.*/listen = "tcp:\/\/127.0.0.1:*"/' broker/daftard.conf
	broker_start
}

into_realm() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
}

teardown() { test_over; }

# takes NAME: a program that keeps what it is given in NAME/1, NAME/2 .. . It fails while NAME/broken is
# there.
takes() {
	mkdir "$1"
	cat >"$1/take" <<-END
		#!/bin/bash
		cd "$home/$1" && [ ! -e broken ] || exit 1
		n=1
		while [ -e \$n ]; do n=\$((n + 1)); done
		cat >part && mv part \$n
	END
	chmod +x "$1/take"
}

# alert_conf LINE...: by mail, and whatever the lines say
alert_conf() {
	takes mail
	{
		printf 'control = "%s"\n' "$home/broker/control.sock"
		printf 'mail-command = {"%s"}\n' "$home/mail/take"
		printf '%s\n' 'mail-to = {"night@example.org"}' 'digest-seconds = 0' \
			'unreachable-seconds = 1' "$@"
	} >alert.conf
}

alert_start() {
	started alert "$build/broker/daftar-alert" -c alert.conf
	until_true 10 grep -q watching logs/alert.log
}

webhook() {
	mkdir hook
	started hook "$build/tests/tools/receiver" "$home/hook"
	until_true 10 test -s hook/port
}

suspend() { ctl party suspend "$1" --reason trial >/dev/null; }
resume() { ctl party resume "$1" --reason trial >/dev/null; }

# subject FILE: of a mail, read
subject() {
	sed -n '/^Subject: /,/^[A-Z]/{s/^Subject: //;/^[A-Z]/d;p}' "$1" | tr -d ' \n' |
		sed 's/=?UTF-8?B?\([^?]*\)?=/\1\n/g' | while read -r part; do base64 -d <<<"$part"; done
}

# news FOLDER NUMBER: of the alerts in a JSON file
news() { tail -n 1 "$1/$2" | jq -r '[.alerts[] | .news + " " + .rule + " " + .subject] | join(";")'; }

@test "an alert is told by mail, webhook and command, and so is its end" {
	webhook
	takes cmd
	head -c 32 /dev/urandom | base64 >hook.key
	chmod 600 hook.key
	alert_conf "webhook-url = \"http://127.0.0.1:$(cat hook/port)/in\"" 'webhook-key = "hook.key"' \
		"command = {\"$home/cmd/take\"}" 'command-rules = {"party-out"}'
	alert_start
	suspend KE.CRS
	until_true 10 test -s mail/1 -a -s hook/1 -a -s cmd/1
	[ "$(subject mail/1)" = '[daftar demo] warning: this party is cut off or suspended: KE.CRS' ]
	grep -q '^To: night@example.org$' mail/1
	[ "$(news hook 1)" = 'firing party-out KE.CRS' ]
	[ "$(news cmd 1)" = 'firing party-out KE.CRS' ]
	# The signature is over the time and the body, under the key.
	at=$(sed -n 's/^X-Daftar-Time: \([0-9]*\).*/\1/p' hook/1)
	{
		printf '%s.' "$at"
		tail -n 1 hook/1
	} >signed
	sum=$(openssl dgst -sha256 -hmac "$(cat hook.key)" -r signed | cut -d' ' -f1)
	grep -q "^X-Daftar-Signature: sha256=$sum" hook/1
	resume KE.CRS
	until_true 10 test -s mail/2 -a -s hook/2 -a -s cmd/2
	[[ "$(subject mail/2)" == '[daftar demo] over: '* ]]
	[ "$(news hook 2)" = 'ended party-out KE.CRS' ]
	[ ! -e mail/3 ]
}

@test "that the exchange is killed is told, and that it is back" {
	alert_conf
	alert_start
	ended daftard KILL
	until_true 10 test -s mail/1
	[[ "$(subject mail/1)" == *'CRITICAL: the exchange does not answer' ]]
	broker_start
	until_true 10 test -s mail/2
	[[ "$(subject mail/2)" == *'over: the exchange does not answer' ]]
	[ ! -e mail/3 ]
}

@test "a restart repeats nothing, and loses nothing that came and went" {
	alert_conf
	alert_start
	run -1 "$build/broker/daftar-alert" -c alert.conf
	[[ "$output" == *'another daftar-alert runs with this state [LOCKED]' ]]
	suspend KE.CRS
	until_true 10 test -s mail/1
	until_true 10 grep -q '"since"' daftar-alert.state
	ended alert KILL
	suspend SO.NIRA
	until_true 10 grep -q 'rule=party-out.*SO.NIRA' logs/daftard.log
	resume SO.NIRA
	until_true 10 grep -q 'ended rule=party-out.*SO.NIRA' logs/daftard.log
	alert_start
	until_true 10 test -s mail/2
	[[ "$(subject mail/2)" == *'over: this party is cut off or suspended: SO.NIRA' ]]
	resume KE.CRS
	until_true 10 test -s mail/3
	[[ "$(subject mail/3)" == *'over: this party is cut off or suspended: KE.CRS' ]]
	[ ! -e mail/4 ]
}

@test "an alert and its end outlive a restart of the exchange" {
	alert_conf 'unreachable-seconds = 60'
	alert_start
	suspend KE.CRS
	until_true 10 test -s mail/1
	ended daftard KILL
	broker_start
	resume KE.CRS
	until_true 10 test -s mail/2
	[[ "$(subject mail/2)" == *'over: this party'*KE.CRS ]]
	[ ! -e mail/3 ]
}

@test "a receiver that never answers holds up nobody, and is told when it does" {
	webhook
	echo never >hook/answer
	alert_conf "webhook-url = \"http://127.0.0.1:$(cat hook/port)/in\"" 'timeout-seconds = 1'
	touch mail/broken
	alert_start
	suspend KE.CRS
	until_true 10 test -s hook/1
	until_true 10 grep -q 'not told channel=mail' logs/alert.log
	rm mail/broken
	until_true 10 test -s mail/1
	until_true 15 grep -q 'not told channel=webhook' logs/alert.log
	echo 500 >hook/answer
	until_true 15 test -s hook/2
	rm hook/answer
	until_true 15 grep -q 'told channel=webhook alerts=1$' logs/alert.log
	[ ! -e mail/2 ]
}

@test "whoever has seen it, or muted its rule, is left in peace" {
	alert_conf
	suspend KE.CRS
	ctl alert mute change --until 1h --reason trial
	id=$(ctl alert list --json | jq -r '.alerts[] | select(.subject == "KE.CRS") | .id')
	ctl alert ack "$id" --reason trial
	[ "$(ctl alert list --json | jq -r '.alerts[0].state')" = acked ]
	ctl alert mute "$id" --until 1h --reason trial
	[ "$(ctl alert list --json | jq -r '.alerts[0].state')" = muted ]
	alert_start
	suspend SO.NIRA
	until_true 10 test -s mail/1
	[[ "$(subject mail/1)" == *SO.NIRA ]]
	[ "$(grep -c KE.CRS mail/1)" -eq 0 ]
}

@test "settings that would tell nobody are refused, and a trial tells what works" {
	printf 'mail-severity = "loud"\n' >bad.conf
	run -1 timeout 20 "$build/broker/daftar-alert" -c bad.conf
	[[ "$output" == *'mail-severity is warning or critical'* ]]
	printf 'control = "x"\n' >bad.conf
	run -1 timeout 20 "$build/broker/daftar-alert" -c bad.conf
	[[ "$output" == *'nobody would be told'* ]]
	printf 'webhook-url = "file:///etc/passwd"\n' >bad.conf
	run -1 timeout 20 "$build/broker/daftar-alert" -c bad.conf
	[[ "$output" == *'begins with https://'* ]]
	printf 'mail-to = {"a"}\nmail-rules = {"nothing"}\n' >bad.conf
	run -1 timeout 20 "$build/broker/daftar-alert" -c bad.conf
	[[ "$output" == *'names a rule that there is not'* ]]
	echo 'a key of the webhook' >hook.key
	printf 'webhook-url = "http://127.0.0.1:1/"\nwebhook-key = "hook.key"\n' >bad.conf
	chmod 644 hook.key
	run -1 timeout 20 "$build/broker/daftar-alert" -c bad.conf
	[[ "$output" == *'may be read by others'* ]]
	takes cmd
	alert_conf "command = {\"$home/cmd/take\"}"
	touch cmd/broken
	run -1 "$build/broker/daftar-alert" -c alert.conf --test
	[ "${lines[0]}" = 'mail: handed over' ]
	[ "${lines[1]}" = 'command: FAILED' ]
	[[ "$(subject mail/1)" == *trial* ]]
}

@test "mails are French where the settings say so" {
	alert_conf 'language = "fr"'
	alert_start
	suspend KE.CRS
	until_true 10 test -s mail/1
	[[ "$(subject mail/1)" == *'cette partie est coupée ou suspendue: KE.CRS' ]]
}
