/* The counters of a report: what each account does in a contract, and its group in all, as the exchanges count it; and that against their thresholds. */
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/report.h"
#include "core/trade/order.h"
#include "core/trade/venue.h"
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000LL
#define CONTRACTS 4096
#define ACCOUNTS  256
#define WINDOW \
	1024 /* messages of a second that are told apart: beyond it a second is simply full */
#define TRADES	   8192 /* latest executions that a second side is looked for in */
#define BURST	   10	/* messages within a second that make one */
#define LARGE_LOTS 300	/* of a cancel */
#define WARN_PCT   70
#define BLOCK_PCT  90

/* name, of a contract (else of an account's group), reached at, what is counted */
/* clang-format off */
#define MEASURES(X)                                          \
	X("orders_cancels_per_s", false, 300, peak)              \
	X("orders_cancels_per_day", false, 20000, messages)      \
	X("bursts_of_10_per_day", false, 10, bursts)             \
	X("self_trades", true, 5, self)                          \
	X("cancels", true, 500, cancels)                         \
	X("large_cancels", true, 50, large)
/* clang-format on */

/* Messages of a second. */
struct window {
	int64_t at[WINDOW];
	uint64_t head, tail, burst; /* those from `burst` on are not yet part of one */
};

struct count {
	uint32_t account, instrument;
	int64_t orders, cancels, large, rest, at_limit, self, fills, opened, rejects, messages,
		peak, bursts, seconds, engine;
	int64_t peak_utc_ns, second, in_second; /* of the clock: that is being counted */
	uint8_t qty_dp;
	struct window *window;
};

struct report_tally {
	struct count *of; /* CONTRACTS of accounts in contracts, then ACCOUNTS of accounts */
	uint32_t n_contracts, n_accounts;
	struct map index, trade;
	uint64_t *trades;
	uint64_t n_trades;
	uint32_t lead;	   /* of the group whose receipt is being counted */
	uint64_t left_out; /* receipts of more contracts than there is room for */
};

static const struct measure {
	const char *name;
	bool contract;
	int64_t limit;
	size_t at;
} measures[] = {
#define MEASURE_ROW(name, contract, limit, member) \
	{ name, contract, limit, offsetof(struct count, member) },
	MEASURES(MEASURE_ROW)
#undef MEASURE_ROW
};

int report_tally_open(struct report *r)
{
	struct report_tally *t = calloc(1, sizeof *t);
	r->tally = t;
	if (!t || !(t->of = calloc(CONTRACTS + ACCOUNTS, sizeof *t->of)) ||
	    !(t->trades = calloc(TRADES, sizeof *t->trades)))
		return err_set(ERR_NOMEM, "no memory for the counters of a report");
	int rc = map_init(&t->index, CONTRACTS + ACCOUNTS);
	return rc ? rc : map_init(&t->trade, TRADES);
}

void report_tally_close(struct report *r)
{
	struct report_tally *t = r->tally;
	if (!t)
		return;
	for (uint32_t i = 0; t->of && i < CONTRACTS + ACCOUNTS; i++)
		free(t->of[i].window);
	free(t->of);
	free(t->trades);
	map_free(&t->index);
	map_free(&t->trade);
	free(t);
}

/* The account, or the first one seen of its group: linked accounts are summed. */
static uint32_t lead_of(const struct report *r, uint32_t account)
{
	const struct report_tally *t = r->tally;
	const struct report_account *mine = report_account_of(r, account), *other;
	for (uint32_t i = 0; mine && i < t->n_accounts; i++) {
		other = report_account_of(r, t->of[CONTRACTS + i].account);
		if (other && strcmp(other->group, mine->group) == 0)
			return t->of[CONTRACTS + i].account;
	}
	return account;
}

/* NULL: no room, or no memory. */
static struct count *find(struct report_tally *t, uint32_t account, uint32_t instrument)
{
	uint32_t at;
	const uint64_t key = (uint64_t)account << 32 | instrument;
	uint32_t *n = instrument ? &t->n_contracts : &t->n_accounts;
	if (map_get(&t->index, key, &at))
		return &t->of[at];
	if (*n == (instrument ? CONTRACTS : ACCOUNTS)) {
		t->left_out++;
		return NULL;
	}
	at = (instrument ? 0 : CONTRACTS) + *n;
	struct count *c = &t->of[at];
	c->window = calloc(1, sizeof *c->window);
	if (!c->window || map_put(&t->index, key, at))
		return NULL;
	(*n)++;
	c->account = account;
	c->instrument = instrument;
	return c;
}

/* ---- a message */

