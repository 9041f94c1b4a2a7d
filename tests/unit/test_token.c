/* SPDX-License-Identifier: EUPL-1.2
 * Keys in a token (SoftHSM): they sign and open, never come out, go away with their token and come
 * back with it; and a PIN that was refused is not tried again. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <p11-kit/pkcs11.h>

#include "lib/encrypt.h"
#include "lib/seal.h"
#include "lib/token.h"
#include "lib/xml.h"
#include "tests/unit/test_files.h"
#include "tests/unit/test_keys.h"

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define PIN "40917352"
#define LABEL "daftar test"

static void
command(const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	if (system(line) != 0)
		fail_msg("failed: %s", line);
}

/* pkcs11-tool on our token, logged in. */
static void
tool(const char *what)
{
	command("pkcs11-tool --module " MODULE " --token-label '" LABEL "' --login --pin " PIN
		" %s >%s/tool.log 2>&1",
		what, folder);
}

static void
generate(const char *label, const char *kind, const char *more)
{
	static unsigned id = 0x10;
	char line[256];

	snprintf(line, sizeof line, "--keypairgen --key-type %s --label %s --id %02x %s", kind,
		label, id++, more);
	tool(line);
}

static const char *
uri(const char *label)
{
	static char out[512];

	snprintf(out, sizeof out,
		"pkcs11:token=daftar%%20test;object=%s?module-path=" MODULE
		"&pin-source=file:%s/pin",
		label, folder);
	return out;
}

static EVP_PKEY *
key_named(const char *label)
{
	EVP_PKEY *k = NULL;

	assert_int_equal(key_load(put("some.key", uri(label), 0600), &k), E_OK);
	return k;
}

static struct identity *
identity_in_token(const char *label)
{
	EVP_PKEY *k = key_named(label);

	return identity_of(k, make_cert(k, NULL, NULL, (struct cert_plan){0}));
}

static void
token_goes(void)
{
	assert_int_equal(rename(path("tokens"), path("away")), 0);
	assert_int_equal(mkdir(path("tokens"), 0700), 0);
}

static void
token_comes(void)
{
	assert_int_equal(rmdir(path("tokens")), 0);
	assert_int_equal(rename(path("away"), path("tokens")), 0);
}

/* What `f' finds out in a process of its own, which has loaded no module yet. */
static enum err elsewhere(enum err (*f)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		enum err e = f();
		exit((int)e); /* as a program ends, with what it has registered for that */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return (enum err)WEXITSTATUS(status);
}

static enum err
load_it(void)
{
	OWNED(EVP_PKEY, k, key_free) = NULL;

	return key_load(path("it.key"), &k);
}

static enum err
loaded(const char *text)
{
	put("it.key", text, 0600);
	return elsewhere(load_it);
}

/* ---- use ---- */

static const char *const kinds[] = {"p256", "p384", "rsa"};
static const char document[] = "<a xmlns=\"urn:test\">b</a>";

static enum err
sign_with(const struct identity *who, struct buf *out)
{
	return seal_sign(bytes_of(document, sizeof document - 1), who, out);
}

static void
key_in_a_token_signs(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		OWNED(struct identity, who, identity_free) = identity_in_token(kinds[i]);
		OWNED_BUF(sealed) = {0};

		assert_int_equal(sign_with(who, &sealed), E_OK);
		assert_int_equal(
			seal_verify_both(buf_bytes(&sealed), X509_get0_pubkey(who->cert)), E_OK);
	}
}

static void
encrypt_for(const struct identity *who, struct buf *out)
{
	static const uint8_t text[2048] = {'t'};

	assert_int_equal(encrypt_body(bytes_of(text, sizeof text), &who->cert, 1, out), E_OK);
}

static enum err
open_with(const struct identity *who, const struct buf *body)
{
	OWNED_BUF(plain) = {0};
	enum err e = decrypt_body(buf_bytes(body), who, &plain);

	assert_int_equal(plain.size, e == E_OK ? 2048 : 0);
	return e;
}

static void
key_in_a_token_opens(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		OWNED(struct identity, who, identity_free) = identity_in_token(kinds[i]);
		OWNED_BUF(body) = {0};

		encrypt_for(who, &body);
		assert_int_equal(open_with(who, &body), E_OK);
	}
}

