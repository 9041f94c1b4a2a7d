#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# daftar-pki on real files: a realm is made, a fourth party joins it the way a real registry would,
# and everything that should be refused is refused and leaves everything as it was.

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	pki="$DAFTAR_BUILD/certs/daftar-pki"
	cd "$BATS_TEST_TMPDIR" || exit
}

# Names, modes and content of everything in a folder.
state_of() {
	(cd "$1" && find . -printf '%p %m\n' | sort && find . -type f -print0 | sort -z |
		xargs -0 sha256sum)
}

make_realm() {
	"$pki" realm realm >realm.out
	operator=$(sed -n 's/^operator.s fingerprint: //p' realm.out)
}

print_in() { sed -n '$s/^ *//p' "$1"; }

# make_request FOLDER: what the office in Addis Ababa does. Sets $print.
make_request() {
	"$pki" request "$1" --party ET.ICS --country ET --role registry \
		--name 'Immigration and Citizenship Service, Ethiopia' >"$1.out" || return
	print=$(print_in "$1.out")
}

enrol() { "$pki" enrol realm --request "$1/request.json" --fingerprint "$print" --answer "$2"; }

accept() { "$pki" accept "$1" --answer "$2" --operator-fingerprint "$operator"; }

version() { "$pki" show realm/trust.xml | sed -n '1s/.*version //p'; }

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

# refused WORD COMMAND...: ends with status 1, names the code, says what is safe.
refused() {
	local word=$1
	shift
	run "$@" </dev/null
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"[$word]"* ]]
	[[ "$output" == *"safe: "* ]]
}

@test "a realm is complete" {
	make_realm
	for p in DAFTAR.HUB KE.CRS SO.NIRA UNHCR.NBO; do
		for f in sign.key sign.pem encrypt.key encrypt.pem curve.key curve.pub; do
			[ -s "realm/parties/$p/$f" ]
		done
	done
	for f in trust.xml operator.key operator.pem anchors/KE.pem anchors/SO.pem \
		anchors/realm.pem ca/KE.key ca/SO.key ca/realm.key parties/DAFTAR.HUB/log.key \
		pairs/KE.CRS+SO.NIRA.key; do
		[ -s "realm/$f" ]
	done
	cmp realm/pairs/KE.CRS+SO.NIRA.key realm/parties/KE.CRS/pair-SO.NIRA.key
	cmp realm/pairs/KE.CRS+SO.NIRA.key realm/parties/SO.NIRA/pair-KE.CRS.key
	[ "$(version)" = 1 ]
	# Nothing was left beside it.
	[ "$(ls)" = "$(printf 'realm\nrealm.out')" ]
}

@test "its agreements are the usual ones and no others" {
	make_realm
	"$pki" show realm/trust.xml --json | grep -o '"from":"[^"]*","to":"[^"]*"' | sort >roads
	diff roads - <<-'EOF'
		"from":"KE.CRS","to":"SO.NIRA"
		"from":"KE.CRS","to":"UNHCR.NBO"
		"from":"SO.NIRA","to":"KE.CRS"
		"from":"SO.NIRA","to":"UNHCR.NBO"
		"from":"UNHCR.NBO","to":"KE.CRS"
		"from":"UNHCR.NBO","to":"SO.NIRA"
	EOF
	"$pki" show realm/trust.xml --json >list.json
	grep -q '"to":"KE.CRS",[^}]*"actions":\["TranscriptionRequest","QueryReply","Cancellation","Attachment"\]' \
		list.json
	grep -q '"to":"UNHCR.NBO",[^}]*"actions":\["TranscriptionOutcome","Query","Cancellation"\]' list.json
}

@test "every private key has mode 0600, whatever the umask" {
	umask 000
	make_realm
	make_request addis
	[ "$(find realm addis -name '*.key' | wc -l)" -ge 20 ]
	[ -z "$(find realm addis -name '*.key' ! -perm 0600)" ]
	[ -z "$(find realm addis -type d ! -perm 0700)" ]
	# No private key under another name.
	[ -z "$(grep -rl 'PRIVATE KEY' realm addis | grep -v '\.key$')" ]
}

