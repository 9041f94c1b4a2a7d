# Unit tests print TAP through cmocka, scenario tests through bats; automake's driver reads both.
UNIT_TESTS = \
	tests/unit/test_admission tests/unit/test_attachment tests/unit/test_batch \
	tests/unit/test_book tests/unit/test_buf tests/unit/test_bundle \
	tests/unit/test_calendar tests/unit/test_cert_matrix tests/unit/test_channel \
	tests/unit/test_closing tests/unit/test_conf tests/unit/test_consent_token \
	tests/unit/test_control tests/unit/test_core tests/unit/test_core_attachment \
	tests/unit/test_core_fields tests/unit/test_core_ledger \
	tests/unit/test_core_manual tests/unit/test_core_protect \
	tests/unit/test_core_query tests/unit/test_core_register \
	tests/unit/test_core_request tests/unit/test_core_tacit \
	tests/unit/test_core_withdraw tests/unit/test_core_withdraw_crash \
	tests/unit/test_csv tests/unit/test_dashboard tests/unit/test_date_check \
	tests/unit/test_date_said tests/unit/test_difference tests/unit/test_dispatch \
	tests/unit/test_dispatch_fair tests/unit/test_dispatch_urgent \
	tests/unit/test_document tests/unit/test_edit tests/unit/test_encrypt \
	tests/unit/test_examine tests/unit/test_examine_consent tests/unit/test_examiner \
	tests/unit/test_examiners tests/unit/test_exchange \
	tests/unit/test_exchange_conflict tests/unit/test_exchange_consent \
	tests/unit/test_exchange_damage tests/unit/test_exchange_held \
	tests/unit/test_exchange_ledger tests/unit/test_exchange_log \
	tests/unit/test_exchange_quota tests/unit/test_exchange_recon \
	tests/unit/test_exchange_retain tests/unit/test_exchange_standing \
	tests/unit/test_extract_fields tests/unit/test_folder tests/unit/test_gate \
	tests/unit/test_id tests/unit/test_identifier tests/unit/test_keyring \
	tests/unit/test_lanes tests/unit/test_link tests/unit/test_link_take \
	tests/unit/test_loghead tests/unit/test_match tests/unit/test_merkle \
	tests/unit/test_message tests/unit/test_name_key tests/unit/test_name_text \
	tests/unit/test_negentropy tests/unit/test_odbc tests/unit/test_paper \
	tests/unit/test_place_code tests/unit/test_print tests/unit/test_protect \
	tests/unit/test_quota tests/unit/test_quotes tests/unit/test_receipt \
	tests/unit/test_recon tests/unit/test_record tests/unit/test_record_rule \
	tests/unit/test_register tests/unit/test_request tests/unit/test_revocation \
	tests/unit/test_sandbox tests/unit/test_schemas tests/unit/test_seal \
	tests/unit/test_seal_engine tests/unit/test_seal_extract \
	tests/unit/test_seal_forms tests/unit/test_seal_key tests/unit/test_secrets \
	tests/unit/test_sizes tests/unit/test_spool tests/unit/test_spool_back \
	tests/unit/test_spool_backup tests/unit/test_spool_book \
	tests/unit/test_spool_case tests/unit/test_spool_flip tests/unit/test_spool_grow \
	tests/unit/test_spool_in tests/unit/test_spool_keep tests/unit/test_spool_mac \
	tests/unit/test_spool_room tests/unit/test_spool_upgrade \
	tests/unit/test_spool_wipe tests/unit/test_squeeze tests/unit/test_standing \
	tests/unit/test_store tests/unit/test_store_backup tests/unit/test_store_book \
	tests/unit/test_store_consent tests/unit/test_store_flip \
	tests/unit/test_store_held tests/unit/test_store_list tests/unit/test_store_lmdb \
	tests/unit/test_store_mac tests/unit/test_store_room tests/unit/test_store_scrub \
	tests/unit/test_store_upgrade tests/unit/test_store_wipe tests/unit/test_talk \
	tests/unit/test_talk_evil tests/unit/test_talk_ledger tests/unit/test_talk_log \
	tests/unit/test_talk_recon tests/unit/test_talk_refusals \
	tests/unit/test_talk_revocation tests/unit/test_talk_urgent \
	tests/unit/test_talk_withdrawn tests/unit/test_terminal_text \
	tests/unit/test_thin tests/unit/test_token tests/unit/test_transport \
	tests/unit/test_trust tests/unit/test_trust_changes \
	tests/unit/test_trust_consent tests/unit/test_trust_officers \
	tests/unit/test_trust_pins tests/unit/test_trust_terms tests/unit/test_tui_model \
	tests/unit/test_wire tests/unit/test_xml
UNIT_TESTS += tests/unit/test_control_room
UNIT_TESTS += tests/unit/test_alert tests/unit/test_alert_rules tests/unit/test_teller tests/unit/test_log_journal
SCENARIOS = \
	tests/scenario/adapter.bats tests/scenario/attach.bats \
	tests/scenario/bad-config.bats tests/scenario/bad-input.bats \
	tests/scenario/batch.bats tests/scenario/books.bats tests/scenario/broker.bats \
	tests/scenario/bundle.bats tests/scenario/cancel.bats \
	tests/scenario/completion.bats tests/scenario/consent-scope.bats \
	tests/scenario/consent.bats tests/scenario/date.bats tests/scenario/evil.bats \
	tests/scenario/held.bats tests/scenario/languages.bats \
	tests/scenario/liaison.bats tests/scenario/manual.bats tests/scenario/names.bats \
	tests/scenario/newcomer.bats tests/scenario/no-trace.bats \
	tests/scenario/parties.bats tests/scenario/pki-keys.bats \
	tests/scenario/pki-officers.bats tests/scenario/pki.bats \
	tests/scenario/print.bats tests/scenario/query.bats tests/scenario/restore.bats \
	tests/scenario/retain.bats tests/scenario/revocation.bats \
	tests/scenario/roll-over.bats tests/scenario/secrets.bats \
	tests/scenario/stolen-operator.bats tests/scenario/store.bats \
	tests/scenario/terminal.bats tests/scenario/terms.bats tests/scenario/token.bats \
	tests/scenario/tui.bats tests/scenario/views.bats tests/scenario/withdraw.bats \
	tests/scenario/wizard.bats

