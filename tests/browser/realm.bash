# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# The realm behind the browser tests, and what can happen in it. Needs packaging/realm.sh.

# One more case, from draft to outcome; says its number. "another" is of an entry that the register
# does not have, a new one each time.
a_case() {
	local number file=$top/tests/data/cases/$1.json
	if [[ $1 == another ]]; then
		jq --arg n "09${RANDOM:0:4}$(date +%N | cut -c1-5)" '.locator.entryNumber = $n' \
			"$top/tests/data/cases/hodan.json" >"$home/case.json"
		file=$home/case.json
	fi
	number=$(officer request new --from "$file" --json | jq -r .tracking)
	officer request file "$number" >/dev/null 2>&1
	# 4: it has ended, with a refusal
	[[ ${2:-wait} == leave ]] || officer track "$number" --wait --timeout 60 >/dev/null 2>&1 || (($? == 4))
	echo "$number"
}

# The spool of this registry is lost, and its copy takes its place.
spool_from_copy() {
	ended "$1" KILL
	rm -rf "$home/$1/spool" "$home/$1/spool.key"
	cp -a "$home/copy" "$home/$1/spool"
	cp -a "$home/copy.key" "$home/$1/spool.key"
	adapter "$1" takeover >/dev/null
	adapter_start "$1"
}

# print_of CERTIFICATE
print_of() {
	openssl x509 -in "$1" -outform DER | sha256sum | cut -c -32
}

# next_keys CODE: this registry has new keys beside its old ones, and works with them, as the runbook
# says.
next_keys() {
	local keys=$home/realm/parties/$1 pki=$build/certs/daftar-pki
	local answer=$home/answer-$1-$RANDOM.json
	"$pki" request "$keys" --renew >"$home/request.out"
	"$pki" renew "$home/realm" --request "$keys/next/request.json" --answer "$answer" \
		--fingerprint "$(sed -n '$s/^ *//p' "$home/request.out")" >/dev/null
	ctl trust install "$home/realm/trust.xml" --reason 'new keys' >/dev/null
	"$pki" accept "$keys" --answer "$answer" \
		--operator-fingerprint "$(print_of "$home/realm/operator.pem")" >/dev/null
	ended "$1"
	adapter_start "$1"
}

# ending_keys CODE: the same, and the new certificates end within five days: longer does not last
# the authority that has signed them.
ending_keys() {
	local anchor=$home/realm/anchors/${1%%.*}.pem
	cp "$anchor" "$home/anchor.pem"
	openssl x509 -in "$home/anchor.pem" -signkey "$home/realm/ca/${1%%.*}.key" -days 5 \
		-out "$anchor" 2>/dev/null
	next_keys "$1"
	cp "$home/anchor.pem" "$anchor"
	for part in sign encrypt; do
		print_of "$home/realm/parties/$1/$part.pem" >"$home/ending-$part"
	done
}

# retired_keys CODE: those of ending_keys are taken out.
retired_keys() {
	for part in sign encrypt; do
		"$build/certs/daftar-pki" retire "$home/realm" --party "$1" \
			--cert "$(cat "$home/ending-$part")" >/dev/null
	done
	ctl trust install "$home/realm/trust.xml" --reason 'the old keys are out' >/dev/null
}

# broker_stays: where it is now the exchange will be found when it is started again
broker_stays() {
	sed -i "s|^listen = .*|listen = \"$endpoint\"|" "$home/broker/daftard.conf"
}

# broker_clocked SETTING: the broker again, with this line in its settings and a clock that goes
# ahead when it is told to.
broker_clocked() {
	ended daftard
	broker_stays
	echo "$1" >>"$home/broker/daftard.conf"
	cc -shared -fPIC -O1 -o "$home/later.so" "$top/tests/browser/later.c" -ldl
	clock_ahead 0
	rm -f "$home/broker/endpoint"
	started daftard env LATER="$home/later" LD_PRELOAD="$home/later.so" \
		"$build/broker/daftard" -c "$home/broker/daftard.conf"
	until_true 20 broker_is_up
}

# clock_ahead SECONDS, fewer than 256
clock_ahead() {
	[[ -e $home/later ]] || head -c 8 /dev/zero >"$home/later"
	printf '%b' "\\x$(printf %02x "$1")" | dd of="$home/later" conv=notrunc status=none
}

realm_do() {
	case $1 in
	case) a_case another ;;
	file) a_case another leave ;;
	stop) broker_stays && ended daftard ;;
	start) broker_start ;;
	silence) ended "$2" ;;
	speak) alive "$2" || adapter_start "$2" ;;
	entered) a_case yuusuf ;;
	trust) "$build/certs/daftar-pki" resign "$home/realm" --days "$2" >/dev/null &&
		ctl trust install "$home/realm/trust.xml" --reason 'a test' >/dev/null ;;
	ending) ending_keys "$2" ;;
	renew) next_keys "$2" && retired_keys "$2" ;;
	clocked) broker_clocked "$2" ;;
	later) clock_ahead "$2" ;;
	copy) adapter "$2" backup "$home/copy" >/dev/null ;;
	lose) spool_from_copy "$2" ;;
	ctl) shift && ctl "$@" ;;
	twin) twin_dashboard ;;
	untwin) ended twin && ended spoil ;;
	esac
}

# A second dashboard of the same exchange, which hears what spoil.mjs makes of the answers.
twin_dashboard() {
	started spoil node "$top/tests/browser/spoil.mjs" "$home/broker/control.sock" "$home/spoil.sock" \
		"$home/spoil"
	until_true 10 test -S "$home/spoil.sock"
	printf 'control = "%s"\nsocket = "%s"\n' "$home/spoil.sock" "$home/twin.sock" >"$home/twin.conf"
	started twin "$build/dashboard/daftar-dashboard" -c "$home/twin.conf"
	until_true 10 test -S "$home/twin.sock"
	jq -n --arg link "$("$build/dashboard/daftar-dashboard" -c "$home/twin.conf" link)" \
		--arg file "$home/spoil" '{$link, $file}'
}

dashboard_conf() {
	printf 'control = "%s"\nsocket = "%s"\n' "$home/broker/control.sock" "$home/dashboard.sock" \
		>"$home/dashboard.conf"
}

# Two registries, an officer's office, one finished case.
browser_realm() {
	realm_make && kenya_make && broker_conf && broker_start || return 1
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS && adapter_start SO.NIRA || return 1
	officer_setup >/dev/null 2>&1 || return 1
	a_case hodan >/dev/null
	dashboard_conf
	started dashboard "$build/dashboard/daftar-dashboard" -c "$home/dashboard.conf"
	until_true 10 test -S "$home/dashboard.sock"
}
