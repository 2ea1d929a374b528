/* ws_shake - the opening handshake of WebSocket: what is asked for over HTTP, and what must be
 * answered. No state. */
#pragma once
#include "core/io/http.h"

#define WS_KEY_LEN    25 /* base64 of 16 bytes, terminated */
#define WS_ACCEPT_LEN 29 /* base64 of a SHA-1, terminated */

/* random: 16 bytes that nobody can guess. */
void ws_shake_key(const uint8_t random[16], char key[WS_KEY_LEN]);
void ws_shake_accept(struct http_str key, char accept[WS_ACCEPT_LEN]);
/* The request, as bytes; like http_request. */
ptrdiff_t ws_shake_request(char *out, size_t cap, const char *host, const char *path,
			   const char key[WS_KEY_LEN], const char *headers);
/* Is the answer an agreement? 0; -ERR_NET: another status, told with Retry-After; -ERR_PARSE: a
 * broken agreement. */
int ws_shake_check_response(const struct http_head *h, const char *accept, bool protocol_asked);
/* Is the request an upgrade that can be accepted? 0 or -ERR_PARSE. */
int ws_shake_check_request(const struct http_head *h);
ptrdiff_t ws_shake_response(char *out, size_t cap, const struct http_head *request);
