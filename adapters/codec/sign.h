/* sign - signs requests with a key that is read once and never shown: HMAC-SHA256 as hex, or Ed25519 as base64.
 *
 * The key's file must be ours: a regular file, no symbolic link, owner the process's user, mode 0600 or 0400. Its bytes are locked
 * in memory while they are read and wiped afterwards; only OpenSSL's own context keeps the key. Nothing here logs, and no error
 * text holds a byte of a key. One thread a signer. An HMAC signature costs about half a microsecond, Ed25519 about fifty. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define SIGN_TEXT    96	  /* the longest signature, terminated: 88 of base64 */
#define SIGN_KEY_MAX 4096 /* bytes of a key's file */

enum sign_kind { SIGN_HMAC_SHA256, SIGN_ED25519, sign_kind_max };

struct signer;

/* HMAC: the file's text without white space around it. Ed25519: PKCS#8 in PEM, not encrypted.
 * -ERR_AUTH: the file is not as safe as it must be; -ERR_NOTFOUND, -ERR_IO; -ERR_CONFIG: no such key in it. */
int signer_open(const char *file, enum sign_kind kind, struct signer **out);
/* The same from bytes that the caller wipes. */
int signer_from_bytes(const void *key, size_t n, enum sign_kind kind, struct signer **out);
void signer_free(struct signer *s); /* NULL is fine */
enum sign_kind signer_kind(const struct signer *s);
/* Writes the signature, terminated; returns its length, 0 when OpenSSL fails (err_set says so). */
size_t signer_sign(struct signer *s, const void *p, size_t n, char out[SIGN_TEXT]);
/* A secret text from a file that is as safe as a key's must be: a password. The caller wipes out. */
int sign_read_secret(const char *file, char *out, size_t cap);
/* A short text from a file, without white space around it: the public half of a key. -ERR_FULL when it is longer. */
int sign_read_public(const char *file, char *out, size_t cap);
