/* stage - a whole host with one strategy and both Binance markets, each played by a peer, on simulated time; receipts in memory.
 *
 * The strategy proposes a pair on every basis event. The stage watches what must hold whatever the markets say: nothing is proposed and no
 * pair's order is made while a book is not LIVE (I9), and only at prices that the markets meant. */
#pragma once
#include "core/engine.h"
#include "core/io/env_sim.h"
#include "tests/kit/peer.h"
#include "tests/sim/mem_journal.h"

#define STAGE_MS 1000000ll

enum stage_market_id { SPOT, USDM, stage_market_max };

/* A market that talks sense while it is not quiet: a best price and a depth change every 20 ms. In its texts '@' stands for the next
 * update number and '#' for the last one. */
struct stage_market {
	struct peer peer;
	struct env *env;
	int64_t seq;
	bool quiet;
	const char *bid, *ask;
	const char
		*book; /* its answer when asked for a whole book, with book_status; NULL: silence */
	int book_status;
	char *book_text, time_text[48];
};

struct stage {
	struct env_sim *sim;
	struct env *host;
	struct stage_market market[stage_market_max];
	struct mem_journal journal; /* with an `append` of the stage */
	const struct journal_ops *append_ops;
	struct config cfg;
	struct config_venue cv[stage_market_max];
	struct config_account ca[stage_market_max];
	struct instrument in[stage_market_max];
	struct config_instance ci[1];
	struct strategy script;
	struct engine *engine;
	struct venue *venue[stage_market_max];
	unsigned facts[fact_kind_max]; /* how many of each kind */
	uint32_t name[64];	       /* durable names, all from one row */
	char folder[64];
	unsigned proposals;
	unsigned wrong; /* times that something happened which must not */
	char what[128]; /* the first of them */
};

extern const char stage_good_book[], stage_good_info[];

/* Wired, not started. */
struct stage *stage_open(void);
void stage_free(struct stage *s);
void stage_start(struct stage *s);
/* Time passes; nobody but host and peers say anything. */
void stage_run(struct stage *s, int64_t ms);
/* Time passes and the markets talk. */
void stage_talk(struct stage *s, int64_t ms);
/* Both talk until the host trades again; how long that took, -1: it did not within max_ms. */
int64_t stage_until_trading(struct stage *s, int64_t max_ms);
bool stage_live(const struct stage *s, enum stage_market_id m);
/* Says a text with its numbers filled in. */
void stage_say(struct stage *s, enum stage_market_id m, enum peer_door door, const char *text);
uint64_t stage_bad_inputs(const struct stage *s);
unsigned stage_count(const struct stage *s, enum fact_kind k);
const struct fact *stage_last(const struct stage *s, enum fact_kind k);
