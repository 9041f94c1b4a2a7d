#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Each program says what is wrong with its settings, keys, certificates, trust list and disk: by a
# sentence, by the code from the one list, and by its documented exit status; then nothing was
# started and nothing was changed. As soon as it is mended the program runs.

bats_require_minimum_version 1.5.0

setup_file() {
	: "${DAFTAR_BUILD:?the build folder}"
	cd "$BATS_FILE_TMPDIR" || return
	DAFTAR_SCHEMAS=${DAFTAR_SCHEMAS:-$DAFTAR_TESTS/../schemas}
	export DAFTAR_SCHEMAS
	"$DAFTAR_BUILD/certs/daftar-pki" realm realm >/dev/null
	"$DAFTAR_BUILD/certs/daftar-pki" realm other >/dev/null
	cp realm/trust.xml first.xml
	"$DAFTAR_BUILD/certs/daftar-pki" resign realm >/dev/null
}

# Three offices without an exchange: each test makes one thing wrong.
setup() {
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	cp -a "$BATS_FILE_TMPDIR/realm" "$BATS_FILE_TMPDIR/other" "$BATS_FILE_TMPDIR/first.xml" .
	hub=realm/parties/DAFTAR.HUB so=realm/parties/SO.NIRA
	endpoint=tcp://127.0.0.1:1
	broker_conf
	somalia_conf automatic
	printf 'control = "%s"\nsocket = "%s"\n' "$home/broker/control.sock" \
		"$home/dashboard.sock" >dashboard.conf
}

teardown() {
	test_over
}

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

daftard() { "$build/broker/daftard" -c broker/daftard.conf "$@"; }
somalia() { adapter SO.NIRA "$@"; }
dashboard() { "$build/dashboard/daftar-dashboard" -c dashboard.conf "$@"; }

# kept FOLDER...: names and contents of all files that a failed start might touch. An adapter looks
# into its spool for a newer trust list first, so an empty spool may be there afterwards.
kept() {
	find "$@" -path '*/spool' -prune -o -path '*/spool.key' -prune -o -type f -exec sha256sum {} + 2>/dev/null | sort
	find "$@" -path '*/spool' -prune -o -path '*/spool.key' -prune -o ! -path SO.NIRA -printf '%p %y %m\n' 2>/dev/null | sort
}

# refused STATUS CODE TEXT COMMAND...: ends by itself, and leaves everything as it was
refused() {
	local want=$1 code=$2 text=$3 before
	before=$(kept realm broker SO.NIRA office)
	run timeout 60 bash -c 'exec "$@"' x "${@:4}"
	echo "status $status, wanted $want $code; $output"
	[ "$status" -eq "$want" ]
	[[ $output == *"$text"* ]]
	[ -z "$code" ] || [[ $output == *"[$code]"* || $output == *"($code)"* ]]
	[ "$(kept realm broker SO.NIRA office)" = "$before" ]
}

daftard_refused() { refused 1 "$1" "$2" "$build/broker/daftard" -c broker/daftard.conf; }
adapter_refused() { refused 1 "$1" "$2" "$build/adapters/daftar-adapter" -c SO.NIRA/adapter.conf; }
daftar_refused() { refused "$1" "$2" "$3" "$build/liaison/daftar" --home office "${@:4}"; }

officer_ready() {
	"$build/liaison/daftar" --home office setup --party-dir realm/parties/UNHCR.NBO \
		--trust realm/trust.xml --operator realm/operator.pem --broker "$endpoint" \
		--timeout 0 --no-input >/dev/null
	"$build/liaison/daftar" --home office list >/dev/null
}

set_line() { # FILE KEY VALUE: replaces or adds a setting
	sed -i "/^$2 /d" "$1"
	echo "$2 = $3" >>"$1"
}

# ---- settings ----

@test "an unknown setting is named with file and line, by every program" {
	officer_ready
	for file in broker/daftard.conf SO.NIRA/adapter.conf dashboard.conf office/daftar.conf; do
		echo 'colour = "blue"' >>"$file"
	done
	at() { echo "$1:$(wc -l <"$1"):"; }
	for check in "" --check-config; do
		refused 1 '' "$(at broker/daftard.conf)" "$build/broker/daftard" \
			-c broker/daftard.conf $check
		[[ $output == *colour* ]]
		refused 4 '' "$(at SO.NIRA/adapter.conf)" "$build/adapters/daftar-adapter" \
			-c SO.NIRA/adapter.conf $check
		[[ $output == *colour* ]]
		refused 1 '' "$(at dashboard.conf)" "$build/dashboard/daftar-dashboard" \
			-c dashboard.conf $check
		[[ $output == *colour* ]]
	done
	daftar_refused 1 CONFIG "daftar.conf:$(wc -l <office/daftar.conf):" list
	[[ $output == *colour* ]]
}

