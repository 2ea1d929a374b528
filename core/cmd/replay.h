/* replay - a recorded life through the host's own engine, executor, risk and scripts, with the record as its world: whatever it writes is held against the receipt that was
 * written then.
 *
 * What is compared is the receipt's bytes, all of them; only the build that a session names may be another. One thread; reads the store, writes nothing. */
#pragma once
#include "core/cmd/retell.h"
#include "store/reader.h"

/* The first receipt that came out otherwise. */
struct replay_difference {
	bool any;
	bool missing; /* there is no such receipt in the store, or none came now */
	struct fact then, now;
	uint64_t entries; /* that the engine had heard until then */
	int64_t utc_ns;
	char why[512]; /* where the engine asked for something else than it did then; else empty */
};

struct replay_counts {
	uint32_t lives,
		partial; /* partial: were killed, so that their last moments are not recorded */
	uint32_t away; /* lives whose beginning lies in an archive: they were not run */
	uint64_t calls, decisions, receipts, entries, turns;
	uint64_t unseen; /* receipts behind the end of what is recorded */
	int64_t first_ns, last_ns;
};

/* A script as a life loaded it. */
struct replay_loaded {
	char *text; /* NULL: somebody stood in for it */
	size_t len;
	char file[256];
	void *saved; /* its memory; NULL: none */
	size_t saved_len;
};

/* A life that is about to run; all of it lives until the watch's end. */
struct replay_life {
	const struct config *cfg;
	const char *config; /* its text */
	size_t config_len;
	const struct replay_loaded *script; /* by instance */
};

/* Who else is shown each call of a script: what it was shown, and what came of it. */
struct replay_watch {
	void *owner;
	/* Non-zero ends the replay. */
	int (*begin)(void *owner, const struct replay_life *life);
	/* Events that it is to be told although the script of then has no hook for them: a bit per strat_event_kind. */
	uint32_t (*also)(void *owner, uint16_t instance);
	/* Of the version that trades; n: what came of it, its proposals in out; an event of `also` has none. */
	void (*call)(void *owner, uint16_t instance, const struct strategy *s,
		     const struct strat_self *self, const struct strat_event *ev,
		     const struct proposal *out, int n, const struct env_now *now);
	void (*turn)(void *owner, const struct env_now *now); /* a turn has ended */
	void (*end)(void *owner);
};

struct replay_options {
	const char *path;
	int64_t from_ns, to_ns;		  /* UTC; to_ns 0: to the end */
	const struct replay_watch *watch; /* NULL: nobody */
	void (*progress)(void *owner, uint32_t life, int64_t utc_ns);
	void *owner;
};

/* Every life of the store that lies in the span. 0 also where something differs; -ERR_NOTFOUND: nothing is recorded; -ERR_CORRUPT, -ERR_IO, -ERR_NOMEM, -ERR_CONFIG. */
int replay_run(const struct replay_options *o, struct reader *r, struct replay_counts *out,
	       struct replay_difference *diff);