SCENARIOS += tests/scenario/alert.bats tests/scenario/metrics.bats tests/scenario/service.bats
if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
endif
# What the scenario tests speak and forge with.
check_PROGRAMS += tests/scenario/speak tests/tools/answer tests/tools/faultproxy tests/tools/forge \
	tests/tools/letter
TESTS += $(UNIT_TESTS) $(SCENARIOS)

# What a unit test is linked with, where that is more than libdaftar.
tests_unit_test_batch_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_batch_SOURCES = \
	tests/unit/test_batch.c liaison/batch_date.c liaison/batch_map.c \
	liaison/batch_row.c
tests_unit_test_calendar_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_attachment_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_fields_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_fields_SOURCES = tests/unit/test_core_fields.c tests/unit/fields_stage.h
tests_unit_test_core_ledger_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_manual_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_protect_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_query_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_register_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_request_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_tacit_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_withdraw_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_withdraw_crash_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_dashboard_LDADD = dashboard/libdashboard.a $(LDADD) $(TLS_LIBS) -lm
tests_unit_test_date_check_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_date_said_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_dispatch_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_dispatch_fair_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_dispatch_urgent_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_document_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_edit_SOURCES = tests/unit/test_edit.c liaison/edit.c liaison/edit.h
tests_unit_test_examiners_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_conflict_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_consent_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_damage_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_held_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_ledger_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_log_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_quota_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_quota_SOURCES = tests/unit/test_exchange_quota.c
tests_unit_test_exchange_recon_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_retain_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_exchange_standing_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_folder_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_gate_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_identifier_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_lanes_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_match_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_name_key_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_name_text_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_odbc_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_paper_LDADD = $(PAPER_LIBS) $(LDADD)
tests_unit_test_place_code_LDADD = $(CIVIL_LIBS) $(LDADD)
tests_unit_test_print_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_quota_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_quota_SOURCES = tests/unit/test_quota.c
tests_unit_test_register_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_seal_key_SOURCES = tests/unit/test_seal_key.c liaison/seal_key.c
tests_unit_test_standing_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_backup_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_book_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_consent_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_flip_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_held_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_list_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_lmdb_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_mac_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_room_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_scrub_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_upgrade_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_store_wipe_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_terminal_text_LDADD = $(LDADD) $(FRIBIDI_LIBS)
tests_unit_test_terminal_text_SOURCES = \
	tests/unit/test_terminal_text.c liaison/bidi.c liaison/escape.c liaison/layout.c \
	liaison/layout_words.c liaison/say.c liaison/terminal.c
tests_unit_test_transport_LDADD = $(LDADD) $(SODIUM_LIBS)
tests_unit_test_transport_SOURCES = \
	tests/unit/test_transport.c tests/flood/raw.c tests/flood/raw.h
tests_unit_test_trust_changes_SOURCES = \
	tests/unit/test_trust_changes.c broker/trust_changes.c broker/control_json.c
tests_unit_test_tui_model_LDADD = $(LDADD) $(FRIBIDI_LIBS)
tests_unit_test_tui_model_SOURCES = \
	tests/unit/test_tui_model.c liaison/bidi.c liaison/escape.c liaison/fail.c \
	liaison/labels.c liaison/layout.c liaison/layout_words.c liaison/say.c \
	liaison/terminal.c liaison/tui_draw.c liaison/tui_model.c

TEST_EXTENSIONS = .bats
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_DRIVER = $(LOG_DRIVER)
# What hangs is to fail, and to say where, before whoever waits for it gives up.
LOG_COMPILER = timeout 600
BATS_LOG_COMPILER = timeout 900 bats --tap
AM_TESTS_ENVIRONMENT = \
	DAFTAR_TESTS='$(abs_top_srcdir)/tests'; export DAFTAR_TESTS; \
	DAFTAR_BUILD='$(abs_top_builddir)'; export DAFTAR_BUILD; \
	DAFTAR_SCHEMAS='$(abs_top_srcdir)/schemas'; export DAFTAR_SCHEMAS; \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	UBSAN_OPTIONS=print_stacktrace=1; export UBSAN_OPTIONS; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0'; \
	export LSAN_OPTIONS;

# The programs that tests start must be there before any test runs.
$(TEST_LOGS): $(bin_PROGRAMS) $(sbin_PROGRAMS) $(libexec_PROGRAMS)

# Benchmarks and the samples of tests/interop are built on demand, not by every make.
EXTRA_PROGRAMS = tests/bench/filing tests/bench/floor tests/bench/load tests/bench/reconcile \
	tests/bench/walk tests/interop/samples
