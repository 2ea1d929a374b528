#include "core/trade/tally.h"

#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/tally_part.h"
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000LL
#define DAY_NS	  (DATE_DAY_S * SECOND_NS)

const struct tally_form tally_form[] = {
#define TALLY_ROW(id, word, scope, bars, text) { word, scope, bars, text },
	TALLY_KINDS(TALLY_ROW)
#undef TALLY_ROW
};
_Static_assert(sizeof tally_form / sizeof *tally_form == tally_kind_max, "a row for every kind");

const char *tally_kind_name(enum tally_kind k)
{
	return k < tally_kind_max ? tally_form[k].name : "?";
}

const char *tally_kind_text(enum tally_kind k)
{
	return k < tally_kind_max ? tally_form[k].text : "?";
}

/* ---- what there is to count ---- */

static uint16_t group_of(const struct config *c, uint16_t account)
{
	uint16_t a = 0;
	while (strcmp(c->account[a].group, c->account[account].group) != 0)
		a++;
	return a;
}

static void index_accounts(struct tally *t)
{
	for (uint16_t a = 0; a < t->cfg->n_accounts; a++) {
		/* without a group, an account is one of its own */
		uint16_t first = t->cfg->account[a].group[0] ? group_of(t->cfg, a) : a;
		if (first == a)
			t->of_group[t->n_groups] = a;
		t->group[a] = first == a ? t->n_groups++ : t->group[first];
	}
}

static void index_instruments(struct tally *t)
{
	for (uint32_t i = 0; i < t->cfg->n_instruments; i++) {
		const char *name = t->cfg->instrument[i].exchange;
		t->slot[i] = TALLY_ALL;
		if (!name[0])
			continue;
		uint16_t x = 0;
		while (x < t->n_exchanges &&
		       strcmp(t->cfg->instrument[t->of_exchange[x]].exchange, name) != 0)
			x++;
		if (x == t->n_exchanges)
			t->of_exchange[t->n_exchanges++] = i;
		t->exchange[t->n_slots] = x;
		t->instrument[t->n_slots] = i;
		t->slot[i] = t->n_slots++;
	}
}

int tally_init(struct tally *t, const struct config *c)
{
	*t = (struct tally){ .cfg = c };
	const size_t accounts = c->n_accounts + 1u, instruments = c->n_instruments + 1u;
	t->group = calloc(accounts, sizeof *t->group);
	t->of_group = calloc(accounts, sizeof *t->of_group);
	t->slot = calloc(instruments, sizeof *t->slot);
	t->instrument = calloc(instruments, sizeof *t->instrument);
	t->exchange = calloc(instruments, sizeof *t->exchange);
	t->of_exchange = calloc(instruments, sizeof *t->of_exchange);
	t->day = calloc(instruments, sizeof *t->day);
	bool taken = t->group && t->of_group && t->slot && t->instrument && t->exchange &&
		     t->of_exchange && t->day;
	int rc = 0;
	if (taken) {
		index_accounts(t);
		index_instruments(t);
	}
	if (taken && t->n_slots) {
		const size_t windows = (size_t)t->n_exchanges * t->n_groups + 1;
		t->row = calloc((size_t)t->n_slots * t->n_groups + windows, sizeof *t->row);
		t->window = calloc(windows, sizeof *t->window);
		t->trades = calloc(TALLY_TRADES, sizeof *t->trades);
		taken = t->row && t->window && t->trades;
		rc = map_init(&t->index, (uint32_t)(accounts + instruments));
		rc = rc ? rc : map_init(&t->trade, TALLY_TRADES);
	}
	return taken ? rc : err_set(ERR_NOMEM, "no memory for the exchanges' counters");
}

void tally_free(struct tally *t)
{
	free(t->group);
	free(t->of_group);
	free(t->slot);
	free(t->instrument);
	free(t->exchange);
	free(t->of_exchange);
	free(t->day);
	free(t->row);
	free(t->window);
	free(t->trades);
	map_free(&t->index);
	map_free(&t->trade);
	*t = (struct tally){ 0 };
}

/* ---- days and rules ---- */

int32_t tally_day_at(struct tally *t, uint32_t slot, int64_t utc_ns)
{
	struct tally_day *x = &t->day[slot];
	if (x->day && utc_ns >= x->from_utc_ns && utc_ns < x->until_utc_ns)
		return x->day;
	const uint16_t k = t->cfg->instrument[t->instrument[slot]].calendar;
	struct calendar_now now = { 0 }, before;
	x->day = 0;
	if (k < t->cfg->n_calendars) {
		calendar_at(&t->cfg->calendar[k], utc_ns, &now);
		*x = (struct tally_day){ utc_ns, now.until_utc_ns, now.trading_day };
		if (!x->day && now.since_utc_ns > INT64_MIN) {
			calendar_at(&t->cfg->calendar[k], now.since_utc_ns - 1, &before);
			x->day = before.trading_day;
		}
	}
	if (!x->day) { /* round the clock, or hours that nobody has looked up */
		int64_t days = date_days_of_s(utc_ns / SECOND_NS);
		*x = (struct tally_day){ days * DAY_NS, (days + 1) * DAY_NS, date_of_days(days) };
	}
	return x->day;
}

