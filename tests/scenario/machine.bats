#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# The machine of the exchange is gone. What is left: a copy of its store, its keys sealed in a file,
# and a piece of paper. On another machine each comes back with one command.

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	pki=$build/certs/daftar-pki hub=realm/parties/DAFTAR.HUB
}

teardown() {
	test_over
}

daftard() { "$build/broker/daftard" -c "$home/broker/daftard.conf" "$@"; }

# Not the last command of a test: bash forgives a failed `! command'.
not() { if "$@"; then return 1; fi; }

# saved FOLDER FILE: seals its keys; the code that was shown goes to standard output
saved() { "$pki" save-keys "$1" "$2" | grep -E '^  [0-9A-Z-]{41}$' | tr -d ' '; }

case_ends() { # NAME of a case: filed, and followed to its end
	number=$(officer request new --from "$top/tests/data/cases/$1.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null 2>&1
	officer track "$number" --wait --timeout 60 >/dev/null
}

agreed() { ctl reconcile show "$1" >/dev/null; }

accepted() { ctl message show "$1" --json >/dev/null; }

@test "the exchange comes back on another machine from a copy, a sealed file and a piece of paper" {
	realm_make --name demo
	kenya_make
	broker_conf
	mkdir backups
	printf 'backup-dir = "%s/backups"\n' "$home" >>broker/daftard.conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	officer_setup >/dev/null 2>&1
	case_ends hodan
	ctl backup monday >/dev/null
	saved "$hub" carried.keys >paper
	kept=$(ctl status --json | jq .messages)
	endpoint=$(cat broker/endpoint)

	# The machine burns down with everything that was on it but the two that were carried away.
	ended daftard KILL
	mv backups/monday carried.store
	rm -rf "$hub" broker backups

	# Another machine: new settings, the keys, the store.
	broker_conf
	sed -i "s,^listen .*,listen = \"$endpoint\"," broker/daftard.conf
	"$pki" restore-keys carried.keys "$hub" <paper
	run daftard --restore carried.store --check
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"messages=$kept "*damaged=0* ]]
	[ ! -e broker/store ]
	run daftard --restore carried.store
	echo "$output"
	[ "$status" -eq 0 ]
	broker_start
	[ "$(ctl status --json | jq .restored)" = true ]
	# It has compared books with everybody, and takes what is new. (A case of before waits ten minutes
	# more: a consent may have been withdrawn after the copy was made.)
	until_true 60 agreed KE.CRS
	until_true 60 agreed SO.NIRA
	number=$(officer request new --from "$top/tests/data/cases/yuusuf.json" --json | jq -r .tracking)
	officer request file "$number" >/dev/null 2>&1
	until_true 60 accepted "$number"
	[ "$(somalia_entries)" -eq 1 ]
}

@test "a copy is put back whole or not at all, and never over a store" {
	realm_make --name demo
	broker_conf
	broker_start
	officer_setup >/dev/null 2>&1
	number=$(officer request new --from "$top/tests/data/cases/hodan.json" --json | jq -r .tracking)
	officer request file "$number"
	daftard --backup "$home/copy"
	run daftard --restore copy
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"[STATE]"* || "$output" == *"(STATE)"* ]]
	[[ "$output" == *"mv $home/broker/store"* ]]
	ctl status >/dev/null || [ "$?" -eq 1 ]
	ended daftard
	mv broker/store lost

	# One altered octet of what was stored (in each place where a page of before may hold it too).
	cp -r copy bent
	LC_ALL=C sed -i 's,UNHCR.NBO,UNHCR.NBP,g' bent/data.mdb
	run daftard --restore bent
	echo "$output"
	[ "$status" -eq 1 ]
	[ ! -e broker/store ]
	[ ! -e broker/store.restoring ]

	# An attempt that was cut off is no obstacle; an empty folder is none either.
	mkdir broker/store broker/store.restoring
	head -c 5000 copy/data.mdb >broker/store.restoring/data.mdb
	daftard --restore copy
	run daftard --restore nowhere
	[ "$status" -eq 1 ]
	[[ "$output" == *NOT-FOUND* ]]

	# Without its key it is not opened, and no new key is made for it.
	mv "$hub/store.key" away
	rm -rf broker/store
	run daftard --restore copy
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *NO-KEY* ]]
	[ ! -e "$hub/store.key" ]
}

@test "sealed keys open with their own code only, and come back as they were" {
	realm_make --name demo
	saved realm/parties/KE.CRS ke.keys >paper
	saved realm/parties/SO.NIRA so.keys >other
	[ "$(stat -c %a ke.keys)" = 600 ]
	not grep -q PRIVATE ke.keys
	"$pki" restore-keys ke.keys back <paper
	diff -r realm/parties/KE.CRS back
	[ "$(stat -c %a back/sign.key)" = 600 ]

	# Typed by hand: small letters, blanks, a letter for a digit.
	tr 'A-Z01-' 'a-zoi ' <paper >typed
	"$pki" restore-keys ke.keys again <typed
	diff -r back again

	run "$pki" restore-keys ke.keys never <other
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"does not open"* ]]
	[ ! -e never ]

	# One wrong character is told by its group.
	sed -E 's/^(.{12})0/\11/; t; s/^(.{12})./\10/' paper >slip
	run "$pki" restore-keys ke.keys never <slip
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"group 3"* ]]

	# Nothing is written over, neither the file nor a key.
	run "$pki" save-keys realm/parties/KE.CRS ke.keys
	[ "$status" -eq 1 ]
	[[ "$output" == *STATE* ]]
	echo other >back/sign.key
	run "$pki" restore-keys ke.keys back <paper
	[ "$status" -eq 1 ]
	[ "$(cat back/sign.key)" = other ]

	# Altered in any place it does not open.
	for at in 3 20 200 -1; do
		cp ke.keys bent.keys
		size=$(stat -c %s bent.keys)
		printf '\377' | dd of=bent.keys bs=1 seek=$((at < 0 ? size + at : at)) conv=notrunc status=none
		cmp -s bent.keys ke.keys && printf '\0' | dd of=bent.keys bs=1 \
			seek=$((at < 0 ? size + at : at)) conv=notrunc status=none
		run "$pki" restore-keys bent.keys never <paper
		[ "$status" -eq 1 ]
		[ ! -e never ]
	done
	mkdir none
	cp realm/parties/KE.CRS/sign.pem none
	run "$pki" save-keys none all.keys
	[ "$status" -eq 1 ]
	[[ "$output" == *"no private key"* ]]
}
