/* The knobs as people write them: names, percentages, durations. */
#include "adapters/sim/knobs.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>

static const struct unit {
	const char *name;
	unsigned dp; /* decimals of the unit that the result counts in */
	int64_t times;
} durations[] = { { "ns", 0, 1 }, { "us", 3, 1 },   { "ms", 6, 1 }, { "s", 9, 1 },
		  { "m", 9, 60 }, { "h", 9, 3600 }, { NULL, 0, 0 } },
  parts[] = { { "ppm", 0, 1 }, { "%", 4, 1 }, { NULL, 0, 0 } },
  drifts[] = { { "ppb", 0, 1 }, { "ppm", 3, 1 }, { NULL, 0, 0 } };

/* A number and one of the units, e.g. "1.5ms". */
static int parse(const char *s, size_t n, const struct unit *unit, const char *what, int64_t *out)
{
	size_t digits = strspn(s, "+-.0123456789");
	for (; digits <= n && unit->name; unit++)
		if (strlen(unit->name) == n - digits &&
		    memcmp(s + digits, unit->name, n - digits) == 0 &&
		    dec_parse(s, digits, unit->dp, out) == 0 &&
		    !__builtin_mul_overflow(*out, unit->times, out))
			return 0;
	return err_set(ERR_CONFIG, "\"%.*s\" is no %s", (int)n, s, what);
}

static int parse_duration(const char *s, size_t n, int64_t *ns)
{
	return parse(s, n, durations, "duration (say 250us, 1.5ms, 12s)", ns);
}

static int parse_part(const char *s, size_t n, uint32_t *ppm)
{
	int64_t v;
	int rc = parse(s, n, parts, "part (say 0.5% or 200ppm)", &v);
	if (rc)
		return rc;
	if (v < 0 || v > 1000000)
		return err_set(ERR_CONFIG, "\"%.*s\" is not between 0%% and 100%%", (int)n, s);
	*ppm = (uint32_t)v;
	return 0;
}

/* The fields between colons. */
struct fields {
	const char *p[6];
	size_t n[6];
	unsigned count;
};

static struct fields split(const char *s)
{
	struct fields f = { 0 };
	for (; f.count < 6; s++) {
		size_t n = strcspn(s, ":");
		f.p[f.count] = s;
		f.n[f.count++] = n;
		s += n;
		if (!*s)
			break;
	}
	return f;
}

/* What follows the name of each shape. */
static const char *const shape_form[] = { "fixed:DELAY", "uniform:LEAST:MOST",
					  "exponential:LEAST:MEAN[:MOST]",
					  "lognormal:LEAST:MEDIAN[:MOST]",
					  "burst:CALM:LEAST:MOST:PART:HOW-LONG" };
_Static_assert(sizeof shape_form / sizeof *shape_form == delay_shape_max, "a form for every shape");

static int set_delay(struct delay *d, const char *value)
{
	struct fields f = split(value);
	struct delay to = { .shape = delay_shape_max };
	for (uint8_t s = 0; s < delay_shape_max; s++)
		if (strlen(delay_shape_name(s)) == f.n[0] &&
		    memcmp(delay_shape_name(s), f.p[0], f.n[0]) == 0)
			to.shape = s;
	if (to.shape == delay_shape_max)
		return err_set(ERR_CONFIG,
			       "\"%s\" begins with no shape of a delay: fixed, uniform, "
			       "exponential, lognormal or burst",
			       value);
	static const uint8_t least[] = { 2, 3, 3, 3, 6 }, most[] = { 2, 3, 4, 4, 6 };
	if (f.count < least[to.shape] || f.count > most[to.shape])
		return err_set(ERR_CONFIG, "\"%s\" should read %s", value, shape_form[to.shape]);
	int64_t *const second = to.shape == DELAY_UNIFORM ? &to.max_ns : &to.typ_ns;
	int rc = parse_duration(f.p[1], f.n[1], &to.min_ns);
	if (rc == 0 && f.count > 2)
		rc = parse_duration(f.p[2], f.n[2], second);
	if (rc == 0 && f.count > 3)
		rc = parse_duration(f.p[3], f.n[3], &to.max_ns);
	if (rc == 0 && to.shape == DELAY_BURST)
		rc = parse_part(f.p[4], f.n[4], &to.burst_ppm);
	if (rc == 0 && to.shape == DELAY_BURST)
		rc = parse_duration(f.p[5], f.n[5], &to.burst_ns);
	if (rc == 0)
		*d = to;
	return rc;
}

