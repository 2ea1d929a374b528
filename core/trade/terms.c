#include "core/trade/terms.h"

#include "core/base/dec.h"
#include "core/base/span.h"
#include "core/ops/config.h"
#include "core/trade/ladder.h"
#include "core/trade/scribe.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int64_t terms_least(const struct pair *p, int64_t asked, int64_t own)
{
	return p->terms.stated && asked >= 0 && asked < own ? asked : own;
}

/* A number of the script at so many decimals; below zero: not said. False: no number. */
static bool take(double asked, unsigned dp, int64_t most, int64_t *out)
{
	*out = -1;
	if (asked < 0)
		return isfinite(asked);
	if (!isfinite(asked) || dec_from_double(asked, dp, DEC_DOWN, out))
		return false;
	if (most >= 0 && *out > most)
		*out = most;
	return true;
}

bool terms_choose(const struct desk *d, const struct proposal *pr, struct pair *p)
{
	const struct desk_instance *in = &d->instance[p->instance];
	const struct config_rescue *c = &in->cfg->rescue;
	const struct proposal_rescue *a = &pr->rescue;
	int64_t budget = in->cfg->rescue_budget_e8, slip, back;
	struct pair_terms *t = &p->terms;
	if (!pr->has_rescue)
		return true;
	t->stated = true;
	t->on_leg_fail = pr->on_leg_fail;
	if (pr->on_leg_fail > on_leg_fail_max ||
	    !take(a->max_slip_ticks, 0, in->limits.max_slip_tick, &slip) ||
	    !take(a->max_unwind_slip_ticks, 0, in->limits.max_unwind_slip_tick, &back) ||
	    !take(a->budget, 8, budget ? budget : -1, &t->budget_e8) ||
	    !take(a->wait_s, 9, c->wait.time_ns, &t->wait_ns) ||
	    !take(a->chase_s, 9, c->chase.time_ns, &t->chase_ns))
		return false;
	t->slip_tick = (int32_t)slip;
	t->unwind_slip_tick = (int32_t)back;
	return ladder_policy_fits(in->limits.on_leg_fail, pr->on_leg_fail);
}

static __attribute__((format(printf, 2, 3))) void say(char *out, const char *fmt, ...)
{
	size_t n = strlen(out);
	va_list ap;
	if (n && n + 2 < FACT_TEXT)
		n += (size_t)snprintf(out + n, FACT_TEXT - n, ", ");
	va_start(ap, fmt);
	vsnprintf(out + n, FACT_TEXT - n, fmt, ap);
	va_end(ap);
}

/* "unwind, slip 2 ticks, at most 5" */
static void words(const struct pair_terms *t, char out[FACT_TEXT])
{
	static const char *const policy[] = { "cheapest", "complete", "unwind", "hold" };
	_Static_assert(sizeof policy / sizeof *policy == on_leg_fail_max, "a word for each");
	char v[SPAN_BYTES];
	out[0] = '\0';
	if (t->on_leg_fail < on_leg_fail_max)
		say(out, "%s", policy[t->on_leg_fail]);
	if (t->slip_tick >= 0)
		say(out, "slip %d ticks", t->slip_tick);
	if (t->unwind_slip_tick >= 0)
		say(out, "back %d ticks", t->unwind_slip_tick);
	dec_format(t->budget_e8, 8, 0, v);
	if (t->budget_e8 >= 0)
		say(out, "at most %s", v);
	span_format(t->wait_ns, v);
	if (t->wait_ns >= 0)
		say(out, "wait %s", v);
	span_format(t->chase_ns, v);
	if (t->chase_ns >= 0)
		say(out, "chase %s", v);
}

uint64_t terms_write(struct desk *d, const struct pair *p, uint64_t cause)
{
	const struct pair_terms *t = &p->terms;
	char text[FACT_TEXT];
	struct fact f;
	scribe_pair(d, &f, FACT_TERMS, p, cause);
	f.num[0] = t->on_leg_fail;
	f.num[1] = t->slip_tick;
	f.num[2] = t->unwind_slip_tick;
	f.num[3] = t->budget_e8;
	f.num[4] = t->wait_ns;
	f.num[5] = t->chase_ns;
	words(t, text);
	fact_text(&f, "its own ladder: %s", text);
	return scribe_put(d, &f);
}

void terms_recall(struct pair *p, const struct fact *f)
{
	p->terms = (struct pair_terms){ .stated = true,
					.on_leg_fail = (uint8_t)f->num[0],
					.slip_tick = (int32_t)f->num[1],
					.unwind_slip_tick = (int32_t)f->num[2],
					.budget_e8 = f->num[3],
					.wait_ns = f->num[4],
					.chase_ns = f->num[5] };
}
