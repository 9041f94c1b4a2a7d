#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Who may speak, decided while everything runs: a party that is cut off, suspended and taken back, a
# trust list that is put into force, a certificate that is revoked here, and the second officer.

bats_require_minimum_version 1.5.0

# The realm, and two signed messages of the office, made once.
setup_file() {
	home=$BATS_FILE_TMPDIR
	into_realm
	realm_make --name demo
	broker_conf
	messages
	ended daftard
}

teardown_file() {
	home=$BATS_FILE_TMPDIR
	into_realm
	ended_all
}

setup() {
	home=$BATS_TEST_TMPDIR
	into_realm
	cp -r "$BATS_FILE_TMPDIR"/realm "$BATS_FILE_TMPDIR"/m[12].xml .
	broker_conf
}

into_realm() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	pki=$build/certs/daftar-pki
	cd "$home" || exit
}

teardown() {
	ended_all
	[ -z "${open:-}" ] || rm -rf "$open"
}

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

# speak CODE STEP...: as that party
speak() {
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/$1/curve.key" "${@:2}"
}

# value FILTER [COMMAND...]: of daftarctl's answer
value() { ctl "${@:2}" --json | jq -r "$1"; }

log_has() { grep -q -- "$1" "$home/logs/daftard.log"; }
has_line() { grep -q -- "$1" "$2"; }
connected() { [ "$(value .connected party show "$1")" = true ]; }
standing() { value .standing party show "$1"; }
judged() { value .examination.judged status; }

# refused CODE COMMAND...: daftarctl fails with this code
refused() {
	local code=$1
	shift
	run ctl "$@"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"($code)"*next:* ]]
}

# messages: that this realm's exchange has taken, and no other: m1.xml m2.xml
messages() {
	local i
	broker_start
	officer_setup >/dev/null
	for i in 1 2; do
		jq --arg n "$i" '.locator.entryNumber = "041287392" + $n' \
			"$DAFTAR_TESTS/data/cases/hodan.json" >case.json
		officer request new --from case.json --json | jq -r .tracking >number
		officer request file "$(cat number)" >/dev/null
		speak KE.CRS "hello:$i:0:4" WELCOME TRUST DELIVER "keep:m$i.xml" >/dev/null
		id=$(sed -n 's/.*<e:MessageId>\([^<]*\)<.*/\1/p' "m$i.xml")
		speak KE.CRS "hello:$i:0:4" WELCOME TRUST DELIVER \
			"taken:$id:$(sha256sum <"m$i.xml" | cut -d ' ' -f 1)" bye >/dev/null
		until_true 5 taken "$id"
	done
}

taken() { [ "$(value '.timeline[-1].stage' message show "$1")" = DELIVERED ]; }

# fingerprint CODE: of its signing certificate
fingerprint() {
	value '.certificates[] | select(.what == "sign") | .fingerprint' cert list --party "$1"
}

# enrol_addis REALM [OPTION...]: an office in Addis Ababa joins
enrol_addis() {
	"$pki" request addis --party ET.ICS --country ET --role registry --name 'ICS, Ethiopia' >out
	"$pki" enrol "$1" --request addis/request.json --answer answer.json \
		--fingerprint "$(sed -n '$s/^ *//p' out)" "${@:2}" >/dev/null
}

# ---- cut ----

@test "a party that is cut off in the middle of a stream is not heard again; others are" {
	local i stream=()
	broker_start
	speak SO.NIRA hello:1:0:0 WELCOME TRUST wait:over credit:4 bye >nira 2>&1 3>&- &
	for ((i = 0; i < 1000; i++)); do stream+=(submit:m1.xml); done
	speak UNHCR.NBO hello:9:0:0 WELCOME TRUST submit:m1.xml RECEIPT "${stream[@]}" wait:cut \
		submit:m2.xml hello:10:0:0 submit:m2.xml wait:over >told 2>&1 3>&- &
	speaker=$!
	until_true 10 has_line '^RECEIPT' told
	run ctl party cut UNHCR.NBO --reason 'its key was stolen'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"in force"*"at the gate after"* ]]
	before=$(judged)
	echo "# cut: $(grep '^in force' <<<"$output")" >&3
	touch cut
	run speak KE.CRS hello:100:0:4 WELCOME TRUST DELIVER keep:got.xml
	[ "$status" -eq 0 ]
	cmp got.xml m1.xml
	run speak KE.CRS hello:101:0:4 WELCOME TRUST DELIVER
	[ "$status" -eq 0 ]
	connected SO.NIRA
	not connected UNHCR.NBO
	[ "$(judged)" -eq "$before" ]
	# Not even refused: nothing of it was read.
	[ "$(value '.refused | keys - ["BUSY", "QUOTA"] | length' status)" -eq 0 ]
	[ "$(value .messages status)" -eq 1 ]
	[ "$(standing UNHCR.NBO)" = cut ]
	[ "$(value .standing_reason party show UNHCR.NBO)" = 'its key was stolen' ]
	touch over
	kill "$speaker" 2>/dev/null || :
	log_has 'change=1 done kind=cut party=UNHCR.NBO by=root'
}

