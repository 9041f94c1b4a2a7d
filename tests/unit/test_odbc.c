/* SPDX-License-Identifier: EUPL-1.2
 *
 * The ODBC driver: the contract of all drivers, on SQLite and on PostgreSQL with the same settings
 * and the same SQL files; and what is special about data bases: statements with named parameters,
 * a transaction that dies in its middle, a connection that is cut. */
#include "tests/unit/driver_contract.h"

#include <pwd.h>

#include "adapters/odbc_connection.h"

/* ---- both ---- */

/* The national system's own connection, beside the driver's. */
static void
own_open(struct stage *s)
{
	struct odbc *o = xcalloc(1, sizeof *o);

	odbc_init(o, conf_text(s->conf, "odbc-connection"));
	s->connection = o;
}

static struct odbc *
own(struct stage *s)
{
	if (s->connection == NULL)
		own_open(s);
	assert_int_equal(odbc_up(s->connection), E_OK);
	return s->connection;
}

static void
own_close(struct stage *s)
{
	struct odbc *o = s->connection;

	if (o == NULL)
		return;
	odbc_free(o);
	free(o);
	s->connection = NULL;
}

static void
run_own(struct stage *s, const char *sql, const struct row *values)
{
	assert_int_equal(odbc_run(own(s), sql, values, NULL, NULL), E_OK);
	assert_int_equal(odbc_commit(own(s)), E_OK);
}

static void
take_number(void *context, const struct row *r)
{
	*(uint64_t *)context = strtoull(row_text(r, "n"), NULL, 10);
}

static uint64_t
number_of(struct stage *s, const char *sql)
{
	uint64_t n = UINT64_MAX;

	assert_int_equal(odbc_run(own(s), sql, NULL, take_number, &n), E_OK);
	odbc_rollback(own(s));
	return n;
}

/* Every entry from abroad has its mark, its origin and its number; nothing has one without the
 * others. */
static uint64_t
made_count(struct stage *s)
{
	uint64_t n = number_of(s, "SELECT COUNT(*) AS n FROM daftar_mark");

	assert_int_equal(number_of(s, "SELECT COUNT(*) AS n FROM daftar_mark m JOIN birth_entry e "
				      "ON e.entry_no = m.entry_number JOIN foreign_origin o "
				      "ON o.entry_no = e.entry_no"),
		n);
	assert_int_equal(
		number_of(s, "SELECT COUNT(*) AS n FROM birth_entry WHERE office_code = 'ABROAD' "
			     "AND entry_no LIKE 'F%'"),
		n);
	assert_int_equal(
		number_of(s, "SELECT last_no AS n FROM entry_series WHERE series = 'abroad'"), n);
	return n;
}

static const char put_entry[] =
	"INSERT INTO birth_entry (entry_no, office_code, registered_on, child_name, child_given, "
	"child_father, child_grandfather, child_surname, sex, birth_date, birth_place, "
	"birth_country) VALUES (:entry_number, '01', :registered_on, :child_name, :child_given, "
	":child_father, :child_grandfather, :child_family, :sex, :birth_date, :birth_place, "
	":birth_country)";

static const char put_parent[] =
	"INSERT INTO birth_parent (entry_no, role, full_name) VALUES (:entry_number, :role, :name)";

static void
put_native(struct stage *s, const struct row *r)
{
	static const char *const roles[] = {"mother", "father"};

	if (number_of(s,
		    "SELECT COUNT(*) AS n FROM registration_office WHERE office_code = '01'") == 0)
		run_own(s, "INSERT INTO registration_office VALUES ('01', 'Westlands', 'Nairobi')",
			NULL);
	run_own(s, put_entry, r);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		OWNED(char, column, free_chars) = xprintf("%s_name", roles[i]);
		struct row p = {0};

		put(&p, "entry_number", row_text(r, "entry_number"));
		put(&p, "role", roles[i]);
		put(&p, "name", row_text(r, column));
		run_own(s, put_parent, &p);
	}
}

static void
put_other(struct stage *s, const char *country, const char *office, const char *entry,
	const char *number)
{
	struct row e = child_row(number), o = {0};

	put_native(s, &e);
	put(&o, "number", number);
	put(&o, "country", country);
	put(&o, "office", office);
	put(&o, "entry", entry);
	run_own(s, "INSERT INTO foreign_origin VALUES (:number, :country, :office, :entry)", &o);
}

static void
unlock(struct stage *s)
{
	odbc_rollback(own(s));
	own_close(s);
}

/* ---- SQLite ---- */

