#include "core/cmd/in_force.h"

#include "core/base/dec.h"
#include "core/base/span.h"
#include "core/trade/plan.h"
#include <inttypes.h>
#include <string.h>

static const char *span(int64_t ns, char out[SPAN_BYTES])
{
	span_format(ns, out);
	return out;
}

static const char *money(int64_t e8, char out[32])
{
	dec_format(e8, MONEY_DP, 0, out);
	return out;
}

static void print_execution(FILE *f, const struct config_instance *s)
{
	const struct config_execution *x = &s->execution;
	const char *first = x->first == LEG_ANY ? "the less certain leg" : s->leg_name[x->first];
	char a[SPAN_BYTES], b[SPAN_BYTES];
	fprintf(f, "    goes out   ");
	if (x->style == STYLE_LEGGED)
		fprintf(f, "%s first, the others on what it fills", first);
	else if (x->style == STYLE_PASSIVE)
		fprintf(f, "%s rests for %s, moved every %s at most, the others on its fills",
			first, span(x->rest_ns, a), span(x->requote_every_ns, b));
	else if (x->align == ALIGN_LESS_CERTAIN)
		fprintf(f, "%s first, the others when it is filled or %s later", first,
			span(x->max_stagger_ns, a));
	else if (x->align == ALIGN_ARRIVE)
		fprintf(f, "all legs so that they arrive together, at most %s apart",
			span(x->max_stagger_ns, a));
	else
		fprintf(f, "all legs at once");
	if (x->band_distance_tick)
		fprintf(f, ", %d ticks from the limits of the day", x->band_distance_tick);
	fprintf(f, "; what is larger than one order may be, in slices\n");
}

static void print_step(FILE *f, const char *name, const struct config_step *row, bool waits,
		       bool *any)
{
	char text[32], at[SPAN_BYTES];
	if (waits && !row->time_ns)
		return;
	fprintf(f, "%s%s", *any ? ", " : "", name);
	*any = true;
	if (row->time_ns)
		fprintf(f, " %s", span(row->time_ns, at));
	if (row->pay_up_tick)
		fprintf(f, " paying up %d ticks", row->pay_up_tick);
	if (row->ticks)
		fprintf(f, " within %d ticks", row->ticks);
	if (row->money_e8)
		fprintf(f, " for %s", money(row->money_e8, text));
	if (row->messages)
		fprintf(f, " in %d messages", row->messages);
}

static void print_rescue(FILE *f, const struct config *c, const struct config_instance *s)
{
	static const char *const policy[] = { "the cheaper way", "complete", "unwind", "hold" };
	_Static_assert(sizeof policy / sizeof *policy == on_leg_fail_max, "words for every policy");
	const struct config_rescue *r = &s->rescue;
	uint8_t on = s->limits.on_leg_fail;
	bool up = on != LEG_FAIL_UNWIND && on != LEG_FAIL_HOLD, any = false;
	bool back = on != LEG_FAIL_COMPLETE && on != LEG_FAIL_HOLD;
	char text[32], a[SPAN_BYTES];
	fprintf(f, "    broken     %s: ", on < on_leg_fail_max ? policy[on] : "as its script says");
	if (up) {
		print_step(f, "wait", &r->wait, true, &any);
		print_step(f, "chase", &r->chase, true, &any);
		print_step(f, "cross", &r->cross, false, &any);
	}
	if (back)
		print_step(f, "unwind", &r->unwind, false, &any);
	fprintf(f, "%sit may cost %s %s", any ? "; " : "",
		s->rescue_budget_e8 ? money(s->rescue_budget_e8, text) : "any number of",
		asset_name(&c->assets, c->instrument[s->leg[0]].quote));
	fprintf(f, "; afresh after %s\n", span(r->rest_ns, a));
	fprintf(f, "    watched    an unknown order: %s",
		r->on_unknown == UNKNOWN_FLATTEN ? "the known leg is taken back after "
						 : "held until its venue says");
	if (r->on_unknown == UNKNOWN_FLATTEN)
		fprintf(f, "%s", span(r->unknown_ns, a));
	fprintf(f, "; a halted leg: %s; a broken close is %s",
		r->on_halt == HALT_CUT ? "the other is cut" : "held",
		r->reopen_close ? "completed or unwound" : "completed or held");
	fprintf(f, "; uneven for %s: repaired\n", span(r->settle_ns, a));
}

static void print_time(FILE *f, const char *name, int64_t own, int64_t host, bool longer)
{
	char a[SPAN_BYTES];
	bool tighter = host && (!own || (longer ? host > own : host < own));
	int64_t ns = tighter ? host : own;
	if (ns)
		fprintf(f, ", %s %s", name, span(ns, a));
}

