/* hear_parts - what the two pages of hear share; nobody else includes it. */
#pragma once
#include "core/cmd/hear.h"

/* A call of the engine that is under way: whatever venues tell meanwhile belongs to it. */
struct hear_call {
	uint8_t op; /* enum input_op; input_op_max: the poll */
	uint16_t who;
	uint32_t number; /* of the quiet calls since the clocks were read */
	bool written;	 /* its ENTER, or there is none to write */
};

struct hear_venue {
	struct venue v; /* first: what the engine has */
	struct venue_ops ops;
	struct venue *real;
	struct hear *h;
};

/* What an adapter has for a core. */
struct hear_ear {
	struct hear *h;
	struct venue_host host;	  /* the engine's */
	struct hear_venue *venue; /* NULL: it is being opened */
	uint8_t state;
};

#define HEAR_VENUES 64

struct hear {
	struct inputs *to;
	struct env env;
	struct journal journal;
	struct tape tape;
	struct reload_port reload;
	struct engine_tap tap;
	struct env *real_env;
	struct journal *real_journal;
	struct tape *real_tape;
	struct reload_port *real_reload;
	struct alert_sinks *sinks;
	bool (*outside)(void *arg, struct alert_failure *out);
	void *outside_arg;
	struct hear_call now;
	uint32_t quiet;
	uint64_t appends, last_seq;
	struct env_now time;
	struct hear_ear ear[HEAR_VENUES];
};

/* Around each call in which a venue may tell something; what hear_begin returns goes to the other one. */
struct hear_call hear_begin(struct hear *h, enum input_op op, uint16_t who);
void hear_over(struct hear *h, struct hear_call was);
void hear_result(struct hear *h, enum input_op op, uint16_t who, int64_t rc);
