#include "core/trade/plan.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/draft.h"
#include "core/trade/peg.h"
#include "core/trade/scribe.h"
#include "core/trade/slice.h"
#include <stdio.h>
#include <string.h>

#define ENOUGH_TIMES 10 /* a book with so often what is wanted is as certain as any */
#define PPM	     1000000

static const char *const style_name[] = { "default", "both", "legged", "passive" };
_Static_assert(sizeof style_name / sizeof *style_name == pair_style_max, "a name for every style");
static const char *const align_name[] = { "default", "send", "arrive", "less_certain_first" };
_Static_assert(sizeof align_name / sizeof *align_name == pair_align_max,
	       "a name for every alignment");
static const char *const why_first[] = {
	"as the script says",	   "as configured",	      "its venue has just refused",
	"its book is the thinner", "fewer messages are left", "its lot is the coarser",
	"all are alike",
};
_Static_assert(sizeof why_first / sizeof *why_first == first_why_max, "words for every reason");

const char *first_why_text(enum first_why w)
{
	return w < first_why_max ? why_first[w] : "?";
}

const char *pair_style_name(enum pair_style s)
{
	return s < pair_style_max ? style_name[s] : "?";
}

const char *pair_align_name(enum pair_align a)
{
	return a < pair_align_max ? align_name[a] : "?";
}

bool plan_needed(const struct pair *p)
{
	return p->style > STYLE_BOTH || p->align > ALIGN_SEND || p->slices > 1;
}

/* How often the other side of its book has what the leg wants, within its limit. */
static int64_t cover_ppm(const struct desk *d, const struct pair_leg *l)
{
	__int128 value;
	int64_t worst;
	int64_t most =
		l->want_qty > INT64_MAX / ENOUGH_TIMES ? INT64_MAX : ENOUGH_TIMES * l->want_qty;
	int64_t seen = reach_walk(d, l->instrument, (enum side)l->side ^ 1, most, l->limit_px,
				  &value, &worst);
	return l->want_qty ? dec_muldiv(seen, PPM, l->want_qty, DEC_DOWN) : 0;
}

static int64_t messages_left(const struct desk *d, uint16_t venue)
{
	const struct desk_venue *v = &d->venue[venue];
	int64_t per_s = d->cfg->venue[venue].messages_per_s;
	bool fresh = d->now.mono_ns - v->second_ns >= 1000000000LL;
	return per_s ? per_s - (fresh ? 0 : v->sent) : INT32_MAX;
}

static int64_t lot_e8(const struct desk *d, const struct pair_leg *l)
{
	const struct rule *r = desk_rule(d, l->instrument);
	return r ? instrument_base_e8(&d->instrument[l->instrument], r->lot, l->ref_px) : 0;
}

unsigned plan_less_certain(struct desk *d, const struct pair *p, enum first_why *why)
{
	unsigned best = 0;
	*why = FIRST_ALIKE;
	for (unsigned l = 1; l < p->n_legs; l++) {
		const struct pair_leg *a = &p->leg[best], *b = &p->leg[l];
		const int64_t worse[] = {
			(d->venue[b->venue].refused_ns != 0) - (d->venue[a->venue].refused_ns != 0),
			cover_ppm(d, a) - cover_ppm(d, b),
			messages_left(d, a->venue) - messages_left(d, b->venue),
			lot_e8(d, b) - lot_e8(d, a),
		};
		for (unsigned k = 0; k < sizeof worse / sizeof *worse; k++) {
			if (worse[k] == 0)
				continue;
			*why = (enum first_why)(FIRST_REFUSED + k);
			if (worse[k] > 0)
				best = l;
			break;
		}
	}
	return best;
}

