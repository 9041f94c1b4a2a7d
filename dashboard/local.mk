sbin_PROGRAMS += dashboard/daftar-dashboard
dashboard_daftar_dashboard_SOURCES = \
	dashboard/assets.c dashboard/broker.c dashboard/broker.h dashboard/main.c \
	dashboard/server.c dashboard/server.h dashboard/session.c dashboard/session.h \
	dashboard/view.c dashboard/view.h
