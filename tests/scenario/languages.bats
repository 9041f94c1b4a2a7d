#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The officer's tool in other languages and on other terminals: who decides the language, what stays
# the same for programs, and what a screen shows that is narrow, without colour, read aloud, or Arabic.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	DAFTAR_HOME=$PWD/office "$DAFTAR_BUILD/liaison/daftar" setup --party-dir realm/parties/UNHCR.NBO \
		--trust realm/trust.xml --operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0
}

setup() {
	cases="$DAFTAR_TESTS/data/cases"
	terminal="$DAFTAR_BUILD/tests/tools/terminal"
	cd "$BATS_TEST_TMPDIR" || exit
	unset LANGUAGE LC_ALL LC_MESSAGES LANG DAFTAR_LANG DAFTAR_PLAIN DAFTAR_BIDI NO_COLOR COLUMNS \
		VTE_VERSION KONSOLE_VERSION MLTERM TERM_PROGRAM
	cp -r "$BATS_FILE_TMPDIR/office" .
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office"
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

french='il n.y a pas de commande trck'
arabic='لا يوجد أمر trck'
english='there is no command trck'

# says TEXT VARIABLE=VALUE...: what the wrong command is called then
says() {
	local text=$1
	shift
	run env "$@" "$DAFTAR_BUILD/liaison/daftar" trck
	echo "$* says: $output"
	[[ "$output" =~ $text ]]
}

# ---- which language ----

@test "the language is that of the option, of the office, of the system, in this order" {
	says "$english" A=b
	says "$french" LANG=fr_FR.UTF-8
	says "$arabic" LC_ALL=ar LANG=fr_FR.UTF-8
	says "$french" LANGUAGE=fr:ar LC_ALL=ar
	echo 'language = "ar"' >>office/daftar.conf
	says "$arabic" LANGUAGE=fr LC_ALL=fr_FR.UTF-8
	says "$french" DAFTAR_LANG=fr
	ends 2 daftar trck --lang en
	[[ "$stderr" == *"$english"* ]]
	ends 2 env DAFTAR_LANG=fr "$DAFTAR_BUILD/liaison/daftar" --lang=ar trck
	[[ "$stderr" == *"$arabic"* ]]
	# a mistake that stands before the option
	ends 2 daftar --nonsense trck --lang fr
	[[ "$stderr" == *"il n'y a pas d'option --nonsense"* ]]
	ends 0 daftar list
	sed -i '$d' office/daftar.conf
	echo "  language='fr'" >>office/daftar.conf
	says "$french" A=b
}

@test "it works where no locale is installed but C.UTF-8, and C is English" {
	says "$english" LANG=C LC_ALL=C
	says "$english" LC_ALL=POSIX
	says "$english" LC_ALL=C.UTF-8
	says "$french" LC_ALL=C DAFTAR_LANG=fr
	says "$french" LANG=fr_FR.UTF-8 LOCPATH="$PWD"
	says "$arabic" LANG=ar_SY.UTF-8 LOCPATH=/nowhere
	says "$english" LANG=de_DE.UTF-8
	says "$english" LANG=fr_FR.UTF-8 DAFTAR_LOCALE="$PWD"
}

@test "a hostile name of a language is none" {
	mkdir -p evil/LC_MESSAGES
	cp "$DAFTAR_BUILD/locale/fr/LC_MESSAGES/daftar.mo" evil/LC_MESSAGES/daftar.mo
	long=$(printf 'a%.0s' {1..5000})
	for value in ../evil "$PWD/evil" ./fr ../../../../etc/passwd '%s%n' "$long" $'f\033[2J' 'FR'; do
		ends 2 env LANGUAGE="$value" "$DAFTAR_BUILD/liaison/daftar" trck
		[[ "$stderr" == *"$english"* ]]
		[[ "$stderr" != *$'\033'* ]]
		ends 2 daftar --lang "$value" trck
		[[ "$stderr" == *"$english"* && "$stderr" != *$'\033'* ]]
		printf 'language = "%s"\n' "$value" >office/daftar.conf
		ends 2 daftar trck
		[[ "$stderr" != *$'\033'* ]]
	done
}

# ---- what is said ----

@test "French: help, setup, doctor, cases, errors" {
	export DAFTAR_LANG=fr
	ends 0 daftar help
	[[ "$output" == *"dépose, suit et prouve"* ]]
	[[ "$output" == *"Ce bureau"*"Consentement"*"Preuves"* ]]
	ends 0 daftar help request file
	[[ "$output" == *"daftar request file"*"Dépose un fichier de dossier"* ]]
	ends 0 daftar doctor --timeout 0
	[[ "$output" == *"bon"*"confiance"*"certificat de signature de UNHCR.NBO"* ]]
	[[ "$output" == *"le dépôt marche hors ligne ; daftar sync"* ]]
	ends 0 daftar list
	[[ "$stderr" == *"Il n'y a pas encore de dossier."* ]]
	ends 7 daftar request file "$cases/hodan.json" --timeout 0
	number=${output%% *}
	[[ "$stderr" == *"$number est signé, chiffré et en sûreté"*"ensuite : daftar sync"* ]]
	ends 0 daftar track "$number"
	[[ "$output" == *"$number"*"en sûreté dans la file locale"* ]]
	ends 5 daftar track DFT-0000-0000-0
	[[ "$stderr" == *"il n'y a pas de dossier"*"cause : "*"(NOT-FOUND)"*"intact : "*"ensuite : "* ]]
	jq '.locator.birthDate.value = "soon"' "$cases/hodan.json" >bad.json
	ends 3 daftar request check bad.json
	[[ "$stderr" == *"locator.birthDate.value: doit être une date comme 2024"* ]]
	ends 0 daftar codes L04
	[[ "$output" == *"public-policy : la transcription serait contraire à l'ordre public"* ]]
}

@test "Arabic: help, setup, doctor, cases, errors" {
	export DAFTAR_LANG=ar
	ends 0 daftar help
	[[ "$output" == *"يقدّم طلبات قيود الميلاد"*"هذا المكتب"*"الموافقة"* ]]
	ends 0 daftar doctor --timeout 0
	[[ "$output" == *"سليم"*"شهادة توقيع UNHCR.NBO"*"التقديم يعمل دون اتصال؛ daftar sync"* ]]
	ends 7 daftar request file "$cases/hodan.json" --timeout 0
	number=${output%% *}
	[[ "$number" == DFT-* ]]
	[[ "$stderr" == *"$number موقّعة ومشفّرة"*"التالي: daftar sync"* ]]
	ends 0 daftar track "$number"
	[[ "$output" == *"$number"*"محفوظ بأمان في المخزن المحلي"* ]]
	ends 5 daftar track DFT-0000-0000-0
	[[ "$stderr" == *"السبب: "*"(NOT-FOUND)"*"السليم: لم يتغيّر شيء"*"التالي: "* ]]
	ends 0 daftar codes L04
	[[ "$output" == *"نقل القيد مخالف للنظام العام"* ]]
}

@test "the languages that are begun say how an error is told" {
	for language in am so sw ti; do
		ends 2 daftar trck --lang "$language"
		[[ "$stderr" == *trck*"(USAGE)"*"daftar help"* ]]
		[[ "$stderr" != *"safe:"* && "$stderr" != *"next:"* ]]
	done
}

@test "Arabic counts in six ways" {
	ends 0 daftar consent record --from <(jq .consent "$cases/hodan.json")
	for days in 0 1 2 3 11 100; do
		jq --arg until "$(date -u -d "+$days days" +%F)" --arg id "$(printf \
			'018f3a52-1b2c-7d3e-8f40-%012d' "$days")" '.consent | .id = $id | .validUntil = $until' \
			"$cases/hodan.json" >consent.json
		ends 0 daftar consent record --from consent.json
	done
	ends 0 daftar consent list --lang ar
	for form in '0 يوم' 'يوم واحد (1)' 'يومين (2)' '3 أيام' '11 يومًا' '100 يوم'; do
		[[ "$output" == *"تنتهي خلال $form"* ]]
	done
}

@test "programs are told the same in every language" {
	daftar request new --from "$cases/hodan.json" --quiet
	number=$(daftar list --json | jq -r .tracking)
	for words in "list" "track $number" "codes refusal" "track DFT-0000-0000-0" "consent list" \
		"request check nothing.json"; do
		# shellcheck disable=SC2086
		daftar $words --json >en.json 2>en.err || true
		for language in fr ar sw; do
			# shellcheck disable=SC2086
			LANG=$language daftar $words --json --lang $language >other.json 2>other.err || true
			cmp en.json other.json
			cmp en.err other.err
		done
	done
}

# ---- on a terminal ----

on_terminal() { [ -x "$terminal" ] || skip "libvterm is not here"; }

# shown SIZE COMMAND...: the screen when it has ended, in $output
shown() {
	local size=$1
	shift
	run --separate-stderr "$terminal" --size "$size" sh -c '"$@"; :' - "$@" <<<$'ends 0\nscreen -'
	echo "$output"
}

# raw COMMAND...: every octet that a terminal gets, in raw.cast
raw() { "$terminal" --record raw.cast sh -c '"$@"; :' - "$@" <<<'ends 0'; }

@test "an Arabic screen reads right where the terminal does not do it" {
	on_terminal
	# shaped, reversed, at the right edge, with the command in its order
	shown 80x40 "$DAFTAR_BUILD/liaison/daftar" doctor --timeout 0 --lang ar
	[[ "$output" =~ \ +.*،UNHCR.NBO\ ﻊﻴﻗﻮﺗ ]]
	[[ "$output" =~ tcp://127.0.0.1:1\ ﻰﻟﺇ ]]
	shown 60x20 "$DAFTAR_BUILD/liaison/daftar" trck --lang ar
	[[ "$output" =~ \ +trck\ ﺮﻣﺃ\ ﺪﺟﻮﻳ\ ﻻ\ daftar: ]]
	[[ "$output" =~ \ +daftar\ help\ :ﻲﻟﺎﺘﻟﺍ ]]
	# the same is kept as a recording of what was written
	raw "$DAFTAR_BUILD/liaison/daftar" trck --lang ar
	head -1 raw.cast | jq -e '.version == 2'
}

@test "a terminal that does bidi gets the text as it is said, and so does a pipe" {
	on_terminal
	for variable in VTE_VERSION=7006 KONSOLE_VERSION=220404 DAFTAR_BIDI=logical; do
		shown 60x20 env "$variable" "$DAFTAR_BUILD/liaison/daftar" trck --lang ar
		[[ "$output" == *"$arabic"* ]]
	done
	shown 60x20 env VTE_VERSION=7006 DAFTAR_BIDI=visual "$DAFTAR_BUILD/liaison/daftar" trck --lang ar
	[[ "$output" == *"ﻲﻟﺎﺘﻟﺍ"* ]]
	run daftar trck --lang ar
	[[ "$output" == *"$arabic"* ]]
	run env DAFTAR_BIDI=visual "$DAFTAR_BUILD/liaison/daftar" trck --lang ar
	[[ "$output" == *"$arabic"* ]]
	# what VTE is asked is taken back
	raw env VTE_VERSION=7006 "$DAFTAR_BUILD/liaison/daftar" trck --lang ar
	grep -q '2501h' raw.cast
	grep -q '2501l' raw.cast
}

@test "hostile names do not leave their place in an Arabic line" {
	on_terminal
	name=$(printf 'a\033[31mb\342\200\256c\342\201\251\330\234 أمل 1994.json')
	cp "$cases/hodan.json" "$name"
	daftar request new --from "$name" --quiet
	number=$(daftar list --json | jq -r .tracking)
	for words in "list --labels" "show $number"; do
		# shellcheck disable=SC2086
		raw "$DAFTAR_BUILD/liaison/daftar" $words --lang ar
		not grep -q -e '\\u001b\[31m' -e "$(printf '\342\200\256')" -e "$(printf '\342\201\251')" raw.cast
		not grep -qi -e '\\u202e' -e '\\u2069' -e '\\u061c' raw.cast
	done
	shown 140x20 "$DAFTAR_BUILD/liaison/daftar" list --labels --lang ar
	[[ "$output" == *"$number" ]]
	[[ "$output" == *'a\u{1b}[31mb\u{202e}c\u{2069}\u{61c} ﻞﻣﺃ 1994.json  2035-12-31'* ]]
}

not() { ! "$@"; }

@test "colour is sparse, and none with NO_COLOR, TERM=dumb or --plain" {
	on_terminal
	raw "$DAFTAR_BUILD/liaison/daftar" trck
	grep -q '31m' raw.cast
	for change in NO_COLOR=1 TERM=dumb DAFTAR_PLAIN=1; do
		raw env "$change" "$DAFTAR_BUILD/liaison/daftar" trck
		not grep -q '31m' raw.cast
	done
	raw "$DAFTAR_BUILD/liaison/daftar" trck --plain
	not grep -q '31m' raw.cast
	run daftar trck
	[[ "$output" != *$'\033'* ]]
}

@test "forty columns: nothing is cut, and numbers and commands stay whole" {
	on_terminal
	daftar request new --from "$cases/hodan.json" --quiet
	number=$(daftar list --json | jq -r .tracking)
	for language in en fr; do
		shown 40x60 "$DAFTAR_BUILD/liaison/daftar" track "$number" --lang "$language"
		[[ "$output" == *"daftar request file $number"* ]]
		[[ "$output" == *"2035-12-31 23:59:59 UTC"* ]]
		shown 40x60 "$DAFTAR_BUILD/liaison/daftar" track nonsense --lang "$language"
		[[ "$output" == *$'\n'*"daftar list"* ]]
		shown 40x100 "$DAFTAR_BUILD/liaison/daftar" codes L04 --lang "$language"
		[[ "$output" == *L04* ]]
	done
	# without the terminal's own folding: no line is longer than the screen
	raw env COLUMNS=40 "$DAFTAR_BUILD/liaison/daftar" help track
	sed 1d raw.cast | jq -r '.[2]' | sed 's/\r$//' >lines
	[ "$(grep -v -e '^  daftar' -e '^$' lines | awk 'length > 40' | wc -l)" -eq 0 ]
}

@test "plain: one fact a line, for a voice" {
	daftar request new --from "$cases/hodan.json" --quiet
	number=$(daftar list --json | jq -r .tracking)
	for words in help doctor "track $number" "codes calendar" list; do
		# shellcheck disable=SC2086
		daftar $words --plain --timeout 0 >said || daftar $words --plain >said
		not grep -q -e '  ' -e '^ ' -e ' $' said
	done
	ends 0 daftar codes gregorian --plain
	[ "$output" = "$(printf 'list: calendar\ncode: gregorian\nmeaning: Gregorian calendar')" ]
	DAFTAR_PLAIN=1 ends 0 daftar codes gregorian
	[[ "$output" == "list: calendar"* ]]
}

@test "the help's first page is one screen of 80x24, in every language" {
	on_terminal
	for code in en fr ar; do
		"$terminal" --size 80x24 "$DAFTAR_BUILD/liaison/daftar" help --lang "$code" <<-'.'
			ends 0
			see setup doctor context
			see daftar
			see questions tui
		.
	done
}