/* The same word as for a key in a file: nobody learns more. */
static void
altered_body_is_refused_as_ever(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		OWNED(struct identity, who, identity_free) = identity_in_token(kinds[i]);
		OWNED_BUF(body) = {0};

		encrypt_for(who, &body);
		char *value = strstr((char *)body.data, "<xenc:CipherValue>") + 30;
		*value = *value == 'A' ? 'B' : 'A';
		assert_int_equal(open_with(who, &body), E_BODY);
		*value = *value == 'A' ? 'B' : 'A';
	}
}

static void
identity_is_loaded_from_a_token(void **state)
{
	OWNED(EVP_PKEY, k, key_free) = key_named("p256");
	OWNED(struct identity, i, identity_free) = NULL;
	OWNED(X509, cert, cert_free) = make_cert(k, NULL, NULL, (struct cert_plan){0});
	FILE *f = fopen(path("sign.pem"), "w");

	assert_int_equal(PEM_write_X509(f, cert), 1);
	fclose(f);
	put("sign.key", uri("p256"), 0600);
	assert_int_equal(identity_load(path("sign.key"), path("sign.pem"), &i), E_OK);
	put("sign.key", uri("p384"), 0600);
	identity_free(&i);
	assert_int_equal(identity_load(path("sign.key"), path("sign.pem"), &i), E_NO_CERT);
}

/* ---- it stays inside ---- */

/* Of the module that this process has loaded. */
static CK_FUNCTION_LIST *
functions(void)
{
	void *library = dlopen(MODULE, RTLD_NOW | RTLD_NOLOAD);
	CK_FUNCTION_LIST *f = NULL;

	assert_non_null(library);
	CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
	assert_int_equal(get(&f), CKR_OK);
	return f;
}

static CK_RV
value_of_key(const char *label, CK_ATTRIBUTE_TYPE type)
{
	CK_FUNCTION_LIST *f = functions();
	CK_SLOT_ID slots[8];
	CK_ULONG n = 8;
	CK_SESSION_HANDLE s;
	CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
	CK_OBJECT_HANDLE object;
	uint8_t octets[1024];
	CK_ATTRIBUTE what[] = {
		{CKA_CLASS, &private, sizeof private}, {CKA_LABEL, (void *)label, strlen(label)}};
	CK_ATTRIBUTE value = {type, octets, sizeof octets};

	assert_int_equal(f->C_GetSlotList(CK_TRUE, slots, &n), CKR_OK);
	assert_int_equal(f->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &s), CKR_OK);
	assert_int_equal(f->C_FindObjectsInit(s, what, 2), CKR_OK);
	assert_int_equal(f->C_FindObjects(s, &object, 1, &n), CKR_OK);
	assert_int_equal(n, 1);
	f->C_FindObjectsFinal(s);
	CK_RV rv = f->C_GetAttributeValue(s, object, &value, 1);
	f->C_CloseSession(s);
	return rv;
}

static void
private_key_never_leaves(void **state)
{
	OWNED(EVP_PKEY, ec, key_free) = key_named("p256");
	OWNED(EVP_PKEY, rsa, key_free) = key_named("rsa");
	uint8_t *der = NULL;

	assert_int_equal(value_of_key("p256", CKA_LABEL), CKR_OK);
	assert_int_equal(value_of_key("p256", CKA_VALUE), CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(value_of_key("rsa", CKA_PRIVATE_EXPONENT), CKR_ATTRIBUTE_SENSITIVE);
	assert_null(EC_KEY_get0_private_key(EVP_PKEY_get0_EC_KEY(ec)));
	assert_null(RSA_get0_d(EVP_PKEY_get0_RSA(rsa)));
	assert_true(i2d_PrivateKey(ec, &der) <= 0);
}

static void
key_that_could_leave_is_refused(void **state)
{
	assert_int_equal(loaded(uri("loose")), E_KEY_MODE);
}

/* ---- away and back ---- */

static void
token_that_is_away_is_told_and_its_return_needs_no_start(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		OWNED(struct identity, who, identity_free) = identity_in_token(kinds[i]);
		OWNED(struct identity, other, identity_free) = identity_in_token("p256");
		OWNED_BUF(sealed) = {0};
		OWNED_BUF(body) = {0};

		encrypt_for(who, &body);
		token_goes();
		assert_int_equal(sign_with(who, &sealed), E_TOKEN);
		assert_int_equal(open_with(who, &body), E_TOKEN);
		assert_int_equal(loaded(uri("p256")), E_TOKEN);
		token_comes();
		assert_int_equal(open_with(who, &body), E_OK);
		assert_int_equal(sign_with(who, &sealed), E_OK);
		buf_reset(&sealed);
		assert_int_equal(sign_with(other, &sealed), E_OK);
	}
}

