#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Scans of certificates on their way to the registry that was asked: over a line that breaks, by a
# program that is killed, and gone again when the consent is withdrawn.

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
	kenya_conf manual
	adapter_start KE.CRS
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json |
		jq -r .tracking)
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

# scan FILE SIZE: a JPEG picture of random octets
scan() {
	printf '\377\330\377' >"$1"
	head -c "$(($2 - 3))" /dev/urandom >>"$1"
}

digest() { sha256sum "$1" | cut -d' ' -f1; }
sync_now() { officer sync --timeout 20 >/dev/null; }

# sent: parts that the exchange has
sent() { ctl message list 500 --json | jq '[.. | objects | select(.action? == "Attachment")] | length'; }

# listed KEY: of the first scan that the registry has something of
listed() { adapter KE.CRS document list "$number" --json | jq -r ".[0].$1"; }
there() { [ "$(listed 'parts // 0')" -ge "$1" ]; }
complete() { [ "$(listed complete)" = true ]; }

@test "a scan arrives over a line that breaks, from a program that is killed, once and whole" {
	scan card.jpg 300000
	ends 2 "--kind" officer attach "$number" card.jpg
	ends 0 "kept with the draft" officer attach "$number" card.jpg --kind vaccination-card
	ends 0 "nothing was doubled" officer attach "$number" card.jpg
	not grep -qa "$(head -c 60 card.jpg | tail -c 40 | base64 -w0)" officer/spool/data.mdb
	# the program is killed while it files
	timeout -s KILL 0.05 "$build/liaison/daftar" --home officer request file "$number" \
		--timeout 0 >/dev/null 2>&1 || true
	ends 7 "" officer request file "$number" --timeout 0
	ends 0 "0 of 10 parts sent" officer outbox
	[ "$(officer outbox --json --quiet | jq -s length)" -eq 2 ]
	mkfifo proxy.in
	exec 7<>proxy.in
	"$build/tests/tools/faultproxy" 127.0.0.1 0 127.0.0.1 "${endpoint##*:}" \
		<proxy.in >proxy.out 2>&1 3>&- 7>&- &
	echo $! >pids/proxy
	disown
	until_true 10 grep -q listening proxy.out
	printf '%s\n' 'trickle 300000' 'reset up 90000' 'reset up 60000' >&7
	at=tcp://127.0.0.1:$(sed -n 's/^listening //p' proxy.out)
	"$build/liaison/daftar" --home officer sync --at "$at" --timeout 60 >/dev/null 3>&- 7>&- &
	until_true 30 there 2
	kill -KILL $!
	wait $! || true
	not complete
	ends 1 "parts are missing" adapter KE.CRS document save "$number" "$(digest card.jpg)" early.jpg
	[ ! -e early.jpg ]
	echo 'trickle 0' >&7
	officer sync --at "$at" --timeout 60 >/dev/null
	until_true 30 complete
	echo count >&7
	until_true 10 grep -q '^count ' proxy.out
	grep -q 'resets=[1-9]' proxy.out
	[ "$(sent)" -eq 10 ]
	adapter KE.CRS document save "$number" "$(digest card.jpg)" saved.jpg
	cmp card.jpg saved.jpg
	[ "$(stat -c %a saved.jpg)" = 600 ]
	ends 1 "saved.jpg" adapter KE.CRS document save "$number" "$(digest card.jpg)" saved.jpg
	adapter KE.CRS show "$number" --json | jq -e '.scans[0].complete'
	adapter KE.CRS ledger "$number" --json | jq -e 'any(.. | objects; .why? == "document save")'
	sync_now
	ends 0 "the registry has all of it" officer track "$number"
	ends 0 "nothing was doubled" officer attach "$number" card.jpg
	[ "$(sent)" -eq 10 ]
}

@test "only what the request names follows; a withdrawal erases it everywhere" {
	scan card.jpg 40000
	scan other.jpg 4000
	printf 'GIF89a' >picture.gif
	head -c 8388609 /dev/zero >large.pdf
	ends 3 "no PDF, JPEG or PNG" officer attach "$number" picture.gif --kind other
	ends 3 "larger than 8 MiB" officer attach "$number" large.pdf --kind other
	ends 0 kept officer attach "$number" card.jpg --kind proof-of-birth
	officer request file "$number" >/dev/null
	ends 1 "only scans that it names" officer attach "$number" other.jpg --kind other
	sync_now
	until_true 30 complete
	ends 0 "" officer consent withdraw "$number" --channel liaison-office --wait --timeout 60
	not there 2
	ends 1 "" adapter KE.CRS document save "$number" "$(digest card.jpg)" saved.jpg
	[ "$(officer track "$number" --json --quiet | jq '.scans')" = null ]
	ends 4 "was stopped" officer attach "$number" card.jpg
	# no octets of it anywhere, and nothing to open them with
	[ "$(adapter KE.CRS document list "$number" --json)" = '[]' ]
}