int64_t plan_way_ns(struct desk *d, uint16_t venue)
{
	const struct desk_venue *v = &d->venue[venue];
	struct tsync_estimate e = { 0 };
	if (v->clock)
		tsync_read(v->clock, d->now.mono_ns, &e);
	int64_t back = e.known && e.open == TSYNC_CLOSED && e.delay_ns > 0 ? e.delay_ns : 0;
	if (!v->answer_ns)
		return back;
	return back && back < v->answer_ns ? v->answer_ns - back : v->answer_ns / 2;
}

/* The nearer ones leave later by the difference; where a way is not known, together. */
static void arrive_together(struct desk *d, struct pair *p, int64_t most)
{
	int64_t way[LEG_MAX], longest = 0;
	bool known = true;
	for (unsigned l = 0; l < p->n_legs; l++) {
		way[l] = plan_way_ns(d, p->leg[l].venue);
		known &= way[l] > 0;
		longest = way[l] > longest ? way[l] : longest;
	}
	for (unsigned l = 0; known && l < p->n_legs; l++) {
		int64_t wait = longest - way[l];
		p->leg[l].wait_ns = wait < most ? wait : most;
		if (way[l] == longest)
			p->first = (uint8_t)l;
	}
}

/* The others wait until its answer should be there at the latest: twice what one takes. */
static void one_first(struct desk *d, struct pair *p, int64_t most)
{
	int64_t answer = 2 * d->venue[p->leg[p->first].venue].answer_ns;
	for (unsigned l = 0; l < p->n_legs; l++)
		if (l != p->first)
			p->leg[l].wait_ns = answer && answer < most ? answer : most;
}

/* Closing what is even at a venue that refuses would break it: unless somebody said how it is to go out, that leg asks first. */
static bool wary(const struct desk *d, const struct proposal *pr, const struct pair *p)
{
	const struct config_execution *c = &d->instance[p->instance].cfg->execution;
	bool refused = false;
	for (unsigned l = 0; l < p->n_legs; l++)
		refused |= d->venue[p->leg[l].venue].refused_ns != 0;
	return refused && p->intent == INTENT_CLOSE && p->style == STYLE_BOTH && !pr->align &&
	       !c->align;
}

static bool choose_first(struct desk *d, const struct proposal *pr, struct pair *p)
{
	const struct config_execution *c = &d->instance[p->instance].cfg->execution;
	uint8_t wanted = pr->first != LEG_ANY ? pr->first : wary(d, pr, p) ? LEG_ANY : c->first;
	enum first_why why = pr->first != LEG_ANY ? FIRST_ASKED : FIRST_CONFIGURED;
	unsigned at = 0;
	while (at < p->n_legs && pr->leg[at] != wanted)
		at++;
	if (at ==
	    p->n_legs) { /* a script that names a leg outside its pair is wrong; a configuration speaks of some pairs */
		if (why == FIRST_ASKED)
			return false;
		at = plan_less_certain(d, p, &why);
	}
	p->first = (uint8_t)at;
	p->first_why = (uint8_t)why;
	return true;
}

/* Its price is derived from the basis that the script asks for, else from what its own side of the book gives now. */
static bool choose_rest(struct desk *d, const struct proposal *pr, struct pair *p)
{
	struct pair_leg *leg = &p->leg[p->first];
	const struct quote *q = &desk_top(d, leg->instrument)->q;
	const struct caps *caps = &d->instrument[leg->instrument].caps;
	bool rests = !caps->tifs || caps->tifs & (1u << TIF_GTC | 1u << TIF_DAY);
	bool priced = pr->has_basis
			      ? peg_of_basis(d, p, pr->basis, &p->edge)
			      : q->qty[leg->side] > 0 && peg_edge(d, p, q->px[leg->side], &p->edge);
	return rests && priced && peg_px(d, p, &leg->ref_px);
}