/* The session goes, the token stays: a card that was reset, an HSM that was started again. */
static void
ended_session_is_opened_again(void **state)
{
	OWNED(struct identity, who, identity_free) = identity_in_token("p256");
	OWNED_BUF(sealed) = {0};
	CK_FUNCTION_LIST *f = functions();

	assert_int_equal(f->C_Finalize(NULL), CKR_OK);
	assert_int_equal(sign_with(who, &sealed), E_OK);
}

/* What was in the way once is not the reason for what fails later. */
static void
altered_body_is_refused_after_the_return_too(void **state)
{
	OWNED(struct identity, who, identity_free) = identity_in_token("p256");
	OWNED_BUF(sealed) = {0};
	OWNED_BUF(body) = {0};

	encrypt_for(who, &body);
	token_goes();
	assert_int_equal(sign_with(who, &sealed), E_TOKEN);
	token_comes();
	char *value = strstr((char *)body.data, "<xenc:CipherValue>") + 30;
	*value = *value == 'A' ? 'B' : 'A';
	assert_int_equal(open_with(who, &body), E_BODY);
}

/* A body that names another curve is refused before the key is used, wherever the token is. */
static void
token_is_not_blamed_for_what_did_not_use_it(void **state)
{
	static const char p256[] = "urn:oid:1.2.840.10045.3.1.7", p384[] = "urn:oid:1.3.132.0.34";
	OWNED(struct identity, who, identity_free) = identity_in_token("p256");
	OWNED_BUF(body) = {0};
	OWNED_BUF(other) = {0};

	encrypt_for(who, &body);
	const char *all = (const char *)body.data, *at = strstr(all, p256);
	assert_non_null(at);
	buf_add(&other, all, (size_t)(at - all));
	buf_text(&other, p384);
	buf_text(&other, at + strlen(p256));
	token_goes();
	assert_int_equal(open_with(who, &body), E_TOKEN);
	assert_int_equal(open_with(who, &other), E_BODY);
	token_comes();
}

/* ---- the PIN ---- */

/* The right PIN is not tried either while the token bears the mark: so nothing was tried. */
static void
refused_pin_is_not_tried_again(void **state)
{
	put("pin", "11112222\n", 0600);
	assert_int_equal(loaded(uri("p256")), E_PIN);
	put("pin", PIN "\n", 0600);
	assert_int_equal(loaded(uri("p256")), E_PIN);
	tool("--list-objects");
	assert_int_equal(loaded(uri("p256")), E_OK);
}

static enum err
load_twice(void)
{
	OWNED(EVP_PKEY, k, key_free) = NULL;

	put("pin", "11112222\n", 0600);
	if (key_load(path("it.key"), &k) != E_PIN)
		return E_OK;
	put("pin", PIN "\n", 0600);
	tool("--list-objects"); /* takes the mark away */
	return key_load(path("it.key"), &k);
}

static void
process_whose_pin_was_refused_does_not_try_another(void **state)
{
	put("it.key", uri("p256"), 0600);
	assert_int_equal(elsewhere(load_twice), E_PIN);
	assert_int_equal(elsewhere(load_it), E_OK);
}

static void
pin_is_a_secret_file(void **state)
{
	put("pin", PIN, 0644);
	assert_int_equal(loaded(uri("p256")), E_KEY_MODE);
	assert_int_equal(rename(path("pin"), path("pin.there")), 0);
	assert_int_equal(chmod(path("pin.there"), 0600), 0);
	assert_int_equal(symlink(path("pin.there"), path("pin")), 0);
	assert_int_equal(loaded(uri("p256")), E_NO_KEY);
	put("pin", PIN, 0600);
	assert_int_equal(loaded(uri("p256")), E_OK);
}

/* ---- the URI ---- */

