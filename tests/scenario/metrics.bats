#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# shellcheck disable=SC2094 # a file is written once, and read later
#
# Figures as Prometheus reads them: well formed, with labels of closed lists only, and every one that
# the Grafana page and the alert rules ask for is there.

bats_require_minimum_version 1.5.0

setup_file() {
	home=$BATS_FILE_TMPDIR
	into_realm
	realm_make --name demo
	broker_conf "" 64
	broker_start
	"$build/tests/scenario/speak" "$endpoint" "$home/realm/parties/DAFTAR.HUB/curve.pub" \
		"$home/realm/parties/KE.CRS/curve.key" hello >/dev/null || true
	ctl party suspend SO.NIRA --reason trial >/dev/null
	ctl metrics >metrics
}

teardown_file() {
	home=$BATS_FILE_TMPDIR
	into_realm
	ended_all
}

setup() {
	home=$BATS_FILE_TMPDIR
	into_realm
}

into_realm() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
}

# figure NAME[{LABELS}]: its value
figure() { awk -v of="$1" '$1 == of { print $2 }' metrics; }

# names_in FILE: of figures
names_in() { grep -o 'daftar_[a-z_]*' "$1" | sort -u; }

@test "promtool finds nothing wrong with the figures" {
	promtool check metrics <metrics
}

@test "figures tell what is" {
	[ "$(figure daftar_ready)" = 1 ]
	[ "$(figure 'daftar_party_out{party="SO.NIRA"}')" = 1 ]
	[ "$(figure 'daftar_party_out{party="KE.CRS"}')" = 0 ]
	[ "$(figure 'daftar_alerts{rule="party-out",severity="warning"}')" = 1 ]
	[ "$(figure daftar_messages_total)" = 0 ]
	[ "$(figure daftar_store_size_bytes)" = $((64 << 20)) ]
}

@test "labels are of closed lists, and no figure holds an id, a name or a fingerprint" {
	printf '%s=\n' code from party program rule severity stage to version >closed
	run grep -vxFf closed <(grep -o '{[^}]*}' metrics | grep -o '[a-z]*=' | sort -u)
	[ "$output" = "" ]
	[ "$(grep -cE '[0-9a-f]{8}-[0-9a-f]{4}|sha256|[0-9a-f]{16}' metrics)" -eq 0 ]
	[ "$(grep -c 'Registration' metrics)" -eq 0 ]
}

@test "whatever the Grafana page and the alert rules ask for is a figure" {
	names_in metrics >there
	# Figures that are told only where there is something to tell.
	printf '%s\n' daftar_backup_timestamp_seconds daftar_store_full_timestamp_seconds >>there
	jq -r '.panels[].targets[].expr' "$top/packaging/grafana/daftar.json" >asked
	grep expr: "$top/packaging/prometheus/daftar.rules.yml" >>asked
	[ "$(names_in asked | wc -l)" -gt 20 ]
	run grep -vxFf there <(names_in asked)
	[ "$output" = "" ]
	# Those two exist as well.
	grep -q daftar_backup_timestamp_seconds "$top/broker/control_metrics.c"
	grep -q daftar_store_full_timestamp_seconds "$top/broker/control_metrics.c"
}

@test "each expression of the Grafana page is one that Prometheus understands" {
	{
		printf 'groups:\n  - name: page\n    rules:\n'
		n=0
		while read -r expr; do
			n=$((n + 1))
			printf '      - record: page:expr%d:x\n        expr: %s\n' "$n" "$(jq -Rn --arg e "$expr" '$e')"
		done < <(jq -r '.panels[].targets[].expr' "$top/packaging/grafana/daftar.json")
	} >page.yml
	promtool check rules page.yml
}

@test "alert rules of Prometheus fire when they should" {
	promtool check rules "$top/packaging/prometheus/daftar.rules.yml"
	promtool test rules "$top/packaging/prometheus/daftar.rules.test.yml"
}

# figures_start: the dashboard's door for machines, at some free port, which becomes $port
figures_start() {
	for port in $((20000 + RANDOM % 9000)) $((20000 + RANDOM % 9000)) $((20000 + RANDOM % 9000)); do
		cat >dashboard.conf <<-END
			control = "$home/broker/control.sock"
			socket = "$home/dashboard.sock"
			metrics-port = $port
		END
		started dashboard "$build/dashboard/daftar-dashboard" -c dashboard.conf
		until_true 10 curl -s -o /dev/null "http://127.0.0.1:$port/" && return
	done
	return 1
}

# asked PATH [CURL-OPTION...]: the status, and the answer in the file answer
asked() {
	curl -s -o answer -w '%{http_code}' "${@:2}" "http://127.0.0.1:$port$1"
}

@test "the door for machines gives figures and health, and nothing else" {
	figures_start
	[ "$(asked /metrics)" = 200 ]
	promtool check metrics <answer
	grep -q '^daftar_ready 1$' answer
	[ "$(asked /healthz)" = 200 ]
	[ "$(asked /readyz)" = 200 ]
	for path in / /messages /enter /status /metrics/ /../metrics /metrics%00; do
		[ "$(asked "$path" --path-as-is)" -ge 400 ]
	done
	[ "$(asked /metrics -X POST -d x=1)" -ge 400 ]
	[ "$(asked /metrics -X DELETE)" -ge 400 ]
	[ "$(asked /metrics -H "Host: evil.example:$port")" = 421 ]
	[ "$(asked /metrics -H "X-Long: $(printf 'x%.0s' {1..9000})")" -ge 400 ]
	# Who only holds on to it takes nothing from the door for people.
	local fd fds=()
	for _ in {1..200}; do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
		fds+=("$fd")
	done
	[ "$(asked /healthz)" = 200 ]
	ls "/proc/$(pid_of dashboard)/fd" >held
	echo "$(wc -l <held) of them are held"
	[ "$(wc -l <held)" -lt 100 ]
	for fd in "${fds[@]}"; do exec {fd}>&-; done
	ended daftard KILL
	gives() { [ "$(asked "$1")" = "$2" ]; }
	until_true 10 gives /healthz 503
	until_true 10 gives /readyz 503
	grep -q 'does not answer' answer
	ended dashboard
	broker_start
}

@test "health tells that it lives, and whether it takes new messages" {
	ctl health
	[ "$(ctl health --json | jq -r .ready)" = true ]
}
