/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key beside the spool: made with a new spool and never again, the owner's alone, and without
 * it, or with another one, nothing is read. */
#include "tests/unit/spool_stage.h"

static void
key_lies_beside_the_folder_and_is_the_owners_alone(void **state)
{
	struct place *p = *state;
	char key[160];
	struct stat st;

	snprintf(key, sizeof key, "%s.key", p->spool);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 32);
}

static void
spool_without_its_key_is_not_opened_and_gets_no_new_one(void **state)
{
	struct place *p = *state;
	char key[160], away[160];
	struct buf m = {0};
	struct id id = file(p->s, &m);

	snprintf(key, sizeof key, "%s.key", p->spool);
	snprintf(away, sizeof away, "%s/away", p->folder);
	spool_close(&p->s);
	assert_int_equal(rename(key, away), 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_NO_KEY);
	assert_int_not_equal(access(key, F_OK), 0);
	assert_int_equal(rename(away, key), 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_free(&m);
}

static void
key_that_others_may_read_is_refused(void **state)
{
	struct place *p = *state;
	char key[160];

	snprintf(key, sizeof key, "%s.key", p->spool);
	spool_close(&p->s);
	assert_int_equal(chmod(key, 0640), 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_KEY_MODE);
	assert_int_equal(chmod(key, 0600), 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
}

static void
key_behind_a_link_is_no_key(void **state)
{
	struct place *p = *state;
	char key[160], away[160];

	snprintf(key, sizeof key, "%s.key", p->spool);
	snprintf(away, sizeof away, "%s/away", p->folder);
	spool_close(&p->s);
	assert_int_equal(rename(key, away), 0);
	assert_int_equal(symlink(away, key), 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_NO_KEY);
	unlink(away);
}

static void
another_spools_key_opens_nothing(void **state)
{
	struct place *p = *state;
	char key[160];
	int fd;

	snprintf(key, sizeof key, "%s.key", p->spool);
	spool_close(&p->s);
	fd = open(key, O_WRONLY);
	assert_int_equal(pwrite(fd, "another key", 11, 0), 11);
	close(fd);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_DAMAGED);
}

static void
key_file_of_another_size_is_no_key(void **state)
{
	struct place *p = *state;
	char key[160];

	snprintf(key, sizeof key, "%s.key", p->spool);
	spool_close(&p->s);
	assert_int_equal(truncate(key, 31), 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_NO_KEY);
}

static void
folder_in_which_no_key_can_be_made_makes_no_spool(void **state)
{
	struct place *p = *state;
	char other[160], key[192], file[192];

	/* a folder stands where the key would be */
	snprintf(other, sizeof other, "%s/other", p->folder);
	snprintf(key, sizeof key, "%s.key.new", other);
	spool_close(&p->s);
	assert_int_equal(mkdir(key, 0700), 0);
	assert_int_equal(spool_open(other, SMALL, &p->s), E_IO);
	assert_int_equal(rmdir(key), 0);
	assert_int_equal(spool_open(other, SMALL, &p->s), E_OK);
	spool_close(&p->s);
	for (int i = 0; i < 2; i++) {
		snprintf(file, sizeof file, "%s/%s", other, i == 0 ? "data.mdb" : "lock.mdb");
		unlink(file);
	}
	rmdir(other);
	snprintf(key, sizeof key, "%s.key", other);
	assert_int_equal(unlink(key), 0);
}

static void
slash_at_the_end_changes_nothing(void **state)
{
	struct place *p = *state;
	char name[160];
	struct buf m = {0};
	struct id id = file(p->s, &m);

	spool_close(&p->s);
	snprintf(name, sizeof name, "%s//", p->spool);
	assert_int_equal(spool_open(name, 0, &p->s), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_free(&m);
}

/* Turns one bit of the name wherever it stands; says how often. */
static size_t
flip_everywhere(const char *spool, const char *name)
{
	static char image[SMALL];
	char file[160], *at = image;
	size_t n = 0;
	int fd;

	snprintf(file, sizeof file, "%s/data.mdb", spool);
	fd = open(file, O_RDWR);
	assert_int_equal(pread(fd, image, sizeof image, 0), (ssize_t)sizeof image);
	while ((at = memmem(at, (size_t)(image + sizeof image - at), name, strlen(name))) != NULL) {
		*at ^= 1;
		assert_int_equal(pwrite(fd, at, 1, at - image), 1);
		n++;
	}
	close(fd);
	return n;
}

/* It is not made anew, empty: what it held would be gone without a word. */
static void
table_whose_name_is_damaged_is_missed(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	spool_close(&p->s);
	assert_true(flip_everywhere(p->spool, "out-wait") > 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_DAMAGED);
	assert_true(flip_everywhere(p->spool, "nut-wait") > 0);
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_free(&m);
}

/* ---- scrubbing ---- */

static void
sound_spool_is_sound_after_every_kind_of_step(void **state)
{
	struct place *p = *state;
	struct spool_done done = {.from = kenya, .receipt = TEXT("answer")};
	struct spool_scrub scrub;
	struct statement w;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	w = statement(&id, &m, ST_COMMITTED, "");
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_OK);
	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("ended"), TEXT("x"), NOW), E_OK);
	id = file(p->s, &m);
	assert_int_equal(spool_refused(p->s, &id, E_NO_AGREEMENT, NOW), E_OK);
	done.id = take(p->s, &kenya, &m);
	assert_int_equal(spool_wait(p->s, &kenya, &done.id), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &done.id), E_OK);
	assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW), E_OK);
	assert_int_equal(spool_told(p->s, &kenya, &done.id), E_OK);
	assert_int_equal(spool_set_fact(p->s, "a", TEXT("1")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "a", TEXT("2")), E_OK);
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	assert_int_equal(scrub.damaged, 0);
	assert_true(scrub.records > 15);
	assert_string_equal(scrub.first, "");
	buf_free(&m);
}

static void
scrub_says_where_the_damage_is(void **state)
{
	struct place *p = *state;
	struct spool_scrub scrub;
	struct buf m = {0};
	struct header h;

	make(&h, &office, &kenya, 3000, &m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	spool_close(&p->s);
	flip(p->spool, "AAAAAAAA");
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
	assert_int_equal(spool_scrub(p->s, &scrub), E_DAMAGED);
	assert_int_equal(scrub.damaged, 1);
	assert_non_null(strstr(scrub.first, "out-body"));
	buf_free(&m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(key_lies_beside_the_folder_and_is_the_owners_alone),
		T(spool_without_its_key_is_not_opened_and_gets_no_new_one),
		T(key_that_others_may_read_is_refused),
		T(key_behind_a_link_is_no_key),
		T(another_spools_key_opens_nothing),
		T(key_file_of_another_size_is_no_key),
		T(folder_in_which_no_key_can_be_made_makes_no_spool),
		T(slash_at_the_end_changes_nothing),
		T(table_whose_name_is_damaged_is_missed),
		T(sound_spool_is_sound_after_every_kind_of_step),
		T(scrub_says_where_the_damage_is),
	};

	log_open("test_spool_mac", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
