#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Somebody has the operator's key, and puts a list of his own where the true one lay. The list in
# force names officers, so nobody takes his: not on a signal, not at a start, not when handed in.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	pki=$build/certs/daftar-pki
	cd "$home" || exit
	realm_make
	cp -r realm captured
	print=$(openssl x509 -in realm/operator.pem -outform DER | sha256sum | cut -c -32)
	for who in anna bene; do
		"$pki" officer $who --name $who
	done
	"$pki" officers realm --officer anna/officer.pem --officer bene/officer.pem --approvals 2
	approve
}

teardown() {
	test_over
}

approve() {
	for who in anna bene; do
		"$pki" approve realm/trust.draft.xml --officer $who --yes \
			--operator-fingerprint "$print"
	done
	"$pki" publish realm
}

log_has() { grep -q -- "$2" "$home/logs/$1.log"; }

version_of() { "$@" status --json | jq .trust.version; }

@test "a list that only the operator's key has signed is taken nowhere" {
	for _ in 1 2 3; do "$pki" resign captured; done # version 4, no officers
	broker_conf
	broker_start
	somalia_conf automatic
	adapter_start SO.NIRA
	officer_setup
	cp captured/trust.xml realm/trust.xml

	kill -HUP "$(pid_of daftard)"
	until_true 20 log_has daftard 'version=4 refused code=APPROVAL'
	[ "$(version_of ctl)" = 2 ]
	ended daftard
	run timeout 20 "$build/broker/daftard" -c "$home/broker/daftard.conf"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"[APPROVAL]"* ]]

	ended SO.NIRA
	adapter_start SO.NIRA
	log_has SO.NIRA 'the list of the last run stands'
	[ "$(version_of adapter SO.NIRA)" = 2 ]

	run officer_setup
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *APPROVAL* ]]
	cmp officer/trust.xml realm/lists/trust-2.xml

	# What the officers approve of is taken by all of them.
	cp realm/lists/trust-2.xml realm/trust.xml
	"$pki" resign realm
	approve
	broker_start
	[ "$(version_of ctl)" = 3 ]
	ended SO.NIRA
	adapter_start SO.NIRA
	[ "$(version_of adapter SO.NIRA)" = 3 ]
	officer_setup
}
