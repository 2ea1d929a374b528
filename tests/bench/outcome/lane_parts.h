/* lane_parts - inner part of the lane: what its two files share. */
#pragma once
#include "tests/bench/outcome/lane.h"

enum lane_way { WAY_IN, WAY_OUT, lane_way_max };

struct lane_venue {
	struct exchange x;
	struct knobs knobs;
	struct exchange_account account;
	struct exchange_config config;
	struct lane *lane;
	int64_t last_ns[lane_way_max]; /* newest arrival of each way */
};

enum message_kind {
	MESSAGE_PLACE,
	MESSAGE_CANCEL,
	MESSAGE_QUERY,
	MESSAGE_PEEK,
	MESSAGE_LOOK, /* both first orders should have arrived: is it hedged? */
	MESSAGE_REPORT,
	MESSAGE_TIMER,
	MESSAGE_CLOSE,
};

struct lane_message {
	int64_t at_ns;
	uint64_t seq;
	uint8_t kind, leg;
	uint32_t trigger, order;
	union {
		uint64_t arg;
		struct lane_report report;
	};
};

void *lane_grow(void *array, uint32_t *cap, size_t size);
uint32_t lane_order_add(struct lane *l, const struct lane_order *o); /* a new one; its index */
void lane_tell(struct lane *l, const struct lane_report *r);	     /* on its way to the host */

int venue_open(struct lane *l, unsigned market, int64_t deposit_e8);
void venue_shut(struct lane *l, unsigned market);
void venue_market(struct lane *l, unsigned market); /* its next event happens */
void venue_meet(struct lane *l, const struct lane_message *m);
void venue_close_out(struct lane *l, uint32_t trigger);
