#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What an operator sees and does about bodies that are kept, and who has handled a case.

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
	officer_setup >/dev/null
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
	speak KE.CRS hello:1:0:4 WELCOME TRUST DELIVER keep:message.xml
	id=$(sed -n 's/.*<e:MessageId>\([^<]*\)<.*/\1/p' message.xml)
	digest=$(sha256sum <message.xml | cut -d ' ' -f 1)
}

teardown() {
	test_over
}

speak() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/$1/curve.key" "${@:2}"
}

# the file of the store: how often the message stands there
in_store() {
	grep -c -a -F "$(head -c 4000 message.xml | tail -c 300)" broker/store/data.mdb || true
}

gone() { [ "$(in_store)" = 0 ]; }

delivered() { ctl message show "$id" --json | jq -e '.stage == "DELIVERED"'; }

@test "P11 the operator reads who has handled a case, himself included" {
	run ctl ledger "$number" --json
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(jq -r '[.entries[].what] | join(" ")' <<<"$output")" = "accepted offered" ]
	ctl message show "$id"
	run ctl ledger "$id" --json
	echo "$output"
	jq -e '.entries[] | select(.what == "seen" and .who == "DAFTAR.HUB" and .officer != "")' <<<"$output"
	jq -e 'all(.entries[]; .agreement != "" and .purpose != "" and .token != null)' <<<"$output"
	not_found=0
	ctl ledger 01900000-0000-7000-8000-000000000000 || not_found=$?
	[ "$not_found" -eq 5 ]
}

@test "P8 a body that was dropped by hand leaves the file; receipts, log and store stay whole" {
	speak KE.CRS "hello:2:0:0" WELCOME TRUST "taken:$id:$digest"
	until_true 10 delivered
	[ "$(in_store)" -gt 0 ]
	run ctl retain purge "$number" --dry-run --json
	echo "$output"
	jq -e ".dry_run and (.dropped | length) == 1" <<<"$output"
	run ctl retain purge "$number" --json
	[ "$status" -eq 2 ]
	ctl retain hold "$number" --reason "court order 7"
	run ctl retain purge "$number" --reason "a test" --json
	echo "$output"
	[ "$status" -eq 1 ]
	run ctl retain show --json
	jq -e '.holds[0].reason == "court order 7"' <<<"$output"
	ctl retain release "$number" --reason "order lifted"
	run ctl retain purge "$number" --reason "a test" --json
	echo "$output"
	[ "$status" -eq 0 ]
	until_true 10 gone
	ctl retain show "$id" --json | jq -e '.messages[0] | .left == "by-hand" and .body == false'
	run ctl retain report --json
	echo "$output"
	jq -e '.left[0] | .from == "UNHCR.NBO" and .to == "KE.CRS" and .why == "by-hand" and .bodies == 1' <<<"$output"
	ctl retain report 2020-01-01 2020-01-31 --json | jq -e '.left == []'
	ctl message receipt "$id" ACCEPTED >receipt.xml
	ctl message receipt "$id" DELIVERED >delivered.xml
	ctl log show >head.note
	ctl log check head.note
	ctl scrub
	run ctl ledger "$number" --json
	jq -e '[.entries[].what] | contains(["legal-hold", "legal-hold-lifted", "body-dropped"])' <<<"$output"
}
