# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# Sourced by ./demo and ./check, which set $top (the source tree) and $log_folder: installs what is
# missing, after saying what and how much, and builds. Nothing is fetched when nothing is missing.

# Both are the caller's.
: "${top:?}" "${log_folder:?}"

# packages_of KIND...: the names that serve one of these kinds
packages_of() {
	local kinds=" $* " name kind
	while read -r name kind; do
		[[ -z $name || $name == \#* ]] && continue
		[[ $kinds == *" $kind "* ]] && printf '%s\n' "$name"
	done <"$top/packaging/packages"
	return 0
}

# A package counts as there when dpkg says so, or when the command it would bring is on the PATH
# (a machine may have its own node).
package_there() {
	[[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == "install ok installed" ]] && return 0
	case $1 in
	nodejs) command -v node >/dev/null ;;
	default-jdk-headless) command -v javac >/dev/null ;;
	npm | curl | jq | pkg-config) command -v "$1" >/dev/null ;;
	*) return 1 ;;
	esac
}

as_root() {
	if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

# packages_size NAME...: apt's own two lines about download and disk
packages_size() {
	LC_ALL=C apt-get --assume-no --no-install-recommends install "$@" 2>/dev/null |
		grep -E '^(Need to get|After this)'
}

# packages_need KIND...: makes sure they are there
packages_need() {
	local missing=() name plan
	while read -r name; do
		package_there "$name" || missing+=("$name")
	done < <(packages_of "$@")
	[[ ${#missing[@]} == 0 ]] && return 0
	echo "These Debian packages are missing and will be installed:"
	printf '%s\n' "${missing[*]}" | fold -s -w 92 | sed 's/^/  /'
	if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
		echo "This user may not install packages. As root: apt-get install ${missing[*]}" >&2
		return 1
	fi
	as_root apt-get -qq update >"$log_folder/apt.log" 2>&1 ||
		echo "  (the package lists could not be brought up to date; going on with the old ones)"
	plan=$(packages_size "${missing[@]}")
	printf '%s\n' "${plan:-Their size is not known.}" | sed 's/^/  /'
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
		"${missing[@]}" >>"$log_folder/apt.log" 2>&1 && return 0
	echo "apt-get failed; the end of its log ($log_folder/apt.log):" >&2
	tail -n 20 "$log_folder/apt.log" >&2
	return 1
}

# The configure script is made anew when anything it is made from is newer.
configure_is_old() {
	[[ -x $top/configure && -e $top/Makefile.in ]] || return 0
	[[ -n $(find "$top" -maxdepth 2 \( -name configure.ac -o -name Makefile.am -o -name local.mk \) \
		-newer "$top/Makefile.in" -print -quit) ]]
}

# build_in FOLDER CONFIGURE-OPTION...: quiet; on failure the last lines of the log and its name.
# The folder is configured again when the options or the configure script have changed.
build_in() {
	local folder=$1 log
	shift
	mkdir -p "$folder"
	log=$folder/build.log
	if {
		configure_is_old && (cd "$top" && autoreconf -i)
		if [[ ! -e $folder/Makefile || $top/configure -nt $folder/config.status ||
			$(cat "$folder/options" 2>/dev/null) != "$*" ]]; then
			printf '%s\n' "$*" >"$folder/options"
			(cd "$folder" && "$top/configure" "$@")
		fi && make -C "$folder" -j"$(nproc)" all
	} >"$log" 2>&1; then
		return 0
	fi
	echo "The build failed; the end of its log ($log):" >&2
	tail -n 20 "$log" >&2
	return 1
}
