/* Who asks, and may they: API keys, the time window, signatures. */
#include "adapters/sim/wire_parts.h"
#include "core/base/dec.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW_MS     5000
#define WINDOW_MAX_MS 60000
#define AHEAD_NS      1000000000ll
#define MICROS_FROM   100000000000000ll /* stamps above this are microseconds */

static bool is_key_text(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
	return n > 0 && n <= 256 && s[n] == 0;
}

int wire_take_key(struct wire_call *c, const struct server_key **out)
{
	const char *key = c->api_key;
	if (c->s && wire_need(c, "apiKey", &key))
		return -1;
	if (!is_key_text(key))
		return wire_fail(c, 401, -2014, "API-key format invalid.");
	for (uint32_t i = 0; i < c->w->n_keys; i++)
		if (strcmp(c->w->key[i].api_key, key) == 0) {
			*out = &c->w->key[i];
			return 0;
		}
	return wire_fail(c, 401, -2015, "Invalid API-key, IP, or permissions for action.");
}

/* Milliseconds, with up to three decimals. */
static int take_window(struct wire_call *c, int64_t *window_ns)
{
	const char *text = wire_request_get(c->r, "recvWindow");
	int64_t us = WINDOW_MS * 1000;
	if (text && dec_parse_fast(text, strlen(text), 3, &us) != 0)
		return wire_fail(
			c, 400, -1100,
			"Illegal characters found in parameter 'recvWindow'; legal range is "
			"'^[0-9]{1,20}(\\.[0-9]{1,3})?$'.");
	if (us < 0 || us > WINDOW_MAX_MS * 1000)
		return wire_fail(c, 400, -1131, "'recvWindow' must be less than 60000.");
	*window_ns = us * 1000;
	return 0;
}

static int check_time(struct wire_call *c)
{
	int64_t stamp, window_ns = 0;
	const char *text;
	if (wire_need(c, "timestamp", &text) || take_window(c, &window_ns) ||
	    wire_int(c, "timestamp", 1, INT64_MAX / 1000, 0, &stamp))
		return -1;
	stamp = stamp >= MICROS_FROM ? stamp * 1000 : stamp * MS_NS;
	if (stamp >= c->now_ns + AHEAD_NS)
		return wire_fail(
			c, 400, -1021,
			"Timestamp for this request was 1000ms ahead of the server's time.");
	if (c->now_ns - stamp > window_ns)
		return wire_fail(c, 400, -1021,
				 "Timestamp for this request is outside of the recvWindow.");
	return 0;
}

int wire_check_signature(struct wire_call *c, const struct server_key *k)
{
	const char *signature;
	if (check_time(c) || wire_need(c, "signature", &signature))
		return -1;
	if (!server_key_verify(k, c->r->payload, c->r->payload_n, signature))
		return wire_fail(c, 400, -1022, "Signature for this request is not valid.");
	c->account = k->account;
	return 0;
}

/* After a logon neither key nor signature is needed, but the time is. */
static bool by_session(const struct wire_call *c)
{
	if (!c->s || !c->s->logon)
		return false;
	for (uint32_t i = 0; i < c->r->n; i++)
		if (strcmp(c->r->param[i].name, "apiKey") == 0 ||
		    strcmp(c->r->param[i].name, "signature") == 0)
			return false;
	return true;
}

int wire_authorise(struct wire_call *c)
{
	const struct server_key *k;
	if (c->op->security == WIRE_OPEN)
		return 0;
	if (by_session(c)) {
		c->account = c->s->logon->account;
		return c->op->security == WIRE_SIGNED ? check_time(c) : 0;
	}
	if (wire_take_key(c, &k))
		return -1;
	if (c->op->security == WIRE_SIGNED)
		return wire_check_signature(c, k);
	c->account = k->account;
	return 0;
}