@test "a setting without a value, of a wrong kind, or left out is named" {
	cp broker/daftard.conf good.conf
	for wrong in 'store-size = "many"' 'store-size = 1' 'examiners = ' 'store = '; do
		cp good.conf broker/daftard.conf
		sed -i "/^${wrong%% *} /d" broker/daftard.conf
		echo "$wrong" >>broker/daftard.conf
		refused 1 '' daftard.conf "$build/broker/daftard" -c broker/daftard.conf
	done
	cp good.conf broker/daftard.conf
	sed -i '/^trust-list /d' broker/daftard.conf
	refused 1 '' 'trust-list must be given' "$build/broker/daftard" -c broker/daftard.conf
	sed -i '/^spool /d' SO.NIRA/adapter.conf
	refused 4 '' 'spool must be given' "$build/adapters/daftar-adapter" -c SO.NIRA/adapter.conf
}

@test "a file that is not there is named, by every program" {
	refused 1 '' nowhere.conf "$build/broker/daftard" -c nowhere.conf
	refused 4 '' nowhere.conf "$build/adapters/daftar-adapter" -c nowhere.conf
	refused 1 '' nowhere.conf "$build/dashboard/daftar-dashboard" -c nowhere.conf
	daftar_refused 1 CONFIG "office/daftar.conf" list
}

# ---- keys and certificates ----

# Each of these is wrong for the exchange's log key, a registry's and an office's signing key alike.
keys_refused() { # CODE
	officer_ready
	"$2" "$hub/log.key"
	"$2" "$so/sign.key"
	"$2" office/keys/sign.key
	daftard_refused "$1" "$hub/log.key"
	adapter_refused "$1" "$so/sign.key"
	daftar_refused 9 "$1" 'keys of this office' request file "$DAFTAR_TESTS/data/cases/hodan.json"
}

readable_by_others() { chmod 0640 "$1"; }
missing() { rm "$1"; }
symbolic_link() { mv "$1" "$1.real" && ln -s "$(realpath "$1.real")" "$1"; }
a_folder() { rm "$1" && mkdir "$1"; }
no_key() { echo nonsense >"$1"; }

@test "a private key that others may read is refused" { keys_refused KEY-MODE readable_by_others; }
@test "a private key that is missing is refused" { keys_refused NO-KEY missing; }
@test "a private key behind a symbolic link is refused" { keys_refused NO-KEY symbolic_link; }
@test "a folder in a private key's place is refused" { keys_refused NO-KEY a_folder; }
@test "a file without a key in it is refused" { keys_refused NO-KEY no_key; }

@test "a CURVE key that is missing, or readable by others, is refused" {
	officer_ready
	for change in missing readable_by_others; do
		code=$([ "$change" = missing ] && echo NO-KEY || echo KEY-MODE)
		for file in "$hub/curve.key" "$so/curve.key" office/keys/curve.key; do
			cp -p "$file" "$file.kept"
			"$change" "$file"
		done
		daftard_refused "$code" "$hub/curve.key"
		adapter_refused "$code" ''
		daftar_refused 9 "$code" 'keys of this office' sync
		for file in "$hub/curve.key" "$so/curve.key" office/keys/curve.key; do
			mv "$file.kept" "$file"
		done
	done
}

@test "a certificate that is missing, or not its key's, is refused" {
	officer_ready
	for change in missing "cp $BATS_FILE_TMPDIR/other/parties/SO.NIRA/sign.pem"; do
		for file in "$so/sign.pem" office/keys/sign.pem; do
			mv "$file" "$file.kept"
			[ "$change" = missing ] || $change "$file"
		done
		adapter_refused NO-CERT "$so/sign.pem"
		daftar_refused 9 NO-CERT 'keys of this office' sync
		for file in "$so/sign.pem" office/keys/sign.pem; do mv "$file.kept" "$file"; done
	done
	rm realm/operator.pem office/operator.pem
	daftard_refused NO-CERT realm/operator.pem
	adapter_refused NO-CERT realm/operator.pem
	daftar_refused 9 NO-CERT 'trust list' sync
}

# ---- the trust list ----

lists_are() { # FILE
	cp "$1" realm/trust.xml
	[ ! -d office ] || cp "$1" office/trust.xml
}

