/* gatekeeper - how long an instance's gate was closed, by what, and what it kept from happening: kept for one instance, and said in receipts.
 *
 * Whoever judges the basis tells it every verdict, and every proposal that was refused because of one. A gate that closes is a receipt; when it opens, or
 * another reason takes its place, the stretch that ended is one, with its length and its counts. A flickering gate is told in sums: at most
 * GATEKEEPER_FACTS_PER_S receipts a second, and one for each stretch that was a second long; no closing, nanosecond or refusal is left out of them. What a
 * killed host loses is the last second's sums. Pure, no allocation; engine's thread. */
#pragma once
#include "core/market/gate.h"
#include "core/trade/fact.h"
#include <stdbool.h>
#include <stdint.h>

#define GATEKEEPER_FACTS_PER_S 8
#define GATEKEEPER_ALONE_NS \
	1000000000LL /* a stretch as long as this is told by itself, never in a sum */
#define GATEKEEPER_PART_NS \
	10000000000LL /* a stretch that lasts is told in parts of this length, so that a reader sees it grow and a crash loses little */

/* Takes the fact: adds what only the desk knows (instance, script, round, venue) and appends it; the journal's number stands in f->seq then. False: no
 * room; it is told again later. The fact is FACT_GATE with
 *   leg    who: index of the leg, GATE_REF + index of a reference, GATE_WHOLE
 *   state  the gate from here on, GATE_OPEN included
 *   num    gate, value, bound: what closed it, the number that decided (the first of them in a sum), the limit
 *          times: how many stretches have ended that this fact speaks of. 0 and closed_ns 0: it has just closed. 0 and closed_ns > 0: a part of one that goes on
 *          closed_ns, judged, triggers: how long; how often the basis was looked at; how many proposals were refused meanwhile
 *          worst: the worst value (for a state: the last one)
 *   cause  the receipt that told of its closing, where one did */
typedef bool (*gatekeeper_say_fn)(void *arg, struct fact *f);

/* Stretches of one reason that have ended, or of which a part has, and that no receipt has told yet. */
struct gate_tally {
	uint32_t times;
	int64_t value, bound, worst;
	int64_t closed_ns;
	uint64_t judged, triggers;
	uint64_t cause;
};

#define GATEKEEPER_WHO (LEG_MAX + REF_MAX + 1)

struct gatekeeper {
	const struct basis_spec *spec;
	gatekeeper_say_fn say;
	void *arg;
	uint8_t gate, who;	/* in force; GATE_OPEN: none */
	bool told;		/* a receipt has said that it is closed */
	bool ending;		/* the host ends: what is open is told as it stands */
	struct gate_tally open; /* the stretch that goes on, since from_ns */
	int64_t from_ns, began_ns;
	int64_t second_ns; /* start of the second that said counts */
	uint32_t said, n_pending, next_pending;
	struct gate_tally pending[gate_max][GATEKEEPER_WHO];
};

/* spec lives as long as the keeper. */
void gatekeeper_init(struct gatekeeper *g, const struct basis_spec *spec, gatekeeper_say_fn say,
		     void *arg);
/* The basis was looked at: costs a comparison while the gate is open and stays so. now_ns never falls. */
void gatekeeper_judged(struct gatekeeper *g, struct gate_verdict v, int64_t now_ns);
/* A proposal was refused because of the gate as it was judged last. False when that was open: nothing to count it to. */
bool gatekeeper_trigger(struct gatekeeper *g);
/* Ten times a second: says what had to wait. */
void gatekeeper_on_time(struct gatekeeper *g, int64_t now_ns);
/* The host ends: what goes on is told as if it ended now, with state = the gate that is still closed; what waits is told without regard to the limit. */
void gatekeeper_close(struct gatekeeper *g, int64_t now_ns);
