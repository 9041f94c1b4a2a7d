# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# The office's cases and what stands between it and the exchange, for the tests of bad networks. Needs
# $top, $build, $home and packaging/realm.sh; the caller sets proxies=(NAME ..) and reads $bad and port[].
# shellcheck disable=SC2034
: "${top:?}" "${build:?}" "${home:?}"

bad=0
result() {
	if [[ $1 == 0 ]]; then
		echo "ok - $2"
	else
		bad=1
		echo "not ok - $2"
		tail -n 5 "$home"/logs/*.log | cut -c1-160 | sed 's/^/    /'
	fi
}

# ---- the network ----

declare -A say port

says() {
	[[ -s $home/$1.out ]] && grep -q "$2" "$home/$1.out"
}

# proxy NAME ADDRESS TARGET-PORT: sets port[NAME]
proxy() {
	local fd
	mkfifo "$home/$1.in"
	exec {fd}<>"$home/$1.in"
	say[$1]=$fd
	mkdir -p "$home/pids"
	"$build/tests/tools/faultproxy" "$2" 0 127.0.0.1 "$3" <"$home/$1.in" >"$home/$1.out" 2>&1 &
	echo $! >"$home/pids/proxy-$1"
	disown
	until_true 10 says "$1" listening || return 1
	port[$1]=$(sed -n 's/^listening //p' "$home/$1.out")
}

answers() {
	grep -cE '^(ok|bad)$' "$home/$1.out"
}

answered() {
	[[ $(answers "$1") -gt $2 ]]
}

# fault NAME COMMAND...: once the proxy has obeyed
fault() {
	local name=$1 before
	before=$(answers "$1")
	shift
	echo "$*" >&"${say[$name]}"
	until_true 10 answered "$name" "$before" && tail -n 1 "$home/$name.out" | grep -q '^ok$'
}

everywhere() {
	local name
	for name in "${proxies[@]}"; do fault "$name" "$@" || return 1; done
}

# struck WORD: how often a fault of this kind has struck, at all proxies together
struck() {
	local name sum=0
	for name in "${proxies[@]}"; do
		fault "$name" count
		sum=$((sum + $(grep '^count ' "$home/$name.out" | tail -n 1 | grep -o "$1=[0-9]*" | cut -d= -f2)))
	done
	echo "$sum"
}

# ---- cases ----

filed=0

# file [COUNT]: more cases about two children, each under a consent of its own
file() {
	local of=(hodan yuusuf) paper i
	for ((i = 0; i < ${1:-1}; i++)); do
		paper=$home/case-$filed.json
		jq --arg id "$(cat /proc/sys/kernel/random/uuid)" '.consent.id = $id' \
			"$top/tests/data/cases/${of[filed % 2]}.json" >"$paper" &&
			officer request file "$paper" --timeout 0 >>"$home/officer.log" 2>&1
		filed=$((filed + 1))
	done
}

# cases FILTER: how many of the office's cases are so
cases() {
	officer list --json 2>/dev/null | jq -s "[.[] | select($1)] | length"
}

well_ended() {
	[[ $(cases '.ended and (.state | test("transcribed$"))') == "$filed" ]]
}
