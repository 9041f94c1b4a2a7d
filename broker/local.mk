# The core that the simulator and the tests drive as well.
noinst_LIBRARIES += broker/libbroker.a
broker_libbroker_a_SOURCES = \
	broker/control_verbs.c broker/dispatch.c broker/dispatch.h broker/dispatch_lane.c \
	broker/dispatch_parts.h broker/ending.c broker/ending.h broker/examiners.c \
	broker/examiners.h broker/examiners_parts.h broker/examiners_worker.c broker/exchange.c \
	broker/exchange.h broker/exchange_ask.c broker/exchange_damage.c broker/exchange_held.c \
	broker/exchange_log.c broker/exchange_message.c broker/exchange_parts.h \
	broker/exchange_standing.c broker/gate_child.c broker/gate_child.h broker/gate_frames.c \
	broker/gate_frames.h broker/items.c broker/items.h broker/lanes.c broker/lanes.h \
	broker/peers.c broker/peers.h broker/promise.c \
	broker/promise.h broker/quota.c broker/quota.h broker/reconcile.c broker/reconcile.h \
	broker/reconcile_closing.c broker/reconcile_parts.h broker/reconcile_session.c \
	broker/respawn.c broker/respawn.h broker/standing.c broker/standing.h broker/store.h \
	broker/store_key.c broker/store_lmdb.c broker/store_lmdb.h broker/store_lmdb_backup.c \
	broker/store_lmdb_book.c broker/store_lmdb_change.c broker/store_lmdb_check.c \
	broker/store_lmdb_check_log.c broker/store_lmdb_check_revocation.c \
	broker/store_lmdb_check_totals.c broker/store_lmdb_closing.c broker/store_lmdb_epoch.c \
	broker/store_lmdb_held.c broker/store_lmdb_layout.c broker/store_lmdb_log.c \
	broker/store_lmdb_open.c broker/store_lmdb_record.c broker/store_lmdb_restore.c \
	broker/store_lmdb_revocation.c broker/store_lmdb_scrub.c broker/store_lmdb_seal.c \
	broker/store_lmdb_share.c broker/store_lmdb_standing.c broker/store_lmdb_table.c \
	broker/store_lmdb_upgrade.c
broker_libbroker_a_SOURCES += broker/exchange_ledger.c broker/ledger.c broker/ledger.h \
	broker/store_lmdb_access.c broker/store_lmdb_wipe.c \
	broker/store_lmdb_retain.c broker/store_lmdb_legal.c broker/exchange_retain.c
broker_libbroker_a_SOURCES += broker/exchange_restored.c broker/reconcile_shown.c
broker_libbroker_a_SOURCES += broker/exchange_waits.c broker/exchange_epoch.c

libexec_PROGRAMS += broker/daftar-examiner
broker_daftar_examiner_SOURCES = broker/examiner_main.c

libexec_PROGRAMS += broker/daftar-gate
broker_daftar_gate_SOURCES = broker/gate_main.c
broker_daftar_gate_LDADD = broker/libbroker.a $(LDADD)

sbin_PROGRAMS += broker/daftard
broker_daftard_SOURCES = \
	broker/control_cert.c broker/control_change.c broker/control_courier.c \
	broker/control_ledger.c broker/control_retain.c \
	broker/control_crl.c broker/control_json.c broker/control_json.h broker/control_log.c \
	broker/control_party.c broker/control_recon.c broker/control_status.c \
	broker/control_trust.c broker/courier.c broker/courier.h broker/daftard.c \
	broker/daftard.h broker/daftard_closings.c broker/daftard_confine.c \
	broker/daftard_group.c broker/daftard_main.c broker/daftard_peers.c \
	broker/daftard_revocation.c broker/daftard_store.c broker/daftard_trust.c \
	broker/daftard_work.c broker/officers.c broker/officers.h broker/trust_changes.c \
	broker/trust_changes.h
broker_daftard_SOURCES += broker/control_waits.c broker/control_speaker.c
broker_libbroker_a_SOURCES += broker/contacts.c broker/contacts.h
broker_daftard_LDADD = broker/libbroker.a $(LDADD)

bin_PROGRAMS += broker/daftarctl
broker_daftarctl_SOURCES = \
	broker/ctl_bundle.c broker/ctl_change.c broker/ctl_command.h broker/ctl_crl.c \
	broker/ctl_log.c broker/ctl_main.c broker/ctl_print.c broker/ctl_print.h \
	broker/ctl_recon.c broker/ctl_retain.c
