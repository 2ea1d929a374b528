/* risk_scope - who may open: the states of the host and of its parts, the kill switch, and the way back.
 *
 * The worst state of the host, of an instance, and of the venues and accounts of its legs counts. A state, a pause and a wish are receipts, and stand again after a restart. */
#include "core/base/err.h"
#include "core/io/env.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/risk_parts.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include "core/trade/watch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const mode_name[] = { "cancel", "stop", "finish", "flatten" };
_Static_assert(sizeof mode_name / sizeof *mode_name == kill_mode_max, "a word for every mode");

const char *kill_mode_name(enum kill_mode m)
{
	return m < kill_mode_max ? mode_name[m] : "?";
}

enum kill_mode kill_mode_find(const char *name)
{
	unsigned m = 0;
	while (name[0] && m < kill_mode_max && strcmp(name, mode_name[m]) != 0)
		m++;
	return (enum kill_mode)m;
}

/* ---- which part of the host is meant */

static bool find_named(const struct desk *d, enum limit_scope s, const char *name,
		       struct risk_scope *out)
{
	const struct config *c = d->cfg;
	const uint32_t n = s == SCOPE_VENUE	   ? c->n_venues
			   : s == SCOPE_ACCOUNT	   ? c->n_accounts
			   : s == SCOPE_INSTRUMENT ? c->n_instruments
						   : c->n_instances;
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(name, limits_subject(d, s, i)) == 0) {
			*out = (struct risk_scope){ .scope = (uint8_t)s, .index = i };
			return true;
		}
	return false;
}

static bool find_pair(const char *text, struct risk_scope *out)
{
	char *end;
	uint64_t id = strtoull(text, &end, 16);
	if (!text[0] || *end || !id)
		return false;
	*out = (struct risk_scope){ .scope = SCOPE_PAIR, .pair = id };
	return true;
}

bool risk_scope_find(const struct desk *d, const char *text, struct risk_scope *out)
{
	static const uint8_t named[] = { SCOPE_INSTANCE, SCOPE_VENUE, SCOPE_ACCOUNT,
					 SCOPE_INSTRUMENT };
	*out = (struct risk_scope){ .scope = SCOPE_GLOBAL };
	if (strcmp(text, "all") == 0 || strcmp(text, "global") == 0)
		return true;
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	for (unsigned k = 0; k < sizeof named; k++) {
		const char *word = limit_scope_name((enum limit_scope)named[k]);
		if (colon && strlen(word) == n && memcmp(word, text, n) == 0)
			return find_named(d, (enum limit_scope)named[k], colon + 1, out);
	}
	if (colon && n == 4 && memcmp(text, "pair", 4) == 0)
		return find_pair(colon + 1, out);
	if (strcmp(text, "pair") == 0) {
		out->scope = SCOPE_PAIR;
		return true;
	}
	for (unsigned k = 0; k < sizeof named; k++)
		if (find_named(d, (enum limit_scope)named[k], text, out))
			return true;
	return strlen(text) >= 8 && find_pair(text, out);
}

bool risk_scope_holds(const struct desk *d, const struct risk_scope *s, uint16_t instance)
{
	const struct limit_row r = { .scope = s->scope, .index = s->index };
	return s->scope != SCOPE_PAIR && limits_row_holds(d, &r, instance, LEG_MAX);
}

static uint8_t *state_at(struct desk *d, const struct risk_scope *s)
{
	switch ((enum limit_scope)s->scope) {
	case SCOPE_GLOBAL:
		return &d->risk_state;
	case SCOPE_VENUE:
		return &d->venue[s->index].risk_state;
	case SCOPE_ACCOUNT:
		return &d->account_state[s->index];
	case SCOPE_INSTANCE:
		return &d->instance[s->index].risk_state;
	default:
		return NULL;
	}
}

static void worse(enum risk_state s, enum limit_scope scope, uint32_t index, enum risk_state *worst,
		  struct risk_scope *whose)
{
	if (s <= *worst)
		return;
	*worst = s;
	if (whose)
		*whose = (struct risk_scope){ .scope = (uint8_t)scope, .index = index };
}

enum risk_state risk_state_of(const struct desk *d, uint16_t instance, struct risk_scope *whose)
{
	const struct desk_instance *in = &d->instance[instance];
	enum risk_state worst = RISK_ACTIVE;
	worse((enum risk_state)d->risk_state, SCOPE_GLOBAL, 0, &worst, whose);
	worse((enum risk_state)in->risk_state, SCOPE_INSTANCE, instance, &worst, whose);
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		uint16_t venue = in->spec.leg[l]->venue, account = in->cfg->account[l];
		worse((enum risk_state)d->venue[venue].risk_state, SCOPE_VENUE, venue, &worst,
		      whose);
		worse((enum risk_state)d->account_state[account], SCOPE_ACCOUNT, account, &worst,
		      whose);
	}
	return worst;
}

