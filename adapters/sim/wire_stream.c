#include "adapters/sim/wire_stream.h"
#include "core/base/dec.h"
#include "core/base/json_out.h"
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define MS_NS 1000000

static const char *const suffixes[] = { "@bookTicker", "@depth", "@trade", "@aggTrade", "" };
_Static_assert(sizeof suffixes / sizeof *suffixes == stream_kind_max, "a suffix for every kind");
static const char *const request_names[] = { "SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS" };
_Static_assert(sizeof request_names / sizeof *request_names == REQUEST_BAD,
	       "a name for every request");

/* ---------------------------------------------------------------- names */

/* Depth has a speed behind it, perhaps. */
static enum stream_kind kind_of(const char *suffix)
{
	static const char *const speeds[] = { "", "@0ms", "@100ms", "@250ms", "@500ms", "@1000ms" };
	for (int k = 0; k < STREAM_OTHER; k++)
		if (k != STREAM_DEPTH && strcmp(suffix, suffixes[k]) == 0)
			return k;
	if (strncmp(suffix, "@depth", 6) == 0)
		for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++)
			if (strcmp(suffix + 6, speeds[i]) == 0)
				return STREAM_DEPTH;
	return STREAM_OTHER;
}

bool wire_stream_parse(const char *name, size_t n, const struct instrument *i,
		       uint16_t n_instruments, struct wire_stream *out)
{
	*out = (struct wire_stream){ .kind = STREAM_OTHER, .instrument = UINT16_MAX };
	if (n == 0 || n >= sizeof out->name)
		return false;
	for (size_t k = 0; k < n; k++)
		if (name[k] <= ' ' || name[k] > '~' || name[k] == '"' || name[k] == '\\')
			return false;
	memcpy(out->name, name, n);
	const char *at = strchr(out->name, '@');
	if (!at)
		return true;
	size_t symbol_n = (size_t)(at - out->name);
	for (uint16_t k = 0; k < n_instruments; k++)
		if (strlen(i[k].symbol) == symbol_n &&
		    strncasecmp(i[k].symbol, out->name, symbol_n) == 0)
			out->instrument = k;
	out->kind = (uint8_t)kind_of(at);
	return true;
}

bool wire_stream_match(const struct wire_stream *asked, const struct wire_stream *of)
{
	if (of->kind == STREAM_OTHER || asked->kind == STREAM_OTHER)
		return strcmp(asked->name, of->name) == 0;
	return asked->kind == of->kind && asked->instrument == of->instrument &&
	       asked->instrument != UINT16_MAX;
}

/* ---------------------------------------------------------------- recorded frames */

void wire_frame_split(const char *raw, size_t n, struct wire_frame *out)
{
	static const char head[] = "{\"stream\":\"", middle[] = "\",\"data\":";
	*out = (struct wire_frame){ .name = "", .data = raw, .n_data = n };
	if (n < sizeof head + sizeof middle || memcmp(raw, head, sizeof head - 1) != 0)
		return;
	const char *name = raw + sizeof head - 1;
	const char *end = memmem(name, n - (sizeof head - 1), middle, sizeof middle - 1);
	const char *last = raw + n - 1;
	while (last > raw && isspace((unsigned char)*last))
		last--;
	if (!end || *last != '}' || end + sizeof middle - 1 >= last)
		return;
	out->name = name;
	out->n_name = (size_t)(end - name);
	out->data = end + sizeof middle - 1;
	out->n_data = (size_t)(last - out->data);
}

/* ---------------------------------------------------------------- made frames */

static void put_number(struct json_out *j, const char *key, int64_t v, unsigned dp, bool futures)
{
	char text[32];
	if (!futures && dp < 8) {
		v = dec_rescale(v, dp, 8, DEC_NEAREST);
		dp = 8;
	}
	size_t n = dec_format(v, dp, dp, text);
	json_strn(j, key, text, n);
}

static void put_quote(struct json_out *j, bool futures, const struct instrument *i,
		      const struct quote *q, int64_t venue_ns)
{
	json_obj(j, NULL);
	if (futures)
		json_str(j, "e", "bookTicker");
	json_int(j, "u", q->seq);
	json_str(j, "s", i->symbol);
	put_number(j, "b", q->px[SIDE_BUY], i->px_dp, futures);
	put_number(j, "B", q->qty[SIDE_BUY], i->qty_dp, futures);
	put_number(j, "a", q->px[SIDE_SELL], i->px_dp, futures);
	put_number(j, "A", q->qty[SIDE_SELL], i->qty_dp, futures);
	if (futures) {
		json_int(j, "T", venue_ns / MS_NS);
		json_int(j, "E", venue_ns / MS_NS);
	}
	json_obj_end(j);
}

static void put_levels(struct json_out *j, const char *key, bool futures,
		       const struct instrument *i, const struct depth *d, enum side side)
{
	json_arr(j, key);
	for (uint32_t k = 0; k < d->n[side]; k++) {
		json_arr(j, NULL);
		put_number(j, NULL, d->level[side][k].px, i->px_dp, futures);
		put_number(j, NULL, d->level[side][k].qty, i->qty_dp, futures);
		json_arr_end(j);
	}
	json_arr_end(j);
}