/* The newest rule in force on a day: the exchange's (TALLY_ALL), or a contract's own. */
static const struct config_exchange_rule *in_force(const struct tally *t, const char *exchange,
						   uint32_t instrument, int32_t day)
{
	const struct config_exchange_rule *best = NULL;
	for (uint32_t i = 0; i < t->cfg->n_exchange_rules; i++) {
		const struct config_exchange_rule *r = &t->cfg->exchange_rule[i];
		if (r->from <= day && r->instrument == instrument &&
		    strcmp(r->exchange, exchange) == 0 && (!best || r->from >= best->from))
			best = r;
	}
	return best;
}

struct tally_row *tally_contract(const struct tally *t, uint32_t slot, uint16_t group)
{
	return &t->row[(size_t)slot * t->n_groups + group];
}

struct tally_row *tally_exchange_row(const struct tally *t, uint16_t exchange, uint16_t group)
{
	return &t->row[((size_t)t->n_slots + exchange) * t->n_groups + group];
}

struct tally_window *tally_second(const struct tally *t, uint16_t exchange, uint16_t group)
{
	return &t->window[(size_t)exchange * t->n_groups + group];
}

/* The same for every group; of a day that is not yet the row's too, for those who only look. */
static void find_bounds(const struct tally *t, struct tally_row *r, uint32_t instrument,
			const char *exchange, int32_t day)
{
	if (r->bounds_day == day)
		return;
	const struct config_exchange_rule *all = in_force(t, exchange, TALLY_ALL, day), *own = NULL;
	if (instrument != TALLY_ALL)
		own = in_force(t, exchange, instrument, day);
	r->bounds_day = day;
	r->ways = own ? own : all;
	for (unsigned k = 0; k < tally_kind_max; k++) {
		const struct config_exchange_rule *by = own && own->limit[k]   ? own
							: all && all->limit[k] ? all
									       : NULL;
		r->by[k] = by;
		r->warn[k] = by ? dec_muldiv(by->limit[k], by->warn_pct, 100, DEC_UP) : 0;
		r->bound[k] = by ? dec_muldiv(by->limit[k], by->block_pct, 100, DEC_UP) : 0;
	}
}

void tally_roll(const struct tally *t, struct tally_row *r, uint32_t instrument,
		const char *exchange, int32_t day)
{
	if (day > r->day) {
		memset(r->n, 0, sizeof r->n);
		memset(r->told, 0, sizeof r->told);
		r->day = day;
	}
	find_bounds(t, r, instrument, exchange, r->day);
}

/* Where they are, and in which day; none of them is changed. */
static int32_t locate(struct tally *t, struct tally_place *p)
{
	const uint32_t slot = t->slot[p->instrument];
	p->t = t;
	p->group = t->group[p->account];
	p->exchange = t->exchange[slot];
	p->contract = tally_contract(t, slot, p->group);
	p->all = tally_exchange_row(t, p->exchange, p->group);
	p->window = tally_second(t, p->exchange, p->group);
	return tally_day_at(t, slot, p->utc_ns);
}

void tally_rows(struct tally *t, struct tally_place *p)
{
	const int32_t day = locate(t, p);
	const char *name = t->cfg->instrument[p->instrument].exchange;
	tally_roll(t, p->contract, p->instrument, name, day);
	tally_roll(t, p->all, TALLY_ALL, name, day);
}

void tally_look(struct tally *t, struct tally_place *p)
{
	const int32_t day = locate(t, p);
	const char *name = t->cfg->instrument[p->instrument].exchange;
	p->contract_idle = day > p->contract->day;
	p->all_idle = day > p->all->day;
	find_bounds(t, p->contract, p->instrument, name, p->contract_idle ? day : p->contract->day);
	find_bounds(t, p->all, TALLY_ALL, name, p->all_idle ? day : p->all->day);
}

static uint64_t name_key(enum name_space space, uint32_t id)
{
	return (uint64_t)space << 32 | id;
}

static void learn(struct desk *d)
{
	struct tally *t = &d->tally;
	for (uint32_t i = 0; i < t->cfg->n_instruments; i++)
		if (t->cfg->instrument[i].name_id)
			map_put(&t->index, name_key(NAME_INSTRUMENT, t->cfg->instrument[i].name_id),
				i);
	for (uint32_t a = 0; a < t->cfg->n_accounts; a++)
		if (d->names.account[a])
			map_put(&t->index, name_key(NAME_ACCOUNT, d->names.account[a]), a);
	t->learned = true;
}

bool tally_find(struct desk *d, const struct fact *f, struct tally_place *p)
{
	struct tally *t = &d->tally;
	uint32_t instrument, account;
	if (!t->learned)
		learn(d);
	if (!f->instrument || !f->account ||
	    !map_get(&t->index, name_key(NAME_INSTRUMENT, f->instrument), &instrument) ||
	    !map_get(&t->index, name_key(NAME_ACCOUNT, f->account), &account) ||
	    t->slot[instrument] == TALLY_ALL)
		return false;
	*p = (struct tally_place){ .account = (uint16_t)account,
				   .instrument = instrument,
				   .utc_ns = f->utc_ns };
	locate(t, p);
	return true;
}

