/* risk_recall - what risk writes down and reads back: limits gone beyond and set, states, pauses, and what is counted by the day. */
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/param.h"
#include "core/trade/risk_parts.h"
#include "core/trade/scribe.h"
#include "core/trade/watch.h"
#include <stdio.h>
#include <string.h>

#define DAY_NS (86400 * RISK_SECOND_NS)

/* The durable name of a part of the host, in the field of the fact that is for it. */
static void put_subject(struct desk *d, struct fact *f, enum limit_scope s, uint32_t index)
{
	if (s == SCOPE_VENUE)
		f->venue = d->names.venue[index];
	else if (s == SCOPE_ACCOUNT)
		f->account = d->names.account[index];
	else if (s == SCOPE_INSTRUMENT)
		f->instrument = d->instrument[index].name_id;
	else if (s == SCOPE_INSTANCE)
		f->instance = d->names.instance[index];
}

static bool find_name(const uint32_t *name, uint32_t n, uint32_t wanted, uint32_t *index)
{
	for (*index = 0; *index < n; (*index)++)
		if (wanted && name[*index] == wanted)
			return true;
	return false;
}

/* False: the configuration no longer has it. */
static bool get_subject(const struct desk *d, const struct fact *f, enum limit_scope s,
			uint32_t *index)
{
	const struct config *c = d->cfg;
	*index = 0;
	switch (s) {
	case SCOPE_GLOBAL:
	case SCOPE_PAIR:
		return true;
	case SCOPE_VENUE:
		return find_name(d->names.venue, c->n_venues, f->venue, index);
	case SCOPE_ACCOUNT:
		return find_name(d->names.account, c->n_accounts, f->account, index);
	case SCOPE_INSTANCE:
		return find_name(d->names.instance, c->n_instances, f->instance, index);
	case SCOPE_INSTRUMENT:
		for (; *index < c->n_instruments; (*index)++)
			if (d->instrument[*index].name_id == f->instrument)
				return true;
		return false;
	case limit_scope_max:
		break;
	}
	return false;
}

void risk_row_words(const struct desk *d, const struct limit_row *r, char *out, size_t cap)
{
	char bound[LIMIT_WORDS], from[48] = "";
	const char *of = limits_subject(d, (enum limit_scope)r->scope, r->index);
	const char *file = strrchr(d->cfg->file, '/');
	limit_words((enum risk_limit)r->limit, r->value, bound);
	if (r->source == SOURCE_OPERATOR)
		snprintf(from, sizeof from, " (set by an operator)");
	else if (r->line)
		snprintf(from, sizeof from, " (%.30s:%d)", file ? file + 1 : d->cfg->file, r->line);
	snprintf(out, cap, "at most %s of %s%s%s%s", bound,
		 limit_scope_name((enum limit_scope)r->scope), of[0] ? ":" : "", of, from);
}

uint64_t risk_say_limit(struct desk *d, enum limit_what what, const struct limit_row *r,
			int64_t value, int64_t before, const char *text)
{
	struct fact f;
	fact_init(&f, FACT_LIMIT);
	put_subject(d, &f, (enum limit_scope)r->scope, r->index);
	f.num[0] = what;
	f.num[1] = r->limit;
	f.num[2] = r->scope;
	f.num[3] = r->action;
	f.num[4] = value;
	f.num[5] = r->value;
	f.num[6] = before;
	f.num[7] = (int64_t)r->hits;
	fact_text(&f, "%s", text);
	return scribe_put(d, &f);
}

bool risk_say_in_force(struct desk *d)
{
	char text[FACT_TEXT];
	bool written = true;
	for (uint32_t k = 0; k < d->limits.n; k++) {
		const struct limit_row *r = &d->limits.row[k];
		if (r->value == LIMIT_OFF)
			continue;
		risk_row_words(d, r, text, sizeof text);
		written = risk_say_limit(d, LIMIT_IN_FORCE, r, 0, r->configured, text) && written;
	}
	return written;
}

uint64_t risk_say_scope(struct desk *d, const struct risk_scope *s, enum risk_state from,
			const char *text)
{
	struct fact f;
	fact_init(&f, FACT_SCOPE);
	put_subject(d, &f, (enum limit_scope)s->scope, s->index);
	f.pair = s->pair;
	f.num[0] = s->scope;
	f.num[1] = from;
	f.num[2] = s->scope == SCOPE_GLOBAL	? d->risk_state
		   : s->scope == SCOPE_VENUE	? d->venue[s->index].risk_state
		   : s->scope == SCOPE_ACCOUNT	? d->account_state[s->index]
		   : s->scope == SCOPE_INSTANCE ? d->instance[s->index].risk_state
						: RISK_HALTED;
	f.state = (uint8_t)f.num[2];
	if (s->scope == SCOPE_INSTANCE) {
		f.num[3] = d->instance[s->index].wish;
		f.num[4] = d->instance[s->index].paused;
	}
	fact_text(&f, "%s", text);
	return scribe_put(d, &f);
}