broker_daftarctl_SOURCES += broker/ctl_waits.c broker/ctl_test.c
broker_daftarctl_SOURCES += broker/ctl_ask.c broker/ctl_completion.c broker/ctl_fail.c broker/ctl_help.c broker/ctl_rows.h
broker_daftarctl_SOURCES += broker/ctl_print_message.c broker/ctl_print_party.c broker/ctl_print_status.c
broker_daftarctl_SOURCES += broker/ctl_status.c broker/ctl_watch.c broker/ctl_where.c broker/ctl_where.h
broker_daftarctl_SOURCES += broker/ctl_act.c broker/ctl_alert.c broker/ctl_audit.c broker/ctl_corridor.c
broker_daftarctl_SOURCES += broker/ctl_cert.c broker/ctl_config.c broker/ctl_dead.c broker/ctl_export.c broker/ctl_key.c
broker_daftarctl_SOURCES += broker/ctl_check.c broker/ctl_check.h broker/ctl_check_files.c broker/ctl_check_store.c broker/ctl_check_trust.c
broker_daftarctl_SOURCES += broker/ctl_screen.c broker/ctl_screen.h broker/ctl_top.c broker/ctl_top.h broker/ctl_top_draw.c
broker_daftarctl_SOURCES += broker/ctl_redact.c broker/ctl_redact.h broker/ctl_support.c
nodist_broker_daftarctl_SOURCES = broker/commands.inc
EXTRA_DIST += broker/commands.table
BUILT_SOURCES += broker/commands.inc
CLEANFILES += broker/commands.inc
broker/commands.inc: broker/commands.table lib/table.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(AWK) -v form=asks -f $(srcdir)/lib/table.awk \
		$(srcdir)/broker/commands.table >$@.tmp && mv $@.tmp $@
broker_daftarctl_LDADD = broker/libbroker.a $(LDADD)
broker_libbroker_a_SOURCES += broker/dispatch_urgent.c broker/exchange_consent.c broker/exchange_dispatch.c broker/store_lmdb_consent.c broker/store_lmdb_consent.h \
	broker/store_lmdb_figures.c broker/store_lmdb_scrub.h
broker_daftard_SOURCES += broker/control_matrix.c
broker_libbroker_a_SOURCES += broker/alert.c broker/alert.def broker/alert.h broker/alert_rules.c broker/alert_rules.h broker/store_alert.h broker/store_lmdb_alert.c
broker_daftard_SOURCES += broker/control_table.c
broker_daftard_SOURCES += broker/control_alert.c broker/daftard_alert.c broker/daftard_alert.h broker/daftard_alert_world.c
broker_libbroker_a_SOURCES += broker/metrics_text.c broker/metrics_text.h
broker_daftard_SOURCES += broker/control_metrics.c
broker_daftard_SOURCES += broker/control_audit.c broker/control_wish.c
broker_daftard_SOURCES += broker/control_knock.c
sbin_PROGRAMS += broker/daftar-alert
broker_daftar_alert_SOURCES = broker/teller_main.c broker/teller_conf.c broker/teller_watch.c broker/teller_watch.h broker/teller_send.c broker/teller_send.h broker/webhook.c broker/webhook.h
broker_daftar_alert_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
broker_daftar_alert_LDADD = broker/libbroker.a $(LDADD) $(CURL_LIBS)
broker_libbroker_a_SOURCES += broker/teller.c broker/teller.h broker/teller_file.c broker/teller_text.c broker/teller_text.h
broker_daftard_SOURCES += broker/config_reader.c broker/config_reader.h broker/control_config.c broker/daftard_settings.c
broker_daftard_SOURCES += broker/daftard_remote.c
broker_libbroker_a_SOURCES += broker/store_look.h broker/store_lmdb_index.h broker/store_lmdb_index.c broker/store_lmdb_count.c broker/store_lmdb_list.c
broker_libbroker_a_SOURCES += broker/store_lmdb_look.c broker/store_lmdb_check_index.c
broker_daftard_SOURCES += broker/control_look.h broker/control_message.c broker/control_evidence.c broker/control_corridor.c broker/control_stats.c
broker_libbroker_a_SOURCES += broker/store_aside.h broker/store_lmdb_aside.c broker/store_lmdb_aside.h broker/store_lmdb_closed.c
broker_libbroker_a_SOURCES += broker/dispatch_suspect.c broker/exchange_aside.c
broker_daftard_SOURCES += broker/control_act.c broker/control_act.h broker/control_dead.c
broker_daftard_SOURCES += broker/control_turn.c
broker_libbroker_a_SOURCES += broker/undecided.c broker/undecided.h
