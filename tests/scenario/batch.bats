#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Many requests from one table: what is wrong is told by its line, what was filed is never filed
# again, and nothing is lost when something stops it halfway.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	cd "$BATS_FILE_TMPDIR" || return
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >realm.out
	export DAFTAR_HOME=$BATS_FILE_TMPDIR/office
	make_office realm
}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	cp -r --sparse=always "$BATS_FILE_TMPDIR/office" .
	sed -i "s,$BATS_FILE_TMPDIR,$BATS_TEST_TMPDIR," office/daftar.conf
	export DAFTAR_HOME="$BATS_TEST_TMPDIR/office"
}

teardown() {
	[ -z "${home:-}" ] || test_over
}

daftar() { "$DAFTAR_BUILD/liaison/daftar" "$@"; }

make_office() {
	daftar setup --party-dir "$1/parties/UNHCR.NBO" --trust "$1/trust.xml" \
		--operator "$1/operator.pem" --broker tcp://127.0.0.1:1 --timeout 0
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
	[[ "$stderr" == *"($word)"* ]]
	[[ "$stderr" == *"safe: "* ]]
}

# table ROWS [FIRST]: the template's row, with a reference and an entry number of its own
table() {
	daftar batch template --quiet | awk -v n="$1" -v first="${2:-1}" '
		NR == 1 { print; next }
		{ for (i = first; i < first + n; i++) {
			row = $0
			sub(/"NBO-2026-0001"/, sprintf("\"R-%05d\"", i), row)
			sub(/"0412873920"/, sprintf("\"%010d\"", i), row)
			print row
		} }'
}

# without COLUMN...: a table on standard input without these columns
without() {
	jq -R -s -r --args '
		split("\r\n") | map(select(length > 0) | ltrimstr("\ufeff") | ltrimstr("\"") | rtrimstr("\"") | split("\",\""))
		| .[0] as $h | ($h | map(. as $c | $ARGS.positional | index($c) == null)) as $keep
		| .[] | [to_entries[] | select($keep[.key]) | .value] | "\"" + join("\",\"") + "\""' "$@"
}

waiting() { daftar outbox --json --quiet | jq -r .tracking | sort -u | wc -l; }

@test "the template is a batch; a row is filed once, whatever happens to its file" {
	daftar batch template >t.csv
	ends 0 daftar batch check t.csv
	[[ "$output" == "good 1,"* ]]
	ends 0 daftar outbox
	[ -z "$output" ]
	table 5 >a.csv
	ends 7 daftar batch file a.csv
	[[ "$output" == "filed 5, filed before 0, "* ]]
	[[ "$stderr" == *"next: daftar sync"* ]]
	ends 0 daftar batch file a.csv
	[[ "$output" == "filed 0, filed before 5, "* ]]
	(head -1 a.csv && tail -n +2 a.csv | tac) >other-name.csv
	ends 0 daftar batch file other-name.csv
	sed '1s/child_name/Nom/; 1s/"destination"/"Vers"/' a.csv >mapped.csv
	refused 3 INPUT daftar batch file mapped.csv
	[[ "$stderr" == *'column '*'"Nom"'*"--map"* ]]
	ends 0 daftar batch file mapped.csv --map 'Nom=child_name,Vers=destination'
	printf '# of the other office\nNom = child_name\nVers=destination\n' >map
	ends 0 daftar batch file mapped.csv --map map
	[ "$(waiting)" -eq 5 ]
}

@test "a row without a reference is known by what it says" {
	table 3 | without row >a.csv
	ends 7 daftar batch file a.csv
	(head -1 a.csv && tail -n +2 a.csv | tac) >b.csv
	ends 0 daftar batch file b.csv
	[ "$(waiting)" -eq 3 ]
}

@test "a reference with other content is a conflict, told with the number of its case" {
	table 2 >a.csv
	ends 7 daftar batch file a.csv
	number=$(daftar batch report a.csv --json --quiet | jq -r 'select(.row == "R-00002").tracking')
	sed 's/0000000002/9999999999/' a.csv >b.csv
	ends 6 daftar batch file b.csv
	[[ "$stderr" == *"line 3: row: this reference is case $number already"* ]]
	[ "$(waiting)" -eq 2 ]
	# and within one file the first of two stands
	table 1 10 >c.csv
	{ sed -n 2p c.csv | sed "s/0000000010/8888888888/"; sed -n 2p c.csv; } >twins
	cat twins >>c.csv
	ends 6 daftar batch check c.csv
	ends 6 daftar batch file c.csv
	[[ "$output" == "filed 1, filed before 1, "*"rejected 1,"* ]]
	[[ "$stderr" == *"line 3: row: line 2 has the same reference and says something else"* ]]
}

