# shellcheck shell=bash
# SPDX-License-Identifier: EUPL-1.2
#
# What the scenarios of daftar-pki share. Loaded by bats, in a folder of the test's own.

pki="${DAFTAR_BUILD:?the build folder}/certs/daftar-pki"

# Names, modes and content of everything in a folder.
state_of() {
	(cd "$1" && find . -printf '%p %m\n' | sort && find . -type f -print0 | sort -z |
		xargs -0 sha256sum)
}

make_realm() {
	"$pki" realm realm >realm.out
	export operator
	operator=$(sed -n 's/^operator.s fingerprint: //p' realm.out)
}

print_in() { sed -n '$s/^ *//p' "$1"; }

version() { "$pki" show realm/trust.xml | sed -n '1s/.*version //p'; }

# bash forgives a failed `! command' in the middle of a test; this does not.
not() { if "$@"; then return 1; fi; }

# refused WORD COMMAND...: ends with status 1, names the code, says what is safe.
refused() {
	local word=$1
	shift
	run "$@" </dev/null
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"[$word]"* ]]
	[[ "$output" == *"safe: "* ]]
}

# make_request FOLDER: what the office in Addis Ababa does. Sets $print.
make_request() {
	"$pki" request "$1" --party ET.ICS --country ET --role registry \
		--name 'Immigration and Citizenship Service, Ethiopia' >"$1.out" || return
	print=$(print_in "$1.out")
}

enrol() { "$pki" enrol realm --request "$1/request.json" --fingerprint "$print" --answer "$2"; }

accept() { "$pki" accept "$1" --answer "$2" --operator-fingerprint "$operator"; }

# approve WHO...: each of these officers says yes to the draft.
approve() {
	local who
	for who in "$@"; do
		"$pki" approve realm/trust.draft.xml --officer "$who" --yes \
			--operator-fingerprint "$operator" || return
	done
}

# A realm with three officers, of whom two must approve.
make_guarded_realm() {
	make_realm
	"$pki" officer anna --name Anna >/dev/null
	"$pki" officer bene --name Bene >/dev/null
	"$pki" officer carlo --name Carlo >/dev/null
	cp -r realm captured # with the operator's key, before there were officers
	"$pki" officers realm --officer anna/officer.pem --officer bene/officer.pem \
		--officer carlo/officer.pem --approvals 2 >/dev/null
	approve anna bene
	"$pki" publish realm
}
