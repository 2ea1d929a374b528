#include "core/io/ws_shake.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

static void base64(const uint8_t *p, size_t n, char *out)
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;
		v |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? p[i + 2] : 0;
		*out++ = digit[v >> 18];
		*out++ = digit[v >> 12 & 63];
		*out++ = i + 1 < n ? digit[v >> 6 & 63] : '=';
		*out++ = i + 2 < n ? digit[v & 63] : '=';
	}
	*out = 0;
}

void ws_shake_key(const uint8_t random[16], char key[WS_KEY_LEN])
{
	base64(random, 16, key);
}

void ws_shake_accept(struct http_str key, char accept[WS_ACCEPT_LEN])
{
	char text[WS_KEY_LEN + sizeof(GUID)];
	uint8_t sha1[DIGEST_SHA1_LEN];
	int n = snprintf(text, sizeof(text), "%.*s%s", (int)key.n, key.p, GUID);
	digest_sha1(text, (size_t)n, sha1);
	base64(sha1, sizeof(sha1), accept);
}

ptrdiff_t ws_shake_request(char *out, size_t cap, const char *host, const char *path,
			   const char key[WS_KEY_LEN], const char *headers)
{
	char upgrade[256 + 4096];
	int n = snprintf(
		upgrade, sizeof(upgrade),
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: %s\r\n%s",
		key, headers ? headers : "");
	if (n < 0 || (size_t)n >= sizeof(upgrade))
		return err_set(ERR_FULL, "WebSocket: headers of more than 4096 bytes");
	return http_request(out, cap, "GET", path, host, upgrade, 0);
}

int ws_shake_check_response(const struct http_head *h, const char *accept, bool protocol_asked)
{
	if (h->status != 101) {
		struct http_str again = http_get(h, "Retry-After");
		return err_set(ERR_NET, "the upgrade to WebSocket was answered with %d %.*s%s%.*s",
			       h->status, (int)(h->reason.n < 64 ? h->reason.n : 64), h->reason.p,
			       again.p ? ", Retry-After: " : "", (int)(again.n < 32 ? again.n : 32),
			       again.p);
	}
	if (!http_has_token(h, "Upgrade", "websocket") ||
	    !http_has_token(h, "Connection", "upgrade"))
		return err_set(ERR_PARSE,
			       "the answer to the upgrade does not say \"Upgrade: websocket\"");
	if (!http_is(http_get(h, "Sec-WebSocket-Accept"), accept))
		return err_set(ERR_PARSE,
			       "the answer to the upgrade has a wrong Sec-WebSocket-Accept");
	if (http_get(h, "Sec-WebSocket-Extensions").p)
		return err_set(ERR_PARSE,
			       "the answer to the upgrade has extensions that were not asked for");
	if (!protocol_asked && http_get(h, "Sec-WebSocket-Protocol").p)
		return err_set(ERR_PARSE,
			       "the answer to the upgrade has a protocol that was not asked for");
	return 0;
}

int ws_shake_check_request(const struct http_head *h)
{
	if (!http_is(h->method, "GET") || h->minor != 1)
		return err_set(ERR_PARSE, "an upgrade to WebSocket must be a GET with HTTP/1.1");
	if (!http_has_token(h, "Upgrade", "websocket") ||
	    !http_has_token(h, "Connection", "upgrade"))
		return err_set(ERR_PARSE, "the request does not ask for \"Upgrade: websocket\"");
	struct http_str key = http_get(h, "Sec-WebSocket-Key");
	if (key.n != WS_KEY_LEN - 1 || key.p[22] != '=' || key.p[23] != '=')
		return err_set(ERR_PARSE, "Sec-WebSocket-Key is not 16 bytes in base64");
	if (!http_is(http_get(h, "Sec-WebSocket-Version"), "13"))
		return err_set(ERR_PARSE, "only Sec-WebSocket-Version 13 is spoken here");
	return 0;
}

ptrdiff_t ws_shake_response(char *out, size_t cap, const struct http_head *request)
{
	char accept[WS_ACCEPT_LEN], headers[160];
	ws_shake_accept(http_get(request, "Sec-WebSocket-Key"), accept);
	snprintf(headers, sizeof(headers),
		 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
		 accept);
	return http_response(out, cap, 101, headers, 0);
}
