/* SPDX-License-Identifier: EUPL-1.2
 *
 * Connecting, committing and understanding what went wrong. No wait is without a bound: SQLite's
 * driver would wait 100 s for a lock, PostgreSQL for ever; both are told to give up after
 * WAIT_MS, because the adapter's one loop waits with them. */
#include "adapters/odbc_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/log.h"

#define WAIT_MS 2000
#define LOGIN_S 3

/* ---- trouble ---- */

/* What a data base says when somebody else holds what we need: SQLite's BUSY and LOCKED are native
 * codes under a state that says nothing, PostgreSQL has states. */
static bool
is_locked(const char *state, SQLINTEGER native, const char *dbms)
{
	if (strcmp(dbms, "SQLite") == 0)
		return (native & 0xff) == 5 || (native & 0xff) == 6;
	return strcmp(state, "55P03") == 0 || strcmp(state, "40P01") == 0 ||
	       strcmp(state, "40001") == 0;
}

enum err
odbc_problem(struct odbc *o, const char *what, SQLSMALLINT type, SQLHANDLE handle)
{
	char state[6] = "", text[512];
	SQLINTEGER native = 0;
	SQLSMALLINT n = 0;

	if (!SQL_SUCCEEDED(SQLGetDiagRec(
		    type, handle, 1, (SQLCHAR *)state, &native, (SQLCHAR *)text, sizeof text, &n)))
		snprintf(state, sizeof state, "?");
	if (is_locked(state, native, o->dbms))
		return E_LOCKED;
	log_line(LOG_WARNING, "register data base: %s failed sqlstate=%s native=%d", what, state,
		(int)native);
	return E_REGISTER;
}

/* ---- connection ---- */

void
odbc_init(struct odbc *o, const char *string)
{
	*o = (struct odbc){0};
	o->string = xstrdup(string);
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &o->env)))
		die("unixODBC");
	SQLSetEnvAttr(o->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
}

void
odbc_free(struct odbc *o)
{
	odbc_down(o);
	if (o->env != NULL)
		SQLFreeHandle(SQL_HANDLE_ENV, o->env);
	free(o->string);
	*o = (struct odbc){0};
}

void
odbc_down(struct odbc *o)
{
	if (o->dbc == NULL)
		return;
	if (o->up) {
		SQLEndTran(SQL_HANDLE_DBC, o->dbc, SQL_ROLLBACK);
		SQLDisconnect(o->dbc);
	}
	SQLFreeHandle(SQL_HANDLE_DBC, o->dbc);
	o->dbc = NULL;
	o->up = false;
}

static enum err
connect_with(struct odbc *o, const char *string)
{
	SQLRETURN r;

	odbc_down(o);
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, o->env, &o->dbc)))
		die("unixODBC");
	SQLSetConnectAttr(o->dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)LOGIN_S, 0);
	r = SQLDriverConnect(
		o->dbc, NULL, (SQLCHAR *)string, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
	o->up = SQL_SUCCEEDED(r);
	return o->up ? E_OK : odbc_problem(o, "connecting", SQL_HANDLE_DBC, o->dbc);
}

static enum err
set_up_sqlite(struct odbc *o)
{
	if (strcasestr(o->string, "timeout=") == NULL) {
		OWNED(char, bounded, free_chars) = xprintf("%s;Timeout=%d", o->string, WAIT_MS);

		TRY(connect_with(o, bounded));
	}
	return odbc_run(o, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
}

static enum err
set_up_postgresql(struct odbc *o)
{
	OWNED(char, waits, free_chars) =
		xprintf("SET lock_timeout = %d; SET statement_timeout = %d", WAIT_MS, 2 * WAIT_MS);

	TRY(odbc_run(o, waits, NULL, NULL, NULL));
	return odbc_run(o, "SET client_encoding = 'UTF8'", NULL, NULL, NULL);
}

static enum err
set_up(struct odbc *o)
{
	SQLSMALLINT n = 0;

	if (!SQL_SUCCEEDED(SQLGetInfo(o->dbc, SQL_DBMS_NAME, o->dbms, sizeof o->dbms, &n)))
		o->dbms[0] = '\0';
	if (strcmp(o->dbms, "SQLite") == 0)
		TRY(set_up_sqlite(o));
	if (strcmp(o->dbms, "PostgreSQL") == 0)
		TRY(set_up_postgresql(o));
	if (!SQL_SUCCEEDED(SQLSetConnectAttr(
		    o->dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0)))
		return odbc_problem(o, "switching to transactions", SQL_HANDLE_DBC, o->dbc);
	return E_OK;
}

enum err
odbc_up(struct odbc *o)
{
	enum err e;

	if (o->up)
		return E_OK;
	e = connect_with(o, o->string);
	if (e == E_OK)
		e = set_up(o);
	if (e == E_OK)
		return E_OK;
	odbc_down(o);
	return e == E_LOCKED ? E_LOCKED : E_REGISTER;
}

enum err
odbc_commit(struct odbc *o)
{
	if (SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, o->dbc, SQL_COMMIT)))
		return E_OK;
	return odbc_problem(o, "committing", SQL_HANDLE_DBC, o->dbc);
}

void
odbc_rollback(struct odbc *o)
{
	if (o->up && !SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, o->dbc, SQL_ROLLBACK)))
		odbc_down(o);
}
