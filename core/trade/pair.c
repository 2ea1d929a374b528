#include "core/trade/pair.h"

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

static const char *const state_name[] = { "PROPOSED",  "CHECKED", "REFUSED", "SENT",
					  "HEDGED",    "FLAT",	  "BROKEN",  "COMPLETING",
					  "UNWINDING", "HELD" };
_Static_assert(sizeof state_name / sizeof *state_name == pair_state_max,
	       "a name for every pair state");

static const char *const event_name[] = { "PASS",   "REFUSE",	"SEND",	  "EVEN", "EMPTY",
					  "UNEVEN", "COMPLETE", "UNWIND", "HOLD" };
_Static_assert(sizeof event_name / sizeof *event_name == pair_event_max,
	       "a name for every pair event");

static const char *const cause_name[] = { "none",	   "venue_down",    "no_market",
					  "unknown_order", "budget",	    "policy",
					  "no_room",	   "market_closed", "price_beyond_limit",
					  "messages",	   "attempts",	    "locked_at_limit",
					  "halted",	   "unmeasured",    "clock" };
_Static_assert(sizeof cause_name / sizeof *cause_name == held_cause_max,
	       "a name for every cause of holding");

static const char *const intent_name[] = { "open", "close", "roll", "repair", "flatten" };
_Static_assert(sizeof intent_name / sizeof *intent_name == pair_intent_max,
	       "a name for every intent");

static const char *const resolve_name[] = { "none", "complete", "unwind", "adopt", "accept" };
_Static_assert(sizeof resolve_name / sizeof *resolve_name == resolve_way_max,
	       "a word for every way to resolve a pair");

#define NO pair_state_max

/*  PROPOSED --> CHECKED --> SENT --even--> HEDGED --something breaks it later--+
 *      |           |         |---empty-> FLAT                                 |
 *      +--REFUSED--+         +---uneven-> BROKEN <----------------------------+
 *                                          |  ^
 *                             COMPLETING <-+-> UNWINDING --> HEDGED | FLAT, and HELD when there is no way now
 *
 *  Columns: PASS REFUSE SEND EVEN EMPTY UNEVEN COMPLETE UNWIND HOLD. */
/* clang-format off */
static const uint8_t next_state[pair_state_max][pair_event_max] = {
	[PAIR_PROPOSED] = {PAIR_CHECKED, PAIR_REFUSED, NO, NO, NO, NO, NO, NO, NO},
	[PAIR_CHECKED] = {NO, PAIR_REFUSED, PAIR_SENT, NO, NO, NO, NO, NO, NO},
	[PAIR_REFUSED] = {NO, NO, NO, NO, NO, NO, NO, NO, NO},
	[PAIR_SENT] = {NO, NO, NO, PAIR_HEDGED, PAIR_FLAT, PAIR_BROKEN, NO, NO, NO},
	[PAIR_HEDGED] = {NO, NO, NO, PAIR_HEDGED, PAIR_FLAT, PAIR_BROKEN, NO, NO, NO},
	[PAIR_FLAT] = {NO, NO, NO, PAIR_HEDGED, PAIR_FLAT, PAIR_BROKEN, NO, NO, NO},
	[PAIR_BROKEN] = {NO, NO, NO, PAIR_HEDGED, PAIR_FLAT, PAIR_BROKEN, PAIR_COMPLETING, PAIR_UNWINDING, PAIR_HELD},
	[PAIR_COMPLETING] = {NO, NO, NO, PAIR_HEDGED, PAIR_FLAT, PAIR_BROKEN, PAIR_COMPLETING, PAIR_UNWINDING, PAIR_HELD},
	[PAIR_UNWINDING] = {NO, NO, NO, PAIR_HEDGED, PAIR_FLAT, PAIR_BROKEN, PAIR_COMPLETING, PAIR_UNWINDING, PAIR_HELD},
	[PAIR_HELD] = {NO, NO, NO, PAIR_HEDGED, PAIR_FLAT, PAIR_HELD, PAIR_COMPLETING, PAIR_UNWINDING, PAIR_HELD},
};
/* clang-format on */

enum pair_state pair_next(enum pair_state s, enum pair_event e)
{
	return (enum pair_state)next_state[s][e];
}

bool pair_over(enum pair_state s)
{
	return s == PAIR_HEDGED || s == PAIR_FLAT || s == PAIR_REFUSED;
}

int64_t pair_order_px(const struct pair *p, unsigned leg)
{
	bool rests = p->style == STYLE_PASSIVE && leg == p->first && p->state <= PAIR_SENT;
	return rests ? p->leg[leg].ref_px : p->leg[leg].limit_px;
}

bool pair_working(enum pair_state s)
{
	return !pair_over(s) && s != PAIR_PROPOSED;
}

const char *pair_state_name(enum pair_state s)
{
	return s < pair_state_max ? state_name[s] : "?";
}

const char *pair_event_name(enum pair_event e)
{
	return e < pair_event_max ? event_name[e] : "?";
}

const char *held_cause_name(enum held_cause c)
{
	return c < held_cause_max ? cause_name[c] : "?";
}

