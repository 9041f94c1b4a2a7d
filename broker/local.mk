# The core that the simulator and the tests drive as well.
noinst_LIBRARIES += broker/libbroker.a
broker_libbroker_a_SOURCES = \
	broker/control_verbs.c broker/dispatch.c broker/dispatch.h broker/examiners.c \
	broker/examiners.h broker/examiners_parts.h broker/examiners_worker.c broker/exchange.c broker/exchange.h broker/gate_child.c \
	broker/gate_child.h broker/gate_frames.c broker/gate_frames.h broker/lanes.c \
	broker/lanes.h broker/notify.c broker/notify.h broker/peers.c broker/peers.h \
	broker/promise.c broker/promise.h broker/respawn.c broker/respawn.h broker/store.h \
	broker/store_lmdb.c broker/store_lmdb.h broker/store_lmdb_log.c \
	broker/store_lmdb_open.c broker/store_lmdb_record.c broker/store_lmdb_table.c
broker_libbroker_a_SOURCES += \
	broker/exchange_damage.c broker/exchange_message.c broker/exchange_parts.h
broker_libbroker_a_SOURCES += broker/store_key.c broker/store_lmdb_backup.c
broker_libbroker_a_SOURCES += broker/store_lmdb_book.c broker/store_lmdb_check.c
broker_libbroker_a_SOURCES += broker/store_lmdb_restore.c
broker_libbroker_a_SOURCES += broker/store_lmdb_scrub.c broker/store_lmdb_seal.c
broker_libbroker_a_SOURCES += broker/store_lmdb_check_log.c broker/store_lmdb_epoch.c
broker_libbroker_a_SOURCES += broker/store_lmdb_upgrade.c
broker_libbroker_a_SOURCES += broker/exchange_log.c
	broker/store_key.c broker/store_lmdb_backup.c broker/store_lmdb_book.c \
	broker/store_lmdb_restore.c broker/store_lmdb_scrub.c
broker_libbroker_a_SOURCES += \
	broker/exchange_damage.c broker/exchange_message.c broker/exchange_parts.h \
	broker/reconcile.c broker/reconcile.h broker/reconcile_parts.h broker/reconcile_session.c broker/reconcile_closing.c \
	broker/store_lmdb_closing.c

broker_libbroker_a_SOURCES += broker/exchange_ask.c broker/exchange_standing.c
broker_libbroker_a_SOURCES += broker/ending.c broker/ending.h
broker_libbroker_a_SOURCES += broker/standing.c broker/standing.h broker/store_lmdb_change.c
broker_libbroker_a_SOURCES += broker/store_lmdb_layout.c broker/store_lmdb_standing.c

libexec_PROGRAMS += broker/daftar-examiner
broker_daftar_examiner_SOURCES = \
	broker/examiner_main.c

libexec_PROGRAMS += broker/daftar-gate
broker_daftar_gate_SOURCES = \
	broker/gate_main.c
broker_daftar_gate_LDADD = broker/libbroker.a $(LDADD)

sbin_PROGRAMS += broker/daftard
broker_daftard_SOURCES = \
	broker/daftard.c broker/daftard.h broker/daftard_confine.c broker/daftard_group.c \
	broker/daftard_main.c broker/daftard_peers.c
broker_daftard_SOURCES += broker/daftard_store.c broker/daftard_work.c
broker_daftard_SOURCES += broker/control_log.c
broker_daftard_SOURCES += broker/daftard_closings.c broker/control_courier.c broker/courier.c broker/courier.h
broker_daftard_SOURCES += broker/control_json.c broker/control_json.h broker/control_recon.c \
	broker/control_status.c
broker_daftard_SOURCES += broker/control_cert.c broker/control_change.c broker/control_party.c
broker_daftard_SOURCES += broker/control_trust.c broker/officers.c broker/officers.h
broker_daftard_SOURCES += broker/trust_changes.c broker/trust_changes.h
broker_daftard_LDADD = broker/libbroker.a $(LDADD)

bin_PROGRAMS += broker/daftarctl
broker_daftarctl_SOURCES = \
	broker/ctl_main.c broker/ctl_print.c broker/ctl_print.h
broker_daftarctl_SOURCES += broker/ctl_change.c
broker_daftarctl_SOURCES += broker/ctl_command.h broker/ctl_commands.c
broker_daftarctl_SOURCES += broker/ctl_log.c
broker_daftarctl_SOURCES += broker/ctl_bundle.c broker/ctl_recon.c
broker_daftarctl_LDADD = broker/libbroker.a $(LDADD)
broker_libbroker_a_SOURCES += broker/store_lmdb_check_revocation.c broker/store_lmdb_check_totals.c broker/store_lmdb_held.c broker/store_lmdb_revocation.c
broker_libbroker_a_SOURCES += broker/items.c broker/items.h
broker_libbroker_a_SOURCES += broker/exchange_held.c
broker_daftard_SOURCES += broker/control_crl.c broker/daftard_revocation.c
broker_daftarctl_SOURCES += broker/ctl_crl.c
broker_daftard_SOURCES += broker/daftard_trust.c
broker_libbroker_a_SOURCES += broker/quota.c broker/quota.h broker/store_lmdb_share.c
broker_libbroker_a_SOURCES += broker/dispatch_lane.c broker/dispatch_parts.h
