/* retell - gives an engine again what it heard in a recorded life: every port answers from the entries, in their order.
 *
 * What the engine asks and what the entries say next must be of one kind; where they are not, the engine has taken another way, and the first such place is kept in
 * words (retell_broken). From then on every port answers with nothing. One thread. */
#pragma once
#include "core/cmd/inputs.h"
#include "core/engine.h"

struct retell;

struct retell_host {
	void *owner;
	/* A fact that the engine writes. seq: the number that it has now. */
	void (*fact)(void *owner, const struct fact *f);
	/* A call of a script, as strategy_ops.run. */
	int (*run)(void *owner, uint16_t instance, struct strategy *s,
		   const struct strat_self *self, const struct strat_event *ev,
		   struct proposal *out, unsigned cap);
	/* As engine_tap's; NULL: nobody wants more than the script then. */
	uint32_t (*also)(void *owner, uint16_t instance);
	void (*told)(void *owner, uint16_t instance, struct strategy *s,
		     const struct strat_self *self, const struct strat_event *ev);
	/* A version that was taken: *s is made of the text, or NULL and a negative code. saved: the memory that was handed over when it was asked for. */
	int (*version)(void *owner, const struct input_taken *t, int64_t asked_utc_ns,
		       const void *saved, size_t len, struct strategy **s);
	/* Nothing needs it any more. */
	void (*give_back)(void *owner, struct strategy *s);
};

/* Where the blocks of a life lie. As inputs_reader_block: that many bytes, in INPUTS_LAYOUT. */
struct retell_source {
	void *owner;
	int (*block)(void *owner, uint32_t life, uint64_t number, void *out);
};

/* From the life's first entry on. -ERR_NOTFOUND: it has none; -ERR_CORRUPT; -ERR_NOMEM. What the source has outlives it. */
int retell_open(const struct retell_source *from, uint32_t life, const struct retell_host *host,
		struct retell **out);
void retell_close(struct retell *r);

struct retell_entry {
	uint8_t kind, op;
	uint16_t who;
	uint32_t len;
	const void *p; /* lives while the next few blocks are read */
};
/* The next entry, without taking it; false: there is no more, or no sound one. */
bool retell_peek(struct retell *r, struct retell_entry *e);
/* Takes the next one if it is of this kind and as long as that at least. */
bool retell_take(struct retell *r, enum input_kind k, size_t least, struct retell_entry *e);

/* How many the configuration has: what speaks of others is damage, and nobody is told of it. Before the first venue. */
struct retell_limits {
	uint32_t venues, accounts, instruments, assets;
};
void retell_limit(struct retell *r, const struct retell_limits *l);

/* The ports. */
struct env *retell_env(struct retell *r);
struct journal *retell_journal(struct retell *r, uint64_t last_seq);
struct tape *retell_tape(struct retell *r);
struct reload_port *retell_reload(struct retell *r);
struct engine_tap *retell_tap(struct retell *r);
/* Venue v, with what was told while it was opened told to `host`. -ERR_CORRUPT: it was not recorded; -ERR_NOMEM. Freed through its ops. */
int retell_venue(struct retell *r, uint16_t v, uint32_t n_instruments,
		 const struct venue_host *host, struct venue **out);

/* A call of this script failed then for a reason that lies in no input (it was stopped): it fails again, in the same words. */
void retell_failed(struct strategy *s, const struct input_call *x);
/* Has the engine asked for something else than it did then? Why, in words; NULL: no. */
const char *retell_broken(const struct retell *r);
/* The entries ended before the life did: it was killed, or entries were lost. NULL: no, or not yet; else why. */
const char *retell_short(const struct retell *r);
uint64_t retell_entries(const struct retell *r); /* taken so far */
const struct env_now *retell_now(const struct retell *r);