static void print_bounds(FILE *f, const struct config *c, const struct config_instance *s)
{
	const struct strat_limits *l = &s->limits;
	const struct config_risk *r = &c->risk;
	fprintf(f, "    bounds     pairs in flight %d", s->max_pairs_in_flight);
	if (s->max_pair_lots)
		fprintf(f, ", a pair %" PRId64 " lots", s->max_pair_lots);
	if (s->max_pos_lots)
		fprintf(f, ", a position %" PRId64 " lots", s->max_pos_lots);
	if (l->max_slip_tick >= 0)
		fprintf(f, ", slip %d ticks", l->max_slip_tick);
	if (l->max_unwind_slip_tick >= 0)
		fprintf(f, ", of a rescue %d", l->max_unwind_slip_tick);
	print_time(f, "skew", l->max_skew_ns, r->max_skew_ns, false);
	print_time(f, "age", l->max_age_ns, r->max_age_ns, false);
	print_time(f, "clocks", l->max_clock_bound_ns, r->max_clock_bound_ns, false);
	print_time(f, "before a close", l->close_margin_ns, r->close_margin_ns, true);
	print_time(f, "a leg's time", l->leg_timeout_ns, 0, false);
	print_time(f, "a pair's time", l->pair_timeout_ns, 0, false);
	fprintf(f, "; what is not named here its script states\n");
}

static bool holds_for(const struct config *c, const struct config_instance *s,
		      const struct config_limit *row)
{
	const uint32_t own = (uint32_t)(s - c->instance);
	bool holds = row->scope == SCOPE_GLOBAL || row->scope == SCOPE_PAIR ||
		     (row->scope == SCOPE_INSTANCE && row->index == own);
	for (unsigned l = 0; l < s->n_legs; l++)
		holds |=
			(row->scope == SCOPE_INSTRUMENT && row->index == s->leg[l]) ||
			(row->scope == SCOPE_ACCOUNT && row->index == s->account[l]) ||
			(row->scope == SCOPE_VENUE && row->index == c->instrument[s->leg[l]].venue);
	return holds;
}

static const char *subject(const struct config *c, const struct config_limit *row)
{
	return row->scope == SCOPE_VENUE	? c->venue[row->index].name
	       : row->scope == SCOPE_ACCOUNT	? c->account[row->index].name
	       : row->scope == SCOPE_INSTRUMENT ? c->instrument[row->index].name
						: "";
}

static void print_rows(FILE *f, const struct config *c, const struct config_instance *s)
{
	for (uint32_t i = 0; i < c->n_limits; i++) {
		const struct config_limit *row = &c->limit[i];
		char key[LIMIT_WORDS], value[LIMIT_WORDS];
		if (!holds_for(c, s, row))
			continue;
		limit_key((enum risk_limit)row->limit, key);
		limit_words((enum risk_limit)row->limit, row->value, value);
		fprintf(f, "    limit      %s %s, then %s (%s%s%s, line %d)\n", key, value,
			limit_action_name((enum limit_action)row->action),
			limit_scope_name((enum limit_scope)row->scope),
			subject(c, row)[0] ? " " : "", subject(c, row), row->line);
	}
}

void in_force_print(FILE *f, const struct config *c, const struct config_instance *s)
{
	print_execution(f, s);
	print_rescue(f, c, s);
	print_bounds(f, c, s);
	print_rows(f, c, s);
}

/* One code by its name, several by their number. */
static void print_codes(FILE *f, uint64_t codes)
{
	int n = __builtin_popcountll(codes);
	if (n == alert_code_max - 1)
		fprintf(f, "any");
	else if (n == 1)
		fprintf(f, "%s", alert_code_name((enum alert_code)__builtin_ctzll(codes)));
	else
		fprintf(f, "%d codes", n);
}

void in_force_print_alerts(FILE *f, const struct config *c)
{
	static const char *const sink[] = { "log", "command", "webhook" };
	_Static_assert(sizeof sink / sizeof *sink == alert_sink_max, "a word for every sink");
	const struct config_alerts *a = &c->alerts;
	fprintf(f, "alerts\n");
	for (uint32_t i = 0; i < a->n; i++) {
		const struct config_alert *r = &a->rule[i];
		char every[SPAN_BYTES];
		fprintf(f, "  ");
		print_codes(f, r->codes);
		if (r->severity)
			fprintf(f, " from %s",
				alert_severity_name((enum alert_severity)r->severity));
		if (strcmp(r->instance, "*") != 0)
			fprintf(f, " of %s", r->instance);
		if (strcmp(r->venue, "*") != 0)
			fprintf(f, " at %s", r->venue);
		fprintf(f, " ->");
		for (unsigned k = 0; k < alert_sink_max; k++)
			if (r->sinks & 1u << k)
				fprintf(f, " %s", sink[k]);
		fprintf(f, "%s, repeats once in %s\n", r->sinks ? "" : " receipts alone",
			span(r->every_ns, every));
	}
	fprintf(f, "  %s -> log; every alert is a receipt\n", a->n ? "what fits none" : "all");
	if (a->n_args)
		fprintf(f, "  command %s\n", a->arg[0]);
	if (a->webhook_host[0]) /* its path is a secret */
		fprintf(f, "  webhook %s:%u\n", a->webhook_host, a->webhook_port);
}
