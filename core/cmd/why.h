/* why - what kept a host from trading, added up from its receipts: gates that were closed, proposals that limits refused, and what was wrong with the inputs
 * at that time.
 *
 * Fed with receipts by rising sequence, then closed. A stretch counts where it ended; one that was still on when its session's receipts end counts up to there. Cold
 * path; one owner. */
#pragma once
#include "core/market/gate.h"
#include "core/trade/fact.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long something was so, and how often: what gates and inputs have in common. */
struct why_span {
	uint64_t times;
	int64_t ns, longest_ns;
	bool at_most; /* longest_ns is of a sum of short ones: none was longer */
	int64_t first_utc_ns, last_utc_ns;
	bool on; /* not ended where the receipts end */
	int64_t since_utc_ns, run_ns;
};

struct why_gate {
	uint32_t instance, instrument; /* durable names; instrument 0: of the whole */
	uint8_t gate, who;	       /* as gate.h has them */
	struct why_span span;
	uint64_t judged, triggers;
	int64_t worst, bound;
};

struct why_risk {
	uint32_t instance;
	uint8_t limit; /* enum risk_limit */
	uint64_t times;
	int64_t value, bound; /* of the last refusal */
	int64_t first_utc_ns, last_utc_ns;
};

enum why_what { WHY_FEED, WHY_CLOCK, WHY_VENUE, WHY_MARKET, why_what_max };
const char *why_what_name(enum why_what w);

/* Something that the host could not know or reach. */
struct why_input {
	uint8_t what;	  /* enum why_what */
	uint32_t subject; /* durable name: an instrument, or of CLOCK and VENUE a venue */
	struct why_span span, before; /* of CLOCK the number of its jumps, and no length */
	uint32_t states; /* bits: the states that it was in (book_state, venue_state, phase) */
	uint32_t
		states_before; /* the same, as `before` is of span: what stood before it went wrong last */
	uint64_t mended[8];	  /* of FEED, by enum feed_repair */
	int64_t jump_ns;	  /* of CLOCK: the largest */
	int64_t offset_ns, steps; /* of CLOCK, as last told */
	bool known;
};

struct why {
	uint32_t instance; /* only of this one; 0: of all */
	int gate, limit;   /* only of this gate, only of this limit; -1: any, -2: none */
	struct why_gate *gates;
	struct why_risk *risks;
	struct why_input *inputs;
	size_t n_gates, n_risks, n_inputs, cap_gates, cap_risks, cap_inputs;
	uint64_t receipts;
	uint32_t sessions;
	int64_t from_utc_ns, to_utc_ns; /* of what was read */
	int64_t session_ns;		/* of all sessions together, breaks between them left out */
	int64_t began_utc_ns;		/* this session's first receipt that was read */
	bool under_way; /* more than names has been read: what opens now is another session */
};

void why_init(struct why *w);
int why_take(struct why *w, const struct fact *f); /* -ERR_NOMEM */
/* The receipts end here. Rows are in order then: by instance, the longest closed first. */
void why_close(struct why *w);
void why_free(struct why *w);
