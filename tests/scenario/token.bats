#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# A realm whose operator, liaison office and one registry keep their keys in tokens (SoftHSM): a case
# goes through, the token is pulled out in the middle of another and put back, and a wrong PIN is
# told and tried once.

bats_require_minimum_version 1.5.0

module=/usr/lib/softhsm/libsofthsm2.so
pin=40917352

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	pki=$build/certs/daftar-pki
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

# tool TOKEN WORD...: pkcs11-tool, logged in
tool() {
	pkcs11-tool --module $module --token-label "$1" --login --pin $pin "${@:2}" >>tool.log 2>&1
}

tokens_make() {
	mkdir -p tokens
	printf 'directories.tokendir = %s/tokens\nlog.level = ERROR\n' "$home" >softhsm2.conf
	export SOFTHSM2_CONF=$home/softhsm2.conf
	(umask 077 && echo $pin >pin)
}

# token_make NAME KEY...: a token with key pairs, and a folder of key files that name them
token_make() {
	local key
	softhsm2-util --init-token --free --label "$1" --so-pin 77665544 --pin $pin >>tool.log
	mkdir -m 700 "named-$1"
	for key in "${@:2}"; do
		tool "$1" --keypairgen --key-type EC:prime256v1 --sensitive --label "$key"
		(umask 077 && named "$1" "$key" >"named-$1/$key.key")
	done
}

named() { echo "pkcs11:token=$1;object=$2?module-path=$module&pin-source=file:$home/pin"; }

# joins NAME CODE ROLE NAME-OF-OFFICE [OPTION...]: the keys are those of the token
joins() {
	"$pki" request "$1" --token "named-$1" --party "$2" --role "$3" --name "$4" "${@:5}" >out
	"$pki" enrol realm --request "$1/request.json" --answer "$1.answer" \
		--fingerprint "$(sed -n '$s/^ *//p' out)"
	"$pki" accept "$1" --answer "$1.answer" --operator-fingerprint "$operator"
}

# A realm of three tokens. What the exchange and Kenya have lies in files.
realm_with_tokens() {
	tokens_make
	token_make operator operator
	token_make office sign encrypt
	token_make registry sign encrypt
	realm_make --token named-operator --party 'KE.CRS:KE:registry:Civil Registration Services, Kenya'
	operator=$(sed -n 's/^operator.s fingerprint: //p' realm.log)
	joins office UNHCR.NBO liaison 'UNHCR, Nairobi'
	joins registry SO.NIRA registry 'Identification Authority, Somalia' --country SO
	agree KE.CRS SO.NIRA
	agree SO.NIRA KE.CRS
	agree UNHCR.NBO KE.CRS
	agree KE.CRS UNHCR.NBO
	agree SO.NIRA UNHCR.NBO
	"$pki" pair registry KE.CRS >>out
	"$pki" pair realm/parties/KE.CRS SO.NIRA --take registry/pair-KE.CRS.key >>out
	mkdir -p realm/parties/UNHCR.NBO realm/parties/SO.NIRA
	cp -p office/* realm/parties/UNHCR.NBO
	cp -p registry/* realm/parties/SO.NIRA
}

agree() { "$pki" agree realm --from "$1" --to "$2" >>out; }

everything() {
	realm_with_tokens
	kenya_make
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >>out
}

# file_case NAME: sets $number
file_case() {
	cp "$DAFTAR_TESTS/data/cases/$1.json" .
	number=$(officer request new --from "$1.json" --json | jq -r .tracking)
	officer request file "$number" >>out
}

# track NUMBER KEY: once the case has ended
track() {
	officer track "$1" --wait --timeout 60 >/dev/null
	officer track "$1" --json --quiet | jq -r ".$2"
}

log_has() { grep -q -- "$2" "$home/logs/$1.log"; }

# refused_with CODE: what was run ended so, and names the key
refused_with() {
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *sign.key* ]]
	[[ "$output" == *"($1)"* ]]
}

tokens_go() {
	mv tokens away
	mkdir tokens
}

tokens_come() {
	rmdir tokens
	mv away tokens
}

@test "with keys in tokens a case goes through, and through a loss in the middle" {
	everything
	not grep -rlE 'PRIVATE KEY' realm/operator.key realm/parties/SO.NIRA realm/parties/UNHCR.NBO \
		officer/keys
	file_case hodan
	[ "$(track "$number" result)" = Transcribed ]
	first=$(pid_of SO.NIRA)
	# It gets no turn before its token is away.
	kill -STOP "$first"
	file_case yuusuf
	tokens_go
	kill -CONT "$first"
	until_true 60 log_has SO.NIRA 'put off code=TOKEN'
	[ "$(somalia_entries)" -eq 1 ]
	adapter SO.NIRA status
	tokens_come
	[ "$(track "$number" result)" = Transcribed ]
	[ "$(somalia_entries)" -eq 2 ]
	[ "$(pid_of SO.NIRA)" = "$first" ]
	alive SO.NIRA
	not grep -r $pin logs
}

@test "without its token nobody starts, and a wrong PIN is tried once" {
	realm_with_tokens
	endpoint=tcp://127.0.0.1:1
	somalia_conf automatic
	tokens_go
	run adapter SO.NIRA
	refused_with TOKEN
	before=$(sha256sum realm/trust.xml)
	run "$pki" resign realm
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"[TOKEN]"* ]]
	[ "$(sha256sum realm/trust.xml)" = "$before" ]
	tokens_come
	"$pki" resign realm
	echo 11112222 >pin
	for _ in 1 2; do
		run adapter SO.NIRA
		refused_with PIN
		# the right one is not tried either, as long as the token bears the mark
		echo $pin >pin
	done
	tool registry --list-objects
	run adapter SO.NIRA check
	[[ "$output" == *"ok     keys"* ]]
	[ ! -e SO.NIRA/spool ]
	# The exchange is confined: its log's key lies in a file.
	broker_conf
	cp named-registry/sign.key realm/parties/DAFTAR.HUB/log.key
	run "$build/broker/daftard" -c broker/daftard.conf
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *log.key*"[NO-KEY]"* ]]
}

@test "an authority's key that was moved into a token issues as before" {
	tokens_make
	token_make authority
	realm_make
	openssl pkey -in realm/ca/KE.key -outform DER -out ke.der
	openssl pkey -in realm/ca/KE.key -pubout -outform DER -out ke.pub
	tool authority --write-object ke.der --type privkey --label KE --id 01 --sensitive --usage-sign
	tool authority --write-object ke.pub --type pubkey --label KE --id 01 --usage-sign
	named authority KE >realm/ca/KE.key
	"$pki" request new --party KE.NRB --country KE --role registry --name 'National Bureau' >out
	"$pki" enrol realm --request new/request.json --answer answer \
		--fingerprint "$(sed -n '$s/^ *//p' out)"
	"$pki" accept new --answer answer \
		--operator-fingerprint "$(sed -n 's/^operator.s fingerprint: //p' realm.log)"
	openssl verify -x509_strict -partial_chain -trusted realm/anchors/KE.pem new/sign.pem
}
