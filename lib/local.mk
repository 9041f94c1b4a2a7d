noinst_LIBRARIES += lib/libdaftar.a

lib_libdaftar_a_SOURCES = \
	lib/action.def lib/admission.c lib/admission.h lib/at_rest.c lib/at_rest.h \
	lib/base.c lib/base.h lib/bodykey.c lib/bodykey.h lib/book.c lib/book.h \
	lib/buf.c lib/buf.h lib/bundle.c lib/bundle.h lib/bundle_file.c \
	lib/bundle_peer.c lib/bundle_peer.h lib/channel.c lib/channel.h lib/checkpoint.c \
	lib/child.c lib/child.h lib/closing.c lib/closing.h lib/codes.c lib/codes.def \
	lib/conf.c lib/conf.h lib/consent_token.c lib/consent_token.h \
	lib/consent_token_parts.h lib/consent_token_verify.c lib/control.c lib/control.h \
	lib/control_client.c lib/csv.c lib/csv.h lib/decrypt.c lib/difference.c \
	lib/difference.def lib/difference.h lib/encrypt.c lib/encrypt.h lib/err.c \
	lib/err.def lib/err.h lib/evpsig.c lib/evpsig.h lib/examine.c lib/examine.h \
	lib/examiner.c lib/examiner.h lib/extract_fields.c lib/extract_fields.h \
	lib/file.c lib/file.h lib/header.c lib/header.h lib/heads.h lib/id.c lib/id.h lib/json_text.c lib/json_text.h lib/keyring.c \
	lib/keyring.h lib/keyring_chain.c lib/lang.c lib/lang.h lib/link.c lib/link.h \
	lib/literal.h lib/log.c lib/log.h lib/loghead.c lib/loghead.h \
	lib/loghead_spool.c lib/mac.c lib/mac.h lib/merkle.c lib/merkle.h lib/message.c \
	lib/message.h lib/negentropy.c lib/negentropy.h lib/note.c lib/note.h \
	lib/obeyed.c lib/obeyed.h lib/parcel.c lib/parcel.h lib/protect.c lib/protect.h \
	lib/protect_age.c lib/protect_clear.c lib/receipt.c lib/receipt.h lib/recon.c \
	lib/recon.h lib/record.c lib/record.h lib/record_attachment.c \
	lib/record_cancellation.c lib/record_extract.c lib/record_outcome.c \
	lib/record_part.c lib/record_part.h lib/record_query.c lib/record_request.c \
	lib/record_request.h lib/record_rule.c lib/record_rule.def lib/record_rule.h \
	lib/request_json.c lib/request_read.c lib/request_read.h lib/revocation.c \
	lib/revocation.h lib/revocation_crl.c lib/revocation_ocsp.c \
	lib/revocation_parts.h lib/sandbox.c lib/sandbox.h lib/seal.c lib/seal.h \
	lib/seal_bytes.c lib/seal_parts.h lib/seal_shape.c lib/seal_write.c \
	lib/secrets.c lib/secrets.h lib/signature.c lib/signature.h lib/spool.c \
	lib/spool.h lib/spool_back.c lib/spool_backup.c lib/spool_book.c \
	lib/spool_case.c lib/spool_fact.c lib/spool_grow.c lib/spool_in.c \
	lib/spool_keep.c lib/spool_lmdb.h lib/spool_mac.c lib/spool_mend.c \
	lib/spool_out.c lib/spool_record.c lib/spool_scrub.c lib/spool_share.c \
	lib/spool_txn.c lib/spool_upgrade.c lib/squeeze.c lib/squeeze.h \
	lib/squeeze_1.def lib/stage.def lib/talk.c lib/talk.h lib/talk_alarm.c \
	lib/talk_book.c lib/talk_closing.c lib/talk_flight.c lib/talk_hear.c \
	lib/talk_judge.c lib/talk_ledger.c lib/talk_log.c lib/talk_parts.h \
	lib/talk_recon.c lib/talk_recon.h lib/talk_revocation.c lib/talk_take.c \
	lib/thin.c lib/thin.h lib/token.c lib/token.h lib/token_evp.c lib/token_parts.h \
	lib/transport.c lib/transport.h lib/transport_crowd.c lib/transport_crowd.h \
	lib/transport_gate.c lib/transport_gate_parts.h lib/transport_lines.c \
	lib/transport_lines.h lib/transport_lines_parts.h lib/transport_look.c \
	lib/transport_octets.c lib/transport_octets.h lib/transport_peer.c \
	lib/transport_thin.c lib/transport_thin.h lib/transport_zap.c \
	lib/transport_zmq.h lib/trust.c lib/trust.h lib/trust_allows.c lib/trust_check.c \
	lib/trust_expiry.c lib/trust_officers.c lib/trust_parse.c lib/trust_parts.h \
	lib/verb.def lib/verdict.c lib/wire.c lib/wire.h \
	lib/words.c lib/xml.c lib/xml.h lib/xml_scan.c lib/xml_write.c

