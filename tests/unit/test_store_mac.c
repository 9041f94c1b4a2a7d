/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key of the store: how it is made and kept, and that a store answers to its own key only. */
#include "tests/unit/store_stage.h"

#include "broker/store_lmdb.h"

static char key_file[96], inside[96];

static int
fresh_with_key(void **state)
{
	int failed = fresh_folder(state);

	snprintf(key_file, sizeof key_file, "%s.key", folder);
	snprintf(inside, sizeof inside, "%s/store", folder);
	return failed;
}

static int
clean_with_key(void **state)
{
	(void)unlink(key_file);
	return clean(state);
}

static void
key_is_made_once_and_for_us_alone(void **unused)
{
	uint8_t first[STORE_KEY_SIZE], again[STORE_KEY_SIZE];
	struct stat st;

	assert_int_equal(store_key(key_file, inside, first), E_OK);
	assert_int_equal(stat(key_file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, STORE_KEY_SIZE);
	assert_int_equal(store_key(key_file, inside, again), E_OK);
	assert_memory_equal(first, again, sizeof first);
}

static void
key_that_others_may_read_is_refused(void **unused)
{
	uint8_t key[STORE_KEY_SIZE];

	assert_int_equal(store_key(key_file, inside, key), E_OK);
	assert_int_equal(chmod(key_file, 0640), 0);
	assert_int_equal(store_key(key_file, inside, key), E_KEY_MODE);
}

static void
what_is_no_key_is_refused_and_left_alone(void **unused)
{
	uint8_t key[STORE_KEY_SIZE];
	struct stat st;
	int fd = open(key_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, "short", 5), 5);
	close(fd);
	assert_int_equal(store_key(key_file, inside, key), E_NO_KEY);
	assert_int_equal(stat(key_file, &st), 0);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(unlink(key_file), 0);
	assert_int_equal(symlink("/dev/zero", key_file), 0);
	assert_int_equal(store_key(key_file, inside, key), E_NO_KEY);
}

static void
store_without_its_key_gets_no_new_one(void **unused)
{
	uint8_t key[STORE_KEY_SIZE];

	assert_int_equal(store_key(key_file, inside, key), E_OK);
	assert_int_equal(store_open(inside, MAP, key, &store), E_OK);
	store_close(&store);
	assert_true(store_needs_key(inside));
	assert_int_equal(unlink(key_file), 0);
	assert_int_equal(store_key(key_file, inside, key), E_NO_KEY);
	assert_int_equal(access(key_file, F_OK), -1);
}

static void
store_answers_to_its_own_key_only(void **unused)
{
	uint8_t key[STORE_KEY_SIZE] = {1}, other[STORE_KEY_SIZE] = {2};
	struct stat before, after;

	assert_int_equal(store_open(inside, MAP, key, &store), E_OK);
	store_close(&store);
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", inside);
	assert_int_equal(stat(file, &before), 0);
	assert_int_equal(store_open(inside, MAP, other, &store), E_DAMAGED);
	assert_int_equal(store_open_copy(inside, other, &store), E_DAMAGED);
	assert_int_equal(stat(file, &after), 0);
	assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
		    before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	assert_int_equal(store_open(inside, MAP, key, &store), E_OK);
}

/* RFC 4231's HMAC-SHA-256, over exactly these octets. */
static void
authentication_is_hmac_over_table_key_and_content(void **unused)
{
	const uint8_t key[STORE_KEY_SIZE] = "a key of thirty-two octets......";
	static const char all[] = "\x03\x04kkkkcontent";
	struct key k = key_text("kkkk");
	struct digest whole;
	uint8_t mac[MAC_SIZE];
	struct mac *m = mac_new(key);

	for (int i = 0; i < 3; i++) { /* the state after the key stays as it was */
		table_mac(m, T_EXTRA, &k, bytes_of("content", 7), mac);
		digest_hmac(bytes_of(key, sizeof key), bytes_of(all, sizeof all - 1), &whole);
		assert_memory_equal(mac, whole.octet, sizeof mac);
	}
	mac_free(&m);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh_with_key, clean_with_key)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(key_is_made_once_and_for_us_alone),
		T(key_that_others_may_read_is_refused),
		T(what_is_no_key_is_refused_and_left_alone),
		T(store_without_its_key_gets_no_new_one),
		T(store_answers_to_its_own_key_only),
		T(authentication_is_hmac_over_table_key_and_content),
	};

	return cmocka_run_group_tests_name("store_mac", tests, make_key, drop_key);
}