tests_bench_filing_SOURCES = tests/bench/filing.c tests/bench/parcel.c tests/bench/parcel.h
tests_bench_load_SOURCES = tests/bench/load.c tests/bench/parcel.c tests/bench/parcel.h
tests_bench_floor_SOURCES = tests/bench/floor.c tests/bench/parcel.c tests/bench/parcel.h
tests_bench_floor_LDADD = broker/libbroker.a $(LDADD)
tests_bench_reconcile_SOURCES = tests/bench/reconcile.c
tests_bench_walk_SOURCES = tests/bench/walk.c
tests_bench_walk_LDADD = broker/libbroker.a $(LDADD)
EXTRA_PROGRAMS += tests/bench/look tests/tools/fill
tests_bench_look_SOURCES = tests/bench/look.c
tests_tools_fill_SOURCES = tests/tools/fill.c
tests_tools_fill_LDADD = broker/libbroker.a $(LDADD)
tests_interop_samples_SOURCES = tests/interop/samples.c
include $(srcdir)/tests/sim/local.mk
CLEANFILES += $(EXTRA_PROGRAMS)

# For ./check, which runs the tiers one by one.
print-unit:
	@echo $(UNIT_TESTS)
print-scenario:
	@echo $(SCENARIOS)
man-pages: $(man_MANS)
.PHONY: print-unit print-scenario man-pages

