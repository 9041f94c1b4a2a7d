# SPDX-License-Identifier: EUPL-1.2
#
# The code lists are written once, in codes.csv; the two forms in which programs meet them are made
# from it and checked in, and a test compares them:
#
#	awk -v form=xsd -f codes.awk codes.csv > codes.xsd
#	awk -v form=def -f codes.awk codes.csv > ../lib/codes.def
#
# A sentence holds no comma and no quote, so that a line is split at its commas.

function camel(list,    n, part, i, word)
{
	n = split(list, part, "-")
	word = ""
	for (i = 1; i <= n; i++)
		word = word toupper(substr(part[i], 1, 1)) substr(part[i], 2)
	return word "Code"
}

function close_list()
{
	if (last != "" && form == "xsd")
		print "\t\t</xs:restriction>\n\t</xs:simpleType>"
}

BEGIN {
	FS = ","
	made = "made from schemas/codes.csv by schemas/codes.awk; do not edit"
	if (form == "xsd") {
		print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		print "<!-- SPDX-License-Identifier: EUPL-1.2"
		print "     The closed lists of codes as enumerations, " made ". -->"
		print "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\""
		print "\ttargetNamespace=\"urn:daftar:types:1\" elementFormDefault=\"qualified\">"
	} else {
		print "/* SPDX-License-Identifier: EUPL-1.2"
		print " * CODE(list, code, sentence), " made ". */"
	}
}

NR == 1 { next }

NF != 3 || /["<&]/ {
	print "codes.csv:" NR ": not three plain fields" > "/dev/stderr"
	failed = 1
	exit 1
}

$1 != last {
	close_list()
	if (form == "xsd") {
		print "\t<xs:simpleType name=\"" camel($1) "\">"
		print "\t\t<xs:restriction base=\"xs:string\">"
	}
	last = $1
}

form == "xsd" { print "\t\t\t<xs:enumeration value=\"" $2 "\"/>" }
form == "def" { print "CODE(\"" $1 "\", \"" $2 "\", \"" $3 "\")" }

END {
	if (!failed) {
		close_list()
		if (form == "xsd")
			print "</xs:schema>"
	}
}