static void put_depth(struct json_out *j, bool futures, const struct instrument *i,
		      const struct depth *d, int64_t venue_ns)
{
	json_obj(j, NULL);
	json_str(j, "e", "depthUpdate");
	json_int(j, "E", venue_ns / MS_NS);
	if (futures)
		json_int(j, "T", venue_ns / MS_NS);
	json_str(j, "s", i->symbol);
	json_int(j, "U", d->first_seq);
	json_int(j, "u", d->last_seq);
	if (futures)
		json_int(j, "pu", d->prev_seq);
	put_levels(j, "b", futures, i, d, SIDE_BUY);
	put_levels(j, "a", futures, i, d, SIDE_SELL);
	json_obj_end(j);
}

static void put_trade(struct json_out *j, bool futures, const struct instrument *i,
		      const struct market_trade *t, enum stream_kind as, int64_t venue_ns)
{
	bool agg = as == STREAM_AGG;
	json_obj(j, NULL);
	json_str(j, "e", agg ? "aggTrade" : "trade");
	json_int(j, "E", venue_ns / MS_NS);
	if (futures && !agg)
		json_int(j, "T", venue_ns / MS_NS);
	json_str(j, "s", i->symbol);
	json_int(j, agg ? "a" : "t", t->id);
	put_number(j, "p", t->px, i->px_dp, futures);
	put_number(j, "q", t->qty, i->qty_dp, futures);
	if (agg) {
		json_int(j, "f", t->id);
		json_int(j, "l", t->id);
	}
	if (!futures || agg)
		json_int(j, "T", venue_ns / MS_NS);
	if (futures && !agg)
		json_str(j, "X", "MARKET");
	/* Is the buyer the one who stood there? */
	json_bool(j, "m", t->aggressor == SIDE_SELL);
	if (!futures)
		json_bool(j, "M", true);
	json_obj_end(j);
}

size_t wire_stream_data(char *out, size_t cap, bool futures, const struct instrument *i,
			const struct source_event *e, enum stream_kind as, int64_t venue_ns)
{
	struct json_out j;
	json_out_init(&j, out, cap);
	switch ((enum source_kind)e->kind) {
	case SOURCE_QUOTE:
		put_quote(&j, futures, i, &e->quote, venue_ns);
		break;
	case SOURCE_DEPTH:
		put_depth(&j, futures, i, &e->depth, venue_ns);
		break;
	case SOURCE_TRADE:
		put_trade(&j, futures, i, &e->trade, as, venue_ns);
		break;
	case SOURCE_SNAPSHOT:
	case SOURCE_OTHER:
	case source_kind_max:
		break;
	}
	return j.full ? 0 : j.len;
}

/* ---------------------------------------------------------------- requests of a stream's client */

static void bad(struct wire_stream_ask *a, int code, const char *msg)
{
	a->kind = REQUEST_BAD;
	a->code = code;
	snprintf(a->msg, sizeof a->msg, "%s", msg);
}

static void take_names(struct wire_stream_ask *a, const json_t *params)
{
	size_t k;
	json_t *v;
	if (!json_is_array(params) || json_array_size(params) > WIRE_STREAM_PARAMS) {
		bad(a, 2, "Invalid request: params must be an array of at most 200 streams");
		return;
	}
	json_array_foreach(params, k, v)
	{
		const char *name = json_string_value(v);
		if (!name || json_string_length(v) >= WIRE_STREAM_NAME) {
			bad(a, 2, "Invalid request: a stream's name must be a string");
			return;
		}
		snprintf(a->name[a->n++], WIRE_STREAM_NAME, "%s", name);
	}
}

static void take_ask(struct wire_stream_ask *a, const json_t *root)
{
	const char *method = json_string_value(json_object_get(root, "method"));
	const json_t *id = json_object_get(root, "id");
	if (id && !json_is_string(id) && !json_is_integer(id) && !json_is_null(id)) {
		bad(a, 2,
		    "Invalid request: request ID must be an unsigned integer, a string or null");
		return;
	}
	if (id) {
		size_t n = json_dumpb(id, a->id, sizeof a->id - 1, JSON_ENCODE_ANY);
		if (n >= sizeof a->id) {
			strcpy(a->id, "null");
			bad(a, 2, "Invalid request: the id is too long");
			return;
		}
		a->id[n] = 0;
	}
	a->kind = REQUEST_BAD;
	for (int k = 0; method && k < REQUEST_BAD; k++)
		if (strcmp(method, request_names[k]) == 0)
			a->kind = (uint8_t)k;
	if (a->kind == REQUEST_BAD)
		bad(a, 2,
		    "Invalid request: unknown method; expected one of SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS");
	else if (a->kind != REQUEST_LIST)
		take_names(a, json_object_get(root, "params"));
}

void wire_stream_ask(struct wire_stream_ask *a, const char *text, size_t n)
{
	json_error_t why;
	a->kind = REQUEST_BAD;
	a->code = 0;
	a->n = 0;
	a->msg[0] = 0;
	strcpy(a->id, "null");
	json_t *root = json_loadb(text, n, 0, &why);
	if (json_is_object(root))
		take_ask(a, root);
	else
		bad(a, 3, "Invalid JSON: expected an object");
	json_decref(root);
}