/* Stamps rise: a clock that was set back stands still here. */
static void push(struct window *w, int64_t utc_ns)
{
	if (w->head != w->tail && w->at[(w->head - 1) % WINDOW] > utc_ns)
		utc_ns = w->at[(w->head - 1) % WINDOW];
	while (w->tail != w->head && w->at[w->tail % WINDOW] <= utc_ns - SECOND_NS)
		w->tail++;
	if (w->head - w->tail == WINDOW)
		w->tail++;
	w->at[w->head++ % WINDOW] = utc_ns;
	w->burst = w->burst < w->tail ? w->tail : w->burst;
}

static void message(struct count *c, int64_t utc_ns)
{
	c->messages++;
	push(c->window, utc_ns);
	const int64_t in = (int64_t)(c->window->head - c->window->tail);
	if (in > c->peak) {
		c->peak = in;
		c->peak_utc_ns = utc_ns;
	}
	if (c->window->head - c->window->burst >= BURST) {
		c->bursts++;
		c->window->burst = c->window->head;
	}
	const int64_t second = utc_ns / SECOND_NS;
	c->in_second = second == c->second ? c->in_second + 1 : 1;
	c->second = second;
	c->seconds += c->in_second == BURST;
}

/* ---- what receipts count as */

static void on_sent(struct report_tally *t, struct count *c, const struct fact *f)
{
	(void)t;
	c->orders++;
	message(c, f->utc_ns);
}

static void on_change(struct report_tally *t, struct count *c, const struct fact *f)
{
	(void)t;
	message(c, f->utc_ns);
}

static void on_cancel_all(struct report_tally *t, struct count *c, const struct fact *f)
{
	(void)t;
	for (int64_t i = 0; i < f->num[1] && i < WINDOW; i++)
		message(c, f->utc_ns);
}

/* Ours where we had asked for it; the rest of an immediate order is told apart, for exchanges differ in whether it counts. */
static void on_cancelled(struct report_tally *t, struct count *c, const struct fact *f)
{
	(void)t;
	if (f->num[1])
		return;
	const int64_t lots = (f->qty - f->num[0]) / dec_pow10[f->qty_dp];
	c->rest += !f->num[5] && (f->num[4] == TIF_IOC || f->num[4] == TIF_FOK);
	if (!f->num[5])
		return;
	c->cancels++;
	c->large += lots >= LARGE_LOTS;
	c->at_limit += f->num[6] != 0;
}

/* Both sides of a trade have one id: whoever sees both has traded with himself. */
static bool other_side_seen(struct report_tally *t, const struct fact *f)
{
	struct {
		uint32_t instrument, lead;
		char exec[sizeof f->exec];
	} id = { f->instrument, t->lead, { 0 } };
	uint32_t sides = 0;
	memcpy(id.exec, f->exec, strnlen(f->exec, sizeof id.exec));
	const uint64_t key = map_hash_bytes(&id, sizeof id);
	if (map_get(&t->trade, key, &sides)) {
		if (sides == 1u << f->side)
			return false;
		map_del(&t->trade, key);
		return true;
	}
	uint64_t *oldest = &t->trades[t->n_trades++ % TRADES];
	if (*oldest)
		map_del(&t->trade, *oldest);
	*oldest = key;
	map_put(&t->trade, key, 1u << f->side);
	return false;
}

static void on_fill(struct report_tally *t, struct count *c, const struct fact *f)
{
	c->fills++;
	c->qty_dp = f->qty_dp;
	c->opened += f->offset == OFFSET_OPEN ? f->qty : 0;
	c->self += f->exec[0] && f->side < side_max && c->instrument && other_side_seen(t, f);
}

static void on_rejected(struct report_tally *t, struct count *c, const struct fact *f)
{
	(void)t;
	(void)f;
	c->rejects++;
}

static void (*const effect[fact_kind_max])(struct report_tally *t, struct count *c,
					   const struct fact *f) = {
	[FACT_SENT] = on_sent,
	[FACT_CANCEL] = on_change,
	[FACT_CANCEL_ALL] = on_cancel_all,
	[FACT_REPLACE] = on_change,
	[FACT_FILL] = on_fill,
	[FACT_FOREIGN] = on_fill,
	[FACT_REJECTED] = on_rejected,
	[FACT_CANCELLED] = on_cancelled,
};

/* The engine's own count stands in its checkpoints: that of messages here, to be held against ours. */
static void on_tally(struct report *r, const struct fact *f)
{
	struct count *c = find(r->tally, lead_of(r, f->account), 0);
	if (c)
		c->engine = f->num[1];
}

