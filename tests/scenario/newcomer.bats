#!/usr/bin/env bats
# SPDX-License-Identifier: EUPL-1.2
#
# Somebody who has README.md, `daftar help' and the screens, and nothing else: sets up an office,
# asks for a case, files it, follows it to its end, prints the answer, and takes another case back in
# time. Once in French, once in Arabic, typed at a shell on a terminal, against a real exchange and
# two real registries. What was on the screen is kept, as asciicast, in DAFTAR_RECORDS (records in the
# build folder).

bats_require_minimum_version 1.5.0

setup() {
	: "${DAFTAR_BUILD:?the build folder}"
	export LSAN_OPTIONS="suppressions=$DAFTAR_TESTS/lsan.supp:print_suppressions=0"
	terminal="$DAFTAR_BUILD/tests/tools/terminal"
	[ -x "$terminal" ] || skip "libvterm is not here"
	top=$(cd "$DAFTAR_TESTS/.." && pwd) build=$DAFTAR_BUILD home=$BATS_TEST_TMPDIR
	# shellcheck source=packaging/realm.sh
	. "$top/packaging/realm.sh"
	cd "$home" || exit
	realm_make
	kenya_make
	broker_conf
	broker_start
	kenya_conf automatic
	somalia_conf automatic
	adapter_start KE.CRS
	adapter_start SO.NIRA
	records=${DAFTAR_RECORDS:-$DAFTAR_BUILD/records}
	mkdir -p "$records" "$home/me"
	# what the operator of the realm has handed over, and the form that was signed
	cp -r realm/parties/UNHCR.NBO me/keys
	cp realm/operator.pem realm/trust.xml me
	printf '%%PDF-1.4 a signed form' >me/form.pdf
	fingerprint=$(openssl x509 -in realm/operator.pem -noout -fingerprint -sha256 | tr -d : |
		tr A-F a-f | tail -c 5)
	unset "${!LC_@}" LANGUAGE XDG_CONFIG_HOME "${!DAFTAR_HOME@}" DAFTAR_LANG DAFTAR_CONTEXT DAFTAR_BIDI
	export HOME="$home/me" LANG=C.UTF-8 PS1='$ ' PATH="$DAFTAR_BUILD/liaison:$PATH"
	cd me || exit
}

teardown() {
	test_over
}

# at_shell NAME: what is typed at a shell of the newcomer's is standard input
at_shell() {
	{
		sed 's/^line daftar/next $\n&/'
		printf 'next $\nline exit\nends 0\n'
	} | "$terminal" --size 80x24 --timeout 20 --record "$records/newcomer-$1.cast" \
		bash --norc --noprofile
}