@test "no two keys of a realm are the same" {
	make_realm
	[ -z "$(find realm -name '*.key' ! -name 'pair-*' -exec sha256sum {} + | cut -c1-64 |
		sort | uniq -d)" ]
}

@test "a second run refuses to write over a realm" {
	make_realm
	before=$(state_of realm)
	refused STATE "$pki" realm realm
	[[ "$output" == *"next: "*--force* ]]
	refused STATE "$pki" realm realm/
	[ "$(state_of realm)" = "$before" ]
	[ "$(ls)" = "$(printf 'realm\nrealm.out')" ]
}

@test "--force keeps the old realm under another name" {
	make_realm
	before=$(state_of realm)
	"$pki" realm realm --force
	[ "$(state_of realm.old-*)" = "$before" ]
	not cmp -s realm/operator.key realm.old-*/operator.key
	[ "$(version)" = 1 ]
}

@test "a realm of one's own parties" {
	"$pki" realm r --name training --days 30 --party 'UG.NIRA:UG:registry:NIRA: Uganda' \
		--party 'IOM.KLA::liaison:IOM Kampala'
	"$pki" show r/trust.xml --json >list.json
	grep -q '"realm":"training"' list.json
	grep -q '"name":"NIRA: Uganda"' list.json
	[ "$(grep -o '"code":' list.json | wc -l)" -eq 3 ]
	refused INPUT "$pki" realm x --party 'KE.CRS::registry:No country'
	refused INPUT "$pki" realm x --party 'KE.CRS:SO:registry:Another country'
	refused INPUT "$pki" realm x --party 'KE.CRS:KE:king:No such role'
	refused INPUT "$pki" realm x --party 'KE.CRS:KE:exchange:Only one'
	refused INPUT "$pki" realm x --party 'ke.crs:KE:registry:Small letters'
	refused INPUT "$pki" realm x --party 'KE.CRS:KE:registry:'
	refused INPUT "$pki" realm x --party 'KE.CRS:KE:registry:A' --party 'KE.CRS:KE:registry:B'
	refused INPUT "$pki" realm x --name 'No Name'
	refused USAGE "$pki" realm x --party KE.CRS
	[ ! -e x ]
}

@test "a fourth party joins by request, answer and two telephone calls" {
	make_realm
	make_request addis
	enrol addis answer.json
	[ "$(version)" = 2 ]
	accept addis answer.json
	for f in sign.pem encrypt.pem operator.pem trust.xml; do
		[ -s "addis/$f" ]
	done
	cmp addis/trust.xml realm/trust.xml
	"$pki" show addis/trust.xml --json | grep -q '"code":"ET.ICS","country":"ET"'
	# Its keys never left its folder.
	for k in sign encrypt curve; do
		secret=$(grep -v -e ----- "addis/$k.key" | head -n 1)
		[ "${#secret}" -ge 40 ]
		not grep -rqF -e "$secret" realm answer.json addis/request.json
	done
	# Doing both steps again is harmless.
	accept addis answer.json
	enrol addis again.json
	[ "$(version)" = 2 ]
	cmp answer.json again.json
}

@test "a second office of a country is certified by the same authority" {
	make_realm
	before=$(sha256sum realm/ca/KE.key realm/anchors/KE.pem)
	"$pki" request mombasa --party KE.MSA --country KE --role registry --name Mombasa >out
	print=$(print_in out)
	enrol mombasa answer.json
	accept mombasa answer.json
	[ "$(sha256sum realm/ca/KE.key realm/anchors/KE.pem)" = "$before" ]
}

