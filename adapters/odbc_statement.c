/* SPDX-License-Identifier: EUPL-1.2
 *
 * One statement from its text to its rows. The named parameters become question marks, so that an
 * administrator writes SQL that can be read and no value ever becomes SQL. All values travel as
 * UTF-8 text; the data base knows the types of its columns. */
#include "adapters/odbc_connection.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CELL_MAX (256u * 1024)
#define ROWS_MAX 100000u

/* ---- text ---- */

/* Copies what is quoted as it stands, its closing quote included. */
static const char *
copy_quoted(const char *at, struct buf *out)
{
	char quote = *at;

	do
		buf_u8(out, (uint8_t)*at++);
	while (*at != '\0' && *at != quote);
	if (*at != '\0')
		buf_u8(out, (uint8_t)*at++);
	return at;
}

static bool
is_name(char c)
{
	return islower((unsigned char)c) || c == '_';
}

static bool
take_name(const char **at, struct odbc_text *t)
{
	size_t n = 0;

	while (is_name((*at)[1 + n]))
		n++;
	if (n >= sizeof t->name[0] || t->n == ODBC_PARAMETERS)
		return false;
	memcpy(t->name[t->n], *at + 1, n);
	t->name[t->n][n] = '\0';
	t->n++;
	*at += 1 + n;
	buf_u8(&t->sql, '?');
	return true;
}

bool
odbc_text_of(const char *sql, struct odbc_text *out)
{
	*out = (struct odbc_text){0};
	while (*sql != '\0') {
		if (*sql == '\'' || *sql == '"') {
			sql = copy_quoted(sql, &out->sql);
		} else if (sql[0] == ':' && sql[1] == ':') { /* a cast */
			buf_text(&out->sql, "::");
			sql += 2;
		} else if (sql[0] == ':' && is_name(sql[1])) {
			if (!take_name(&sql, out))
				return false;
		} else {
			buf_u8(&out->sql, (uint8_t)*sql++);
		}
	}
	return true;
}

/* ---- parameters ---- */

static const char *
value_of(const struct row *values, const char *name)
{
	for (size_t i = 0; values != NULL && i < values->n; i++)
		if (strcmp(values->name[i], name) == 0)
			return values->value[i];
	return NULL;
}

/* The lengths live as long as the statement runs: ODBC reads them at execution. */
static enum err
bind_all(struct odbc *o, SQLHSTMT s, const struct odbc_text *t, const struct row *values,
	SQLLEN *lengths)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *v = value_of(values, t->name[i]);
		size_t size = v != NULL ? strlen(v) : 0;
		SQLSMALLINT type = size > 4000 ? SQL_LONGVARCHAR : SQL_VARCHAR;

		lengths[i] = v != NULL ? (SQLLEN)size : SQL_NULL_DATA;
		if (!SQL_SUCCEEDED(SQLBindParameter(s, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT,
			    SQL_C_CHAR, type, size > 0 ? size : 1, 0, (SQLPOINTER)v, (SQLLEN)size,
			    &lengths[i])))
			return odbc_problem(o, "binding", SQL_HANDLE_STMT, s);
	}
	return E_OK;
}

/* ---- rows ---- */

/* One cell, in pieces; NULL in SQL gives NULL. */
static enum err
read_cell(struct odbc *o, SQLHSTMT s, SQLUSMALLINT column, struct arena *a, const char **out)
{
	struct buf b = {0};
	char piece[2048];
	SQLLEN left;
	SQLRETURN r;

	*out = NULL;
	while ((r = SQLGetData(s, column, SQL_C_CHAR, piece, sizeof piece, &left)) != SQL_NO_DATA) {
		if (!SQL_SUCCEEDED(r) || b.size > CELL_MAX) {
			buf_free(&b);
			return SQL_SUCCEEDED(r) ? E_REGISTER_DATA
						: odbc_problem(o, "reading", SQL_HANDLE_STMT, s);
		}
		if (left == SQL_NULL_DATA)
			return E_OK;
		buf_text(&b, piece);
		if (r == SQL_SUCCESS)
			break;
	}
	*out = arena_text_n(a, b.data != NULL ? (char *)b.data : "", b.size);
	buf_free(&b);
	return E_OK;
}

static enum err
read_names(struct odbc *o, SQLHSTMT s, struct arena *a, struct row *r)
{
	SQLSMALLINT n = 0;

	if (!SQL_SUCCEEDED(SQLNumResultCols(s, &n)))
		return odbc_problem(o, "reading", SQL_HANDLE_STMT, s);
	if (n > ROW_MAX)
		return E_REGISTER_DATA;
	r->n = (size_t)n;
	for (SQLSMALLINT i = 0; i < n; i++) {
		char name[64] = "";
		SQLSMALLINT length, type, digits, nullable;
		SQLULEN size;

		if (!SQL_SUCCEEDED(SQLDescribeCol(s, (SQLUSMALLINT)(i + 1), (SQLCHAR *)name,
			    sizeof name, &length, &type, &size, &digits, &nullable)))
			return odbc_problem(o, "reading", SQL_HANDLE_STMT, s);
		r->name[i] = arena_text(a, name);
	}
	return E_OK;
}

/* Hands out one row; its cells live until `visit' returns. */
static enum err
read_row(struct odbc *o, SQLHSTMT s, const struct row *names, odbc_visit *visit, void *context)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	struct row r = *names;

	for (size_t i = 0; i < r.n; i++)
		TRY(read_cell(o, s, (SQLUSMALLINT)(i + 1), a, &r.value[i]));
	visit(context, &r);
	return E_OK;
}

static enum err
read_rows(struct odbc *o, SQLHSTMT s, odbc_visit *visit, void *context)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	struct row names = {0};
	SQLRETURN r;

	TRY(read_names(o, s, a, &names));
	for (size_t i = 0; names.n > 0 && (r = SQLFetch(s)) != SQL_NO_DATA; i++) {
		if (!SQL_SUCCEEDED(r))
			return odbc_problem(o, "reading", SQL_HANDLE_STMT, s);
		if (i == ROWS_MAX)
			return E_REGISTER_DATA;
		TRY(read_row(o, s, &names, visit, context));
	}
	return E_OK;
}

/* ---- the whole ---- */

static enum err
run(struct odbc *o, SQLHSTMT s, const struct odbc_text *t, const struct row *values,
	odbc_visit *visit, void *context)
{
	SQLLEN lengths[ODBC_PARAMETERS];
	SQLRETURN r;

	TRY(bind_all(o, s, t, values, lengths));
	r = SQLExecDirect(s, (SQLCHAR *)t->sql.data, SQL_NTS);
	if (r != SQL_NO_DATA && !SQL_SUCCEEDED(r))
		return odbc_problem(o, "a statement", SQL_HANDLE_STMT, s);
	return visit == NULL ? E_OK : read_rows(o, s, visit, context);
}

enum err
odbc_run(
	struct odbc *o, const char *sql, const struct row *values, odbc_visit *visit, void *context)
{
	struct odbc_text t;
	SQLHSTMT s = SQL_NULL_HSTMT;
	enum err e = E_REGISTER;

	if (odbc_text_of(sql, &t)) {
		if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, o->dbc, &s)))
			e = odbc_problem(o, "a statement", SQL_HANDLE_DBC, o->dbc);
		else
			e = run(o, s, &t, values, visit, context);
	}
	if (s != SQL_NULL_HSTMT)
		SQLFreeHandle(SQL_HANDLE_STMT, s);
	buf_free(&t.sql);
	return e;
}
