/* tally_use - how much of each limit is used, whom that bars, and who is told. */
#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"
#include "core/trade/tally_part.h"

static int64_t used(const struct tally_place *p, enum tally_kind k)
{
	const bool own = tally_form[k].scope == TALLY_CONTRACT;
	if (k == TALLY_MESSAGES_PER_S) {
		tally_forget(p->window, p->utc_ns);
		return (int64_t)(p->window->head - p->window->tail);
	}
	if (own ? p->contract_idle : p->all_idle)
		return 0;
	const int64_t n = own ? p->contract->n[k] : p->all->n[k];
	return k == TALLY_OPENED_LOTS ? n / dec_pow10[p->t->cfg->instrument[p->instrument].qty_dp]
				      : n;
}

static struct tally_row *row_for(const struct tally_place *p, enum tally_kind k)
{
	return tally_form[k].scope == TALLY_CONTRACT ? p->contract : p->all;
}

static bool use(const struct tally_place *p, enum tally_kind k, struct tally_use *out)
{
	const struct tally_row *r = row_for(p, k);
	*out = (struct tally_use){ .used = used(p, k) };
	if (!r->by[k])
		return false;
	out->limit = r->by[k]->limit[k];
	out->warn = r->warn[k];
	out->bound = r->bound[k];
	return true;
}

bool tally_use(const struct desk *d, enum tally_kind k, uint16_t account, uint32_t instrument,
	       struct tally_use *out)
{
	struct tally *t = (struct tally *)&d->tally; /* days go on whoever looks */
	struct tally_place p = { .account = account,
				 .instrument = instrument,
				 .utc_ns = d->now.utc_ns };
	if (!t->n_slots || t->slot[instrument] == TALLY_ALL)
		return false;
	tally_look(t, &p);
	return use(&p, k, out) && !tally_exempt(row_for(&p, k)->by[k], account);
}

/* False: one leg may not open; *hit says why. */
static bool may_open(const struct tally_place *p, const struct pair_leg *leg, int64_t orders,
		     struct tally_hit *hit)
{
	for (unsigned k = 0; k < tally_kind_max; k++) {
		hit->kind = (enum tally_kind)k;
		const struct config_exchange_rule *r = row_for(p, hit->kind)->by[k];
		if (!tally_form[k].bars || !r || tally_exempt(r, leg->account))
			continue;
		use(p, hit->kind, &hit->use);
		const uint8_t dp = p->t->cfg->instrument[leg->instrument].qty_dp;
		const int64_t more = k == TALLY_OPENED_LOTS ? leg->want_qty / dec_pow10[dp]
				     : k == TALLY_ORDERS || k == TALLY_MESSAGES ? orders
										: 1;
		if (hit->use.used + more > hit->use.bound)
			return false;
	}
	return true;
}

bool tally_gate(const struct desk *d, const struct pair *p, struct tally_hit *hit)
{
	struct tally *t = (struct tally *)&d->tally;
	if (p->intent == INTENT_CLOSE || !t->n_slots)
		return true;
	for (uint8_t l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		struct tally_place x = { 0 };
		if (t->slot[leg->instrument] == TALLY_ALL)
			continue;
		x.account = leg->account;
		x.instrument = leg->instrument;
		x.utc_ns = d->now.utc_ns;
		tally_look(t, &x);
		hit->leg = l;
		if (!may_open(&x, leg, p->slices > 1 ? p->slices : 1, hit))
			return false;
	}
	return true;
}

/* Near a limit, and again at the bound: once each a day. */
static void tell(struct desk *d, const struct tally_place *p, uint64_t cause)
{
	for (unsigned k = 0; k < tally_kind_max; k++) {
		struct tally_row *r = row_for(p, (enum tally_kind)k);
		struct tally_use u;
		if (!r->by[k] || !use(p, (enum tally_kind)k, &u))
			continue;
		const uint8_t level = u.used >= u.bound ? 2 : u.used >= u.warn;
		if (level <= r->told[k])
			continue;
		r->told[k] = level;
		const bool own = tally_form[k].scope == TALLY_CONTRACT;
		struct fact f;
		fact_init(&f, FACT_ALERT);
		f.cause = cause;
		f.account = d->names.account[p->account];
		scribe_instrument(d, &f, p->instrument);
		if (!own)
			f.instrument = 0;
		scribe_raise(
			d, &f, level == 2 ? ALERT_EXCHANGE_BOUND : ALERT_EXCHANGE_WARN,
			"%s: %lld %s in the trading day %d, of %lld that the exchange allows%s",
			own ? d->instrument[p->instrument].name
			    : d->instrument[p->instrument].exchange,
			(long long)u.used, tally_form[k].name, r->day, (long long)u.limit,
			level == 2 && tally_form[k].bars ? ": nothing opens there any more" : "");
	}
}

void tally_fact(struct desk *d, const struct fact *f)
{
	struct tally_place p;
	if (tally_count(d, f, &p))
		tell(d, &p, f->seq);
}

/* Whose accounts are all of other venues never trades it. */
static bool trades_there(const struct tally *t, uint16_t group, uint32_t instrument)
{
	for (uint16_t a = 0; a < t->cfg->n_accounts; a++)
		if (t->group[a] == group &&
		    t->cfg->account[a].venue == t->cfg->instrument[instrument].venue)
			return true;
	return false;
}

static bool line_at(const struct desk *d, uint32_t at, struct tally_line *out)
{
	struct tally *t = (struct tally *)&d->tally;
	const uint32_t row = at / tally_kind_max;
	const enum tally_kind k = at % tally_kind_max;
	const uint32_t thing = row / t->n_groups;
	const bool own = thing < t->n_slots;
	if ((tally_form[k].scope == TALLY_CONTRACT) != own)
		return false;
	struct tally_place p = { .account = t->of_group[row % t->n_groups],
				 .instrument = own ? t->instrument[thing]
						   : t->of_exchange[thing - t->n_slots],
				 .utc_ns = d->now.utc_ns };
	if (!trades_there(t, (uint16_t)(row % t->n_groups), p.instrument))
		return false;
	tally_look(t, &p);
	*out = (struct tally_line){ .account = p.account,
				    .instrument = own ? p.instrument : TALLY_ALL,
				    .exchange = d->instrument[p.instrument].exchange,
				    .kind = k,
				    .day = row_for(&p, k)->bounds_day };
	const struct config_exchange_rule *r = row_for(&p, k)->by[k];
	if (use(&p, k, &out->use)) {
		out->from = r->from;
		out->verified = r->verified;
	}
	return r || out->use.used;
}

bool tally_each(const struct desk *d, uint32_t *at, uint32_t looks, struct tally_line *out,
		bool *found)
{
	const struct tally *t = &d->tally;
	const uint32_t n = (t->n_slots + t->n_exchanges) * t->n_groups * tally_kind_max;
	*found = false;
	for (; t->n_slots && *at < n && looks && !*found; (*at)++, looks--)
		*found = line_at(d, *at, out);
	return t->n_slots && *at < n;
}