# Dates, names and identifiers of civil registers, on ICU: for the officer's tool and the adapters,
# never for the exchange.
noinst_LIBRARIES += lib/libcivil.a
lib_libcivil_a_SOURCES = \
	lib/calendar.c lib/calendar.h lib/calendar_icu.c lib/calendar_parts.h \
	lib/calendar_text.c lib/date_check.c lib/date_edtf.c lib/date_parts.h \
	lib/date_said.c lib/date_said.h lib/date_span.c lib/date_word.def \
	lib/date_words.c lib/identifier.c lib/identifier.h lib/identifier_check.c \
	lib/identifier_parts.h lib/identifier_scheme.def lib/month.def lib/name_family.c \
	lib/name_family.def lib/name_family.h lib/name_key.c lib/name_key.h \
	lib/name_parts.c lib/name_roman.c lib/name_text.c lib/name_text.h \
	lib/place_code.c lib/place_code.h lib/request_nfc.c lib/text.h lib/text_icu.c

# The translations. tests/style/translations-fit says what is missing.
LANGUAGES = am ar fr so sw ti
PO_FILES = lib/po/am.po lib/po/ar.po lib/po/fr.po lib/po/so.po lib/po/sw.po lib/po/ti.po
MO_FILES = locale/am/LC_MESSAGES/daftar.mo locale/ar/LC_MESSAGES/daftar.mo \
	locale/fr/LC_MESSAGES/daftar.mo locale/so/LC_MESSAGES/daftar.mo \
	locale/sw/LC_MESSAGES/daftar.mo locale/ti/LC_MESSAGES/daftar.mo
EXTRA_DIST += $(PO_FILES)
CLEANFILES += $(MO_FILES)
all-local: $(MO_FILES)
locale/am/LC_MESSAGES/daftar.mo: lib/po/am.po
locale/ar/LC_MESSAGES/daftar.mo: lib/po/ar.po
locale/fr/LC_MESSAGES/daftar.mo: lib/po/fr.po
locale/so/LC_MESSAGES/daftar.mo: lib/po/so.po
locale/sw/LC_MESSAGES/daftar.mo: lib/po/sw.po
locale/ti/LC_MESSAGES/daftar.mo: lib/po/ti.po
$(MO_FILES):
	$(AM_V_GEN)$(MKDIR_P) $(@D) && language=`echo $@ | cut -d/ -f2` && \
		$(MSGFMT) --check -o $@.tmp $(srcdir)/lib/po/$$language.po && mv $@.tmp $@
install-data-hook:
	for language in $(LANGUAGES); do \
		$(MKDIR_P) $(DESTDIR)$(localedir)/$$language/LC_MESSAGES && \
		$(INSTALL_DATA) locale/$$language/LC_MESSAGES/daftar.mo \
			$(DESTDIR)$(localedir)/$$language/LC_MESSAGES/daftar.mo || exit 1; done
uninstall-hook:
	for language in $(LANGUAGES); do \
		rm -f $(DESTDIR)$(localedir)/$$language/LC_MESSAGES/daftar.mo; done
EXTRA_DIST += lib/po/extract lib/po/extract.awk

# Forms on paper, on cairo and pango: for the officer's tool and the adapters.
noinst_LIBRARIES += lib/libpaper.a
lib_libpaper_a_SOURCES = lib/paper.c lib/paper.h lib/paper_cairo.c lib/paper_forms.c lib/paper_qr.c \
	lib/paper_words.def
lib_libpaper_a_CPPFLAGS = $(AM_CPPFLAGS) $(PANGO_CFLAGS) $(QR_CFLAGS)
lib_libdaftar_a_SOURCES += lib/control_table.c
# What reads the commands.table of a program.
EXTRA_DIST += lib/table.awk
lib_libdaftar_a_SOURCES += lib/act.c lib/act.h
lib_libdaftar_a_SOURCES += lib/notify.c lib/notify.h
lib_libdaftar_a_SOURCES += lib/control_remote.c
lib_libdaftar_a_SOURCES += lib/control_parts.h lib/control_perform.c
lib_libdaftar_a_SOURCES += lib/log_journal.c lib/log_journal.h
lib_libdaftar_a_SOURCES += lib/tracking.h
lib_libdaftar_a_SOURCES += lib/talk_shut.c
lib_libdaftar_a_SOURCES += lib/talk_show.c
lib_libdaftar_a_SOURCES += lib/lmdb_make.c lib/lmdb_make.h lib/lmdb_wipe.c lib/lmdb_wipe.h
lib_libdaftar_a_SOURCES += lib/command_line.c lib/command_line.h lib/completion.c lib/completion.h
lib_libdaftar_a_SOURCES += lib/tty.c lib/tty.h
