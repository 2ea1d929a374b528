#include "core/cmd/replay_outcome.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So far may the moment of a decision lie from its repetition's: a backtest moves from event to event, a host from turn to turn. */
#define NEAR_NS 100000000LL

static int at_name(const struct replay_other *o, const char *name)
{
	for (uint16_t i = 0; i < o->n_names; i++)
		if (strcmp(o->name[i], name) == 0)
			return i;
	return -1;
}

static void *copy(const void *p, size_t n)
{
	void *to = malloc(n + 1);
	if (to && n)
		memcpy(to, p, n);
	return to;
}

/* Instances of that configuration by their names. */
static int keep(const struct replay_other *o, const struct backtest *b, struct replay_outcome *out)
{
	const struct config *c = backtest_config(b);
	const struct bt_tally *t = backtest_tally(b);
	out->curve = calloc(o->n_names + 1u, sizeof *out->curve);
	out->pair = copy(t->pair, t->n_pairs * sizeof *t->pair);
	if (!out->curve || !out->pair)
		return err_set(ERR_NOMEM, "no memory for what came of it");
	out->n_curves = o->n_names;
	for (uint32_t i = 0; i < t->n_pairs; i++) {
		const int at = at_name(o, c->instance[t->pair[i].instance].name);
		out->pair[out->n_pairs] = t->pair[i];
		out->pair[out->n_pairs].instance = (uint16_t)at;
		out->n_pairs += at >= 0;
	}
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct bt_instance *x = &t->of[i];
		const int at = at_name(o, c->instance[i].name);
		if (at < 0 || !backtest_runs(b, i))
			continue;
		out->curve[at].sample = copy(x->sample, x->n_samples * sizeof *x->sample);
		out->curve[at].n = out->curve[at].sample ? x->n_samples : 0;
	}
	return 0;
}

static void add_up(const struct backtest *b, struct replay_outcome *out)
{
	const struct config *c = backtest_config(b);
	const struct bt_tally *t = backtest_tally(b);
	asset_id money = 0;
	out->priced = true;
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct bt_instance *x = &t->of[i];
		if (!backtest_runs(b, i))
			continue;
		out->sent += x->sent;
		out->hedged += x->hedged;
		out->flat += x->flat;
		out->broken += x->broken;
		out->orders += x->orders;
		out->fills += x->fills;
		out->net_e8 += x->net_e8;
		out->fees_e8 += x->fees_e8;
		out->priced &= x->priced && (!money || money == x->money);
		money = x->money;
	}
	if (money < c->assets.n)
		snprintf(out->money, sizeof out->money, "%s", c->assets.name[money]);
}

/* What stood in the files then is in the store; today's files are nobody's business. */
static struct backtest_text *texts(const struct other_then *t)
{
	struct backtest_text *x = calloc(t->n + 1u, sizeof *x);
	for (uint16_t i = 0; x && i < t->n; i++)
		x[i] = (struct backtest_text){ t->script[i].text, t->script[i].len,
					       t->script[i].file };
	return x;
}

static int run_side(const struct replay_other *o, const struct replay_options *span, bool other,
		    struct replay_outcome *out)
{
	struct backtest_options *p = calloc(1, sizeof *p);
	struct backtest_text *text = texts(&o->then);
	struct backtest *b = NULL;
	int rc = p && text ? 0 : err_set(ERR_NOMEM, "no memory for a backtest");
	if (!rc) {
		const bool as_then = !other || !o->config;
		p->config = as_then ? o->then.file : o->config;
		if (as_then) {
			p->config_text = (struct backtest_text){ .text = o->then.config,
								 .len = o->then.config_len };
			p->script = text;
		}
		p->strategy = other ? o->strategy : NULL;
		p->instance = o->instance		  ? o->instance
			      : o->strategy && o->n_names ? o->name[0]
							  : NULL;
		p->recording = &span->path;
		p->n_recordings = 1;
		p->from_ns = span->from_ns;
		p->to_ns = span->to_ns;
		p->seed = 1;
		rc = backtest_open(p, &b);
	}
	if (!rc)
		rc = backtest_run(b);
	if (!rc) {
		add_up(b, out);
		rc = keep(o, b, out);
	}
	backtest_close(b);
	free(text);
	free(p);
	return err_ctx(rc, "what would have come of %s", other ? "the other version" : "it then");
}

int replay_outcome(const struct replay_other *o, const struct replay_options *span,
		   struct replay_outcome out[2])
{
	memset(out, 0, 2 * sizeof *out);
	int rc = run_side(o, span, false, &out[0]);
	return rc ? rc : run_side(o, span, true, &out[1]);
}

void replay_outcome_free(struct replay_outcome out[2])
{
	for (int k = 0; k < 2; k++) {
		for (uint16_t i = 0; i < out[k].n_curves; i++)
			free(out[k].curve[i].sample);
		free(out[k].curve);
		free(out[k].pair);
		out[k].curve = NULL;
		out[k].pair = NULL;
		out[k].n_curves = 0;
	}
}

const struct bt_pair *replay_outcome_pair(const struct replay_outcome *x,
					  const struct other_decision *d,
					  const struct other_wish *w)
{
	const struct bt_pair *best = NULL;
	int64_t least = NEAR_NS;
	uint32_t from = 0, to = x->n_pairs; /* they lie in their order */
	while (from < to) {
		const uint32_t at = from + (to - from) / 2;
		if (x->pair[at].utc_ns <= d->utc_ns - NEAR_NS)
			from = at + 1;
		else
			to = at;
	}
	for (uint32_t i = from; w->n && i < x->n_pairs; i++) {
		const struct bt_pair *p = &x->pair[i];
		if (p->utc_ns >= d->utc_ns + NEAR_NS)
			break;
		const int64_t apart = llabs(p->utc_ns - d->utc_ns);
		if (p->instance != d->instance || p->side != w->side || p->intent != w->intent ||
		    apart >= least)
			continue;
		least = apart;
		best = p;
	}
	return best;
}
