/* report - one day of a store for those who examine it: every order with all fields of a compliance row (store/FORMAT.md), pairs, limits, counters, alerts, acts,
 * versions, sessions, clocks, connections, reconciliations, as tables (report_out.h) and as figures for a page (report_page.h).
 *
 * One forward pass over the receipts of the day; of orders and pairs so many are kept in memory as can still change, the rest of a late one's life is read by the
 * index. One thread; writes nothing into the store. */
#pragma once
#include "core/base/map.h"
#include "core/cmd/report_day.h"
#include "core/cmd/report_out.h"
#include "store/reader.h"

#define REPORT_BINS   4096 /* of the curves over the day */
#define REPORT_POINTS 4000 /* of a curve of pairs: beyond it every second one, and so on */
#define REPORT_BOUNDS 8	   /* venues whose clocks are drawn */
#define REPORT_GAPS   16   /* bars of the legs' gaps: up to 2^i * 0.1 ms */
#define REPORT_DIFFS  32   /* versions whose difference stands on the page */

struct report_figures {
	uint64_t receipts, first_seq, last_seq;	     /* of the day */
	uint64_t walked, missing, holes, first_hole; /* between the first and the last */
	uint64_t last_walked;
	uint64_t archived; /* not here, but in an archive */
	uint64_t orders, fills, cancels, rejects;
	uint64_t pairs, hedged, flat, held, refused, in_flight, broke;
	int64_t rescue_e8;
	uint64_t breaches, alerts, critical, acked, kills;
};

/* What happened over the day, in bins of a second; where there is no more room for the day, of two, and so on. */
struct report_bins {
	int64_t zero_ns, width_ns;
	uint32_t n; /* in use */
	uint32_t orders[REPORT_BINS], messages[REPORT_BINS];
	uint32_t venue[REPORT_BOUNDS]; /* durable names; 0: this host */
	uint32_t n_venues;
	int64_t bound_ns[REPORT_BOUNDS][REPORT_BINS]; /* the greatest of each; 0: none */
};

/* What pairs and rounds came to, thinned to REPORT_POINTS. */
struct report_points {
	uint32_t n, every, skipped;
	struct {
		int64_t utc_ns;
		double a, b;
	} at[REPORT_POINTS];
};

struct report_diff {
	uint32_t instance, from, to; /* durable names */
};

struct report;
struct report_lives;
struct report_pairs;
struct report_tally;
struct report_host;

struct report {
	struct reader *reader;
	struct report_out *out;
	struct report_day day;
	struct report_figures fig;
	struct report_bins bins;
	struct report_points pairs_at, rounds_at;
	double round_net;
	uint64_t gap_ms[REPORT_GAPS];
	struct report_diff diff[REPORT_DIFFS];
	uint32_t n_diffs;
	struct fact *recent; /* a ring of what was read last, for chains of causes */
	bool framed;	     /* within a checkpoint: what is there is told again */
	struct report_lives *lives;
	struct report_pairs *pairs;
	struct report_tally *tally;
	struct report_host *host;
	void (*progress)(void *arg, uint64_t done, uint64_t all);
	void *arg;
};

/* The day must have been found (report_day_find) and is the report's from then on; tables go to `out`. -ERR_NOMEM. */
int report_open(struct reader *r, const struct report_day *day, struct report_out *out,
		struct report **to);
/* The pass. *stop (may be NULL) ends it early: -ERR_STATE. */
int report_run(struct report *r, const volatile int *stop);
void report_close(struct report *r); /* NULL is fine */

/* ---- for its parts */

/* A receipt by its sequence: of the last ones without the disk. 0, or an error (-ERR_NOTFOUND: archived, or lost). */
int report_get(struct report *r, uint64_t seq, struct fact *out);
const char *report_name(const struct report *r, enum name_space space,
			uint32_t id); /* "" for none */
void report_point(struct report_points *p, int64_t utc_ns, double a, double b);
/* The bin of a moment, with room made for it; REPORT_BINS: before the first. */
uint32_t report_bin(struct report *r, int64_t utc_ns);

/* Orders: report_life.c. */
int report_lives_open(struct report *r);
int report_lives_fact(struct report *r, const struct fact *f);
int report_lives_end(struct report *r);
void report_lives_close(struct report *r);
/* A receipt of an order's life as a row of its own: report_event.c. */
void report_event(struct report *r, const struct fact *f);
/* Pairs: report_pair.c. */
int report_pairs_open(struct report *r);
int report_pairs_fact(struct report *r, const struct fact *f);
int report_pairs_end(struct report *r);
void report_pairs_close(struct report *r);
/* Counters: report_tally.c. */
int report_tally_open(struct report *r);
void report_tally_fact(struct report *r, const struct fact *f);
int report_tally_end(struct report *r);
void report_tally_close(struct report *r);
/* Orders and cancels of an account's group so far: within the last second, and today. */
void report_tally_use(const struct report *r, uint32_t account, int64_t *second, int64_t *today);
/* The host and its surroundings: report_host.c. */
int report_host_open(struct report *r);
int report_host_fact(struct report *r, const struct fact *f);
int report_host_end(struct report *r);
void report_host_close(struct report *r);
/* What is known of the session that runs: for an order's row. */
struct report_session {
	uint64_t open_seq;
	int64_t epoch, open_utc_ns;
	char config[72], build[72];
};
const struct report_session *report_session_now(const struct report *r);
/* Of an account in this session; NULL: not said. */
struct report_account {
	uint32_t account;
	int64_t hedge_flag;
	char group[48], terminal[96];
};
const struct report_account *report_account_of(const struct report *r, uint32_t account);
/* The newest word on a clock; 0: this host's. False: none yet. */
bool report_clock_of(const struct report *r, uint32_t venue, int64_t *offset_ns, int64_t *bound_ns);
