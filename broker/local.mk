# The core that the simulator and the tests drive as well.
noinst_LIBRARIES += broker/libbroker.a
broker_libbroker_a_SOURCES = \
	broker/dispatch.c broker/dispatch.h broker/exchange.c broker/exchange.h \
	broker/gate_frames.c broker/gate_frames.h broker/lmdb_log.c broker/lmdb_open.c \
	broker/lmdb_record.c broker/lmdb_table.c broker/peers.c broker/peers.h \
	broker/promise.c broker/promise.h broker/store.h broker/store_lmdb.c \
	broker/store_lmdb.h

libexec_PROGRAMS += broker/daftar-examiner
broker_daftar_examiner_SOURCES = \
	broker/examiner_main.c

libexec_PROGRAMS += broker/daftar-gate
broker_daftar_gate_SOURCES = \
	broker/gate_main.c
broker_daftar_gate_LDADD = broker/libbroker.a $(LDADD)
