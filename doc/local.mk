# Manual pages are written in scdoc (doc/man/*.scd) and made where scdoc is there.
EXTRA_DIST += $(MAN_SOURCES)
if HAVE_SCDOC
man_MANS = $(MAN_SOURCES:.scd=)
CLEANFILES += $(man_MANS)
endif
SUFFIXES = .scd
.scd:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SCDOC) < $< > $@.tmp && mv $@.tmp $@
