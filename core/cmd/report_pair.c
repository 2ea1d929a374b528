/* The pairs of a report: how each ended, what it cost against the prices that it was decided on, how far apart its legs filled, what its rescues spent.
 *
 * A pair belongs to the day that one of its orders or legs belongs to. The oldest leaves when there is no more room. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/report.h"
#include "core/market/basis.h"
#include "core/trade/pair.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS	     65536
#define FEES	     3
#define FIRST_BAR_NS 100000 /* of the gaps between legs */

struct pair_sum {
	uint64_t pair, round, seq, last_seq;
	int64_t utc_ns, mono_ns, end_mono_ns;
	int64_t ref_px[LEG_MAX], fill_mono_ns[LEG_MAX];
	int64_t lots, imbalance_e8, budget_first_e8, budget_e8, slip_e8, expected_e8, held_ns;
	struct {
		uint32_t asset;
		int64_t sum_e8;
	} fee[FEES];
	uint32_t instance, script, orders, fills, rescues;
	uint8_t state, intent, cause, qty_dp, n_legs;
	bool own, broke, was_held, has_expected;
};

struct report_pairs {
	struct pair_sum *pair; /* a ring */
	uint64_t head, tail;
	struct map index;
};

static const char *fees_of(const struct report *r, const struct pair_sum *p, char *out, size_t cap)
{
	char sum[24];
	size_t n = 0;
	out[0] = 0;
	for (unsigned i = 0; i < FEES && p->fee[i].asset && n < cap; i++) {
		dec_format(p->fee[i].sum_e8, 8, 0, sum);
		n += (size_t)snprintf(out + n, cap - n, "%s%s %s", n ? " + " : "", sum,
				      report_name(r, NAME_ASSET, p->fee[i].asset));
	}
	return out;
}

/* Between the first fill of the leg that filled first and that of the one that filled last; -1: some leg has none. */
static int64_t gap_of(const struct pair_sum *p)
{
	int64_t first = INT64_MAX, last = 0;
	for (unsigned i = 0; i < p->n_legs && i < LEG_MAX; i++) {
		if (!p->fill_mono_ns[i])
			return -1;
		first = p->fill_mono_ns[i] < first ? p->fill_mono_ns[i] : first;
		last = p->fill_mono_ns[i] > last ? p->fill_mono_ns[i] : last;
	}
	return p->n_legs > 1 ? last - first : -1;
}

static void count(struct report *r, const struct pair_sum *p)
{
	struct report_figures *g = &r->fig;
	const int64_t gap = gap_of(p);
	g->pairs++;
	g->hedged += p->state == PAIR_HEDGED;
	g->flat += p->state == PAIR_FLAT;
	g->held += p->state == PAIR_HELD;
	g->refused += p->state == PAIR_REFUSED;
	g->in_flight += p->state != PAIR_HEDGED && p->state != PAIR_FLAT && p->state != PAIR_HELD &&
			p->state != PAIR_REFUSED;
	g->broke += p->broke;
	g->rescue_e8 += p->broke ? p->budget_first_e8 - p->budget_e8 : 0;
	if (gap >= 0) {
		unsigned bar = 0;
		while (bar + 1 < REPORT_GAPS && gap > (int64_t)FIRST_BAR_NS << bar)
			bar++;
		r->gap_ms[bar]++;
	}
	if (p->fills)
		report_point(&r->pairs_at, p->utc_ns, dec_to_double(p->slip_e8, 8),
			     p->broke ? dec_to_double(p->budget_first_e8 - p->budget_e8, 8) : NAN);
}

static void put_money(struct report *r, const struct pair_sum *p)
{
	struct report_out *o = r->out;
	char fees[120];
	if (p->broke)
		report_dec(o, COL_P_SPENT, p->budget_first_e8 - p->budget_e8, 8);
	if (p->fills)
		report_dec(o, COL_P_SLIP, p->slip_e8, 8);
	report_text(o, COL_P_FEES, fees_of(r, p, fees, sizeof fees));
	if (p->has_expected)
		report_dec(o, COL_P_EXPECTED, p->expected_e8, 8);
	report_dec(o, COL_P_IMBALANCE, p->imbalance_e8, 8);
}