/* ---- states, pauses */

void desk_pause_instance(struct desk *d, uint16_t instance, const char *why)
{
	struct desk_instance *in = &d->instance[instance];
	bool news = !in->paused;
	in->paused = true;
	snprintf(in->paused_why, sizeof in->paused_why, "%s", why);
	if (news)
		risk_say_scope(d,
			       &(struct risk_scope){ .scope = SCOPE_INSTANCE, .index = instance },
			       (enum risk_state)in->risk_state, why);
}

void risk_set_state(struct desk *d, enum risk_state s, const char *who, const char *why)
{
	enum risk_state from = (enum risk_state)d->risk_state;
	d->risk_state = (uint8_t)s; /* the gate first, the receipt after it */
	struct fact f;
	fact_init(&f, FACT_OPERATOR);
	f.num[0] = s == RISK_ACTIVE ? CMD_RESUME : CMD_KILL;
	f.num[1] = 1;
	f.state = (uint8_t)s;
	fact_text(&f, "risk %s -> %s by %s: %s", risk_state_name(from), risk_state_name(s), who,
		  why);
	scribe_put(d, &f);
}

void risk_set_scope(struct desk *d, const struct risk_scope *s, enum risk_state to,
		    enum desk_wish wish, const char *text)
{
	uint8_t *state = state_at(d, s);
	enum risk_state from = state ? (enum risk_state) * state : RISK_ACTIVE;
	bool news = state && from != to;
	if (state)
		*state = (uint8_t)to; /* the gate first */
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		if (risk_scope_holds(d, s, i) && d->instance[i].wish != wish) {
			d->instance[i].wish = (uint8_t)wish;
			if (s->scope == SCOPE_INSTANCE)
				news = true;
			else
				watch_wished(d, i,
					     risk_say_scope(
						     d,
						     &(struct risk_scope){ .scope = SCOPE_INSTANCE,
									   .index = i },
						     (enum risk_state)d->instance[i].risk_state,
						     text),
					     text);
		}
	uint64_t seq = news ? risk_say_scope(d, s, from, text) : 0;
	if (seq && s->scope == SCOPE_INSTANCE)
		watch_wished(d, (uint16_t)s->index, seq, text);
}

/* ---- the kill switch */

static bool order_in(const struct risk_scope *s, const struct order *o)
{
	switch ((enum limit_scope)s->scope) {
	case SCOPE_GLOBAL:
		return true;
	case SCOPE_VENUE:
		return o->venue == s->index;
	case SCOPE_ACCOUNT:
		return o->account == s->index;
	case SCOPE_INSTRUMENT:
		return o->instrument == s->index;
	case SCOPE_INSTANCE:
		return o->instance == s->index;
	case SCOPE_PAIR:
		return o->pair == s->pair;
	case limit_scope_max:
		break;
	}
	return false;
}

/* Whole venues or accounts: their contracts can be cancelled at once, which saves messages. */
static void cancel_by_contract(struct desk *d, const struct risk_scope *s, uint64_t cause)
{
	uint16_t account = s->scope == SCOPE_ACCOUNT ? (uint16_t)s->index : UINT16_MAX;
	for (uint16_t v = 0; v < d->cfg->n_venues; v++)
		if (s->scope == SCOPE_GLOBAL || (s->scope == SCOPE_VENUE && s->index == v) ||
		    (s->scope == SCOPE_ACCOUNT && d->cfg->account[account].venue == v))
			router_cancel_all(d, v, account, UINT32_MAX, cause);
}

void risk_cancel_scope(struct desk *d, const struct risk_scope *s, uint64_t cause)
{
	uint32_t i = 0;
	cancel_by_contract(d, s, cause);
	for (struct order *o; (o = blotter_each_open(&d->blotter, &i));) {
		if (!order_in(s, o))
			continue;
		if (o->state == ORDER_UNKNOWN)
			router_lost(d, o, "asked again", cause);
		else if (o->state != ORDER_CANCELLING)
			router_cancel(d, o, cause);
	}
}

