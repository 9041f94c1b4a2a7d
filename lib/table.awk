# SPDX-License-Identifier: EUPL-1.2
#
# Reads a program's commands.table. With -v form=c the rows for C (commands.inc), and with -v form=man
# the commands and options of its manual page in scdoc. With -v form=asks the rows for C say as well
# what a command asks of a daemon, what to type when it failed, and an example.

function quoted(text)
{
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	gsub(/\n/, "\\n\"\n\t\"", text)
	return "\"" text "\""
}

function constant(name)
{
	gsub(/-/, "_", name)
	return toupper(name)
}

# What the manual's language would obey is meant literally.
function plain(text)
{
	gsub(/[*_<>\\#]/, "\\\\&", text)
	sub(/^[-.[|]/, "\\\\&", text)
	gsub(/\n-/, "\n\\-", text)
	return text
}

function bits(names,    n, part, i, all)
{
	n = split(names, part, " ")
	all = ""
	for (i = 1; i <= n; i++)
		all = all (all == "" ? "" : " | ") "BIT(OPT_" constant(part[i]) ")"
	return all == "" ? "0" : all
}

function end_c()
{
	if (kind == "option")
		printf "OPTION(OPT_%s, \"%s\", %s, N_(%s))\n", constant(name), name,
			value == "" ? "NULL" : quoted(value), quoted(sentence)
	else if (kind == "topic")
		printf "TOPIC(\"%s\", N_(%s), N_(%s))\n", name, quoted(title), quoted(detail)
	else if (kind == "command") {
		printf "COMMAND(\"%s\", %s, %d, %d, %s, %s, %s,\n\tN_(%s), N_(%s),\n\tN_(%s)%s)\n", name,
			quoted(arguments), least, most, bits(required), bits(allowed), run,
			quoted(group), quoted(sentence), quoted(detail), form == "asks" ? asked() : ""
		if (!(run in seen))
			printf "FUNCTION(%s)\n", run
		seen[run] = 1
	}
}

# The verb, what prints its answer, what the arguments are called there; the next step; an example.
function asked()
{
	if (print_by != "NULL" && !(print_by in seen))
		printf "PRINTS(%s)\n", print_by
	seen[print_by] = 1
	return ",\n\t" quoted(verb) ", " print_by ", " quoted(names) ",\n\t" quoted(next_step) ", " \
		quoted(example)
}

# An option's value behind its name; one in brackets may be left out.
function shown(value)
{
	if (value == "")
		return ""
	return value ~ /^\[/ ? plain(value) : " _" value "_"
}

function synopsis(    n, part, i, all)
{
	all = "*" name "*"
	n = split(required, part, " ")
	for (i = 1; i <= n; i++)
		all = all " *--" part[i] "*" shown(values[part[i]])
	n = split(allowed, part, " ")
	for (i = 1; i <= n; i++)
		all = all " [*--" part[i] "*" shown(values[part[i]]) "]"
	return all (arguments == "" ? "" : " " plain(arguments))
}

function paragraphs(text,    n, part, i)
{
	n = split(plain(text), part, "\n")
	for (i = 1; i <= n; i++)
		print part[i] == "" ? "" : "\t" part[i]
}

function option_text(    n, part, i, all)
{
	if (detail == "")
		return "\t" plain(sentence) "\n"
	n = split(plain(detail), part, "\n")
	for (i = 1; i <= n; i++)
		all = all "\t" part[i] "\n"
	return all
}

function end_man()
{
	if (kind == "option") {
		values[name] = value
		man_options = man_options "*--" name "*" shown(value) "\n" option_text() "\n"
	} else if (kind == "command") {
		if (group != man_group)
			print "## " plain(group) "\n"
		man_group = group
		print synopsis()
		print ""
		paragraphs(detail == "" ? sentence "." : detail)
		print ""
		if (example != "")
			print "\t```\n\t$ " example "\n\t```\n"
	}
}

# For C a paragraph is one line, which is folded where it is shown: a long line goes on in the next one.
function add_line(line)
{
	if (form != "man" && length(last) > 66 && line ~ /^[^ ]/ && line !~ /^[0-9]+\. |  /)
		sub(/\n$/, " ", detail)
	detail = detail line "\n"
	last = line
}

function finish()
{
	if (kind != "") {
		sub(/\n+$/, "", detail)
		if (form == "man")
			end_man()
		else
			end_c()
	}
	kind = ""
	last = ""
	name = value = title = arguments = required = allowed = run = sentence = detail = ""
	verb = names = next_step = example = ""
	print_by = "NULL"
	least = most = 0
}

BEGIN { print_by = "NULL" }

/^#/ { next }

/^$/ { finish(); next }

/^\t/ {
	line = substr($0, 2)
	if (kind != "topic" && sentence == "")
		sentence = line
	else
		add_line(line == "." ? "" : line)
	next
}

$1 == "group" { group = substr($0, 7); next }

$1 == "option" { kind = $1; name = $2; value = $3; next }

$1 == "topic" { kind = $1; name = $2; title = substr($0, 8 + length($2)); next }

$1 == "command" { kind = $1; name = substr($0, 9); next }

$1 == "args" { least = $2; most = $3; arguments = substr($0, 8 + length($2) + length($3)); next }

$1 == "opts" {
	for (i = 2; i <= NF; i++)
		if ($i ~ /^\[.*\]$/)
			allowed = allowed (allowed == "" ? "" : " ") substr($i, 2, length($i) - 2)
		else
			required = required (required == "" ? "" : " ") $i
	next
}

$1 == "run" { run = $2; next }

$1 == "ask" {
	verb = $2
	print_by = $3
	names = NF > 3 ? substr($0, 7 + length($2) + length($3)) : ""
	next
}

$1 == "next" { next_step = substr($0, 6); next }

$1 == "example" { example = substr($0, 9); next }

{
	print FILENAME ":" FNR ": not understood: " $0 >"/dev/stderr"
	failed = 1
	exit 1
}

END {
	if (failed)
		exit 1
	finish()
	if (form == "man") {
		print "# OPTIONS\n"
		printf "%s", man_options
	}
}
