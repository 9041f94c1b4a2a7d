#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What an officer sees of many cases: lists and what is left out of them, several timelines, waiting
# for a state, watching, and the outbox with what may and may not be taken back.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
}

setup() {
	cases="$DAFTAR_TESTS/data/cases"
	cd "$BATS_TEST_TMPDIR" || exit
	cp -r "$BATS_FILE_TMPDIR/realm" .
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office" TZ=UTC
}

teardown() {
	[ -z "${home:-}" ] || test_over
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

terminal() {
	[ -x "$DAFTAR_BUILD/tests/tools/terminal" ] || skip "libvterm is not here"
	"$DAFTAR_BUILD/tests/tools/terminal" "$@"
}

make_office() {
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker "${1:-tcp://127.0.0.1:1}" --timeout 0 --quiet >/dev/null
}

# ends STATUS COMMAND...
ends() {
	local want=$1
	shift
	run --separate-stderr "$@" </dev/null
	echo "status $status, wanted $want"
	echo "$output"
	echo "$stderr"
	[ "$status" -eq "$want" ]
}

# refused STATUS WORD COMMAND...
refused() {
	local word=$2
	ends "$1" "${@:3}"
	[[ "$stderr" == *"($word)"* && "$stderr" == *"safe: "* ]]
}

# filed FILE [TIMEOUT]: its number
filed() {
	run --separate-stderr daftar request file "$1" --timeout "${2:-0}"
	[ "$status" -eq 0 ] || [ "$status" -eq 7 ]
	number=${output%% *}
}

state() { daftar track "$1" --json --quiet | jq -r .state; }

on_line() {
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	export DAFTAR_SQL="$top/adapters/sql"
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	broker_conf
	broker_start
	make_office "$endpoint"
}

@test "a list has what was asked for, newest first, and no name of a file" {
	make_office
	cp "$cases/hodan.json" Hodan-Abdi.json
	filed Hodan-Abdi.json
	one=$number
	two=$(daftar request new --from "$cases/no-entry.json" --quiet)
	[ "$(daftar list --json | jq -rs 'map(.tracking) | join(" ")')" = "$two $one" ]
	[ "$(daftar list --state draft --json | jq -r .tracking)" = "$two" ]
	[ "$(daftar list --state filed,sent --json | jq -r .tracking)" = "$one" ]
	[ "$(daftar list --state open --json | wc -l)" -eq 2 ]
	[ -z "$(daftar list --state ended)" ]
	[ "$(daftar list --corridor KE-SO --json | wc -l)" -ge 1 ]
	[ "$(daftar list --corridor KE.CRS-SO.NIRA --since 1d --json | wc -l)" -ge 1 ]
	[ -z "$(daftar list --corridor ET-)" ]
	[ -z "$(daftar list --since 2100-01-01)" ]
	run daftar list
	[[ "$output" != *Hodan* ]]
	run daftar list --labels
	[[ "$output" == *Hodan-Abdi.json* ]]
	[ "$(daftar list --csv | head -1 | tr -d '"\r')" = tracking,state,to,destination,since,expectedBy ]
	[ "$(daftar list --csv | wc -l)" -eq 3 ]
	for words in "--state nonsense" "--state draft,x" "--corridor KE" "--corridor ke-so" \
		"--since yesterday" "--since 2026-13-01"; do
		# shellcheck disable=SC2086
		refused 2 USAGE daftar list $words
	done
}

@test "a spreadsheet gets no formula" {
	make_office
	cp "$cases/hodan.json" '=HYPERLINK("x")'
	daftar request new --from '=HYPERLINK("x")' --quiet
	run daftar list --labels --csv
	[[ "$output" != *,=* && "$output" != *',"='* ]]
}

@test "several cases are told, and one that is not there is refused" {
	make_office
	filed "$cases/hodan.json"
	one=$number
	two=$(daftar request new --from "$cases/no-entry.json" --quiet)
	ends 0 daftar track "$one" "$two"
	[[ "$output" == *"$one"*"$two"* && "$output" == *"fetched by then"* ]]
	[ "$(daftar track "$one" "$two" --json | jq -rs 'map(.state) | join(" ")')" = "filed draft" ]
	refused 5 NOT-FOUND daftar track "$one" DFT-0000-0000-0
	TZ=Africa/Nairobi ends 0 daftar track "$one"
	[[ "$output" == *" UTC ("*" +0300)  drafted"* ]]
}

@test "what never left is dropped once it is confirmed, and may be filed again" {
	make_office
	filed "$cases/hodan.json"
	refused 2 USAGE daftar outbox drop "$number"
	[ "$(daftar outbox --json | jq .mayHaveLeft)" = false ]
	terminal "$DAFTAR_BUILD/liaison/daftar" outbox drop "$number" <<-'.'
		expect [y/N]
		line n
		ends 1
	.
	[ "$(state "$number")" = filed ]
	terminal "$DAFTAR_BUILD/liaison/daftar" outbox drop "$number" <<-'.'
		expect [y/N]
		line y
		expect nobody else has seen it
		ends 0
	.
	[ "$(state "$number")" = dropped ]
	[ -z "$(daftar outbox)" ]
	ends 0 daftar outbox drop "$number" --yes
	dropped=$number
	filed "$cases/hodan.json"
	[ "$number" != "$dropped" ]
	refused 1 STATE daftar outbox retry "$dropped"
	[ "$(daftar outbox --json | wc -l)" -eq 1 ]
	two=$(daftar request new --from "$cases/no-entry.json" --quiet)
	refused 1 STATE daftar outbox drop "$two" --yes
}

@test "what may have left is never dropped: by line, by courier, and beside a line that stays open" {
	on_line
	ended daftard
	filed "$cases/hodan.json"
	ends 0 daftar bundle export pouch
	refused 1 STATE daftar outbox drop "$number" --yes
	[[ "$stderr" == *"may have arrived"* && "$stderr" == *"consent withdraw"* ]]
	[ "$(state "$number")" = filed ]
	filed "$cases/yuusuf.json" 1
	daftar outbox drop "$number" --yes
	broker_conf "$endpoint"
	broker_start
	ends 0 daftar sync --timeout 30
	filed "$cases/yuusuf.json" 20
	[ "$(state "$number")" = sent ]
	refused 1 STATE daftar outbox drop "$number" --yes
	[ "$(ctl status --json | jq .messages)" -eq 2 ] # hodan's, and one of yuusuf's
}

@test "what was not taken is asked for again with the same octets, and counts once" {
	on_line
	ended daftard
	filed "$cases/hodan.json"
	"$DAFTAR_BUILD/certs/daftar-pki" revoke realm --party KE.CRS >/dev/null
	broker_conf "$endpoint"
	broker_start
	daftar sync --timeout 30
	[ "$(state "$number")" = not-taken ]
	ends 0 daftar outbox retry "$number" --timeout 30
	[ "$(state "$number")" = not-taken ] # nothing has changed at the exchange
	ends 0 daftar outbox retry --timeout 30
	refused 1 STATE daftar outbox drop "$number" --yes
	# once the paper is another case, the old message stays away
	daftar request file "$cases/hodan.json" --timeout 0 --quiet || true
	[ "$(daftar list --json | wc -l)" -eq 1 ] || refused 1 STATE daftar outbox retry "$number"
}

@test "a state is waited for, what is expected by when is told, and what will never be" {
	pki="$DAFTAR_BUILD/certs/daftar-pki"
	"$pki" profile realm --party KE.CRS --tier 1 --decision-days 30 >/dev/null
	"$pki" profile realm --party SO.NIRA --tier 1 --decision-days 60 --tacit-days 240 \
		--provision 'Law 9' >/dev/null
	on_line
	filed "$cases/hodan.json" 20
	ends 0 daftar track "$number" --wait=sent --timeout 20
	ends 8 daftar track "$number" --wait=delivered --timeout 1
	refused 2 USAGE daftar track "$number" --wait=nonsense
	kenya_make
	kenya_conf automatic
	adapter_start KE.CRS
	ends 0 daftar track "$number" --wait=handled --timeout 30
	[[ "$output" == *"means to decide by then"*"counts as refused"* ]]
	daftar track "$number" --json | jq -e 'def day: .[0:19] + "Z" | fromdate / 86400 | floor;
		((.expectedBy | day) - (.handled | day)) == 60 and ((.tacitBy | day) - (.handled | day)) == 240'
	somalia_conf automatic
	adapter_start SO.NIRA
	terminal --size 100x30 --timeout 60 "$DAFTAR_BUILD/liaison/daftar" track "$number" --watch <<-'.'
		expect has entered the record
		ends 0
	.
	ends 0 daftar track "$number" --wait=transcribed --timeout 0
	ends 4 daftar track "$number" --wait=refused --timeout 0
	ends 0 daftar track "$number" --watch --json
	jq -e '.state == "transcribed"' <<<"$output"
}
