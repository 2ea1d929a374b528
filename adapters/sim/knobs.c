#include "adapters/sim/knobs.h"
#include "adapters/sim/draw.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

static const char *const fault_names[] = {
	"reject",      "partial",    "drop.feed",      "dup.feed",   "drop.in",
	"drop.out",    "dup.out",    "timeout",	       "disconnect", "freeze",
	"unsolicited", "miss.order", "stale.position",
};
_Static_assert(sizeof fault_names / sizeof *fault_names == fault_max, "a name for every fault");
static const char *const path_names[] = { "feed", "in", "out" };
_Static_assert(sizeof path_names / sizeof *path_names == knob_path_max, "a name for every path");
static const char *const shape_names[] = { "fixed", "uniform", "exponential", "lognormal",
					   "burst" };
_Static_assert(sizeof shape_names / sizeof *shape_names == delay_shape_max,
	       "a name for every shape");
static const char *const plan_names[] = {
	"disconnect", "freeze",	     "reject",	     "halt",	     "feed_freeze", "mute",
	"clock",      "maintenance", "revoke",	     "window",	     "limit",	    "ban",
	"liquidate",  "adl",	     "foreign_fill", "foreign_order"
};
_Static_assert(sizeof plan_names / sizeof *plan_names == plan_kind_max, "a name for every plan");

const char *fault_name(enum fault f)
{
	return f < fault_max ? fault_names[f] : "?";
}

const char *knob_path_name(enum knob_path p)
{
	return p < knob_path_max ? path_names[p] : "?";
}

const char *delay_shape_name(enum delay_shape s)
{
	return s < delay_shape_max ? shape_names[s] : "?";
}

const char *plan_kind_name(enum plan_kind k)
{
	return k < plan_kind_max ? plan_names[k] : "?";
}

void knobs_config_init(struct knobs_config *c)
{
	*c = (struct knobs_config){ .partial_ppm_lo = 100000,
				    .partial_ppm_hi = 900000,
				    .freeze_ns = 500000000 };
}

static int check_delay(const struct delay *d, enum knob_path p)
{
	if (d->shape >= delay_shape_max || d->min_ns < 0 || d->typ_ns < 0 || d->max_ns < 0 ||
	    d->burst_ns < 0 || d->burst_ppm > 1000000)
		return err_set(ERR_CONFIG, "delay.%s: negative, or of no known shape",
			       path_names[p]);
	int64_t least = d->shape == DELAY_BURST ? d->typ_ns : d->min_ns;
	bool bounded = d->shape == DELAY_UNIFORM || d->shape == DELAY_BURST;
	if ((bounded || d->max_ns) && d->max_ns < least)
		return err_set(ERR_CONFIG, "delay.%s: its most is below its least", path_names[p]);
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct plan_event *l = a, *r = b;
	return l->at_ns < r->at_ns ? -1 : l->at_ns > r->at_ns;
}

int knobs_init(struct knobs *k, const struct knobs_config *c, uint64_t seed, int64_t start_ns)
{
	*k = (struct knobs){ .config = *c, .start_ns = start_ns };
	for (enum fault f = 0; f < fault_max; f++)
		if (c->ppm[f] > 1000000)
			return err_set(ERR_CONFIG, "%s: a probability of %u ppm is above 1",
				       fault_names[f], c->ppm[f]);
	if (c->partial_ppm_lo > c->partial_ppm_hi || c->partial_ppm_hi > 1000000)
		return err_set(ERR_CONFIG,
			       "partial.size: from %u ppm to %u ppm is no range within 1",
			       c->partial_ppm_lo, c->partial_ppm_hi);
	if (c->clock_grain_ns < 0)
		return err_set(ERR_CONFIG, "clock.grain: stamps cannot be finer than exact");
	if (c->n_plan > KNOBS_PLAN || c->freeze_ns < 0)
		return err_set(ERR_CONFIG, "more than %u planned events, or a negative freeze",
			       KNOBS_PLAN);
	struct rng root;
	rng_seed(&root, seed);
	for (enum fault f = 0; f < fault_max; f++)
		rng_fork(&root, fault_names[f], &k->fault[f]);
	for (enum knob_path p = 0; p < knob_path_max; p++) {
		int rc = check_delay(&c->delay[p], p);
		if (rc)
			return rc;
		rng_fork(&root, path_names[p], &k->path[p]);
	}
	rng_fork(&root, "part", &k->part);
	if (c->n_plan)
		qsort(k->config.plan, c->n_plan, sizeof *k->config.plan, by_time);
	return 0;
}

