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

# renew FOLDER: the office makes its next keys, the operator lists them
renew() {
	"$pki" request "$1" --renew >out
	"$pki" renew realm --request "$1/next/request.json" --answer "$2" \
		--fingerprint "$(print_in out)"
}

certs_of() { grep -o '<tl:Party code="KE.CRS".*' realm/trust.xml | sed 's/<\/tl:Party>.*//' |
	grep -o "<tl:$1>" | wc -l; }

@test "new keys are listed beside the old ones until those are retired" {
	make_realm
	office=realm/parties/KE.CRS
	old=$(openssl x509 -in "$office"/sign.pem -outform DER | sha256sum | cut -c -32)
	refused STATE "$pki" retire realm --party KE.CRS --cert "$old" # it has no other
	renew "$office" answer.json
	renewed=$(state_of realm)
	"$pki" renew realm --request "$office"/next/request.json --answer again.json
	cmp answer.json again.json
	[ "$(state_of realm)" = "$renewed" ]
	for kind in Sign Encrypt Curve; do [ "$(certs_of $kind)" -eq 2 ]; done
	# An answer of another office does not move the keys.
	renew realm/parties/SO.NIRA other.json
	before=$(state_of $office)
	refused NO-CERT "$pki" accept "$office" --answer other.json --operator-fingerprint "$operator"
	[ "$(state_of $office)" = "$before" ]
	"$pki" accept "$office" --answer answer.json --operator-fingerprint "$operator"
	"$pki" accept "$office" --answer answer.json --operator-fingerprint "$operator"
	[ -s "$office"/encrypt.old.key ] && [ "$(stat -c %a "$office"/encrypt.old.key)" = 600 ]
	[ "$(find "$office" -name 'sign.key.old-*' | wc -l)" -eq 1 ]
	refused NOT-FOUND "$pki" retire realm --party SO.NIRA --cert "$old"
	"$pki" retire realm --party KE.CRS --cert "$old"
	[ "$(certs_of Sign)" -eq 1 ] && [ "$(certs_of Encrypt)" -eq 2 ]
	[ "$(grep -o '<tl:Revoked ' realm/trust.xml | wc -l)" -eq 1 ]
	# Four of a kind are the most.
	for n in 1 2; do
		renew "$office" "answer$n.json"
		"$pki" accept "$office" --answer "answer$n.json"
	done
	"$pki" request "$office" --renew >out
	refused STATE "$pki" renew realm --request "$office"/next/request.json --answer last.json \
		--fingerprint "$(print_in out)"
	refused STATE renew realm/parties/DAFTAR.HUB hub.json
}

@test "a move of keys that was interrupted is finished" {
	make_realm
	office=realm/parties/KE.CRS
	renew "$office" answer.json
	mv "$office"/sign.key aside
	mv "$office"/next/sign.key "$office"/sign.key # as far as the first run came
	"$pki" accept "$office" --answer answer.json --operator-fingerprint "$operator"
	[ ! -e "$office"/next ]
	for k in sign encrypt; do
		[ "$(openssl pkey -in "$office"/$k.key -pubout)" = \
			"$(openssl x509 -in "$office"/$k.pem -noout -pubkey)" ]
	done
}

@test "what ends soon is told, the soonest first" {
	make_realm
	[ -z "$("$pki" show realm/trust.xml --expiring 30)" ]
	"$pki" show realm/trust.xml --expiring 100 | grep -q '  list'
	"$pki" show realm/trust.xml --expiring 900 >shown
	[ "$(wc -l <shown)" -eq 9 ] # the list, and two certificates of four parties
	head -n 1 shown | grep -q '  list'
	sort -s -c -k 1,1 shown
	"$pki" show realm/trust.xml --expiring 3650 --json | jq -e 'length == 13 and
		(map(.what) | index("operator") and index("anchor"))'
}