@test "rejected rows go into a file of their own, with line and reason, which is a batch when mended" {
	table 4 >a.csv
	sed -i '3s/"KE.CRS"/"KE.NONE"/; 4s/"9 March 2024"/"3\/4\/2019"/; 5s/,"yes",/,"no",/' a.csv
	ends 3 daftar batch check a.csv
	[ ! -e a.rejects.csv ]
	ends 3 daftar batch file a.csv
	[[ "$output" == "filed 1, "*"rejected 3,"* ]]
	[[ "$stderr" == *"line 3: requested_of: "* ]]
	[[ "$stderr" == *"line 4: birth_date: "* ]]
	[[ "$stderr" == *"line 5: consent_risks_explained: "* ]]
	[ "$(stat -c %a a.rejects.csv)" = 600 ]
	[ "$(wc -l <a.rejects.csv)" -eq 4 ]
	[[ "$(head -1 a.rejects.csv)" == *'"line","reason"'* ]]
	sed 's/"KE.NONE"/"KE.CRS"/; s/,"no",/,"yes",/' a.rejects.csv >mended && mv mended a.rejects.csv
	ends 3 daftar batch file a.rejects.csv
	[[ "$output" == "filed 2, "*"rejected 1,"* ]]
	# what somebody has worked in is left alone, by its own run and by that of the first file
	grep -q KE.CRS a.rejects.csv
	[ "$(wc -l <a.rejects2.csv)" -eq 2 ]
	sed -i 's/"3\/4\/2019"/"3 April 2019"/' a.rejects2.csv
	ends 7 daftar batch file a.rejects2.csv
	before=$(cat a.rejects.csv a.rejects2.csv | sha256sum)
	ends 6 daftar batch file a.csv
	[[ "$stderr" == *"a.rejects3.csv"* ]]
	[ "$before" = "$(cat a.rejects.csv a.rejects2.csv | sha256sum)" ]
	[ "$(waiting)" -eq 4 ]
}

@test "what is no table is refused as a whole, with the place" {
	table 3 >a.csv
	sed '3s/Hodan/Andr\xe9/' a.csv >latin.csv
	refused 3 NOT-UTF8 daftar batch file latin.csv
	[[ "$stderr" == *"line 3, character "*"Latin-1"* ]]
	iconv -t UTF-16 a.csv >utf16.csv
	refused 3 NOT-UTF8 daftar batch file utf16.csv
	[[ "$stderr" == *"UTF-16"* ]]
	sed '3s/"KE.CRS"/"KE.CRS/' a.csv >open.csv
	refused 3 INPUT daftar batch file open.csv
	[[ "$stderr" == *"line 3"* ]]
	sed '2s/KE-30/\x00/' a.csv >nul.csv
	refused 3 NOT-UTF8 daftar batch file nul.csv
	sed '1s/"urgency"/"urgancy"/' a.csv >misspelt.csv
	refused 3 INPUT daftar batch file misspelt.csv
	sed '1s/"urgency"/"office"/' a.csv >twice.csv
	refused 3 INPUT daftar batch file twice.csv
	awk 'BEGIN { while (n++ < 100000) printf "c%d,", n; print "" }' >wide.csv
	refused 3 INPUT daftar batch file wide.csv
	head -c 70000000 /dev/zero | tr '\0' x >long.csv
	refused 3 TOO-LARGE daftar batch file long.csv
	refused 3 INPUT daftar batch file /dev/null
	refused 5 NOT-FOUND daftar batch file none.csv
	[ "$(waiting)" -eq 0 ]
	[ -z "$(ls ./*.rejects* 2>/dev/null)" ]
}

