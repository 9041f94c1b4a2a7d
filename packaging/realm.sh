# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# A throw-away realm with its processes, for ./demo, the scenario tests and the benchmarks. The
# caller sets $build (the build folder) and $home (a folder of its own: keys, stores, logs) and has
# DAFTAR_SCHEMAS and DAFTAR_SQL exported or lets realm_make do it.
: "${top:?}" "${build:?}" "${home:?}"

export DAFTAR_SCHEMAS=${DAFTAR_SCHEMAS:-$top/schemas}

# until_true SECONDS COMMAND...: waits for the command to succeed; looks again every 50 ms
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS <= end)) || return 1
		sleep 0.05
	done
}

# started NAME COMMAND...: in the background, output in logs/NAME.log, process number in pids/NAME
started() {
	local name=$1
	shift
	mkdir -p "$home/logs" "$home/pids"
	"$@" >>"$home/logs/$name.log" 2>&1 </dev/null 3>&- &
	echo $! >"$home/pids/$name"
	disown
}

pid_of() {
	cat "$home/pids/$1" 2>/dev/null
}

alive() {
	local pid
	pid=$(pid_of "$1") && kill -0 "$pid" 2>/dev/null
}

gone() {
	! alive "$1"
}

# ended NAME [SIGNAL]: stops it and waits until it is gone
ended() {
	alive "$1" || return 0
	kill "-${2:-TERM}" "$(pid_of "$1")" 2>/dev/null
	until_true 20 gone "$1" || kill -KILL "$(pid_of "$1")" 2>/dev/null
	until_true 5 gone "$1"
}

# ended_all: every process of this realm
ended_all() {
	local file
	for file in "$home"/pids/*; do
		[[ -e $file ]] && ended "${file##*/}"
	done
	return 0
}

# test_over: the end of a test of bats. What it kept goes at once unless it failed: a store takes its
# whole room of the disk when it opens, and bats itself clears up only after the last test of a file.
test_over() {
	ended_all
	if [[ -n ${BATS_TEST_COMPLETED:-} ]]; then
		cd / && rm -rf "${BATS_TEST_TMPDIR:?}"/*
	fi
}

# realm_make [daftar-pki option...]: keys, certificates and the trust list
realm_make() {
	"$build/certs/daftar-pki" realm "$home/realm" "$@" >"$home/realm.log" 2>&1
}

# ---- the exchange ----

broker_conf() {
	mkdir -p "$home/broker"
	cat >"$home/broker/daftard.conf" <<-END
		trust-list = "$home/realm/trust.xml"
		operator-certificate = "$home/realm/operator.pem"
		party-dir = "$home/realm/parties/DAFTAR.HUB"
		listen = "${1:-tcp://127.0.0.1:*}"
		endpoint-file = "$home/broker/endpoint"
		store = "$home/broker/store"
		store-size = ${2:-256}
		control = "$home/broker/control.sock"
	END
}

ctl() {
	"$build/broker/daftarctl" --socket "$home/broker/control.sock" "$@"
}

broker_is_up() {
	ctl status --json >/dev/null 2>&1
	(($? <= 2)) && [[ -s $home/broker/endpoint ]]
}

broker_start() {
	rm -f "$home/broker/endpoint"
	started daftard "$build/broker/daftard" -c "$home/broker/daftard.conf"
	until_true 20 broker_is_up || return 1
	endpoint=$(cat "$home/broker/endpoint")
}

# ---- registries ----

# adapter_conf CODE DRIVER-LINE...: the settings all adapters share, and the register's own
adapter_conf() {
	local code=$1
	shift
	mkdir -p "$home/$code"
	{
		cat <<-END
			party = "$code"
			party-dir = "$home/realm/parties/$code"
			trust-list = "$home/realm/trust.xml"
			operator-certificate = "$home/realm/operator.pem"
			broker = "$endpoint"
			spool = "$home/$code/spool"
			spool-size = 64
			control = "$home/$code/control.sock"
			liaison = "UNHCR.NBO"
		END
		printf '%s\n' "$@"
	} >"$home/$code/adapter.conf"
}

adapter() {
	local code=$1
	shift
	"$build/adapters/daftar-adapter" -c "$home/$code/adapter.conf" "$@"
}

adapter_start() {
	started "$1" "$build/adapters/daftar-adapter" -c "$home/$1/adapter.conf"
	until_true 20 adapter "$1" status
}

# kenya_make [SEED [BIRTHS]]: the Kenyan register, a SQLite database with a few hundred births
kenya_make() {
	mkdir -p "$home/KE.CRS"
	rm -f "$home/KE.CRS/register.db"
	{
		cat "$top/adapters/sql/register.sql" "$top/adapters/sql/mark.sql"
		sh "$top/tests/data/kenya/generate" "${1:-7}" "${2:-300}"
	} | sqlite3 "$home/KE.CRS/register.db" &&
		sqlite3 "$home/KE.CRS/register.db" 'PRAGMA journal_mode=WAL;' >/dev/null
}

# kenya_conf automatic|manual
kenya_conf() {
	adapter_conf KE.CRS "decide = \"$1\"" 'driver = "odbc"' \
		"odbc-connection = \"Driver=SQLite3;Database=$home/KE.CRS/register.db;Timeout=2000\"" \
		'register-name = "Register of Births of Kenya"' 'office = "Civil Registration Services"' \
		'place = "Nairobi"' 'certifier = "Registrar of Births"' \
		'legal-provision = "Births and Deaths Registration Act"' \
		'appeal-body = "High Court of Kenya"'
}

# somalia_conf automatic|manual: a paper office that keeps one file an entry
somalia_conf() {
	mkdir -p "$home/SO.NIRA/register"
	adapter_conf SO.NIRA "decide = \"$1\"" 'driver = "folder"' \
		"folder-path = \"$home/SO.NIRA/register\"" 'folder-prefix = "SO-TR-"' \
		'register-name = "Civil Register of Somalia"' \
		'office = "National Identification and Registration Authority"' 'place = "Mogadishu"' \
		'certifier = "Registrar"' 'legal-provision = "Law 009/2023"' \
		'appeal-body = "Regional Court of Banadir"'
}

somalia_entries() {
	find "$home/SO.NIRA/register/new" -name '*.xml' 2>/dev/null | wc -l
}

# ---- the officer ----

officer() {
	"$build/liaison/daftar" --home "$home/officer" "$@"
}

officer_setup() {
	officer setup --party-dir "$home/realm/parties/UNHCR.NBO" --trust "$home/realm/trust.xml" \
		--operator "$home/realm/operator.pem" --broker "$endpoint" --no-input
}
