#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Who comes into the dashboard: by a link in a name, by a certificate over TLS, and nobody else. It
# needs no exchange behind it for that.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	authority ca
	authority other
	signed ca server server.example
	signed ca amina amina
	signed ca bile bile
	signed other mallory mallory
}

# authority NAME
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" \
		-subj "/CN=$1" -days 30 2>/dev/null
}

# signed AUTHORITY NAME COMMON-NAME
signed() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$2.key" -subj "/CN=$3" 2>/dev/null |
		openssl x509 -req -CA "$1.pem" -CAkey "$1.key" -CAcreateserial -days 30 -out "$2.pem" \
			-extfile <(echo "subjectAltName=DNS:$3") 2>/dev/null
	chmod 600 "$2.key"
}

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	keys=$BATS_FILE_TMPDIR
	port=$((20000 + RANDOM % 20000))
	{
		printf 'control = "%s"\nsocket = "%s"\n' "$home/none.sock" "$home/dashboard.sock"
		printf 'tls-listen = "127.0.0.1:%d"\n' "$port"
		printf 'tls-certificate = "%s"\ntls-key = "%s"\nclient-ca = "%s"\n' "$keys/server.pem" \
			"$keys/server.key" "$keys/ca.pem"
		printf 'hosts = {"server.example"}\n'
		printf 'user amina { certificate = "%s" role = "operator" }\n' "$(print_of amina)"
		printf 'user otieno { role = "security" }\n'
	} >dashboard.conf
}

teardown() { test_over; }

print_of() { openssl x509 -noout -fingerprint -sha256 -in "$keys/$1.pem" | cut -d= -f2; }

dashboard() { "$build/dashboard/daftar-dashboard" -c dashboard.conf "$@"; }

dashboard_start() {
	started dashboard "$build/dashboard/daftar-dashboard" -c dashboard.conf
	until_true 10 test -S dashboard.sock
	until_true 10 grep -q ready logs/dashboard.log
}

# over_tls NAME HOST CURL-OPTION...: says the status
over_tls() {
	curl -s -o page.html -w '%{http_code}' --cacert "$keys/ca.pem" --resolve "$2:$port:127.0.0.1" \
		--cert "$keys/$1.pem" --key "$keys/$1.key" "${@:3}" "https://$2:$port/"
}

@test "a certificate that is named comes in over TLS, in its name" {
	dashboard_start
	[ "$(over_tls amina server.example -c jar -D head)" = 200 ]
	grep -q amina page.html
	grep -q '^Set-Cookie: __Host-daftar=.*; HttpOnly; SameSite=Strict; Path=/; Secure' head
	grep -q '^Strict-Transport-Security: ' head
	[ "$(over_tls amina server.example --tls-max 1.2)" = 200 ]
}

@test "a session is worth nothing with another certificate" {
	dashboard_start
	[ "$(over_tls amina server.example -c jar)" = 200 ]
	[ "$(over_tls bile server.example -b jar)" = 403 ]
}

@test "one that is not named, not signed here, or not there stays outside" {
	dashboard_start
	[ "$(over_tls bile server.example)" = 403 ]
	[ "$(over_tls mallory server.example)" = 000 ]
	[ "$(curl -s -o page.html -w '%{http_code}' --cacert "$keys/ca.pem" \
		--resolve "server.example:$port:127.0.0.1" "https://server.example:$port/")" = 000 ]
	[ "$(over_tls amina server.example --tls-max 1.1)" = 000 ]
	[ "$(over_tls amina server.example -H 'Host: evil.example')" = 421 ]
}

@test "a revoked certificate stays outside" {
	printf '[ca]\ndefault_ca=x\n[x]\ndatabase=%s\ndefault_md=sha256\ndefault_crl_days=9\n' "$home/index" >ca.conf
	: >index
	openssl ca -config ca.conf -revoke "$keys/amina.pem" -keyfile "$keys/ca.key" -cert "$keys/ca.pem" 2>/dev/null
	openssl ca -config ca.conf -gencrl -keyfile "$keys/ca.key" -cert "$keys/ca.pem" -out crl.pem 2>/dev/null
	echo "client-crl = \"$home/crl.pem\"" >>dashboard.conf
	dashboard_start
	[ "$(over_tls amina server.example)" = 000 ]
	[ "$(over_tls bile server.example)" = 403 ]
}

@test "no link stands in the journal" {
	dashboard_start
	grep -q 'enter?key=' logs/dashboard.log
	ended dashboard
	: >logs/dashboard.log
	JOURNAL_STREAM=$(stat -c '%d:%i' logs/dashboard.log) dashboard_start
	[ "$(grep -c 'enter?key=' logs/dashboard.log)" = 0 ]
	dashboard link | grep -q 'enter?key='
}

@test "a link is for a user of the configuration, and without a name it only looks" {
	dashboard_start
	curl -s -L -c jar -o page.html "$(dashboard link --user otieno)"
	grep -q otieno page.html
	origin=$(dashboard link | sed 's|/enter.*||')
	[ "$(curl -s -o /dev/null -w '%{http_code}' -b jar "$origin/act/party-cut?code=KE.CRS")" = 200 ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' -b jar "$origin/act/hold?id=x")" = 403 ]
	curl -s -L -c jar -o page.html "$(dashboard link)"
	[ "$(curl -s -o /dev/null -w '%{http_code}' -b jar "$origin/act/party-cut?code=KE.CRS")" = 403 ]
	run -1 --separate-stderr dashboard link --user nobody
	[[ "$stderr" == *NOT-FOUND*nobody* ]]
}

@test "half of the settings for TLS is an error, and so is what is not understood" {
	refused() {
		cp dashboard.conf whole.conf
		sed -i "$1" dashboard.conf
		run -1 --separate-stderr dashboard --check-config
		[[ "$stderr" == *"$2"* ]]
		mv whole.conf dashboard.conf
	}
	refused '/^client-ca/d' 'tls-listen needs more'
	refused '/^hosts/d' 'tls-listen needs more'
	refused 's/role = "operator"/role = "king"/' 'unknown role'
	refused 's/certificate = "[0-9A-F:]*/certificate = "12/' 'not a SHA-256'
	refused 's/^tls-listen.*/tls-listen = "anywhere"/' 'not an address'
	chmod 644 "$keys/server.key"
	refused 's/^#//' KEY-MODE
	chmod 600 "$keys/server.key"
}

@test "once it runs it can open no file and start no program" {
	dashboard_start
	grep -q '^NoNewPrivs:.1' "/proc/$(pid_of dashboard)/status"
	grep -q '^Seccomp:.2' "/proc/$(pid_of dashboard)/status"
}
