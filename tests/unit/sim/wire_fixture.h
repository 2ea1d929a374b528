/* A venue's wire without sockets for tests: requests are signed here and read back with jansson; reports are kept. */
#pragma once
#include "adapters/sim/wire.h"
#include "core/base/digest.h"
#include "tests/unit/sim/venue_fixture.h"
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

#define NOW	1700000000000000000ll
#define REPORTS 64

struct wire_fixture {
	struct fixture f;
	struct wire w;
	struct server_key key[4]; /* account 0: HMAC, Ed25519; then account 1 */
	uint8_t private_key[2][32];
	struct wire_session s;
	int64_t now_ns;
	int next_id;
	int32_t n_reports;
	json_t *report[REPORTS];
	uint16_t report_account[REPORTS];
};

static inline void wire_fixture_report(void *owner, uint16_t account, const char *text, size_t n)
{
	struct wire_fixture *x = owner;
	ck_assert_int_lt(x->n_reports, REPORTS);
	x->report_account[x->n_reports] = account;
	x->report[x->n_reports] = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(x->report[x->n_reports++] != NULL, "a report is no JSON: %.*s", (int)n, text);
}

static inline void forget_reports(struct wire_fixture *x)
{
	while (x->n_reports)
		json_decref(x->report[--x->n_reports]);
}

/* The one report of that name, from the back; NULL: none. */
static inline const json_t *find_report(const struct wire_fixture *x, const char *name)
{
	for (int i = x->n_reports; i-- > 0;)
		if (strcmp(json_string_value(json_object_get(x->report[i], "e")), name) == 0)
			return x->report[i];
	return NULL;
}

static inline void wire_fixture_config(struct wire_fixture *x, struct wire_config *c)
{
	*c = (struct wire_config){ .exchange = x->f.config, .seed = 1, .key = x->key, .n_keys = 4 };
	knobs_config_init(&c->knobs);
}

/* 100 bid, 101 asked, 5 coins each. */
static inline struct wire_fixture *wire_fixture_new(enum market_kind kind)
{
	struct wire_fixture *x = calloc(1, sizeof *x);
	struct wire_config c;
	fixture_init(&x->f, kind, NULL);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(server_key_make(&x->key[i], i % 2,
						 i % 2 ? x->private_key[i / 2] : NULL),
				 0);
		x->key[i].account = (uint16_t)(i / 2);
	}
	wire_fixture_config(x, &c);
	x->now_ns = NOW;
	x->s.connected_ns = NOW;
	ck_assert_int_eq(wire_init(&x->w, &c, NOW, wire_fixture_report, x), 0);
	fixture_quote(&x->w.exchange, 100, 5, 101, 5, 1);
	return x;
}

static inline void wire_fixture_free(struct wire_fixture *x)
{
	forget_reports(x);
	wire_free(&x->w);
	free(x);
}

static inline void hmac_hex(const char *secret, const char *text, char hex[65])
{
	uint8_t pad[64] = { 0 }, buf[64 + 8192], out[32];
	size_t n = strlen(text);
	memcpy(pad, secret, strlen(secret));
	for (int i = 0; i < 64; i++)
		buf[i] = pad[i] ^ 0x36;
	memcpy(buf + 64, text, n);
	digest_sha256(buf, 64 + n, out);
	for (int i = 0; i < 64; i++)
		buf[i] = pad[i] ^ 0x5c;
	memcpy(buf + 64, out, 32);
	digest_sha256(buf, 96, out);
	digest_hex(out, 32, hex);
}

static inline json_t *say(struct wire_fixture *x, const char *text)
{
	struct wire_answer a;
	wire_ws(&x->w, &x->s, x->now_ns, text, strlen(text), &a);
	json_t *j = json_loadb(a.text, a.n, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(j != NULL, "no JSON: %.*s", (int)a.n, a.text);
	return j;
}

static inline int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "symbol=BTCUSDT side=BUY" as parameters, sorted and signed by the account's HMAC key unless `account` is negative. */
static inline json_t *ask_as(struct wire_fixture *x, int account, const char *method,
			     const char *params)
{
	char copy[2048], stamp[64], api[96], payload[4096] = "", text[8192], hex[65] = "",
					     *part[32];
	int n = 0;
	snprintf(copy, sizeof copy, "%s", params);
	for (char *p = strtok(copy, " "); p; p = strtok(NULL, " "))
		part[n++] = p;
	if (account >= 0) {
		if (!strstr(params, "timestamp="))
			part[n++] = stamp;
		part[n++] = api;
		snprintf(stamp, sizeof stamp, "timestamp=%lld", (long long)(x->now_ns / 1000000));
		snprintf(api, sizeof api, "apiKey=%s", x->key[2 * account].api_key);
	}
	qsort(part, (size_t)n, sizeof *part, by_name);
	json_t *o = json_object();
	for (int i = 0; i < n; i++) {
		char *eq = strchr(part[i], '=');
		snprintf(payload + strlen(payload), sizeof payload - strlen(payload), "%s%s",
			 i ? "&" : "", part[i]);
		*eq = 0;
		bool number = strcmp(part[i], "timestamp") == 0 || strcmp(part[i], "orderId") == 0;
		json_object_set_new(o, part[i],
				    number ? json_integer(atoll(eq + 1)) : json_string(eq + 1));
	}
	if (account >= 0) {
		hmac_hex(x->key[2 * account].secret, payload, hex);
		json_object_set_new(o, "signature", json_string(hex));
	}
	char *dump = json_dumps(o, 0);
	snprintf(text, sizeof text, "{\"id\":%d,\"method\":\"%s\",\"params\":%s}", ++x->next_id,
		 method, dump);
	free(dump);
	json_decref(o);
	return say(x, text);
}

static inline json_t *ask(struct wire_fixture *x, const char *method, const char *params)
{
	return ask_as(x, 0, method, params);
}

/* The error's code, 0: it went well. Frees the answer. */
static inline int code_of(json_t *answer)
{
	const json_t *e = json_object_get(answer, "error");
	int code = e ? (int)json_integer_value(json_object_get(e, "code")) : 0;
	int status = (int)json_integer_value(json_object_get(answer, "status"));
	ck_assert_msg((code == 0) == (status == 200), "code %d with status %d", code, status);
	json_decref(answer);
	return code;
}

static inline const json_t *result_of(const json_t *answer)
{
	const json_t *r = json_object_get(answer, "result");
	char *text = r ? NULL : json_dumps(answer, 0);
	ck_assert_msg(r != NULL, "no result: %s", text);
	return r;
}

static inline const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	char *all = s ? NULL : json_dumps(o, 0);
	ck_assert_msg(s != NULL, "no text %s in %s", key, all);
	return s;
}

static inline int64_t number_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	ck_assert_msg(json_is_integer(v), "no whole number %s", key);
	return json_integer_value(v);
}
