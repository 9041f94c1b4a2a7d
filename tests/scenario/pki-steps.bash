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
