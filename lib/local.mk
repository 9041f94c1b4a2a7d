noinst_LIBRARIES += lib/libdaftar.a

lib_libdaftar_a_SOURCES = \
	lib/action.def lib/base.c lib/base.h lib/buf.c lib/buf.h lib/conf.c lib/conf.h \
	lib/err.c lib/err.def lib/err.h lib/id.c lib/id.h lib/log.c lib/log.h
