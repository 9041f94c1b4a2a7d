bin_PROGRAMS += liaison/daftar
liaison_daftar_SOURCES = \
	liaison/bundle.c liaison/case.c liaison/codes.c liaison/daftar.h liaison/doctor.c \
	liaison/evidence.c liaison/files.c liaison/list.c liaison/log.c liaison/main.c \
	liaison/office.c liaison/outcome.c liaison/request.c liaison/rows.h liaison/say.c liaison/session.c \
	liaison/setup.c liaison/story.c liaison/track.c
liaison_daftar_SOURCES += liaison/check.c liaison/clear.c liaison/compose.c \
	liaison/consent.c liaison/consent.h liaison/consent_record.c liaison/seal.c liaison/ledger.c liaison/stop.c \
	liaison/withdraw.c
liaison_daftar_SOURCES += liaison/batch.c liaison/batch.h liaison/batch_column.def \
	liaison/batch_date.c liaison/batch_date.h liaison/batch_file.c liaison/batch_load.c \
	liaison/batch_map.c liaison/batch_rejects.c liaison/batch_row.c
liaison_daftar_SOURCES += liaison/incoming.c liaison/incoming.h liaison/question.c liaison/reply.c liaison/inbox.c
liaison_daftar_SOURCES += liaison/date.c liaison/look.c
liaison_daftar_LDADD = $(PAPER_LIBS) $(CIVIL_LIBS) $(DAFTAR_LIBS) $(FRIBIDI_LIBS)
nodist_liaison_daftar_SOURCES = liaison/commands.inc
EXTRA_DIST += liaison/commands.table liaison/table.awk
BUILT_SOURCES += liaison/commands.inc
CLEANFILES += liaison/commands.inc
liaison/commands.inc: liaison/commands.table liaison/table.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(AWK) -v form=c -f $(srcdir)/liaison/table.awk \
		$(srcdir)/liaison/commands.table >$@.tmp && mv $@.tmp $@
liaison_daftar_SOURCES += liaison/bidi.c liaison/bidi.h liaison/escape.c liaison/layout.c \
	liaison/layout.h liaison/progress.c liaison/say.h liaison/table.c liaison/terminal.c liaison/terminal.h

liaison_daftar_SOURCES += liaison/story_state.c
liaison_daftar_SOURCES += liaison/outbox.c liaison/outbox.h liaison/sync.c liaison/worklist.c liaison/worklist.h
liaison_daftar_SOURCES += liaison/timeline.c liaison/track.h
liaison_daftar_SOURCES += liaison/labels.c
liaison_daftar_SOURCES += liaison/screen.c liaison/tui.c liaison/tui.h liaison/tui_draw.c liaison/tui_model.c
liaison_daftar_LDADD += $(NCURSES_LIBS)
liaison_daftar_SOURCES += liaison/seal_key.c liaison/seal_key.h
liaison_daftar_SOURCES += liaison/alike.c liaison/alike.h liaison/id.c liaison/lookup.h \
	liaison/name.c liaison/particulars.c liaison/place.c liaison/stray.c
liaison_daftar_SOURCES += liaison/print.c liaison/sign.c
liaison_daftar_SOURCES += liaison/context.c liaison/context.h liaison/setup.h liaison/setup_ask.c liaison/doctor.h liaison/doctor_look.c
liaison_daftar_SOURCES += liaison/ask.c liaison/ask.h liaison/ask_choice.c liaison/wizard_draft.c liaison/draft.c liaison/edit.c liaison/edit.h \
	liaison/wizard.c liaison/wizard.h liaison/wizard_case.c liaison/wizard_date.c \
	liaison/wizard_kind.c liaison/wizard_name.c liaison/wizard_place.c liaison/wizard_review.c \
	liaison/wizard_road.c liaison/wizard_table.c
liaison_daftar_SOURCES += liaison/completion.c
liaison_daftar_SOURCES += liaison/layout_words.c liaison/layout_words.h
liaison_daftar_SOURCES += liaison/fail.c
