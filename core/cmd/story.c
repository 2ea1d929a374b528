#include "core/cmd/story.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/trade/lineup.h"
#include "core/trade/pair.h"
#include <stdlib.h>
#include <string.h>

#define AFTER_SEQ 256 /* receipts behind the last of the pair that may still follow from it */
#define SCAN_MAX  200000

/* Where a sequence is, or would be. */
static uint32_t place(const struct story *s, uint64_t seq)
{
	uint32_t lo = 0, hi = s->n;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (s->fact[mid].seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool has(const struct story *s, uint64_t seq)
{
	uint32_t at = place(s, seq);
	return at < s->n && s->fact[at].seq == seq;
}

static int add(struct story *s, const struct fact *f)
{
	if (has(s, f->seq))
		return 0;
	if (s->n == STORY_MAX) {
		s->cut = true;
		return 0;
	}
	if (s->n == s->cap) {
		uint32_t cap = s->cap ? s->cap * 2 : 128;
		struct fact *fact = realloc(s->fact, cap * sizeof(*fact));
		if (!fact)
			return err_set(ERR_NOMEM, "no memory for a story of %u receipts", cap);
		s->fact = fact;
		s->cap = cap;
	}
	uint32_t at = place(s, f->seq);
	memmove(&s->fact[at + 1], &s->fact[at], (s->n - at) * sizeof(*f));
	s->fact[at] = *f;
	s->n++;
	return 0;
}

static int add_all(struct reader *r, struct story *s, const struct reader_filter *q)
{
	struct reader_walk *w;
	struct fact f;
	int rc = reader_walk_open(r, q, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0 && !s->cut)
		if ((rc = add(s, &f)) != 0)
			break;
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

/* What the pair's orders met may name the order only. */
static int add_orders(struct reader *r, struct story *s)
{
	uint64_t order[256];
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n && n < 256; i++)
		if (s->fact[i].kind == FACT_ORDER)
			order[n++] = s->fact[i].order;
	int rc = 0;
	for (uint32_t i = 0; i < n && !rc; i++)
		rc = add_all(r, s, &(struct reader_filter){ .order = order[i] });
	return rc;
}

/* What led to the receipts that are here: quotes and decisions carry no pair. A receipt of another
 * pair is shown as a cause and not followed further. */
static int add_causes(struct reader *r, struct story *s)
{
	/* A cause comes before its effect and is inserted there: going back over the list meets it. */
	for (uint32_t i = s->n; i-- > 0;) {
		uint64_t cause = s->fact[i].cause;
		bool ours = s->fact[i].pair == 0 || s->fact[i].pair == s->pair;
		struct fact f;
		if (!cause || !ours || cause >= s->fact[i].seq || has(s, cause))
			continue;
		int rc = reader_get(r, cause, &f);
		if (rc && rc != -ERR_NOTFOUND)
			return rc;
		uint32_t before = s->n;
		if (!rc && (rc = add(s, &f)) != 0)
			return rc;
		i += s->n - before;
	}
	return 0;
}

/* What followed without naming the pair: an alert, a receipt of the risk gate. */
static int add_effects(struct reader *r, struct story *s)
{
	struct reader_filter q = {
		.seq_from = s->fact[0].seq,
		.seq_to = s->fact[s->n - 1].seq + AFTER_SEQ,
	};
	if (q.seq_to - q.seq_from > SCAN_MAX)
		return 0;
	struct reader_walk *w;
	struct fact f;
	int rc = reader_walk_open(r, &q, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0)
		if (!f.pair && f.cause && f.kind != FACT_QUOTE && f.kind != FACT_DECISION &&
		    has(s, f.cause) && (rc = add(s, &f)) != 0)
			break;
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

/* Of a version's receipts, the one that brought it says which file it is; what became of it later is told of the same number. */
static bool states_file(const struct fact *f)
{
	return f->kind != FACT_SCRIPT || f->state == VERSION_NONE || f->state == VERSION_TAKEN ||
	       f->num[1] > 0;
}

/* The newest receipt of a kind up to a sequence that `fits`. */
static int newest_before(struct reader *r, struct reader_filter q, uint32_t script,
			 struct fact *out)
{
	struct reader_walk *w;
	struct fact f;
	fact_init(out, FACT_NONE);
	int rc = reader_walk_open(r, &q, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0)
		if (!script || (f.script == script && states_file(&f)))
			*out = f;
	reader_walk_close(w);
	return rc;
}

static int find_ticks(struct reader *r, struct story *s)
{
	int rc = 0;
	for (unsigned l = 0; l < s->n_legs && !rc; l++) {
		struct fact rule;
		if (!s->leg[l].known)
			continue;
		rc = newest_before(r,
				   (struct reader_filter){ .kind = FACT_RULE,
							   .instrument = s->leg[l].f.instrument,
							   .seq_to = s->leg[l].f.seq },
				   0, &rule);
		if (rule.kind == FACT_RULE)
			s->leg[l].tick = rule.num[1];
	}
	return rc;
}

static int find_script(struct reader *r, struct story *s)
{
	struct reader_filter q = { .kind = FACT_SCRIPT, .seq_to = s->fact[s->n - 1].seq };
	int rc = s->script ? newest_before(r, q, s->script, &s->script_fact) : 0;
	q.kind = FACT_SESSION_OPEN;
	q.seq_to = s->fact[0].seq;
	return rc ? rc : newest_before(r, q, 0, &s->session);
}

static void take_leg(struct story *s, const struct fact *f)
{
	struct story_leg *l = f->leg < LEG_MAX ? &s->leg[f->leg] : NULL;
	if (!l || l->known)
		return;
	l->known = true;
	l->f = *f;
	l->want_qty = f->num[2];
	l->limit_px = f->num[3];
	l->ref_px = f->num[4];
	if (s->intent == INTENT_REPAIR || s->intent == INTENT_FLATTEN)
		l->held_qty = f->num[6];
	if (f->leg >= s->n_legs)
		s->n_legs = f->leg + 1u;
}

static void take_fill(struct story *s, const struct fact *f, int sign)
{
	struct story_leg *l = f->leg < LEG_MAX ? &s->leg[f->leg] : NULL;
	if (!l || f->side >= side_max || f->qty <= 0)
		return;
	l->net_qty += sign * (f->side == SIDE_BUY ? f->qty : -f->qty);
	bool own = (f->side == l->f.side) != (s->intent == INTENT_FLATTEN);
	if (own && l->known) {
		l->own_qty += sign * f->qty;
		l->own_value += (__int128)sign * f->px * f->qty;
	}
	for (unsigned i = 0; i < STORY_FEES && f->fee_e8; i++)
		if (l->fee[i].asset == f->fee_asset || l->fee[i].asset == 0) {
			l->fee[i].asset = f->fee_asset;
			l->fee[i].sum_e8 += sign * f->fee_e8;
			break;
		}
}

static void take_pair(struct story *s, const struct fact *f)
{
	s->state = f->state;
	s->intent = (uint8_t)f->num[5];
	s->instance = f->instance;
	s->script = f->script;
	s->imbalance_e8 = f->num[2];
	s->residual_e8 = f->num[3];
	s->ended = pair_over((enum pair_state)f->state);
	if (f->num[0] == f->num[1]) /* a checkpoint says again where it stands */
		return;
	s->took_ns = story_since_ns(s, f);
	memcpy(s->why, f->text, sizeof s->why);
}

/* When the newest quote that the decision rests on came in. */
static void find_start(struct story *s)
{
	s->t0_ns = s->fact[0].mono_ns;
	s->utc_ns = s->fact[0].utc_ns;
	int64_t newest = 0;
	for (uint32_t i = 0; i < s->n && s->fact[i].pair != s->pair; i++) {
		const struct fact *f = &s->fact[i];
		if (f->kind == FACT_QUOTE && f->num[5] > newest && f->num[5] <= f->mono_ns)
			newest = f->num[5];
		if (f->kind == FACT_DECISION) {
			s->utc_ns = f->utc_ns;
			s->t0_ns = newest ? newest : f->mono_ns;
		}
	}
}

/* A pair that no script proposed: its first receipt's cause. */
static void find_asked(struct story *s)
{
	uint32_t i = 0;
	while (i < s->n && s->fact[i].pair != s->pair)
		i++;
	fact_init(&s->asked, FACT_NONE);
	if (i == s->n || s->fact[i].kind != FACT_PAIR || s->fact[i].num[5] <= INTENT_ROLL)
		return;
	if (s->fact[i].cause && has(s, s->fact[i].cause))
		s->asked = s->fact[place(s, s->fact[i].cause)];
}

static void digest(struct story *s)
{
	find_start(s);
	find_asked(s);
	for (uint32_t i = 0; i < s->n; i++) {
		const struct fact *f = &s->fact[i];
		if (f->pair != s->pair)
			continue;
		s->orders += f->kind == FACT_ORDER;
		s->fills += f->kind == FACT_FILL;
		s->rescues += f->kind == FACT_RESCUE;
		if (f->kind == FACT_PAIR)
			take_pair(s, f);
		else if (f->kind == FACT_LEG)
			take_leg(s, f);
		else if (f->kind == FACT_FILL || f->kind == FACT_BUST)
			take_fill(s, f, f->kind == FACT_FILL ? 1 : -1);
	}
}

int story_gather(struct reader *r, uint64_t pair, struct story *s)
{
	*s = (struct story){ .pair = pair };
	int rc = add_all(r, s, &(struct reader_filter){ .pair = pair });
	if (!rc && s->n == 0)
		return err_set(ERR_NOTFOUND, "no receipt speaks of the pair %016llx",
			       (unsigned long long)pair);
	if (!rc)
		rc = add_orders(r, s);
	if (!rc)
		rc = add_causes(r, s);
	if (!rc)
		rc = add_effects(r, s);
	if (!rc) {
		digest(s);
		rc = find_ticks(r, s);
	}
	if (!rc)
		rc = find_script(r, s);
	if (rc)
		story_free(s);
	return rc;
}

void story_free(struct story *s)
{
	free(s->fact);
	s->fact = NULL;
	s->n = s->cap = 0;
}

int64_t story_since_ns(const struct story *s, const struct fact *f)
{
	if (f->mono_ns >= s->t0_ns || f->utc_ns < s->utc_ns)
		return f->mono_ns - s->t0_ns;
	return f->utc_ns - s->utc_ns;
}

int64_t story_average_px(const struct story_leg *l)
{
	if (l->own_qty <= 0)
		return 0;
	__int128 half = l->own_value < 0 ? -(l->own_qty / 2) : l->own_qty / 2;
	return (int64_t)((l->own_value + half) / l->own_qty);
}

bool story_slip(const struct story *s, const struct fact *fill, int64_t *tick_hundredths)
{
	const struct story_leg *l = fill->leg < LEG_MAX ? &s->leg[fill->leg] : NULL;
	if (!l || !l->known || l->tick <= 0 || l->ref_px == 0 || fill->side >= side_max)
		return false;
	int64_t worse = fill->side == SIDE_BUY ? fill->px - l->ref_px : l->ref_px - fill->px;
	*tick_hundredths = dec_muldiv(worse, 100, l->tick, DEC_NEAREST);
	return true;
}