EXTRA_DIST += \
	$(SCENARIOS) tests/bench/run tests/browser/runner.mjs tests/browser/realm.bash \
	tests/browser/package-lock.json tests/browser/package.json tests/browser/run \
	tests/canary/case.json tests/canary/cases.bash \
	tests/canary/letters/Cancellation.xml tests/canary/letters/CorrectionNotice.xml \
	tests/canary/letters/CorrectionOutcome.xml tests/canary/letters/Query.xml \
	tests/canary/letters/QueryReply.xml tests/canary/register.sql tests/canary/run \
	tests/crash/README.md tests/crash/batch tests/crash/cut.c tests/crash/full \
	tests/crash/kill tests/crash/points tests/crash/power tests/crash/record.c \
	tests/crash/run tests/data/cases/README.md tests/data/cases/cismaan.json \
	tests/data/cases/feared.json tests/data/cases/hodan.json \
	tests/data/cases/no-entry.json tests/data/cases/selam.json \
	tests/data/cases/yuusuf.json tests/data/hostile/action-body-mismatch.xml \
	tests/data/hostile/attribute-order.xml tests/data/hostile/attributes.xml \
	tests/data/hostile/brokers-receipt.xml tests/data/hostile/carriage-return.xml \
	tests/data/hostile/cdata.xml tests/data/hostile/charref-bidi.xml \
	tests/data/hostile/charref-letter.xml tests/data/hostile/comment.xml \
	tests/data/hostile/control-character.xml tests/data/hostile/control.xml \
	tests/data/hostile/crossed.xml tests/data/hostile/cut-off.xml \
	tests/data/hostile/day-that-is-none.xml tests/data/hostile/declaration.xml \
	tests/data/hostile/declared-twice.xml tests/data/hostile/deep.xml \
	tests/data/hostile/digest-md5.xml tests/data/hostile/digest-sha1.xml \
	tests/data/hostile/doubled-attribute.xml \
	tests/data/hostile/doubled-namespaced-attribute.xml \
	tests/data/hostile/dsa-sha1.xml tests/data/hostile/ebcdic.xml \
	tests/data/hostile/empty-tag.xml tests/data/hostile/empty.xml \
	tests/data/hostile/entity-unknown.xml tests/data/hostile/expected \
	tests/data/hostile/final-newline.xml tests/data/hostile/header-element-more.xml \
	tests/data/hostile/header-element-twice.xml tests/data/hostile/header-last.xml \
	tests/data/hostile/header-twice.xml tests/data/hostile/hmac-truncated.xml \
	tests/data/hostile/hmac.xml tests/data/hostile/id-version-4.xml \
	tests/data/hostile/inclusive-c14n.xml \
	tests/data/hostile/inclusive-namespaces.xml tests/data/hostile/instruction.xml \
	tests/data/hostile/key-name.xml tests/data/hostile/key-none.xml \
	tests/data/hostile/key-retrieval.xml tests/data/hostile/key-two-certificates.xml \
	tests/data/hostile/key-value.xml tests/data/hostile/latin1.xml \
	tests/data/hostile/laughs.xml tests/data/hostile/manifest.xml \
	tests/data/hostile/message-in-message.xml tests/data/hostile/namespaces.xml \
	tests/data/hostile/nested-signature.xml tests/data/hostile/no-reference-to.xml \
	tests/data/hostile/no-reference.xml tests/data/hostile/nul-hides.xml \
	tests/data/hostile/object.xml tests/data/hostile/other-root.xml \
	tests/data/hostile/other-version.xml tests/data/hostile/overlong.xml \
	tests/data/hostile/padded-party.xml tests/data/hostile/parameter-entity.xml \
	tests/data/hostile/party-lookalike.xml tests/data/hostile/quote-escaped.xml \
	tests/data/hostile/reference-file.xml tests/data/hostile/reference-fragment.xml \
	tests/data/hostile/reference-network.xml \
	tests/data/hostile/reference-xpointer.xml \
	tests/data/hostile/relative-namespace.xml tests/data/hostile/rsa-md5.xml \
	tests/data/hostile/rsa-sha1.xml tests/data/hostile/schema-location.xml \
	tests/data/hostile/schema-nil.xml tests/data/hostile/signature-first.xml \
	tests/data/hostile/signature-in-body.xml \
	tests/data/hostile/signature-in-other-namespace.xml \
	tests/data/hostile/signature-with-id.xml tests/data/hostile/single-quotes.xml \
	tests/data/hostile/space-in-tag.xml tests/data/hostile/space.xml \
	tests/data/hostile/stage-of-the-exchange.xml tests/data/hostile/stylesheet.xml \
	tests/data/hostile/surrogate.xml tests/data/hostile/text.xml \
	tests/data/hostile/trailing-text.xml tests/data/hostile/transform-base64.xml \
	tests/data/hostile/transform-comments.xml \
	tests/data/hostile/transform-inclusive.xml tests/data/hostile/transform-none.xml \
	tests/data/hostile/transform-one.xml tests/data/hostile/transform-three.xml \
	tests/data/hostile/transform-xpath.xml tests/data/hostile/transform-xpath2.xml \
	tests/data/hostile/transform-xslt.xml tests/data/hostile/two-references.xml \
	tests/data/hostile/two-roots.xml tests/data/hostile/two-signatures.xml \
	tests/data/hostile/undeclared-prefix.xml tests/data/hostile/unsigned.xml \
	tests/data/hostile/unused-namespace.xml tests/data/hostile/utf16-be-bom.xml \
	tests/data/hostile/utf16-le.xml tests/data/hostile/utf7.xml \
	tests/data/hostile/utf8-bom.xml tests/data/hostile/xinclude.xml \
	tests/data/hostile/xxe-network.xml tests/data/hostile/xxe.xml \
	tests/data/identifiers/README.md tests/data/identifiers/vectors.csv \
	tests/data/invalid/attachment/html.xml \
	tests/data/invalid/attachment/part-zero.xml \
	tests/data/invalid/attachment/too-large.xml \
	tests/data/invalid/attachment/two-lines.xml \
	tests/data/invalid/cancellation/day-only.xml \
	tests/data/invalid/cancellation/no-erase.xml \
	tests/data/invalid/cancellation/unknown-kind.xml \
	tests/data/invalid/certified-extract/authoritative-false.xml \
	tests/data/invalid/certified-extract/bidi-isolate.xml \
	tests/data/invalid/certified-extract/bidi-override.xml \
	tests/data/invalid/certified-extract/birth-weight.xml \
	tests/data/invalid/certified-extract/c1-control.xml \
	tests/data/invalid/certified-extract/country-in-words.xml \
	tests/data/invalid/certified-extract/date-without-basis.xml \
	tests/data/invalid/certified-extract/empty-authored-date.xml \
	tests/data/invalid/certified-extract/extension-with-our-words.xml \
	tests/data/invalid/certified-extract/extension-without-ns.xml \
	tests/data/invalid/certified-extract/five-parents.xml \
	tests/data/invalid/certified-extract/foreign-attribute.xml \
	tests/data/invalid/certified-extract/half-an-attribute.xml \
	tests/data/invalid/certified-extract/language-of-no-namespace.xml \
	tests/data/invalid/certified-extract/line-break-in-name.xml \
	tests/data/invalid/certified-extract/name-without-full.xml \
	tests/data/invalid/certified-extract/name-without-language.xml \
	tests/data/invalid/certified-extract/next-version.xml \
	tests/data/invalid/certified-extract/no-name.xml \
	tests/data/invalid/certified-extract/no-version.xml \
	tests/data/invalid/certified-extract/private-use.xml \
	tests/data/invalid/certified-extract/public-residence.xml \
	tests/data/invalid/certified-extract/refugee-nationality.xml \
	tests/data/invalid/certified-extract/seal-first.xml \
	tests/data/invalid/certified-extract/seal-without-id.xml \
	tests/data/invalid/certified-extract/seal-without-properties.xml \
	tests/data/invalid/certified-extract/season.xml \
	tests/data/invalid/certified-extract/slashed-date.xml \
	tests/data/invalid/certified-extract/text-behind-the-last-element.xml \
	tests/data/invalid/certified-extract/too-long-name.xml \
	tests/data/invalid/certified-extract/two-authoritative-forms.xml \
	tests/data/invalid/certified-extract/unhcr-number.xml \
	tests/data/invalid/certified-extract/unknown-attribute.xml \
	tests/data/invalid/certified-extract/unknown-calendar.xml \
	tests/data/invalid/certified-extract/unknown-element.xml \
	tests/data/invalid/certified-extract/unknown-part.xml \
	tests/data/invalid/certified-extract/unknown-role.xml \
	tests/data/invalid/certified-extract/unknown-sex.xml \
	tests/data/invalid/certified-extract/unknown-visibility.xml \
	tests/data/invalid/certified-extract/unmarked-marital-status.xml \
	tests/data/invalid/certified-extract/year-only-month-known.xml \
	tests/data/invalid/content/no-header.xml \
	tests/data/invalid/content/no-padding.xml \
	tests/data/invalid/content/padding-of-zeros.xml \
	tests/data/invalid/content/receipt-inside.xml \
	tests/data/invalid/content/two-documents.xml \
	tests/data/invalid/correction-notice/no-annotation.xml \
	tests/data/invalid/correction-notice/no-decision.xml \
	tests/data/invalid/correction-notice/path-out-of-the-record.xml \
	tests/data/invalid/correction-notice/unknown-kind.xml \
	tests/data/invalid/correction-outcome/applied-never.xml \
	tests/data/invalid/correction-outcome/both.xml \
	tests/data/invalid/correction-outcome/no-reason.xml \
	tests/data/invalid/faults.txt tests/data/invalid/message/aes-cbc.xml \
	tests/data/invalid/message/extension-in-header.xml \
	tests/data/invalid/message/extract-in-clear.xml \
	tests/data/invalid/message/header-order.xml tests/data/invalid/message/hmac.xml \
	tests/data/invalid/message/id-not-version-7.xml \
	tests/data/invalid/message/inclusive-c14n.xml \
	tests/data/invalid/message/key-value.xml tests/data/invalid/message/no-realm.xml \
	tests/data/invalid/message/no-retention.xml \
	tests/data/invalid/message/no-signature.xml \
	tests/data/invalid/message/part-signed.xml \
	tests/data/invalid/message/party-in-lower-case.xml \
	tests/data/invalid/message/receipt-accepted-by-party.xml \
	tests/data/invalid/message/receipt-with-a-sentence.xml \
	tests/data/invalid/message/rsa-1-5.xml \
	tests/data/invalid/message/sequence-zero.xml tests/data/invalid/message/sha1.xml \
	tests/data/invalid/message/signature-with-id.xml \
	tests/data/invalid/message/signature-with-object.xml \
	tests/data/invalid/message/space-in-party.xml \
	tests/data/invalid/message/statement-negative-count.xml \
	tests/data/invalid/message/statement-unknown-result.xml \
	tests/data/invalid/message/statement-without-count.xml \
	tests/data/invalid/message/time-without-milliseconds.xml \
	tests/data/invalid/message/two-bodies.xml \
	tests/data/invalid/message/two-signatures.xml \
	tests/data/invalid/message/unknown-action.xml \
	tests/data/invalid/message/unknown-purpose.xml \
	tests/data/invalid/message/xslt.xml tests/data/invalid/query-reply/html.xml \
	tests/data/invalid/query-reply/no-query.xml \
	tests/data/invalid/query-reply/unknown-answer.xml \
	tests/data/invalid/query/about-nothing.xml \
	tests/data/invalid/query/no-deadline.xml \
	tests/data/invalid/query/path-with-predicate.xml \
	tests/data/invalid/query/unknown-code.xml \
	tests/data/invalid/receipt/digest-in-capitals.xml \
	tests/data/invalid/receipt/empty-tree.xml \
	tests/data/invalid/receipt/no-proof.xml \
	tests/data/invalid/receipt/short-hash.xml \
	tests/data/invalid/receipt/unknown-stage.xml \
	tests/data/invalid/transcription-outcome/answers-nothing.xml \
	tests/data/invalid/transcription-outcome/appeal-without-deadline.xml \
	tests/data/invalid/transcription-outcome/no-entry-number.xml \
	tests/data/invalid/transcription-outcome/no-result.xml \
	tests/data/invalid/transcription-outcome/refused-without-reason.xml \
	tests/data/invalid/transcription-outcome/two-results.xml \
	tests/data/invalid/transcription-outcome/unknown-name-rule.xml \
	tests/data/invalid/transcription-outcome/unknown-reason.xml \
	tests/data/invalid/transcription-request/approval-in-words.xml \
	tests/data/invalid/transcription-request/approval-of-nobody.xml \
	tests/data/invalid/transcription-request/assent-by-name.xml \
	tests/data/invalid/transcription-request/assent-without-day.xml \
	tests/data/invalid/transcription-request/conditional.xml \
	tests/data/invalid/transcription-request/consent-by-officer.xml \
	tests/data/invalid/transcription-request/consent-for-anyone.xml \
	tests/data/invalid/transcription-request/day-of-month-32.xml \
	tests/data/invalid/transcription-request/document-inside.xml \
	tests/data/invalid/transcription-request/five-consents.xml \
	tests/data/invalid/transcription-request/no-consent.xml \
	tests/data/invalid/transcription-request/nothing-to-find-it-by.xml \
	tests/data/invalid/transcription-request/risks-not-explained.xml \
	tests/data/invalid/transcription-request/two-assents.xml \
	tests/data/invalid/transcription-request/unknown-case-type.xml \
	tests/data/invalid/transcription-request/witness-by-name.xml \
	tests/data/invalid/transcription-request/wrong-namespace.xml \
	tests/data/invalid/trust-list/agreement-for-nothing.xml \
	tests/data/invalid/trust-list/agreement-twice.xml \
	tests/data/invalid/trust-list/no-validity.xml \
	tests/data/invalid/trust-list/party-twice.xml \
	tests/data/invalid/trust-list/party-without-curve-key.xml \
	tests/data/invalid/trust-list/short-curve-key.xml \
	tests/data/invalid/trust-list/unknown-role.xml \
	tests/data/invalid/trust-list/unsigned.xml \
	tests/data/invalid/trust-list/version-zero.xml tests/data/kenya/generate \
	tests/data/negentropy/README.md tests/data/negentropy/disjoint-1.txt \
	tests/data/negentropy/disjoint-100.txt tests/data/negentropy/disjoint-15.txt \
	tests/data/negentropy/disjoint-16.txt tests/data/negentropy/disjoint-31.txt \
	tests/data/negentropy/disjoint-32.txt tests/data/negentropy/equal-0.txt \
	tests/data/negentropy/equal-1.txt tests/data/negentropy/equal-100.txt \
	tests/data/negentropy/equal-10000.txt tests/data/negentropy/equal-15.txt \
	tests/data/negentropy/equal-16.txt tests/data/negentropy/equal-31.txt \
	tests/data/negentropy/equal-32.txt tests/data/negentropy/few-10000.txt \
	tests/data/negentropy/initiator-empty-1.txt \
	tests/data/negentropy/initiator-empty-100.txt \
	tests/data/negentropy/initiator-empty-31.txt \
	tests/data/negentropy/initiator-empty-32.txt \
	tests/data/negentropy/responder-empty-1.txt \
	tests/data/negentropy/responder-empty-100.txt \
	tests/data/negentropy/responder-empty-31.txt \
	tests/data/negentropy/responder-empty-32.txt \
	tests/data/negentropy/same-time-1.txt tests/data/negentropy/same-time-100.txt \
	tests/data/negentropy/same-time-10000.txt tests/data/negentropy/same-time-15.txt \
	tests/data/negentropy/same-time-16.txt tests/data/negentropy/same-time-31.txt \
	tests/data/negentropy/same-time-32.txt tests/data/negentropy/tens-1.txt \
	tests/data/negentropy/tens-100.txt tests/data/negentropy/tens-10000.txt \
	tests/data/negentropy/tens-15.txt tests/data/negentropy/tens-16.txt \
	tests/data/negentropy/tens-31.txt tests/data/negentropy/tens-32.txt \
	tests/data/spool-1/data.mdb tests/data/spool-2/data.mdb \
	tests/data/spool-2/spool.key tests/data/store-1/data.mdb \
	tests/data/store-2/data.mdb tests/data/store-3/data.mdb tests/data/store-4/data.mdb \
	tests/data/valid/attachment/last.xml tests/data/valid/attachment/part.xml \
	tests/data/valid/cancellation/cancelled.xml \
	tests/data/valid/cancellation/hold.xml tests/data/valid/cancellation/release.xml \
	tests/data/valid/cancellation/withdrawn.xml \
	tests/data/valid/certified-extract/everything.xml \
	tests/data/valid/certified-extract/extended.xml \
	tests/data/valid/certified-extract/family-name.xml \
	tests/data/valid/certified-extract/least.xml \
	tests/data/valid/certified-extract/no-parents.xml \
	tests/data/valid/certified-extract/sealed.xml \
	tests/data/valid/certified-extract/usual.xml \
	tests/data/valid/content/attachment.xml \
	tests/data/valid/content/cancellation.xml \
	tests/data/valid/content/certified-extract.xml \
	tests/data/valid/content/correction-notice.xml \
	tests/data/valid/content/correction-outcome.xml \
	tests/data/valid/content/query-reply.xml tests/data/valid/content/query.xml \
	tests/data/valid/content/transcription-outcome.xml \
	tests/data/valid/content/transcription-request.xml \
	tests/data/valid/correction-notice/addition.xml \
	tests/data/valid/correction-notice/annulment.xml \
	tests/data/valid/correction-notice/clerical.xml \
	tests/data/valid/correction-outcome/applied.xml \
	tests/data/valid/correction-outcome/refused.xml \
	tests/data/valid/message/extract.xml \
	tests/data/valid/message/outcome-on-behalf.xml \
	tests/data/valid/message/receipt-rejected.xml \
	tests/data/valid/message/receipt.xml tests/data/valid/message/request.xml \
	tests/data/valid/message/statement-empty.xml \
	tests/data/valid/message/statement.xml tests/data/valid/query-reply/confirm.xml \
	tests/data/valid/query-reply/documents.xml tests/data/valid/query/document.xml \
	tests/data/valid/query/element.xml tests/data/valid/receipt/accepted.xml \
	tests/data/valid/receipt/committed.xml tests/data/valid/receipt/first-leaf.xml \
	tests/data/valid/receipt/rejected.xml \
	tests/data/valid/transcription-outcome/already-full.xml \
	tests/data/valid/transcription-outcome/already.xml \
	tests/data/valid/transcription-outcome/deferred-least.xml \
	tests/data/valid/transcription-outcome/deferred.xml \
	tests/data/valid/transcription-outcome/not-found.xml \
	tests/data/valid/transcription-outcome/refused.xml \
	tests/data/valid/transcription-outcome/tacit.xml \
	tests/data/valid/transcription-outcome/transcribed-least.xml \
	tests/data/valid/transcription-outcome/transcribed.xml \
	tests/data/valid/transcription-request/cleared.xml \
	tests/data/valid/transcription-request/extended.xml \
	tests/data/valid/transcription-request/hodan.xml \
	tests/data/valid/transcription-request/no-entry.xml \
	tests/data/valid/transcription-request/selam.xml \
	tests/data/valid/transcription-request/yuusuf.xml \
	tests/data/valid/trust-list/full.xml tests/data/valid/trust-list/least.xml \
	tests/flood/run tests/fuzz/run tests/fuzz/words tests/hostile/run \
	tests/interop/OpenBody.java tests/interop/Verify.java \
	tests/interop/package-lock.json tests/interop/package.json tests/interop/run \
	tests/interop/verify.cjs tests/lsan.supp tests/model/run tests/mutants/list \
	tests/mutants/run tests/net/proxies.bash tests/net/run tests/net/thin \
	tests/scenario/pki-steps.bash tests/style/all-is-distributed \
	tests/style/codes-are-tested tests/style/one-door \
	tests/style/promises-have-tests tests/style/says-what-exists \
	tests/style/speaks-of-itself tests/style/threats-have-tests \
	tests/style/translations-fit tests/tools/consent.h tests/tools/forge_rows.h \
	tests/tools/realm.h tests/unit/case_stage.h tests/unit/core_stage.h \
	tests/unit/driver_contract.h tests/unit/driver_stage.h \
	tests/unit/exchange_fixture.h tests/unit/link_stage.h tests/unit/log_stage.h \
	tests/unit/spool_stage.h tests/unit/store_life.h tests/unit/store_stage.h \
	tests/unit/talk_stage.h tests/unit/test.h tests/unit/test_files.h \
	tests/unit/test_forge.h tests/unit/test_keys.h tests/unit/test_realm.h \
	tests/unit/test_revoke.h