@test "a cut holds over a restart, loses nothing, and is not made twice" {
	broker_start
	speak UNHCR.NBO hello:9:0:0 WELCOME TRUST submit:m1.xml RECEIPT >/dev/null
	ctl party cut KE.CRS --reason 'office overrun'
	refused STATE party cut KE.CRS --reason again
	refused STATE party suspend KE.CRS --reason again
	refused NOT-FOUND party cut XX.NONE --reason x
	refused NOT-FOUND party cut DAFTAR.HUB --reason x
	refused USAGE party cut SO.NIRA --reason $'two\nlines'
	run ctl party cut SO.NIRA
	[ "$status" -eq 2 ]
	[ "$(standing SO.NIRA)" = good ]
	ended daftard KILL
	broker_conf "$endpoint"
	broker_start
	[ "$(standing KE.CRS)" = cut ]
	run ctl status
	[ "$status" -eq 1 ]
	[[ "$output" == *'cut off or suspended'* ]]
	speak KE.CRS hello:100:0:4 WELCOME >told 2>&1 3>&- &
	speaker=$!
	speak UNHCR.NBO hello:10:0:0 WELCOME TRUST submit:m1.xml RECEIPT
	kill "$speaker" 2>/dev/null || :
	[ ! -s told ] || not has_line WELCOME told
	[ "$(value .queued party show KE.CRS)" -eq 1 ]
	ctl party resume KE.CRS --reason 'new keys, seen in person'
	run speak KE.CRS hello:100:0:4 WELCOME TRUST DELIVER keep:got.xml
	[ "$status" -eq 0 ]
	cmp got.xml m1.xml
	log_has 'one person does what needs two: kind=resume by=root'
	[ "$(value '.changes | length' change list)" -eq 2 ]
	run ctl scrub
	[ "$status" -eq 0 ]
}

# ---- suspend ----

@test "a suspended party stays connected, brings nothing and is given nothing, until it is resumed" {
	broker_start
	speak UNHCR.NBO hello:9:0:0 WELCOME TRUST submit:m1.xml RECEIPT wait:suspended \
		submit:m2.xml REFUSED wait:resumed submit:m2.xml RECEIPT >told 2>&1 3>&- &
	speaker=$!
	until_true 10 has_line '^RECEIPT' told
	ctl party suspend UNHCR.NBO --reason 'audit'
	ctl party suspend KE.CRS --reason 'audit'
	touch suspended
	until_true 10 has_line 'REFUSED.*code=SUSPENDED retry=1' told
	connected UNHCR.NBO
	speak KE.CRS hello:100:0:4 WELCOME TRUST connected:1 wait:back DELIVER >nairobi 2>&1 3>&- &
	keeper=$!
	until_true 10 connected KE.CRS
	# What has a turn of its own behind it was not given to it.
	speak SO.NIRA hello:1:0:0 WELCOME TRUST >/dev/null
	not has_line DELIVER nairobi
	[ "$(value .under_way party show KE.CRS)" -eq 0 ]
	[ "$(value .queued party show KE.CRS)" -eq 1 ]
	ctl party resume UNHCR.NBO --reason 'audit is over'
	ctl party resume KE.CRS --reason 'audit is over'
	touch resumed back
	wait "$speaker"
	wait "$keeper"
	[ "$(value .messages status)" -eq 2 ]
	refused STATE party resume KE.CRS --reason again
}

# ---- the trust list ----