/* What stands before the '@': a kind, and of MUTE perhaps a symbol. */
static bool plan_head(const char *value, size_t head, struct plan_event *e)
{
	size_t name = strcspn(value, "@.");
	e->kind = plan_kind_max;
	for (uint8_t k = 0; k < plan_kind_max; k++)
		if (strlen(plan_kind_name(k)) == name &&
		    memcmp(plan_kind_name(k), value, name) == 0)
			e->kind = k;
	if (e->kind == plan_kind_max || value[head] != '@')
		return false;
	if (name == head)
		return true;
	size_t n = head - name - 1;
	bool of_one = e->kind == PLAN_MUTE || e->kind >= PLAN_LIQUIDATE;
	if (!of_one || n == 0 || n >= sizeof e->symbol)
		return false;
	memcpy(e->symbol, value + name + 1, n);
	return true;
}

/* "disconnect@12s", "freeze@3s:500ms", "mute.USDCNH@5s" or "clock@5s:-80ms". */
static int add_plan(struct knobs_config *c, const char *value)
{
	struct plan_event e = { .kind = plan_kind_max };
	size_t head = strcspn(value, "@");
	if (!plan_head(value, head, &e))
		return err_set(
			ERR_CONFIG,
			"plan \"%s\" should read disconnect@WHEN, freeze@WHEN:HOW-LONG, "
			"reject@WHEN:HOW-LONG, halt@WHEN:HOW-LONG, feed_freeze@WHEN:HOW-LONG, "
			"mute[.SYMBOL]@WHEN[:HOW-LONG], clock@WHEN:HOW-FAR, one of maintenance, revoke, "
			"window, limit, ban @WHEN:HOW-LONG, or one of liquidate, adl, foreign_fill, "
			"foreign_order [.SYMBOL]@WHEN",
			value);
	if (c->n_plan == KNOBS_PLAN)
		return err_set(ERR_CONFIG, "more than %u planned events", KNOBS_PLAN);
	struct fields f = split(value + head + 1);
	int rc = parse_duration(f.p[0], f.n[0], &e.at_ns);
	if (rc == 0 && f.count > 1)
		rc = parse_duration(f.p[1], f.n[1], &e.for_ns);
	if (rc == 0 && e.kind == PLAN_CLOCK && f.count != 2)
		rc = err_set(ERR_CONFIG, "plan \"%s\" does not say how far the clock jumps", value);
	if (rc == 0 && (f.count > 2 || e.at_ns < 0 || (e.for_ns < 0 && e.kind != PLAN_CLOCK)))
		rc = err_set(ERR_CONFIG, "plan \"%s\": a time below zero, or too many of them",
			     value);
	if (rc == 0)
		c->plan[c->n_plan++] = e;
	return rc;
}

static int set_partial_size(struct knobs_config *c, const char *value)
{
	struct fields f = split(value);
	uint32_t lo = 0, hi = 0;
	if (f.count != 2)
		return err_set(ERR_CONFIG, "\"%s\" should read LEAST:MOST, say 10%%:90%%", value);
	int rc = parse_part(f.p[0], f.n[0], &lo);
	if (rc == 0)
		rc = parse_part(f.p[1], f.n[1], &hi);
	if (rc)
		return rc;
	c->partial_ppm_lo = lo;
	c->partial_ppm_hi = hi;
	return 0;
}

static int set_named(struct knobs_config *c, const char *name, const char *value)
{
	size_t n = strlen(value);
	for (enum fault f = 0; f < fault_max; f++)
		if (strcmp(name, fault_name(f)) == 0)
			return parse_part(value, n, &c->ppm[f]);
	for (enum knob_path p = 0; p < knob_path_max; p++)
		if (strncmp(name, "delay.", 6) == 0 && strcmp(name + 6, knob_path_name(p)) == 0)
			return set_delay(&c->delay[p], value);
	if (strcmp(name, "partial.size") == 0)
		return set_partial_size(c, value);
	if (strcmp(name, "freeze.for") == 0)
		return parse_duration(value, n, &c->freeze_ns);
	if (strcmp(name, "clock.offset") == 0)
		return parse_duration(value, n, &c->clock_offset_ns);
	if (strcmp(name, "clock.grain") == 0)
		return parse_duration(value, n, &c->clock_grain_ns);
	if (strcmp(name, "clock.drift") == 0)
		return parse(value, n, drifts, "drift (say 4000ppb or 4ppm)", &c->clock_drift_ppb);
	if (strcmp(name, "plan") == 0)
		return add_plan(c, value);
	return err_set(ERR_CONFIG, "no knob of a simulated venue has that name");
}

int knobs_set(struct knobs_config *c, const char *name, const char *value)
{
	int rc = set_named(c, name, value);
	return rc ? err_ctx(rc, "%s", name) : 0;
}