/* ---- a checkpoint */

static void carry_scope(struct desk *d, enum limit_scope s, uint32_t index, uint8_t state,
			bool more, const char *text)
{
	if (state != RISK_ACTIVE || more)
		risk_say_scope(d, &(struct risk_scope){ .scope = (uint8_t)s, .index = index },
			       (enum risk_state)state, text);
}

static void carry_day(struct desk *d, enum limit_scope s, uint32_t index)
{
	const struct limit_day *day = limits_day(d, s, index);
	const struct limit_row r = { .limit = RISK_LIMIT_DAY_LOSS,
				     .scope = (uint8_t)s,
				     .index = index };
	if (day->known)
		risk_say_limit(d, LIMIT_CARRIED, &r, day->base_e8, day->day, "the day");
}

void risk_carry(struct desk *d)
{
	param_carry(d);
	const struct config *c = d->cfg;
	for (uint16_t v = 0; v < c->n_venues; v++)
		carry_scope(d, SCOPE_VENUE, v, d->venue[v].risk_state, false, "carried");
	for (uint16_t a = 0; a < c->n_accounts; a++)
		carry_scope(d, SCOPE_ACCOUNT, a, d->account_state[a], false, "carried");
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct desk_instance *in = &d->instance[i];
		carry_scope(d, SCOPE_INSTANCE, i, in->risk_state, in->paused || in->wish,
			    in->paused ? in->paused_why : "carried");
	}
	for (uint32_t k = 0; k < d->limits.n; k++) {
		struct limit_row *r = &d->limits.row[k];
		if (r->source == SOURCE_OPERATOR)
			risk_say_limit(d, LIMIT_SET, r, r->value, r->configured, "carried");
		if (r->has_peak)
			risk_say_limit(d, LIMIT_CARRIED, r, r->peak_e8, -1, "the highest");
	}
	carry_day(d, SCOPE_GLOBAL, 0);
	for (uint16_t a = 0; a < c->n_accounts; a++)
		carry_day(d, SCOPE_ACCOUNT, a);
	for (uint16_t i = 0; i < c->n_instances; i++)
		carry_day(d, SCOPE_INSTANCE, i);
	for (uint16_t v = 0; v < c->n_venues; v++) {
		const struct limit_row r = { .limit = RISK_LIMIT_MESSAGES_DAY,
					     .scope = SCOPE_VENUE,
					     .index = v };
		if (d->venue[v].day_sent)
			risk_say_limit(d, LIMIT_CARRIED, &r, d->venue[v].day_sent, d->venue[v].day,
				       "messages of the day");
	}
}

/* ---- the way back */

/* What an operator set stands; where the configuration was changed since, the tighter of the two. */
static void recall_set(struct desk *d, const struct fact *f, enum risk_limit l, uint32_t index)
{
	struct limit_row *r = limits_find(d, l, (enum limit_scope)f->num[2], index);
	if (!r)
		r = limits_add(d, l, (enum limit_scope)f->num[2], index);
	if (!r)
		return;
	if (r->configured == f->num[6] || limit_tighter(l, f->num[4], r->configured)) {
		r->value = f->num[4];
		r->source = SOURCE_OPERATOR;
	}
	limits_compile(d);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		limits_compile_gate(d, i);
}

static void recall_limit(struct desk *d, const struct fact *f)
{
	uint32_t index;
	if (f->num[1] <= 0 || f->num[1] >= risk_limit_max || f->num[2] < 0 ||
	    f->num[2] >= limit_scope_max || !get_subject(d, f, (enum limit_scope)f->num[2], &index))
		return;
	enum risk_limit l = (enum risk_limit)f->num[1];
	if (f->num[0] == LIMIT_SET) {
		recall_set(d, f, l, index);
		return;
	}
	if (f->num[0] != LIMIT_CARRIED)
		return;
	if (l == RISK_LIMIT_MESSAGES_DAY) {
		d->venue[index].day = f->num[6];
		d->venue[index].day_sent = f->num[4];
		return;
	}
	struct limit_day *day = limits_day(d, (enum limit_scope)f->num[2], index);
	struct limit_row *r = limits_find(d, l, (enum limit_scope)f->num[2], index);
	if (l == RISK_LIMIT_DAY_LOSS) {
		if (day)
			*day = (struct limit_day){ f->num[6], f->num[4], true };
	} else if (r) {
		r->peak_e8 = r->peak_told_e8 = f->num[4];
		r->has_peak = true;
	}
}