bool plan_choose(struct desk *d, const struct proposal *pr, struct pair *p)
{
	const struct config_execution *c = &d->instance[p->instance].cfg->execution;
	int64_t most = c->max_stagger_ns ? c->max_stagger_ns : PLAN_STAGGER_NS;
	p->style = pr->style ? pr->style : c->style ? c->style : STYLE_BOTH;
	p->align = p->style != STYLE_BOTH ? ALIGN_SEND
		   : pr->align		  ? pr->align
		   : c->align		  ? c->align
		   : wary(d, pr, p)	  ? ALIGN_LESS_CERTAIN
					  : ALIGN_SEND;
	if (pr->has_basis && p->style != STYLE_PASSIVE)
		return false;
	slice_choose(d, p);
	if (p->style <= STYLE_BOTH && p->align <= ALIGN_SEND)
		return true;
	if (!choose_first(d, pr, p))
		return false;
	if (p->align == ALIGN_ARRIVE)
		arrive_together(d, p, most);
	else if (p->align == ALIGN_LESS_CERTAIN)
		one_first(d, p, most);
	if (p->style == STYLE_PASSIVE && !choose_rest(d, pr, p))
		return false;
	if (p->style == STYLE_PASSIVE) /* what one order may be depends on where it rests */
		slice_choose(d, p);
	return true;
}

static int64_t longest_wait_ns(const struct pair *p)
{
	int64_t most = 0;
	for (unsigned l = 0; l < p->n_legs; l++)
		most = p->leg[l].wait_ns > most ? p->leg[l].wait_ns : most;
	return most;
}

static void way_words(const struct desk *d, const struct pair *p, char out[FACT_TEXT])
{
	const char *name = d->instrument[p->leg[p->first].instrument].name;
	double ms = (double)longest_wait_ns(p) / 1e6;
	if (p->style == STYLE_LEGGED)
		snprintf(out, FACT_TEXT, "%.40s first (%s); the others follow what it fills", name,
			 why_first[p->first_why]);
	else if (p->style == STYLE_PASSIVE)
		snprintf(out, FACT_TEXT, "%.40s rests (%s); the others are taken on its fills",
			 name, why_first[p->first_why]);
	else if (p->align == ALIGN_LESS_CERTAIN)
		snprintf(out, FACT_TEXT,
			 "%.40s first (%s); the others when it is filled, or after %.3f ms", name,
			 why_first[p->first_why], ms);
	else if (p->align == ALIGN_ARRIVE && ms > 0)
		snprintf(
			out, FACT_TEXT,
			"to arrive together: %.40s, the farthest, at once, the nearest %.3f ms later",
			name, ms);
	else if (p->align == ALIGN_ARRIVE)
		snprintf(out, FACT_TEXT,
			 "to arrive together: the ways are equal or not known, all leave at once");
	else
		snprintf(out, FACT_TEXT, "all legs leave at once");
}

void plan_words(const struct desk *d, const struct pair *p, char out[FACT_TEXT])
{
	way_words(d, p, out);
	size_t n = strlen(out);
	if (p->slices > 1)
		snprintf(out + n, FACT_TEXT - n, "; in %u slices", p->slices);
}

uint64_t plan_write(struct desk *d, const struct pair *p, enum plan_step step, uint64_t cause,
		    const char *text)
{
	char words[FACT_TEXT];
	struct fact f;
	scribe_pair(d, &f, FACT_PLAN, p, cause);
	scribe_instrument(d, &f, p->leg[p->first].instrument);
	f.leg = p->first;
	f.side = p->leg[p->first].side;
	f.qty = p->leg[p->first].order_qty;
	f.num[0] = p->style;
	f.num[1] = p->align;
	f.num[2] = p->first;
	f.num[3] = step;
	f.num[4] = longest_wait_ns(p);
	dec_from_double(p->edge, 9, DEC_NEAREST, &f.num[5]);
	f.px = step == PLAN_STEP_PRICED ? p->leg[p->first].ref_px : 0;
	f.num[6] = draft_left_over_e8(d, p);
	f.num[7] = (int64_t)p->event;
	if (!text)
		plan_words(d, p, words);
	fact_text(&f, "%s", text ? text : words);
	return scribe_put(d, &f);
}
