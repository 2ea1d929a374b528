/* retell_parts - what the two pages of retell share; nobody else includes it. */
#pragma once
#include "core/cmd/retell.h"

#define RETELL_BLOCKS 4
#define RETELL_VENUES 64
#define RETELL_JOBS   64 /* versions that are being prepared at once */

struct retell_job {
	bool used;
	uint16_t instance;
	int64_t asked_utc_ns;
	void *saved;
	size_t len;
};

struct retell_venue {
	struct venue v; /* first */
	struct venue_ops ops;
	struct retell *r;
	char name[32];
	uint32_t n_instruments;
	uint8_t depth_rule[];
};

struct retell {
	struct retell_source from;
	uint32_t life;
	uint64_t number, entries; /* of the next block; taken */
	uint8_t *block[RETELL_BLOCKS];
	const uint8_t *at, *end;
	struct retell_host host;
	struct env env;
	struct journal journal;
	struct tape tape;
	struct reload_port reload;
	struct engine_tap tap;
	struct retell_limits limit;
	struct venue_host to; /* the engine's; the same for every venue */
	struct retell_venue *venue[RETELL_VENUES];
	struct env_now now;
	uint32_t quiet;
	uint64_t seq, appends;
	struct input_result trouble;
	struct retell_job job[RETELL_JOBS];
	char broken[512], cut[256];
};

void retell_break(struct retell *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void retell_skip(struct retell *r);
bool retell_expect(struct retell *r, enum input_kind k, size_t least, struct retell_entry *e);
int64_t retell_result(struct retell *r, enum input_op op, uint16_t who);
/* Tells what venues told, up to the first entry that is something else. */
void retell_tell(struct retell *r);
/* A call that returns nothing: did it bring anything then? */
void retell_quiet(struct retell *r, enum input_op op, uint16_t who);
