/* Sessions of the WebSocket API, user data streams of both markets. */
#include "adapters/sim/wire_parts.h"
#include "core/base/digest.h"
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- logon */

static void put_session(struct wire_call *c)
{
	struct json_out *j = &c->out;
	bool stream = false;
	for (int i = 0; i < WIRE_SUBSCRIPTIONS; i++)
		stream |= c->s->sub[i].used;
	json_obj(j, NULL);
	json_str(j, "apiKey", c->s->logon ? c->s->logon->api_key : NULL);
	if (c->s->logon)
		json_int(j, "authorizedSince", c->s->logon_ns / MS_NS);
	else
		json_none(j, "authorizedSince");
	json_int(j, "connectedSince", c->s->connected_ns / MS_NS);
	json_bool(j, "returnRateLimits", !c->s->no_limits);
	json_int(j, "serverTime", c->now_ns / MS_NS);
	if (!wire_futures(c))
		json_bool(j, "userDataStream", stream);
	json_obj_end(j);
}

int op_logon(struct wire_call *c)
{
	const struct server_key *k;
	if (wire_take_key(c, &k))
		return -1;
	if (k->kind != SERVER_KEY_ED25519)
		return wire_fail(c, 400, -4056, "HMAC_SHA256 API key is not supported.");
	if (wire_check_signature(c, k) || wire_nothing_else(c))
		return -1;
	c->s->logon = k;
	c->s->logon_ns = c->now_ns;
	put_session(c);
	return 0;
}

int op_session(struct wire_call *c)
{
	put_session(c);
	return 0;
}

int op_logout(struct wire_call *c)
{
	for (int i = 0; i < WIRE_SUBSCRIPTIONS; i++)
		if (c->s->sub[i].used && c->s->sub[i].by_logon) {
			c->s->sub[i].used = false;
			c->s->ended[i] = true;
		}
	c->s->logon = NULL;
	c->s->logon_ns = 0;
	put_session(c);
	return 0;
}

/* ---------------------------------------------------------------- user data on the same connection (spot) */

static int subscribe(struct wire_call *c, uint16_t account, bool by_logon)
{
	int at = -1;
	for (int i = WIRE_SUBSCRIPTIONS - 1; i >= 0; i--) {
		if (c->s->sub[i].used && c->s->sub[i].account == account)
			return wire_fail(c, 400, -2035,
					 "User Data Stream subscription already active.");
		if (!c->s->sub[i].used)
			at = i;
	}
	if (at < 0)
		return wire_fail(c, 400, -1100, "Too many subscriptions on this connection.");
	c->s->sub[at].used = true;
	c->s->sub[at].by_logon = by_logon;
	c->s->sub[at].account = account;
	json_obj(&c->out, NULL);
	json_int(&c->out, "subscriptionId", at);
	json_obj_end(&c->out);
	return 0;
}

int op_subscribe(struct wire_call *c)
{
	if (!c->s->logon)
		return wire_fail(c, 401, -2015, "Invalid API-key, IP, or permissions for action.");
	return subscribe(c, c->s->logon->account, true);
}

int op_subscribe_signed(struct wire_call *c)
{
	return wire_nothing_else(c) ? -1 : subscribe(c, c->account, false);
}

int op_unsubscribe(struct wire_call *c)
{
	int64_t id;
	if (wire_int(c, "subscriptionId", 0, WIRE_SUBSCRIPTIONS - 1, -1, &id) ||
	    wire_nothing_else(c))
		return -1;
	bool any = id < 0;
	for (int i = 0; i < WIRE_SUBSCRIPTIONS; i++)
		if (c->s->sub[i].used && (id < 0 || id == i)) {
			c->s->sub[i].used = false;
			any = true;
		}
	if (!any)
		return wire_fail(c, 400, -2036, "User Data Stream subscription not active.");
	json_obj(&c->out, NULL);
	json_obj_end(&c->out);
	return 0;
}

size_t wire_terminated(int64_t now_ns, char *out, size_t cap)
{
	struct json_out j;
	json_out_init(&j, out, cap);
	json_obj(&j, NULL);
	json_str(&j, "e", "eventStreamTerminated");
	json_int(&j, "E", now_ns / MS_NS);
	json_obj_end(&j);
	return j.len;
}

/* ---------------------------------------------------------------- listen keys (USD-M) */

static void new_listen_key(struct wire_call *c)
{
	uint8_t digest[DIGEST_LEN];
	char text[160], hex[DIGEST_HEX];
	int n = snprintf(text, sizeof text, "%llu %u %lld", (unsigned long long)c->w->secret,
			 c->account, (long long)c->now_ns);
	digest_sha256(text, (size_t)n, digest);
	digest_hex(digest, sizeof digest, hex);
	memcpy(c->w->listen[c->account].key, hex, SERVER_KEY_TEXT + 1);
}

static void put_listen_key(struct wire_call *c)
{
	json_obj(&c->out, NULL);
	json_str(&c->out, "listenKey", c->w->listen[c->account].key);
	json_obj_end(&c->out);
}

/* The key that is alive goes on, for another hour. */
int op_listen_start(struct wire_call *c)
{
	struct wire_listen *l = &c->w->listen[c->account];
	if (!l->key[0] || l->until_ns <= c->now_ns)
		new_listen_key(c);
	l->until_ns = c->now_ns + WIRE_LISTEN_NS;
	put_listen_key(c);
	return 0;
}

static int need_listen_key(struct wire_call *c)
{
	const struct wire_listen *l = &c->w->listen[c->account];
	if (l->key[0] && l->until_ns > c->now_ns)
		return 0;
	return wire_fail(c, 400, -1125, "This listenKey does not exist.");
}

int op_listen_keep(struct wire_call *c)
{
	if (need_listen_key(c))
		return -1;
	c->w->listen[c->account].until_ns = c->now_ns + WIRE_LISTEN_NS;
	put_listen_key(c);
	return 0;
}

int op_listen_stop(struct wire_call *c)
{
	if (need_listen_key(c))
		return -1;
	c->w->listen[c->account] = (struct wire_listen){ 0 };
	json_obj(&c->out, NULL);
	json_obj_end(&c->out);
	return 0;
}

int wire_listen_account(const struct wire *w, const char *key, int64_t now_ns)
{
	for (uint16_t a = 0; a < w->exchange.config.n_accounts; a++)
		if (w->listen[a].key[0] && w->listen[a].until_ns > now_ns &&
		    strcmp(w->listen[a].key, key) == 0)
			return a;
	return -1;
}

static void report_expired(struct wire *w, uint16_t account)
{
	struct json_out j;
	json_out_init(&j, w->event, WIRE_ANSWER);
	json_obj(&j, NULL);
	json_str(&j, "e", "listenKeyExpired");
	json_int(&j, "E", w->now_ns / MS_NS);
	json_str(&j, "listenKey", w->listen[account].key);
	json_obj_end(&j);
	w->report(w->owner, account, w->event, j.len);
	w->listen[account] = (struct wire_listen){ 0 };
}

int64_t wire_listen_expire(struct wire *w, int64_t now_ns)
{
	int64_t next = INT64_MAX;
	for (uint16_t a = 0; a < w->exchange.config.n_accounts; a++) {
		if (!w->listen[a].key[0])
			continue;
		if (w->listen[a].until_ns <= now_ns) {
			w->now_ns = now_ns;
			report_expired(w, a);
		} else if (w->listen[a].until_ns < next) {
			next = w->listen[a].until_ns;
		}
	}
	return next;
}