# What tests/crash kills with, and judges with; built by tests/crash/run.
crash_tools = tests/crash/killer tests/crash/filer tests/crash/checker tests/crash/step \
	tests/crash/inject tests/crash/powercut tests/crash/batch_check
EXTRA_PROGRAMS += $(crash_tools)
tests_crash_killer_SOURCES = tests/crash/killer.c tests/crash/paper.c tests/crash/paper.h
tests_crash_filer_SOURCES = tests/crash/filer.c tests/crash/paper.c tests/crash/paper.h
tests_crash_checker_SOURCES = tests/crash/checker.c tests/crash/checker.h \
	tests/crash/checker_log.c tests/crash/checker_register.c
tests_crash_checker_LDADD = broker/libbroker.a $(LDADD)
crash_steps = tests/crash/step.h tests/crash/step_common.c tests/crash/step_party.c \
	tests/crash/step_store.c tests/crash/paper.c tests/crash/paper.h
tests_crash_step_SOURCES = tests/crash/step.c $(crash_steps)
tests_crash_powercut_SOURCES = tests/crash/powercut.c tests/crash/record.h $(crash_steps)
tests_crash_powercut_LDADD = broker/libbroker.a adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_crash_step_LDADD = broker/libbroker.a adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_crash_batch_check_SOURCES = tests/crash/batch_check.c
tests_crash_inject_SOURCES = tests/crash/inject.c
crash-programs: $(crash_tools)
.PHONY: crash-programs
tests_tools_faultproxy_SOURCES = tests/tools/faultproxy.c tests/tools/frames.h