@test "agreements are added one by one" {
	make_realm
	make_request addis
	enrol addis answer.json
	"$pki" agree realm --from ET.ICS --to KE.CRS
	"$pki" agree realm --from UNHCR.NBO --to ET.ICS --action TranscriptionRequest \
		--purpose BIRTH-TRANSCRIPTION --purpose BIRTH-CORRECTION --days 10
	[ "$(version)" = 4 ]
	"$pki" show realm/trust.xml --json >list.json
	grep -q '"id":"AGR-3-1","from":"ET.ICS","to":"KE.CRS"' list.json
	grep -q '"from":"UNHCR.NBO","to":"ET.ICS",[^}]*"actions":\["TranscriptionRequest"\],"purposes":\["BIRTH-TRANSCRIPTION","BIRTH-CORRECTION"\]' list.json
	before=$(state_of realm)
	refused UNKNOWN-PARTY "$pki" agree realm --from ET.ICS --to DJ.XX
	refused INPUT "$pki" agree realm --from ET.ICS --to ET.ICS
	refused INPUT "$pki" agree realm --from ET.ICS --to KE.CRS --action Invasion
	refused INPUT "$pki" agree realm --from ET.ICS --to DAFTAR.HUB
	refused SCHEMA "$pki" agree realm --from ET.ICS --to KE.CRS --purpose CURIOSITY
	[ "$(state_of realm)" = "$before" ]
}

@test "a request that was altered on the way is refused" {
	make_realm
	make_request addis
	before=$(state_of realm)
	for change in 's/Ethiopia/Eritrea/' 's/registry/liaison/' 's/ET.ICS/ET.XXX/' \
		's/"curve": "./&x/' 's/"signature": "..../&AAAA/'; do
		mkdir -p bad
		sed "$change" addis/request.json >bad/request.json
		not cmp -s addis/request.json bad/request.json
		run enrol bad answer.json
		echo "$change: $output"
		[ "$status" -eq 1 ]
		[[ "$output" == *"[SIGNATURE]"* || "$output" == *"[INPUT]"* ]]
	done
	[ ! -e answer.json ]
	[ "$(state_of realm)" = "$before" ]
}

@test "a key of another request cannot be slipped in" {
	make_realm
	make_request addis
	make_request other
	# The other office's line key, or its whole signing request, in this office's paper.
	mkdir bad
	curve=$(sed -n 's/.*"curve": "\(.*\)".*/\1/p' other/request.json)
	awk -v c="$curve" '/"curve":/ { print "  \"curve\": \"" c "\","; next } { print }' \
		addis/request.json >bad/request.json
	refused SIGNATURE enrol bad answer.json
	sed "/\"sign\":/d" addis/request.json >bad/request.json
	sed -i "2r /dev/stdin" bad/request.json <<<"$(grep '"sign":' other/request.json)"
	refused SIGNATURE enrol bad answer.json
	sed "s/\"encrypt\": \".*\"/\"encrypt\": \"$(sed -n 's/.*"sign": "\(.*\)".*/\1/p' \
		addis/request.json | sed 's/[\\/&]/\\&/g')\"/" addis/request.json >bad/request.json
	refused INPUT enrol bad answer.json
	[[ "$output" == *"one key cannot"* ]]
	[ "$(version)" = 1 ]
}

@test "nothing is issued before the fingerprint was compared" {
	make_realm
	make_request addis
	before=$(state_of realm)
	refused STATE "$pki" enrol realm --request addis/request.json --answer answer.json
	[[ "$output" == *"$print"* ]]
	print="0000 ${print:5}"
	refused STATE enrol addis answer.json
	print=${print:0:9} # a few digits are not a fingerprint
	refused STATE enrol addis answer.json
	[ ! -e answer.json ]
	[ "$(state_of realm)" = "$before" ]
}

@test "what is no request is refused" {
	make_realm
	mkdir bad
	for text in '' '{' '[]' '{"daftar":"request-1"}' '{"daftar":"answer-1"}' \
		'{"daftar":"request-1","daftar":"request-1"}'; do
		echo "$text" >bad/request.json
		print=00000000000000000000000000000000
		refused INPUT enrol bad answer.json
	done
	head -c 40000 /dev/zero >bad/request.json
	refused INPUT enrol bad answer.json
	rm bad/request.json
	refused IO enrol bad answer.json
}

@test "an office's keys are never written over" {
	make_request addis
	before=$(state_of addis)
	refused STATE make_request addis
	[ "$(state_of addis)" = "$before" ]
	"$pki" request addis --party ET.ICS --country ET --role registry --name ICS --force
	[ "$(ls addis/*.old-* | wc -l)" -eq 5 ]
	# Half a set of keys is no reason to make the other half anew.
	rm addis/sign.key
	refused STATE make_request addis
}