static void
uri_names_one_key_a_module_and_a_pin_file(void **state)
{
	static const struct {
		const char *before, *after;
		enum err e;
	} row[] = {
		{"pkcs11:token=daftar%20test;object=p256?module-path=" MODULE "&pin-source=file:",
			"/pin", E_OK},
		{"pkcs11:token=daftar%20test;object=p256;type=private?module-path=" MODULE
		 "&pin-source=file:",
			"/pin", E_OK},
		{"pkcs11:token=daftar%20test;id=%10?module-path=" MODULE "&pin-source=file:",
			"/pin", E_OK},
		{"pkcs11:token=daftar%20test;object=none?module-path=" MODULE "&pin-source=file:",
			"/pin", E_NO_KEY},
		{"pkcs11:token=daftar%20test?module-path=" MODULE "&pin-source=file:", "/pin",
			E_NO_KEY}, /* many keys */
		{"pkcs11:token=another;object=p256?module-path=" MODULE "&pin-source=file:", "/pin",
			E_TOKEN},
		{"pkcs11:token=daftar%20test;object=p256?module-path=" MODULE "&pin-value=" PIN
		 "&pin-source=file:",
			"/pin", E_NO_KEY},
		{"pkcs11:token=daftar%20test;object=p256?module-path=" MODULE "&pin-source=|cat ",
			"/pin", E_NO_KEY},
		{"pkcs11:token=daftar%20test;object=p256?pin-source=file:", "/pin", E_NO_KEY},
		{"pkcs11:token=daftar%20test;object=p256?module-path=libsofthsm2.so&pin-source="
		 "file:",
			"/pin", E_NO_KEY},
		{"pkcs11:token=daftar%20test;object=p256?module-path=/etc/passwd&pin-source=file:",
			"/pin", E_NO_KEY},
		{"pkcs11:token=daftar%20test;unheard=of;object=p256?module-path=" MODULE
		 "&pin-source=file:",
			"/pin", E_NO_KEY},
		{"pkcs11:token=%zz?module-path=" MODULE "&pin-source=file:", "/pin", E_NO_KEY},
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		char text[512];

		snprintf(text, sizeof text, "%s%s%s", row[i].before, folder, row[i].after);
		if (loaded(text) != row[i].e)
			fail_msg("%s: %s", text, err_word(loaded(text)));
	}
}

static void
module_that_others_may_change_is_not_loaded(void **state)
{
	char text[512];

	put("module.so", "not a module", 0600);
	snprintf(text, sizeof text,
		"pkcs11:token=daftar%%20test;object=p256?module-path=%s/"
		"module.so&pin-source=file:%s/pin",
		folder, folder);
	assert_int_equal(chmod(path("module.so"), 0775), 0);
	assert_int_equal(loaded(text), E_KEY_MODE);
	assert_int_equal(chmod(path("module.so"), 0755), 0);
	assert_int_equal(loaded(text), E_NO_KEY);
}

static int
make_token(void **state)
{
	char conf[256];

	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(path("tokens"), 0700), 0);
	snprintf(
		conf, sizeof conf, "directories.tokendir = %s/tokens\nlog.level = ERROR\n", folder);
	put("softhsm2.conf", conf, 0600);
	setenv("SOFTHSM2_CONF", path("softhsm2.conf"), 1);
	put("pin", PIN "\n", 0600);
	command("softhsm2-util --init-token --free --label '" LABEL "' --so-pin 77665544 --pin " PIN
		" >%s/util.log",
		folder);
	generate("p256", "EC:prime256v1", "--sensitive");
	generate("p384", "EC:secp384r1", "--sensitive");
	generate("rsa", "rsa:3072", "--sensitive");
	generate("loose", "EC:prime256v1", "--extractable");
	xml_init();
	return 0;
}

static int
remove_token(void **state)
{
	command("rm -rf %s", folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_in_a_token_signs),
		cmocka_unit_test(key_in_a_token_opens),
		cmocka_unit_test(altered_body_is_refused_as_ever),
		cmocka_unit_test(identity_is_loaded_from_a_token),
		cmocka_unit_test(private_key_never_leaves),
		cmocka_unit_test(key_that_could_leave_is_refused),
		cmocka_unit_test(token_that_is_away_is_told_and_its_return_needs_no_start),
		cmocka_unit_test(ended_session_is_opened_again),
		cmocka_unit_test(altered_body_is_refused_after_the_return_too),
		cmocka_unit_test(token_is_not_blamed_for_what_did_not_use_it),
		cmocka_unit_test(refused_pin_is_not_tried_again),
		cmocka_unit_test(process_whose_pin_was_refused_does_not_try_another),
		cmocka_unit_test(pin_is_a_secret_file),
		cmocka_unit_test(uri_names_one_key_a_module_and_a_pin_file),
		cmocka_unit_test(module_that_others_may_change_is_not_loaded),
	};

	return cmocka_run_group_tests(tests, make_token, remove_token);
}
