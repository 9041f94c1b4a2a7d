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

# broker_at SECONDS: the exchange again, with its clock so far ahead; clock_at moves it while it runs
broker_at() {
	[ -e later.so ] || cc -shared -fPIC -O1 -o later.so "$DAFTAR_TESTS/browser/later.c" -ldl
	ended daftard
	broker_conf "$endpoint"
	head -c 8 /dev/zero >later
	clock_at "$1"
	rm -f broker/endpoint
	started daftard env LATER="$home/later" LD_PRELOAD="$home/later.so" \
		"$build/broker/daftard" -c broker/daftard.conf
	until_true 20 broker_is_up
}

clock_at() {
	ahead=$1
	hex=$(printf %016x "$ahead")
	for at in 14 12 10 8 6 4 2 0; do printf '%b' "\\x${hex:at:2}"; done |
		dd of=later conv=notrunc status=none
}

# decision_is STATE: the alert, whether its registry has nearly used up its days
decision_is() {
	ctl alert list --all --json | jq -e --arg state "$1" '
		[.alerts[] | select(.rule == "decision")] == [] and $state == "none" or
		any(.alerts[]; .rule == "decision" and .state == $state and .subject == "KE.CRS>SO.NIRA")'
}

# It is gone for a minute before it ends.
decision_ends() {
	clock_at $((ahead + 61))
	decision_is ended
}

@test "a registry that has nearly used up its days is an alert, until it has decided" {
	"$pki" profile realm --party SO.NIRA --tier 1 --decision-days 1
	all_start manual
	file_hodan
	until_true 30 waits
	decision_is none
	due=$(ctl deadline list --json | jq -r '.decisions[0].due')
	broker_at $(($(date -d "$due" +%s) - $(date +%s) - 3600))
	until_true 20 decision_is firing
	ctl alert list | grep -q 'nearly used up its days to decide'
	adapter SO.NIRA transcribe "$number"
	officer track "$number" --wait --timeout 30
	broker_at "$ahead" # it looks at once, not after ten seconds
	until_true 20 decision_ends
}
