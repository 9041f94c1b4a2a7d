bin_PROGRAMS += liaison/daftar
liaison_daftar_SOURCES = \
	liaison/bundle.c liaison/case.c liaison/codes.c liaison/daftar.h liaison/doctor.c \
	liaison/evidence.c liaison/files.c liaison/list.c liaison/log.c liaison/main.c \
	liaison/office.c liaison/outcome.c liaison/request.c liaison/say.c liaison/session.c \
	liaison/setup.c liaison/story.c liaison/track.c
liaison_daftar_SOURCES += liaison/check.c liaison/clear.c liaison/compose.c \
	liaison/consent.c liaison/consent.h liaison/consent_record.c liaison/seal.c liaison/ledger.c liaison/stop.c \
	liaison/withdraw.c
