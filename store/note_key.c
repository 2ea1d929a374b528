/* The keys of notes: made, read, and told by name. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
/* OpenSSL has a type of that name. */
#define ERR_STATE openssl_err_state
#include <openssl/crypto.h>
#include <openssl/evp.h>
#undef ERR_STATE
#include "store/note_parts.h"

#define KEY_BYTES 32
#define ED25519	  1 /* the kind of signature, before the key's bytes */
#define PRIVATE	  "PRIVATE+KEY+"
#define KEY_TEXT  (sizeof(PRIVATE) + NOTE_PUBLIC)

static int read_fd(int fd, char *out, size_t cap, size_t *n)
{
	ssize_t got = 0;
	for (*n = 0; *n < cap; *n += (size_t)got) {
		got = read(fd, out + *n, cap - *n);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			break;
	}
	if (got < 0)
		return err_set(ERR_IO, "%s", strerror(errno));
	if (*n == cap)
		return err_set(ERR_FULL, "it is larger than anything of that kind");
	out[*n] = 0;
	return 0;
}

int note_read_file(const char *file, char *out, size_t cap, size_t *n)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s", strerror(errno));
	int rc = read_fd(fd, out, cap, n);
	close(fd);
	return rc;
}

static bool name_is_good(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)name[i] <= ' ' || name[i] == '+' || (uint8_t)name[i] >= 0x7f)
			return false;
	return n > 0 && n < NOTE_NAME - 1;
}

static void tell(struct note_key *k, const uint8_t public_key[KEY_BYTES])
{
	uint8_t named[NOTE_NAME + 2 + KEY_BYTES], digest[DIGEST_LEN], key[1 + KEY_BYTES];
	char text[NOTE_BASE64(1 + KEY_BYTES)];
	size_t n = strlen(k->name);
	memcpy(named, k->name, n);
	named[n++] = '\n';
	named[n++] = ED25519;
	memcpy(named + n, public_key, KEY_BYTES);
	digest_sha256(named, n + KEY_BYTES, digest);
	memcpy(k->id, digest, sizeof k->id);
	key[0] = ED25519;
	memcpy(key + 1, public_key, KEY_BYTES);
	note_base64(key, sizeof key, text);
	snprintf(k->text, sizeof k->text, "%s+%02x%02x%02x%02x+%s", k->name, k->id[0], k->id[1],
		 k->id[2], k->id[3], text);
}

static int make(const char *name, size_t n, const uint8_t *bytes, bool is_private,
		struct note_key **out)
{
	uint8_t public_key[KEY_BYTES];
	size_t len = sizeof public_key;
	struct note_key *k = calloc(1, sizeof *k);
	if (!k)
		return err_set(ERR_NOMEM, "no memory for a key");
	memcpy(k->name, name, n);
	k->key = is_private ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, bytes, KEY_BYTES)
			    : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, KEY_BYTES);
	if (!k->key || EVP_PKEY_get_raw_public_key(k->key, public_key, &len) != 1) {
		note_key_free(k);
		return err_set(ERR_CONFIG, "OpenSSL takes no such Ed25519 key");
	}
	tell(k, public_key);
	*out = k;
	return 0;
}

/* name+id+base64, with or without white space behind it. */
static int parse(const char *text, bool is_private, struct note_key **out)
{
	const char *rule = is_private ? "no key there: one line, PRIVATE+KEY+name+id+base64; "
					"`tandem key new FILE` makes one"
				      : "no public key there: one line, name+id+base64";
	uint8_t key[1 + KEY_BYTES];
	size_t n = strcspn(text, "+");
	if (n == 0 || n >= NOTE_NAME - 1 || strlen(text) < n + 10 || text[n] != '+' ||
	    text[n + 9] != '+')
		return err_set(ERR_CONFIG, "%s", rule);
	const char *bytes = text + n + 10;
	size_t len = strcspn(bytes, " \t\r\n");
	if (strspn(bytes + len, " \t\r\n") != strlen(bytes + len) ||
	    !note_from_base64(bytes, len, key, sizeof key) || key[0] != ED25519)
		return err_set(ERR_CONFIG, "%s", rule);
	int rc = make(text, n, key + 1, is_private, out);
	OPENSSL_cleanse(key, sizeof key);
	if (rc)
		return rc;
	char id[9];
	digest_hex((*out)->id, 4, id);
	if (strncmp(id, text + n + 1, 8) == 0)
		return 0;
	note_key_free(*out);
	return err_set(
		ERR_CONFIG,
		"the key's id does not belong to its name and bytes: it was mistyped, or changed");
}

