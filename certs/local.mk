bin_PROGRAMS += certs/daftar-pki
certs_daftar_pki_SOURCES = \
	certs/accept.c certs/agree.c certs/approve.c certs/changes.c certs/changes.h certs/crl.c \
	certs/draft_keys.c certs/draft_parts.h certs/enrol.c certs/enrol.h certs/issue.c \
	certs/issue.h certs/issue_crl.c certs/join.c certs/join.h certs/officers.c \
	certs/officers.h certs/own_keys.c certs/own_keys.h certs/pair.c certs/pki.c certs/pki.h \
	certs/pki_main.c certs/place.c certs/place.h certs/publish.c certs/realm.c certs/realm.h \
	certs/realm_make.c certs/request.c certs/roll.c certs/show.c certs/trust_write.c \
	certs/trust_write.h
certs_daftar_pki_SOURCES += certs/draft_terms.c certs/profile.c
certs_daftar_pki_SOURCES += certs/keys.c certs/recovery_code.c certs/recovery_code.h
