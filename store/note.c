#include "store/note.h"
#include "core/base/err.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* OpenSSL has a type of that name. */
#define ERR_STATE openssl_err_state
#include <openssl/evp.h>
#undef ERR_STATE
#include "store/note_parts.h"

#define DASH	  "\xe2\x80\x94 " /* what a line of a signature begins with */
#define SIGNATURE 64

void note_base64(const void *p, size_t n, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, p, (int)n);
}

bool note_from_base64(const char *text, size_t len, void *out, size_t n)
{
	uint8_t bytes[256];
	char again[NOTE_BASE64(192)];
	if (n > 192 || len != NOTE_BASE64(n) - 1 ||
	    EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len) < (int)n)
		return false;
	/* One text for the same bytes: bits that nobody reads are nobody's to set. */
	note_base64(bytes, n, again);
	if (memcmp(again, text, len) != 0)
		return false;
	memcpy(out, bytes, n);
	return true;
}

int note_sign(struct note_key *k, const struct note_checkpoint *c, char out[NOTE_MAX])
{
	char root[NOTE_BASE64(MERKLE_HASH)], text[NOTE_BASE64(4 + SIGNATURE)];
	uint8_t signature[4 + SIGNATURE];
	size_t len = SIGNATURE;
	note_base64(c->root.b, MERKLE_HASH, root);
	int n = snprintf(out, NOTE_MAX, "%s\n%" PRIu64 "\n%s\n", c->origin, c->size, root);
	memcpy(signature, k->id, 4);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok =
		md && EVP_DigestSignInit(md, NULL, NULL, NULL, k->key) == 1 &&
		EVP_DigestSign(md, signature + 4, &len, (const unsigned char *)out, (size_t)n) == 1;
	EVP_MD_CTX_free(md);
	if (!ok)
		return err_set(ERR_AUTH, "OpenSSL does not sign with the key %s", k->name);
	note_base64(signature, sizeof signature, text);
	return n + snprintf(out + n, NOTE_MAX - (size_t)n, "\n" DASH "%s %s\n", k->name, text);
}

/* ---- reading */

/* The next line without its end; NULL: there is none that ends. */
static const char *line(const char **at, const char *end, size_t *n)
{
	const char *p = *at, *stop = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	if (!stop)
		return NULL;
	*n = (size_t)(stop - p);
	*at = stop + 1;
	return p;
}

static bool read_size(const char *p, size_t n, uint64_t *out)
{
	*out = 0;
	if (n == 0 || n > 18 || (n > 1 && *p == '0'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(p[i] - '0');
	}
	return true;
}

static bool read_text(const char *p, const char *end, struct note_checkpoint *out)
{
	size_t n;
	const char *at = p, *origin = line(&at, end, &n);
	if (!origin || n == 0 || n >= NOTE_NAME)
		return false;
	memcpy(out->origin, origin, n);
	out->origin[n] = 0;
	const char *size = line(&at, end, &n);
	if (!size || !read_size(size, n, &out->size))
		return false;
	const char *root = line(&at, end, &n);
	return root && note_from_base64(root, n, out->root.b, MERKLE_HASH);
}

/* The text ends before the last empty line. */
static const char *text_end(const char *note, size_t n)
{
	for (size_t i = n; i-- > 1;)
		if (note[i] == '\n' && note[i - 1] == '\n')
			return note + i;
	return NULL;
}

/* 1: signed by this key; 0: the line is another's; -ERR_AUTH: it claims to be this key's and is not. */
static int check_line(struct note_key *k, const char *p, size_t n, const char *text, size_t len)
{
	const size_t dash = strlen(DASH), name = strlen(k->name);
	uint8_t s[4 + SIGNATURE];
	if (n < dash + name + 1 || memcmp(p, DASH, dash) != 0 ||
	    memcmp(p + dash, k->name, name) != 0 || p[dash + name] != ' ')
		return 0;
	p += dash + name + 1;
	n -= dash + name + 1;
	if (!note_from_base64(p, n, s, sizeof s))
		return err_set(ERR_AUTH, "the signature of %s is none", k->name);
	if (memcmp(s, k->id, 4) != 0)
		return 0;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestVerifyInit(md, NULL, NULL, NULL, k->key) == 1 &&
		  EVP_DigestVerify(md, s + 4, SIGNATURE, (const unsigned char *)text, len) == 1;
	EVP_MD_CTX_free(md);
	return ok ? 1
		  : err_set(ERR_AUTH,
			    "the checkpoint bears the name of %s and was not signed by it: it was "
			    "changed, or made by somebody else",
			    k->name);
}

static int check(struct note_key *k, const char *note, const char *text, const char *end)
{
	const char *at = text + 1, *p;
	size_t n;
	int signed_by = 0;
	while ((p = line(&at, end, &n)) != NULL) {
		int rc = check_line(k, p, n, note, (size_t)(text - note));
		if (rc < 0)
			return rc;
		signed_by |= rc;
	}
	return signed_by ? 0
			 : err_set(ERR_NOTFOUND,
				   "the checkpoint is not signed by the key %s, which was to be "
				   "believed",
				   k->text);
}

int note_open(struct note_key *k, const char *note, size_t n, struct note_checkpoint *out)
{
	const char *text = text_end(note, n);
	if (!text || !read_text(note, text, out))
		return err_set(ERR_PARSE, "no signed checkpoint there: three lines (a log's name, "
					  "its size, its root), an empty one, a signature");
	return k ? check(k, note, text, note + n) : 0;
}

int note_open_file(struct note_key *k, const char *file, struct note_checkpoint *out)
{
	char note[NOTE_MAX];
	size_t n;
	int rc = note_read_file(file, note, sizeof note, &n);
	if (!rc)
		rc = note_open(k, note, n, out);
	return rc ? err_ctx(rc, "%s", file) : 0;
}
