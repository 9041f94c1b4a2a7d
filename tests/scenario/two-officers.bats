#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# What two officers do with a message that is set aside: one wishes that it is returned or discarded,
# another one approves, and only then is its sender told, once. Two persons of this system play them.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	[ "$(id -u)" -eq 0 ] || skip "two persons need root to become them"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	ctl() { "$build/broker/daftarctl" --socket "$open/control.sock" "$@"; }
	cd "$home" || exit
	open=$(mktemp -d /tmp/daftar-officers-XXXXXX)
	chmod 755 "$open"
	cp "$build/broker/daftarctl" "$open/"
	realm_make
	broker_conf
	sed -i '/^control /d' broker/daftard.conf
	cat >>broker/daftard.conf <<-END
		control = "$open/control.sock"
		officers = {"nobody", "daemon"}
	END
	broker_start
	officer_setup >/dev/null
}

teardown() {
	test_over
	[ -z "${open:-}" ] || rm -rf "$open"
}

not() { if "$@"; then return 1; fi; }

# as USER ARGUMENT...: daftarctl
as() {
	setpriv --reuid="$1" --regid=nogroup --clear-groups \
		"$open/daftarctl" --socket "$open/control.sock" "${@:2}"
}

# fails CODE USER ARGUMENT...: daftarctl says this code and does nothing
fails() {
	local code=$1
	shift
	run as "$@"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"$code"* ]]
}

# waits USER ARGUMENT...: what he wishes waits for somebody else; sets $change
waits() {
	run as "$@"
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" =~ daftarctl\ change\ approve\ ([0-9]+) ]]
	change=${BASH_REMATCH[1]}
}

# file_aside NAME: files a case and sets its request aside; sets $number and $id
file_aside() {
	cp "$DAFTAR_TESTS/data/cases/$1.json" .
	number=$(officer request new --from "$1.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null
	officer sync >/dev/null || [ "$?" -eq 7 ]
	id=$(ctl message show "$number" --json | jq -r .id)
	as nobody message hold "$id" --reason 'its addressee cannot read it'
}

# is_at STAGE CODE: so stands $id
is_at() {
	[ "$(ctl message show "$id" --json | jq -r '.stage + " " + (.code // "")')" = "$1 $2" ]
}

# told CODE: the office hears of this end, with a receipt, and of nothing when it asks again
told() {
	until_true 20 has_heard "$1"
	officer receipt "$number" >kept.json
	officer sync --at "$endpoint" >/dev/null
	officer track "$number" >again
	diff heard again
	cmp kept.json <(officer receipt "$number")
	officer codes "$1" >/dev/null
}

has_heard() {
	officer sync --at "$endpoint" >/dev/null
	officer track "$number" >heard
	[ "$(officer track "$number" --json | jq -r '.state + " " + .code')" = "dead-letter $1" ]
}

# written KIND: the change is in the book with both names, and in the log, which verifies
written() {
	local row
	row=$(ctl change list --json | jq -c --argjson n "$change" '.changes[] | select(.number == $n)')
	echo "$row"
	jq -e --arg kind "$1" '.kind == $kind and .by == "nobody" and .second == "daemon" and
		.state == "done" and .leaf != null and .end_leaf != null' <<<"$row"
	ctl audit list --json | jq -e --argjson n "$change" \
		'any(.. | objects; .number == $n and .second == "daemon")'
	ctl audit verify
}

@test "returned: one officer wishes, another one approves, and the sender is told once" {
	file_aside hodan
	fails OFFICER root message return "$id" --reason 'nobody named this one'
	waits nobody message return "$id" --reason 'the registry cannot take it'
	fails OFFICER nobody change approve "$change"
	is_at ACCEPTED ''
	[ "$(officer track "$number" --json | jq -r .ended)" = false ]
	# It waits over a restart.
	ended daftard KILL
	broker_start
	run ctl status
	[[ "$output" == *'waits for a second officer'* ]]
	as daemon change approve "$change"
	is_at DEAD-LETTER RETURNED
	told RETURNED
	written return
	fails STATE daemon change approve "$change"
	fails FINAL nobody dead retry "$id" --reason again --yes
	# Its number alone brings nothing back, and its paper not without the person's consent.
	run officer request file "$number"
	[ "$status" -eq 1 ]
	[[ "$output" == *'hand in its case file'*'daftar request file FILE'* ]]
	officer consent withdraw "$number" --timeout 0 >/dev/null || [ "$?" -eq 7 ]
	run officer request file hodan.json --timeout 0
	echo "$output"
	[ "$status" -eq 4 ]
	[ "$(ctl message list --json | jq '[.messages[] | select(.action == "TranscriptionRequest")] | length')" -eq 1 ]
}

@test "discarded: what one officer rejects does not happen, what another one approves does, once" {
	file_aside hodan
	waits nobody dead discard "$id" --reason 'it is a test that slipped out' --yes
	as daemon change reject "$change"
	fails STATE daemon change approve "$change"
	is_at ACCEPTED ''
	# What was put back while it waited is not ended.
	waits nobody dead discard --where code=SET-ASIDE --reason 'it is a test that slipped out' --yes
	as nobody message release "$id" --reason 'a second look'
	fails STATE daemon change approve "$change"
	is_at ACCEPTED ''
	as nobody message hold "$id" --reason 'it is a test that slipped out'
	waits nobody dead discard --where code=SET-ASIDE --reason 'it is a test that slipped out' --yes
	fails OFFICER nobody change approve "$change"
	as daemon change approve "$change"
	is_at DEAD-LETTER DISCARDED
	told DISCARDED
	written discard
	run officer request file hodan.json
	[ "$status" -eq 1 ]
	[[ "$output" == *'not filed again as it is'* ]]
}
