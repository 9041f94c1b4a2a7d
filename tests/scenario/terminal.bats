#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The terminal that other tests type at: what it shows, what it fails on, and that it says why.

bats_require_minimum_version 1.5.0

setup() {
	terminal="$DAFTAR_BUILD/tests/tools/terminal"
	[ -x "$terminal" ] || skip "libvterm is not here"
	cd "$BATS_TEST_TMPDIR" || exit
}

@test "what is typed is seen, and the status of the command is told" {
	# shellcheck disable=SC2016 # for the shell inside
	"$terminal" --size 40x10 sh -c 'printf "name? "; read -r n; echo "hello $n"; exit 3' <<-'.'
		expect name?
		line Amina
		next hello Amina
		absent Bashir
		ends 3
	.
}

@test "a line that does not hold is a failure, and the screen is printed" {
	run -1 --separate-stderr "$terminal" --timeout 0.3 sh -c 'echo one; read -r x' <<-'.'
		expect one
		expect two
	.
	[[ $stderr == *"line 2 of the script: expect two: not within 0.3 s"*one* ]]
	run -1 "$terminal" true <<<'ends 1'
	run -1 "$terminal" sh -c 'echo one' <<<'expect two'
	[[ $output == *"had ended with 0"* ]]
	run -1 "$terminal" --timeout 0.3 sh -c 'echo one; read -r x' <<<$'expect one\nabsent one'
	run -1 "$terminal" --timeout 0.3 cat <<<'ends 0'
	run -2 "$terminal" true <<<'hope'
	run -1 "$terminal" ./nothing <<<'ends 0'
	"$terminal" ./nothing <<<'ends 127'
}

@test "lines that scrolled off are looked at, those on the screen alone with see" {
	"$terminal" --size 20x5 sh -c 'seq 100 130; echo done; read -r x' <<-'.'
		expect done
		expect 100
		unseen 100
		see 130
		key Enter
		ends 0
	.
	# a line longer than the screen is one line
	"$terminal" --size 20x5 sh -c 'echo a sentence that is longer than the screen is wide' <<-'.'
		expect longer than the screen is
	.
}

@test "letters beyond ASCII, marks on them, wide ones" {
	"$terminal" --size 40x5 printf 'N\314\203a\342\200\231 أمينة ህይወት 漢字 end' <<-'.'
		expect Ña
		expect أمينة ህይወት 漢字 end
		expect N\u{303}a\u{2019}
		ends 0
	.
}

@test "keys are those of the modes that the program sets" {
	"$terminal" sh -c 'stty raw -echo; printf ready; dd bs=1 count=7 2>/dev/null | od -An -c; stty sane' <<-'.'
		expect ready
		key Up
		key ^C
		key Esc
		key Alt-x
		expect 033   [   A 003 033 033   x
		restored
	.
	"$terminal" sh -c 'stty raw -echo; printf "\033[?1hready"; dd bs=1 count=3 2>/dev/null | od -An -c' <<-'.'
		expect ready
		key Up
		expect 033   O   A
	.
}

@test "the size changes, signals reach who is in front, a terminal goes away" {
	"$terminal" --size 40x10 bash -c 'trap "stty size" WINCH; echo up; while :; do read -r -t 5 x; done' <<-'.'
		expect up
		size 61x17
		expect 17 61
		signal TERM
		ends 143
	.
	"$terminal" bash -c 'echo up; read -r x' <<<$'expect up\nkey ^C\nends 130'
	"$terminal" bash -c 'echo up; read -r x' <<<$'expect up\nkill\nends 137'
	"$terminal" bash -c 'echo up; while :; do read -r x; done' <<<$'expect up\nhangup\nends 129'
}

@test "what a program did to its terminal is seen" {
	"$terminal" sh -c 'printf "\033[?1049h\033[31mred\033[0m"; read -r x; printf "\033[?1049l"; read -r x' <<-'.'
		see red
		colours on
		marks off
		key Enter
		unseen red
		colours off
		restored
	.
	run -1 "$terminal" --timeout 0.3 sh -c 'printf "\033[?1049hin"; read -r x' <<<$'see in\nrestored'
	run -1 "$terminal" --timeout 0.3 sh -c 'stty -echo; echo in; read -r x' <<<$'see in\nrestored'
}

@test "a recording can be played: each line is JSON, characters are whole" {
	"$terminal" --record cast sh -c 'printf "\303"; printf "\251 \033[1mbold\033[0m \\ \"\377\n"' <<<'expect é bold'
	[ "$(jq -s '.[0].version, .[0].width' -c cast | tr '\n' ' ')" = '2 80 ' ]
	[ "$(jq -rs '[.[1:][] | select(.[1] == "o")[2]] | join("")' cast)" = $'é \e[1mbold\e[0m \\ "\xef\xbf\xbd\r' ]
}