@test "a trust list is installed while everything runs; forged, altered and older ones are not" {
	broker_start
	cp realm/trust.xml old.xml
	cp -r realm office
	"$pki" realm other --name demo >/dev/null
	refused NO-TRUST trust install other/trust.xml
	sed 's/KE.CRS/KE.CRX/' old.xml >altered.xml
	refused NO-TRUST trust install altered.xml
	head -c 300000 /dev/zero >large.xml
	refused TOO-LARGE trust install large.xml
	refused NOT-FOUND trust install nowhere.xml
	cmp realm/trust.xml old.xml
	speak SO.NIRA hello:1:0:0 WELCOME TRUST wait:over >told 2>&1 3>&- &
	until_true 10 connected SO.NIRA
	"$pki" revoke office --party SO.NIRA >/dev/null
	refused STATE party add office/trust.xml
	run ctl trust install office/trust.xml
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'version 1 becomes version 2'* ]]
	[[ "$output" == *'SO.NIRA leaves and is cut off'* ]]
	cmp realm/trust.xml office/trust.xml
	[ "$(value '.peers | length' status)" -eq 0 ]
	touch over
	refused TRUST-OLD trust install old.xml
	ended daftard KILL
	broker_conf "$endpoint"
	broker_start
	[ "$(value .trust.version status)" -eq 2 ]
}

@test "a party is added by the list that names it, and may speak at once" {
	broker_start
	cp -r realm office
	enrol_addis office
	run ctl party add office/trust.xml --reason 'agreement of 2026'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'ET.ICS (ICS, Ethiopia) joins as registry'* ]]
	mkdir realm/parties/ET.ICS
	cp addis/curve.key realm/parties/ET.ICS/
	run speak ET.ICS hello:1:0:0 WELCOME TRUST
	[ "$status" -eq 0 ]
	[ "$(value '.changes[0].reason' change list)" = 'agreement of 2026' ]
}

# ---- certificates ----

@test "a certificate that is revoked here signs nothing more, though the list still has it" {
	broker_start
	speak UNHCR.NBO hello:9:0:0 WELCOME TRUST submit:m1.xml RECEIPT >/dev/null
	print=$(fingerprint UNHCR.NBO)
	refused NOT-FOUND cert revoke KE.CRS "$print" --reason stolen
	refused USAGE cert revoke UNHCR.NBO abc --reason stolen
	run ctl cert revoke UNHCR.NBO "$print" --reason 'key stolen'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'daftar-pki revoke REALM --party UNHCR.NBO'* ]]
	run speak UNHCR.NBO hello:10:0:0 WELCOME TRUST submit:m2.xml REFUSED submit:m1.xml RECEIPT
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[2]}" == *code=CERT-REVOKED* ]]
	[ "$(value '.certificates[] | select(.party == "UNHCR.NBO" and .what == "sign") | .state' \
		cert list)" = revoked-here ]
	refused STATE cert revoke UNHCR.NBO "$print" --reason again
	[ "$(value '.certificates | length' cert expiring --days 1)" -eq 0 ]
	[ "$(value '.certificates | length' cert expiring --days 36500)" -gt 5 ]
}

@test "a certificate that is revoked here signs no bundle, though the list still has it" {
	broker_start
	officer_setup
	officer bundle export kept.bundle
	ctl bundle import kept.bundle before.answer
	print=$(fingerprint UNHCR.NBO)
	ctl cert revoke UNHCR.NBO "$print" --reason 'key stolen'
	refused CERT-REVOKED bundle import kept.bundle after.answer
	[ ! -e after.answer ]
}

@test "nothing that is new is told to end" {
	broker_start
	[ "$(value '.warnings | length' status)" -eq 0 ]
	[ "$(value '[.certificates[].what] | unique | join(" ")' cert list)" = \
		'anchor encrypt list operator sign' ]
	not log_has 'ends within'
}

# ---- two persons ----

# officers: two of them; the tool and the socket stand where they can reach them
officers() {
	[ "$(id -u)" -eq 0 ] || skip "two persons need root to become them"
	open=$(mktemp -d /tmp/daftar-parties-XXXXXX)
	chmod 755 "$open"
	cp "$build/broker/daftarctl" "$open/"
	sed -i '/^control /d' broker/daftard.conf
	cat >>broker/daftard.conf <<-END
		control = "$open/control.sock"
		officers = {"nobody", "daemon"}
	END
	ctl() { "$build/broker/daftarctl" --socket "$open/control.sock" "$@"; }
}

