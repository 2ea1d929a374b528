/* Going on after a restart: the books are brought to where they stood, without a fill, since orders that rested have seen all this. */
#include "adapters/sim/server_parts.h"
#include "core/base/err.h"
#include <stdlib.h>

#define LEVELS 4096

/* One instrument's book as it was when the process ended. */
struct shadow {
	struct shown shown;
	struct quote quote;
	int64_t last_seq;
	bool any, has_quote;
};

static void shadow_depth(struct shadow *h, const struct source_event *e)
{
	const struct depth *d = &e->depth;
	if (h->any && d->last_seq <= h->last_seq)
		return;
	h->any = true;
	h->last_seq = d->last_seq;
	for (int side = 0; side < side_max; side++) {
		if (e->kind == SOURCE_SNAPSHOT)
			shown_load(&h->shown, side, d->level[side], d->n[side]);
		for (uint32_t i = 0; e->kind == SOURCE_DEPTH && i < d->n[side]; i++)
			shown_set(&h->shown, side, d->level[side][i].px, d->level[side][i].qty);
	}
}

static int shadow_event(struct shadow *h, const struct source_event *e)
{
	if (!h->shown.cap) {
		int rc = shown_init(&h->shown, LEVELS);
		if (rc)
			return rc;
	}
	if (e->kind == SOURCE_SNAPSHOT || e->kind == SOURCE_DEPTH)
		shadow_depth(h, e);
	if (e->kind == SOURCE_QUOTE) {
		h->quote = e->quote;
		h->has_quote = true;
	}
	return 0;
}

/* The remembered book becomes the venue's, in one step. */
static int shadow_apply(struct server *s, struct shadow *h, uint16_t at)
{
	if (!h->any || s->market.venue[at] >= s->setup->n_venues)
		return 0;
	struct level *level = calloc(side_max * (size_t)LEVELS, sizeof *level);
	if (!level)
		return err_set(ERR_NOMEM, "no memory to find the market's place");
	struct server_venue *v = &s->venue[s->market.venue[at]];
	struct depth d = { .last_seq = h->last_seq, .first_seq = h->last_seq };
	for (int side = 0; side < side_max; side++) {
		for (uint32_t i = 0; i < h->shown.n[side]; i++) {
			const struct shown_level *l = shown_at(&h->shown, side, i);
			level[(uint32_t)side * LEVELS + i] = (struct level){ l->px, l->size };
		}
		d.level[side] = level + side * LEVELS;
		d.n[side] = h->shown.n[side];
	}
	int64_t now_ns = venue_clock(v, s->now.mono_ns);
	if (v->cn) {
		const struct source_event e = { .kind = SOURCE_SNAPSHOT, .depth = d };
		int told = v->kind->market(v, s->market.instrument[at], now_ns, &e);
		free(level);
		return told;
	}
	int rc = exchange_market_snapshot(&v->wire.exchange, s->market.instrument[at], now_ns, &d);
	if (!rc && h->has_quote)
		rc = exchange_market_quote(&v->wire.exchange, s->market.instrument[at], now_ns,
					   &h->quote);
	free(level);
	return rc;
}

int market_resume(struct server *s)
{
	uint64_t known = s->state.page->popped;
	struct shadow *h = calloc(SOURCE_INSTRUMENTS, sizeof *h);
	int rc = h ? 0 : err_set(ERR_NOMEM, "no memory to find the market's place");
	for (uint64_t i = 0; !rc && i < known; i++) {
		rc = market_hold_next(s);
		if (!rc && !s->market.held)
			break;
		if (!rc && s->market.event.instrument < SOURCE_INSTRUMENTS)
			rc = shadow_event(&h[s->market.event.instrument], &s->market.event);
	}
	for (uint16_t i = 0; !rc && i < s->market.source->n_instruments; i++)
		rc = shadow_apply(s, &h[i], i);
	for (uint16_t i = 0; h && i < SOURCE_INSTRUMENTS; i++)
		if (h[i].shown.cap)
			shown_free(&h[i].shown);
	free(h);
	return rc ? rc : market_hold_next(s);
}