# Fuzzers are built with clang, by tests/fuzz/run. Every check compiles them, so that what they call
# does not change without them.
check_LIBRARIES = tests/fuzz/libfuzzers.a
tests_fuzz_libfuzzers_a_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz_control.c tests/fuzz/fuzz_http.c \
	tests/fuzz/fuzz_parse.c tests/fuzz/fuzz_proof.c tests/fuzz/fuzz_record.c \
	tests/fuzz/fuzz_revocation.c tests/fuzz/fuzz_spool.c tests/fuzz/fuzz_store.c \
	tests/fuzz/fuzz_thin.c tests/fuzz/fuzz_verify.c tests/fuzz/fuzz_wire.c
EXTRA_PROGRAMS += tests/fuzz/fuzz_http tests/fuzz/fuzz_parse tests/fuzz/fuzz_proof tests/fuzz/fuzz_record \
	tests/fuzz/fuzz_spool tests/fuzz/fuzz_store tests/fuzz/fuzz_verify tests/fuzz/fuzz_wire
FUZZER = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_http_LDADD = dashboard/libdashboard.a $(LDADD) $(TLS_LIBS) -lm
tests_fuzz_fuzz_http_LDFLAGS = $(FUZZER)
tests_fuzz_fuzz_parse_SOURCES = tests/fuzz/fuzz_parse.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_parse_LDFLAGS = $(FUZZER)
tests_fuzz_fuzz_proof_SOURCES = tests/fuzz/fuzz_proof.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_proof_LDFLAGS = $(FUZZER)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_record_LDFLAGS = $(FUZZER)
tests_fuzz_fuzz_spool_SOURCES = tests/fuzz/fuzz_spool.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_spool_LDFLAGS = $(FUZZER)
tests_fuzz_fuzz_store_SOURCES = tests/fuzz/fuzz_store.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_store_LDADD = broker/libbroker.a $(LDADD)
tests_fuzz_fuzz_store_LDFLAGS = $(FUZZER)
EXTRA_PROGRAMS += tests/fuzz/fuzz_revocation
tests_fuzz_fuzz_revocation_SOURCES = tests/fuzz/fuzz_revocation.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_revocation_LDFLAGS = $(FUZZER)
EXTRA_PROGRAMS += tests/fuzz/fuzz_control
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_control_LDFLAGS = $(FUZZER)
EXTRA_PROGRAMS += tests/fuzz/fuzz_thin
tests_fuzz_fuzz_thin_SOURCES = tests/fuzz/fuzz_thin.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_thin_LDFLAGS = $(FUZZER)
tests_fuzz_fuzz_verify_SOURCES = tests/fuzz/fuzz_verify.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_verify_LDFLAGS = $(FUZZER)
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_wire_LDADD = broker/libbroker.a $(LDADD)
tests_fuzz_fuzz_wire_LDFLAGS = $(FUZZER)