@test "semicolons and tabs are found and told; a short row is rejected alone" {
	table 2 | sed 's/","/";"/g' >semi.csv
	ends 0 daftar batch check semi.csv
	[[ "$stderr" == *"separated by semicolons"* ]]
	table 2 | sed 's/","/"\t"/g' >tabs.csv
	ends 0 daftar batch check tabs.csv
	[[ "$stderr" == *"separated by tabs"* ]]
	table 2 >short.csv
	echo '"R-9","ORIGIN-ENTRY"' >>short.csv
	ends 3 daftar batch file short.csv
	[[ "$output" == "filed 2, "*"rejected 1,"* ]]
	[[ "$stderr" == *"line 4: it has 2 cells"* ]]
}

@test "no spreadsheet computes what daftar writes, and no terminal obeys what a row says" {
	table 2 >a.csv
	sed -i $'2s/"R-00001"/"=HYPERLINK(1)"/; 3s/"R-00002"/"R\u202e\e[31m2"/; 3s/"KE.CRS"/"=cmd|x"/' a.csv
	ends 3 daftar batch file a.csv
	[[ "$output" == "filed 1, "* ]]
	grep -q "\"'=cmd|x\"" a.rejects.csv
	ends 0 daftar batch report a.csv --csv
	[[ "$output" == *"\"'=HYPERLINK(1)\""* ]]
	[[ "$output" != *$'\e'* && "$output" != *$'\u202e'* ]]
	ends 0 daftar batch report a.csv
	[[ "$output" != *$'\e'* && "$output" != *$'\u202e'* ]]
	daftar batch report a.csv --json --quiet | jq -e 'select(.line == 3).state == "not-filed"'
}

@test "a row rests on a recorded consent by its id, and not when it was withdrawn" {
	jq '.consent | del(.id)' "$DAFTAR_TESTS/data/cases/hodan.json" >consent.json
	id=$(daftar consent record --from consent.json --quiet)
	table 1 >all.csv
	columns=$(head -1 all.csv | grep -o '"\(consent_[a-z_]*\|assent_[a-z_]*\|documents\)"' | tr -d '"')
	# shellcheck disable=SC2086
	without $columns consent <all.csv | sed "1s/\$/,\"consent\"/; 2s/\$/,\"$id\"/" >a.csv
	ends 7 daftar batch file a.csv
	sed 's/R-00001/R-00002/; s/0000000001/0000000002/' a.csv >b.csv
	ends 4 daftar consent withdraw "$id" --timeout 0 || ends 7 daftar consent withdraw "$id" --timeout 0
	ends 4 daftar batch file b.csv
	[[ "$stderr" == *"line 2: consent: "*"(CONSENT-WITHDRAWN)"* ]]
}

@test "what must not go for the protection of a person is rejected; what a second officer can clear waits" {
	table 1 >a.csv
	awk -F'","' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
		{ n = split($0, c, "\",\""); c[at["risk_officer"]] = "P-1"; c[at["risk_result"]] = "CLEARED"
		c[at["risk_on"]] = "2026-11-01"; sub(/".*/, "", c[n]); c[n] = "SO"
		line = c[1]; for (i = 2; i <= n; i++) line = line "\",\"" c[i]; print line "\"" }' a.csv >waits.csv
	ends 4 daftar batch check waits.csv
	ends 4 daftar batch file waits.csv
	[[ "$output" == *"waiting for clearance 1, rejected 0,"* ]]
	[[ "$stderr" == *"daftar consent clear DFT-"* ]]
	[ "$(daftar list --json --quiet | jq -r .state)" = draft ]
	[ "$(waiting)" -eq 0 ]
	ends 4 daftar batch file waits.csv
	[ "$(daftar list --json --quiet | wc -l)" -eq 1 ]
	sed 's/"CLEARED"/"BLOCKED"/; s/R-00001/R-00002/; s/0000000001/0000000002/' waits.csv >blocked.csv
	ends 4 daftar batch file blocked.csv
	[[ "$output" == *"rejected 1,"* ]]
	[[ "$stderr" == *"(PROTECTION-BLOCK)"* ]]
}

@test "nothing is kept by a check or by a dry run" {
	table 2 >a.csv
	ends 0 daftar batch file a.csv --dry-run
	[[ "$output" == "good 2,"* ]]
	[ "$(daftar list --json --quiet | wc -l)" -eq 0 ]
	ends 2 daftar batch file a.csv --rejects a.csv
}

@test "after an interruption the same command goes on" {
	table 800 >a.csv
	"$DAFTAR_BUILD/liaison/daftar" batch file a.csv --quiet >out 2>err &
	pid=$!
	# the event: a first group is there
	for ((i = 0; i < 3000; i++)); do
		[ "$(waiting)" -eq 0 ] || break
		kill -0 $pid || break
	done
	kill -INT $pid
	status=0
	wait $pid || status=$?
	cat out err
	[ "$status" -eq 130 ]
	first=$(waiting)
	[ "$first" -gt 0 ]
	[ "$((first % 64))" -eq 0 ]
	grep -q "^filed $first, .* left $((800 - first))\$" out
	ends 7 daftar batch file a.csv
	[[ "$output" == "filed $((800 - first)), filed before $first, "* ]]
	[ "$(waiting)" -eq 800 ]
}

@test "on a full disk as many are filed as fit, none of them half, and the rest later" {
	table 100 >a.csv
	rm -rf office/spool office/spool.key
	echo 'spool-size = 2' >>office/daftar.conf
	# where the disk ends: no file may be larger
	run --separate-stderr bash -c "trap '' XFSZ; ulimit -f 5000; exec '$DAFTAR_BUILD/liaison/daftar' batch file a.csv"
	echo "$status $output $stderr"
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"(SPOOL-FULL)"* ]]
	[[ "$stderr" == *"no row is filed twice"* ]]
	first=$(waiting)
	[ "$first" -gt 0 ]
	[[ "$output" == "filed $first, "*"left $((100 - first))" ]]
	[ "$(daftar list --json --quiet | wc -l)" -eq "$first" ]
	ends 7 daftar batch file a.csv
	[ "$(waiting)" -eq 100 ]
}