# as USER ARGUMENT...: daftarctl
as() {
	setpriv --reuid="$1" --regid=nogroup --clear-groups \
		"$open/daftarctl" --socket "$open/control.sock" "${@:2}"
}

@test "what was cut off is taken back by two persons, and not by one" {
	officers
	broker_start
	not log_has 'fewer than two officers'
	# One is enough to cut, whoever it is.
	as nobody party cut SO.NIRA --reason 'key stolen'
	[ "$(standing SO.NIRA)" = cut ]
	# No officer: root may cut, but is not one of the two.
	refused OFFICER party resume SO.NIRA --reason 'new keys'
	run as nobody party resume SO.NIRA --reason 'new keys'
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *'daftarctl change approve 2'* ]]
	[ "$(standing SO.NIRA)" = cut ]
	run as nobody change approve 2
	echo "$output"
	[ "$status" -eq 4 ]
	[[ "$output" == *OFFICER* ]]
	refused OFFICER change approve 2
	[ "$(standing SO.NIRA)" = cut ]
	run ctl status
	[[ "$output" == *'waits for a second officer'* ]]
	# It waits over a restart.
	ended daftard KILL
	broker_start
	run as daemon change approve 2
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(standing SO.NIRA)" = good ]
	[ "$(value '.changes[0] | .by + " " + .second + " " + .state' change list)" = \
		'nobody daemon done' ]
	run as daemon change approve 2
	[[ "$output" == *STATE* ]]
	run speak SO.NIRA hello:1:0:0 WELCOME TRUST
	[ "$status" -eq 0 ]
	# Somebody else of this system is not served at all.
	run as games status
	[ "$status" -eq 10 ]
}

@test "what was proposed before a newer decision about the party is not made any more" {
	officers
	broker_start
	as nobody party cut SO.NIRA --reason 'key stolen'
	run as nobody party resume SO.NIRA --reason 'new keys'
	[[ "$output" == *'daftarctl change approve 2'* ]]
	run as nobody party resume SO.NIRA --reason 'new keys, once more'
	[[ "$output" == *'daftarctl change approve 3'* ]]
	as daemon change approve 2
	[ "$(standing SO.NIRA)" = good ]
	run as daemon change approve 3
	[[ "$output" == *STATE* ]]
	as nobody party cut SO.NIRA --reason 'these are stolen too'
	run as daemon change approve 3
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *STATE* ]]
	[ "$(standing SO.NIRA)" = cut ]
}

@test "a trust list and a revocation wait for a second officer, and may be rejected" {
	officers
	broker_start
	cp -r realm office
	"$pki" revoke office --party SO.NIRA >/dev/null
	cp office/trust.xml "$open/next.xml"
	chmod 644 "$open/next.xml"
	run as nobody trust install "$open/next.xml"
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *'would change'*'version 1 becomes version 2'* ]]
	[ "$(value .trust.version status)" -eq 1 ]
	run as daemon change reject 1
	[ "$status" -eq 0 ]
	run as daemon change approve 1
	[[ "$output" == *STATE* ]]
	run as daemon trust install "$open/next.xml"
	[ "$status" -eq 3 ]
	run as nobody change approve 2
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(value .trust.version status)" -eq 2 ]
	cmp realm/trust.xml office/trust.xml
	print=$(fingerprint KE.CRS)
	run as nobody cert revoke KE.CRS "$print" --reason 'key stolen'
	[ "$status" -eq 3 ]
	[ "$(value '[.certificates[] | select(.state == "revoked-here")] | length' cert list)" -eq 0 ]
	run as daemon change approve 3
	[ "$status" -eq 0 ]
	[ "$(value '[.certificates[] | select(.state == "revoked-here")] | length' cert list)" -eq 1 ]
}

@test "an officer who is no user of this system, or is named twice, is a mistake" {
	echo 'officers = {"nobody", "no-such-user-here"}' >>broker/daftard.conf
	run "$build/broker/daftard" -c broker/daftard.conf
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *no-such-user-here*CONFIG* ]]
	sed -i 's/no-such-user-here/nobody/' broker/daftard.conf
	run "$build/broker/daftard" -c broker/daftard.conf
	[ "$status" -eq 1 ]
	[[ "$output" == *'named twice'* ]]
	sed -i '/^officers/d' broker/daftard.conf
	broker_start
	log_has 'fewer than two officers are named'
}
