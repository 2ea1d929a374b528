/* OpenSSL 3 allocates in its one-shot calls; the older ones, which it still has, do not. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "core/base/digest.h"
#include <openssl/sha.h>

_Static_assert(DIGEST_LEN == SHA256_DIGEST_LENGTH, "the same digest");

void digest_sha256(const void *p, size_t n, uint8_t out[DIGEST_LEN])
{
	SHA256_CTX c;
	SHA256_Init(&c);
	SHA256_Update(&c, p, n);
	SHA256_Final(out, &c);
}

void digest_sha1(const void *p, size_t n, uint8_t out[DIGEST_SHA1_LEN])
{
	SHA_CTX c;
	SHA1_Init(&c);
	SHA1_Update(&c, p, n);
	SHA1_Final(out, &c);
}

void digest_hex(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = 0;
}