@test "two processes at once file each row once" {
	table 150 >a.csv
	daftar batch file a.csv --quiet >one 2>&1 &
	daftar batch file a.csv --quiet >two 2>&1 || true
	wait $! || true
	cat one two
	[ "$(sed 's/^filed \([0-9]*\),.*/\1/' one two | paste -sd+ | bc)" -eq 150 ]
	[ "$(waiting)" -eq 150 ]
}

@test "what the spool keeps of a row tells nobody what stood in it" {
	table 3 >a.csv
	ends 7 daftar batch file a.csv
	run grep -acE 'R-0000[123]|000000000[123]|Hodan|Warsame' office/spool/data.mdb
	[ "$output" = 0 ]
}

@test "an exchange takes every row once, also of a file that was filed again meanwhile" {
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	cp -r "$BATS_FILE_TMPDIR/realm" .
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	broker_conf
	broker_start
	sed -i "s,^broker *=.*,broker = \"$endpoint\"," office/daftar.conf
	table 40 >a.csv
	ends 7 daftar batch file a.csv
	ends 0 daftar sync
	[[ "$output" == *"sent 40,"* ]]
	ends 0 daftar batch file a.csv
	ends 0 daftar sync --timeout 10
	[[ "$output" == *"sent 0,"* ]]
	[ "$(daftar batch report a.csv --json --quiet | jq -r .state | sort -u)" = sent ]
}

@test "a row that was dropped is not called filed, stays dropped, and is filed under another reference" {
	table 2 >a.csv
	ends 7 daftar batch file a.csv
	number=$(daftar batch report a.csv --json --quiet | jq -r 'select(.line == 2).tracking')
	ends 0 daftar outbox drop "$number" --yes
	ends 0 daftar batch file a.csv
	[[ "$stderr" == *"line 2: $number was dropped here and stays so"* ]]
	[[ "$stderr" != *"Every row was filed before"* ]]
	[ "$(waiting)" -eq 1 ]
	sed 's/R-00001/R-00001 again/' a.csv >b.csv
	ends 7 daftar batch file b.csv
	[[ "$output" == "filed 1, filed before 1,"* ]]
	[[ "$stderr" != *"$number: this case"* ]]
	ends 0 daftar batch file b.csv
	ends 0 daftar batch file a.csv
	[ "$(waiting)" -eq 2 ]
}

@test "every column is in the manual" {
	for c in $(daftar batch template --quiet | head -1 | tr -d '"\r' | sed 's/^\xef\xbb\xbf//' | tr , ' '); do
		grep -q "^\*$c\*\$" "$DAFTAR_TESTS/../doc/man/daftar-batch.5.scd" || {
			echo "$c is missing"
			false
		}
	done
}