# Hostile documents before the real examiner.
EXTRA_PROGRAMS += tests/hostile/hostile
tests_hostile_hostile_SOURCES = \
	tests/hostile/cost.c tests/hostile/cost.h tests/hostile/edits.c tests/hostile/flips.c \
	tests/hostile/forms.c tests/hostile/hostile.h tests/hostile/judge.c \
	tests/hostile/load.c tests/hostile/main.c tests/hostile/malformed.c \
	tests/hostile/sign.c tests/hostile/tokens.c tests/hostile/world.c tests/hostile/wrapping.c
hostile-programs: tests/hostile/hostile broker/daftar-examiner
.PHONY: hostile-programs

# A client that does what libzmq would not, and the floods made with it (tests/flood/run).
EXTRA_PROGRAMS += tests/flood/attacker
tests_flood_attacker_SOURCES = tests/flood/attacker.c tests/flood/raw.c tests/flood/raw.h
tests_flood_attacker_LDADD = $(LDADD) $(SODIUM_LIBS)

# Texts that cannot be mistaken, and where they may not be found (tests/canary/run).
EXTRA_PROGRAMS += tests/canary/search
tests_canary_search_SOURCES = tests/canary/forms.c tests/canary/forms.h tests/canary/search.c
canary-programs: tests/canary/search tests/scenario/speak tests/tools/letter
.PHONY: canary-programs

