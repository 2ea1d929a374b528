#include "adapters/codec/sign.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
/* OpenSSL has a type of that name. */
#define ERR_STATE openssl_err_state
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#undef ERR_STATE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct signer {
	enum sign_kind kind;
	EVP_MAC_CTX *mac; /* keyed once; each signature only restarts it */
	EVP_PKEY *key;
	EVP_MD_CTX *md;
};

static int mac_open(struct signer *s, const void *key, size_t n)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	char digest[] = "SHA256";
	OSSL_PARAM param[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
			       OSSL_PARAM_construct_end() };
	s->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	if (!s->mac || EVP_MAC_init(s->mac, key, n, param) != 1)
		return err_set(ERR_AUTH, "OpenSSL offers no HMAC-SHA256");
	return 0;
}

/* An encrypted key would make OpenSSL ask at the terminal: answer with nothing. */
static int no_passphrase(char *buf, int size, int writing, void *user)
{
	(void)buf, (void)size, (void)writing, (void)user;
	return -1;
}

static int key_open(struct signer *s, const void *pem, size_t n)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)n);
	s->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	BIO_free(bio);
	if (!s->key || !EVP_PKEY_is_a(s->key, "ED25519"))
		return err_set(ERR_CONFIG, "no unencrypted Ed25519 private key in PEM form there");
	s->md = EVP_MD_CTX_new();
	return s->md ? 0 : err_set(ERR_NOMEM, "no memory for a signature");
}

int signer_from_bytes(const void *key, size_t n, enum sign_kind kind, struct signer **out)
{
	*out = NULL;
	if (!n || n > SIGN_KEY_MAX)
		return err_set(ERR_CONFIG, "a key of %zu bytes is none", n);
	struct signer *s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(ERR_NOMEM, "no memory for a signer");
	s->kind = kind;
	int rc = kind == SIGN_ED25519 ? key_open(s, key, n) : mac_open(s, key, n);
	if (rc)
		signer_free(s);
	else
		*out = s;
	return rc;
}

void signer_free(struct signer *s)
{
	if (!s)
		return;
	EVP_MAC_CTX_free(s->mac);
	EVP_MD_CTX_free(s->md);
	EVP_PKEY_free(s->key);
	free(s);
}

enum sign_kind signer_kind(const struct signer *s)
{
	return s->kind;
}

static int check_file(const char *file, int fd, off_t *size)
{
	struct stat st;
	if (fstat(fd, &st))
		return err_set(ERR_IO, "cannot look at %s: %s", file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(ERR_AUTH, "%s is no regular file: a key must be one", file);
	if (st.st_uid != geteuid())
		return err_set(ERR_AUTH,
			       "%s belongs to user %u, not to the one that runs this: chown it",
			       file, (unsigned)st.st_uid);
	if (st.st_mode & 0177)
		return err_set(
			ERR_AUTH,
			"%s has mode %04o, so others may read or change the key: chmod 600 it",
			file, (unsigned)st.st_mode & 07777);
	if (st.st_size > SIGN_KEY_MAX)
		return err_set(ERR_CONFIG, "%s is larger than any key", file);
	*size = st.st_size;
	return 0;
}

static int open_key(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0)
		return fd;
	if (errno == ELOOP)
		return err_set(ERR_AUTH, "%s is a symbolic link: name the key's file itself", file);
	return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "cannot open %s: %s", file,
		       strerror(errno));
}

static ssize_t read_all(int fd, char *p, size_t cap)
{
	size_t n = 0;
	while (n < cap) {
		ssize_t got = read(fd, p + n, cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* What is left without white space at both ends. */
static const char *trim(const char *p, size_t *n)
{
	while (*n && strchr(" \t\r\n", p[*n - 1]) && p[*n - 1])
		--*n;
	while (*n && strchr(" \t\r\n", *p) && *p)
		p++, --*n;
	return p;
}

static int read_key(const char *file, int fd, enum sign_kind kind, struct signer **out)
{
	off_t size;
	int rc = check_file(file, fd, &size);
	if (rc)
		return rc;
	/* A page of its own: locked, left out of core dumps, and given back whole. */
	size_t page = SIGN_KEY_MAX;
	char *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return err_set(ERR_NOMEM, "no memory to read %s", file);
	madvise(p, page, MADV_DONTDUMP);
	if (mlock(p, page)) {
		rc = err_set(ERR_AUTH, "cannot lock memory for the key of %s: %s (raise ulimit -l)",
			     file, strerror(errno));
	} else {
		ssize_t n = read_all(fd, p, page);
		size_t len = n < 0 ? 0 : (size_t)n;
		const char *key = trim(p, &len);
		rc = n < 0 ? err_set(ERR_IO, "cannot read %s: %s", file, strerror(errno))
			   : err_ctx(signer_from_bytes(key, len, kind, out), "%s", file);
	}
	explicit_bzero(p, page);
	munmap(p, page);
	return rc;
}

int signer_open(const char *file, enum sign_kind kind, struct signer **out)
{
	*out = NULL;
	int fd = open_key(file);
	if (fd < 0)
		return fd;
	int rc = read_key(file, fd, kind, out);
	close(fd);
	return rc;
}

static size_t sign_hmac(struct signer *s, const void *p, size_t n, char *out)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t len;
	if (EVP_MAC_init(s->mac, NULL, 0, NULL) != 1 || EVP_MAC_update(s->mac, p, n) != 1 ||
	    EVP_MAC_final(s->mac, mac, &len, sizeof(mac)) != 1)
		return 0;
	digest_hex(mac, len, out);
	return 2 * len;
}

static size_t sign_ed25519(struct signer *s, const void *p, size_t n, char *out)
{
	unsigned char sig[64];
	size_t len = sizeof(sig);
	EVP_MD_CTX_reset(s->md);
	if (EVP_DigestSignInit(s->md, NULL, NULL, NULL, s->key) != 1 ||
	    EVP_DigestSign(s->md, sig, &len, p, n) != 1)
		return 0;
	return (size_t)EVP_EncodeBlock((unsigned char *)out, sig, (int)len);
}

size_t signer_sign(struct signer *s, const void *p, size_t n, char out[SIGN_TEXT])
{
	size_t len = s->kind == SIGN_ED25519 ? sign_ed25519(s, p, n, out) : sign_hmac(s, p, n, out);
	out[len] = '\0';
	if (!len)
		err_set(ERR_AUTH, "OpenSSL could not sign a request of %zu bytes", n);
	return len;
}

int sign_read_secret(const char *file, char *out, size_t cap)
{
	off_t size;
	int fd = open_key(file);
	if (fd < 0)
		return fd;
	int rc = check_file(file, fd, &size);
	close(fd);
	return rc ? rc : sign_read_public(file, out, cap);
}

int sign_read_public(const char *file, char *out, size_t cap)
{
	char buf[SIGN_KEY_MAX];
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "cannot open %s: %s", file,
			       strerror(errno));
	ssize_t got = read_all(fd, buf, sizeof(buf));
	close(fd);
	if (got < 0)
		return err_set(ERR_IO, "cannot read %s", file);
	size_t n = (size_t)got;
	const char *p = trim(buf, &n);
	if (!n || n >= cap)
		return err_set(n ? ERR_FULL : ERR_CONFIG, "%s holds no key of 1 to %zu bytes", file,
			       cap - 1);
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~' || p[i] == '"' || p[i] == '\\' || p[i] == '&')
			return err_set(ERR_CONFIG, "%s holds a byte that no key has", file);
	memcpy(out, p, n);
	out[n] = '\0';
	return 0;
}
