#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What two States have agreed on, and what a registry says of itself, between the real programs: the
# extract is cut, says so, and the registrar sees his days.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	pki=$build/certs/daftar-pki
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
	kenya_make
}

teardown() {
	test_over
}

agreement() { "$pki" show realm/trust.xml | sed -n "s/^  \([^ ]*\) *$1 to $2 until .*/\1/p"; }

# all_start MODE: the exchange, both registries (Somalia's in that mode), the office
all_start() {
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf "$1"
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
}

file_hodan() {
	jq '.consent.fieldSet = "BIRTH-FULL"' "$DAFTAR_TESTS/data/cases/hodan.json" >hodan.json
	number=$(officer request new --from hodan.json --json | jq -r .tracking)
	officer request file "$number" >/dev/null
}

waits() { adapter SO.NIRA inbox --json | jq -e 'any(.[]; .state == "waiting")'; }

@test "an extract arrives with what was agreed on and is needed, and says what was left out" {
	"$pki" agree realm --from KE.CRS --to SO.NIRA --field b:Parent --field b:Entry \
		--instead "$(agreement KE.CRS SO.NIRA)"
	"$pki" profile realm --party SO.NIRA --tier 1 --need b:Parent/t:Name
	all_start automatic
	file_hodan
	officer track "$number" --wait --timeout 60
	entry=$(find SO.NIRA/register/new -name '*.xml')
	grep -q '<b:Parent role="mother"><t:Name' "$entry"
	run grep -oE '<b:(BirthDate|Nationality|Time|Multiplicity|Annotation|VerbatimText|Volume|Late)|<t:Identifier' "$entry"
	echo "$output"
	[ -z "$output" ]
	grep -o '<b:Redaction field="[^"]*" reason="[^"]*"' "$entry" >left-out
	cat left-out
	# The register has told no more of her; what is not in it is not said to be left out.
	grep -q '^<b:Redaction field="b:Birth/b:Multiplicity" reason="agreement"$' left-out
}

@test "the registrar sees by which day to decide, and when silence decides" {
	"$pki" profile realm --party SO.NIRA --tier 1 --decision-days 60 --tacit-days 240 \
		--provision 'Law 9/2023 art. 3'
	all_start manual
	file_hodan
	until_true 30 waits
	adapter SO.NIRA inbox --json | jq -r '.[0].taken' >taken
	day=$(TZ=${TZ:-UTC} date -d "$(cat taken)" +%F)
	run adapter SO.NIRA inbox
	echo "$output"
	[[ $output == *"decide by $(date -d "$day + 60 days" +%F)"* ]]
	[[ $output == *"refused by silence after $(date -d "$day + 240 days" +%F)"* ]]
	adapter SO.NIRA status --json | jq -e '.overdue == 0 and .decideBy != null'

	# The exchange, which reads no record, knows the same day.
	ctl deadline list --json | jq -e --arg due "$(date -u -d "$(date -u -d "$(cat taken)" +%F) + 61 days" +%F)T00:00:00.000Z" '
		.decisions | length == 1 and (.[0] | .due == $due and .why == "decision" and .to == "SO.NIRA")'
	run ctl deadline list
	[[ $output == *"taken, to be decided:"*SO.NIRA* ]]
}
