#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The chair of the registry that somebody fears: while cases about its people are refused, its line,
# its spool, its queue and its book are what they are on any idle day. Frames are encrypted; what is
# counted is what the line shows, their number and their sizes (tests/tools/faultproxy).

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
	kenya_make
	broker_conf
	broker_start
	kenya_conf automatic
	adapter_start KE.CRS
	somalia_behind_proxy
	mkdir cases
}

teardown() {
	test_over
}

not() { if "$@"; then return 1; fi; }

# ---- the line ----

somalia_behind_proxy() {
	local direct=$endpoint
	mkfifo proxy.in
	exec 7<>proxy.in
	"$build/tests/tools/faultproxy" 127.0.0.1 0 127.0.0.1 "${endpoint##*:}" \
		<proxy.in >proxy.out 2>&1 3>&- &
	echo $! >pids/proxy
	disown
	until_true 10 grep -q listening proxy.out
	endpoint=tcp://127.0.0.1:$(sed -n 's/^listening //p' proxy.out)
	somalia_conf automatic
	endpoint=$direct
	adapter_start SO.NIRA
}

answers() { grep -cx ok proxy.out; }

answered() { [ "$(answers)" -gt "$1" ]; }

# frames: "WAY SIZE N" a line, since the beginning
frames() {
	local before
	before=$(answers || true)
	echo frames >&7
	until_true 10 answered "$before"
	grep '^frames ' proxy.out | tail -n 2 | while read -r _ way rest; do
		tr ' ' '\n' <<<"$rest" | sed -n "s/\(.*\):\(.*\)/$way \1 \2/p"
	done
}

# passed FROM TO: the frames between two such tables
passed() {
	awk 'NR == FNR { n[$1, $2] = $3; next } $3 > n[$1, $2] { print $1, $2, $3 - n[$1, $2] }' \
		"$1" "$2" | sort
}

# The verb of six letters that a peer says of its own accord every eight seconds, CREDIT: 6 octets
# and the 33 that CURVE and ZMTP put around them.
credits() { awk '$1 == "up" && $2 == 39 { n = $3 } END { print n + 0 }' "$1"; }

one_credit_more() {
	frames >now
	[ "$(credits now)" -gt "$(credits "$1")" ]
}

# a greeting brings the trust list, which nothing else that is said here is as long as
greeted() { passed "$1" "$2" | awk '$2 > 4000 { found = 1 } END { exit !found }'; }

nothing_new() {
	frames >now
	local same=1
	cmp -s before now || same=0
	mv now before
	[ "$same" -eq 1 ]
}

# still: what follows a greeting (its books, the newest head of the log) has passed
still() {
	frames >before
	for _ in 1 2 3; do
		until_true 20 nothing_new
	done
}

# ---- cases that are refused ----

today=$(date +%F)
finding() { # RESULT COUNTRY
	printf '<c:RiskClearance><c:Officer>NBO-PROT-009</c:Officer><c:Result>%s</c:Result>' "$1"
	printf '<c:On>%s</c:On><c:FearedCountry>%s</c:FearedCountry></c:RiskClearance>' \
		"$today" "$2"
}

# bodies: one a way to be refused, the last only after the register was asked
bodies() {
	local hodan=$DAFTAR_TESTS/data/valid/transcription-request/hodan.xml
	sed "s|<c:Document|$(finding CLEARED SO)&|" "$hodan" >cases/feared.body
	sed "s|<c:Document|$(finding BLOCKED SO)&|" "$hodan" >cases/blocked.body
	sed "s|<c:Document|$(finding CLEARED KE)&|" "$hodan" >cases/asked.body
	sed 's|ORIGIN-ENTRY|ORIGIN-EXTRACT|' "$hodan" >cases/origin.body
	sed -e 's|<c:Particulars>.*</c:Particulars>||' \
		-e 's|<c:GivenBy>mother|<c:GivenBy>self|' \
		-e 's|<c:CapacityBasis>parental-authority|<c:CapacityBasis>self|' \
		"$hodan" >cases/minor.body
}

