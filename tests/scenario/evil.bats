#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# An exchange that tells two stories: two of it run with the same keys from a copy of one store, and
# show different parties different logs. The parties find out.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make --name demo
	broker_conf
	broker_start
	front=$endpoint
	officer_setup
	request hodan
}

teardown() {
	test_over
}

# request CASE: one more message in the log of the exchange that the officer speaks to
request() {
	officer request file "$(officer request new --from "$DAFTAR_TESTS/data/cases/$1.json" \
		--json | jq -r .tracking)"
}

# The second story: the store as it is now, goes on by itself.
split() {
	ctl log show >common.head
	ended daftard TERM
	cp -r broker evil
	sed "s|$home/broker|$home/evil|; s|^listen.*|listen = \"tcp://127.0.0.1:*\"|" \
		broker/daftard.conf >evil/daftard.conf
	broker_conf "$front"
	broker_start
	rm -f evil/endpoint
	started evil "$build/broker/daftard" -c evil/daftard.conf
	until_true 20 test -s evil/endpoint
	back=$(cat evil/endpoint)
}

# sees CODE SIZE: the adapter has verified a head of at least that size
sees() { (($(adapter "$1" log show --json 2>/dev/null | jq .size) >= $2)); }

size_of() { ctl log show | sed -n 2p; }

# Kenya is shown the first story, Somalia the second.
two_views() {
	split
	kenya_make 7 20
	kenya_conf manual
	endpoint=$back
	somalia_conf manual
	adapter_start KE.CRS
	adapter_start SO.NIRA
	until_true 20 sees KE.CRS 1
	until_true 20 sees SO.NIRA 1
}

@test "two registries find out that each is shown another log" {
	two_views
	endpoint=$front
	# Both have the common part, and that is no alarm.
	run adapter SO.NIRA log compare common.head
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == OK* ]]
	run ctl log check common.head
	[ "$status" -eq 0 ]
	# Each story goes on by itself.
	before=$(size_of)
	request selam
	officer sync >/dev/null
	mv officer officer-front
	endpoint=$back
	officer_setup
	request hodan
	endpoint=$front
	after=$(size_of)
	((after > before))
	ctl log show >front.head
	"$build/broker/daftarctl" --socket evil/control.sock log show >back.head
	# By mail: Somalia is told what Kenya sees.
	run adapter SO.NIRA log compare front.head
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" == FORKED* ]]
	[ -s front.head.forked ]
	run -1 adapter SO.NIRA status --json
	jq -e '.logForked and (.alarms | length > 0)' <<<"$output"
	run adapter SO.NIRA log show
	[ "$status" -eq 1 ]
	[[ "$output" == *LOG-FORKED*acknowledge* ]]
	# Anyone can check that the head is not one of the other log.
	run ctl log check back.head
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *not-ours* ]]
	# Kenya, which was told nothing false, is not disturbed.
	run adapter KE.CRS log compare common.head
	[ "$status" -eq 0 ]
	# A person has looked: the proof stays, work goes on.
	adapter SO.NIRA log acknowledge
	run adapter SO.NIRA log acknowledge
	[ "$status" -eq 1 ]
	until_true 20 adapter SO.NIRA status
}

@test "a registry that is shown another log than before says so by itself" {
	two_views
	endpoint=$front
	request selam
	until_true 20 test "$(size_of)" -gt 1
	ended KE.CRS TERM
	adapter_start KE.CRS
	until_true 20 sees KE.CRS "$(size_of)"
	ended KE.CRS TERM
	endpoint=$back
	kenya_conf manual
	started KE.CRS "$build/adapters/daftar-adapter" -c "$home/KE.CRS/adapter.conf"
	is_forked() { [ "$(adapter KE.CRS status --json | jq .logForked)" = true ]; }
	until_true 20 is_forked
	run adapter KE.CRS check
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *forked/* ]]
}
