#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What is secret stays out of command lines, environments, logs and core files, in every process of a
# realm that is at work.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	ulimit -c unlimited 2>/dev/null || true
}

teardown() {
	[ -z "${witness:-}" ] || kill "$witness"
	test_over
}

not() { if "$@"; then return 1; fi; }

# octets HEX: as they are
octets() {
	# shellcheck disable=SC2001,SC2059
	printf "$(sed 's/../\\x&/g' <<<"$1")"
}

# hex_of_z85: RFC 32 of ZeroMQ
hex_of_z85() {
	awk '{
		a = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
		for (i = 1; i + 4 <= length($0); i += 5) {
			v = 0
			for (j = 0; j < 5; j++)
				v = v * 85 + index(a, substr($0, i + j, 1)) - 1
			printf "%04x%04x", int(v / 65536), v % 65536
		}
		print ""
	}'
}

# hex_of FILE: of what is secret in a key file
hex_of() {
	if grep -q 'PRIVATE KEY' "$1"; then
		openssl pkey -in "$1" -noout -text | sed -n '/^priv:/,/^pub:/{/^ /p}' | tr -d ' :\n'
	elif [[ $1 == */curve.key ]]; then
		hex_of_z85 <"$1"
	elif [[ $1 == */pair-*.key || $1 == */pairs/* ]]; then
		head -1 "$1"
	else
		od -An -v -tx1 "$1" | tr -d ' \n'
	fi
}

# Everything secret that this realm has, in every form that it may be written in: a line each.
secrets() {
	local file hex
	find realm broker KE.CRS SO.NIRA officer -name '*.key' ! -path '*/ca/*' | while read -r file; do
		grep -av -e '-----' "$file" | tr -cd '[:print:]\n'
		hex=$(hex_of "$file")
		echo "$hex"
		octets "$hex" | base64 -w 0 | cut -c 1-40
		echo
	done | awk 'length($0) >= 16' | sort -u
}

# processes: of this realm, whoever started them
processes() {
	local file pid
	for file in pids/*; do
		pid=$(cat "$file")
		kill -0 "$pid" 2>/dev/null || continue
		echo "$pid"
		pgrep -P "$pid" || true
	done
}

# tells FILE...: does any of these hold a secret?
tells() { grep -aiqF -f patterns "$@"; }

@test "no command line, environment or log holds a secret, and no process writes core files" {
	realm_make
	kenya_make
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null
	cp "$DAFTAR_TESTS/data/cases/hodan.json" .
	number=$(officer request new --from hodan.json --json | jq -r .tracking)
	officer request file "$number" >/dev/null
	officer track "$number" --wait --timeout 60 >/dev/null
	ended SO.NIRA
	jq '.consent.id = "3f1c9a52-7d40-4b6e-9a11-5e0c8d2b7fff"' hodan.json >again.json
	number=$(officer request new --from again.json --json | jq -r .tracking)
	officer request file "$number" >/dev/null
	started daftar "$build/liaison/daftar" --home officer track "$number" --wait --timeout 60
	secrets >patterns
	[ "$(wc -l <patterns)" -ge 30 ]
	list=$(processes)
	[ "$(wc -w <<<"$list")" -ge 5 ]
	for pid in $list; do
		[ -r "/proc/$pid/environ" ]
		not tells "/proc/$pid/cmdline" "/proc/$pid/environ"
		grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits"
	done
	not tells logs/*
	# The search finds what is there.
	IT=$(hex_of realm/parties/KE.CRS/sign.key) sleep 60 3>&- &
	witness=$!
	until_true 5 tells "/proc/$witness/environ"
}

@test "every program with keys guards itself before anything else" {
	for program in adapters/daftar-adapter broker/daftard broker/daftar-gate certs/daftar-pki \
		liaison/daftar; do
		strace -o trace -e trace=prlimit64,setrlimit "$build/$program" --help >/dev/null || true
		grep -q 'RLIMIT_CORE, {rlim_cur=0, rlim_max=0}' trace
	done
}
