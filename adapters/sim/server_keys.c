#include "adapters/sim/server_keys.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
#define ERR_STATE openssl_err_state
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#undef ERR_STATE
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 64 /* of SHA-256, for HMAC */

/* ---------------------------------------------------------------- signatures */

static void hmac(const struct server_key *k, const void *payload, size_t n, uint8_t out[DIGEST_LEN])
{
	uint8_t inner[DIGEST_LEN], outer[BLOCK + DIGEST_LEN] = { 0 };
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t pad[BLOCK] = { 0 };
	memcpy(pad, k->secret, SERVER_KEY_TEXT);
	for (int i = 0; i < BLOCK; i++) {
		outer[i] = pad[i] ^ 0x5c;
		pad[i] ^= 0x36;
	}
	memset(inner, 0, sizeof inner);
	if (c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(c, pad, sizeof pad) == 1 && EVP_DigestUpdate(c, payload, n) == 1)
		(void)EVP_DigestFinal_ex(c, inner, NULL);
	EVP_MD_CTX_free(c);
	memcpy(outer + BLOCK, inner, sizeof inner);
	digest_sha256(outer, sizeof outer, out);
}

static bool verify_hmac(const struct server_key *k, const void *payload, size_t n,
			const char *signature)
{
	uint8_t want[DIGEST_LEN];
	char hex[DIGEST_HEX], given[DIGEST_HEX] = "";
	if (strlen(signature) != DIGEST_HEX - 1)
		return false;
	hmac(k, payload, n, want);
	digest_hex(want, sizeof want, hex);
	for (int i = 0; i < DIGEST_HEX - 1; i++) /* the venue takes both cases */
		given[i] = signature[i] >= 'A' && signature[i] <= 'F' ? (char)(signature[i] + 32)
								      : signature[i];
	return CRYPTO_memcmp(hex, given, DIGEST_HEX - 1) == 0;
}

static bool verify_ed25519(const struct server_key *k, const void *payload, size_t n,
			   const char *signature)
{
	uint8_t raw[66]; /* 88 characters of base64 decode to 66 bytes, two of them padding */
	if (strlen(signature) != 88 || strcmp(signature + 86, "==") != 0 || signature[85] == '=' ||
	    EVP_DecodeBlock(raw, (const uint8_t *)signature, 88) != sizeof raw)
		return false;
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, k->public_key,
						    sizeof k->public_key);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = key && c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestVerify(c, raw, 64, payload, n) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	return ok;
}

bool server_key_verify(const struct server_key *k, const void *payload, size_t n,
		       const char *signature)
{
	return k->kind == SERVER_KEY_HMAC ? verify_hmac(k, payload, n, signature)
					  : verify_ed25519(k, payload, n, signature);
}

/* ---------------------------------------------------------------- making */

static int random_text(char out[SERVER_KEY_TEXT + 1])
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	for (int i = 0; i < SERVER_KEY_TEXT;) {
		uint8_t b;
		if (getrandom(&b, 1, 0) != 1)
			return err_set(ERR_IO, "the system gives no random numbers: %s",
				       strerror(errno));
		if (b < 4 * (sizeof letters - 1))
			out[i++] = letters[b % (sizeof letters - 1)];
	}
	out[SERVER_KEY_TEXT] = 0;
	return 0;
}

static EVP_PKEY *make_ed25519(void)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, NULL);
	if (!c || EVP_PKEY_keygen_init(c) != 1 || EVP_PKEY_keygen(c, &key) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(c);
	return key;
}

static int take_public(struct server_key *k, EVP_PKEY *key, const char *what)
{
	size_t n = sizeof k->public_key;
	if (EVP_PKEY_get_raw_public_key(key, k->public_key, &n) != 1 || n != sizeof k->public_key)
		return err_set(ERR_CORRUPT, "%s is no Ed25519 key", what);
	return 0;
}

