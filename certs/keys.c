/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki save-keys' and `restore-keys': the keys of an office or an exchange, apart from the
 * copies of its store. A file that is sealed under a code on paper: whoever has one of the two has
 * nothing.
 *
 *	"daftar-keys 1\n" | nonce | AES-256-GCM of {"secret":{NAME:base64,...},"public":{...}} | tag
 *
 * The first line is authenticated as well. What was written is opened again before the code is
 * shown as good. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "certs/pki.h"
#include "certs/place.h"
#include "certs/recovery_code.h"
#include "lib/file.h"

#define MAGIC "daftar-keys 1\n"
#define MAGIC_SIZE (sizeof MAGIC - 1)
#define NONCE_SIZE 12
#define TAG_SIZE 16
#define HEAD_SIZE (MAGIC_SIZE + NONCE_SIZE)
#define FILES_MOST 256
#define FILE_MOST (64 * 1024)
#define SAVED_MOST (FILES_MOST * FILE_MOST)
#define NOTHING "nothing was changed"

static void
drop_json(json_t **j)
{
	json_decref(TAKE(*j));
}

static void
drop_folder(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

static void
drop_cipher(EVP_CIPHER_CTX **c)
{
	EVP_CIPHER_CTX_free(*c);
}

/* ---- sealing ---- */

static void
seal(struct bytes plain, const uint8_t key[RECOVERY_KEY_SIZE], struct buf *out)
{
	__attribute__((cleanup(drop_cipher))) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t nonce[NONCE_SIZE], tag[TAG_SIZE];
	uint8_t *sealed;
	int n;

	buf_text(out, MAGIC);
	if (c == NULL || RAND_bytes(nonce, sizeof nonce) != 1)
		die("no random numbers");
	buf_add(out, nonce, sizeof nonce);
	sealed = xcalloc(1, plain.size + 1);
	if (EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) != 1 ||
		EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)MAGIC, MAGIC_SIZE) != 1 ||
		EVP_EncryptUpdate(c, sealed, &n, plain.data, (int)plain.size) != 1 ||
		EVP_EncryptFinal_ex(c, sealed + n, &n) != 1 ||
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) != 1)
		die("keys cannot be sealed");
	buf_add(out, sealed, plain.size);
	buf_add(out, tag, sizeof tag);
	free(sealed);
}

/* False: sealed under another code, or altered. */
static bool
unseal(struct bytes saved, const uint8_t key[RECOVERY_KEY_SIZE], struct buf *plain)
{
	__attribute__((cleanup(drop_cipher))) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t tag[TAG_SIZE];
	size_t size;
	int n;

	if (saved.size < HEAD_SIZE + TAG_SIZE || memcmp(saved.data, MAGIC, MAGIC_SIZE) != 0)
		return false;
	size = saved.size - HEAD_SIZE - TAG_SIZE;
	memcpy(tag, saved.data + saved.size - TAG_SIZE, TAG_SIZE);
	buf_reset(plain);
	buf_room(plain, size + 1);
	if (c == NULL ||
		EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, saved.data + MAGIC_SIZE) != 1 ||
		EVP_DecryptUpdate(c, NULL, &n, saved.data, MAGIC_SIZE) != 1 ||
		EVP_DecryptUpdate(c, plain->data, &n, saved.data + HEAD_SIZE, (int)size) != 1 ||
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) != 1 ||
		EVP_DecryptFinal_ex(c, plain->data + size, &n) != 1)
		return false;
	plain->size = size;
	return true;
}

/* ---- a folder and what is saved of it ---- */

static void
put_file(json_t *files, const char *name, struct bytes content)
{
	OWNED_BUF(text) = {0};

	buf_base64(&text, content.data, content.size);
	if (json_object_set_new(files, name, json_stringn((const char *)text.data, text.size)) != 0)
		die("no memory for the keys");
}

/* Plain files only: links and folders are not ours. */
static enum err
gather_one(json_t *saved, const char *folder, const char *name)
{
	const char *path = path_in(folder, name);
	OWNED_BUF(content) = {0};
	struct stat st;

	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return E_OK;
	TRY(place_read(path, FILE_MOST, &content));
	put_file(json_object_get(saved, (st.st_mode & 077) == 0 ? "secret" : "public"), name,
		buf_bytes(&content));
	return E_OK;
}

static enum err
gather(const char *folder, json_t *saved)
{
	__attribute__((cleanup(drop_folder))) DIR *d = opendir(folder);
	const struct dirent *e;
	size_t n = 0;

	if (d == NULL)
		return refuse(E_NOT_FOUND, say("%s: %s", folder, strerror(errno)), NOTHING,
			"name the folder that holds sign.key or log.key");
	while ((e = readdir(d)) != NULL) {
		if (++n > FILES_MOST)
			return refuse(E_TOO_LARGE, say("%s holds more than keys", folder), NOTHING,
				"name the folder that holds sign.key or log.key");
		TRY(gather_one(saved, folder, e->d_name));
	}
	if (json_object_size(json_object_get(saved, "secret")) == 0)
		return refuse(E_NOT_FOUND, say("%s holds no private key", folder), NOTHING,
			"name the folder that holds sign.key or log.key");
	return E_OK;
}

static json_t *
empty(void)
{
	json_t *saved = json_pack("{s:{},s:{}}", "secret", "public");

	if (saved == NULL)
		die("no memory for the keys");
	return saved;
}

