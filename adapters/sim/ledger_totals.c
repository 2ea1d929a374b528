/* The sums over a ledger. They use its records alone, nothing of what the venue keeps in memory. */
#include "adapters/sim/ledger.h"
#include "core/base/err.h"
#include "core/market/event.h"
#include "core/market/instrument.h"
#include <string.h>

static int bad(const struct ledger_record *r, const char *what)
{
	return err_set(ERR_CORRUPT, "record %llu of the ledger (%s) %s", (unsigned long long)r->seq,
		       ledger_kind_name(r->kind), what);
}

/* Sums of a damaged file may not fit: they wrap, and the check finds them wrong. */
static void add(int64_t *to, int64_t v)
{
	(void)__builtin_add_overflow(*to, v, to);
}

static void sub(int64_t *to, int64_t v)
{
	(void)__builtin_sub_overflow(*to, v, to);
}

static int add_name(char *to, size_t cap, const struct ledger_record *r)
{
	if (strlen(r->text) >= cap)
		return bad(r, "has a name that is too long");
	memcpy(to, r->text, strlen(r->text) + 1);
	return 0;
}

/* Moves of one account's asset by a fill: spot exchanges two assets, futures realise profit. */
static void add_fill_money(struct ledger_totals *t, const struct ledger_record *r)
{
	const struct ledger_record *i = &t->instrument[r->instrument];
	struct ledger_money *money = t->money[r->account];
	uint16_t base = i->body.instrument.base, quote = i->body.instrument.quote;
	uint16_t settle = i->body.instrument.settle;
	void (*in)(int64_t *, int64_t) = r->side == SIDE_BUY ? add : sub;
	void (*out)(int64_t *, int64_t) = r->side == SIDE_BUY ? sub : add;
	if (i->body.instrument.expo_kind == EXPO_SPOT) {
		in(&money[base].expect_e8, r->body.fill.base_e8);
		out(&money[quote].expect_e8, r->body.fill.value_e8);
		if (!r->own) {
			out(&t->market_e8[base], r->body.fill.base_e8);
			in(&t->market_e8[quote], r->body.fill.value_e8);
		}
	} else {
		add(&money[settle].expect_e8, r->body.fill.pnl_e8);
		sub(&t->market_e8[settle], r->body.fill.pnl_e8);
	}
	add(&money[r->fee_asset].fees_e8, r->body.fill.fee_e8);
	sub(&money[r->fee_asset].expect_e8, r->body.fill.fee_e8);
	add(&t->fees_e8[r->fee_asset], r->body.fill.fee_e8);
}

static int add_fill(struct ledger_totals *t, const struct ledger_record *r)
{
	if (r->account >= LEDGER_ACCOUNTS || r->instrument >= LEDGER_INSTRUMENTS ||
	    r->fee_asset >= LEDGER_ASSETS || r->side >= side_max)
		return bad(r, "speaks of what does not exist");
	if (t->instrument[r->instrument].kind != LEDGER_INSTRUMENT)
		return bad(r, "speaks of an instrument that was not defined");
	struct ledger_trading *at = &t->trading[r->account][r->instrument];
	add(&at->qty[r->side], r->body.fill.qty);
	add(&at->value_e8[r->side], r->body.fill.value_e8);
	add(&at->base_e8[r->side], r->body.fill.base_e8);
	add(&at->pnl_e8, r->body.fill.pnl_e8);
	at->fills++;
	at->maker_fills += r->maker;
	t->fills++;
	t->own_fills += r->own;
	add_fill_money(t, r);
	return 0;
}

static int add_instrument(struct ledger_totals *t, const struct ledger_record *r)
{
	if (r->instrument >= LEDGER_INSTRUMENTS || r->body.instrument.base >= LEDGER_ASSETS ||
	    r->body.instrument.quote >= LEDGER_ASSETS || r->body.instrument.settle >= LEDGER_ASSETS)
		return bad(r, "speaks of what does not exist");
	t->instrument[r->instrument] = *r;
	return add_name(t->symbol[r->instrument], sizeof t->symbol[0], r);
}

static int add_money(struct ledger_totals *t, const struct ledger_record *r)
{
	if (r->account >= LEDGER_ACCOUNTS || r->asset >= LEDGER_ASSETS)
		return bad(r, "speaks of what does not exist");
	struct ledger_money *m = &t->money[r->account][r->asset];
	if (r->kind == LEDGER_MOVE) {
		add(&m->moved_e8, r->body.money.moved_e8);
		add(&m->expect_e8, r->body.money.moved_e8);
	} else {
		m->free_e8 = r->body.money.free_e8;
		m->locked_e8 = r->body.money.locked_e8;
	}
	return 0;
}

static int add_position(struct ledger_totals *t, const struct ledger_record *r)
{
	if (r->account >= LEDGER_ACCOUNTS || r->instrument >= LEDGER_INSTRUMENTS)
		return bad(r, "speaks of what does not exist");
	struct ledger_trading *at = &t->trading[r->account][r->instrument];
	at->position = r->body.position.qty;
	at->entry_e8 = r->body.position.entry_e8;
	at->has_position = true;
	return 0;
}

