#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What a consent does not cover goes nowhere: a running exchange refuses it with the code that says
# why, keeps nothing of it, and nobody else is offered anything.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
	demand UNHCR.NBO KE.CRS TranscriptionRequest --consent
	demand KE.CRS SO.NIRA CertifiedExtract --consent
	broker_conf
}

teardown() {
	test_over
}

# demand FROM TO ACTION WORD: in the place of the agreement between the two that there was
demand() {
	local id
	id=$(sed 's/<tl:Agreement /\n&/g' realm/trust.xml |
		sed -n "s/^<tl:Agreement from=\"$1\" id=\"\([^\"]*\)\" to=\"$2\".*/\1/p")
	"$build/certs/daftar-pki" agree realm --from "$1" --to "$2" --action "$3" \
		--purpose BIRTH-TRANSCRIPTION "$4" --instead "$id"
}

letter() { "$build/tests/tools/letter" realm "$@" >told; }

# answer_to CODE FILE: the word that the exchange answers this party's message with
answer_to() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/$1/curve.key" hello:1:0:0 WELCOME TRUST "submit:$2" REFUSED |
		sed -n 's/^REFUSED .* code=\([A-Z-]*\) .*/\1/p'
}

# refused CODE ACTION FROM TO [WORD=VALUE]...
refused() {
	local answer
	letter "$2" "$3" "$4" message.xml "${@:5}"
	answer=$(answer_to "$3" message.xml)
	echo "${*:2}: wanted $1, got $answer"
	[ "$answer" = "$1" ]
}

nothing_is_kept() {
	[ "$(ctl message list 200 --json | jq '.messages | length')" -eq 0 ]
}

@test "a request that its consent does not cover is refused, and nothing is kept of it" {
	broker_start
	request=(TranscriptionRequest UNHCR.NBO KE.CRS)
	refused CONSENT-MISSING "${request[@]}" token=none
	refused CONSENT-FORGED "${request[@]}" token=new signer=KE.CRS
	refused CONSENT-FORGED "${request[@]}" token=new by=KE.CRS
	refused CONSENT-FORGED "${request[@]}" token=new damaged=yes
	refused CONSENT-SCOPE "${request[@]}" token=new case=01a21d49-b9ad-70d4-9773-9ab6be8d1cda
	refused CONSENT-SCOPE "${request[@]}" token=new holder=SO.NIRA
	refused CONSENT-SCOPE "${request[@]}" token=new allows=BIRTH-EXTRACT
	refused CONSENT-EXPIRED "${request[@]}" token=new issued=-1 until=0
	refused NO-AGREEMENT "${request[@]}" token=new destination=UNHCR.NBO
	nothing_is_kept
}

@test "an extract goes to the registry that the consent names, and to no other" {
	broker_start
	extract=(CertifiedExtract KE.CRS SO.NIRA)
	refused CONSENT-MISSING "${extract[@]}" token=none
	refused CONSENT-SCOPE "${extract[@]}" token=new destination=UNHCR.NBO
	refused CONSENT-SCOPE "${extract[@]}" token=new holder=UNHCR.NBO
	refused CONSENT-FORGED "${extract[@]}" token=new signer=KE.CRS
	# the token of another request that was good
	letter TranscriptionRequest UNHCR.NBO KE.CRS other.xml token=new
	refused CONSENT-SCOPE "${extract[@]}" token=other.xml
	nothing_is_kept
}

@test "nobody stops a case without its token" {
	broker_start
	stop=(Cancellation SO.NIRA KE.CRS)
	refused CONSENT-MISSING "${stop[@]}" token=none
	refused CONSENT-SCOPE "${stop[@]}" token=new case=01a21d49-b9ad-70d4-9773-9ab6be8d1cda
	refused CONSENT-FORGED "${stop[@]}" token=new signer=SO.NIRA
	refused PURPOSE "${stop[@]}" token=new purpose=BIRTH-TRANSCRIPTION
	nothing_is_kept
}

@test "a road that needs a second officer is closed for one" {
	demand KE.CRS SO.NIRA CertifiedExtract --clearance
	broker_start
	refused PROTECTION-BLOCK TranscriptionRequest UNHCR.NBO KE.CRS token=new
	refused PROTECTION-BLOCK CertifiedExtract KE.CRS SO.NIRA token=new
	nothing_is_kept
}