static void recall_scope(struct desk *d, const struct fact *f)
{
	uint32_t index;
	if (f->num[0] < 0 || f->num[0] >= limit_scope_max || f->num[2] < 0 ||
	    f->num[2] >= risk_state_max || !get_subject(d, f, (enum limit_scope)f->num[0], &index))
		return;
	const uint8_t state = (uint8_t)f->num[2];
	struct pair *p;
	switch ((enum limit_scope)f->num[0]) {
	case SCOPE_VENUE:
		d->venue[index].risk_state = state;
		break;
	case SCOPE_ACCOUNT:
		d->account_state[index] = state;
		break;
	case SCOPE_INSTANCE: {
		struct desk_instance *in = &d->instance[index];
		in->risk_state = state;
		in->wish = f->num[3] < desk_wish_max ? (uint8_t)f->num[3] : WISH_NONE;
		if (in->wish)
			watch_wished(d, (uint16_t)index, f->seq, f->text);
		in->paused = f->num[4] != 0;
		snprintf(in->paused_why, sizeof in->paused_why, "%.63s", f->text);
		break;
	}
	case SCOPE_PAIR:
		p = pairs_find(&d->pairs, f->pair);
		if (p)
			p->breach = RISK_LIMIT_KILL;
		break;
	case SCOPE_GLOBAL: /* its state is in the operator's receipt and in the checkpoint */
	case SCOPE_INSTRUMENT:
	case limit_scope_max:
		break;
	}
}

/* How many messages a receipt stands for. One that was written and then did not leave counts: never too few. */
static int64_t messages_of(const struct fact *f)
{
	switch ((enum fact_kind)f->kind) {
	case FACT_SENT:
	case FACT_CANCEL:
	case FACT_QUERY:
	case FACT_REPLACE:
		return 1;
	case FACT_CANCEL_ALL:
	case FACT_ARM:
		return f->num[1] > 0 ? f->num[1] : 0;
	default:
		return 0;
	}
}

/* Messages that left since the last checkpoint count for their day. */
static void recall_messages(struct desk *d, const struct fact *f, int64_t n)
{
	uint32_t v;
	if (!find_name(d->names.venue, d->cfg->n_venues, f->venue, &v))
		return;
	if (d->venue[v].day != f->utc_ns / DAY_NS) {
		d->venue[v].day = f->utc_ns / DAY_NS;
		d->venue[v].day_sent = 0;
	}
	d->venue[v].day_sent += n;
}

void risk_recall(struct desk *d, const struct fact *f)
{
	param_recall(d, f);
	if (f->kind == FACT_LIMIT)
		recall_limit(d, f);
	else if (f->kind == FACT_SCOPE)
		recall_scope(d, f);
	else if (messages_of(f))
		recall_messages(d, f, messages_of(f));
}

/* ---- a bound set by an operator */

int risk_set_limit(struct desk *d, enum risk_limit l, const struct risk_scope *s, int64_t value,
		   const char *who, const char *why)
{
	char text[FACT_TEXT], was[LIMIT_WORDS], is[LIMIT_WORDS];
	struct limit_row *r = limits_find(d, l, (enum limit_scope)s->scope, s->index);
	int64_t before = r ? r->value : LIMIT_OFF;
	if (value != before && !limit_tighter(l, value, before) && !why[0])
		return err_set(ERR_ARG,
			       "that raises the limit; say why it may be raised: --reason TEXT");
	if (d->journal->ops->room(d->journal) < 16)
		return err_set(ERR_FULL, "the journal has no room for the receipt of it");
	if (!r)
		r = limits_add(d, l, (enum limit_scope)s->scope, s->index);
	if (!r)
		return err_set(ERR_FULL, "there is no room for another limit");
	r->value = value;
	r->source = SOURCE_OPERATOR;
	limits_compile(d);
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		limits_compile_gate(d, i);
	limit_words(l, before, was);
	limit_words(l, value, is);
	snprintf(text, sizeof text, "%s %s -> %s by %s%s%s", risk_limit_name(l), was, is, who,
		 why[0] ? ": " : "", why);
	risk_say_limit(d, LIMIT_SET, r, value, r->configured, text);
	d->limits.look = true;
	return 0;
}