const char *pair_intent_name(enum pair_intent i)
{
	return i < pair_intent_max ? intent_name[i] : "?";
}

const char *resolve_way_name(enum resolve_way w)
{
	return w < resolve_way_max ? resolve_name[w] : "?";
}

enum resolve_way resolve_way_find(const char *name)
{
	for (int w = RESOLVE_COMPLETE; w < resolve_way_max; w++)
		if (strcmp(name, resolve_name[w]) == 0)
			return (enum resolve_way)w;
	return RESOLVE_NONE;
}

int64_t pair_leg_base_e8(const struct pair_leg *l, const struct instrument *i)
{
	int64_t px = l->ref_px ? l->ref_px : l->limit_px;
	return instrument_base_e8(i, l->cum_qty, px) - l->fee_base_e8;
}

uint32_t pair_open_orders(const struct pair *p)
{
	uint32_t n = 0;
	for (unsigned l = 0; l < p->n_legs; l++)
		n += p->leg[l].open_orders;
	return n;
}

int pairs_init(struct pairs *p, uint32_t cap)
{
	*p = (struct pairs){ .cap = cap, .n_free = cap };
	p->slot = mem_take(cap, sizeof *p->slot);
	p->free = mem_take(cap, sizeof *p->free);
	p->done = mem_take(cap, sizeof *p->done);
	p->dirty = mem_take(cap, sizeof *p->dirty);
	p->resting = mem_take(cap, sizeof *p->resting);
	if (!p->slot || !p->free || !p->done || !p->dirty || !p->resting ||
	    map_init(&p->by_id, cap)) {
		pairs_free(p);
		return err_set(ERR_NOMEM, "no memory for %u pairs", cap);
	}
	for (uint32_t i = 0; i < cap; i++)
		p->free[i] = cap - 1 - i;
	return 0;
}

void pairs_free(struct pairs *p)
{
	free(p->slot);
	free(p->free);
	free(p->done);
	free(p->dirty);
	free(p->resting);
	map_free(&p->by_id);
	*p = (struct pairs){ 0 };
}

/* The oldest finished pair that is still finished: late news may have opened one again. One with news unread waits another round. */
static bool evict(struct pairs *p, struct pair *evicted)
{
	for (uint32_t tries = p->n_done; tries > 0; tries--) {
		uint32_t i = p->done[p->done_head];
		p->done_head = (p->done_head + 1) % p->cap;
		p->n_done--;
		struct pair *old = &p->slot[i];
		old->queued = false;
		if (!pair_over((enum pair_state)old->state))
			continue;
		if (old->dirty) {
			pairs_finish(p, old);
			continue;
		}
		*evicted = *old;
		map_del(&p->by_id, old->id);
		old->id = 0;
		p->free[p->n_free++] = i;
		return true;
	}
	return false;
}

struct pair *pairs_new(struct pairs *p, uint64_t id, struct pair *evicted)
{
	evicted->id = 0;
	if (p->n_free == 0 && !evict(p, evicted))
		return NULL;
	uint32_t i = p->free[p->n_free - 1];
	if (map_put(&p->by_id, id, i))
		return NULL;
	p->n_free--;
	p->slot[i] = (struct pair){ .id = id };
	p->used = i >= p->used ? i + 1 : p->used;
	return &p->slot[i];
}

struct pair *pairs_find(struct pairs *p, uint64_t id)
{
	uint32_t i;
	return id && map_get(&p->by_id, id, &i) ? &p->slot[i] : NULL;
}

struct pair *pairs_each(struct pairs *p, uint32_t *i)
{
	while (*i < p->used) {
		struct pair *pair = &p->slot[(*i)++];
		if (pair->id)
			return pair;
	}
	return NULL;
}

void pairs_touch(struct pairs *p, struct pair *pair)
{
	if (pair->dirty)
		return;
	pair->dirty = true;
	p->dirty[p->n_dirty++] = (uint32_t)(pair - p->slot);
}

void pairs_rest(struct pairs *p, struct pair *pair, bool rests)
{
	if (pair->resting == rests)
		return;
	pair->resting = rests;
	uint32_t slot = (uint32_t)(pair - p->slot), at = 0;
	if (rests) {
		p->resting[p->n_resting++] = slot;
		return;
	}
	while (p->resting[at] != slot)
		at++;
	p->resting[at] = p->resting[--p->n_resting];
}

struct pair *pairs_next_dirty(struct pairs *p)
{
	if (p->n_dirty == 0)
		return NULL;
	struct pair *pair = &p->slot[p->dirty[--p->n_dirty]];
	pair->dirty = false;
	return pair;
}

void pairs_finish(struct pairs *p, struct pair *pair)
{
	must(pair_over((enum pair_state)pair->state));
	if (pair->told != RESOLVE_ACCEPT) /* a way is of this rescue, not of the next */
		pair->told = RESOLVE_NONE;
	if (pair->queued) /* it ended before, and late news opened it again: its old place will do */
		return;
	pair->queued = true;
	p->done[(p->done_head + p->n_done++) % p->cap] = (uint32_t)(pair - p->slot);
}
