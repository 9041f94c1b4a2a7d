#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What daftar asks at a terminal: a case, one question at a time; an office that is set up; which of
# several offices. Typed at a terminal of its own, and cut off everywhere.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	DAFTAR_HOME=office daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0 >setup.out
	printf '%%PDF-1.4 a signed form' >form.pdf
}

setup() {
	terminal="$DAFTAR_BUILD/tests/tools/terminal"
	[ -x "$terminal" ] || skip "libvterm is not here"
	cd "$BATS_TEST_TMPDIR" || exit
	cp -r "$BATS_FILE_TMPDIR"/{realm,office,form.pdf} .
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office" HOME="$BATS_TEST_TMPDIR" LC_ALL=C.UTF-8
	unset XDG_CONFIG_HOME LANGUAGE LANG DAFTAR_LANG DAFTAR_CONTEXT
	printf '%s\n' "${answers[@]}" >answers
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

# at_terminal COMMAND..: what is typed is standard input
at_terminal() { "$terminal" --size 80x40 "$DAFTAR_BUILD/liaison/daftar" "$@"; }

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

# What is asked, and what is answered, of a whole case.
answers=(
	"What is to be done|" "holds the record|1" "to enter the birth|1" "fear any State|no"
	"Who asks for it|mother" "Is it urgent|" "Number of the entry|0412873920"
	"registry office made|Nairobi East" "name and date of birth be given|yes"
	"language are the names|so" "Full name of the person|Hodan Abdi Warsame"
	"What is each word|1" "in other letters|" "which calendar|1"
	"Date of birth, exactly|9 March 2024" "Is that the date|yes" "How is the date known|1"
	"Place of birth, as|" "Full name of the mother|" "Full name of the father|"
	"Which documents|" "Whose particulars|" "Who gives it|" "By which right|" "How much of|"
	"language was it explained|so" "Code of the interpreter|" "risks explained|yes"
	"refusing costs nothing|yes" "which day was it given|" "Until which day|"
	"take it back|" "scan of the signed form|form.pdf" "who took the consent|NBO-0417"
	"child itself asked|" "agreement or law|Tripartite Agreement"
)

# steps [N]: types the first N answers, or all.
steps() {
	head -n "${1:-99}" answers | while IFS='|' read -r asked said; do
		printf 'next %s\n' "$asked"
		if [ -n "$said" ]; then printf 'line %s\n' "$said"; else printf 'key Enter\n'; fi
	done
}

# How many answers are kept of the draft that is told first.
answered() { daftar doctor --timeout 0 --json | jq -r 'select(.check == "drafts").text'; }

@test "a case is asked for, reviewed, kept and may be filed" {
	{
		steps
		printf 'next as it will be kept\nnext Hodan Abdi Warsame\nkey Enter\n'
		printf 'next Kept as a draft\nnext request file\nends 0\nrestored\n'
	} | at_terminal request new
	number=$(daftar list --json | jq -r .tracking)
	[[ $number == DFT-* ]]
	run -7 daftar request file "$number" --timeout 0
	[[ $(answered) == 0* ]]
	daftar show "$number" --json >/dev/null
}

@test "the case is the one that a file would make" {
	{
		steps
		printf 'next as it will be kept\nkey Enter\nnext Kept as a draft\nends 0\n'
	} | at_terminal request new
	number=$(daftar list --json | jq -r .tracking)
	consent=$(daftar consent list --json | jq -r .consent)
	cat >case.json <<-.
		{"caseType": "ORIGIN-ENTRY", "requestedOf": "KE.CRS", "destination": "SO.NIRA",
		"urgency": "normal", "applicant": {"relation": "mother"}, "locator":
		{"entryNumber": "0412873920", "office": "Nairobi East", "name": [{"script": "Latn",
		"lang": "so", "authoritative": true, "full": "Hodan Abdi Warsame", "parts":
		[{"kind": "given", "value": "Hodan"}, {"kind": "father", "value": "Abdi"},
		{"kind": "grandfather", "value": "Warsame"}], "noFamilyName": true}], "birthDate":
		{"authored": "9 March 2024", "calendar": "gregorian", "value": "2024-03-09",
		"basis": "document"}}, "consent": "$consent", "legalBasis": "Tripartite Agreement"}
	.
	run --separate-stderr daftar request new --from case.json
	[ "$status" -eq 0 ]
	[ "$output" = "$number" ]
}

@test "help, back and a change of mind; nothing that was answered is asked twice" {
	at_terminal request new <<-'.'
		next What is to be done
		line ?
		next Usually the first
		line <
		next the first question
		line 7
		next number from 1 to 3
		line 3
		next holds the record
		line back
		next What is to be done
		next neither (Enter)
		line 1
		next holds the record
		line Civil
		next to enter the birth
		line SO.NIRA
		next fear any State
		key Enter
		next Type no when
		line no
		next Who asks
		line <
		next fear any State
		next (Enter: no)
		line <
		next to enter the birth
		key Enter
		next Who asks
		line save
		next is kept, sealed
		ends 0
		restored
	.
	[[ $(answered) == 1* ]]
}

@test "after a kill at any answer every answer before it is there" {
	for n in 1 11 16 28; do
		rm -rf office && cp -r "$BATS_FILE_TMPDIR/office" .
		{
			steps "$n"
			sed -n "$((n + 1))s/|.*//;$((n + 1))s/^/next /p" answers
			printf 'type half an ans\nkill\nends 137\n'
		} | at_terminal request new
		{
			printf 'next not finished\nline 2\nnext go on with it\nkey Enter\n'
			sed -n "$((n + 1))s/|.*//;$((n + 1))s/^/next /p" answers
			printf 'key ^C\nnext is kept, sealed\nends 130\nrestored\n'
		} | at_terminal request new
	done
}

@test "a terminal that goes away loses nothing" {
	{ steps 8; printf 'next name and date of birth be given\nhangup\nends 130\n'; } |
		at_terminal request new
	[[ $(answered) == 1* ]]
	printf 'next not finished\nline 2\nnext go on\nkey Enter\nnext date of birth be given\nline quit\nnext Keep what\nline no\nnext erased\nends 0\n' |
		at_terminal request new
	[[ $(answered) == 0* ]]
}

@test "words that nobody hears end nothing" {
	daftar list 2>&1 >/dev/null | grep -q training
	daftar list 2>/dev/full
	not daftar version >/dev/full
}

@test "several drafts at once; two windows cannot write over each other" {
	{ steps 5; printf 'next urgent\nline save\nnext kept\nends 0\n'; } | at_terminal request new
	{ printf 'next not finished\nline 1\n'; steps 2; printf 'next enter the birth\nline save\nnext kept\nends 0\n'; } |
		at_terminal request new
	[[ $(answered) == 2* ]]
	number=$(printf 'next go on with\nnext go on with\nscreen -\nline quit\nends 0\n' | at_terminal request new |
		grep -o 'DFT-[0-9A-Z-]*' | head -n 1)
	cat >second <<-.
		next enter the birth
		line 1
		next fear
		line save
		ends 0
	.
	{
		printf 'next enter the birth\n'
		# the other window, meanwhile
		printf 'run "%s" "%s" request new --resume %s <second\n' "$terminal" \
			"$DAFTAR_BUILD/liaison/daftar" "$number"
		printf 'line 1\nnext another window\nends 6\n'
	} | at_terminal request new --resume "$number"
}

@test "two windows at the last page: one number is one case and one message" {
	{ steps; printf 'next as it will be kept\nline save\nnext kept, sealed\nends 0\n'; } |
		at_terminal request new
	number=$(printf 'next go on with\nscreen -\nline quit\nends 0\n' | at_terminal request new |
		tr -d '\n' | grep -o 'DFT-[0-9A-Z]*-[0-9A-Z]*-[0-9A-Z]' | head -n 1)
	cat >second <<-.
		next as it will be kept
		expect save, quit
		line 37
		next agreement or law
		line Another Agreement
		next as it will be kept
		key Enter
		next Kept as a draft
		ends 0
	.
	{
		printf 'next as it will be kept\nexpect save, quit\n'
		printf 'run "%s" "%s" request new --resume %s <second\n' "$terminal" \
			"$DAFTAR_BUILD/liaison/daftar" "$number"
		printf 'run "%s" request file %s --timeout 0 >out; [ $? -eq 7 ]\n' \
			"$DAFTAR_BUILD/liaison/daftar" "$number"
		printf 'key Enter\nnext another window\nends 6\n'
	} | at_terminal request new --resume "$number"
	[ "$(daftar list --json | jq -r .state)" = filed ]
	[ "$(daftar outbox --json | wc -l)" -eq 1 ]
}

@test "nothing that is pasted makes the terminal obey, or answers two questions" {
	{
		steps 7
		cat <<-'.'
			next registry office
			type \e[200~Nairobi\u{202e}East\e[201~
			next U+202E
			type \e[200~Nairobi\nEast\n\e[201~
			next several lines
			type \e[200~\e[2J\e]0;x\x07\e[201~
			next U+001B
			line Nairobi\u{202e}East
			next U+202E
			type Nairobi\xff
			key Enter
			next UTF-8
			line Nairobi East
			next date of birth be given
			line save
			ends 0
		.
	} | at_terminal request new
}

@test "names in Arabic and Ge'ez letters; hidden characters are refused with the reason" {
	{
		steps 9
		cat <<-'.'
			next language are the names
			line ar
			next Full name of the person
			line نور\u{200b}علي
			next U+200B
			type نورة
			key Backspace
			line  علي حسن
			next What is each word
			line 1
			next in other letters
			key Enter
			next Latin letters
			line 1
			next which calendar
			line 5
			next Date of birth
			line 32/13/1440
			next Not taken
			line 5 رمضان 1440
			next 2019
			next Is that the date
			line no
			next type it again
			line save
			next kept
			ends 0
		.
	} | at_terminal request new
}

@test "a State that is feared is never asked; what was typed is erased" {
	cat >fear <<-'.'
		next What is to be done
		key Enter
		next holds the record
		line 1
		next to enter
		line 1
		next fear any State
		line Kenya
		next P04
		next an answer was wrong
		line 1
		next fear any State
		line KE
		next P04
		line 2
		next (PROTECTION-BLOCK)
		next SUBSTITUTE-DOCUMENT
		ends 4
		restored
	.
	at_terminal request new <fear
	[[ $(answered) == 0* ]]
	[ -z "$(daftar list --json)" ]
	# the registry that is to enter it: a second officer has to look
	at_terminal request new <<-'.'
		next What is to be done
		key Enter
		next holds the record
		line 1
		next to enter
		line 1
		next fear any State
		line SO, ER
		next protection officer
		line NBO-0102
		next What did
		line BLOCKED
		next P04
		line 2
		ends 4
	.
}

@test "no terminal, no questions" {
	run -2 --separate-stderr daftar request new </dev/null
	[[ $stderr == *"(USAGE)"*"daftar request new --from FILE"* ]]
	at_terminal request new --no-input <<<'ends 2'
	at_terminal request new --resume DFT-0000-0000-0 <<<'ends 5'
	run -2 daftar request new --resume DFT-0000-0000-0 </dev/null
	run -2 --separate-stderr daftar setup --home other </dev/null
	[[ $stderr == *"(USAGE)"*"--party-dir"* ]]
	[ ! -e other ]
}

@test "a narrow terminal, a plain one, one that gets narrower" {
	steps 3 | sed 's/^next .*/expect >/' >/dev/null
	"$terminal" --size 24x20 "$DAFTAR_BUILD/liaison/daftar" request new <<-'.'
		next [training]
		next to be done
		line 1
		next record
		type a line that is much longer than the screen is wide
		size 40x20
		key ^U
		line 1
		next enter
		line save
		ends 0
		restored
	.
	"$terminal" --size 60x20 --term dumb "$DAFTAR_BUILD/liaison/daftar" request new --plain <<-'.'
		next not finished
		line 1
		next be done
		type 12
		key Backspace
		key Enter
		next holds the record
		line quit
		next Keep
		line no
		ends 0
	.
}

@test "an office is set up at a terminal, its operator compared aloud" {
	print=$(openssl x509 -in realm/operator.pem -noout -fingerprint -sha256 | tr -d : | tr A-F a-f)
	cat >typed <<-.
		next Language
		line 1
		next Folder with the keys
		line nowhere
		next Not taken
		line ?
		next pkcs11:
		line realm/parties/UNHCR.NBO
		next certificate of the realm
		line <
		next Folder with the keys
		line realm/parties/UNHCR.NBO
		next certificate of the realm
		line realm/operator.pem
		next type the last group
		line yes
		next not the last group
		line ${print: -4}
		next trust list
		line realm/operator.pem
		next Not taken
		line realm/trust.xml
		next exchange listen
		line hub:77
		next Not taken
		line tcp://127.0.0.1:1, tcp://127.0.0.1:2
		next realm to learn in
		next is set up
		next 127.0.0.1:1
		next 127.0.0.1:2
		ends 0
		restored
	.
	at_terminal setup --home other --timeout 0 <typed
	grep -q '^training = true' other/daftar.conf
	echo 'keep-days = 9' >>other/daftar.conf
	daftar setup --home other --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:3 --timeout 0
	grep -q '^keep-days = 9' other/daftar.conf
	grep -q '^training = true' other/daftar.conf
	[ "$(grep -c '^broker' other/daftar.conf)" -eq 1 ]
	# broken off: nothing was changed
	printf 'next Language\nline 1\nnext Folder\nkey ^C\nnext Nothing was changed\nends 130\nrestored\n' |
		at_terminal setup --home third
	[ ! -e third ]
}

@test "several offices have names; a realm to learn in is told everywhere" {
	unset DAFTAR_HOME
	daftar context add north --home office
	daftar context add learn
	run -6 daftar context add north
	run -2 daftar context add ../evil
	run -2 daftar context add north/../../evil
	run -5 daftar context use nowhere
	run -5 daftar list --context nowhere
	run -5 daftar context add other --home nowhere
	daftar context use north
	[ "$(daftar context list --json | jq -r 'select(.inUse).context')" = north ]
	daftar context list --json | jq -es 'length == 2 and any(.ready | not)'
	run -1 daftar list --context learn
	run --separate-stderr daftar list
	[ "$status" -eq 0 ]
	[[ $stderr == "[training]"* ]]
	DAFTAR_CONTEXT=learn run -1 daftar list
	daftar doctor --timeout 0 --json | jq -es 'all(.training)'
	# by its name it is one, whatever the file says
	sed -i 's/^training.*/training = false/' office/daftar.conf
	run --separate-stderr daftar sync --timeout 0
	[[ $stderr == "[training]"* ]]
	DAFTAR_HOME=$PWD/office daftar context show --json | jq -e .training
}

@test "what cannot be kept is told, and the answers before it are safe" {
	{
		steps 2
		printf 'next to enter the birth\nrun rm -f office/cases.lock && mkdir office/cases.lock\n'
		printf 'line 1\nnext not kept yet\nkey Enter\nnext not kept yet\n'
		printf 'run rmdir office/cases.lock\nkey Enter\nnext fear any State\n'
		printf 'run rm -f office/cases.lock && mkdir office/cases.lock\n'
		printf 'line no\nnext not kept yet\nline quit\nnext is kept, sealed\nends 0\nrestored\n'
	} | at_terminal request new
	rmdir office/cases.lock
	printf 'next go on\nline 2\nnext go on\nkey Enter\nnext fear any State\nline save\nends 0\n' |
		at_terminal request new
}

@test "an address that does not answer is left for the next one" {
	# shellcheck disable=SC2034 # for realm.sh
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	export DAFTAR_SQL="$top/adapters/sql"
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	broker_conf
	broker_start
	sed -i "s#^broker.*#broker = \"tcp://127.0.0.1:1, $endpoint\"#" office/daftar.conf
	daftar request file "$DAFTAR_TESTS/data/cases/hodan.json" --timeout 8
	run daftar doctor
	[[ "$output" == *"127.0.0.1:1 cannot be reached"*"answers at $endpoint"* ]]
	# it goes first from now on: no time is lost with the other
	daftar sync --timeout 2
	ended_all
}