bool knobs_hit(struct knobs *k, enum fault f)
{
	if (!rng_chance(&k->fault[f], k->config.ppm[f]))
		return false;
	k->hits[f]++;
	return true;
}

uint32_t knobs_part_ppm(struct knobs *k)
{
	return (uint32_t)rng_range(&k->part, k->config.partial_ppm_lo, k->config.partial_ppm_hi);
}

/* ---------------------------------------------------------------- delays */

/* Quantiles of a log-normal with sigma 0.6, in thousandths of its median; drawn between neighbours. */
static const int32_t lognormal[] = {
	234,  303,  347,  383,	413,  441,  466,  490,	513,  535,  556,  577,	597,
	618,  638,  657,  677,	697,  716,  736,  756,	776,  796,  816,  836,	857,
	878,  899,  921,  943,	965,  988,  1012, 1036, 1061, 1086, 1112, 1139, 1167,
	1196, 1226, 1257, 1289, 1323, 1359, 1396, 1435, 1477, 1521, 1569, 1619, 1674,
	1733, 1798, 1870, 1950, 2041, 2146, 2270, 2421, 2613, 2878, 3295, 4265, 6660,
};
enum { lognormal_steps = sizeof lognormal / sizeof *lognormal - 1 };

static int64_t skewed(struct rng *r, int64_t median_ns)
{
	uint64_t i = rng_below(r, lognormal_steps);
	int64_t within = (int64_t)rng_below(r, 1000);
	int64_t at = lognormal[i] * 1000 + (lognormal[i + 1] - lognormal[i]) * within;
	return dec_muldiv(median_ns, at, 1000000, DEC_DOWN);
}

static int64_t in_burst(struct knobs *k, enum knob_path p, const struct delay *d, int64_t now_ns)
{
	if (now_ns >= k->burst_until_ns[p] && rng_chance(&k->path[p], d->burst_ppm))
		k->burst_until_ns[p] = now_ns + d->burst_ns;
	return now_ns < k->burst_until_ns[p] ? rng_range(&k->path[p], d->typ_ns, d->max_ns)
					     : d->min_ns;
}

int64_t knobs_delay(struct knobs *k, enum knob_path p, int64_t now_ns)
{
	const struct delay *d = &k->config.delay[p];
	int64_t ns = d->min_ns;
	switch ((enum delay_shape)d->shape) {
	case DELAY_UNIFORM:
		ns = rng_range(&k->path[p], d->min_ns, d->max_ns);
		break;
	case DELAY_EXPONENTIAL:
		ns += draw_exponential(&k->path[p], d->typ_ns);
		break;
	case DELAY_LOGNORMAL:
		ns += skewed(&k->path[p], d->typ_ns);
		break;
	case DELAY_BURST:
		ns = in_burst(k, p, d, now_ns);
		break;
	case DELAY_FIXED:
	case delay_shape_max:
		break;
	}
	return d->max_ns && ns > d->max_ns ? d->max_ns : ns;
}

int64_t knobs_clock_offset(const struct knobs *k, int64_t now_ns)
{
	int64_t drift =
		dec_muldiv(now_ns - k->start_ns, k->config.clock_drift_ppb, 1000000000, DEC_DOWN);
	return k->config.clock_offset_ns + drift;
}

int64_t knobs_clock(const struct knobs *k, int64_t now_ns)
{
	int64_t says = now_ns + knobs_clock_offset(k, now_ns), grain = k->config.clock_grain_ns;
	return grain ? dec_to_step(says, grain, DEC_DOWN) : says;
}

void knobs_clock_step(struct knobs *k, int64_t by_ns)
{
	k->config.clock_offset_ns += by_ns;
}

int64_t knobs_plan_ns(const struct knobs *k)
{
	if (k->plan_next >= k->config.n_plan)
		return INT64_MAX;
	return k->start_ns + k->config.plan[k->plan_next].at_ns;
}

bool knobs_plan_pop(struct knobs *k, int64_t now_ns, struct plan_event *out)
{
	if (knobs_plan_ns(k) > now_ns)
		return false;
	*out = k->config.plan[k->plan_next++];
	return true;
}
