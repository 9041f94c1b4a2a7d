#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# As services of systemd: units that systemd itself finds nothing wrong with, and that stand behind
# walls; ready, stopping and "well" told as a manager wants to hear them, and "well" only while the
# gate answers; structured fields where standard error is the journal.

bats_require_minimum_version 1.5.0

setup_file() {
	home=$BATS_FILE_TMPDIR
	into_realm
	realm_make --name demo
}

setup() {
	home=$BATS_TEST_TMPDIR
	into_realm
	cp -r "$BATS_FILE_TMPDIR"/realm .
	broker_conf "" 64
}

into_realm() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
}

teardown() {
	[ -z "${gate:-}" ] || kill -CONT "$gate" 2>/dev/null || true
	test_over
}

# manager: hears what services tell, a line each in the file told, until the test is over
manager() {
	cat >manager.pl <<-'END'
		use IO::Socket::UNIX;
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM(), Local => "notify") or die;
		open(my $told, ">", "told"); $told->autoflush(1);
		alarm 60;
		while (defined $s->recv(my $m, 65536)) { print $told "$m\n"; }
	END
	started manager perl manager.pl
	until_true 10 test -e told
	export NOTIFY_SOCKET=$home/notify
}

well() { grep -c '^WATCHDOG=1$' told; }
well_more_than() { [ "$(well)" -gt "$1" ]; }

health_says() { ctl health --json | grep -q "$1"; }

@test "daftard tells that it is well only while its gate answers, and replaces one that does not" {
	manager
	export WATCHDOG_USEC=4000000
	broker_start
	until_true 10 well_more_than 1
	gate=$(pgrep -P "$(pid_of daftard)" daftar-gate)
	kill -STOP "$gate"
	until_true 20 health_says 'the gate does not answer'
	before=$(well)
	until_true 20 grep -q 'gate: does not answer, is replaced' logs/daftard.log
	[ "$(well)" -le $((before + 1)) ]
	until_true 20 well_more_than $((before + 1))
	ctl health
}

# ---- the units ----

# of_set NAME: the system calls of a set of systemd's, one a line
of_set() {
	local word
	systemd-analyze syscall-filter "$1" | grep -v '^ *#' | tail -n +2 | while read -r word _; do
		case $word in
		@*) of_set "$word" ;;
		?*) echo "$word" ;;
		esac
	done
}

# filtered UNIT allow|deny: the system calls that it allows, or takes away from them
filtered() {
	local kind line word
	sed -n 's/^SystemCallFilter=//p' "$top/packaging/systemd/$1" | while read -r line; do
		kind=allow
		if [[ $line == ~* ]]; then kind=deny line=${line#\~}; fi
		[ "$kind" = "$2" ] || continue
		for word in $line; do
			case $word in
			@*) of_set "$word" ;;
			*) echo "$word" ;;
			esac
		done
	done | sort -u
}

# fits UNIT TRACE: what was called is what the unit allows. ptrace is how
# a program tries its own walls: it wants to be refused.
fits() {
	grep -v ' ptrace(' "$2" | sed -n 's/^\([0-9]* *\)\?\([a-z_0-9]*\)(.*/\2/p' | sort -u >called
	[ "$(wc -l <called)" -gt 20 ]
	comm -23 <(filtered "$1" allow) <(filtered "$1" deny) >allowed
	run grep -vxFf allowed called
	echo "$1 does not allow: $output"
	[ "$output" = "" ]
}

@test "systemd finds nothing wrong with the units" {
	mkdir unit
	for unit in "$top"/packaging/systemd/*.service; do
		# The programs are not installed here.
		sed "s|^ExecStart=/usr/s\?bin/[a-z-]*|ExecStart=/bin/true|" "$unit" >"unit/${unit##*/}"
	done
	cd unit
	mv daftar-adapter@.service daftar-adapter@KE.CRS.service
	for unit in *.service; do
		run systemd-analyze verify --man=no "./$unit"
		echo "$output"
		[ "$status" -eq 0 ]
		[ "$output" = "" ]
	done
}

@test "the units stand behind walls" {
	for unit in "$top"/packaging/systemd/*.service; do
		run systemd-analyze security --offline=true --threshold=20 "$unit"
		echo "$unit ${lines[-1]}"
		[ "$status" -eq 0 ]
	done
}

@test "units start the programs that are installed, and name settings that exist" {
	grep -q '^ExecStart=/usr/sbin/daftard --config ' "$top/packaging/systemd/daftard.service"
	for program in sbin/daftard sbin/daftar-dashboard sbin/daftar-alert bin/daftar-adapter; do
		grep -q "^ExecStart=/usr/$program -" "$top"/packaging/systemd/*.service
		grep -q "^${program%/*}_PROGRAMS += .*/${program#*/}\$" "$top"/*/local.mk
	done
}

@test "each system call of daftard and its helpers is one that its unit allows" {
	mv broker/daftard.conf kept.conf
	{
		cat kept.conf
		printf 'backup-dir = "%s"\nexaminers = 1\n' "$home/backups"
	} >broker/daftard.conf
	mkdir backups
	rm -f broker/endpoint
	started daftard strace -f -qq -o trace "$build/broker/daftard" -c broker/daftard.conf
	until_true 30 broker_is_up
	endpoint=$(cat broker/endpoint)
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/KE.CRS/curve.key" hello >/dev/null || true
	ctl backup first >/dev/null || true
	ctl metrics >/dev/null
	pkill -TERM -P "$(pid_of daftard)" daftard
	until_true 20 gone daftard
	fits daftard.service trace
}

@test "each system call of daftar-alert and daftar-dashboard is one that its unit allows" {
	broker_start
	printf '%s\n' "control = \"$home/broker/control.sock\"" 'digest-seconds = 0' \
		'command = {"/bin/cat"}' 'webhook-url = "http://127.0.0.1:1/"' >alert.conf
	ctl party suspend KE.CRS --reason trial >/dev/null
	started alert strace -f -qq -o alert.trace "$build/broker/daftar-alert" -c alert.conf
	until_true 20 grep -q 'told channel=command' logs/alert.log
	until_true 20 grep -q 'not told channel=webhook' logs/alert.log
	pkill -TERM -P "$(pid_of alert)" daftar-alert
	until_true 20 gone alert
	fits daftar-alert.service alert.trace
	printf '%s\n' "control = \"$home/broker/control.sock\"" "socket = \"$home/d.sock\"" >d.conf
	started dashboard strace -f -qq -o dashboard.trace "$build/dashboard/daftar-dashboard" -c d.conf
	until_true 20 grep -q ready logs/dashboard.log
	curl -s "$(grep -o 'http[^ ]*' logs/dashboard.log | head -n 1)" >/dev/null
	pkill -TERM -P "$(pid_of dashboard)" daftar-dashboar
	until_true 20 gone dashboard
	fits daftar-dashboard.service dashboard.trace
}

# ---- the manager ----

@test "nobody is told where nobody watches, or watches somebody else" {
	manager
	broker_start
	until_true 10 grep -q READY=1 told
	ended daftard
	export WATCHDOG_USEC=2000000 WATCHDOG_PID=1
	broker_start
	ctl status >/dev/null
	ended daftard
	[ "$(well)" -eq 0 ]
}
