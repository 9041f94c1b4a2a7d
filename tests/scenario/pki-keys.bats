#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The life of keys and certificates: what is revoked is published by its authority.

setup() {
	load pki-steps
	cd "$BATS_TEST_TMPDIR" || exit
}

crl() { openssl crl -inform DER -noout -in "$1" "${@:2}"; }

serials() { crl "$1" -text | sed -n 's/^ *Serial Number: //p' | sort; }

@test "an authority publishes what the trust list revokes of its country" {
	make_realm
	"$pki" revoke realm --party KE.CRS
	"$pki" revoke realm --party SO.NIRA
	"$pki" crl realm --country KE
	[ "$(serials realm/crl/KE.crl)" = "$(grep -o '<tl:Revoked [^>]*country="KE"[^>]*>' \
		realm/trust.xml | sed 's/.*serial="\(.*\)".*/\1/' | tr a-f A-F | sort)" ]
	[ "$(serials realm/crl/KE.crl | wc -l)" -eq 2 ]
	crl realm/crl/KE.crl -CAfile realm/anchors/KE.pem 2>&1 | grep -q 'verify OK'
	"$pki" crl realm # of the realm's own authority: nothing is revoked
	[ -z "$(serials realm/crl/realm.crl)" ]
	crl realm/crl/realm.crl -CAfile realm/anchors/realm.pem 2>&1 | grep -q 'verify OK'
}

@test "the number of a revocation list rises and its days are those asked for" {
	make_realm
	"$pki" crl realm --country KE --days 3 --out one.crl
	"$pki" crl realm --country KE --out two.crl
	"$pki" crl realm --country SO --out other.crl
	[[ "$(crl one.crl -crlnumber)" == *=*1 && "$(crl two.crl -crlnumber)" == *=*2 ]]
	[[ "$(crl other.crl -crlnumber)" == *=*1 ]]
	until=$(date -d "$(crl one.crl -nextupdate | sed 's/.*=//')" +%s)
	[ "$until" -gt "$(date -d '70 hours' +%s)" ]
	[ "$until" -le "$(date -d '72 hours' +%s)" ]
	echo nonsense >realm/crl/KE.number
	before=$(state_of realm)
	refused INPUT "$pki" crl realm --country KE
	refused NO-KEY "$pki" crl realm --country DJ
	refused INPUT "$pki" crl realm --country Kenya
	[ "$(state_of realm)" = "$before" ]
}
