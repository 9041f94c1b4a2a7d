#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The exchange's store from outside: its key, the scrub, a backup while it works, and a copy that
# was put back.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make --name demo
	broker_conf
	mkdir backups
	echo 'backup-dir = "../backups"' >>broker/daftard.conf
	key=realm/parties/DAFTAR.HUB/store.key
}

teardown() {
	test_over
}

daftard() { "$build/broker/daftard" -c "$home/broker/daftard.conf" "$@"; }

# value KEY: of a JSON object on standard input
value() { jq -r "$1"; }

log_has() { grep -q -- "$1" "$home/logs/daftard.log"; }

# submit_one: the officer files a request, which the exchange accepts
submit_one() {
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json |
		value .tracking)
	officer request file "$number" >/dev/null
}

# spoil: changes one letter of every statement, wherever it stands
spoil() {
	local at
	grep -abo '<e:Statement><e:For' broker/store/data.mdb | cut -d : -f 1 >places
	while read -r at; do
		printf 's' | dd of=broker/store/data.mdb bs=1 seek=$((at + 3)) conv=notrunc status=none
	done <places
	[ -s places ]
}

@test "the store has a key outside of its folder, and does not start without it" {
	[ ! -e "$key" ]
	broker_start
	[ "$(stat -c '%a %s' "$key")" = "600 32" ]
	ended_all
	mv "$key" away
	run daftard
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"[NO-KEY]"* || "$output" == *"(NO-KEY)"* ]]
	[ ! -e "$key" ]
	mv away "$key"
	broker_start
}

@test "the scrub finds the store whole, from daftarctl and beside a daftard that runs" {
	broker_start
	submit_one
	run ctl scrub
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *" 0 damaged"* ]]
	run daftard --scrub
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"damaged=0"* ]]
	[ "$(ctl status --json | value .scrub.code)" = OK ]
	log_has 'scrub code=OK records='
}

@test "a damaged store is an alarm" {
	broker_start
	submit_one
	ended_all
	spoil
	run daftard --scrub
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"DAMAGED"* ]]
	broker_start
	run ctl scrub
	echo "$output"
	[ "$status" -eq 1 ]
	run ctl status
	echo "$output"
	[ "$status" -eq 2 ]
	[[ "$output" == *DAMAGED* ]]
	log_has 'alarm: scrub code=DAMAGED'
}

@test "a backup is made while daftard works, once under a name, and never elsewhere" {
	broker_start
	submit_one
	run ctl backup first
	echo "$output"
	[ "$status" -eq 0 ]
	[ -s backups/first/data.mdb ]
	run ctl backup first
	[ "$status" -eq 1 ]
	run ctl backup ../elsewhere
	[ "$status" -eq 2 ]
	[ ! -e elsewhere ]
	run daftard --backup "$home/backups/second"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"damaged=0"* ]]
	[ "$(ctl status --json | value .generation)" = 1 ]
}

@test "without backup-dir daftarctl makes no backup" {
	sed -i '/^backup-dir/d' broker/daftard.conf
	broker_start
	run ctl backup first
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *CONFIG* ]]
}

@test "a backup that is put back begins a new generation of the log" {
	broker_start
	submit_one
	ctl backup first
	ended_all
	rm -r broker/store
	cp -r backups/first broker/store
	broker_start
	[ "$(ctl status --json | value .generation)" -gt 1 ]
	[ "$(ctl status --json | value .restored)" = true ]
}

@test "an older file in place of a newer one is not opened until a person says so" {
	broker_start
	ended_all
	cp broker/store/data.mdb older.mdb
	broker_start
	submit_one
	ended_all
	cp older.mdb broker/store/data.mdb
	run daftard
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"--restored"* ]]
	run daftard --restored
	echo "$output"
	[ "$status" -eq 0 ]
	broker_start
	[ "$(ctl status --json | value .generation)" -gt 1 ]
}
