#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# A realm that demands fresh revocation data: what comes while too little is known is accepted and
# held, a newer list lets it go on, once, and a list that revokes a signer keeps him out.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make --revocation-grace 0
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

pki() { "$build/certs/daftar-pki" "$@"; }

# own_crl NUMBER FROM UNTIL FILE: a list of the realm's own authority that holds between these times,
# revoking what stands in old/index
own_crl() {
	mkdir -p old
	touch old/index
	echo "$1" >old/number
	cat >old/ca.cnf <<-END
		[ca]
		default_ca = ca_default
		[ca_default]
		database = old/index
		crlnumber = old/number
		default_md = sha256
		crl_extensions = crl
		[crl]
		authorityKeyIdentifier = keyid
	END
	openssl ca -gencrl -config old/ca.cnf -keyfile realm/ca/realm.key \
		-cert realm/anchors/realm.pem -crl_lastupdate "$(asn1_time "$2")" \
		-crl_nextupdate "$(asn1_time "$3")" -out old/crl.pem 2>old/said
	openssl crl -in old/crl.pem -outform DER -out "$4"
}

asn1_time() { date -u -d "$1" +%y%m%d%H%M%SZ; }

# revoked_since WHEN: the officer's signing certificate
revoked_since() {
	mkdir -p old
	printf 'R\t%s\t%s\t%s\tunknown\t/O=demo\n' "$(asn1_time 'next year')" "$(asn1_time "$1")" \
		"$(openssl x509 -in realm/parties/UNHCR.NBO/sign.pem -noout -serial | cut -d = -f 2)" \
		>old/index
}

# crl COUNTRY FILE: a list that holds for a week; "" for the realm's own authority
crl() { pki crl realm --out "$2" ${1:+--country "$1"} >/dev/null; }

registries() {
	kenya_make
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	for code in KE.CRS SO.NIRA; do
		echo "revocation-data = {\"$home/${code%%.*}.crl\"}" >>"$code/adapter.conf"
		adapter_start "$code"
	done
	officer_setup >/dev/null
}

# file_case NAME: sets $number
file_case() {
	number=$(officer request new --from "$DAFTAR_TESTS/data/cases/$1.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
}

held() { ctl status --json | jq -e ".held == $1"; }

log_has() { grep -q -- "$2" "$home/logs/$1.log"; }

refused_once() { ctl status --json | jq -e '.refused["CERT-REVOKED"] >= 1'; }

listed() { ctl crl list --json | jq -e "[.crls[] | select(.kind == \"CRL\")] | length == $1"; }

@test "held for want of fresh revocation data, released by it, and entered once" {
	crl KE KE.crl
	crl SO SO.crl
	registries
	until_true 20 listed 2 # each adapter has brought its country's
	until_true 20 log_has SO.NIRA 'revocation data number=[12] country=KE'
	until_true 20 log_has KE.CRS 'revocation data number=[12] country=SO'
	run ctl crl list
	[[ "$output" == *'there is none'* ]]
	own_crl 01 '50 seconds ago' '20 seconds ago' ended.crl
	ctl crl add ended.crl
	ctl crl list --json | jq -e '.crls[] | select(.country == "") | .too_old_since != null'
	until_true 10 log_has daftard 'of the realm has run out'

	file_case hodan
	until_true 20 held 1
	log_has daftard ' held from=UNHCR.NBO'
	ctl message list --json | jq -e '.messages[0] | .held and .stage == "ACCEPTED"'
	ctl message show "$number" | grep -q '^held since  *20'
	run ctl status
	[ "$status" -eq 1 ]
	[[ "$output" == *'1 until newer revocation data comes'* ]]
	[ "$(adapter KE.CRS inbox --json | jq length)" -eq 0 ]

	ended daftard KILL
	broker_conf "$endpoint"
	broker_start
	held 1

	crl '' first.crl # number 1, as the ended one
	run ctl crl add first.crl
	[ "$status" -eq 1 ]
	[[ "$output" == *'(REVOCATION-OLD)'* ]]
	held 1
	crl '' fresh.crl
	ctl crl add fresh.crl
	until_true 20 held 0
	log_has daftard ' released from=UNHCR.NBO'
	officer track "$number" --wait --timeout 60 >/dev/null
	[ "$(officer track "$number" --json --quiet | jq -r .result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 1 ]
	run ctl status
	[ "$status" -eq 0 ]
}

@test "held, and a list that revokes the signer makes it a dead letter" {
	broker_conf
	broker_start
	officer_setup >/dev/null
	file_case hodan
	until_true 20 held 1
	revoked_since '40 seconds ago'
	own_crl 01 '30 seconds ago' tomorrow revoking.crl
	ctl crl add revoking.crl
	until_true 20 held 0
	log_has daftard ' dead-letter from=UNHCR.NBO.* code=CERT-REVOKED'
	jq '.consent.id = "3f1c9a52-7d40-4b6e-9a11-5e0c8d2b7fff"' \
		"$DAFTAR_TESTS/data/cases/hodan.json" >again.json
	number=$(officer request new --from again.json --json | jq -r .tracking)
	run officer request file "$number"
	until_true 20 refused_once
}

waiting() { [ "$(adapter KE.CRS status --json | jq .spool.in.waiting)" -eq "$1" ]; }

ended_as() { ctl message list --json | jq -e --arg s "$1" '[.messages[].stage] == [$s]'; }

@test "what waits for the registrar ends when its signer turns out to have been revoked before" {
	kenya_make
	broker_conf
	broker_start
	kenya_conf manual
	crl KE KE.crl
	crl '' first.crl
	ctl crl add KE.crl
	ctl crl add first.crl
	adapter_start KE.CRS
	officer_setup >/dev/null
	file_case hodan
	until_true 20 waiting 1
	revoked_since '1 hour ago'
	own_crl 09 '30 seconds ago' tomorrow revoking.crl
	ctl crl add revoking.crl
	until_true 20 log_has KE.CRS 'revocation data number=3'
	waiting 1
	run adapter KE.CRS certify "$number"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *CERT-REVOKED* ]]
	waiting 0
	until_true 20 ended_as REJECTED # and no extract has gone out
}

@test "a courier brings revocation data as well" {
	broker_conf
	broker_start
	crl KE KE.crl
	ctl crl add KE.crl
	endpoint=tcp://127.0.0.1:1 # nobody else reaches the exchange
	somalia_conf automatic
	adapter_start SO.NIRA
	adapter SO.NIRA export one
	ctl bundle import one one.answer
	adapter SO.NIRA import one.answer
	log_has SO.NIRA 'revocation data number=1 country=KE'
	adapter SO.NIRA export two # it has that, and is given nothing twice
	ctl bundle import two two.answer
	adapter SO.NIRA import two.answer
	[ "$(grep -c 'revocation data number=' logs/SO.NIRA.log)" -eq 1 ]
}

@test "revocation data that proves nothing is refused, and says why" {
	broker_conf
	broker_start
	run ctl crl add realm/operator.pem
	[ "$status" -eq 1 ]
	[[ "$output" == *'(REVOCATION)'* && "$output" == *'safe:'* && "$output" == *'next:'* ]]
	head -c 70000 /dev/zero >large
	run ctl crl add large
	[[ "$status" -eq 1 && "$output" == *'(TOO-LARGE)'* ]]
	run ctl crl add nowhere
	[ "$status" -eq 1 ]
	[[ "$output" == *'No such file'* ]]
	listed 0
}
