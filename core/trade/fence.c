#include "core/trade/fence.h"

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/must.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"

static const char *const why_name[] = { "none", "position", "foreign_fill", "foreign_order",
					"opening" };
_Static_assert(sizeof why_name / sizeof *why_name == fence_why_max, "a name for every fence");

const char *fence_why_name(enum fence_why w)
{
	return w < fence_why_max ? why_name[w] : "?";
}

int fences_init(struct fences *l, uint32_t accounts, uint32_t instruments)
{
	*l = (struct fences){ .cap = accounts * instruments };
	l->row = mem_reserve((l->cap + 1) * sizeof *l->row);
	return l->row ? 0 : err_set(ERR_NOMEM, "no memory for fences");
}

void fences_free(struct fences *l)
{
	mem_unreserve(l->row, (l->cap + 1) * sizeof *l->row);
	*l = (struct fences){ 0 };
}

struct fence *fence_at(struct desk *d, uint16_t account, uint32_t instrument)
{
	for (uint32_t i = 0; i < d->fences.n; i++)
		if (d->fences.row[i].account == account &&
		    d->fences.row[i].instrument == instrument)
			return &d->fences.row[i];
	return NULL;
}

static uint64_t tell(struct desk *d, const struct fence *x, bool up, uint64_t cause,
		     const char *text)
{
	struct fact f;
	fact_init(&f, FACT_FENCE);
	scribe_instrument(d, &f, x->instrument);
	f.account = d->names.account[x->account];
	f.cause = cause;
	f.state = x->why;
	f.num[0] = x->why;
	f.num[1] = up;
	f.num[2] = x->host_qty;
	f.num[3] = x->venue_qty;
	fact_text(&f, "%s", text);
	return scribe_put(d, &f);
}

static struct fence *put(struct desk *d, uint16_t account, uint32_t instrument)
{
	struct fence *x = fence_at(d, account, instrument);
	if (x)
		return x;
	must(d->fences.n < d->fences.cap);
	x = &d->fences.row[d->fences.n++];
	*x = (struct fence){ .account = account,
			     .instrument = instrument,
			     .since_utc_ns = d->now.utc_ns };
	return x;
}

void fence_raise(struct desk *d, uint16_t account, uint32_t instrument, enum fence_why why,
		 int64_t host_qty, int64_t venue_qty, uint64_t cause, const char *text)
{
	struct fence *x = put(d, account, instrument);
	/* A difference says more than a fill, and a fill more than an order. */
	bool news = x->why == FENCE_NONE || why < x->why ||
		    (why == x->why && why == FENCE_POSITION &&
		     (x->host_qty != host_qty || x->venue_qty != venue_qty));
	if (!news)
		return;
	x->why = (uint8_t)why;
	x->host_qty = host_qty;
	x->venue_qty = venue_qty;
	x->cause = tell(d, x, true, cause, text);
	scribe_alert(
		d, x->cause, ALERT_FENCE, 0,
		"%.40s@%.24s is fenced: %s; nothing opens in it until `tandem resolve` adopts or accepts it",
		d->instrument[instrument].name, d->cfg->account[account].name, text);
}

void fence_lift(struct desk *d, struct fence *f, uint64_t cause, const char *text)
{
	tell(d, f, false, cause, text);
	*f = d->fences.row[--d->fences.n];
}

bool fence_bars(struct desk *d, const struct pair *p, unsigned *leg)
{
	*leg = 0;
	if (p->intent == INTENT_CLOSE || !d->fences.n)
		return false;
	for (; *leg < p->n_legs; (*leg)++)
		if (fence_at(d, p->leg[*leg].account, p->leg[*leg].instrument))
			return true;
	return false;
}

void fence_new_day(struct desk *d, uint32_t instrument)
{
	for (uint32_t i = d->fences.n; i-- > 0;) {
		struct fence *x = &d->fences.row[i];
		if (x->instrument == instrument && x->why == FENCE_OPENING)
			fence_lift(d, x, x->cause, "another trading day has begun");
	}
}

void fence_carry(struct desk *d)
{
	for (uint32_t i = 0; i < d->fences.n; i++)
		tell(d, &d->fences.row[i], true, d->fences.row[i].cause, "stands");
}

void fence_crowd(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f)
{
	struct fence *x = put(d, account, instrument);
	x->crowded = true;
	if (x->why != FENCE_NONE)
		return;
	x->why = FENCE_ORDER;
	x->cause = f->seq;
	x->since_utc_ns = f->utc_ns;
}

void fence_recall(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f)
{
	struct fence *x =
		f->num[1] ? put(d, account, instrument) : fence_at(d, account, instrument);
	if (!x)
		return;
	if (!f->num[1]) {
		*x = d->fences.row[--d->fences.n];
		return;
	}
	x->why = f->state;
	x->host_qty = f->num[2];
	x->venue_qty = f->num[3];
	x->cause = f->seq;
	x->since_utc_ns = f->utc_ns;
}
