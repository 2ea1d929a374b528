#include "adapters/binance/bn_market.h"
#include "adapters/binance/bn.h"
#include "core/base/log.h"
#include <stdio.h>
#include <string.h>

#define LIFE_NS		   84600000000000ll /* a connection lives 24 h: 30 min less */
#define SUBSCRIBE_EVERY_NS 400000000ll	    /* 5 messages a second are taken, pings among them */
#define MESSAGE_CAP	   (1u << 20)
#define ADDRESS_MAX	   4000
#define STREAMS		   2 /* of an instrument */

static struct bn_link *active(struct bn_market *m)
{
	return &m->link[m->active];
}

static unsigned index_of(const struct bn_market *m, const struct bn_link *l)
{
	return (unsigned)(l - m->link);
}

static struct bn_link *other(struct bn_market *m, const struct bn_link *l)
{
	return &m->link[1 - index_of(m, l)];
}

/* Is what it brings passed on? */
static bool speaks(const struct bn_market *m, const struct bn_link *l)
{
	return m->lines == 2 || index_of(m, l) == m->active;
}

/* The streams of all instruments as one row: 2 i and 2 i + 1 are those of the i-th. Names are lower case. */
static size_t stream_name(const struct binance *b, uint32_t stream, char *out, size_t cap)
{
	const char *symbol = b->instrument[b->mine[stream / STREAMS]].symbol;
	char lower[sizeof(b->instrument->symbol)];
	size_t i = 0;
	for (; symbol[i]; i++)
		lower[i] =
			(char)(symbol[i] >= 'A' && symbol[i] <= 'Z' ? symbol[i] | 0x20 : symbol[i]);
	lower[i] = '\0';
	int n = stream % STREAMS == 0
			? snprintf(out, cap, "%s@bookTicker", lower)
			: snprintf(out, cap, "%s@depth@%s", lower, b->market.depth_speed);
	return (size_t)n;
}

/* As many streams as fit into the address. */
static void set_path(struct binance *b, struct bn_link *l)
{
	char name[64];
	size_t n = (size_t)snprintf(l->path, sizeof(l->path), "%s/stream?streams=", b->stream.path);
	uint32_t s = 0;
	for (; s < b->n_mine * STREAMS; s++) {
		size_t k = stream_name(b, s, name, sizeof(name));
		if (n + k + 1 > ADDRESS_MAX)
			break;
		n += (size_t)snprintf(l->path + n, sizeof(l->path) - n, "%s%s", s ? "/" : "", name);
	}
	b->market.next_stream[index_of(&b->market, l)] = s;
}

/* The next row of streams that the address had no room for. */
static void subscribe_more(struct binance *b, struct bn_link *l, int64_t now_ns)
{
	struct bn_market *m = &b->market;
	uint32_t *next = &m->next_stream[index_of(m, l)];
	char text[ADDRESS_MAX + 128], name[64];
	size_t n = (size_t)snprintf(text, sizeof(text), "{\"method\":\"SUBSCRIBE\",\"params\":[");
	uint32_t first = *next, s = first;
	for (; s < b->n_mine * STREAMS; s++) {
		size_t k = stream_name(b, s, name, sizeof(name));
		if (n + k + 4 > ADDRESS_MAX)
			break;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"%s\"", s > first ? "," : "",
				      name);
	}
	n += (size_t)snprintf(text + n, sizeof(text) - n, "],\"id\":%llu}",
			      (unsigned long long)++m->subscribe_id);
	m->next_subscribe_ns[index_of(m, l)] = now_ns + SUBSCRIBE_EVERY_NS;
	if (!bn_link_send(l, text, n))
		*next = s;
}

/* Another connection before the venue ends this one. Of two lines one may go: the other goes on meanwhile. */
static void renew(struct binance *b, struct bn_link *l, const char *why)
{
	struct bn_market *m = &b->market;
	struct bn_link *next = other(m, l);
	if (m->lines == 2 && next->open)
		bn_link_break(l, false, why);
	if (m->renewing || m->lines == 2)
		return;
	log_info("%s: market stream: %s, opening another", b->dialect->name, why);
	m->renewing = true;
	next->failures = 0;
	next->dial_at_ns = 0;
	set_path(b, next);
	bn_link_want(next);
}

static void market_open(void *owner, struct bn_link *l)
{
	struct binance *b = owner;
	struct bn_market *m = &b->market;
	if (l != active(m) && m->lines == 1) { /* it takes over */
		bn_link_stop(active(m));
		m->active = (uint8_t)(1 - m->active);
	}
	m->renewing = false;
	bn_evaluate(b, "market stream open");
}

