bin_PROGRAMS += liaison/daftar
liaison_daftar_SOURCES = \
	liaison/alike.c liaison/alike.h liaison/ask.c liaison/ask.h liaison/ask_choice.c \
	liaison/attach.c liaison/batch.c liaison/batch.h liaison/batch_column.def \
	liaison/batch_date.c liaison/batch_date.h liaison/batch_file.c \
	liaison/batch_load.c liaison/batch_map.c liaison/batch_rejects.c \
	liaison/batch_row.c liaison/bidi.c liaison/bidi.h liaison/bundle.c \
	liaison/case.c liaison/check.c liaison/clear.c liaison/codes.c \
	liaison/commands.h liaison/completion.c liaison/compose.c liaison/consent.c \
	liaison/consent.h liaison/consent_record.c liaison/context.c liaison/context.h \
	liaison/daftar.h liaison/date.c liaison/doctor.c liaison/doctor.h \
	liaison/doctor_look.c liaison/draft.c liaison/edit.c liaison/edit.h \
	liaison/escape.c liaison/evidence.c liaison/fail.c liaison/files.c \
	liaison/help.c liaison/id.c liaison/inbox.c liaison/incoming.c \
	liaison/incoming.h liaison/labels.c \
	liaison/layout.c liaison/layout.h liaison/layout_words.c liaison/layout_words.h \
	liaison/ledger.c liaison/list.c liaison/log.c liaison/look.c liaison/lookup.h \
	liaison/main.c liaison/name.c liaison/office.c liaison/outbox.c liaison/outbox.h \
	liaison/outcome.c liaison/particulars.c liaison/place.c liaison/print.c \
	liaison/progress.c liaison/question.c liaison/question_say.c liaison/reply.c \
	liaison/request.c liaison/rows.h liaison/say.c liaison/say.h liaison/scans.c \
	liaison/scans.h liaison/scans_say.c liaison/screen.c liaison/seal.c \
	liaison/seal_key.c liaison/seal_key.h liaison/session.c liaison/setup.c \
	liaison/setup.h liaison/setup_ask.c liaison/sign.c liaison/stop.c \
	liaison/story.c liaison/story_state.c liaison/stray.c liaison/sync.c \
	liaison/table.c liaison/terminal.c liaison/terminal.h liaison/timeline.c \
	liaison/track.c liaison/track.h liaison/tui.c liaison/tui.h liaison/tui_draw.c \
	liaison/tui_model.c liaison/withdraw.c liaison/wizard.c liaison/wizard.h \
	liaison/wizard_case.c liaison/wizard_date.c liaison/wizard_draft.c \
	liaison/wizard_kind.c liaison/wizard_name.c liaison/wizard_place.c \
	liaison/wizard_review.c liaison/wizard_road.c liaison/wizard_table.c \
	liaison/worklist.c liaison/worklist.h
liaison_daftar_LDADD = $(PAPER_LIBS) $(CIVIL_LIBS) $(DAFTAR_LIBS) $(FRIBIDI_LIBS) $(NCURSES_LIBS)
nodist_liaison_daftar_SOURCES = liaison/commands.inc
EXTRA_DIST += liaison/commands.table
BUILT_SOURCES += liaison/commands.inc
CLEANFILES += liaison/commands.inc
liaison/commands.inc: liaison/commands.table lib/table.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(AWK) -v form=c -f $(srcdir)/lib/table.awk \
		$(srcdir)/liaison/commands.table >$@.tmp && mv $@.tmp $@
liaison_daftar_SOURCES += liaison/anew.c liaison/anew.h