bool tally_exempt(const struct config_exchange_rule *r, uint16_t account)
{
	return r && (r->exempt[account / 64] >> account % 64 & 1);
}

/* ---- a second ---- */

void tally_forget(struct tally_window *w, int64_t utc_ns)
{
	while (w->tail != w->head && w->at[w->tail % TALLY_WINDOW] <= utc_ns - SECOND_NS)
		w->tail++;
	w->burst = w->burst < w->tail ? w->tail : w->burst;
}

/* Stamps rise: a clock that was set back stands still here. */
void tally_push(struct tally_window *w, int64_t utc_ns)
{
	if (w->head != w->tail && w->at[(w->head - 1) % TALLY_WINDOW] > utc_ns)
		utc_ns = w->at[(w->head - 1) % TALLY_WINDOW];
	tally_forget(w, utc_ns);
	if (w->head - w->tail == TALLY_WINDOW)
		w->tail++;
	w->at[w->head++ % TALLY_WINDOW] = utc_ns;
	w->burst = w->burst < w->tail ? w->tail : w->burst;
}

/* ---- what facts count as ---- */

static void count_message(struct tally_place *p)
{
	const struct config_exchange_rule *r = p->all->ways;
	p->all->n[TALLY_MESSAGES]++;
	tally_push(p->window, p->utc_ns);
	if (!r || !r->burst_messages ||
	    p->window->head - p->window->burst < (uint64_t)r->burst_messages)
		return;
	p->all->n[TALLY_BURSTS]++;
	p->window->burst = p->window->head;
}

static void on_sent(struct tally_place *p, const struct fact *f)
{
	(void)f;
	p->contract->n[TALLY_ORDERS]++;
	count_message(p);
}

static void on_change(struct tally_place *p, const struct fact *f)
{
	(void)f;
	count_message(p);
}

static void on_cancel_all(struct tally_place *p, const struct fact *f)
{
	for (int64_t i = 0; i < f->num[1] && i < TALLY_WINDOW; i++)
		count_message(p);
}

/* num of CANCELLED: cum_qty, late, own, tif, asked, at_limit. What the venue took back by its own will is not ours. */
static void on_cancelled(struct tally_place *p, const struct fact *f)
{
	const struct config_exchange_rule *r = p->contract->ways;
	const bool remainder = f->num[4] == TIF_IOC || f->num[4] == TIF_FOK;
	const bool counts = f->num[5] || (remainder && r && r->count_fak);
	if (f->num[1] || !counts || tally_exempt(r, p->account))
		return;
	const int64_t lots = (f->qty - f->num[0]) / dec_pow10[f->qty_dp];
	p->contract->n[TALLY_CANCELS]++;
	p->contract->n[TALLY_LARGE_CANCELS] +=
		r && r->large_cancel_lots && lots >= r->large_cancel_lots;
	p->contract->n[TALLY_LIMIT_CANCELS] += f->num[6] != 0;
}

/* An exchange gives both sides of a trade one id: whoever sees both has traded with himself. */
static bool other_side_seen(struct tally_place *p, const struct fact *f)
{
	struct {
		uint32_t instrument, group;
		char exec[sizeof f->exec];
	} id = { p->instrument, p->group, { 0 } };
	struct tally *t = p->t;
	uint32_t sides = 0;
	memcpy(id.exec, f->exec, strnlen(f->exec, sizeof id.exec));
	const uint64_t key = map_hash_bytes(&id, sizeof id);
	if (map_get(&t->trade, key, &sides)) {
		if (sides == 1u << f->side)
			return false;
		map_del(&t->trade, key);
		return true;
	}
	uint64_t *oldest = &t->trades[t->n_trades++ % TALLY_TRADES];
	if (*oldest)
		map_del(&t->trade, *oldest);
	*oldest = key;
	map_put(&t->trade, key, 1u << f->side);
	return false;
}

static void on_trade(struct tally_place *p, const struct fact *f)
{
	if (f->offset == OFFSET_OPEN)
		p->contract->n[TALLY_OPENED_LOTS] += f->qty;
	if (f->exec[0] && f->side < side_max && other_side_seen(p, f) &&
	    !tally_exempt(p->contract->ways, p->account))
		p->contract->n[TALLY_SELF_TRADES]++;
}

static void (*const effect[fact_kind_max])(struct tally_place *p, const struct fact *f) = {
	[FACT_SENT] = on_sent,
	[FACT_CANCEL] = on_change,
	[FACT_CANCEL_ALL] = on_cancel_all,
	[FACT_REPLACE] = on_change,
	[FACT_FILL] = on_trade,
	[FACT_FOREIGN] = on_trade,
	[FACT_CANCELLED] = on_cancelled,
};

bool tally_count(struct desk *d, const struct fact *f, struct tally_place *p)
{
	if (!d->tally.n_slots || f->kind >= fact_kind_max || !effect[f->kind] ||
	    !tally_find(d, f, p))
		return false;
	tally_rows(&d->tally, p);
	effect[f->kind](p, f);
	return true;
}
