/* SPDX-License-Identifier: EUPL-1.2
 *
 * A connection to a data base through unixODBC, and statements with named parameters. For the ODBC
 * driver only; together with odbc_statement.c the only file that meets sql.h.
 *
 * A statement is SQL with :names where values go; every value is bound, none is ever written into
 * the text. Nothing is committed until odbc_commit. */
#ifndef DAFTAR_ODBC_CONNECTION_H
#define DAFTAR_ODBC_CONNECTION_H

#include <sql.h>
#include <sqlext.h>

#include "adapters/row.h"

struct odbc {
	char *string; /* connection string */
	SQLHENV env;
	SQLHDBC dbc;
	char dbms[32]; /* "SQLite", "PostgreSQL", ... */
	bool up;
};

void odbc_init(struct odbc *o, const char *string);
void odbc_free(struct odbc *o);
/* Connects unless connected. E_REGISTER. */
enum err odbc_up(struct odbc *o) MUST_USE;
/* Ends the connection; what was not committed is undone. */
void odbc_down(struct odbc *o);
/* E_REGISTER or E_LOCKED: whether it was committed is not known, look before anything else. */
enum err odbc_commit(struct odbc *o) MUST_USE;
/* Undoes; takes the connection down when even that does not work. */
void odbc_rollback(struct odbc *o);

/* Runs one statement and hands every row of its result to `visit' (which may be NULL). Parameters
 * are looked up in `values'; NULL there is NULL in SQL. E_LOCKED when others hold what it needs,
 * E_REGISTER otherwise; E_REGISTER_DATA for more rows or longer cells than anything sound has. */
typedef void odbc_visit(void *context, const struct row *r);
enum err odbc_run(struct odbc *o, const char *sql, const struct row *values, odbc_visit *visit,
	void *context) MUST_USE;

/* Says SQLSTATE and native code on the log (the driver's text may quote a record) and tells
 * E_LOCKED from E_REGISTER. */
enum err odbc_problem(struct odbc *o, const char *what, SQLSMALLINT type, SQLHANDLE handle);

/* A statement with its parameters in order: the text that ODBC takes, and whose value each `?' is.
 */
#define ODBC_PARAMETERS 48
struct odbc_text {
	struct buf sql;
	char name[ODBC_PARAMETERS][32];
	size_t n;
};
/* False when a name is too long or there are too many. */
bool odbc_text_of(const char *sql, struct odbc_text *out) MUST_USE;

#endif
