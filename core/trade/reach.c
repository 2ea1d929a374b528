#include "core/trade/reach.h"

#include "core/trade/desk.h"

#define REMEMBER_NS   1000000000LL
#define MISSES_A_VOID 2 /* one may be the venue's own doing */

static struct reach *of(const struct desk *d, uint32_t instrument, enum side at)
{
	return &d->reach[instrument * side_max + at];
}

static bool as_it_was(const struct desk *d, uint32_t instrument, enum side at)
{
	const struct quote *q = &d->feed[instrument].top.q;
	const struct reach *r = of(d, instrument, at);
	return r->top_qty > 0 && r->top_px == q->px[at] && r->top_qty == q->qty[at];
}

static bool takes(const struct order *o)
{
	return o->tif == TIF_IOC || o->tif == TIF_FOK;
}

static const struct reach *remembered(const struct desk *d, uint32_t instrument, enum side at)
{
	const struct reach *r = of(d, instrument, at);
	bool lasts = as_it_was(d, instrument, at) && d->now.mono_ns < r->until_ns;
	return lasts ? r : NULL;
}

/* Worse for who takes it: higher among asks, lower among bids. */
static bool worse(enum side at, int64_t px, int64_t than)
{
	return at == SIDE_SELL ? px > than : px < than;
}

/* The newest best price, then what the depth shows behind it. */
static bool level_at(const struct feed *f, enum side at, uint32_t i, struct level *out)
{
	const struct quote *q = &f->top.q;
	const struct level *l = i ? book_best(&f->book, at, i - 1) : NULL;
	if (i && !l)
		return false;
	*out = i ? *l : (struct level){ .px = q->px[at], .qty = q->qty[at] };
	if (i && !worse(at, out->px, q->px[at]))
		out->qty = 0; /* older than the best price */
	return true;
}

/* What is left of a level: less what ours took in front of it. */
static int64_t left_of(const struct reach *r, enum side at, const struct level *l, int64_t *taken)
{
	if (r && r->missed >= MISSES_A_VOID && !worse(at, l->px, r->void_px))
		return 0;
	int64_t gone = *taken < l->qty ? *taken : l->qty;
	*taken -= gone;
	return l->qty - gone;
}

int64_t reach_walk(const struct desk *d, uint32_t instrument, enum side at, int64_t qty,
		   int64_t limit_px, __int128 *value, int64_t *worst_px)
{
	const struct feed *f = &d->feed[instrument];
	const struct reach *r = remembered(d, instrument, at);
	int64_t taken = r ? r->taken_qty : 0, got = 0;
	struct level l;
	*value = 0;
	*worst_px = 0;
	for (uint32_t i = 0; got < qty && f->top.q.qty[at] > 0 && level_at(f, at, i, &l); i++) {
		if (limit_px && l.qty && worse(at, l.px, limit_px))
			break;
		int64_t here = left_of(r, at, &l, &taken);
		here = here < qty - got ? here : qty - got;
		if (here <= 0)
			continue;
		got += here;
		*value += (__int128)l.px * here;
		*worst_px = l.px;
	}
	return got;
}

bool reach_best(const struct desk *d, uint32_t instrument, enum side at, int64_t *px)
{
	__int128 value;
	return reach_walk(d, instrument, at, 1, 0, &value, px) > 0;
}

bool reach_shallow(const struct desk *d, uint32_t instrument, enum side at)
{
	return d->feed[instrument].book.n[at] == 0;
}

void reach_on_sent(struct desk *d, const struct order *o)
{
	enum side at = (enum side)o->side ^ 1;
	const struct quote *q = &d->feed[o->instrument].top.q;
	struct reach *r = of(d, o->instrument, at);
	if (!takes(o))
		return;
	if (!remembered(d, o->instrument, at))
		*r = (struct reach){ .top_px = q->px[at], .top_qty = q->qty[at] };
	r->until_ns = d->now.mono_ns + REMEMBER_NS;
}

void reach_on_fill(struct desk *d, const struct order *o, int64_t qty)
{
	enum side at = (enum side)o->side ^ 1;
	if (takes(o) && remembered(d, o->instrument, at))
		of(d, o->instrument, at)->taken_qty += qty;
}

void reach_on_short(struct desk *d, const struct order *o)
{
	enum side at = (enum side)o->side ^ 1;
	struct reach *r = of(d, o->instrument, at);
	if (o->tif != TIF_IOC || !remembered(d, o->instrument, at))
		return;
	if (r->missed < UINT8_MAX)
		r->missed++;
	if (r->missed == 1 || worse(at, o->px, r->void_px))
		r->void_px = o->px;
}
