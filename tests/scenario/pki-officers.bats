#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Two officers for every change of the trust list: drafts, approvals, and what somebody can do who
# has the operator's key and nothing else.

setup() {
	load pki-steps
	cd "$BATS_TEST_TMPDIR" || exit
}

@test "officers are named with the approval of those who are named" {
	make_realm
	"$pki" officer anna --name 'Anna Example'
	"$pki" officer bene --name Bene
	[ "$(stat -c %a anna/officer.key)" = 600 ]
	refused STATE "$pki" officer anna --name Anna
	refused INPUT "$pki" officers realm --officer anna/officer.pem --approvals 2
	refused INPUT "$pki" officers realm --approvals 1
	refused INPUT "$pki" officers realm --officer anna/officer.pem \
		--officer anna/officer.pem --approvals 2
	refused INPUT "$pki" officers realm --officer realm/operator.pem --approvals 1
	[ ! -e realm/trust.draft.xml ]
	run "$pki" officers realm --officer anna/officer.pem --officer bene/officer.pem --approvals 2
	[ "$status" -eq 0 ]
	[[ "$output" == *'+ added: officer name "Anna Example"'* ]]
	[[ "$output" == *'approvals: none -> 2'* ]]
	[[ "$output" == *'daftar-pki publish realm'* ]]
	[ "$(version)" = 1 ]
	refused APPROVAL "$pki" publish realm
	approve anna
	approve anna # once more does not count twice
	refused APPROVAL "$pki" publish realm
	approve bene
	"$pki" publish realm
	[ "$(version)" = 2 ]
	[ ! -e realm/trust.draft.xml ]
	"$pki" show realm/trust.xml | grep -q '^officers  2 must approve'
	refused NOT-FOUND "$pki" publish realm
}

@test "changes gather in a draft that is shown in words" {
	make_guarded_realm
	make_request addis
	enrol addis answer.json
	[ ! -e answer.json ]
	refused STATE enrol addis answer.json
	"$pki" agree realm --from ET.ICS --to KE.CRS
	"$pki" agree realm --from KE.CRS --to ET.ICS
	approve anna
	"$pki" revoke realm --party SO.NIRA # takes Anna's approval off again
	[ "$(version)" = 2 ]
	approve bene >shown
	grep -q '+ added: party code "ET.ICS" country "ET"' shown
	grep -q '+ added: authority country "ET" fingerprint' shown
	grep -q '+ added: agreement from "ET.ICS"' shown
	grep -q -e '- removed: party code "SO.NIRA"' shown
	grep -q '+ added: revoked certificate at' shown
	refused APPROVAL "$pki" publish realm
	approve carlo
	"$pki" publish realm
	[ "$(version)" = 3 ]
	enrol addis answer.json # the same again, now it can be written
	accept addis answer.json
	cmp addis/trust.xml realm/trust.xml
	cmp realm/lists/trust-3.xml realm/trust.xml
	[ "$(grep -o '<tl:Agreement [^>]*id="AGR-3-[12]"' realm/trust.xml | wc -l)" -eq 2 ]
}

@test "the operator's key alone brings no list that a party takes" {
	make_guarded_realm
	make_request addis
	enrol addis answer.json
	approve anna carlo
	"$pki" publish realm
	enrol addis answer.json
	accept addis answer.json
	before=$(state_of addis)
	# The thief has the operator's folder as it was before there were officers.
	for n in 2 3 4; do "$pki" resign captured; done
	"$pki" enrol captured --request addis/request.json --fingerprint "$print" \
		--answer forged.json
	refused APPROVAL accept addis forged.json
	[ "$(state_of addis)" = "$before" ]
	# Nor does he show an officer a small change of a list of his own.
	"$pki" officers captured --officer anna/officer.pem --approvals 1
	refused APPROVAL "$pki" approve captured/trust.draft.xml --officer anna --yes
	not grep -q '<tl:Approval' captured/trust.draft.xml
}

@test "an approval is for the draft that was read" {
	make_guarded_realm
	"$pki" resign realm --days 30
	approve anna bene
	cp realm/trust.draft.xml draft
	sed 's/validUntil="2[0-9]*-/validUntil="2099-/' draft >realm/trust.draft.xml
	not cmp -s draft realm/trust.draft.xml
	refused APPROVAL "$pki" publish realm
	sed 's/<tl:Officer.*<\/tl:Officer>//; s/ approvals="2"//' draft >realm/trust.draft.xml
	refused APPROVAL "$pki" publish realm
	cp draft realm/trust.draft.xml
	"$pki" publish realm
}

@test "who is no officer approves nothing, and nobody approves unasked" {
	make_guarded_realm
	"$pki" resign realm
	"$pki" officer thief --name Anna
	refused STATE approve thief
	refused STATE "$pki" approve realm/trust.draft.xml --officer carlo \
		--operator-fingerprint "$operator" # nobody said yes
	refused STATE "$pki" approve realm/trust.draft.xml --officer carlo --yes # which operator?
	not grep -q '<tl:Approval' realm/trust.draft.xml
	chmod 0644 anna/officer.key
	refused KEY-MODE approve anna
	# An older list beside the draft is not the one in force.
	approve bene
	"$pki" resign realm
	approve bene carlo
	"$pki" publish realm
	"$pki" resign realm
	approve carlo
	cp realm/lists/trust-2.xml realm/trust.xml
	refused TRUST-OLD approve carlo
}

@test "officers are exchanged with the approval of the old and the new" {
	make_guarded_realm
	"$pki" officer dora --name Dora >/dev/null
	"$pki" officers realm --officer anna/officer.pem --officer dora/officer.pem --approvals 2
	approve dora anna
	refused APPROVAL "$pki" publish realm # Bene or Carlo must agree to go
	approve bene
	"$pki" publish realm
	"$pki" resign realm
	approve anna
	refused STATE approve carlo
	approve dora
	"$pki" publish realm
	# And away with them altogether.
	"$pki" officers realm --approvals 0
	approve anna dora
	"$pki" publish realm
	"$pki" resign realm
	[ "$(version)" = 6 ]
	# An office that was away takes the lists one by one; a leap over the officers it does not.
	cp -r realm/parties/UNHCR.NBO office
	cp realm/lists/trust-2.xml office/trust.xml
	cp realm/operator.pem office/
	refused APPROVAL take office realm/trust.xml
	for n in 3 4 5; do
		take office "realm/lists/trust-$n.xml"
	done
	take office realm/trust.xml
}

# take FOLDER LIST: an answer with this list, for the keys that the office has.
take() {
	jq -n --rawfile t "$2" --rawfile o realm/operator.pem --rawfile s "$1/sign.pem" \
		--rawfile e "$1/encrypt.pem" '{daftar: "answer-1", party: "UNHCR.NBO", sign: $s,
			encrypt: $e, operator: $o, trust: $t}' >list.json
	"$pki" accept "$1" --answer list.json
}
