#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# A registry changes all its keys while cases are under way: what was sent to the old ones is opened,
# the new ones are used at once, and the old ones go.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	pki=$build/certs/daftar-pki keys=realm/parties/SO.NIRA
	cd "$home" || exit
	realm_make
	kenya_make
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
}

teardown() {
	test_over
}

file_case() {
	cp "$DAFTAR_TESTS/data/cases/$1.json" .
	number=$(officer request new --from "$1.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
}

transcribed() {
	officer track "$number" --wait --timeout 60 >/dev/null
	[ "$(officer track "$number" --json --quiet | jq -r .result)" = Transcribed ]
}

in_force() {
	[ "$(ctl status --json | jq .trust.version)" = "$1" ] ||
		grep -q "trust list version=$1 in force" logs/daftard.log
}

published() {
	kill -HUP "$(pid_of daftard)"
	until_true 20 in_force "$1"
}

# print_of CERTIFICATE
print_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c -32; }

curves() { "$pki" show realm/trust.xml | sed -n '/SO\.NIRA/,/UNHCR/s/ *line key *//p'; }

accepted() { grep -q 'accepted from=KE.CRS to=SO.NIRA' logs/daftard.log; }

@test "a registry changes its keys while a record is on its way to the old ones" {
	ended SO.NIRA
	file_case hodan
	until_true 30 accepted # encrypted to the old key, waiting at the exchange

	old_sign=$(print_of "$keys"/sign.pem) old_encrypt=$(print_of "$keys"/encrypt.pem)
	old_curve=$(curves)
	"$pki" request "$keys" --renew >out
	"$pki" renew realm --request "$keys"/next/request.json --answer answer.json \
		--fingerprint "$(sed -n '$s/^ *//p' out)"
	[ "$(print_of "$keys/sign.pem")" = "$old_sign" ] # nothing is in use before it is accepted
	"$pki" accept "$keys" --answer answer.json --operator-fingerprint "$(print_of realm/operator.pem)"
	[ "$(print_of "$keys/sign.pem")" != "$old_sign" ]
	[ "$(print_of "$keys/encrypt.old.pem")" = "$old_encrypt" ]
	[ ! -e "$keys"/next ]
	published 2

	adapter_start SO.NIRA
	transcribed # the record was opened with the old key, the outcome signed with the new one
	[ "$(somalia_entries)" -eq 1 ]

	# Both sets counted so far; now the old one goes, and what follows needs the new one alone.
	for print in "$old_sign" "$old_encrypt" "$old_curve"; do
		"$pki" retire realm --party SO.NIRA --cert "$print"
	done
	[ "$(grep -o '<tl:Revoked [^>]*country="SO"' realm/trust.xml | wc -l)" -eq 2 ]
	published 5
	ended SO.NIRA
	rm "$keys"/encrypt.old.*
	adapter_start SO.NIRA
	file_case yuusuf
	transcribed
	[ "$(somalia_entries)" -eq 2 ]
}