static void
sqlite_make(struct stage *s)
{
	shell("for f in register mark; do sqlite3 -bail '%s/register.db' <'%s'/../adapters/sql/"
	      "$f.sql || exit 1; done",
		s->folder, tests_folder());
	buf_printf(&s->extra,
		"odbc-connection = \"Driver=SQLite3;Database=%s/register.db;Timeout=200\"\n",
		s->folder);
}

static void
sqlite_unmake(struct stage *s)
{
	own_close(s);
}

/* The national system is writing: its first statement takes the data base. */
static void
sqlite_lock(struct stage *s)
{
	assert_int_equal(
		odbc_run(own(s), "UPDATE entry_series SET prefix = prefix", NULL, NULL, NULL),
		E_OK);
}

static void
sqlite_break_down(struct stage *s)
{
	own_close(s);
	s->kind->driver->close(&s->d);
	shell("mkdir '%s/away' && mv '%s/register.db' '%s/away/' && mkdir '%s/register.db'",
		s->folder, s->folder, s->folder, s->folder);
	stage_open(s);
}

static void
sqlite_mend(struct stage *s)
{
	shell("rmdir '%s/register.db' && mv '%s/away/register.db' '%s/'", s->folder, s->folder,
		s->folder);
}

static const struct stage_kind sqlite = {
	.driver = &driver_odbc,
	.make = sqlite_make,
	.unmake = sqlite_unmake,
	.put = put_native,
	.put_other = put_other,
	.lock = sqlite_lock,
	.unlock = unlock,
	.made = made_count,
	.break_down = sqlite_break_down,
	.mend = sqlite_mend,
};

static int
sqlite_setup(void **state)
{
	return stage_setup(state, &sqlite);
}

/* ---- PostgreSQL: one private cluster for all tests, a data base for each ---- */

#define PG_BIN "/usr/lib/postgresql/15/bin"

static char cluster[64];
static pid_t watcher;
static int watched; /* open as long as this process lives */

static const char *
as_postgres(void)
{
	return geteuid() == 0 ? "cd / && runuser -u postgres --" : "";
}

static void
pg_start(void)
{
	shell("%s " PG_BIN "/pg_ctl -D '%s/data' -l '%s/log' -w -s start -o \"-k '%s' "
	      "-c listen_addresses='' -c fsync=off -c max_connections=20\"",
		as_postgres(), cluster, cluster, cluster);
}

static void
pg_stop(void)
{
	shell("%s " PG_BIN "/pg_ctl -D '%s/data' -w -s -m immediate stop", as_postgres(), cluster);
}

/* Sees the end of this process, however it comes, and takes the cluster away: its end of the pipe
 * is closed then. */
static void
pg_watch(void)
{
	int fd[2];
	char octet;

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	watcher = fork();
	assert_true(watcher >= 0);
	if (watcher == 0) {
		setsid();
		close(fd[1]);
		while (read(fd[0], &octet, 1) > 0)
			;
		pg_stop();
		shell("rm -rf '%s'", cluster);
		_exit(0);
	}
	close(fd[0]);
	watched = fd[1];
}

static int
pg_group_setup(void **state)
{
	strcpy(cluster, "/tmp/daftar-pg-XXXXXX");
	assert_non_null(mkdtemp(cluster));
	if (geteuid() == 0) {
		struct passwd *p = getpwnam("postgres");

		assert_non_null(p);
		assert_int_equal(chown(cluster, p->pw_uid, p->pw_gid), 0);
	}
	shell("%s " PG_BIN "/initdb -D '%s/data' -A trust -U daftar -E UTF8 --locale=C.UTF-8 "
	      "--no-sync >/dev/null",
		as_postgres(), cluster);
	pg_start();
	pg_watch();
	return 0;
}

static int
pg_group_teardown(void **state)
{
	int status;

	close(watched);
	return waitpid(watcher, &status, 0) == watcher && status == 0 ? 0 : -1;
}

static const char *
name_of(const struct stage *s)
{
	return strrchr(s->folder, '-') + 1;
}

static void
pg_make(struct stage *s)
{
	shell("psql -q -h '%s' -U daftar -d postgres -c 'CREATE DATABASE \"%s\"'", cluster,
		name_of(s));
	shell("for f in register mark; do psql -q -h '%s' -U daftar -d '%s' -v ON_ERROR_STOP=1 -f "
	      "- "
	      "<'%s'/../adapters/sql/$f.sql || exit 1; done",
		cluster, name_of(s), tests_folder());
	buf_printf(&s->extra,
		"odbc-connection = \"Driver=PostgreSQL Unicode;Servername=%s;Database=%s;"
		"Username=daftar\"\n",
		cluster, name_of(s));
}

