/* server_keys - the API keys of a simulated venue's accounts: made once, kept in files, and what checks a client's signature.
 *
 * Each account has two: one for HMAC-SHA256 and one for Ed25519. The venue keeps the secret of the first and only the public half of the
 * second. The files (mode 0600) are what a host is configured with: <name>.key and .secret, <name>.ed25519.key and .ed25519.pem.
 * Written without the client's signing code, so that a misreading of the rules cannot agree with itself. Any thread; cold but for the check. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVER_KEY_TEXT 64 /* characters of an API key and of a secret */

enum server_key_kind { SERVER_KEY_HMAC, SERVER_KEY_ED25519, server_key_kind_max };

struct server_key {
	char api_key[SERVER_KEY_TEXT + 1];
	uint8_t kind; /* enum server_key_kind */
	uint16_t account;
	char secret[SERVER_KEY_TEXT + 1]; /* HMAC */
	uint8_t public_key[32];		  /* Ed25519 */
};

/* The key of that kind from its files in dir, which are made where they are missing. -ERR_IO, -ERR_CORRUPT, -ERR_TLS. */
int server_key_load(struct server_key *k, enum server_key_kind kind, const char *dir,
		    const char *name);
/* A random one without files; *private_key gets 32 bytes (Ed25519) where not NULL. */
int server_key_make(struct server_key *k, enum server_key_kind kind, uint8_t private_key[32]);
/* Is `signature` (hex, or base64) this key's over the payload? In constant time where a secret is involved. */
bool server_key_verify(const struct server_key *k, const void *payload, size_t n,
		       const char *signature);