@test "an answer is for the keys of its own request only" {
	make_realm
	make_request addis
	make_request other
	enrol other answer.json
	before=$(state_of addis)
	refused NO-CERT accept addis answer.json
	[ "$(state_of addis)" = "$before" ]
	accept other answer.json
}

@test "an answer that was altered on the way is refused" {
	make_realm
	make_request addis
	enrol addis answer.json
	before=$(state_of addis)
	sed 's/KE\.CRS/KE.CRX/' answer.json >bad.json
	refused NO-TRUST accept addis bad.json
	sed 's/"party": "ET.ICS"/"party": "KE.CRS"/' answer.json >bad.json
	refused NO-CERT accept addis bad.json
	sed 's/"sign": "/&x/' answer.json >bad.json
	refused INPUT accept addis bad.json
	# The certificates of another party, with a list that is all right.
	awk -v pem="$(awk 1 ORS='\\\\n' realm/parties/KE.CRS/sign.pem)" \
		'/"sign":/ { print "  \"sign\": \"" pem "\","; next } { print }' answer.json >bad.json
	refused NO-CERT accept addis bad.json
	[ "$(state_of addis)" = "$before" ]
}

@test "an answer of another operator is refused" {
	make_realm
	make_request addis
	enrol addis answer.json
	right=$operator
	mv realm first
	make_realm # somebody else's, who takes the same request
	enrol addis forged.json
	forger=$operator
	operator=$right
	refused STATE accept addis forged.json
	refused STATE "$pki" accept addis --answer answer.json
	accept addis answer.json
	# From now on the operator is pinned, whatever fingerprint is read out.
	operator=$forger
	refused STATE accept addis forged.json
	cmp addis/operator.pem first/operator.pem
}

@test "an older list never replaces a newer one" {
	make_realm
	make_request addis
	enrol addis answer.json
	"$pki" resign realm --days 100
	enrol addis newer.json
	accept addis newer.json
	refused TRUST-OLD accept addis answer.json
	cmp addis/trust.xml realm/trust.xml
}

@test "a key file that others can read is refused" {
	make_realm
	make_request addis
	enrol addis answer.json
	chmod 0640 addis/sign.key
	refused KEY-MODE accept addis answer.json
	[ ! -e addis/sign.pem ]
	chmod 0644 realm/operator.key
	refused KEY-MODE "$pki" resign realm
}

@test "a party that lost its keys is cut off and enrolled anew" {
	make_realm
	make_request addis
	enrol addis answer.json
	"$pki" agree realm --from ET.ICS --to KE.CRS
	make_request fresh
	refused STATE enrol fresh fresh.json
	[[ "$output" == *"daftar-pki revoke realm --party ET.ICS"* ]]
	"$pki" revoke realm --party ET.ICS
	"$pki" show realm/trust.xml >shown
	not grep -q ET.ICS shown
	[ "$(grep -o '<tl:Revoked [^>]*country="ET"' realm/trust.xml | wc -l)" -eq 2 ]
	enrol fresh fresh.json
	accept fresh fresh.json
	not grep -q 'from="ET.ICS"' realm/trust.xml # agreements have to be made again
	refused STATE "$pki" revoke realm --party DAFTAR.HUB
}

@test "a list is signed again for more days" {
	make_realm
	"$pki" resign realm --days 365
	[ "$(version)" = 2 ]
	until=$(sed -n 's/.*<tl:TrustList [^>]* validUntil="\([^"]*\)".*/\1/p' realm/trust.xml)
	[ "$(date -d "$until" +%s)" -gt "$(date -d '364 days' +%s)" ]
	# The next list is signed for as many days as this one.
	"$pki" agree realm --from KE.CRS --to SO.NIRA
	until=$(sed -n 's/.*<tl:TrustList [^>]* validUntil="\([^"]*\)".*/\1/p' realm/trust.xml)
	[ "$(date -d "$until" +%s)" -gt "$(date -d '364 days' +%s)" ]
}

