/* From an event of the market to the frames of those who listen to it. */
#include "adapters/sim/server_parts.h"
#include <stdio.h>
#include <string.h>

static void send_frame(struct server_conn *c, const struct wire_stream *sub,
		       const struct wire_frame *f, const struct source_event *e, int64_t at_ns)
{
	char *out = c->server->frame;
	if (!c->combined) {
		conn_push(c, at_ns, f->data, f->n_data);
		return;
	}
	bool same = e->raw && f->n_name == strlen(sub->name) &&
		    memcmp(f->name, sub->name, f->n_name) == 0;
	if (same) {
		conn_push(c, at_ns, e->raw, e->n_raw);
		return;
	}
	int n = snprintf(out, WIRE_ANSWER, "{\"stream\":\"%s\",\"data\":%.*s}", sub->name,
			 (int)f->n_data, f->data);
	if (n > 0 && n < (int)WIRE_ANSWER)
		conn_push(c, at_ns, out, (size_t)n);
}

static void to_listeners(struct server_venue *v, const struct wire_stream *of,
			 const struct wire_frame *f, const struct source_event *e, int64_t at_ns)
{
	struct server *s = v->server;
	for (int i = 0; i < s->n_conns; i++) {
		struct server_conn *c = &s->conn[i];
		if (c->phase != CONN_SOCKET || c->venue != v)
			continue;
		for (uint32_t k = 0; k < c->n_sub; k++)
			if (wire_stream_match(&c->sub[k], of))
				send_frame(c, &c->sub[k], f, e, at_ns);
	}
	v->frames++;
}

static const uint8_t stream_of[] = { [SOURCE_SNAPSHOT] = STREAM_OTHER,
				     [SOURCE_DEPTH] = STREAM_DEPTH,
				     [SOURCE_QUOTE] = STREAM_QUOTE,
				     [SOURCE_TRADE] = STREAM_TRADE,
				     [SOURCE_OTHER] = STREAM_OTHER };
_Static_assert(sizeof stream_of == source_kind_max, "a stream for every kind of event");

static void say_recorded(struct server_venue *v, uint16_t instrument, const struct source_event *e,
			 int64_t at_ns)
{
	const struct setup_venue *u = v->setup;
	struct wire_stream of;
	struct wire_frame f;
	wire_frame_split(e->raw, e->n_raw, &f);
	if (!wire_stream_parse(f.name, f.n_name, u->instrument, u->n_instruments, &of)) {
		of = (struct wire_stream){ .kind = stream_of[e->kind], .instrument = instrument };
	}
	to_listeners(v, &of, &f, e, at_ns);
}

static void say_made(struct server_venue *v, uint16_t instrument, const struct source_event *e,
		     int64_t at_ns)
{
	char *data = v->server->data;
	const struct instrument *i = &v->setup->instrument[instrument];
	struct wire_stream of = { .kind = stream_of[e->kind], .instrument = instrument };
	for (int again = 0; again < (e->kind == SOURCE_TRADE ? 2 : 1); again++) {
		if (again)
			of.kind = STREAM_AGG;
		size_t n = wire_stream_data(data, WIRE_ANSWER, v->setup->kind == MARKET_FUTURES, i,
					    e, of.kind, venue_clock(v, v->server->op_ns));
		struct wire_frame f = { .name = "", .data = data, .n_data = n };
		if (n)
			to_listeners(v, &of, &f, e, at_ns);
	}
}

/* A frame that is of no symbol is lost when all are. */
static bool muted(const struct server_venue *v, uint16_t instrument, const struct source_event *e,
		  int64_t now_ns)
{
	if (e->kind != SOURCE_OTHER)
		return instrument < SETUP_SYMBOLS && now_ns < v->mute_until_ns[instrument];
	for (uint16_t i = 0; i < v->setup->n_instruments; i++)
		if (now_ns >= v->mute_until_ns[i])
			return false;
	return true;
}

void market_say(struct server_venue *v, uint16_t instrument, const struct source_event *e)
{
	struct knobs *k = &v->wire.knobs;
	int64_t now_ns = v->server->op_ns;
	if (e->kind == SOURCE_SNAPSHOT || knobs_hit(k, FAULT_DROP_FEED))
		return;
	int64_t at_ns = now_ns + knobs_delay(k, PATH_FEED, now_ns);
	if (muted(v, instrument, e, now_ns))
		return;
	at_ns = at_ns < v->feed_frozen_until_ns ? v->feed_frozen_until_ns : at_ns;
	for (int times = knobs_hit(k, FAULT_DUP_FEED) ? 2 : 1; times > 0; times--) {
		if (e->raw)
			say_recorded(v, instrument, e, at_ns);
		else
			say_made(v, instrument, e, at_ns);
	}
}