static void put_row(struct report *r, const struct pair_sum *p)
{
	struct report_out *o = r->out;
	struct fact f;
	if (!p->own)
		return;
	count(r, p);
	report_int(o, COL_P_SEQ, (int64_t)p->seq);
	report_time(o, COL_P_TIME, p->utc_ns);
	report_id(o, COL_P_PAIR, p->pair);
	report_id(o, COL_P_ROUND, p->round);
	report_text(o, COL_P_INSTANCE, report_name(r, NAME_INSTANCE, p->instance));
	report_text(o, COL_P_SCRIPT, report_name(r, NAME_SCRIPT, p->script));
	report_text(o, COL_P_INTENT,
		    p->intent < pair_intent_max ? pair_intent_name((enum pair_intent)p->intent)
						: NULL);
	report_dec(o, COL_P_LOTS, p->lots, p->qty_dp);
	report_text(o, COL_P_STATE,
		    p->state < pair_state_max ? pair_state_name((enum pair_state)p->state) : NULL);
	report_text(o, COL_P_BROKE, p->broke ? "yes" : NULL);
	if (p->was_held && p->cause < held_cause_max)
		report_text(o, COL_P_HELD, held_cause_name((enum held_cause)p->cause));
	if (p->held_ns)
		report_int(o, COL_P_HELD_NS, p->held_ns);
	if (p->end_mono_ns > p->mono_ns)
		report_int(o, COL_P_TOOK, p->end_mono_ns - p->mono_ns);
	if (gap_of(p) >= 0)
		report_int(o, COL_P_GAP, gap_of(p));
	report_int(o, COL_P_ORDERS, p->orders);
	report_int(o, COL_P_FILLS, p->fills);
	report_int(o, COL_P_RESCUES, p->rescues);
	put_money(r, p);
	if (p->last_seq && !report_get(r, p->last_seq, &f))
		report_text(o, COL_P_WHY, f.text);
	report_row(o, SHEET_PAIRS);
}

/* ---- what receipts say of a pair */

static void on_pair(struct pair_sum *p, const struct fact *f)
{
	p->state = f->state;
	p->intent = (uint8_t)f->num[5];
	p->lots = f->qty;
	p->qty_dp = f->qty_dp;
	p->imbalance_e8 = f->num[2];
	p->budget_e8 = f->num[7];
	p->n_legs = (uint8_t)f->num[4];
	p->last_seq = f->seq;
	p->end_mono_ns = f->mono_ns;
	p->broke |= f->state == PAIR_BROKEN;
	if (f->state == PAIR_HELD) {
		p->was_held = true;
		p->cause = (uint8_t)f->num[6];
	}
}

static void on_leg(struct pair_sum *p, const struct fact *f)
{
	if (f->leg < LEG_MAX)
		p->ref_px[f->leg] = f->num[4];
}

/* Worse than the price of the decision: paid more, or sold for less; in the leg's quote currency. */
static void on_fill(struct pair_sum *p, const struct fact *f)
{
	p->fills++;
	if (f->leg >= LEG_MAX)
		return;
	const int64_t ref = p->ref_px[f->leg], worse = f->side == 0 ? f->px - ref : ref - f->px;
	if (!p->fill_mono_ns[f->leg])
		p->fill_mono_ns[f->leg] = f->mono_ns;
	if (ref && f->px)
		p->slip_e8 += dec_muldiv(f->num[4], worse, f->px < 0 ? -f->px : f->px, DEC_NEAREST);
	for (unsigned i = 0; i < FEES && f->fee_asset; i++)
		if (p->fee[i].asset == f->fee_asset || !p->fee[i].asset) {
			p->fee[i].asset = f->fee_asset;
			p->fee[i].sum_e8 += f->fee_e8;
			break;
		}
}

