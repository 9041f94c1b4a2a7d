#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Forms on paper, read back by readers that are not ours: the code by zbar, the letters by poppler.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	daftar_in office setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0 >setup.out
	daftar_in office request new --from "$DAFTAR_TESTS/data/cases/hodan.json" --quiet >number
}

daftar_in() { DAFTAR_HOME=$BATS_FILE_TMPDIR/$1 "$DAFTAR_BUILD/liaison/daftar" "${@:2}"; }

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	export DAFTAR_HOME="$BATS_FILE_TMPDIR/office"
	number=$(cat "$BATS_FILE_TMPDIR/number")
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

# code PDF: what a reader of codes sees on its first page
code() {
	pdftoppm -r 150 -f 1 -l 1 -png "$1" page
	zbarimg --quiet --raw page-1.png 2>/dev/null
}

@test "a draft is printed in two languages, and its code is read back by another reader" {
	daftar request print "$number" --languages fr,en >name
	[ "$(cat name)" = "$number-request.pdf" ]
	[ "$(stat -c %a "$(cat name)")" = 600 ]
	pdftotext -layout "$(cat name)" text
	grep -q "Demande de transcription" text
	grep -q "Request for transcription" text
	grep -q "Hodan Abdi Warsame" text
	grep -qE "Jo 09 +Mo 03 +An 2024" text
	grep -q "FORMATION" text
	read_off=$(code "$(cat name)")
	[[ "$read_off" == DFT1:* ]]
	daftar verify "$read_off" --json | jq -e ".document == \"request\" and .tracking == \"$number\""
}

@test "a code that was misread, or is of another paper, is told" {
	daftar request print "$number" --to sheet.pdf --quiet
	read_off=$(code sheet.pdf)
	run --separate-stderr daftar verify "${read_off/DFT1:/DFT1:0}"
	[ "$status" -eq 3 ]
	other=$(printf 'DFT1:%s:%064d' "$(cut -d: -f2 <<<"$read_off")" 0)
	check=$(printf %s: "$other" | sha256sum | cut -c1-8 | tr a-f A-F)
	run --separate-stderr daftar verify "$other:$check"
	[ "$status" -eq 6 ]
	[[ "$stderr" == *"$number"* ]]
}

@test "Arabic comes first where it is asked for, and nothing of a person is in the PDF's own fields" {
	daftar request print "$number" --languages ar,fr --to sheet.pdf --quiet
	pdffonts sheet.pdf | grep -q Arabic
	pdfinfo sheet.pdf >info
	grep -q "$number" info
	run ! grep -qi "hodan\|warsame" info
	[[ "$(code sheet.pdf)" == DFT1:* ]]
}

@test "what a sheet would say can be read out, item by item" {
	daftar request show "$number" --json >items
	jq -e '.items[] | select(.field == "name") | .value | startswith("Hodan Abdi Warsame\n")' items
	jq -e '.items[] | select(.field == "birth-date") | .item == "4"' items
	daftar --lang fr request show "$number" | grep -q "^Lieu de naissance"
}

@test "wrong words are told with the right ones" {
	run --separate-stderr daftar request print "$number" --languages fr,xx
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"fr,ar"* ]]
	run --separate-stderr daftar request print "$number" extract
	[ "$status" -eq 2 ]
	run --separate-stderr daftar request print "$number" outcome
	[ "$status" -eq 5 ]
	run --separate-stderr daftar request print "$number" --to /nowhere/sheet.pdf
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"--to FILE"* ]]
}

@test "a request that was signed is filed as it was signed, and a draft that was stopped leaves nothing" {
	cp -r "$DAFTAR_HOME" here
	export DAFTAR_HOME="$PWD/here"
	daftar request sign "$number" --quiet
	[ "$(daftar track "$number" --json --quiet | jq -r .state)" = draft ]
	daftar request file "$number" --timeout 0 --quiet || [ $? -eq 7 ]
	daftar receipt "$number" request >message.xml
	daftar verify message.xml | grep -q TranscriptionRequest
	run --separate-stderr daftar request sign "$number"
	[ "$status" -eq 1 ]
	# its particulars were erased with the filing
	run --separate-stderr daftar request print "$number"
	[ "$status" -eq 5 ]

	second=$(daftar request new --from "$DAFTAR_TESTS/data/cases/yuusuf.json" --quiet)
	daftar request sign "$second" --quiet
	grep -qaF "signed/$second" "$DAFTAR_HOME/spool/data.mdb"
	daftar cancel "$second" --reason REQUEST-CANCELLED --quiet
	run grep -qaF -e "signed/$second" -e "$second/" "$DAFTAR_HOME/spool/data.mdb"
	[ "$status" -eq 1 ]
	run --separate-stderr daftar request file "$second" --timeout 0
	[ "$status" -ne 0 ]
}

@test "a power cut while a sheet is written leaves nothing of it" {
	command -v strace >/dev/null || skip "strace is not here"
	mkdir empty
	run -137 strace -f -qq -o calls -e trace=linkat,rename -e inject=linkat,rename:signal=KILL:when=1 \
		"$DAFTAR_BUILD/liaison/daftar" request print "$number" --to empty/sheet.pdf
	[ -z "$(ls -A empty)" ]
	daftar request print "$number" --to empty/sheet.pdf
	[ "$(ls -A empty)" = sheet.pdf ]
}

@test "a kill at any write while it is filed: not at all, or with nothing of the person left" {
	command -v strace >/dev/null || skip "strace is not here"
	cp -r --sparse=always "$DAFTAR_HOME" signed
	daftar --home signed request sign "$number" --quiet
	for k in $(seq 1 40); do
		rm -rf here
		cp -r --sparse=always signed here
		run strace -f -qq -o calls -e trace=fdatasync -e inject=fdatasync:signal=KILL:when="$k" \
			"$DAFTAR_BUILD/liaison/daftar" --home here request file "$number" --timeout 0
		killed=$status
		[ "$(daftar --home here track "$number" --json --quiet | jq -r .state)" = draft ] ||
			! daftar --home here request print "$number" --to left.pdf --quiet || return 1
		run daftar --home here request file "$number" --timeout 0
		[ "$status" -eq 7 ]
		[ "$(daftar --home here outbox --json --quiet | wc -l)" -eq 1 ]
		[ "$killed" -eq 137 ] || break
	done
	[ "$killed" -eq 7 ]
}
