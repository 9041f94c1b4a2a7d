# SPDX-License-Identifier: EUPL-1.2
#
# doc/OPERATIONS.md as C: a row RUNBOOK(names, title, html) for each part that begins with `## '. A
# part is found by the words before the colon of its title ("## silence: a registry is silent"), else
# by its title with dashes between, and by the names of <a id="NAME"></a> before it, each on a line of
# its own. Of Markdown it knows what that file uses: headings,
# paragraphs, lists, tables, code.

function escape(s)
{
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	gsub(/"/, "\\&quot;", s)
	return s
}

# Code first: nothing in it is anything else.
function inline(s,    out, part, n, i)
{
	n = split(s, part, "`")
	for (i = 1; i <= n; i++) {
		part[i] = escape(part[i])
		if (i % 2 == 0 && i < n) {
			# An option is not broken after its dashes.
			gsub(/--[a-z][a-z-]*/, "<span>&</span>", part[i])
			out = out "<code>" part[i] "</code>"
			continue
		}
		while (match(part[i], /\*\*[^*]+\*\*/))
			part[i] = substr(part[i], 1, RSTART - 1) "<strong>" substr(part[i], RSTART + 2, RLENGTH - 4) \
				"</strong>" substr(part[i], RSTART + RLENGTH)
		while (match(part[i], /\*[^* ][^*]*\*/))
			part[i] = substr(part[i], 1, RSTART - 1) "<em>" substr(part[i], RSTART + 1, RLENGTH - 2) \
				"</em>" substr(part[i], RSTART + RLENGTH)
		while (match(part[i], /\[[^\]]+\]\([^)]*\)/)) {
			link = substr(part[i], RSTART + 1, RLENGTH - 2)
			sub(/\]\(.*/, "", link)
			part[i] = substr(part[i], 1, RSTART - 1) link substr(part[i], RSTART + RLENGTH)
		}
		out = out part[i]
	}
	return out
}

function slug(s)
{
	s = tolower(s)
	gsub(/[^a-z0-9 -]/, "", s)
	gsub(/ +/, "-", s)
	return s
}

function text_in_c(s)
{
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	gsub(/\n/, "\\n", s)
	return s
}

# "silence, away: a registry is silent" is found by its words.
function take_title(all)
{
	title = all
	names = slug(all)
	if (match(all, /^[a-z0-9-]+(, [a-z0-9-]+)*: /)) {
		names = substr(all, 1, RLENGTH - 2)
		gsub(/, /, " ", names)
		title = toupper(substr(all, RLENGTH + 1, 1)) substr(all, RLENGTH + 2)
	}
	names = names waiting
	waiting = ""
}

function close_block()
{
	if (block == "p")
		html = html "<p>" inline(held) "</p>\n"
	else if (block == "ul" || block == "ol")
		html = html "<" block "><li>" inline(held) "</li></" block ">\n"
	else if (block == "pre")
		html = html "</code></pre>\n"
	else if (block == "table")
		html = html "</tbody></table></div>\n"
	block = held = ""
}

function begin_block(kind, words)
{
	close_block()
	block = kind
	held = words
}

function next_item(words)
{
	html = html "<" block "><li>" inline(held) "</li></" block ">\n"
	held = words
}

# One list is made of items that follow each other; ends and beginnings between them go.
function put_part()
{
	close_block()
	if (title == "")
		return
	gsub(/<\/ul>\n<ul>/, "", html)
	gsub(/<\/ol>\n<ol>/, "", html)
	printf "RUNBOOK(\"%s\", \"%s\",\n\t\"%s\")\n", names, text_in_c(title), text_in_c(html)
	html = ""
}

function table_row(row,    cell, n, i, tag)
{
	gsub(/^\| *| *\|$/, "", row)
	n = split(row, cell, / *\| */)
	tag = block == "table" ? "td" : "th scope=\"col\""
	out = "<tr>"
	for (i = 1; i <= n; i++)
		out = out "<" tag ">" inline(cell[i]) "</" (tag == "td" ? "td" : "th") ">"
	out = out "</tr>"
	if (block == "table")
		html = html out
	else {
		begin_block("table", "")
		html = html "<div class=\"wide\" tabindex=\"0\"><table><thead>" out "</thead><tbody>"
	}
}

BEGIN {
	print "/* SPDX-License-Identifier: EUPL-1.2"
	print " * Made by dashboard/help.awk of doc/OPERATIONS.md. */"
}
/^<a id="[a-z0-9-]+"><\/a>$/ {
	gsub(/<a id="|"><\/a>/, "")
	waiting = waiting " " $0
	next
}
/^## / {
	put_part()
	take_title(substr($0, 4))
	next
}
title == "" { next }
/^```/ {
	if (block == "pre")
		close_block()
	else {
		begin_block("pre", "")
		html = html "<pre tabindex=\"0\"><code>"
		fenced = 1
	}
	next
}
block == "pre" && (fenced || /^(    |\t)/) { sub(/^(    |\t)/, ""); html = html escape($0) "\n"; next }
/^(    |\t)/ && block == "" {
	begin_block("pre", "")
	fenced = 0
	sub(/^(    |\t)/, "")
	html = html "<pre tabindex=\"0\"><code>" escape($0) "\n"
	next
}
/^$/ { if (block != "pre" || !fenced) close_block(); next }
/^# / { close_block(); next }
/^### / { close_block(); html = html "<h3>" inline(substr($0, 5)) "</h3>\n"; next }
/^\|[ -]*---/ { next }
/^\|/ { table_row($0); next }
/^[0-9]+\. / { sub(/^[0-9]+\. /, ""); if (block == "ol") next_item($0); else begin_block("ol", $0); next }
/^[-*] / { sub(/^[-*] /, ""); if (block == "ul") next_item($0); else begin_block("ul", $0); next }
{
	sub(/^ +/, "")
	if (block == "" || block == "table" || block == "pre")
		begin_block("p", $0)
	else
		held = held " " $0
}
END { put_part() }
