# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# The cases that tests/canary/run, which sources this, has carried through the realm, and the bad input.
: "${top:?}" "${explanation:?}" "${appeal:?}" "${by_hand:?}" "${paper:?}" "${scan:?}" "${question:?}" "${reply:?}" "${error_text:?}" "${error_number:?}"

# ---- good cases ----

# waits: the case's extract waits for the registrar
waits() {
	adapter SO.NIRA inbox --json | jq -e --arg n "$number" \
		'any(.[]; .action == "CertifiedExtract" and .tracking == $n and .state == "waiting")'
}

# file FILE: sets number
file() {
	heard screen-of-the-office officer request check "$1" || return 1
	number=$(officer request new --from "$1" --json | jq -r .tracking)
	heard file officer request file "$number" && until_true 30 waits
}

# ended_as NUMBER RESULT
numbers=()
ended_as() {
	numbers+=("$1")
	heard screen-of-the-office officer track "$1" --wait --timeout 30
	[[ $(officer track "$1" --json --quiet | jq -r .result) == "$2" ]]
}

refused_case() {
	jq '.consent.id = "d1b6f4e8-27a3-4c95-b0d8-6e4f1a9c7b35"' "$top/tests/canary/case.json" >refused.json
	file refused.json &&
		heard refuse adapter SO.NIRA refuse "$number" --code L13 --explanation "$explanation" \
			--appeal-body "$appeal" --appeal-by 2031-06-17 &&
		ended_as "$number" Refused
}

office_is_asked() {
	officer sync --timeout 10
	officer inbox --json --quiet | jq -es --arg n "$number" 'any(.[]; .kind == "question" and .tracking == $n)'
}

is_answered() {
	adapter SO.NIRA inbox --json | jq -e --arg n "$number" \
		'any(.[]; .tracking == $n and .question == "answered")'
}

# The registrar asks about the extract, and the office answers.
asked_and_answered() {
	echo "$question" >question.txt
	echo "$reply" >reply.txt
	heard questions adapter SO.NIRA query "$number" --code MISMATCH --about b:Birth \
		--answer-by 2031-08-23 --question question.txt && until_true 30 office_is_asked &&
		heard questions officer inbox &&
		heard questions officer reply "$number" correct --from reply.txt && until_true 30 is_answered
}

entered_case() {
	cp "$top/tests/canary/case.json" "$paper.json" && file "$paper.json" && asked_and_answered &&
		adapter SO.NIRA transcribe "$number" && ended_as "$number" Transcribed
}

case_by_hand() {
	jq '.locator |= {entryNumber: "QX/7304/66027", office} |
		.consent.id = "e5a9c3f7-68d1-4b02-9e7a-c4d8f0b6a213"' "$top/tests/canary/case.json" >hand.json
	file hand.json && adapter SO.NIRA transcribe "$number" --entry-number "$by_hand" &&
		ended_as "$number" Transcribed
}

# A consent of its own, with the scan of the signed form.
consent_recorded() {
	jq '.consent | del(.id, .evidenceDigest)' "$top/tests/canary/case.json" >consent.json
	echo "$scan" >"$scan.jpg"
	heard consents officer consent record --from consent.json --evidence "$scan.jpg" &&
		heard consents officer consent list && heard consents officer consent list --json
}

# Held, released, and withdrawn before the registrar has entered it.
case_withdrawn() {
	jq '.consent.id = "f8a2c6e0-59d3-4b17-a4f9-c3e7b1d5a820"' "$top/tests/canary/case.json" >withdrawn.json
	file withdrawn.json &&
		heard consents officer consent hold "$number" &&
		heard consents officer consent release "$number" && until_true 30 waits || return 1
	officer receipt "$number" request 2>>must.log | cipher withdrawn >erased
	of=erased search KE.CRS/spool >found
	[[ $? == 1 ]] &&
		heard consents officer consent withdraw "$number" --channel telephone --wait --timeout 30
	waits && return 1
	heard consents officer track "$number" && heard consents officer --json ledger "$number" &&
		heard consents officer ledger "$number" --csv
}

# A courier carries a request that could not be sent.
courier_case() {
	jq '.consent.id = "a4c8e2f6-15b9-4d73-86ea-f7b3d1c9e540"' "$top/tests/canary/case.json" >courier.json
	number=$(officer request new --from courier.json --json | jq -r .tracking)
	mkdir -p courier
	officer request file "$number" --timeout 0
	heard courier officer bundle export courier/out.bundle &&
		heard courier ctl bundle import courier/out.bundle courier/back.bundle &&
		heard courier officer bundle import courier/back.bundle && until_true 30 waits
}

# Nothing was filed yet: the office's folder holds all of it.
draft_kept() {
	jq '.consent.id = "b7d3f9a5-48e2-4c16-9b08-a2e6c0f4d871"' "$top/tests/canary/case.json" >draft.json
	heard file officer request new --from draft.json
}

# ---- bad input ----

