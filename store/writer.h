/* writer - takes facts out of the journal ring and makes receipts of them in the database, by the batch, and seals them (seal.h).
 *
 * A thread of its own. Facts leave the ring only after the database has taken them; a database that refuses (disk full, I/O error) is
 * tried again for as long as it takes, reopened, and given the same facts anew: a failed sync is never believed later. Meanwhile the ring
 * fills and `trouble` says why. Limits: 1,024 receipts a batch. */
#pragma once
#include "store/kv.h"
#include "store/ring_file.h"
#include "store/seal.h"
#include <stdbool.h>
#include <stdint.h>

/* Keys of the family KV_STATE that the writer keeps. */
#define WRITER_CHECKPOINT \
	"s/checkpoint" /* first sequence of the last complete checkpoint, 8 bytes high first */
#define WRITER_BEGUN "s/checkpoint_begun" /* the same of the last that began */

struct writer;

/* Nothing runs yet. power: every batch is synced down to the disk; seal: the log over what is in the database, the writer's from here on. -ERR_NOMEM, -ERR_IO. */
int writer_open(struct ring_file *ring, struct kv_db *db, struct seal *seal, uint64_t next_seq,
		bool power, struct writer **out);
/* Takes what the ring holds now, in the calling thread; before writer_start or without it. Facts taken, or -ERR_IO, -ERR_CORRUPT. */
int64_t writer_drain(struct writer *w);
int writer_start(struct writer *w); /* -ERR_NOMEM */
/* Another's write failed: it looks whether the database is well, and opens it anew where it is not. Any thread. */
void writer_doubt(struct writer *w);
/* Ends the thread once the ring is empty, or after give_up_ns of trouble. Non-zero: not everything was taken; it stays in the ring. */
int writer_stop(struct writer *w, int64_t give_up_ns);
void writer_free(struct writer *w); /* stopped, or never started */

/* Any thread. */
uint64_t writer_synced(const struct writer *w);	 /* survives loss of power */
uint64_t writer_drained(const struct writer *w); /* is in the database */
uint64_t writer_lost(const struct writer *w); /* facts that could not be read back from the ring */
int writer_trouble(
	const struct writer *w,
	const char **why); /* 0: none; the text stays readable for the next few troubles */
