#include "core/trade/position.h"

#include "core/base/err.h"
#include "core/base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART_NS 14400000000000LL /* trading days are at least 5 h 30 min apart (15:00 to 20:30) */

int positions_init(struct positions *l, uint32_t cap)
{
	*l = (struct positions){ .cap = cap, .changes = 1 };
	l->row = mem_take(cap, sizeof *l->row);
	l->sum = mem_take(cap, sizeof *l->sum);
	l->sum_account = mem_take(cap, sizeof *l->sum_account);
	l->sum_instrument = mem_take(cap, sizeof *l->sum_instrument);
	if (!l->row || !l->sum || !l->sum_account || !l->sum_instrument ||
	    map_init(&l->by_key, cap) || map_init(&l->sum_at, cap)) {
		positions_free(l);
		return err_set(ERR_NOMEM, "no memory for %u positions", cap);
	}
	return 0;
}

void positions_free(struct positions *l)
{
	free(l->row);
	free(l->sum);
	free(l->sum_account);
	free(l->sum_instrument);
	map_free(&l->by_key);
	map_free(&l->sum_at);
	*l = (struct positions){ 0 };
}

static void changed(const struct position *r)
{
	if (r->changes)
		(*r->changes)++;
}

struct position *positions_at(struct positions *l, uint16_t account, uint32_t instrument,
			      uint16_t instance)
{
	uint64_t key = ((uint64_t)account << 48 | (uint64_t)instance << 32 | instrument) + 1;
	uint32_t i;
	if (map_get(&l->by_key, key, &i))
		return &l->row[i];
	if (l->n == l->cap || map_put(&l->by_key, key, l->n))
		return NULL;
	struct position *r = &l->row[l->n++];
	*r = (struct position){ .account = account,
				.instrument = instrument,
				.instance = instance,
				.changes = &l->changes };
	return r;
}

static uint64_t sum_key(uint16_t account, uint32_t instrument)
{
	return ((uint64_t)account << 32 | instrument) + 1;
}

int64_t positions_total(const struct positions *l, uint16_t account, uint32_t instrument)
{
	uint32_t i;
	return map_get(&l->sum_at, sum_key(account, instrument), &i) ? l->sum[i].net : 0;
}

struct position_sum *positions_sum(struct positions *l, uint16_t account, uint32_t instrument)
{
	uint32_t i;
	if (map_get(&l->sum_at, sum_key(account, instrument), &i))
		return &l->sum[i];
	i = l->n_sums;
	if (i == l->cap || map_put(&l->sum_at, sum_key(account, instrument), i))
		return NULL;
	l->n_sums++;
	l->sum[i] = (struct position_sum){ 0 };
	l->sum_account[i] = account;
	l->sum_instrument[i] = instrument;
	return &l->sum[i];
}

const struct position_sum *positions_look(const struct positions *l, uint16_t account,
					  uint32_t instrument)
{
	uint32_t i;
	return map_get(&l->sum_at, sum_key(account, instrument), &i) ? &l->sum[i] : NULL;
}

void positions_count(struct positions *l, uint16_t account, uint32_t instrument, int64_t signed_qty)
{
	struct position_sum *s = positions_sum(l, account, instrument);
	if (s)
		s->net += signed_qty;
}

static bool numeric(const char *s)
{
	size_t n = strspn(s, "0123456789");
	return n && !s[n];
}

/* Does the execution (time, name) come after the other? Numbers tell, since a venue's clock may go back (F47); where they are hours apart
 * time does, since an exchange may number each day anew. */
static bool later(int64_t ns, const char *exec, int64_t than_ns, const char *than)
{
	bool apart = ns && than_ns && (ns - than_ns > APART_NS || than_ns - ns > APART_NS);
	if (apart || !numeric(exec) || !numeric(than))
		return ns > than_ns;
	exec += strspn(exec, "0");
	than += strspn(than, "0");
	size_t a = strlen(exec), b = strlen(than);
	return a != b ? a > b : strcmp(exec, than) > 0;
}

void position_newest(struct position_sum *s, int64_t venue_ns, const char *exec, int64_t mono_ns)
{
	s->booked_ns = mono_ns;
	if (!exec[0]) { /* a bust has no name of its own */
		s->exec_ns = venue_ns > s->exec_ns ? venue_ns : s->exec_ns;
		return;
	}
	/* A time alone is ours, from before the first execution: the venue's clock may stand elsewhere. */
	if (s->exec[0] && !later(venue_ns, exec, s->exec_ns, s->exec))
		return;
	s->exec_ns = venue_ns;
	snprintf(s->exec, sizeof s->exec, "%s", exec);
}

