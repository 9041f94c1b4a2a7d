# Manual pages are written in scdoc and made where scdoc is there.
MAN_SOURCES += \
	doc/man/daftar-adapter.8.scd doc/man/daftar-adapter.conf.5.scd \
	doc/man/daftar-dashboard.8.scd doc/man/daftar-examiner.1.scd \
	doc/man/daftar-gate.8.scd doc/man/daftar-pki.1.scd doc/man/daftar-request.5.scd \
	doc/man/daftard.8.scd \
	doc/man/daftard.conf.5.scd
MAN_SOURCES += doc/man/daftar-consent.5.scd
MAN_SOURCES += doc/man/daftar-batch.5.scd
MAN_SOURCES += doc/man/daftar-alert.8.scd doc/man/daftar-alert.conf.5.scd
EXTRA_DIST += $(MAN_SOURCES) \
	doc/EXACTLY-ONCE.md doc/OPERATIONS.md doc/PROTOCOL.md doc/STORAGE.md doc/decisions/0001-one-signature-a-commit.md \
	doc/decisions/0002-bytes-pass-through-daftard.md doc/decisions/0003-dependencies.md \
	doc/decisions/0004-the-body-is-bound-to-its-header.md \
	doc/decisions/0005-a-restored-exchange-reconciles-party-by-party.md \
	doc/decisions/0006-an-epoch-has-an-incarnation.md \
	doc/decisions/0007-what-was-offered-is-its-addressees-to-end.md
EXTRA_DIST += doc/man/daftar.1.head.scd doc/man/daftar.1.tail.scd
if HAVE_SCDOC
man_MANS = $(MAN_SOURCES:.scd=) doc/man/daftar.1 doc/man/daftarctl.1
CLEANFILES += $(man_MANS)
endif
EXTRA_DIST += doc/model/README.md doc/model/delivery.pml
# daftar(1): its commands and options are those of the table that the program itself reads.
doc/man/daftar.1: doc/man/daftar.1.head.scd doc/man/daftar.1.tail.scd liaison/commands.table lib/table.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { cat $(srcdir)/doc/man/daftar.1.head.scd && \
		$(AWK) -v form=man -f $(srcdir)/lib/table.awk $(srcdir)/liaison/commands.table && \
		cat $(srcdir)/doc/man/daftar.1.tail.scd; } >$@.scd.tmp && \
		$(SCDOC) <$@.scd.tmp >$@.tmp && mv $@.tmp $@ && rm $@.scd.tmp
# daftarctl(1) in the same way.
EXTRA_DIST += doc/man/daftarctl.1.head.scd doc/man/daftarctl.1.tail.scd
doc/man/daftarctl.1: doc/man/daftarctl.1.head.scd doc/man/daftarctl.1.tail.scd broker/commands.table lib/table.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { cat $(srcdir)/doc/man/daftarctl.1.head.scd && \
		$(AWK) -v form=man -f $(srcdir)/lib/table.awk $(srcdir)/broker/commands.table && \
		cat $(srcdir)/doc/man/daftarctl.1.tail.scd; } >$@.scd.tmp && \
		$(SCDOC) <$@.scd.tmp >$@.tmp && mv $@.tmp $@ && rm $@.scd.tmp
SUFFIXES = .scd
.scd:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SCDOC) < $< > $@.tmp && mv $@.tmp $@
EXTRA_DIST += doc/decisions/0009-a-forked-log-stops-what-is-new.md
EXTRA_DIST += doc/decisions/0008-tokens-are-spoken-to-directly.md
EXTRA_DIST += doc/THREATS.md
EXTRA_DIST += doc/decisions/0010-held-is-not-a-stage.md doc/decisions/0011-two-officers.md \
	doc/decisions/0012-turns-are-for-time.md
EXTRA_DIST += doc/PRIVACY.md
EXTRA_DIST += doc/decisions/0013-what-was-deleted-is-overwritten.md
EXTRA_DIST += doc/decisions/0014-the-consent-token.md
EXTRA_DIST += doc/decisions/0015-libraries-of-the-officers-tool.md
EXTRA_DIST += doc/decisions/0016-who-asks-whom.md
EXTRA_DIST += doc/TRANSLATING.md
EXTRA_DIST += doc/decisions/0017-thin-lines.md
EXTRA_DIST += doc/decisions/0018-scans-are-messages.md
EXTRA_DIST += doc/decisions/0020-alerts-are-states.md
EXTRA_DIST += doc/CONTROL.md doc/control-verbs
EXTRA_DIST += doc/decisions/0021-the-dashboard-speaks-http-itself.md
EXTRA_DIST += doc/decisions/0022-who-may-do-what.md
EXTRA_DIST += doc/decisions/0023-the-administrators-tool.md
EXTRA_DIST += doc/decisions/0019-set-aside-is-not-a-stage.md
EXTRA_DIST += doc/decisions/0024-what-kills-the-adapter-is-set-aside.md
