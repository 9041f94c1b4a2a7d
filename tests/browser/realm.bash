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

realm_do() {
	case $1 in
	case) a_case another ;;
	file) a_case another leave ;;
	stop) ended daftard ;;
	start) broker_start ;;
	silence) ended "$2" ;;
	speak) alive "$2" || adapter_start "$2" ;;
	entered) a_case yuusuf ;;
	trust) "$build/certs/daftar-pki" resign "$home/realm" --days "$2" >/dev/null &&
		ctl trust install "$home/realm/trust.xml" --reason 'a test' >/dev/null ;;
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