# types ASKED|SAID..: an answer to each question; nothing said is Enter
types() {
	local row
	for row; do
		printf 'next %s\n' "${row%%|*}"
		if [[ -n ${row#*|} ]]; then printf 'line %s\n' "${row#*|}"; else printf 'key Enter\n'; fi
	done
}

# newest: the number of the case that was begun last
newest() { daftar list --json | jq -rs 'sort_by(.since)[-1].tracking'; }

# is_set_up LANGUAGE: the wizard of setup in this language, its first question being for it
is_set_up() {
	local choice=$1
	shift
	{
		printf 'line daftar setup\nnext Language\nline %s\n' "$choice"
		types "$1|~/keys" "$2|~/operator.pem" "$3|$fingerprint" "$4|~/trust.xml" \
			"$5|$endpoint"
		printf 'next DAFTAR.HUB\nnext daftar request new\n'
	} | at_shell "$language-1-setup"
}

# paper_says FILE TEXT..: the sheet can be read by people and by a reader of codes
paper_says() {
	local text=$1.txt
	pdftotext -layout "$1" "$text"
	for word in "${@:2}"; do
		grep -qF "$word" "$text" || { cat "$text" && return 1; }
	done
	pdftoppm -r 150 -f 1 -l 1 -png "$1" page
	code=$(zbarimg --quiet --raw page-1.png 2>/dev/null)
	[[ $code == DFT1:* ]]
	daftar verify "$code"
}

@test "in French: from setup to the paper, and a case taken back in time" {
	language=fr
	is_set_up 2 "Répertoire des clés" "certificat de l'opérateur" "tapez le dernier groupe" \
		"liste de confiance" "plateforme écoute"
	{
		printf 'line daftar help\nnext Chaque jour\nnext daftar help start\n'
		printf 'line daftar request new\n'
		types "Que faut-il faire|" "tient l'acte|1" "doit transcrire|1" "craint-il|non" \
			"Qui le demande|2" "urgent|" "Numéro de l'acte|0412873920" \
			"a dressé l'acte|Nairobi East" "Donner aussi|oui" "langue sont les noms|so" \
			"Nom complet de la personne|Hodan Abdi Warsame" "chaque mot du nom|1" \
			"d'autres lettres|هودن عبدي ورسمه" "de cette graphie|1" "quel calendrier|2" \
			"Date de naissance|30 Yekatit 2016" "Est-ce la date|oui" "connaît-on la date|1" \
			"Lieu de naissance|Pumwani Maternity Hospital, Nairobi" "quel pays|" \
			"de ces lieux|3" "Nom complet de la mère|" "Nom complet du père|" \
			"Quels documents|" "données de qui|" "Qui le donne|" "quel titre|" \
			"Quelle part|" "quelle langue cela|so" "interprète|" "risques ont-ils|oui" \
			"ne coûte rien|oui" "Quel jour|" "quel jour vaut|" "peut-elle le retirer|" \
			"formulaire signé|form.pdf" "recueilli le consentement|NBO-0417" \
			"consulté|" "quelle loi repose|Accord tripartite" "tel qu'il sera gardé|"
		printf 'next Gardé comme brouillon\nnext ensuite : daftar request file DFT-\n'
	} | at_shell fr-2-request
	first=$(newest)
	at_shell fr-3-follow <<-.
		line daftar request file $first
		next ensuite : daftar track $first --wait
		line daftar track $first --wait
		next SO.NIRA a transcrit l'acte
		next imprimez-le pour la famille : daftar request print $first
		line daftar request print $first
		next Il contient des données personnelles
		line daftar request print $first request
		next ensuite : daftar track $first
		line daftar inbox
		next Terminés
		next transcrite
		line daftar list
		next transcrite
	.
	[ "$(somalia_entries)" -eq 1 ]
	paper_says "$first-outcome.pdf" "$first" SO-TR-000001 "Hodan Abdi Warsame" "Décision"
	# the second one: by its number alone; Somalia is off line
	ended SO.NIRA
	{
		printf 'line daftar request new\n'
		types "Que faut-il faire|" "tient l'acte|1" "doit transcrire|1" "craint-il|non" \
			"Qui le demande|3" "urgent|" "Numéro de l'acte|0421550318" \
			"a dressé l'acte|Garissa" "Donner aussi|non" "Quels documents|" \
			"Sur quel consentement|1" "données de qui|" "Qui le donne|" "quel titre|" \
			"Quelle part|" "quelle langue cela|so" "interprète|" "risques ont-ils|oui" \
			"ne coûte rien|oui" "Quel jour|" "quel jour vaut|" "peut-elle le retirer|" \
			"formulaire signé|form.pdf" "recueilli le consentement|" \
			"consulté|" "quelle loi repose|" "tel qu'il sera gardé|"
		printf 'next Gardé comme brouillon\n'
	} | at_shell fr-4-second
	second=$(newest)
	[ "$second" != "$first" ]
	at_shell fr-5-withdraw <<-.
		line daftar request file $second
		next ensuite : daftar track $second --wait
		line daftar track $second --wait=handled
		next SO.NIRA doit transcrire l'acte
		line daftar consent withdraw $second
		next $second retirée
		line daftar track $second
		next retiré
	.
	adapter_start SO.NIRA
	at_shell fr-6-end <<-.
		line daftar consent withdraw $second --wait
		next à temps
		line daftar list
		next retirée
	.
	[ "$(somalia_entries)" -eq 1 ]
}

@test "in Arabic: from setup to the paper, and a case taken back in time" {
	export VTE_VERSION=7006 # a terminal that orders right-to-left text itself
	language="ar"
	is_set_up 3 "مجلد مفاتيح" "ملف شهادة مشغّل" "وعندما تتطابق" "قائمة الثقة للنطاق" \
		"عنوان المنصة"
	{
		printf 'line daftar help\nnext كل يوم\nnext daftar help start\n'
		printf 'line daftar request new\n'
		types "ما المطلوب عمله|" "عنده القيد|1" "ينقل قيد الميلاد|1" "يخشى الشخص|لا" \
			"الذي يطلب ذلك|2" "عاجل|" "رقم القيد في السجل|0412873920" \
			"حرر القيد|Nairobi East" "يُعطى الاسم|نعم" "بأي لغة الأسماء|ar" \
			"الاسم الكامل لصاحب الميلاد|هودن عبدي ورسمه" "كل كلمة من الاسم|1" \
			"بحروف أخرى|Hodan Abdi Warsame" "كل كلمة منه|1" "بأي تقويم|5" \
			"تاريخ الميلاد كما|28 شعبان 1445" "هل هذا هو التاريخ|نعم" "كيف عُرف التاريخ|1" \
			"مكان الميلاد|Pumwani Maternity Hospital, Nairobi" "في أي بلد|" \
			"هذه الأماكن|3" "الاسم الكامل للأم|" "الاسم الكامل للأب|" \
			"ما الوثائق|" "بيانات من|" "من يعطيها|" "بأي صفة|" "كم من القيد|" \
			"بأي لغة شُرح|so" "المترجم الشفوي|" "شُرحت المخاطر|نعم" "الرفض لا يكلف|نعم" \
			"في أي يوم أُعطيت|" "حتى أي يوم|" "أن يسحبها|" "للنموذج الموقّع|form.pdf" \
			"الذي أخذ الموافقة|NBO-0417" "سُئل الطفل|" "تستند الحالة|الاتفاق الثلاثي" \
			"كما ستُحفظ|"
		printf 'next حُفظت كمسودة\nnext التالي: daftar request file DFT-\n'
	} | at_shell ar-2-request
	first=$(newest)
	at_shell ar-3-follow <<-.
		line daftar request file $first
		next التالي: daftar track $first --wait
		line daftar track $first --wait
		next نقل القيد
		next اطبعها للأسرة: daftar request print $first
		line daftar request print $first
		next فيه بيانات شخصية
		line daftar inbox
		next ما انتهى
		next نُقل قيده
		line daftar list
		next نُقل قيده
	.
	[ "$(somalia_entries)" -eq 1 ]
	paper_says "$first-outcome.pdf" "$first" SO-TR-000001 "Hodan Abdi Warsame"
	# the second one: by its number alone; Somalia is off line
	ended SO.NIRA
	{
		printf 'line daftar request new\n'
		types "ما المطلوب عمله|" "عنده القيد|1" "ينقل قيد الميلاد|1" "يخشى الشخص|لا" \
			"الذي يطلب ذلك|3" "عاجل|" "رقم القيد في السجل|0421550318" \
			"حرر القيد|Garissa" "يُعطى الاسم|لا" "ما الوثائق|" "أي موافقة|1" \
			"بيانات من|" "من يعطيها|" "بأي صفة|" "كم من القيد|" "بأي لغة شُرح|so" \
			"المترجم الشفوي|" "شُرحت المخاطر|نعم" "الرفض لا يكلف|نعم" \
			"في أي يوم أُعطيت|" "حتى أي يوم|" "أن يسحبها|" "للنموذج الموقّع|form.pdf" \
			"الذي أخذ الموافقة|" "سُئل الطفل|" "تستند الحالة|" "كما ستُحفظ|"
		printf 'next حُفظت كمسودة\n'
	} | at_shell ar-4-second
	second=$(newest)
	[ "$second" != "$first" ]
	at_shell ar-5-withdraw <<-.
		line daftar request file $second
		next التالي: daftar track $second --wait
		line daftar track $second --wait=handled
		next عليه أن ينقل القيد
		line daftar consent withdraw $second
		next $second
		next مسحوب
		line daftar track $second
		next سُحبت الموافقة
	.
	adapter_start SO.NIRA
	at_shell ar-6-end <<-.
		line daftar consent withdraw $second --wait
		next في الوقت المناسب
		line daftar list
		next مسحوب
	.
	[ "$(somalia_entries)" -eq 1 ]
}
