#include "core/io/ca.h"
#include "core/base/err.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* OpenSSL has a type of the name that one of our codes bears. */
#define ERR_STATE openssl_err_state
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#define DAY_S	86400
#define CA_DAYS 3650

static const char *const default_name[] = { "localhost", "127.0.0.1", "::1" };

static int failed(const char *what)
{
	return err_set(ERR_TLS, "OpenSSL cannot make %s", what);
}

static bool add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool ok = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

/* A certificate with a random serial number, a common name and its times, not yet signed. */
static X509 *new_cert(EVP_PKEY *key, const char *common_name, int64_t from_s, int64_t to_s)
{
	X509 *x = X509_new();
	uint64_t serial = 0;
	bool ok = x && RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1;
	ok = ok && X509_set_version(x, X509_VERSION_3) == 1;
	ok = ok && ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1 | 1) == 1;
	ok = ok && X509_gmtime_adj(X509_getm_notBefore(x), (long)from_s);
	ok = ok && X509_gmtime_adj(X509_getm_notAfter(x), (long)to_s);
	ok = ok && X509_set_pubkey(x, key) == 1;
	ok = ok && X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
					      (const unsigned char *)common_name, -1, -1, 0) == 1;
	if (ok)
		return x;
	X509_free(x);
	return NULL;
}

static X509 *make_authority(EVP_PKEY *key)
{
	X509 *ca = new_cert(key, "Tandem simulated venue CA", -DAY_S, (int64_t)CA_DAYS * DAY_S);
	bool ok = ca && X509_set_issuer_name(ca, X509_get_subject_name(ca)) == 1;
	ok = ok && add_ext(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
	ok = ok && add_ext(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign");
	ok = ok && add_ext(ca, ca, NID_subject_key_identifier, "hash");
	if (ok && X509_sign(ca, key, EVP_sha256()) > 0)
		return ca;
	X509_free(ca);
	return NULL;
}

/* "DNS:a,IP:1.2.3.4": a name must not smuggle a further entry in. */
static int subject_names(const char *const *name, size_t n, char *out, size_t cap)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t a[16];
		bool ip =
			inet_pton(AF_INET, name[i], a) == 1 || inet_pton(AF_INET6, name[i], a) == 1;
		if (!name[i][0] || strpbrk(name[i], ", \t\r\n"))
			return err_set(ERR_ARG, "\"%s\" is not a name for a certificate", name[i]);
		int k = snprintf(out + len, cap - len, "%s%s:%s", i ? "," : "", ip ? "IP" : "DNS",
				 name[i]);
		if (k < 0 || (size_t)k >= cap - len)
			return err_set(ERR_ARG, "too many names for a certificate");
		len += (size_t)k;
	}
	return n ? 0 : err_set(ERR_ARG, "a certificate needs a name");
}

static X509 *make_server(const struct ca_opt *o, const char *names, EVP_PKEY *key, X509 *ca,
			 EVP_PKEY *ca_key)
{
	X509 *x = new_cert(key, o->name[0], o->from_s, o->to_s);
	bool ok = x && X509_set_issuer_name(x, X509_get_subject_name(ca)) == 1;
	ok = ok && add_ext(x, ca, NID_basic_constraints, "critical,CA:FALSE");
	ok = ok && add_ext(x, ca, NID_key_usage, "critical,digitalSignature");
	ok = ok && add_ext(x, ca, NID_ext_key_usage, "serverAuth");
	ok = ok && add_ext(x, ca, NID_subject_alt_name, names);
	ok = ok && add_ext(x, ca, NID_authority_key_identifier, "keyid");
	if (ok && X509_sign(x, ca_key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* Made under another name and moved into place, so that nobody reads half a file. */
static int write_pem(const char *dir, const char *name, X509 *cert, EVP_PKEY *key)
{
	char path[512], made[520];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(ERR_ARG, "the path %s/%s is too long", dir, name);
	snprintf(made, sizeof(made), "%s.new", path);
	unlink(made);
	int fd =
		open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, key ? 0600 : 0644);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		int e = errno;
		if (fd >= 0)
			close(fd);
		return err_set(ERR_IO, "cannot write %s: %s", made, strerror(e));
	}
	bool ok = key ? PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1
		      : PEM_write_X509(f, cert) == 1;
	ok = fclose(f) == 0 && ok;
	if (!ok || rename(made, path) != 0)
		return err_set(ERR_IO, "cannot write %s: %s", path, strerror(errno));
	return 0;
}

static int write_all(const char *dir, X509 *ca, X509 *cert, EVP_PKEY *key)
{
	int rc = write_pem(dir, "key.pem", NULL, key);
	if (!rc)
		rc = write_pem(dir, "cert.pem", cert, NULL);
	return rc ? rc : write_pem(dir, "ca.pem", ca, NULL);
}

int ca_make(const char *dir, const struct ca_opt *o)
{
	struct ca_opt x = o ? *o : (struct ca_opt){ 0 };
	if (!x.name) {
		x.name = default_name;
		x.n = sizeof(default_name) / sizeof(default_name[0]);
	}
	if (x.from_s == 0 && x.to_s == 0) {
		x.from_s = -3600;
		x.to_s = (int64_t)30 * DAY_S;
	}
	char names[1024];
	int rc = subject_names(x.name, x.n, names, sizeof(names));
	if (rc)
		return rc;
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = ca_key ? make_authority(ca_key) : NULL;
	X509 *cert = ca && key ? make_server(&x, names, key, ca, ca_key) : NULL;
	if (!cert)
		rc = failed(ca ? "a server's certificate" : "a certificate authority");
	else
		rc = write_all(dir, ca, cert, key);
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return rc;
}
