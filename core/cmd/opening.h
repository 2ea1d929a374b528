/* opening - what stands at the beginning of a session's receipts: the durable numbers of everything that the configuration names, which configuration and which
 * build this is, and which scripts run.
 *
 * Numbers come from the store, or count up by place where there is none. Main thread; before the engine's first turn. */
#pragma once
#include "core/trade/desk.h"

struct store;
struct config;
struct strategy;

/* A name given for the first time: its NAME fact is written once the engine's desk stands. */
struct opening_name {
	uint8_t space;
	uint32_t id;
	char text[128];
};

struct opening {
	struct store *store; /* NULL: none; every name is new */
	/* Instead of a store: as store_name. NULL: there is none. */
	int (*number)(void *arg, enum name_space space, const char *text, uint32_t *id,
		      bool *is_new);
	void *arg;
	uint64_t lost; /* receipts of the life before that are missing, where no store says so */
	struct desk_names names; /* of what was learned */
	struct opening_name *fresh;
	size_t n_fresh, cap_fresh;
	uint32_t last[name_space_max]; /* given, where there is no store */
};

/* Everything that the configuration names, and the scripts of its instances, by index. -ERR_NOMEM and what the store says. */
/* Begins anew, but for `number` and its arg. */
int opening_learn(struct opening *o, struct store *store, struct config *c,
		  struct strategy *const *script);
/* One script more. */
int opening_learn_script(struct opening *o, const struct strategy *s, uint32_t *id);
/* -ERR_FULL: the journal has no room for it. pid 0: a backtest, of which the program and the logins are not told; first_seq: the last receipt of the life before. */
int opening_write(const struct opening *o, struct desk *d, uint16_t epoch, int64_t pid,
		  uint64_t first_seq);
/* An alert, where receipts of the life before are missing. */
void opening_tell_lost(struct desk *d, uint64_t lost);
void opening_free(struct opening *o);
