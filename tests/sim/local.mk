# The simulator: the real exchange, store, link, spool and adapter core on a virtual machine.
EXTRA_PROGRAMS += tests/sim/sim
tests_sim_sim_SOURCES = \
	tests/sim/backlog.c tests/sim/broker.c tests/sim/consents.c tests/sim/disk.h tests/sim/ends.c tests/sim/fault.c tests/sim/fault.def \
	tests/sim/history.c tests/sim/lmdb_memory.c tests/sim/machine.c tests/sim/main.c \
	tests/sim/network.c tests/sim/officer.c tests/sim/operator.c tests/sim/party.c tests/sim/realm.c tests/sim/register.c \
	tests/sim/sim.h tests/sim/thin.c tests/sim/world.c
tests_sim_sim_LDADD = broker/libbroker.a adapters/libadapter.a broker/libbroker.a $(CIVIL_LIBS) $(LDADD)
tests_sim_sim_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=clock_gettime,--wrap=getrandom,--wrap=id_new,--wrap=die \
	-Wl,--wrap=__assert_fail,--wrap=fsync,--wrap=fallocate,--wrap=flock,--wrap=getpid \
	-Wl,--wrap=log_line,--wrap=log_message \
	-Wl,--wrap=seal_sign,--wrap=seal_extract,--wrap=seal_cert,--wrap=seal_verify_extract \
	-Wl,--wrap=encrypt_body,--wrap=decrypt_body,--wrap=xml_validate \
	-Wl,--wrap=message_header,--wrap=signature_make,--wrap=signature_check,--wrap=validate_strictly,--wrap=xml_check_canonical \
	-Wl,--wrap=EVP_DigestSign,--wrap=EVP_DigestVerify \
	-Wl,--wrap=spool_file,--wrap=spool_file_all,--wrap=spool_sent,--wrap=spool_notice \
	-Wl,--wrap=spool_take
EXTRA_DIST += tests/sim/README.md tests/sim/contract tests/sim/mutations tests/sim/run tests/sim/seeds

# The simulator with files that are wrong: each of MUTANT is compiled and takes its module's place.
sim-mutant:
	for f in $(MUTANT); do $(COMPILE) -Wno-error -c -o $$f.o $$f || exit 1; done
	$(CCLD) $(AM_CFLAGS) $(CFLAGS) $(tests_sim_sim_LDFLAGS) $(LDFLAGS) -o $(MUTANT_SIM) \
		$(MUTANT:=.o) $(tests_sim_sim_OBJECTS) $(tests_sim_sim_LDADD) $(LIBS)
.PHONY: sim-mutant

# A unit test of the store or the spool with the simulator's stand-in for liblmdb.
sim-contract:
	$(CCLD) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) -o $(CONTRACT) \
		tests/unit/$(TEST).$(OBJEXT) tests/sim/lmdb_memory.$(OBJEXT) broker/libbroker.a \
		$(LDADD) $(LIBS)
.PHONY: sim-contract