int server_key_make(struct server_key *k, enum server_key_kind kind, uint8_t private_key[32])
{
	*k = (struct server_key){ .kind = (uint8_t)kind };
	int rc = random_text(k->api_key);
	if (!rc && kind == SERVER_KEY_HMAC)
		return random_text(k->secret);
	if (rc)
		return rc;
	EVP_PKEY *key = make_ed25519();
	size_t n = 32;
	if (!key || (private_key && EVP_PKEY_get_raw_private_key(key, private_key, &n) != 1))
		rc = err_set(ERR_TLS, "OpenSSL makes no Ed25519 key");
	else
		rc = take_public(k, key, "the key just made");
	EVP_PKEY_free(key);
	return rc;
}

/* ---------------------------------------------------------------- files */

/* Whole or not at all: a kill between the two must not leave half a key. */
static int write_file(const char *path, const void *p, size_t n)
{
	char part[512];
	snprintf(part, sizeof part, "%s.part", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(ERR_IO, "%s: %s", part, strerror(errno));
	bool ok = write(fd, p, n) == (ssize_t)n;
	ok = close(fd) == 0 && ok && rename(part, path) == 0;
	return ok ? 0 : err_set(ERR_IO, "%s: %s", path, strerror(errno));
}

static int text_file(const char *path, char text[SERVER_KEY_TEXT + 1])
{
	char buf[SERVER_KEY_TEXT + 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		int rc = random_text(text);
		memcpy(buf, text, SERVER_KEY_TEXT);
		buf[SERVER_KEY_TEXT] = '\n';
		return rc ? rc : write_file(path, buf, SERVER_KEY_TEXT + 1);
	}
	if (fd < 0)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	ssize_t n = read(fd, buf, sizeof buf);
	close(fd);
	if (n != SERVER_KEY_TEXT + 1 || buf[SERVER_KEY_TEXT] != '\n')
		return err_set(ERR_CORRUPT, "%s is no key of %d characters", path, SERVER_KEY_TEXT);
	memcpy(text, buf, SERVER_KEY_TEXT);
	text[SERVER_KEY_TEXT] = 0;
	return 0;
}

static int new_pem(const char *path, struct server_key *k)
{
	EVP_PKEY *key = make_ed25519();
	BIO *mem = BIO_new(BIO_s_mem());
	char *text = NULL;
	int rc = err_set(ERR_TLS, "OpenSSL makes no Ed25519 key");
	if (key && mem && PEM_write_bio_PKCS8PrivateKey(mem, key, NULL, NULL, 0, NULL, NULL) == 1) {
		long n = BIO_get_mem_data(mem, &text);
		rc = write_file(path, text, (size_t)n);
		OPENSSL_cleanse(text, (size_t)n);
	}
	if (!rc)
		rc = take_public(k, key, path);
	BIO_free(mem);
	EVP_PKEY_free(key);
	return rc;
}

static int pem_file(const char *path, struct server_key *k)
{
	FILE *f = fopen(path, "re");
	if (!f && errno == ENOENT)
		return new_pem(path, k);
	if (!f)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	int rc = key ? take_public(k, key, path)
		     : err_set(ERR_CORRUPT, "%s is no private key in PEM", path);
	EVP_PKEY_free(key);
	return rc;
}

int server_key_load(struct server_key *k, enum server_key_kind kind, const char *dir,
		    const char *name)
{
	char path[480];
	const char *dot = kind == SERVER_KEY_HMAC ? "" : ".ed25519";
	*k = (struct server_key){ .kind = (uint8_t)kind };
	/* The secret half first: an API key that stands is a pair that stands. */
	snprintf(path, sizeof path, "%s/%s%s", dir, name,
		 kind == SERVER_KEY_HMAC ? ".secret" : ".ed25519.pem");
	int rc = kind == SERVER_KEY_HMAC ? text_file(path, k->secret) : pem_file(path, k);
	snprintf(path, sizeof path, "%s/%s%s.key", dir, name, dot);
	return rc ? rc : text_file(path, k->api_key);
}
