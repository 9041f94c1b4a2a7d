# Unit tests print TAP through cmocka, scenario tests through bats; automake's driver reads both.
UNIT_TESTS = tests/unit/test_id tests/unit/test_buf tests/unit/test_conf
SCENARIOS =

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
endif
TESTS += $(UNIT_TESTS) $(SCENARIOS)

TEST_EXTENSIONS = .bats
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_DRIVER = $(LOG_DRIVER)
BATS_LOG_COMPILER = bats --tap
AM_TESTS_ENVIRONMENT = \
	DAFTAR_TESTS='$(abs_top_srcdir)/tests'; export DAFTAR_TESTS; \
	DAFTAR_BUILD='$(abs_top_builddir)'; export DAFTAR_BUILD; \
	DAFTAR_SCHEMAS='$(abs_top_srcdir)/schemas'; export DAFTAR_SCHEMAS; \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	UBSAN_OPTIONS=print_stacktrace=1; export UBSAN_OPTIONS;

# For ./check, which runs the tiers one by one.
print-unit:
	@echo $(UNIT_TESTS)
print-scenario:
	@echo $(SCENARIOS)
man-pages: $(man_MANS)
.PHONY: print-unit print-scenario man-pages

EXTRA_DIST += $(SCENARIOS) tests/unit/test.h