void report_tally_fact(struct report *r, const struct fact *f)
{
	struct report_tally *t = r->tally;
	if (f->kind == FACT_TALLY_RATE)
		on_tally(r, f);
	if (f->kind >= fact_kind_max || !effect[f->kind] || !f->account || r->framed)
		return;
	const uint32_t lead = lead_of(r, f->account);
	t->lead = lead;
	struct count *contract = f->instrument ? find(t, f->account, f->instrument) : NULL,
		     *all = find(t, lead, 0);
	if (contract)
		effect[f->kind](t, contract, f);
	if (all)
		effect[f->kind](t, all, f);
}

void report_tally_use(const struct report *r, uint32_t account, int64_t *second, int64_t *today)
{
	uint32_t at;
	*second = *today = 0;
	if (!map_get(&r->tally->index, (uint64_t)lead_of(r, account) << 32, &at))
		return;
	const struct count *c = &r->tally->of[at];
	*second = (int64_t)(c->window->head - c->window->tail);
	*today = c->messages;
}

/* ---- rows */

static void put_who(struct report *r, const struct count *c)
{
	const struct report_account *a = report_account_of(r, c->account);
	/* What a whole group did is no single account's. */
	report_text(r->out, COL_C_ACCOUNT,
		    c->instrument || !a ? report_name(r, NAME_ACCOUNT, c->account) : NULL);
	report_text(r->out, COL_C_GROUP, a ? a->group : NULL);
	report_text(r->out, COL_C_INSTRUMENT, report_name(r, NAME_INSTRUMENT, c->instrument));
}

static void put_count(struct report *r, const struct count *c)
{
	struct report_out *o = r->out;
	char day[12];
	const int32_t date = r->day.date;
	date_format(date, day);
	report_text(o, COL_C_DAY, day);
	put_who(r, c);
	report_int(o, COL_C_ORDERS, c->orders);
	report_int(o, COL_C_CANCELS, c->cancels);
	report_int(o, COL_C_LARGE, c->large);
	report_int(o, COL_C_REST, c->rest);
	report_int(o, COL_C_AT_LIMIT, c->at_limit);
	report_int(o, COL_C_SELF, c->self);
	report_int(o, COL_C_FILLS, c->fills);
	if (c->instrument)
		report_dec(o, COL_C_OPENED, c->opened, c->qty_dp);
	report_int(o, COL_C_REJECTS, c->rejects);
	report_int(o, COL_C_MESSAGES, c->messages);
	report_int(o, COL_C_PEAK, c->peak);
	if (c->peak)
		report_time(o, COL_C_PEAK_TIME, c->peak_utc_ns);
	report_int(o, COL_C_SECONDS, c->seconds);
	report_int(o, COL_C_BURSTS, c->bursts);
	if (c->engine)
		report_int(o, COL_C_ENGINE, c->engine);
	report_row(o, SHEET_COUNTERS);
}

static const char *mark(int64_t value, int64_t limit)
{
	return value >= limit			  ? "reached"
	       : 100 * value >= BLOCK_PCT * limit ? "block"
	       : 100 * value >= WARN_PCT * limit  ? "warn"
						  : "ok";
}

static void put_measure(struct report *r, const struct count *c, const struct measure *m)
{
	struct report_out *o = r->out;
	const struct report_account *a = report_account_of(r, c->account);
	int64_t value;
	memcpy(&value, (const char *)c + m->at, sizeof value);
	report_text(o, COL_M_MEASURE, m->name);
	report_text(o, COL_M_ACCOUNT,
		    !c->instrument && a ? a->group : report_name(r, NAME_ACCOUNT, c->account));
	report_text(o, COL_M_INSTRUMENT, report_name(r, NAME_INSTRUMENT, c->instrument));
	report_int(o, COL_M_VALUE, value);
	report_int(o, COL_M_LIMIT, m->limit);
	report_dec(o, COL_M_PART, dec_muldiv(value, 1000, m->limit, DEC_NEAREST), 1);
	report_text(o, COL_M_MARK, mark(value, m->limit));
	report_row(o, SHEET_MEASURES);
}

int report_tally_end(struct report *r)
{
	const struct report_tally *t = r->tally;
	for (uint32_t i = 0; i < t->n_contracts; i++)
		put_count(r, &t->of[i]);
	for (uint32_t i = 0; i < t->n_accounts; i++)
		put_count(r, &t->of[CONTRACTS + i]);
	for (size_t m = 0; m < sizeof measures / sizeof *measures; m++) {
		const uint32_t n = measures[m].contract ? t->n_contracts : t->n_accounts;
		for (uint32_t i = 0; i < n; i++)
			put_measure(r, &t->of[(measures[m].contract ? 0 : CONTRACTS) + i],
				    &measures[m]);
	}
	return t->left_out
		       ? err_set(ERR_FULL,
				 "more than %d contracts or %d accounts in a day: this report cannot count them",
				 CONTRACTS, ACCOUNTS)
		       : 0;
}
