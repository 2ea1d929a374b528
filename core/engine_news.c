/* engine_news - what scripts are told beside the basis and their pairs: quotes, books, phases, lost prices, orders.
 *
 * Where something happens it is only noted, a bit a leg; a script is called between the rescues and the next orders, once a turn for what changed, with what
 * stands then. A market that moves faster than turns costs no more calls than there are turns. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/engine_parts.h"
#include "core/engine_reload.h"
#include <stdio.h>
#include <stdlib.h>

#define BIT(k) ((uint16_t)(1u << (k)))

int engine_news_open(struct engine *e)
{
	e->ear = calloc(e->d.cfg->n_instances + 1u, sizeof *e->ear);
	return e->ear ? 0 : err_set(ERR_NOMEM, "no memory for %u instances", e->d.cfg->n_instances);
}

/* The instrument of a place: a leg, or from LEG_MAX on a reference. UINT32_MAX: there is none. */
static uint32_t instrument_at(const struct config_instance *c, unsigned place)
{
	if (place < LEG_MAX)
		return place < c->n_legs ? c->leg[place] : UINT32_MAX;
	return place - LEG_MAX < c->n_refs ? c->ref[place - LEG_MAX] : UINT32_MAX;
}

static uint8_t who_at(unsigned place)
{
	return (uint8_t)(place < LEG_MAX ? place : STRAT_REF + place - LEG_MAX);
}

/* What is so now is what its scripts know. */
static void look_at_markets(struct engine *e, uint16_t i)
{
	for (unsigned k = 0; k < LEG_MAX + REF_MAX; k++) {
		const uint32_t at = instrument_at(&e->d.cfg->instance[i], k);
		if (at == UINT32_MAX)
			continue;
		e->ear[i].session_was[k] = e->d.session[at].phase;
		e->ear[i].book_was[k] = e->d.feed[at].top.state;
	}
}

void engine_news_begin(struct engine *e)
{
	for (uint16_t i = 0; i < e->d.cfg->n_instances; i++)
		look_at_markets(e, i);
}

/* Bits are only ever added: a version that left had its hooks for a while. */
void engine_listen(struct engine *e, uint16_t instance, const struct strategy *s)
{
	static const uint32_t markets =
		BIT(STRAT_QUOTE) | BIT(STRAT_BOOK) | BIT(STRAT_SESSION) | BIT(STRAT_GAP);
	struct desk_instance *in = &e->d.instance[instance];
	struct engine_tap *tap = e->parts.tap;
	const uint32_t hooks =
		(s ? s->ops->hooks(s) : 0) | (tap && tap->also ? tap->also(tap, instance) : 0);
	if (!(e->ear[instance].hears & (BIT(STRAT_SESSION) | BIT(STRAT_GAP))))
		look_at_markets(e, instance);
	e->ear[instance].hears |= (uint16_t)(hooks & markets);
	in->hears_orders |= (hooks & BIT(STRAT_ORDER)) != 0;
	for (unsigned k = 0; k < LEG_MAX + REF_MAX; k++)
		if (instrument_at(in->cfg, k) != UINT32_MAX)
			e->watchers[instrument_at(in->cfg, k)].hears |= (uint16_t)(hooks & markets);
}

static uint16_t *bits_of(struct engine_ear *ear, enum strat_event_kind kind)
{
	return kind == STRAT_QUOTE     ? &ear->quote
	       : kind == STRAT_BOOK    ? &ear->book
	       : kind == STRAT_SESSION ? &ear->session
				       : &ear->gap;
}

void engine_note(struct engine *e, uint32_t instrument, enum strat_event_kind kind)
{
	const struct engine_watchers *w = &e->watchers[instrument];
	if (!(w->hears & BIT(kind)))
		return;
	for (uint32_t k = w->first; k < w->first + w->n; k++) {
		const uint16_t i = e->watcher[k];
		if (!(e->ear[i].hears & BIT(kind)))
			continue;
		for (unsigned place = 0; place < LEG_MAX + REF_MAX; place++)
			if (instrument_at(e->d.instance[i].cfg, place) == instrument)
				*bits_of(&e->ear[i], kind) |= BIT(place);
		engine_mark_instance(e, i, DIRTY_NEWS);
	}
}

static void tell_change(struct engine *e, uint16_t instance, unsigned place, uint8_t kind,
			uint8_t *was, uint8_t now)
{
	const struct strat_change c = { .who = who_at(place), .from = *was, .to = now };
	*was = now;
	engine_script_event(e, instance, &(struct strat_event){ .kind = kind, .change = &c });
}

