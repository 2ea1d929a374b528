/* basis - the price of one market in terms of others, at one aligned instant, in the forms that a desk uses.
 *
 * Leg 0 stands against the sum of the other legs, each weighted by its ratio over leg 0's (two legs of one ratio: against leg 1). spread (点差): value of leg 0
 * minus value of the others, at mid. Cross (对价): what can be executed now on the opposite side, both directions, with the size that is there: sell = bid of
 * leg 0 minus asks of the others, buy = ask of leg 0 minus bids of the others (one sign for both: sell high, buy low); at the best prices, and walked through
 * the depth for a wanted size. ratio (比值): value of leg 0 over value of the others, at mid. z-score: how many deviations the spread lies from its mean over a window.
 *
 * "Value" is the price after the strategy's conversion (unit, currency). Each executable form has a gross and a net one; net is of the taker's fees, per notional and
 * per lot, at the close-today rates for the part of the order that closes today's lots, of taxes on the notional, and of the tax that a price contains (net price
 * = price / (1 + vat)). Do not also put that tax into a conversion.
 *
 * Where a ratio means nothing (a price may be zero or negative, or the others are worth nothing) ratio and spread_bp are 0, ratio_ok is false, and the bp of both directions
 * are BASIS_NEVER, which no trigger takes. Doubles, because this is for eyes and scripts; orders are made of the integers beside them. Engine's thread. */
#pragma once
#include "core/market/band.h"
#include "core/market/book.h"
#include "core/market/instrument.h"
#include "core/market/top.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define LEG_MAX 5
#define REF_MAX 4
/* "There is no such price": a seller's is minus this, a buyer's plus this, so that neither is ever worth taking. */
#define BASIS_NEVER 1e300

/* value = px * k * product(ref[i] ^ power[i]); k = 1 and no refs without a conversion. */
struct basis_conv {
	double k;
	int8_t power[REF_MAX];
};

/* What has been worked out of one leg: kept until its quote, a reference or a rule changes. The first cache line is all
 * that is looked at of a leg that did not change. */
struct basis_memo {
	struct {
		int64_t px[side_max], qty[side_max];
	} q;			    /* what it was made of; no quantity: just bound */
	double net[side_max];	    /* value after costs */
	double lots[side_max];	    /* whole pair lots at the best price */
	double weight;		    /* its ratio over leg 0's */
	double factor;		    /* value of a price of 1 */
	double px_scale, qty_scale; /* what an integer of it is divided by */
	double keep;		    /* what is left of a price without the tax that it contains */
	/* By the side of the quote that is traded against: what a taker pays, of the notional and beside it in price units. */
	double rate[side_max], fixed[side_max];
	int64_t pair_e8; /* leg 0's base units that a quantity of 1 stands for; 0: no whole number of them, or not at every price */
	int64_t lot, want_qty; /* quantity step in force; an order for the wanted size */
};

/* What every event reads comes first. */
struct basis_spec {
	uint8_t n_legs, n_refs;
	bool no_ratio; /* kept by basis_eval: a leg's price may be zero or negative */
	int64_t bound_until_ns; /* the same: UTC at which a rule ends that the memos were made of; 0: to be worked out */
	const struct basis *of; /* the same: what the memos belong to */
	struct band *band;	/* of the mid spread; NULL: none */
	int64_t want_lots; /* size that executable prices are also worked out for; 0: what stands at the best prices */
	int64_t lot_base_e8; /* one pair lot, in base units: the least common step of both legs */
	const struct top *leg_top[LEG_MAX];
	const struct top *ref_top[REF_MAX];

	/* Kept by basis_eval; all zero before the first one. */
	double bp;		  /* 1e4 over the mid value of the other legs */
	double per_lot;		  /* 1 / lot_base_e8 */
	int64_t ref_sum[REF_MAX]; /* bid + ask that the reference was made of */
	struct basis_memo memo[LEG_MAX];