# A terminal of its own for the program under test.
if HAVE_VTERM
check_PROGRAMS += tests/tools/terminal
endif
tests_tools_terminal_SOURCES = tests/tools/terminal.c tests/tools/terminal.h \
	tests/tools/terminal_line.c tests/tools/terminal_record.c tests/tools/terminal_screen.c
tests_tools_terminal_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS)
tests_tools_terminal_LDADD = $(CIVIL_LIBS) $(LDADD) $(VTERM_LIBS)

# ---- scans ----
tests_unit_test_document_LDFLAGS = -Wl,--wrap=control_call
tests_unit_test_alert_LDADD = broker/libbroker.a $(LDADD)
tests_unit_test_alert_rules_LDADD = broker/libbroker.a $(LDADD)
UNIT_TESTS += tests/unit/test_svg
tests_unit_test_svg_LDADD = dashboard/libdashboard.a $(LDADD) -lm
UNIT_TESTS += tests/unit/test_screens
EXTRA_DIST += tests/data/dashboard/answers.json
tests_unit_test_screens_LDADD = dashboard/libdashboard.a $(LDADD) -lm
tests_unit_test_screens_LDFLAGS = -Wl,--wrap=broker_ask
tests_unit_test_teller_LDADD = broker/libbroker.a $(LDADD)
check_PROGRAMS += tests/tools/receiver
check_PROGRAMS += tests/scenario/say
tests_scenario_say_SOURCES = tests/scenario/say.c
SCENARIOS += tests/scenario/roles.bats

UNIT_TESTS += tests/unit/test_recovery_code
SCENARIOS += tests/scenario/machine.bats
tests_unit_test_recovery_code_SOURCES = tests/unit/test_recovery_code.c certs/recovery_code.c certs/recovery_code.h
EXTRA_DIST += tests/browser/screens/alerts.mjs tests/browser/screens/audit.mjs tests/browser/screens/certificates.mjs tests/browser/screens/engine.mjs tests/browser/screens/parties.mjs tests/browser/screens/reconciliation.mjs
UNIT_TESTS += tests/unit/test_dashboard_http
tests_unit_test_dashboard_http_LDADD = dashboard/libdashboard.a $(LDADD) $(TLS_LIBS) -lm
tests_unit_test_dashboard_http_SOURCES = tests/unit/test_dashboard_http.c tests/unit/dashboard_stage.h
UNIT_TESTS += tests/unit/test_dashboard_crowd
tests_unit_test_dashboard_crowd_LDADD = dashboard/libdashboard.a $(LDADD) $(TLS_LIBS) -lm
tests_unit_test_dashboard_crowd_SOURCES = tests/unit/test_dashboard_crowd.c tests/unit/dashboard_stage.h
EXTRA_DIST += tests/browser/screens/00-door.mjs tests/browser/screens/10-every.mjs tests/browser/screens/zz-away.mjs
EXTRA_DIST += tests/style/alerts-have-runbooks
UNIT_TESTS += tests/unit/test_control_table
EXTRA_DIST += tests/browser/screens/20-overview.mjs tests/browser/screens/22-corridors.mjs tests/browser/screens/24-messages.mjs tests/browser/screens/26-waiting.mjs

# ---- daftarctl ----
UNIT_TESTS += tests/unit/test_ctl
UNIT_TESTS += tests/unit/test_command_line tests/unit/test_tty
SCENARIOS += tests/scenario/ctl.bats tests/scenario/ctl-completion.bats
tests_unit_test_ctl_SOURCES = tests/unit/test_ctl.c broker/ctl_redact.c broker/ctl_where.c
UNIT_TESTS += tests/unit/test_store_look
EXTRA_DIST += tests/unit/store_history.h tests/bench/look-run
tests_unit_test_store_look_LDADD = broker/libbroker.a $(LDADD)
tests/unit/test_dashboard.$(OBJEXT): dashboard/help_data.h
EXTRA_DIST += tests/browser/screens/zy-mend.mjs
EXTRA_DIST += tests/browser/screens/hostile.mjs tests/browser/spoil.mjs tests/browser/later.c
SCENARIOS += tests/scenario/dashboard.bats
UNIT_TESTS += tests/unit/test_exchange_restored
tests_unit_test_exchange_restored_LDADD = broker/libbroker.a $(LDADD)
UNIT_TESTS += tests/unit/test_exchange_aside
tests_unit_test_exchange_aside_LDADD = broker/libbroker.a $(LDADD)
check_PROGRAMS += tests/tools/brittle
SCENARIOS += tests/scenario/aside.bats
SCENARIOS += tests/scenario/two-officers.bats
UNIT_TESTS += tests/unit/test_core_aside
UNIT_TESTS += tests/unit/test_core_refile
tests_unit_test_core_refile_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
tests_unit_test_core_aside_LDADD = adapters/libadapter.a $(CIVIL_LIBS) $(LDADD)
UNIT_TESTS += tests/unit/test_contacts
tests_unit_test_contacts_LDADD = broker/libbroker.a $(LDADD)
UNIT_TESTS += tests/unit/test_undecided
tests_unit_test_undecided_LDADD = broker/libbroker.a $(LDADD)
