/* doctor - looks at a store that may be damaged, says what is wrong with it and what that means, and repairs what can be repaired.
 *
 * Every look and every repair is a process of its own with a time limit, since damaged files can make the database spin or abort. Looking writes nothing. Before
 * a repair touches the database its files are copied aside; what was done is told by a receipt. One thread, which has no store open. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* what, a word for it, is it damage, what can be done */
#define DOCTOR_FINDINGS(X)                                                                                             \
	X(HOST_RUNS, "host_runs", false, "stop the host to have it repaired")                                          \
	X(LOCK_STALE, "lock_stale", false,                                                                             \
	  "nothing: the lock went with the process, the next host takes it")                                           \
	X(NOT_CLOSED, "not_closed", false,                                                                             \
	  "nothing: the next start takes the receipts over from the ring")                                             \
	X(IS_COPY, "is_copy", false, "`tandem archive --check` reads it through")                                      \
	X(GAP_TOLD, "gap_told", false, "nothing: a receipt tells of it")                                               \
	X(LOG_CUT, "log_cut", true,                                                                                    \
	  "--repair goes on from the last whole record, and takes what follows from the ring")                         \
	X(DB_GONE, "db_gone", true,                                                                                    \
	  "--repair makes a database of what the ring holds; a backup has the rest")                                   \
	X(DB_DAMAGED, "db_damaged", true,                                                                              \
	  "--repair keeps every file that can be read; a backup or an archive puts back the rest: archive --restore")  \
	X(RING_GONE, "ring_gone", true, "--repair goes on without it")                                                 \
	X(RING_DAMAGED, "ring_damaged", true,                                                                          \
	  "--repair takes what can be read and sets the file aside")                                                   \
	X(RING_FOREIGN, "ring_foreign", true, "--repair goes on without it")                                           \
	X(RECEIPT_DAMAGED, "receipt_damaged", true,                                                                    \
	  "it stays as it is, as evidence; compare with a backup")                                                     \
	X(GAP, "gap", true,                                                                                            \
	  "--repair tells of it in a receipt; a backup or an archive that has them puts them back: archive --restore") \
	X(BLOCK_DAMAGED, "block_damaged", true,                                                                        \
	  "an archive or a backup puts it back: archive --restore")                                                    \
	X(SEAL_BROKEN, "seal_broken", true,                                                                            \
	  "`tandem verify` says where; --repair sets the checkpoint aside and signs what is there")

enum doctor_what {
#define DOCTOR_ENUM(id, ...) DOCTOR_##id,
	DOCTOR_FINDINGS(DOCTOR_ENUM)
#undef DOCTOR_ENUM
		doctor_what_max
};

#define DOCTOR_MAX  24
#define DOCTOR_TEXT 480

struct doctor_finding {
	enum doctor_what what;
	uint64_t from, to; /* sequences, where it speaks of some; 0: of none */
	char text[DOCTOR_TEXT];
};

struct doctor {
	struct doctor_finding finding[DOCTOR_MAX];
	unsigned n, more;		/* more: that found no room */
	uint64_t receipts, first, last; /* in the database */
	uint64_t ring_last;		/* newest in the ring; 0: no ring, or nothing in it */
	uint64_t lost; /* sequences that are nowhere, and that no receipt tells of */
	uint64_t blocks;
	char aside[300]; /* a repair's: where the damaged files were put */
	uint64_t seq;	 /* a repair's receipt; 0: none was needed */
};

const char *doctor_name(enum doctor_what w);
bool doctor_is_damage(enum doctor_what w);
const char *doctor_advice(enum doctor_what w);
bool doctor_well(const struct doctor *d); /* no damage */

/* What is to be said of the store. -ERR_NOTFOUND: there is none, and no trace of one; -ERR_IO, -ERR_NOMEM. Damage is a finding, no error. */
int doctor_look(const char *path, int timeout_s, struct doctor *out);
/* Repairs what the look before found; `d` gets what it put aside and its receipt. -ERR_BUSY: a host runs; -ERR_CORRUPT: it cannot be; -ERR_IO, -ERR_TIMEOUT. */
int doctor_repair(const char *path, int timeout_s, struct doctor *d);