# bad_cases: the case file with its values turned into texts that may not stand there, all at once and those
# that are judged later one by one, and with its form broken
bad_cases() {
	local case=$top/tests/canary/case.json filter
	mkdir -p bad
	for filter in '[paths(scalars)][]' 'paths(type == "string")' '["caseType"]' '["requestedOf"]' \
		'["destination"]' '["locator", "entryNumber"]' '["locator", "name", 0, "full"]' \
		'["locator", "birthDate", "value"]' '["consent", "destination"]' '["consent", "purpose"]' \
		'["consent", "validUntil"]' '["consent", "evidenceDigest"]' '["riskClearance", "result"]'; do
		jq --arg text "$error_text $error_number" "
			reduce ([$filter] | if .[0] | type == \"string\" then [.] else . end)[] as \$p
			(.; setpath(\$p; \$text + \"\\u202e\"))" "$case" >bad/case.json || return 1
		heard bad-cases officer request check bad/case.json && return 1
	done
	for filter in 's/"//' 's/}//' 's/:/,/' "s/{/{\"caseType\": \"$error_text\",/" 's/Zyxoqara/\xff/' \
		"s/true/$error_number/" "s/: \"/: \"$error_text\\t/" "s/{/{\"extra\": \"$error_text\",/"; do
		sed -z "$filter" "$case" >bad/case.json
		heard bad-cases officer request check bad/case.json && return 1
		heard bad-cases officer request new --from bad/case.json && return 1
	done
	return 0
}

# bad_rows: a register whose row cannot be read, column by column; the registrar asks for it
bad_rows() {
	local column
	ended KE.CRS
	kenya_conf manual
	adapter_start KE.CRS || return 1
	jq '.consent.id = "f6b2d8e4-39c7-4a51-a8f0-b1e5c7d93a62"' "$top/tests/canary/case.json" >rows.json
	number=$(officer request new --from rows.json --json | jq -r .tracking)
	officer request file "$number"
	until_true 30 asked || return 1
	sqlite3 KE.CRS/register.db 'CREATE TABLE kept AS SELECT * FROM birth_entry'
	for column in registered_on late_reason child_script child_lang birth_date birth_calendar \
		birth_basis birth_country birth_iso birth_pcode multiplicity; do
		sqlite3 KE.CRS/register.db "UPDATE birth_entry SET $column = '$error_text $error_number'
			WHERE entry_no = 'QX/7304/55918'"
		heard bad-rows adapter KE.CRS certify "$number" --entry-number QX/7304/55918 && return 1
		sqlite3 KE.CRS/register.db "UPDATE birth_entry SET $column = (SELECT $column FROM kept
			WHERE kept.entry_no = birth_entry.entry_no)"
	done
	for column in 'DROP TABLE birth_parent' 'DROP VIEW daftar_birth'; do
		sqlite3 KE.CRS/register.db "$column"
		heard bad-rows adapter KE.CRS certify "$number" && return 1
	done
	heard bad-rows adapter KE.CRS certify "$number" --entry-number "$error_number" && return 1
	heard bad-rows adapter KE.CRS refuse "$number" --code L13 --explanation "$error_text" \
		--appeal-by "$error_number" && return 1
	return 0
}

asked() {
	adapter KE.CRS inbox --json | jq -e --arg n "$number" \
		'any(.[]; .tracking == $n and .state == "waiting")'
}

# bad_messages: texts in every field of a header, in bodies that are no bodies, in frames that are none
bad_messages() {
	local field good=letter-Query.xml
	for field in MessageId CreatedAt Action From To AgreementRef Purpose ConversationId RetainUntil; do
		sed "s|<e:$field>[^<]*<|<e:$field>$error_text $error_number<|" "$good" >bad/message.xml
		heard bad-messages speak SO.NIRA submit:bad/message.xml REFUSED bye || return 1
	done
	sed "s|<xenc:EncryptedData|<e:$error_text/><xenc:EncryptedData|" "$good" >bad/message.xml
	heard bad-messages speak SO.NIRA submit:bad/message.xml REFUSED bye || return 1
	cp "$top/tests/canary/letters/Query.xml" bad/message.xml
	heard bad-messages speak SO.NIRA submit:bad/message.xml REFUSED bye || return 1
	heard bad-messages speak SO.NIRA "frames:DXP1,$error_text,@bad/message.xml" REFUSED bye || return 1
	heard bad-messages speak SO.NIRA "frames:$error_text,$error_number" bye
	return 0
}

# bad_words: what an operator might type
bad_words() {
	local name=bad/bad.crl
	echo "$error_text" >"$name"
	ctl message show "$error_text"
	ctl party show "$error_number"
	ctl party cut "$error_number" --reason test
	ctl crl add "$name"
	ctl log check "$name"
	ctl bundle import "$name" bad/answer
	curl -sS --max-time 2 "http://127.0.0.1:${address##*:}/${error_text// /%20}"
	printf '{"verb":"%s","args":{"%s":1}}\n' "$error_text" "$error_number" >bad/verb
	return 0
}
