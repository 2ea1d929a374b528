/* basis_depth - the basis beyond the best prices: for a wanted size, and the size for a wanted basis. */
#include "core/base/dec.h"
#include "core/market/basis.h"

/* One leg's side of the depth, best first; its best level is the top's where there is no book. */
struct walk {
	const struct basis_spec *s;
	const struct book *book;
	unsigned leg;
	enum side at;
	uint32_t i;
	struct level level;
};

static enum side against(unsigned leg, enum side dir)
{
	return leg == 0 ? dir ^ 1 : dir;
}

static bool next_level(struct walk *w)
{
	const struct level *l = NULL;
	if (w->book)
		l = book_best(w->book, w->at, w->i);
	else if (w->i == 0) {
		const struct basis_memo *m = &w->s->memo[w->leg];
		w->level = (struct level){ m->q.px[w->at], m->q.qty[w->at] };
		l = &w->level;
	}
	if (l)
		w->level = *l;
	w->i++;
	return l != NULL;
}

static struct walk begin(const struct basis_spec *s, unsigned leg, enum side dir)
{
	return (struct walk){
		.s = s, .leg = leg, .book = s->leg_book[leg], .at = against(leg, dir)
	};
}

/* Pair base units of a quantity of a leg. */
static int64_t pair_base_e8(const struct basis_spec *s, unsigned leg, int64_t qty, int64_t px)
{
	int64_t base = instrument_base_e8(s->leg[leg], qty, px);
	return s->ratio_num[leg] > 0 && s->ratio_num[leg] != s->ratio_den[leg]
		       ? dec_muldiv(base, s->ratio_den[leg], s->ratio_num[leg], DEC_DOWN)
		       : base;
}

/* What `qty` of a leg executes at; the quantity that is there. */
static int64_t price_of(const struct basis_spec *s, unsigned leg, enum side dir, int64_t qty,
			struct basis_leg *out)
{
	struct walk w = begin(s, leg, dir);
	__int128 value = 0;
	int64_t left = qty, worst = 0;
	while (left > 0 && next_level(&w)) {
		int64_t take = w.level.qty < left ? w.level.qty : left;
		value += (__int128)take * w.level.px;
		worst = w.level.px;
		left -= take;
	}
	unsigned dp = s->leg[leg]->px_dp;
	double filled = (double)(qty - left);
	out->want_px[w.at] = filled > 0 ? (double)value / filled / (double)dec_pow10[dp] : 0;
	out->worst_px[w.at] = dec_to_double(worst, dp);
	return qty - left;
}

/* The quantity of `lots` of `whole` pair lots, whose quantity is known. */
static int64_t part_qty(int64_t qty, int64_t lots, int64_t whole)
{
	return lots == whole ? qty : dec_muldiv(qty, lots, whole, DEC_DOWN);
}

/* Pair lots that every leg can fill, at most those wanted; prices are written for what each leg could. */
static int64_t fillable(const struct basis_spec *s, enum side dir, int64_t lots, struct basis *b)
{
	int64_t least = lots;
	for (unsigned l = 0; l < s->n_legs; l++) {
		int64_t want = part_qty(s->memo[l].want_qty, lots, s->want_lots);
		enum side at = against(l, dir);
		/* Mostly the best level is enough, and its price is known. */
		if (s->memo[l].q.qty[at] >= want) {
			b->leg[l].want_px[at] = b->leg[l].worst_px[at] = b->leg[l].px[at];
			continue;
		}
		int64_t got = price_of(s, l, dir, want, &b->leg[l]);
		if (got < want) {
			int64_t whole = dec_muldiv(got, lots, want, DEC_DOWN);
			least = whole < least ? whole : least;
		}
	}
	return least;
}

static void no_price(const struct basis_spec *s, enum side dir, struct basis *b)
{
	double never = dir == SIDE_SELL ? -BASIS_NEVER : BASIS_NEVER;
	b->want[dir] = (struct basis_cross){ never, never, never, never, 0 };
	for (unsigned l = 0; l < s->n_legs; l++) {
		enum side at = against(l, dir);
		b->leg[l].want_px[at] = b->leg[l].worst_px[at] = 0;
	}
}

static void want_dir(const struct basis_spec *s, enum side dir, struct basis *b)
{
	int64_t lots = fillable(s, dir, s->want_lots, b);
	if (lots > 0 && lots < s->want_lots)
		lots = fillable(s, dir, lots, b);
	if (lots <= 0 || s->lot_base_e8 <= 0) {
		no_price(s, dir, b);
		return;
	}
	double gross = 0, net = 0;
	for (unsigned l = 0; l < s->n_legs; l++) {
		const struct basis_memo *m = &s->memo[l];
		enum side at = against(l, dir);
		double px = b->leg[l].want_px[at];
		double part = l ? -m->weight : 1;
		gross += part * px * m->factor;
		net += part * basis_net_value(m, at, px);
	}
	b->want[dir] = basis_cross_of(s, b, dir, gross, net, (double)lots);
}

void basis_want(const struct basis_spec *s, struct basis *b)
{
	want_dir(s, SIDE_SELL, b);
	want_dir(s, SIDE_BUY, b);
}

/* ---- the size for a wanted basis */

struct level_now {
	struct walk walk;
	int64_t base_e8; /* pair base units left in the level */
	double net;
};

static bool advance(const struct basis_spec *s, struct level_now *n)
{
	unsigned leg = n->walk.leg;
	if (!next_level(&n->walk))
		return false;
	n->base_e8 = pair_base_e8(s, leg, n->walk.level.qty, n->walk.level.px);
	n->net = basis_net_value(&s->memo[leg], n->walk.at,
				 dec_to_double(n->walk.level.px, s->leg[leg]->px_dp));
	return true;
}

int64_t basis_lots_at(const struct basis_spec *s, const struct basis *b, enum side dir, double net,
		      int64_t max_lots)
{
	struct level_now now[LEG_MAX];
	int64_t most, sum = 0, levels = 0;
	if (!b->ok || s->lot_base_e8 <= 0 || max_lots <= 0)
		return 0;
	if (__builtin_mul_overflow(s->lot_base_e8, max_lots, &most))
		most = INT64_MAX / 2;
	for (unsigned l = 0; l < s->n_legs; l++) {
		now[l].walk = begin(s, l, dir);
		if (!advance(s, &now[l]))
			return 0;
	}
	while (sum < most) {
		int64_t least = most - sum;
		double here = now[0].net;
		for (unsigned l = 0; l < s->n_legs; l++) {
			least = now[l].base_e8 < least ? now[l].base_e8 : least;
			here -= l ? s->memo[l].weight * now[l].net : 0;
		}
		if (dir == SIDE_SELL ? here < net : here > net)
			break;
		sum += least;
		bool more = true;
		for (unsigned l = 0; l < s->n_legs; l++) {
			now[l].base_e8 -= least;
			if (now[l].base_e8 == 0)
				more &= advance(s, &now[l]);
		}
		levels++;
		if (!more)
			break;
	}
	/* A level's base units are cut at eight decimals: what a lot lacks of that is no lack. */
	int64_t lots = (sum + levels) / s->lot_base_e8;
	return lots < max_lots ? lots : max_lots;
}