static void market_lost(void *owner, struct bn_link *l, const char *why)
{
	struct binance *b = owner;
	if (l->dead)
		bn_rest_give_up(b);
	if (!speaks(&b->market, l))
		return;
	log_warn("%s: market stream lost: %s", b->dialect->name, why);
	set_path(b, l);
	if (b->market.lines == 2 && other(&b->market, l)->open)
		return; /* the other line brings all of it */
	b->venue.host.on_feed_down(b->venue.host.core, b->venue.index);
	bn_evaluate(b, why);
}

static void market_alive(void *owner, struct bn_link *l)
{
	struct binance *b = owner;
	if (speaks(&b->market, l))
		b->venue.host.on_alive(b->venue.host.core, b->venue.index, bn_now(b).mono_ns);
}

static void market_text(void *owner, struct bn_link *l, const char *p, size_t n, int64_t recv_ns)
{
	struct binance *b = owner;
	const struct venue_host *h = &b->venue.host;
	struct binance_md *md = &b->market.md;
	struct binance_md_event ev;
	if (!speaks(&b->market, l))
		return;
	if (binance_md_decode(md, p, n, recv_ns, &ev)) {
		bn_bad(b, md->bad_instrument, md->bad, md->why, p, n);
		return;
	}
	switch ((enum binance_md_kind)ev.kind) {
	case MD_QUOTE:
		h->on_quote(h->core, ev.instrument, &ev.quote);
		break;
	case MD_DEPTH:
		ev.depth.line = (uint8_t)index_of(&b->market, l);
		h->on_depth(h->core, ev.instrument, &ev.depth);
		break;
	case MD_TRADE:
		h->on_trade(h->core, ev.instrument, &ev.trade);
		break;
	case MD_SHUTDOWN:
		renew(b, l, "the server will go");
		break;
	case MD_REPLY:
		if (!ev.reply_ok)
			log_error("%s: a subscription was refused: %.*s", b->dialect->name,
				  (int)(n < 200 ? n : 200), p);
		break;
	case MD_OTHER:
	case binance_md_kind_max:
		h->on_alive(h->core, b->venue.index, recv_ns);
		break;
	}
}

static void market_bad(void *owner, struct bn_link *l, const char *why, const void *p, size_t n)
{
	struct binance *b = owner;
	if (speaks(&b->market, l))
		bn_bad(b, UINT32_MAX, BAD_FRAME, why, p, n);
}

static const struct bn_link_handler handler = { market_open, market_text, market_bad, market_alive,
						market_lost };

int bn_market_init(struct binance *b, const char *depth_speed, uint32_t book_levels, uint8_t lines)
{
	struct bn_market *m = &b->market;
	m->lines = lines == 2 ? 2 : 1;
	int rc = binance_md_init(&m->md, &b->symbols, book_levels, false);
	m->md.soon = b->venue.host.on_soon;
	m->md.soon_arg = b->venue.host.core;
	m->depth_speed = depth_speed;
	for (unsigned i = 0; !rc && i < 2; i++)
		rc = bn_link_init(&m->link[i], "market stream", &b->stream.peer, &b->times,
				  &handler, b, b->venue.host.env, MESSAGE_CAP);
	return rc;
}

void bn_market_free(struct bn_market *m)
{
	bn_link_free(&m->link[0]);
	bn_link_free(&m->link[1]);
	binance_md_free(&m->md);
}

void bn_market_start(struct binance *b)
{
	struct bn_market *m = &b->market;
	if (!b->n_mine)
		return;
	for (unsigned i = 0; i < m->lines; i++) {
		struct bn_link *l = i ? other(m, active(m)) : active(m);
		set_path(b, l);
		bn_link_want(l);
	}
}

void bn_market_stop(struct bn_market *m)
{
	bn_link_stop(&m->link[0]);
	bn_link_stop(&m->link[1]);
	m->renewing = false;
}

bool bn_market_is_open(const struct bn_market *m)
{
	return m->link[m->active].open || (m->lines == 2 && m->link[1 - m->active].open);
}

void bn_market_on_time(struct binance *b, int64_t now_ns)
{
	struct bn_market *m = &b->market;
	bn_link_on_time(&m->link[0], now_ns);
	bn_link_on_time(&m->link[1], now_ns);
	for (unsigned i = 0; i < 2; i++) {
		struct bn_link *l = &m->link[i];
		if (!l->open || !speaks(m, l))
			continue;
		if (m->next_stream[i] < b->n_mine * STREAMS && now_ns >= m->next_subscribe_ns[i] &&
		    !m->renewing)
			subscribe_more(b, l, now_ns);
		if (now_ns - l->opened_ns > LIFE_NS)
			renew(b, l, "24 hours are nearly over");
	}
}
