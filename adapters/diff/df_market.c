/* df_market - the connection of quotes: subscribe, look for news, and each pack's changed quotes as whole books. */
#include "adapters/codec/diff_request.h"
#include "adapters/diff/df.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>

#define MESSAGE_CAP (4u << 20)

static bool say(struct bn_link *l, const char *text, ptrdiff_t n)
{
	if (n > 0 && !bn_link_send(l, text, (size_t)n))
		return true;
	bn_link_break(l, false, err_text());
	return false;
}

static void opened(void *owner, struct bn_link *l)
{
	static const char *const asks[] = { "subscribe_quote", "subscribe_trading_status" };
	struct df_venue *d = owner;
	char text[DIFF_REQUEST_MAX + 128];
	diff_md_reset(&d->md);
	for (unsigned i = 0; i < 2; i++)
		if (!say(l, text,
			 diff_subscribe(asks[i], d->instrument, d->mine, d->n_mine, text,
					sizeof text)))
			return;
	(void)say(l, text, diff_peek(text, sizeof text));
	df_evaluate(d, "connected");
}

/* ---- what a quote says beside its prices ---- */

static int64_t px_or(int64_t e8, unsigned dp, int64_t otherwise)
{
	int64_t px;
	return diff_scale(e8, dp, &px) ? px : otherwise;
}

static int64_t lots_or(int64_t lots, unsigned dp, int64_t otherwise)
{
	return lots == DIFF_NONE || lots <= 0 ? otherwise : dec_rescale(lots, 0, dp, DEC_DOWN);
}

/* The day's price limits, and tick and sizes where the server says them, make a rule that is in force from now on. */
static void tell_rule(struct df_venue *d, uint32_t i)
{
	const struct instrument *in = &d->instrument[i];
	const struct diff_quote *q = &d->md.quote[i];
	int64_t now_ns = df_now(d).utc_ns;
	const struct rule *before = instrument_rule(in, now_ns);
	struct rule r = before ? *before : (struct rule){ 0 };
	r.from_utc_ns = now_ns;
	r.tick = px_or(q->tick_e8, in->px_dp, r.tick);
	r.lot = r.lot ? r.lot : dec_pow10[in->qty_dp];
	r.min_qty = lots_or(q->least, in->qty_dp, r.min_qty);
	r.max_qty = lots_or(q->most, in->qty_dp, r.max_qty);
	r.band_lo = px_or(q->lower_e8, in->px_dp, 0);
	r.band_hi = px_or(q->upper_e8, in->px_dp, 0);
	bool same = before && before->tick == r.tick && before->min_qty == r.min_qty &&
		    before->max_qty == r.max_qty && before->band_lo == r.band_lo &&
		    before->band_hi == r.band_hi;
	if (!same && r.tick > 0)
		d->venue.host.on_rule(d->venue.host.core, i, &r);
}

static void tell_book(struct df_venue *d, uint32_t i, int64_t recv_ns, const char *p, size_t n)
{
	const struct instrument *in = &d->instrument[i];
	struct level level[side_max][DIFF_LEVELS];
	struct depth book;
	if (!diff_md_book(&d->md, i, in->px_dp, in->qty_dp, df_now(d).utc_ns, level, &book)) {
		df_bad(d, i, BAD_BOOK, d->md.why, p, n);
		return;
	}
	book.recv_ns = recv_ns;
	d->venue.host.on_depth(d->venue.host.core, i, &book);
}

static void tell(struct df_venue *d, int64_t recv_ns, const char *p, size_t n)
{
	const struct venue_host *h = &d->venue.host;
	for (uint32_t k = 0; k < d->md.n_changed; k++) {
		uint32_t i = d->md.changed[k];
		const struct diff_quote *q = &d->md.quote[i];
		if (q->limits_changed)
			tell_rule(d, i);
		if (q->status_changed && q->status)
			h->on_halt(h->core, i, q->status != DIFF_CONTINUOUS);
		/* A quote that was only looked at, without a price or a time in it, is none. */
		if (q->changed && q->datetime[0])
			tell_book(d, i, recv_ns, p, n);
	}
	diff_md_taken(&d->md);
}

/* ---- the socket ---- */

static void text(void *owner, struct bn_link *l, const char *p, size_t n, int64_t recv_ns)
{
	struct df_venue *d = owner;
	struct diff_pack pack;
	struct json_value part[diff_part_max];
	char peek[64];
	int rc = diff_pack_open(&pack, p, n) ? 0 : -ERR_PARSE;
	d->md.bad = UINT32_MAX;
	while (!rc && diff_pack_next(&pack, part)) {
		if (part[DIFF_QUOTES].token != TOKEN_NONE)
			rc = diff_md_quotes(&d->md, &part[DIFF_QUOTES]);
		if (!rc && part[DIFF_STATUS].token != TOKEN_NONE)
			rc = diff_md_status(&d->md, &part[DIFF_STATUS]);
	}
	if (rc || pack.why) {
		/* The picture is not the server's any more: it begins anew. */
		df_bad(d, d->md.bad, BAD_SYNTAX, pack.why ? pack.why : d->md.why, p, n);
		bn_link_break(l, false, "a message could not be read");
		return;
	}
	d->packs++;
	if (d->md.n_changed)
		tell(d, recv_ns, p, n);
	else
		d->venue.host.on_alive(d->venue.host.core, d->venue.index, recv_ns);
	if (l->open)
		(void)say(l, peek, diff_peek(peek, sizeof peek));
}

static void bad(void *owner, struct bn_link *l, const char *why, const void *p, size_t n)
{
	(void)l;
	df_bad(owner, UINT32_MAX, BAD_FRAME, why, p, n);
}

static void alive(void *owner, struct bn_link *l)
{
	struct df_venue *d = owner;
	(void)l;
	d->venue.host.on_alive(d->venue.host.core, d->venue.index, df_now(d).mono_ns);
}

static void lost(void *owner, struct bn_link *l, const char *why)
{
	struct df_venue *d = owner;
	(void)l;
	if (!d->started)
		return;
	log_warn("quotes lost: %s", why);
	d->venue.host.on_feed_down(d->venue.host.core, d->venue.index);
	df_evaluate(d, why);
}

static const struct bn_link_handler handler = { opened, text, bad, alive, lost };

int df_market_init(struct df_venue *d)
{
	int rc = diff_md_init(&d->md, &d->symbols, d->n_instruments);
	if (!rc)
		rc = bn_link_init(&d->market, "quotes", &d->stream.peer, &d->times, &handler, d,
				  d->venue.host.env, MESSAGE_CAP);
	snprintf(d->market.path, sizeof d->market.path, "%s",
		 d->stream.path[0] ? d->stream.path : "/");
	return rc;
}

void df_market_free(struct df_venue *d)
{
	bn_link_free(&d->market);
	diff_md_free(&d->md);
}

void df_market_start(struct df_venue *d)
{
	if (d->n_mine)
		bn_link_want(&d->market);
}