static int add_record(void *owner, const struct ledger_record *r)
{
	struct ledger_totals *t = owner;
	t->records++;
	switch ((enum ledger_kind)r->kind) {
	case LEDGER_HEAD:
		memcpy(t->venue, r->text, sizeof t->venue);
		return 0;
	case LEDGER_ASSET:
		return r->asset < LEDGER_ASSETS
			       ? add_name(t->asset[r->asset], sizeof t->asset[0], r)
			       : bad(r, "speaks of what does not exist");
	case LEDGER_ACCOUNT:
		return r->account < LEDGER_ACCOUNTS
			       ? add_name(t->account[r->account], sizeof t->account[0], r)
			       : bad(r, "speaks of what does not exist");
	case LEDGER_INSTRUMENT:
		return add_instrument(t, r);
	case LEDGER_START:
		t->starts++;
		return 0;
	case LEDGER_ORDER:
		t->orders++;
		return 0;
	case LEDGER_AMEND:
	case LEDGER_DAY:
		return 0;
	case LEDGER_END:
		t->ends++;
		return 0;
	case LEDGER_REJECT:
		t->rejects++;
		return 0;
	case LEDGER_FILL:
		return add_fill(t, r);
	case LEDGER_MOVE:
	case LEDGER_BALANCE:
		return add_money(t, r);
	case LEDGER_POSITION:
		return add_position(t, r);
	case ledger_kind_max:
		break;
	}
	return bad(r, "is of no known kind");
}

int ledger_totals(const char *path, struct ledger_totals *t)
{
	memset(t, 0, sizeof *t);
	return ledger_read(path, add_record, t, NULL);
}

int ledger_totals_scan(const void *bytes, size_t n, struct ledger_totals *t)
{
	memset(t, 0, sizeof *t);
	return ledger_scan(bytes, n, add_record, t, NULL);
}

/* What was bought less what was sold is the position; what it cost is its entry and what was realised. */
static int check_position(const struct ledger_totals *t, unsigned a, unsigned i)
{
	const struct ledger_trading *at = &t->trading[a][i];
	if (t->instrument[i].kind != LEDGER_INSTRUMENT ||
	    t->instrument[i].body.instrument.expo_kind == EXPO_SPOT)
		return 0;
	int64_t net = at->qty[SIDE_BUY], pnl = at->value_e8[SIDE_SELL], mirrored = 0;
	sub(&net, at->qty[SIDE_SELL]);
	if (net != at->position)
		return err_set(
			ERR_CORRUPT,
			"account %s, %s: fills make a position of %lld, the ledger says %lld",
			t->account[a], t->symbol[i], (long long)net, (long long)at->position);
	sub(&pnl, at->value_e8[SIDE_BUY]);
	(net > 0 ? add : sub)(&pnl, at->entry_e8);
	sub(&mirrored, pnl);
	if (t->instrument[i].body.instrument.expo_kind == EXPO_INVERSE)
		pnl = mirrored;
	if (pnl != at->pnl_e8)
		return err_set(ERR_CORRUPT,
			       "account %s, %s: fills realise %lld e-8, the ledger says %lld e-8",
			       t->account[a], t->symbol[i], (long long)pnl, (long long)at->pnl_e8);
	return 0;
}

int ledger_check(const struct ledger_totals *t)
{
	for (unsigned a = 0; a < LEDGER_ACCOUNTS; a++) {
		for (unsigned i = 0; i < LEDGER_INSTRUMENTS; i++) {
			int rc = check_position(t, a, i);
			if (rc)
				return rc;
		}
		for (unsigned s = 0; s < LEDGER_ASSETS; s++) {
			const struct ledger_money *m = &t->money[a][s];
			int64_t has = m->free_e8;
			add(&has, m->locked_e8);
			if (has != m->expect_e8)
				return err_set(
					ERR_CORRUPT,
					"account %s, %s: moves, fills and fees make %lld e-8, the ledger "
					"says %lld e-8",
					t->account[a], t->asset[s], (long long)m->expect_e8,
					(long long)has);
		}
	}
	return 0;
}

static int find(const char *names, size_t size, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (*name && strcmp(names + (size_t)i * size, name) == 0)
			return i;
	return -1;
}

int ledger_find_asset(const struct ledger_totals *t, const char *name)
{
	return find(t->asset[0], sizeof t->asset[0], LEDGER_ASSETS, name);
}

int ledger_find_symbol(const struct ledger_totals *t, const char *symbol)
{
	return find(t->symbol[0], sizeof t->symbol[0], LEDGER_INSTRUMENTS, symbol);
}

int ledger_find_account(const struct ledger_totals *t, const char *name)
{
	return find(t->account[0], sizeof t->account[0], LEDGER_ACCOUNTS, name);
}

int64_t ledger_base_e8(const struct ledger_totals *t, unsigned account, const char *asset)
{
	int id = ledger_find_asset(t, asset);
	if (id < 0 || account >= LEDGER_ACCOUNTS)
		return 0;
	int64_t sum = 0;
	sub(&sum, t->money[account][id].fees_e8);
	for (unsigned i = 0; i < LEDGER_INSTRUMENTS; i++) {
		if (t->instrument[i].kind != LEDGER_INSTRUMENT ||
		    t->instrument[i].body.instrument.base != id)
			continue;
		add(&sum, t->trading[account][i].base_e8[SIDE_BUY]);
		sub(&sum, t->trading[account][i].base_e8[SIDE_SELL]);
	}
	return sum;
}
