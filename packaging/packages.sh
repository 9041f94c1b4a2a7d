# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# Sourced by ./demo and ./check: installs what is missing, after saying what and how much.
# Nothing is fetched when nothing is missing.

# packages_of KIND...: the names that serve one of these kinds
packages_of() {
	local kinds=" $* " name kind
	while read -r name kind; do
		[[ -z $name || $name == \#* ]] && continue
		[[ $kinds == *" $kind "* ]] && printf '%s\n' "$name"
	done <"$top/packaging/packages"
}

# A package counts as there when dpkg says so, or when the command it would bring is on the PATH
# (a machine may have its own node).
package_there() {
	local status
	status=$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)
	[[ $status == "install ok installed" ]] && return 0
	case $1 in
	nodejs) command -v node >/dev/null ;;
	npm | curl | jq) command -v "$1" >/dev/null ;;
	default-jdk-headless) command -v javac >/dev/null ;;
	pkg-config) command -v pkg-config >/dev/null ;;
	*) return 1 ;;
	esac
}

as_root() {
	if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

# packages_need KIND...: makes sure they are there
packages_need() {
	local missing=() name plan
	while read -r name; do
		package_there "$name" || missing+=("$name")
	done < <(packages_of "$@")
	[[ ${#missing[@]} == 0 ]] && return 0
	echo "These Debian packages are missing and will be installed:"
	printf '  %s\n' "${missing[*]}" | fold -s -w 96
	if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
		echo "This user may not install packages. As root: apt-get install ${missing[*]}" >&2
		return 1
	fi
	plan=$(LC_ALL=C apt-get --assume-no --no-install-recommends install "${missing[@]}" 2>/dev/null |
		grep -E '^(Need to get|After this)') || {
		as_root apt-get -qq update || return 1
		plan=$(LC_ALL=C apt-get --assume-no --no-install-recommends install "${missing[@]}" 2>/dev/null |
			grep -E '^(Need to get|After this)')
	}
	printf '%s\n' "${plan:-Their size could not be found out.}"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
		"${missing[@]}" >"$log_folder/apt.log" 2>&1 && return 0
	echo "apt-get failed; the end of its log ($log_folder/apt.log):" >&2
	tail -n 20 "$log_folder/apt.log" >&2
	return 1
}