@test "a trust list that is damaged or signed by somebody else is refused" {
	officer_ready
	cp realm/trust.xml good.xml
	sed 's/registry/liaison/' good.xml >altered.xml
	head -c 3000 good.xml >cut.xml
	cp other/trust.xml foreign.xml
	: >empty.xml
	for list in altered cut foreign empty; do
		lists_are $list.xml
		daftard_refused NO-TRUST realm/trust.xml
		adapter_refused NO-TRUST realm/trust.xml
		daftar_refused 9 NO-TRUST 'trust list' sync
	done
	lists_are good.xml
	daftard --check-config
}

@test "a list that does not know this party, or knows other keys, is refused" {
	cp other/parties/DAFTAR.HUB/log.key "$hub/log.key"
	daftard_refused NO-KEY 'not the log key of the trust list'
	cp other/parties/SO.NIRA/sign.* "$so/"
	adapter_refused UNKNOWN-CERT sign.pem
	set_line SO.NIRA/adapter.conf party '"SO.OTHER"'
	adapter_refused UNKNOWN-PARTY SO.OTHER
}

@test "an older trust list does not come back while the exchange runs" {
	broker_start
	[ "$(ctl status --json | jq .trust.version)" -eq 2 ]
	cp first.xml realm/trust.xml
	kill -HUP "$(pid_of daftard)"
	until_true 20 grep -q 'version=2 kept, version=1 refused code=TRUST-OLD' logs/daftard.log
	[ "$(ctl status --json | jq .trust.version)" -eq 2 ]
	cut -c1-2000 first.xml >realm/trust.xml
	kill -HUP "$(pid_of daftard)"
	until_true 20 grep -q 'NO-TRUST' logs/daftard.log
	[ "$(ctl status --json | jq .trust.version)" -eq 2 ]
}

@test "an older trust list does not come back over a restart" {
	broker_start
	ended daftard
	cp first.xml realm/trust.xml
	run -1 "$build/broker/daftard" -c broker/daftard.conf
	[[ $output == *"TRUST-OLD"* ]]
	[[ $output == *"version=2 was in force"* ]]
}

# ---- disk and other processes ----

@test "a store or spool that cannot be made there is refused" {
	officer_ready
	: >file
	set_line broker/daftard.conf store "\"$home/file/store\""
	set_line SO.NIRA/adapter.conf spool "\"$home/file/spool\""
	rm -r office/spool && : >office/spool
	daftard_refused IO "store $home/file/store"
	adapter_refused IO "the spool"
	daftar_refused 1 IO 'spool' sync
}

@test "a second daftard on the same store, a second adapter on the same spool do not start" {
	broker_start
	somalia_conf automatic
	adapter_start SO.NIRA
	for pid in $(pid_of daftard) $(pid_of SO.NIRA); do kill -0 "$pid"; done
	sed "s|control.sock|other.sock|; s|/endpoint|/other|" broker/daftard.conf >second.conf
	run "$build/broker/daftard" -c second.conf
	[ "$status" -eq 1 ]
	[[ $output == *"[LOCKED]"* ]]
	[ ! -e broker/other.sock ]
	[ ! -e broker/other ]
	sed "s|control.sock|other.sock|" SO.NIRA/adapter.conf >second.conf
	run "$build/adapters/daftar-adapter" -c second.conf
	[ "$status" -eq 1 ]
	[[ $output == *"(LOCKED)"* ]]
	[ ! -e SO.NIRA/other.sock ]
	ctl status >/dev/null
	somalia status >/dev/null
}

@test "a full spool files nothing more, sends what it has, and files again when it has room" {
	broker_start
	officer_ready
	set_line office/daftar.conf spool-size 2
	rm -r office/spool
	daftar() { "$build/liaison/daftar" --home office "$@"; }
	ended daftard
	status=7 n=0
	while [ "$status" -eq 7 ] && [ "$n" -lt 1000 ]; do
		n=$((n + 1))
		sed "s/0412873920/$((1000000000 + n))/" "$DAFTAR_TESTS/data/cases/hodan.json" >case.json
		run daftar request file case.json --timeout 0
	done
	echo "$n: $output"
	[ "$status" -eq 1 ]
	[[ $output == *"(SPOOL-FULL)"*"safe: "* ]]
	[ "$(daftar outbox --json | wc -l)" -eq $((n - 1)) ]
	broker_conf "$endpoint"
	broker_start
	run daftar sync --timeout 60
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(ctl status --json | jq .messages)" -eq $((n - 1)) ]
	set_line office/daftar.conf spool-size 4
	run daftar request file case.json --timeout 30
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(ctl status --json | jq .messages)" -eq "$n" ]
}