/* As safe as a key must be: ours alone. */
static int check_file(int fd)
{
	struct stat st;
	if (fstat(fd, &st))
		return err_set(ERR_IO, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(ERR_AUTH, "no regular file: a key must be one");
	if (st.st_uid != geteuid())
		return err_set(ERR_AUTH, "it belongs to user %u, not to the one that runs this",
			       (unsigned)st.st_uid);
	if (st.st_mode & 0077)
		return err_set(ERR_AUTH,
			       "it has mode %04o, so others may sign with it: chmod 600 it",
			       (unsigned)st.st_mode & 07777);
	return 0;
}

int note_key_open(const char *file, struct note_key **out)
{
	char text[KEY_TEXT];
	size_t n;
	*out = NULL;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc = fd >= 0 ? check_file(fd)
			 : err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s", strerror(errno));
	if (!rc)
		rc = read_fd(fd, text, sizeof text, &n);
	if (!rc && strncmp(text, PRIVATE, strlen(PRIVATE)) != 0)
		rc = err_set(ERR_CONFIG,
			     "no key of receipts there; `tandem key new FILE` makes one");
	if (!rc)
		rc = parse(text + strlen(PRIVATE), true, out);
	OPENSSL_cleanse(text, sizeof text);
	if (fd >= 0)
		close(fd);
	return rc ? err_ctx(rc, "the key of receipts %s", file) : 0;
}

int note_key_parse(const char *text, struct note_key **out)
{
	*out = NULL;
	return parse(text, false, out);
}

int note_key_public(const char *text_or_file, struct note_key **out)
{
	char text[NOTE_PUBLIC + 8];
	size_t n;
	*out = NULL;
	if (strchr(text_or_file, '+') && parse(text_or_file, false, out) == 0)
		return 0;
	int rc = note_read_file(text_or_file, text, sizeof text, &n);
	if (rc == -ERR_FULL)
		rc = -ERR_CONFIG;
	if (!rc)
		rc = parse(text, false, out);
	return rc ? err_ctx(rc, "the public key %s", text_or_file) : 0;
}

void note_key_free(struct note_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

const char *note_key_text(const struct note_key *k)
{
	return k->text;
}

const char *note_key_name(const struct note_key *k)
{
	return k->name;
}

static int write_file(const char *file, const char *text, mode_t mode)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_set(errno == EEXIST ? ERR_EXISTS : ERR_IO, "%s: %s%s", file,
			       strerror(errno),
			       errno == EEXIST
				       ? "; a key is never written over, so name another file"
				       : "");
	size_t n = strlen(text);
	bool ok = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	int why = errno;
	close(fd);
	if (ok)
		return 0;
	unlink(file);
	return err_set(ERR_IO, "%s: %s", file, strerror(why));
}

int note_key_make(const char *file, const char *name)
{
	uint8_t key[1 + KEY_BYTES] = { ED25519 };
	char text[KEY_TEXT], base64[NOTE_BASE64(1 + KEY_BYTES)], id[9], path[PATH_MAX];
	struct note_key *k = NULL;
	if (!name_is_good(name))
		return err_set(
			ERR_ARG,
			"a key's name is 1 to %d letters, digits and signs without spaces or \"+\": \"%.40s\"",
			NOTE_NAME - 2, name);
	if (getrandom(key + 1, KEY_BYTES, 0) != KEY_BYTES)
		return err_set(ERR_IO, "no randomness from the system: %s", strerror(errno));
	int rc = make(name, strlen(name), key + 1, true, &k);
	if (!rc) {
		digest_hex(k->id, 4, id);
		note_base64(key, sizeof key, base64);
		snprintf(text, sizeof text, PRIVATE "%s+%s+%s\n", name, id, base64);
		rc = write_file(file, text, 0600);
	}
	if (!rc) {
		snprintf(path, sizeof path, "%s.pub", file);
		snprintf(text, sizeof text, "%s\n", k->text);
		rc = write_file(path, text, 0644);
		if (rc)
			unlink(file);
	}
	OPENSSL_cleanse(key, sizeof key);
	OPENSSL_cleanse(text, sizeof text);
	OPENSSL_cleanse(base64, sizeof base64);
	note_key_free(k);
	return rc;
}