@test "only a list that verifies is shown" {
	make_realm
	sed 's/SO\.NIRA/SO.NIRB/' realm/trust.xml >bad.xml
	refused NO-TRUST "$pki" show bad.xml --operator realm/operator.pem
	[[ "$output" != *KE.CRS* ]]
	refused NO-TRUST "$pki" show realm/trust.xml --operator realm/parties/KE.CRS/sign.pem
	refused NO-CERT "$pki" show bad.xml
	refused NO-TRUST "$pki" show missing.xml --operator realm/operator.pem
	"$pki" show realm/trust.xml >shown
	[[ "$(sed -n 's/^operator *//p' shown)" == "$operator" ]]
}

@test "two operators do not work in one realm at a time" {
	make_realm
	refused LOCKED flock realm "$pki" resign realm
	"$pki" resign realm
}

@test "a realm that was tampered with is not signed again" {
	make_realm
	sed -i 's/SO\.NIRA/SO.NIRB/' realm/trust.xml
	refused NO-TRUST "$pki" resign realm
	refused NOT-FOUND "$pki" resign missing
}

@test "two registries share a secret that a person carries" {
	make_request addis
	mkdir -m 0700 nairobi
	one=$("$pki" pair addis KE.CRS | sed -n 3p)
	two=$("$pki" pair nairobi ET.ICS --take addis/pair-KE.CRS.key | sed -n 3p)
	[ -n "$one" ]
	[ "$one" = "$two" ]
	cmp addis/pair-KE.CRS.key nairobi/pair-ET.ICS.key
	[ "$(stat -c %a nairobi/pair-ET.ICS.key)" = 600 ]
	refused STATE "$pki" pair addis KE.CRS
	chmod 0644 addis/pair-KE.CRS.key
	refused KEY-MODE "$pki" pair nairobi SO.NIRA --take addis/pair-KE.CRS.key
	refused INPUT "$pki" pair nairobi ../x
	[ "$(ls nairobi)" = pair-ET.ICS.key ]
}

@test "a command line that is not understood ends with status 2" {
	for words in "" frobnicate realm "realm a b" "realm a --days" "realm a --days 0" \
		"realm a --days x" "realm a --answer x" "realm a --nonsense" "realm a --force=x" \
		"request a" "enrol a --request x"; do
		# shellcheck disable=SC2086
		run "$pki" $words
		echo "$words: $output"
		[ "$status" -eq 2 ]
	done
	[ ! -e a ]
}

@test "help names every command and option, and does nothing" {
	run "$pki" --help
	[ "$status" -eq 0 ]
	for c in realm request enrol accept agree revoke resign renew retire officer officers \
		approve publish crl pair show; do
		[[ "$output" == *"daftar-pki $c "* ]]
		run "$pki" "$c" --help
		[ "$status" -eq 0 ]
		run "$pki" --help
	done
	[ -z "$(ls)" ]
	"$pki" --version | grep -q '^daftar-pki [0-9]'
}

@test "an agreement says what may travel, on whose word, and who can open it" {
	make_realm
	"$pki" agree realm --from KE.CRS --to SO.NIRA --field b:Parent/t:Name --field b:Annotation \
		--clearance --also-to UNHCR.NBO --instead AGR-1-1
	"$pki" show realm/trust.xml >shown
	grep -A2 'KE.CRS to SO.NIRA' shown >road
	grep -q "; with consent; with a second officer's clearance$" road
	grep -q 'extracts hold b:Parent/t:Name b:Annotation' road
	grep -q 'can be opened by UNHCR.NBO too' road
	[ "$(grep -c 'KE.CRS to SO.NIRA' shown)" -eq 1 ]
	"$pki" show realm/trust.xml --json | grep -q '"fields":\["b:Parent/t:Name","b:Annotation"\],"consentRequired":true,"clearanceRequired":true,"alsoTo":\["UNHCR.NBO"\]'
}

