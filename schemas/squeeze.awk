# SPDX-License-Identifier: EUPL-1.2
#
# The dictionary of lib/squeeze.c as the body of a C string:
#	LC_ALL=C awk -f schemas/squeeze.awk schemas/squeeze-1.txt > lib/squeeze_1.def
# The last line feed of the file is not part of it.
function emit(text, i, part) {
	for (i = 1; i <= length(text); i += 88) {
		part = substr(text, i, 88)
		gsub(/\\/, "\\\\", part)
		gsub(/"/, "\\\"", part)
		gsub(/\?/, "\\?", part)
		print "\"" part "\""
	}
}
BEGIN {
	print "/* SPDX-License-Identifier: EUPL-1.2"
	print " * Made by schemas/squeeze.awk from schemas/squeeze-1.txt. */"
}
NR > 1 { print "\"\\n\"" }
{ emit($0) }
