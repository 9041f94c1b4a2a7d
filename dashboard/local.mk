sbin_PROGRAMS += dashboard/daftar-dashboard
dashboard_daftar_dashboard_SOURCES = \
	dashboard/assets.c dashboard/broker.c dashboard/broker.h dashboard/main.c \
	dashboard/server.c dashboard/server.h dashboard/session.c dashboard/session.h \
	dashboard/view.c dashboard/view.h
dashboard_daftar_dashboard_SOURCES += dashboard/acts.def dashboard/screens.def dashboard/screen.c dashboard/screen.h
dashboard_daftar_dashboard_SOURCES += dashboard/page.c dashboard/page.h dashboard/page_text.c dashboard/page_time.c
dashboard_daftar_dashboard_SOURCES += dashboard/page_block.c dashboard/query.c dashboard/query.h dashboard/frame.c
dashboard_daftar_dashboard_SOURCES += dashboard/screen_overview.c