/* A pair opens nothing: its orders are taken off, and the ladder ends it. */
static void kill_pair(struct desk *d, const struct risk_scope *s, enum kill_mode m, const char *who,
		      const char *why)
{
	struct pair *p = pairs_find(&d->pairs, s->pair);
	if (!p || !pair_working((enum pair_state)p->state))
		return;
	char text[FACT_TEXT];
	snprintf(text, sizeof text, "killed (%s) by %s: %s", kill_mode_name(m), who, why);
	if (!p->breach)
		risk_say_scope(d, s, RISK_ACTIVE, text);
	if (m == KILL_FLATTEN)
		p->told = RESOLVE_UNWIND;
	p->breach = RISK_LIMIT_KILL;
	exec_cancel(d, p, p->cause);
	pairs_touch(&d->pairs, p);
}

void risk_kill(struct desk *d, const struct risk_scope *s, enum kill_mode m, const char *who,
	       const char *why)
{
	static const uint8_t wish[] = { [KILL_CANCEL] = WISH_FINISH,
					[KILL_STOP] = WISH_NONE,
					[KILL_FINISH] = WISH_FINISH,
					[KILL_FLATTEN] = WISH_FLATTEN };
	_Static_assert(sizeof wish == kill_mode_max, "a wish for every mode");
	enum risk_state to = m == KILL_STOP ? RISK_REDUCING : RISK_HALTED;
	if (s->scope == SCOPE_PAIR) {
		kill_pair(d, s, m, who, why);
		return;
	}
	const uint8_t *now = state_at(d, s);
	if (now && *now > to) /* a halt is not loosened by asking for less */
		to = (enum risk_state) * now;
	char text[FACT_TEXT];
	snprintf(text, sizeof text, "killed (%s) by %s: %s", kill_mode_name(m), who, why);
	if (s->scope == SCOPE_GLOBAL && d->risk_state != to)
		risk_set_state(d, to, who, why);
	risk_set_scope(d, s, to, (enum desk_wish)wish[m], text);
	if (m == KILL_CANCEL || m == KILL_FLATTEN)
		risk_cancel_scope(d, s, 0);
}

/* ---- the way back */

static const struct limit_row *still_beyond(struct desk *d, const struct risk_scope *s)
{
	for (uint32_t k = 0; k < d->limits.n; k++) {
		struct limit_row *r = &d->limits.row[k];
		int64_t value;
		if (!r->beyond || (r->action != ACTION_KILL && r->action != ACTION_PAUSE))
			continue;
		bool meant = s->scope == SCOPE_GLOBAL;
		for (uint16_t i = 0; !meant && i < d->cfg->n_instances; i++)
			meant = risk_scope_holds(d, s, i) && limits_row_holds(d, r, i, LEG_MAX);
		if (meant && (!risk_use(d, r, &value) || value > r->value ||
			      (limit_reaches((enum risk_limit)r->limit) && value == r->value)))
			return r;
	}
	return NULL;
}

int risk_resume(struct desk *d, const struct risk_scope *s, const char *who, const char *why)
{
	char text[FACT_TEXT], words[96];
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		if (risk_scope_holds(d, s, i))
			risk_forget(d, i);
	const struct limit_row *r = still_beyond(d, s);
	if (r) {
		risk_row_words(d, r, words, sizeof words);
		return err_set(
			ERR_STATE,
			"%s is still gone beyond (%s); what it stopped stays so until the number is back or the limit is raised: tandem set DB %s VALUE --reason TEXT",
			risk_limit_name((enum risk_limit)r->limit), words,
			risk_limit_name((enum risk_limit)r->limit));
	}
	snprintf(text, sizeof text, "resumed by %s: %s", who, why);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		struct desk_instance *in = &d->instance[i];
		bool was = in->paused;
		if (!risk_scope_holds(d, s, i))
			continue;
		struct risk_scope own = { .scope = SCOPE_INSTANCE, .index = i };
		in->paused = false;
		if (s->scope == SCOPE_GLOBAL || was)
			risk_set_scope(d, &own, RISK_ACTIVE, WISH_NONE, text);
		if (was)
			risk_say_scope(d, &own, (enum risk_state)in->risk_state, text);
	}
	if (s->scope == SCOPE_GLOBAL) {
		for (uint16_t v = 0; v < d->cfg->n_venues; v++)
			risk_set_scope(d, &(struct risk_scope){ .scope = SCOPE_VENUE, .index = v },
				       RISK_ACTIVE, WISH_NONE, text);
		for (uint16_t a = 0; a < d->cfg->n_accounts; a++)
			risk_set_scope(d,
				       &(struct risk_scope){ .scope = SCOPE_ACCOUNT, .index = a },
				       RISK_ACTIVE, WISH_NONE, text);
		if (d->risk_state != RISK_ACTIVE)
			risk_set_state(d, RISK_ACTIVE, who, why);
	}
	risk_set_scope(d, s, RISK_ACTIVE, WISH_NONE, text);
	return 0;
}