bool position_heard(struct position_sum *s, int64_t venue_ns, const char *exec)
{
	if (!exec[0] || (s->read[0] && !later(venue_ns, exec, s->read_ns, s->read)))
		return false;
	s->read_ns = venue_ns;
	snprintf(s->read, sizeof s->read, "%s", exec);
	return true;
}

void position_ask(struct position_sum *s)
{
	s->asked_ns = s->exec_ns;
	memcpy(s->asked, s->exec, sizeof s->asked);
}

bool position_ahead(const struct position_sum *s)
{
	return s->exec[0] && (!s->read[0] || later(s->exec_ns, s->exec, s->read_ns, s->read));
}

bool position_is_news(const struct position_sum *s, int64_t venue_ns, const char *exec)
{
	return (!s->mark_ns && !s->mark[0]) || later(venue_ns, exec, s->mark_ns, s->mark);
}

/* Takes up to qty off lots of one direction, yesterday's first unless today's are named; returns what was left over. */
static int64_t reduce(int64_t lots[2], int64_t qty, enum offset offset)
{
	int first = offset == OFFSET_CLOSE_TODAY ? 0 : 1;
	for (int k = 0; k < 2 && qty > 0; k++) {
		int which = k == 0 ? first : first ^ 1;
		bool named_other = k == 1 && (offset == OFFSET_CLOSE_TODAY ||
					      offset == OFFSET_CLOSE_YESTERDAY);
		if (named_other)
			break;
		int64_t take = lots[which] < qty ? lots[which] : qty;
		lots[which] -= take;
		qty -= take;
	}
	return qty;
}

void position_fill(struct position *r, enum side side, enum offset offset, int64_t qty,
		   int64_t value_e8)
{
	changed(r);
	int64_t left = qty;
	if (offset != OFFSET_OPEN)
		left = reduce(r->qty[side ^ 1], qty, offset);
	/* What a close did not find is a fact of the venue all the same: it stands as an opposite position. */
	r->qty[side][0] += left;
	r->cash_e8 += side == SIDE_BUY ? -value_e8 : value_e8;
	r->volume_qty += qty;
}

void positions_new_day(struct positions *l, uint32_t instrument)
{
	l->changes++;
	for (uint32_t i = 0; i < l->n; i++) {
		struct position *r = &l->row[i];
		for (int side = 0; r->instrument == instrument && side < side_max; side++) {
			r->qty[side][1] += r->qty[side][0];
			r->qty[side][0] = 0;
		}
	}
}

void position_bust(struct position *r, enum side side, int64_t qty, int64_t value_e8)
{
	changed(r);
	int64_t left = reduce(r->qty[side], qty, OFFSET_NONE);
	r->qty[side ^ 1][0] += left;
	r->cash_e8 += side == SIDE_BUY ? value_e8 : -value_e8;
	r->volume_qty -= qty;
}

int position_charge(struct position *r, asset_id asset, int64_t fee_e8)
{
	changed(r);
	if (fee_e8 == 0)
		return 0;
	for (int k = 0; k < POSITION_FEE_ASSETS; k++)
		if (r->fee[k].asset == asset || r->fee[k].asset == 0) {
			r->fee[k].asset = asset;
			r->fee[k].paid_e8 += fee_e8;
			return 0;
		}
	return err_set(ERR_FULL, "fees in more than %d assets on one position",
		       POSITION_FEE_ASSETS);
}

int64_t position_net(const struct position *r)
{
	return r->qty[SIDE_BUY][0] + r->qty[SIDE_BUY][1] - r->qty[SIDE_SELL][0] -
	       r->qty[SIDE_SELL][1];
}

int64_t position_fee_in(const struct position *r, asset_id asset)
{
	for (int k = 0; k < POSITION_FEE_ASSETS; k++)
		if (r->fee[k].asset == asset)
			return r->fee[k].paid_e8;
	return 0;
}

int64_t position_base_e8(const struct position *r, const struct instrument *i, int64_t px)
{
	int64_t base = instrument_base_e8(i, position_net(r), px);
	return i->expo.kind == EXPO_SPOT ? base - position_fee_in(r, i->base) : base;
}