/* Prices that may not be believed are not shown: on_gap has said so. */
static void tell_quote(struct engine *e, uint16_t instance, unsigned place, uint32_t instrument)
{
	const struct desk *d = &e->d;
	const struct instrument *in = &d->instrument[instrument];
	const struct top *t = desk_top(d, instrument);
	if (t->state != BOOK_LIVE)
		return;
	const int64_t bound_ns = t->bound_ns == INT64_MAX ? 0 : t->bound_ns;
	struct strat_quote_event q = {
		.age_ms = (double)(d->now.mono_ns - top_valid_ns(t) + bound_ns) * 1e-6,
		.who = who_at(place),
	};
	for (int s = 0; s < side_max; s++) {
		q.px[s] = t->q.qty[s] > 0 ? dec_to_double(t->q.px[s], in->px_dp) : 0;
		q.qty[s] = dec_to_double(t->q.qty[s], in->qty_dp);
	}
	engine_script_event(e, instance, &(struct strat_event){ .kind = STRAT_QUOTE, .quote = &q });
}

static void tell_book(struct engine *e, uint16_t instance, unsigned place, uint32_t instrument)
{
	const struct desk *d = &e->d;
	const struct strat_book_event k = { .book = &d->feed[instrument].book,
					    .instrument = &d->instrument[instrument],
					    .who = who_at(place) };
	if (desk_top(d, instrument)->state != BOOK_LIVE)
		return;
	engine_script_event(e, instance, &(struct strat_event){ .kind = STRAT_BOOK, .book = &k });
}

static void tell_place(struct engine *e, uint16_t instance, enum strat_event_kind kind,
		       unsigned place, uint32_t instrument)
{
	struct engine_ear *ear = &e->ear[instance];
	switch (kind) {
	case STRAT_GAP:
		tell_change(e, instance, place, STRAT_GAP, &ear->book_was[place],
			    desk_top(&e->d, instrument)->state);
		break;
	case STRAT_SESSION:
		tell_change(e, instance, place, STRAT_SESSION, &ear->session_was[place],
			    e->d.session[instrument].phase);
		break;
	case STRAT_QUOTE:
		tell_quote(e, instance, place, instrument);
		break;
	default:
		tell_book(e, instance, place, instrument);
	}
}

void engine_tell_markets(struct engine *e, uint16_t instance)
{
	static const uint8_t order[] = { STRAT_GAP, STRAT_SESSION, STRAT_QUOTE, STRAT_BOOK };
	const struct config_instance *c = e->d.instance[instance].cfg;
	for (unsigned k = 0; k < sizeof order; k++) {
		uint16_t *bits = bits_of(&e->ear[instance], (enum strat_event_kind)order[k]);
		const uint16_t now = *bits;
		*bits = 0;
		for (unsigned place = 0; now >> place; place++)
			if (now & BIT(place))
				tell_place(e, instance, (enum strat_event_kind)order[k], place,
					   instrument_at(c, place));
	}
}

/* ---- orders */

static struct strat_order_event describe_order(struct desk *d, const struct desk_order_news *n)
{
	const struct instrument *i = &d->instrument[n->instrument];
	const struct pair *p = pairs_find(&d->pairs, n->pair);
	struct strat_order_event o = { .order = n->order,
				       .pair = n->pair,
				       .px = dec_to_double(n->px, i->px_dp),
				       .qty = dec_to_double(n->qty, i->qty_dp),
				       .filled = dec_to_double(n->cum, i->qty_dp),
				       .leg = n->leg,
				       .side = n->side,
				       .state = n->state,
				       .rescue = n->rescue };
	if (n->cum > 0 && i->expo.kind != EXPO_INVERSE)
		o.avg = dec_to_double(n->cum_value_e8, MONEY_DP) / o.filled /
			frac_double(instrument_worth(i));
	if (p)
		snprintf(o.reason, sizeof o.reason, "%s", p->reason);
	return o;
}

/* What its own calls bring about is told in the next turn. */
void engine_tell_orders(struct engine *e)
{
	struct desk *d = &e->d;
	const uint32_t n = d->n_order_news;
	for (uint32_t k = 0; k < n; k++) {
		const struct desk_order_news news = d->order_news[k];
		const struct pair *p = pairs_find(&d->pairs, news.pair);
		const struct strat_order_event o = describe_order(d, &news);
		struct strategy *s =
			p ? engine_reload_whose(e, p) : d->instance[news.instance].script;
		if (s && !d->instance[news.instance].paused)
			engine_script_event_to(e, news.instance, s,
					       &(struct strat_event){ .kind = STRAT_ORDER,
								      .order = &o });
	}
	d->n_order_news -= n;
	for (uint32_t k = 0; n && k < d->n_order_news; k++)
		d->order_news[k] = d->order_news[k + n];
	if (!d->order_news_lost)
		return;
	scribe_alert(d, 0, ALERT_TROUBLE, 0, "on_order missed %llu events: more than %d in a turn",
		     (unsigned long long)d->order_news_lost, DESK_ORDER_NEWS);
	d->order_news_lost = 0;
}
