#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# From an authority's list of revoked certificates to a message that is refused for it.

setup() {
	load pki-steps
	examiner=$DAFTAR_BUILD/broker/daftar-examiner
	forge=$DAFTAR_BUILD/tests/tools/forge
	cd "$BATS_TEST_TMPDIR" || exit
}

examine() {
	"$examiner" --check one.xml --trust trust.xml --operator realm/operator.pem "$@"
}

@test "a realm that demands revocation data holds what comes without it" {
	"$pki" realm realm --revocation-grace 24
	[ "$(grep -o 'revocationGrace="24"' realm/trust.xml | wc -l)" -eq 3 ]
	"$forge" realm pair .
	cp realm/trust.xml . # in force until the end of this test
	[[ "$(examine --json)" == *'"code":"OK"'*'"held":true'* ]]

	"$pki" crl realm --out other.crl --country KE
	[[ "$(examine --json --revocation other.crl)" == *'"held":true'* ]]
	"$pki" crl realm --out fresh.crl # the sender's authority is the realm's own
	[[ "$(examine --json --revocation fresh.crl)" == *'"held":false'* ]]

	"$pki" revoke realm --party UNHCR.NBO
	"$pki" crl realm --out revoking.crl
	run examine --revocation fresh.crl --revocation revoking.crl
	[ "$status" -eq 1 ]
	[[ "$output" == *'refused CERT-REVOKED'* ]]
	run examine --revocation revoking.crl --revocation fresh.crl # the older one changes nothing
	[[ "$status" -eq 1 && "$output" == *'refused CERT-REVOKED'* ]]
	run examine --revocation realm/operator.pem
	[ "$status" -eq 2 ]
	[[ "$output" == *'(REVOCATION)'* ]]
}

@test "revocation grace is a number of hours of a week" {
	for bad in -1 169 x '' 1.5; do
		run "$pki" realm realm --revocation-grace "$bad"
		[ "$status" -eq 2 ]
	done
	[ ! -e realm ]
	make_realm
	not grep -q revocationGrace realm/trust.xml
}
