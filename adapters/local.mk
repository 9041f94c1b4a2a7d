noinst_LIBRARIES += adapters/libadapter.a
adapters_libadapter_a_SOURCES = adapters/core_aside.c
adapters_libadapter_a_SOURCES += adapters/core_refile.c adapters/registrar_refile.c
adapters_libadapter_a_SOURCES += \
	adapters/bundle.c adapters/check.c adapters/column.def adapters/commands.c \
	adapters/commands.h adapters/compare.c adapters/core.c adapters/core.h \
	adapters/core_answer.c adapters/core_attachment.c adapters/core_extract.c \
	adapters/core_fields.c adapters/core_outcome.c adapters/core_parts.h \
	adapters/core_protect.c adapters/core_query.c adapters/core_register.c \
	adapters/core_request.c adapters/core_tacit.c adapters/core_withdraw.c \
	adapters/daemon.c adapters/daemon.h adapters/daemon_trust.c adapters/document.c \
	adapters/driver.h adapters/driver_folder.c adapters/driver_odbc.c \
	adapters/folder_register.c adapters/folder_register.h adapters/keep.c \
	adapters/ledger.c adapters/ledger.h adapters/log.c adapters/match.c \
	adapters/match.h adapters/names.c adapters/names.h adapters/odbc_connection.c \
	adapters/odbc_connection.h adapters/odbc_statement.c adapters/print.c \
	adapters/question_line.c adapters/questions.c adapters/questions.h \
	adapters/record_json.c adapters/record_json.h adapters/registrar.c \
	adapters/registrar.h adapters/registrar_document.c adapters/registrar_query.c \
	adapters/registrar_status.c adapters/revocation.c adapters/row.c adapters/row.h \
	adapters/scans.c adapters/scans.h adapters/settings.c adapters/settings.h

bin_PROGRAMS += adapters/daftar-adapter
adapters_daftar_adapter_SOURCES = adapters/main.c adapters/paper.c
adapters_daftar_adapter_LDADD = adapters/libadapter.a $(PAPER_LIBS) $(CIVIL_LIBS) $(LDADD)

sqldir = $(pkgdatadir)/sql
dist_sql_DATA = \
	adapters/sql/mark.sql adapters/sql/register.sql
