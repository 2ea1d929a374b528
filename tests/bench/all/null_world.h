/* null_world - a whole engine with venues, an env and scripts that do nothing: what remains is what the engine itself costs. */
#pragma once
#include "adapters/codec/binance_md.h"
#include "core/base/rng.h"
#include "core/engine.h"

#define VENUES 2
#define MID    6000000

struct null_env {
	struct env e; /* first */
	struct null_world *world;
};

struct null_venue {
	struct venue v; /* first */
	struct order last;
	uint64_t placed;
};

/* What one venue's adapter holds to read its stream. */
struct null_reader {
	struct symbols symbols;
	struct binance_md md;
};

struct null_frame {
	char text[256];
	size_t n;
};

struct null_world {
	struct null_env env;
	struct null_venue venue[VENUES];
	struct config cfg;
	struct strategy script;
	struct engine *engine;
	struct venue_host host;
	struct rng rng;
	uint32_t event;			/* instrument of the next poll's quote; UINT32_MAX: none */
	const struct null_frame *frame; /* its bytes are to be read; NULL: it is there already */
	struct null_reader reader[VENUES];
	int64_t seq, px;
	uint64_t trades;
};

/* Says what went wrong, and ends. */
_Noreturn void null_die(const char *what);
void null_now(struct env *e, struct env_now *out);
/* Instruments belong to the venues in turns; an instance trades two neighbours, from the first on. Books stand when it returns. */
void null_world_open(struct null_world *w, uint32_t instruments, uint16_t instances,
		     struct journal *journal);
void null_world_close(struct null_world *w);
