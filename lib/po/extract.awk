# SPDX-License-Identifier: EUPL-1.2
#
# Reads C and finds the texts that people see: what is marked with _("..."), N_("...") or ngettext,
# the formats and sentences that say, note, fail and their like are given, and texts that have a name
# (#define NOTHING "...") where they are used; in files of lib/ every sentence. Writes them as C that xgettext reads whole, FORMAT("...") or TEXT("...");
# with -v form=missed instead every text that looks like a sentence and was found by none of these.

BEGIN {
	said["blame"] = said["say"] = said["note"] = said["say_prompt"] = said["usage"] = said["say_fact"] = " 1 "
	said["fail"] = " 2 3 4 "
	said["stopped_fail"] = " 3 "
	said["ledger_note"] = " 3 "
	said["found"] = " 2 3 "
	said["say_step"] = said["failed"] = said["check_fail"] = said["progress_open"] = " 2 "
	said["_"] = said["N_"] = " 1 "
	one_at["ngettext"] = 1
	one_at["p_count"] = 3
	one_at["put_counted"] = 4
	said["ERR"] = " 4 "
	said["DIFFERENCE"] = " 4 "
	said["ALERT_RULE"] = " 6 7 "
	said["CODE"] = " 3 "
	n = split("log_message log_line log_event log_open assert die json_pack json_unpack json_unpack_ex" \
		" ledger_note strcmp strstr xml_find put_asset http_stream_send bytes_of p_raw p_numbers column put_point buf_text buf_printf ACT SCREEN open_time put_asset http_stream_send", part, " ")
	for (i = 1; i <= n; i++)
		silent[part[i]] = 1
	depth = 0
}

# A letter or two beside what printf replaces, and not only the program's name.
function has_words(text)
{
	gsub(/\\[nt"\\]/, " ", text)
	gsub(/%%/, " ", text)
	gsub(/%[-+ #0]*[0-9*]*(\.[0-9*]+)?[hlzj]*[diouxXcsp]/, " ", text)
	gsub(/daftar/, " ", text)
	return text ~ /[A-Za-z][A-Za-z]/
}

function is_format(text)
{
	gsub(/%%/, "", text)
	return text ~ /%[-+#0]*[0-9*]*(\.[0-9*]+)?[hlzj]*[diouxXcsp]/
}

function is_sentence(text)
{
	gsub(/\\[nt"\\]/, " ", text)
	return text ~ /[a-z][a-z]+,? [a-z][a-z]+/ || text ~ /^[A-Z][a-z]+ [a-z]+ /
}

function end_text(    call, place)
{
	if (!in_text)
		return
	in_text = 0
	if (defining != "") {
		texts[defining] = text
		text = ""
		return
	}
	call = name[depth]
	place = arg[depth]
	if (call in one_at) {
		if (place == one_at[call])
			one = text
		else if (place == one_at[call] + 1 && form != "missed")
			printf "ngettext(\"%s\", \"%s\", n);\n", one, text
	} else if (index(said[call], " " place " ") > 0 || \
		(all && is_sentence(text) && !(call in silent))) {
		if (has_words(text) && form != "missed")
			printf "%s(\"%s\");\n", is_format(text) ? "FORMAT" : "TEXT", text
	} else if (form == "missed" && is_sentence(text) && !(call in silent) && !is_setting[depth] && \
		text !~ /^daftar |daftar completion next/ && FILENAME != "-")
		printf "%s:%d: %s\n", FILENAME, FNR, text
	text = ""
}

function word(w)
{
	if (w in texts) {
		text = text texts[w]
		in_text = 1
		return
	}
	end_text()
	if (w ~ /^SET_/)
		is_setting[depth] = 1
	last = w
}

function sign(c)
{
	if (c == "\"")
		return
	end_text()
	if (c == "(" || c == "{" || c == "[") {
		depth++
		name[depth] = c == "(" ? last : c
		arg[depth] = 1
		is_setting[depth] = 0
	} else if (c == ")" || c == "}" || c == "]") {
		if (depth > 0)
			depth--
	} else if (c == "," && depth > 0)
		arg[depth]++
	last = ""
}

FNR == 1 {
	end_text()
	depth = in_comment = 0
	defining = ""
	all = FILENAME ~ /^lib\//
	if (!was_header)
		delete texts
	was_header = FILENAME ~ /\.h$/
}

{
	row = $0
	if (!in_comment && row ~ /^[ \t]*#/) {
		if (row !~ /^#define [A-Z_0-9]+ +\\?$/ && row !~ /^#define [A-Z_0-9]+ +"/) {
			if (row !~ /^#define [A-Z_0-9]+ .*N_\(/)
				next
			sub(/^#define [A-Z_0-9]+/, "", row)
		} else {
			end_text()
			match(row, /^#define [A-Z_0-9]+/)
			defining = substr(row, 9, RLENGTH - 8)
			row = substr(row, RLENGTH + 1)
		}
	}
	goes_on = row ~ /\\$/
	while (row != "") {
		if (in_comment) {
			if (!match(row, /\*\//))
				break
			row = substr(row, RSTART + 2)
			in_comment = 0
			continue
		}
		if (!match(row, /"([^"\\]|\\.)*"|'([^'\\]|\\.)+'|\/\*|\/\/|[A-Za-z_][A-Za-z_0-9]*|[^ \t]/))
			break
		token = substr(row, RSTART, RLENGTH)
		row = substr(row, RSTART + RLENGTH)
		if (token == "/*")
			in_comment = 1
		else if (token == "//")
			break
		else if (token ~ /^"./) {
			text = text substr(token, 2, length(token) - 2)
			in_text = 1
		} else if (token ~ /^[A-Za-z_]/)
			word(token)
		else if (token != "\\")
			sign(token)
	}
	if (defining != "" && !goes_on) {
		end_text()
		defining = ""
	}
}
