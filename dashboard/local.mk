sbin_PROGRAMS += dashboard/daftar-dashboard
dashboard_daftar_dashboard_SOURCES = dashboard/main.c
dashboard_daftar_dashboard_LDADD = dashboard/libdashboard.a $(LDADD) $(TLS_LIBS) -lm

# Everything but main, for the unit tests and the fuzzers too.
noinst_LIBRARIES += dashboard/libdashboard.a
dashboard_libdashboard_a_SOURCES = dashboard/assets.c dashboard/broker.c dashboard/broker.h
dashboard_libdashboard_a_SOURCES += dashboard/server.c dashboard/server.h dashboard/session.c dashboard/session.h
dashboard_libdashboard_a_SOURCES += dashboard/view.c dashboard/view.h
dashboard_libdashboard_a_SOURCES += dashboard/acts.def dashboard/screens.def dashboard/screen.c dashboard/screen.h
dashboard_libdashboard_a_SOURCES += dashboard/page.c dashboard/page.h dashboard/page_text.c dashboard/page_time.c
dashboard_libdashboard_a_SOURCES += dashboard/page_block.c dashboard/query.c dashboard/query.h dashboard/frame.c
dashboard_libdashboard_a_SOURCES += dashboard/screen_overview.c
dashboard_libdashboard_a_SOURCES += dashboard/svg_chart.c dashboard/svg_chart.h dashboard/svg_graph.c dashboard/svg_graph.h dashboard/svg_parts.c dashboard/svg_parts.h
dashboard_libdashboard_a_SOURCES += dashboard/series.c dashboard/series.h dashboard/message_rows.c dashboard/message_rows.h dashboard/corridors.c dashboard/corridors.h
dashboard_libdashboard_a_SOURCES += dashboard/screen_corridors.c dashboard/screen_corridor.c dashboard/screen_messages.c dashboard/screen_message.c dashboard/screen_waiting.c dashboard/screen_dead.c
EXTRA_DIST += dashboard/assets/charts.css dashboard/assets/saved.js
dashboard_libdashboard_a_SOURCES += dashboard/answers.c dashboard/answers.h
dashboard_libdashboard_a_SOURCES += dashboard/books.h dashboard/screen_books.c dashboard/screen_book_party.c dashboard/screen_book_corridor.c
dashboard_libdashboard_a_SOURCES += dashboard/parties.h dashboard/screen_parties.c dashboard/screen_party.c dashboard/certs.h dashboard/screen_certs.c dashboard/svg_expiry.c
dashboard_libdashboard_a_SOURCES += dashboard/screen_alerts.c dashboard/screen_audit.c dashboard/screen_engine.c
dashboard_libdashboard_a_SOURCES += dashboard/figures.c dashboard/figures.h
dashboard_libdashboard_a_SOURCES += dashboard/page_list.c
dashboard_libdashboard_a_SOURCES += dashboard/waits.c dashboard/waits.h
EXTRA_DIST += dashboard/assets/books.css
dashboard_libdashboard_a_SOURCES += dashboard/act.c dashboard/answer.c dashboard/assets.h dashboard/gzip.c dashboard/gzip.h
dashboard_libdashboard_a_SOURCES += dashboard/http.c dashboard/http.h dashboard/http_answer.c dashboard/http_parts.h
dashboard_libdashboard_a_SOURCES += dashboard/http_head.c dashboard/http_head.h dashboard/live.c
dashboard_libdashboard_a_SOURCES += dashboard/settings.c dashboard/settings.h dashboard/tls.c dashboard/tls.h
dashboard_libdashboard_a_SOURCES += dashboard/visit.c dashboard/visit.h

# Style sheets, scripts and the icon become C.
EXTRA_DIST += dashboard/assets/embed dashboard/assets/icon.svg
EXTRA_DIST += dashboard/assets/live.js dashboard/assets/style.css
dashboard/assets_data.h: $(srcdir)/dashboard/assets/embed $(srcdir)/dashboard/assets/*.css \
	$(srcdir)/dashboard/assets/*.js $(srcdir)/dashboard/assets/icon.svg
	$(AM_V_GEN)$(MKDIR_P) $(@D) && bash $(srcdir)/dashboard/assets/embed $(srcdir)/dashboard/assets \
		>$@.tmp && mv $@.tmp $@
dashboard/assets.$(OBJEXT): dashboard/assets_data.h
BUILT_SOURCES += dashboard/assets_data.h
CLEANFILES += dashboard/assets_data.h

# The runbooks that screens lead to.
dashboard_libdashboard_a_SOURCES += dashboard/screen_help.c
EXTRA_DIST += dashboard/help.awk
dashboard/help_data.h: $(srcdir)/dashboard/help.awk $(srcdir)/doc/OPERATIONS.md
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(AWK) -f $(srcdir)/dashboard/help.awk $(srcdir)/doc/OPERATIONS.md \
		>$@.tmp && mv $@.tmp $@
dashboard/screen_help.$(OBJEXT): dashboard/help_data.h
BUILT_SOURCES += dashboard/help_data.h
CLEANFILES += dashboard/help_data.h