@test "every road to a registry needs a consent, unless the operator says otherwise" {
	make_realm
	"$pki" show realm/trust.xml | grep ' to [A-Z.]* until' >roads
	[ "$(grep -c 'to \(KE.CRS\|SO.NIRA\) until .*; with consent$' roads)" -eq 4 ]
	[ "$(grep -c 'with consent' roads)" -eq 4 ]
	"$pki" agree realm --from KE.CRS --to SO.NIRA
	"$pki" agree realm --from KE.CRS --to SO.NIRA --no-consent
	"$pki" show realm/trust.xml | grep -A9 'AGR-2-1' >road
	[ "$(sed -n 1p road | grep -c 'with consent')" -eq 1 ]
	[ "$(sed -n 2p road | grep -c 'with consent')" -eq 0 ]
	"$pki" realm open --no-consent >out
	[ "$("$pki" show open/trust.xml | grep -c 'with consent')" -eq 0 ]
}

@test "terms that cannot be kept are refused and change nothing" {
	make_realm
	"$pki" request ug --party UG.NIRA --country UG --role registry --name NIRA >out
	"$pki" enrol realm --request ug/request.json --fingerprint "$(print_in out)" --answer a
	before=$(state_of realm)
	agree=("$pki" agree realm --from KE.CRS --to SO.NIRA)
	refused INPUT "${agree[@]}" --field b:Parent/t:Nme
	[[ "$output" == *b:Parent/t:Name* ]]
	refused INPUT "${agree[@]}" --also-to DAFTAR.HUB
	refused INPUT "${agree[@]}" --also-to SO.NIRA
	refused INPUT "${agree[@]}" --also-to UG.NIRA
	[[ "$output" == *"third State"* ]]
	refused INPUT "${agree[@]}" --consent --no-consent
	refused INPUT "${agree[@]}" --clearance --no-consent
	refused INPUT "${agree[@]}" --instead AGR-1-2
	refused UNKNOWN-PARTY "${agree[@]}" --also-to UG.NOBODY
	[ "$(state_of realm)" = "$before" ]
}

@test "a registry says how far it has come, what it needs and how long it may take" {
	make_realm
	profile=("$pki" profile realm --party SO.NIRA --tier 1)
	"${profile[@]}" --need b:Parent/t:Name --decision-days 60 --tacit-days 240 \
		--provision 'Law 9/2023 art. 3' --assent-age 12
	"$pki" show realm/trust.xml >shown
	grep -q "tier 1, decides within 60 days, a child's assent from the age of 12" shown
	grep -q 'silence for 240 days is a refusal: Law 9/2023 art. 3' shown
	grep -q 'its record holds b:Parent/t:Name' shown
	"$pki" show realm/trust.xml --json | grep -q '"profile":{"tier":1,"needs":\["b:Parent/t:Name"\]'
	# It is replaced as a whole, and new keys keep it.
	"$pki" profile realm --party SO.NIRA --tier 2
	[ "$("$pki" show realm/trust.xml | grep -c 'silence for')" -eq 0 ]
	before=$(state_of realm)
	refused INPUT "${profile[@]}" --tacit-days 240
	refused INPUT "${profile[@]}" --provision 'Law 9'
	refused INPUT "${profile[@]}" --need b:Parent/b:Age
	refused INPUT "${profile[@]}" --assent-age 40
	refused INPUT "$pki" profile realm --party SO.NIRA --tier 4
	refused INPUT "$pki" profile realm --party UNHCR.NBO --tier 1
	[ "$(state_of realm)" = "$before" ]
}

@test "officers read every change of terms in words" {
	make_realm
	"$pki" officer officer --name 'A. Officer' >out
	"$pki" officers realm --officer officer/officer.pem --approvals 1 >out
	"$pki" agree realm --from KE.CRS --to SO.NIRA --clearance --field b:Parent \
		--also-to UNHCR.NBO --instead AGR-1-1 >said
	for words in 'consent token required' 'clearance by a second officer required' \
		'particular b:Parent' 'party that can open bodies too UNHCR.NBO' \
		'removed: agreement'; do
		grep -q "$words" said
	done
	"$pki" profile realm --party SO.NIRA --tier 1 --tacit-days 9 --provision 'Law 9' >said
	grep -q 'what the registry says of itself tacitDays "9" tier "1"' said
	grep -q 'provision of law Law 9' said
}