/* Is what this file holds, opened with this code, exactly that? */
static bool
opens_as(const char *file, const char *code, struct bytes wanted)
{
	OWNED_BUF(saved) = {0};
	OWNED_BUF(plain) = {0};
	uint8_t key[RECOVERY_KEY_SIZE];
	bool good;

	if (place_read(file, SAVED_MOST, &saved) != E_OK)
		return false;
	recovery_code_key(code, key);
	good = unseal(buf_bytes(&saved), key, &plain) && plain.size == wanted.size &&
	       memcmp(plain.data, wanted.data, wanted.size) == 0;
	explicit_bzero(key, sizeof key);
	return good;
}

static enum err
save(const char *file, const char *code, struct bytes plain)
{
	OWNED_BUF(sealed) = {0};
	uint8_t key[RECOVERY_KEY_SIZE];

	recovery_code_key(code, key);
	seal(plain, key, &sealed);
	explicit_bzero(key, sizeof key);
	TRY(place_secret(file, buf_bytes(&sealed), false));
	if (opens_as(file, code, plain))
		return E_OK;
	(void)unlink(file);
	return refuse(E_IO, say("%s does not read back as it was written", file),
		"the keys are where they were; the bad copy is gone", "try another disk");
}

enum err
pki_save_keys(const struct options *o)
{
	const char *folder = o->argument[0], *file = o->argument[1];
	__attribute__((cleanup(drop_json))) json_t *saved = empty();
	char code[RECOVERY_CODE_SIZE];
	enum err e = gather(folder, saved);
	char *text;

	if (e != E_OK)
		return e;
	text = json_dumps(saved, JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL)
		die("no memory for the keys");
	recovery_code_make(code);
	e = save(file, code, bytes_of(text, strlen(text)));
	explicit_bzero(text, strlen(text));
	free(text);
	if (e == E_OK)
		printf("%s holds %zu private and %zu public files of %s, and opens with\n\n"
		       "  %s\n\n"
		       "write this code on paper and keep it apart from the file: it is shown "
		       "once, and nobody can make it again\nback again: daftar-pki restore-keys %s "
		       "DIR\n",
			file, json_object_size(json_object_get(saved, "secret")),
			json_object_size(json_object_get(saved, "public")), folder, code, file);
	explicit_bzero(code, sizeof code);
	return e;
}

/* ---- and back ---- */

static bool
is_plain_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static enum err
place_one(const char *folder, const char *name, const json_t *value, bool secret)
{
	const char *text = json_string_value(value);
	OWNED_BUF(content) = {0};
	size_t size;

	if (text == NULL || !is_plain_name(name))
		return refuse(E_INPUT, "what is saved is no folder of keys", NOTHING, NULL);
	size = json_string_length(value);
	buf_room(&content, size + 1);
	content.size = size; /* the room; what it becomes is less */
	if (!base64_decode(text, size, content.data, &content.size))
		return refuse(E_INPUT, "what is saved is no folder of keys", NOTHING, NULL);
	return secret ? place_secret(path_in(folder, name), buf_bytes(&content), false)
		      : place_public(path_in(folder, name), buf_bytes(&content), false);
}

static enum err
place_all(const char *folder, json_t *saved, const char *kind, size_t *n)
{
	json_t *files = json_object_get(saved, kind), *value;
	const char *name;

	json_object_foreach(files, name, value)
	{
		TRY(place_one(folder, name, value, strcmp(kind, "secret") == 0));
		++*n;
	}
	return E_OK;
}

/* One line of standard input. */
static enum err
ask_code(char code[RECOVERY_CODE_SIZE])
{
	char typed[256] = "";
	int wrong;

	if (isatty(STDIN_FILENO))
		fputs("the code from the paper: ", stderr);
	if (fgets(typed, sizeof typed, stdin) == NULL)
		typed[0] = '\0';
	wrong = recovery_code_read(typed, code);
	explicit_bzero(typed, sizeof typed);
	if (wrong == 0)
		return E_OK;
	if (wrong > RECOVERY_GROUPS)
		return refuse(E_INPUT, "the code is longer than seven groups of five", NOTHING,
			"compare it with the paper, and type the same command again");
	return refuse(E_INPUT, say("group %d of the code cannot be right", wrong), NOTHING,
		"compare it with the paper, and type the same command again");
}

static enum err
open_saved(const char *file, struct buf *plain)
{
	OWNED_BUF(saved) = {0};
	char code[RECOVERY_CODE_SIZE];
	uint8_t key[RECOVERY_KEY_SIZE];
	bool good;

	TRY(place_read(file, SAVED_MOST, &saved));
	TRY(ask_code(code));
	recovery_code_key(code, key);
	good = unseal(buf_bytes(&saved), key, plain);
	explicit_bzero(key, sizeof key);
	explicit_bzero(code, sizeof code);
	if (good)
		return E_OK;
	return refuse(E_INPUT,
		say("%s does not open with this code: it belongs to another file, or the file was "
		    "altered",
			file),
		NOTHING, "each save has a code of its own; look for the paper with its date");
}

enum err
pki_restore_keys(const struct options *o)
{
	const char *file = o->argument[0], *folder = o->argument[1];
	__attribute__((cleanup(drop_json))) json_t *saved = NULL;
	OWNED_BUF(plain) = {0};
	size_t n = 0;

	TRY(open_saved(file, &plain));
	saved = json_loadb((const char *)plain.data, plain.size, 0, NULL);
	if (saved == NULL)
		return refuse(E_INPUT, "what is saved is no folder of keys", NOTHING, NULL);
	TRY(place_folder(folder));
	TRY(place_all(folder, saved, "secret", &n));
	TRY(place_all(folder, saved, "public", &n));
	printf("%s: %zu files are back; keys that were changed since they were saved are not among "
	       "them\n",
		folder, n);
	return E_OK;
}
