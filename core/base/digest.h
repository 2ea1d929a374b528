/* digest - SHA-256 of scripts, configurations and blocks, and its text. Any thread. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define DIGEST_LEN 32
#define DIGEST_HEX 65

void digest_sha256(const void *p, size_t n, uint8_t out[DIGEST_LEN]);
/* Only for the handshake of WebSocket, which asks for it; nothing is made safe by it. */
#define DIGEST_SHA1_LEN 20
void digest_sha1(const void *p, size_t n, uint8_t out[DIGEST_SHA1_LEN]);
void digest_hex(const uint8_t *p, size_t n, char *out); /* lower case, terminated: 2 n + 1 bytes */