static void on_order(struct pair_sum *p, const struct fact *f)
{
	(void)f;
	p->orders++;
}

static void on_rescue(struct pair_sum *p, const struct fact *f)
{
	(void)f;
	p->rescues++;
}

static void on_held(struct pair_sum *p, const struct fact *f)
{
	p->held_ns += f->num[1];
}

static void on_fair(struct pair_sum *p, const struct fact *f)
{
	p->expected_e8 = f->num[2];
	p->has_expected = true;
}

static void (*const effect[fact_kind_max])(struct pair_sum *p, const struct fact *f) = {
	[FACT_PAIR] = on_pair,	   [FACT_LEG] = on_leg,	  [FACT_FILL] = on_fill,
	[FACT_ORDER] = on_order,   [FACT_HELD] = on_held, [FACT_FAIR] = on_fair,
	[FACT_RESCUE] = on_rescue,
};

/* ---- all of them */

int report_pairs_open(struct report *r)
{
	struct report_pairs *x = calloc(1, sizeof *x);
	r->pairs = x;
	if (!x || !(x->pair = calloc(PAIRS, sizeof *x->pair)))
		return err_set(ERR_NOMEM, "no memory for the pairs of a report");
	return map_init(&x->index, PAIRS);
}

void report_pairs_close(struct report *r)
{
	if (!r->pairs)
		return;
	map_free(&r->pairs->index);
	free(r->pairs->pair);
	free(r->pairs);
}

static void leave(struct report *r)
{
	struct report_pairs *x = r->pairs;
	const struct pair_sum *p = &x->pair[x->tail++ % PAIRS];
	map_del(&x->index, p->pair);
	put_row(r, p);
}

static struct pair_sum *begin(struct report *r, const struct fact *f)
{
	struct report_pairs *x = r->pairs;
	if (x->head - x->tail == PAIRS)
		leave(r);
	struct pair_sum *p = &x->pair[x->head % PAIRS];
	*p = (struct pair_sum){ .pair = f->pair,
				.round = f->round,
				.seq = f->seq,
				.utc_ns = f->utc_ns,
				.mono_ns = f->mono_ns,
				.instance = f->instance,
				.script = f->script,
				.budget_first_e8 = f->kind == FACT_PAIR ? f->num[7] : 0 };
	return map_put(&x->index, f->pair, (uint32_t)(x->head++ % PAIRS)) ? NULL : p;
}

/* A round that is closed: what it came to. */
static void on_round(struct report *r, const struct fact *f)
{
	if (f->num[0] != 1 || !report_day_has(&r->day, f))
		return;
	r->round_net += dec_to_double(f->num[2], 8) - dec_to_double(f->num[3], 8) +
			dec_to_double(f->num[5], 8);
	report_point(&r->rounds_at, f->utc_ns, r->round_net, 0);
}

int report_pairs_fact(struct report *r, const struct fact *f)
{
	uint32_t at;
	if (f->kind == FACT_ROUND && !r->framed)
		on_round(r, f);
	if (!f->pair || r->framed || f->kind >= fact_kind_max || !effect[f->kind])
		return 0;
	struct pair_sum *p = map_get(&r->pairs->index, f->pair, &at) ? &r->pairs->pair[at]
			     : f->kind == FACT_PAIR && report_day_has(&r->day, f) ? begin(r, f)
										  : NULL;
	if (!p)
		return 0;
	effect[f->kind](p, f);
	/* Of a contract: its day decides. Before the legs, and where none of them follows: the day of the receipt itself. */
	if (f->kind == FACT_LEG || f->kind == FACT_ORDER || f->state == PAIR_REFUSED)
		p->own |= report_day_has(&r->day, f);
	return 0;
}

int report_pairs_end(struct report *r)
{
	while (r->pairs->tail != r->pairs->head)
		leave(r);
	return 0;
}