# file_it MESSAGE: as the office does it, until the registry in Nairobi has taken and settled it
kept=0
file_it() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/UNHCR.NBO/curve.key" "hello:1:$kept:0" WELCOME TRUST \
		"submit:$1" RECEIPT CONFIRM CONFIRM >answers || return 1
	kept=$(sed -n 's/^CONFIRM number=\([0-9]*\) .*/\1/p' answers | tail -n 1)
}

refused=0

# refused_cases: one of each kind, filed with the office's own keys, and refused in Nairobi
refused_cases() {
	local name
	for name in feared blocked asked origin minor; do
		refused=$((refused + 1))
		"$build/tests/tools/letter" realm TranscriptionRequest UNHCR.NBO KE.CRS \
			"cases/$refused.xml" "body=cases/$name.body" token=new \
			"sequence=$refused" >/dev/null
		file_it "cases/$refused.xml" || return 1
	done
}

# ---- what else the registry can look at ----

its_side() {
	adapter SO.NIRA status --json | jq -cS '[.spool, .register, .reconciled, .exchange]'
	adapter SO.NIRA inbox --all --json
	adapter SO.NIRA log show || true
	sha256sum <SO.NIRA/spool/data.mdb
	cat logs/SO.NIRA.log
	ls -R SO.NIRA
	ctl party show SO.NIRA --json | jq -cS 'del(.heard, .since)'
}

book_is_empty() {
	adapter SO.NIRA status --json | jq -e '.reconciled | .agreed and .elements == 0'
}

# watched: an idle while and a while of refused cases, both over one CREDIT; 2 when the line had to
# be greeted anew meanwhile, as it is from time to time when nobody says anything, or when one while
# was longer than the other by a CREDIT
watched() {
	still
	frames >idle.0
	until_true 20 one_credit_more idle.0
	frames >idle.1
	its_side >side.0
	refused_cases || return 1
	until_true 20 one_credit_more idle.1
	frames >busy.1
	its_side >side.1
	not greeted idle.0 busy.1 || return 2
	# A while that was longer holds more heartbeats: they are compared only when both are alike.
	[ $(($(credits idle.1) - $(credits idle.0))) -eq $(($(credits busy.1) - $(credits idle.1))) ] ||
		return 2
	passed idle.0 idle.1 >idle
	passed idle.1 busy.1 >busy
}

@test "P9_no_trace: the feared registry's line and books are those of an idle day" {
	bodies
	for _ in 1 2 3; do
		again=0
		watched || again=$?
		[ "$again" -eq 2 ] || break
	done
	[ "$again" -eq 0 ]
	not grep -q 'composed action=CertifiedExtract' logs/KE.CRS.log
	[ "$refused" -ge 5 ]
	echo "idle:" && cat idle
	echo "busy:" && cat busy
	[ -s idle ]
	# The same sizes, and as often as in the idle while: heartbeats have a beat of their own.
	[ "$(cut -d ' ' -f 1,2 idle)" = "$(cut -d ' ' -f 1,2 busy)" ]
	paste -d ' ' idle busy | awk '$3 - $6 > 1 || $6 - $3 > 1 { print; bad = 1 } END { exit bad }'
	diff side.0 side.1
	ctl reconcile run SO.NIRA
	until_true 20 book_is_empty
	[ "$(somalia_entries)" -eq 0 ]
	for word in P04 P01 TranscriptionRequest UNHCR; do
		not grep -q "$word" logs/SO.NIRA.log
	done
	# The officer, and nobody else, has been answered.
	[ "$(ctl party show UNHCR.NBO --json | jq .queued)" -eq "$refused" ]
	[ "$(ctl party show SO.NIRA --json | jq .queued)" -eq 0 ]
}
