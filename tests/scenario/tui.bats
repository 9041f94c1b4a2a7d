#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The full screen on a terminal of the test's own: keys, sizes, what is shown to onlookers, hostile
# names, and a terminal that is left as it was found, however the program ends.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	export DAFTAR_HOME="$BATS_FILE_TMPDIR/office"
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	daftar setup --party-dir realm/parties/UNHCR.NBO --trust realm/trust.xml \
		--operator realm/operator.pem --broker tcp://127.0.0.1:1 --timeout 0 --quiet >/dev/null
	daftar request file "$DAFTAR_TESTS/data/cases/hodan.json" --timeout 0 --quiet >filed || [ $? -eq 7 ]
	daftar request new --from "$DAFTAR_TESTS/data/cases/no-entry.json" --quiet >draft
}

setup() {
	[ -x "$DAFTAR_BUILD/tests/tools/terminal" ] || skip "libvterm is not here"
	cd "$BATS_TEST_TMPDIR" || exit
	cp -r "$BATS_FILE_TMPDIR/office" .
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office" TZ=UTC
	sed -i "s|$BATS_FILE_TMPDIR|$BATS_TEST_TMPDIR|" office/daftar.conf
	number=$(cut -d' ' -f1 "$BATS_FILE_TMPDIR/filed") draft=$(cat "$BATS_FILE_TMPDIR/draft")
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

# typed OPTIONS...: at the full screen, the script from standard input
typed() { "$DAFTAR_BUILD/tests/tools/terminal" "$@" "$DAFTAR_BUILD/liaison/daftar" tui; }

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

@test "what there is to do is shown, a case is opened, and the terminal is left as it was" {
	typed <<-.
		see TRAINING
		see Drafts (1)
		see Waiting for others (1)
		key End
		key Enter
		see drafted in this office
		see fetched by then
		key Esc
		see Drafts (1)
		type ?
		see look over your shoulder
		key Esc
		type /
		type ${draft:4:4}
		see > $draft
		key Enter
		type q
		ends 0
		restored
	.
}

@test "what is about the person is shown on a key alone, and noted" {
	name=$(jq -r .locator.entryNumber "$DAFTAR_TESTS/data/cases/no-entry.json")
	typed --size 100x40 <<-.
		see > $draft
		key Enter
		see drafted in this office
		absent $name
		type p
		see $name
		see who looks on
		key Esc
		see Drafts (1)
		unseen $name
		type q
		ends 0
	.
	daftar ledger "$draft" --timeout 0 --json | grep -q shown
}

@test "what never left is dropped after a question, and not without a yes" {
	typed <<-.
		see > $draft
		type o
		see $number  waiting
		type d
		see [y/N]
		type n
		see Nothing was changed
		type d
		see [y/N]
		type y
		see nobody else has seen it
		unseen $number  waiting
		type q
		ends 0
	.
	[ "$(daftar track "$number" --json | jq -r .state)" = dropped ]
}

@test "a line that is slow holds up nobody" {
	typed --timeout 60 <<-.
		see > $draft
		type s
		see on line
		key End
		see > $number
		type q
		ends 0
		restored
	.
}

@test "the window may be small, and changes its size" {
	typed --size 40x12 <<-.
		see TRAINING
		see > $draft
		size 100x30
		see KE.CRS
		size 30x8
		see 40x12
		size 80x24
		see > $draft
		type q
		ends 0
	.
}

@test "NO_COLOR is heeded, colours say nothing alone" {
	NO_COLOR=1 typed <<<$'see Drafts\ncolours off\nmarks on\ntype q\nends 0'
	typed <<<$'see Drafts\ncolours on\ntype q\nends 0'
}

@test "hostile names stand there as text" {
	jq '.locator.mother[0].full = "\u001b[2J\u001b]0;gone\u0007 X"' \
		"$DAFTAR_TESTS/data/cases/no-entry.json" >hostile.json
	cp "$DAFTAR_TESTS/data/cases/yuusuf.json" $'a\e[2Jb\u202ec.json'
	hostile=$(daftar request new --from $'a\e[2Jb\u202ec.json' --quiet)
	typed --size 100x40 <<-.
		see Drafts (2)
		type /
		type ${hostile:4:9}
		key Enter
		see > $hostile
		key Enter
		type p
		see \\\\u{1b}[2Jb\\\\u{202e}c.json
		see TRAINING
		type q
		ends 0
	.
	daftar request check hostile.json >/dev/null 2>&1 || true
}

@test "ended by a signal, by ^C, by a crash, or stopped by ^Z, the terminal is as it was" {
	for end in "signal TERM" "signal HUP" "key ^C" "signal QUIT"; do
		typed <<<$'see Drafts\n'"$end"$'\nends 130\nrestored'
	done
	typed <<<$'see Drafts\nsignal SEGV\nends 139\nrestored'
	typed <<<$'see Drafts\nsignal ABRT\nends 134\nrestored'
	PS1='ready> ' "$DAFTAR_BUILD/tests/tools/terminal" bash --norc --noprofile -i <<-.
		expect ready>
		line $DAFTAR_BUILD/liaison/daftar tui
		see Drafts
		type ?
		see look over your shoulder
		key Esc
		see Drafts
		key ^Z
		expect Stopped
		unseen Drafts
		line stty -a
		expect  icanon
		line fg
		see Drafts
		type q
		unseen Drafts
		line exit 5
		ends 5
	.
}

@test "without a terminal it says what to do instead" {
	run --separate-stderr daftar tui </dev/null
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"daftar list"* ]]
	[ -z "$output" ]
	typed --term dumb <<<$'expect daftar list\nends 2'
	typed --term no-such-terminal <<<$'expect TERM\nends 2'
}
