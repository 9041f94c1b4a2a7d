#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# `daftar date', as an officer and as a program use it, on a machine that has no locale but C.UTF-8;
# and case files whose dates contradict themselves.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	DAFTAR_HOME="$BATS_FILE_TMPDIR/office" "$DAFTAR_BUILD/liaison/daftar" setup \
		--party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0 >setup.out
}

setup() {
	unset LANG LANGUAGE LC_ALL LC_MESSAGES LC_CTYPE
	export LC_ALL=C.UTF-8 DAFTAR_HOME="$BATS_FILE_TMPDIR/office"
	cd "$BATS_TEST_TMPDIR" || exit
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

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

# refused TEXT ARGUMENT...: no date, with the reason, what is safe and what to type
refused() {
	ends 3 daftar date "${@:2}"
	[ -z "$output" ]
	[[ "$stderr" == *"$1"* ]]
	[[ "$stderr" == *"(DATE)"* ]]
	[[ "$stderr" == *"safe: "* ]]
	[[ "$stderr" == *"next: daftar "* ]]
}

# in_json FILTER ARGUMENT...
in_json() { daftar date --json --quiet "${@:2}" | jq -r "$1"; }

# case_with CALENDAR AUTHORED VALUE BASIS: a case file whose birth date says so, in case.json
case_with() {
	jq --arg c "$1" --arg a "$2" --arg v "$3" --arg b "$4" \
		'.locator.birthDate = {value: $v, calendar: $c, authored: $a, basis: $b}' \
		"$DAFTAR_TESTS/data/cases/hodan.json" >case.json
}

@test "a birthday need not stand in the command line" {
	[ "$(daftar date --json 5 Pagume 2015)" = "$(daftar date --json - <<<"5 Pagume 2015")" ]
	run -3 --separate-stderr daftar date - </dev/null
	[[ "$stderr" == *"(DATE)"* ]]
}

@test "a date is told in every calendar, with the rule and how exact it is" {
	ends 0 daftar date --from ethiopic 2015-13-06
	[[ "$output" == "2023-09-11 "* ]]
	[[ "$output" == *Monday* ]]
	[[ "$output" == *"11 September 2023"*proleptic-gregorian*exact* ]]
	[[ "$output" == *"6 Pagume 2015"*ethiopic-am* ]]
	[[ "$output" == *"6 Nasie 1739"*coptic-am* ]]
	[[ "$output" == *"25 Safar 1445"*tabular-civil*"within 2 days"* ]]
	[[ "$output" == *"26 Safar 1445"*umalqura-icu* ]]
	[[ "$stderr" == *"next: "*ethiopic*2023-09-11* ]]
}

@test "a program gets every calendar, the rule, and what is wrong" {
	daftar date --from ethiopic 2015-13-06 --json --quiet >out.json
	[ "$(wc -l <out.json)" -eq 1 ]
	[ "$(jq -r '.v, .ok, .calendar, .rule, .value, .basis, .weekday' out.json | xargs)" = \
		"1 true ethiopic ethiopic-am 2023-09-11 document Monday" ]
	[ "$(jq -r '[.calendars[].calendar] | join(" ")' out.json)" = \
		"gregorian ethiopic coptic hijri-civil hijri-umalqura" ]
	[ "$(jq -r '[.calendars[].rule] | join(" ")' out.json)" = \
		"proleptic-gregorian ethiopic-am coptic-am tabular-civil umalqura-icu" ]
	[ "$(jq -r '[.calendars[].first] | join(" ")' out.json)" = \
		"2023-09-11 2015-13-06 1739-13-06 1445-02-25 1445-02-26" ]
	[ "$(jq -c '[.calendars[].leeway]' out.json)" = "[0,0,0,2,2]" ]
	run --separate-stderr daftar date --from ethiopic 2016-13-06 --json --quiet
	[ "$status" -eq 3 ]
	[ "$(jq -r '.ok, .code, .exit' <<<"${lines[0]}" | xargs)" = "false DATE 3" ]
	[[ "$(jq -r '.items[0]' <<<"${lines[0]}")" == "Pagume 2016 has 5 days"* ]]
}

@test "each impossible date is explained" {
	refused "Pagume 2016 has 5 days; it has one more in a leap year such as 2015" \
		--from ethiopic 2016-13-06
	refused "February 2023 has 28 days" 29 February 2023
	refused "Ethiopic: a year has 13 months" --from ethiopic 2015-14-01
	refused "where the moon was watched" --from hijri 30 Safar 1440
	refused "reach from 1300 to 1600" --from hijri-umalqura 1299
	refused "there is no year 0" 0000
	refused "the year needs four digits" 12/9/19
	refused "that day was another day of the week: Monday" Tuesday 12 March 2001
	refused "not understood as a date" hello
}

@test "what can be read in two ways is refused with both, and with what to type" {
	refused "3 April 2019 (Gregorian, 2019-04-03); 4 March 2019 (Gregorian, 2019-03-04)" 03/04/2019
	[[ "$stderr" == *'next: daftar date --from gregorian "2019-04-03"'* ]]
	refused "hijri-civil" 5 Ramadan 1440
	[[ "$stderr" == *'next: daftar date --from hijri-civil "5 Ramadan 1440"'* ]]
	refused "January 1994" "ጥሪ 1994"
	[[ "$stderr" == *"--from ethiopic"* ]]
	refused "Gregorian: a year has 12 months" 2015-13-06
	[[ "$stderr" == *'next: daftar date --from ethiopic "2015-13-06"'* ]]
	[ "$(in_json .value 13/04/2019)" = 2019-04-13 ]
	# digits alone are Gregorian, and that they could be something else is told
	[ "$(in_json '.others[0]' 2015-03-06)" = ethiopic ]
}

@test "what is only partly known, ages and placeholders are marked" {
	[ "$(in_json .value about 1994)" = "1994~" ]
	[ "$(in_json .value 199X)" = 199X ]
	[ "$(in_json .value --from ethiopic 2012)" = 2019-09-12/2020-09-10 ]
	[ "$(in_json '.value, .basis' 7 years in 2024 | xargs)" = "2016/2017 age-estimate" ]
	[ "$(in_json .placeholder 1 January 1994)" = true ]
	ends 0 daftar date 1 July 1994
	[[ "$stderr" == *"look again: "*placeholder* ]]
	ends 0 daftar date --from hijri-umalqura 1 Muharram 1400
	[[ "$output" == *"not confirmed for that year"* ]]
	[[ "$stderr" == *"look again: "*Hijri* ]]
}

@test "French and Arabic are typed and told" {
	[ "$(in_json .value le 1er mars 2001)" = 2001-03-01 ]
	[ "$(in_json .value ١٢ مارس ٢٠١٩)" = 2019-03-12 ]
	[ "$(in_json .value --from hijri ٥ رمضان ١٤٤٠)" = 2019-05-10 ]
	[ "$(in_json .value --from ethiopic "፲፪ መስከረም ፳፻፲፮")" = 2023-09-23 ]
	ends 0 daftar date --lang fr 2001-03-01
	[[ "$output" == *jeudi* ]]
	[[ "$output" == *"1er mars 2001"* ]]
	[[ "$output" == *"22 yäkatit 1993"* ]]
	ends 0 daftar date --lang ar 2001-03-01
	[[ "$output" == *الخميس* ]]
	[[ "$output" == *"1 مارس 2001"* ]]
	ends 0 daftar date --lang ti 2001-03-01
	[[ "$output" == *ለካቲት* ]]
	ends 3 daftar date --lang fr 03/04/2019
	[[ "$stderr" == *"3 avril 2019"*"4 mars 2019"* ]]
	ends 3 daftar date --lang ar 03/04/2019
	[[ "$stderr" == *"3 أبريل 2019"* ]]
}

@test "today, unknown calendars, and what would move the screen" {
	[ "$(in_json .value)" = "$(date -u +%F)" ]
	ends 2 daftar date --from julian 1994
	[[ "$stderr" == *"gregorian, ethiopic, coptic, hijri-civil, hijri-umalqura"* ]]
	ends 3 daftar date $'12 \e[31mMarch 2001'
	[[ "$stderr" != *$'\e'* ]]
	ends 3 daftar date "12 March $(printf '\342\200\256')2001"
	[[ "$stderr" != *"$(printf '\342\200\256')"* ]]
	ends 3 daftar date "$(printf '1%.0s' {1..5000})"
	daftar help dates | grep -q 199X
}

@test "a case file whose value is another day than its text is refused, without telling either" {
	case_with gregorian "9th March 2024" 2024-03-10 document
	ends 3 daftar request check case.json
	[[ "$stderr" == *"locator.birthDate: value and text are different days"* ]]
	[[ "$stderr" != *2024* ]]
	case_with ethiopic "6 Pagume 2016" 2024-09-11 document
	ends 3 daftar request check case.json
	[[ "$stderr" == *"locator.birthDate: there is no such date in that calendar"* ]]
	[[ "$stderr" != *Pagume* ]]
	case_with ethiopic "12 Meskerem 2016" 2016-01-12 document
	ends 3 daftar request new --from case.json
	case_with gregorian "9 March 2999" 2999-03-09 document
	ends 3 daftar request check case.json
	[[ "$stderr" == *"locator.birthDate: it lies in the future"* ]]
}

@test "what is only likely to be wrong is told, and stops nothing" {
	case_with gregorian "1 January 2019" 2019-01-01 document
	ends 0 daftar request check case.json --json
	[[ "$(jq -r '.warnings[0]' <<<"$output")" == "locator.birthDate: "*placeholder* ]]
	[[ "$stderr" == *"look again: locator.birthDate: "* ]]
	[[ "$stderr" != *2019* ]]
	case_with hijri-civil "5 Ramadan 1440" 2019-05-12 document
	ends 0 daftar request check case.json --json
	[ "$(jq -r .warnings <<<"$output")" = null ]
	case_with hijri-civil "5 Ramadan 1440" 2019-05-13 document
	ends 0 daftar request check case.json --json
	[[ "$(jq -r '.warnings[0]' <<<"$output")" == *"more than two days apart" ]]
	case_with gregorian "03/04/2019" 2019-04-03 document
	ends 0 daftar request new --from case.json --json
	[[ "$(jq -r '.warnings[0]' <<<"$output")" == *"two dates"* ]]
}
