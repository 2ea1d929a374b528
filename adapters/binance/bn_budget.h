/* bn_budget - how many messages may still go out: a bucket that fills by the second, a part of it kept for cancels, rescues and
 * questions, and a pause where the venue asked for one. One owner; times are monotonic nanoseconds. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum bn_urgency { BN_OPENING, BN_URGENT, bn_urgency_max };

struct bn_budget {
	int64_t per_s,
		reserve; /* messages a second, in millionths; the part that only urgent ones may use */
	int64_t level; /* what is left, in millionths of a message */
	int64_t filled_ns;
	int64_t paused_ns[bn_urgency_max]; /* nothing before then */
	int64_t backoff_ns;		   /* the last pause whose length the venue did not say */
};

/* messages_per_s 0: no limit but pauses. Starts full. */
void bn_budget_init(struct bn_budget *b, int32_t messages_per_s, int32_t reserve_pct,
		    int64_t now_ns);
/* Takes one message; 0, or -ERR_LIMIT with what it waits for. */
int bn_budget_take(struct bn_budget *b, enum bn_urgency u, int64_t now_ns);
/* How long to wait where the venue does not say it: a tenth of a second, twice as long each time that it refuses soon after, at most
 * most_ns; afresh once it has been quiet for that long. Refusals inside of a pause are those of what was under way: 0. */
int64_t bn_budget_backoff(struct bn_budget *b, enum bn_urgency u, int64_t now_ns, int64_t most_ns);
/* The venue said to wait. all: urgent messages too. Never shortens a pause. */
void bn_budget_pause(struct bn_budget *b, int64_t until_ns, bool all);