	const struct instrument *leg[LEG_MAX];
	const struct instrument *ref[REF_MAX];
	const struct book
		*leg_book[LEG_MAX]; /* for the depth; NULL: only its best prices are known */
	struct basis_conv conv[LEG_MAX];
	int64_t ratio_num[LEG_MAX], ratio_den[LEG_MAX]; /* base units for one of the pair; 0: 1/1 */
	double today
		[LEG_MAX]
		[side_max]; /* part (0..1) of an order on that side which closes lots of today */
};

struct basis_leg {
	double px[side_max],
		qty[side_max]; /* [SIDE_BUY] bid, [SIDE_SELL] ask, in the instrument's own units */
	double value[side_max];
	double mid;
	double age_ms; /* since last proven valid, the clock's bound included where it is known */
	double want_px[side_max]; /* volume-weighted for the wanted size, against bids and asks */
	double worst_px
		[side_max]; /* and the last price of it; all four the best price where no size is wanted */
};

/* Directions are named by what happens to leg 0: [SIDE_SELL] sells leg 0 and buys the others. */
struct basis_cross {
	double gross, net;	 /* in value units */
	double gross_bp, net_bp; /* of the mid value of the others */
	double lots;		 /* pair lots executable at these prices */
};

struct basis {
	int64_t at_ns;
	bool ok; /* every leg and reference has a two-sided quote, a live book and a value */
	bool ratio_ok;
	uint8_t gate, gate_who;	       /* enum gate of gate.h, which its judge fills in; 0: open */
	const struct basis_spec *spec; /* what it was computed from; NULL where it is not ok */
	double spread, spread_bp, ratio;
	struct basis_cross dir[side_max];
	struct basis_cross
		want[side_max]; /* for spec->want_lots, or as much of it as the books hold (lots);
					      with 0 lots the prices are BASIS_NEVER; as dir where no size is wanted */
	double dir_z[side_max]; /* of the executable gross against the band of the mid */
	double z, mean, dev,
		fill; /* of the band; fill: part of its window that has been seen; z is 0 below a half */
	double skew_ms; /* widest distance between the moments at which the legs were last proven valid, as gate_skew_ns */
	double max_age_ms; /* references included */
	struct basis_leg leg[LEG_MAX];
	double ref[REF_MAX];
};

/* Computes b from the tops at mono_ns; what has not changed since the last time is not worked out again. b->ok false
 * when a leg or reference has no two-sided live quote or no value; the rest is then 0. b belongs to s: another one starts afresh. */
void basis_eval(struct basis_spec *s, int64_t mono_ns, int64_t utc_ns, struct basis *b);
/* To be called when an instrument's rules, a conversion, a ratio or a size has been written into s; rules that change by their date are noticed without. */
void basis_touch(struct basis_spec *s);
/* `part` (0..1) of what is traded on this side of a leg closes lots of today: fees at those rates from the next basis_eval on. */
void basis_close_today(struct basis_spec *s, unsigned leg, enum side side, double part);
/* How much can be executed now so that even the last lot of it is worth it: both books are walked level by level while the net basis there is at least `net`
 * (SIDE_SELL) or at most (SIDE_BUY). Whole pair lots, at most max_lots; 0 for a basis that is not ok. */
int64_t basis_lots_at(const struct basis_spec *s, const struct basis *b, enum side dir, double net,
		      int64_t max_lots);

/* Between basis.c and basis_depth.c: what a price of a leg is worth after costs, executed against that side. */
static inline double basis_net_value(const struct basis_memo *m, enum side at, double px)
{
	double cost = fabs(px) * m->rate[at] + m->fixed[at];
	return (px * m->keep + (at == SIDE_BUY ? -cost : cost)) * m->factor;
}

/* A cross from its sums; bp are of the mid value of the others. */
static inline struct basis_cross basis_cross_of(const struct basis_spec *s, const struct basis *b,
						enum side dir, double gross, double net,
						double lots)
{
	struct basis_cross c = { .gross = gross, .net = net, .lots = lots };
	double never = dir == SIDE_SELL ? -BASIS_NEVER : BASIS_NEVER;
	c.gross_bp = b->ratio_ok ? gross * s->bp : never;
	c.net_bp = b->ratio_ok ? net * s->bp : never;
	return c;
}

/* The forms for the wanted size. */
void basis_want(const struct basis_spec *s, struct basis *b);