static void
pg_unmake(struct stage *s)
{
	own_close(s);
	shell("psql -q -h '%s' -U daftar -d postgres -c 'DROP DATABASE \"%s\"'", cluster,
		name_of(s));
}

static void
pg_lock(struct stage *s)
{
	assert_int_equal(
		odbc_run(own(s), "LOCK TABLE foreign_origin IN EXCLUSIVE MODE", NULL, NULL, NULL),
		E_OK);
}

static void
pg_break_down(struct stage *s)
{
	own_close(s);
	pg_stop();
}

static void
pg_mend(struct stage *s)
{
	pg_start();
}

static const struct stage_kind postgresql = {
	.driver = &driver_odbc,
	.make = pg_make,
	.unmake = pg_unmake,
	.put = put_native,
	.put_other = put_other,
	.lock = pg_lock,
	.unlock = unlock,
	.made = made_count,
	.break_down = pg_break_down,
	.mend = pg_mend,
};

static int
pg_setup(void **state)
{
	return stage_setup(state, &postgresql);
}

/* ---- data bases only ---- */

static void
entry_has_parents_and_origin(void **state)
{
	struct stage *s = *state;
	struct made m;

	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_string_equal(m.entry_number, "F000001");
	assert_int_equal(number_of(s, "SELECT COUNT(*) AS n FROM birth_parent WHERE "
				      "entry_no = 'F000001'"),
		2);
	assert_int_equal(number_of(s, "SELECT COUNT(*) AS n FROM birth_entry WHERE entry_no = "
				      "'F000001' AND child_surname = 'Yusuf' AND child_given = "
				      "'Amina Hassan'"),
		1);
	assert_int_equal(number_of(s, "SELECT COUNT(*) AS n FROM daftar_mark WHERE issuer = "
				      "'KE.CRS' AND length(extract) = 8"),
		1);
}

static void
failed_statement_undoes_the_whole(void **state)
{
	struct row r = child_row("0100020000");
	struct stage *s = *state;
	struct made m;

	put(&r, "birth_country", "KENYA"); /* the column holds two letters */
	if (s->kind == &postgresql)
		assert_int_equal(enter_row(s, "a", &r, &m), E_REGISTER);
	put(&r, "birth_country", "KE");
	run_own(s, "ALTER TABLE foreign_origin RENAME TO elsewhere", NULL);
	assert_int_equal(enter_row(s, "a", &r, &m), E_REGISTER);
	run_own(s, "ALTER TABLE elsewhere RENAME TO foreign_origin", NULL);
	assert_int_equal(made_count(s), 0);
	assert_int_equal(enter_row(s, "a", &r, &m), E_OK);
	assert_string_equal(m.entry_number, "F000001");
	assert_int_equal(made_count(s), 1);
}

static void
every_marginal_note_is_in_the_extract(void **state)
{
	OWNED(struct extract, x, extract_free) = NULL;
	struct row r = child_row("0100020000");
	struct locator l = {.entry_number = "0100020000"};
	struct stage *s = *state;

	s->kind->put(s, &r);
	run_own(s,
		"INSERT INTO marginal_note VALUES ('0100020000', 2, '2024-06-01', 'rectification', "
		"'second'), ('0100020000', 1, '2024-05-01', 'recognition', 'first')",
		NULL);
	assert_int_equal(driver_odbc.find(s->d, &l, &x), E_OK);
	assert_string_equal(x->annotation->detail, "first");
	assert_string_equal(x->annotation->next->value, "rectification");
	assert_null(x->annotation->next->next);
	run_own(s, "UPDATE marginal_note SET kind = 'scribble' WHERE note_no = 2", NULL);
	assert_int_equal(find(s, &l, NULL), E_REGISTER_DATA);
}

static void
long_extract_is_kept_whole(void **state)
{
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED_BUF(sealed) = {0};
	struct row r = child_row("0100020000");
	struct digest key = key_of("a");
	struct stage *s = *state;
	struct civil_act act = {.country = "KE", .message = id_new()};
	struct made m;

	while (sealed.size < 150000)
		buf_text(&sealed, "<x>'\xc3\xa4\\\"</x>");
	x = extract_of(&r);
	act.extract = x;
	act.sealed = buf_bytes(&sealed);
	assert_int_equal(driver_odbc.enter(s->d, &key, &act, &m), E_OK);
	assert_int_equal(number_of(s, "SELECT length(extract) AS n FROM daftar_mark"),
		sealed.size - sealed.size / 12);
}

static void
connection_that_was_cut_is_made_again(void **state)
{
	struct stage *s = *state;
	struct made m, found;

	assert_int_equal(enter(s, "a", &m), E_OK);
	run_own(s,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
		"pg_backend_pid() AND datname = current_database()",
		NULL);
	assert_int_equal(look_up(s, "a", &found), E_OK);
	assert_same(&m, &found);
	run_own(s,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
		"pg_backend_pid() AND datname = current_database()",
		NULL);
	assert_int_equal(enter(s, "b", &m), E_REGISTER); /* the core asks again, and then */
	assert_int_equal(look_up(s, "b", &found), E_NOT_FOUND);
	assert_int_equal(made_count(s), 1);
}

static void
sqlite_full_disk_makes_nothing(void **state)
{
	struct stage *s = *state;
	struct made m;

	assert_int_equal(enter_with_full_disk(s, 512), E_REGISTER);
	assert_int_equal(look_up(s, "a", &m), E_NOT_FOUND);
	assert_int_equal(enter(s, "a", &m), E_OK);
	assert_string_equal(m.entry_number, "F000001");
	assert_int_equal(made_count(s), 1);
}

/* ---- statements ---- */

static void
names_become_parameters(void **state)
{
	struct odbc_text t;

	assert_true(odbc_text_of("SELECT ':a', \":b\", :key, x::text, :entry_number FROM t "
				 "WHERE c = ':' AND d = :key",
		&t));
	assert_string_equal((char *)t.sql.data, "SELECT ':a', \":b\", ?, x::text, ? FROM t "
						"WHERE c = ':' AND d = ?");
	assert_int_equal(t.n, 3);
	assert_string_equal(t.name[0], "key");
	assert_string_equal(t.name[1], "entry_number");
	assert_string_equal(t.name[2], "key");
	buf_free(&t.sql);
}

static void
name_without_end_is_refused(void **state)
{
	struct odbc_text t;

	assert_false(odbc_text_of(":abcdefghijklmnopqrstuvwxyzabcdefghij", &t));
	buf_free(&t.sql);
	assert_true(odbc_text_of("'unclosed :a", &t));
	assert_int_equal(t.n, 0);
	buf_free(&t.sql);
}

static void
connection_must_be_given(void **state)
{
	struct stage *s = *state;
	struct driver *d = NULL;

	conf_free(&s->conf);
	buf_reset(&s->extra);
	stage_conf(s);
	assert_int_equal(driver_odbc.open(s->conf, &d), E_CONFIG);
	buf_text(&s->extra, "odbc-connection = x\nodbc-enter = \"\"\n");
	conf_free(&s->conf);
	stage_conf(s);
	assert_int_equal(driver_odbc.open(s->conf, &d), E_CONFIG);
	assert_null(d);
}

/* One run, one TAP plan: the tests of both databases, named after theirs. */
static struct CMUnitTest all[128];
static size_t n_all;

static void
add(const char *database, const struct CMUnitTest *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert(n_all < ARRAY_LEN(all));
		all[n_all] = tests[i];
		all[n_all++].name = xprintf("%s: %s", database, tests[i].name);
	}
}

#define setup sqlite_setup
static void
add_sqlite(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT,
		CONTRACT_TEST(entry_has_parents_and_origin),
		CONTRACT_TEST(failed_statement_undoes_the_whole),
		CONTRACT_TEST(every_marginal_note_is_in_the_extract),
		CONTRACT_TEST(long_extract_is_kept_whole),
		CONTRACT_TEST(sqlite_full_disk_makes_nothing),
		CONTRACT_TEST(connection_must_be_given),
		cmocka_unit_test(names_become_parameters),
		cmocka_unit_test(name_without_end_is_refused),
	};

	add("sqlite", tests, ARRAY_LEN(tests));
}
#undef setup

#define setup pg_setup
static void
add_postgresql(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT,
		CONTRACT_TEST(entry_has_parents_and_origin),
		CONTRACT_TEST(failed_statement_undoes_the_whole),
		CONTRACT_TEST(every_marginal_note_is_in_the_extract),
		CONTRACT_TEST(long_extract_is_kept_whole),
		CONTRACT_TEST(connection_that_was_cut_is_made_again),
	};

	add("postgresql", tests, ARRAY_LEN(tests));
}
#undef setup

int
main(void)
{
	int failed;

	log_open("test_odbc", LOG_ERROR);
	add_sqlite();
	add_postgresql();
	failed = _cmocka_run_group_tests("odbc", all, n_all, pg_group_setup, pg_group_teardown);
	for (size_t i = 0; i < n_all; i++)
		free((char *)all[i].name);
	return failed;
}
