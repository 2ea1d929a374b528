#include "store/writer.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/index.h"
#include "store/receipt.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_MAX     1024
#define TEXTS	      8
#define TEXT_BYTES    384
#define IDLE_NS	      500000
#define IDLE_POWER_NS 50000 /* a pair waits for it */
#define RETRY_NS      100000000
#define REOPEN_EVERY  5 /* failed tries */
#define POLL_NS	      1000000000

struct writer {
	struct ring_file *ring;
	struct kv_db *db;
	struct seal *seal;
	bool power;
	uint64_t next; /* the first that is not in the database */
	uint64_t checkpoint_begun;
	uint64_t background_errors;
	unsigned failed; /* tries in a row */
	struct receipt_encoder *encoder;
	struct kv_batch *batch;
	struct index_batch index;
	pthread_t thread;
	bool running, damaged;
	_Atomic bool stop, doubted;
	_Atomic int64_t give_up_ns;
	_Atomic uint64_t synced, drained, lost;
	_Atomic int trouble; /* 0: none, else 1 + index of its text */
	char text[TEXTS][TEXT_BYTES];
	unsigned texts;
};

static int64_t mono_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_ns(int64_t ns)
{
	nanosleep(&(struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 },
		  NULL);
}

/* Says it once: the same trouble again is no news. */
static void set_trouble(struct writer *w, const char *why)
{
	int now = atomic_load(&w->trouble);
	if (now && strncmp(w->text[now - 1], why, TEXT_BYTES - 1) == 0)
		return;
	unsigned at = w->texts++ % TEXTS;
	snprintf(w->text[at], TEXT_BYTES, "%s", why);
	atomic_store(&w->trouble, (int)at + 1);
	log_error("receipts: %s", w->text[at]);
}

static void clear_trouble(struct writer *w)
{
	w->failed = 0;
	if (!w->damaged && atomic_exchange(&w->trouble, 0))
		log_info("receipts: writing again, nothing was lost");
}

static int put_state(struct writer *w, const char *key, uint64_t seq)
{
	uint8_t value[8];
	kv_be64(value, seq);
	return kv_batch_put(w->batch, w->db, KV_STATE, key, strlen(key), value, sizeof(value));
}

/* A checkpoint counts from its first receipt, and only once its last is here. */
static int add_checkpoint(struct writer *w, const struct fact *f)
{
	if (f->num[0] == CHECKPOINT_BEGIN) {
		w->checkpoint_begun = f->seq;
		return put_state(w, WRITER_BEGUN, f->seq);
	}
	return w->checkpoint_begun ? put_state(w, WRITER_CHECKPOINT, w->checkpoint_begun) : 0;
}

static int add_name(struct writer *w, const struct fact *f)
{
	uint8_t key[9] = { (uint8_t)f->num[0] };
	kv_be64(key + 1, (uint64_t)f->num[1]);
	return kv_batch_put(w->batch, w->db, KV_NAMES, key, sizeof(key), f->text,
			    strnlen(f->text, FACT_TEXT));
}

static int add(struct writer *w, const struct fact *f)
{
	const void *bytes;
	size_t n;
	int rc = receipt_encode(w->encoder, f, &bytes, &n);
	uint8_t key[8];
	kv_be64(key, f->seq);
	if (!rc)
		rc = kv_batch_put(w->batch, w->db, KV_RECEIPTS, key, sizeof(key), bytes, n);
	if (!rc && f->kind == FACT_NAME)
		rc = add_name(w, f);
	if (!rc && f->kind == FACT_CHECKPOINT)
		rc = add_checkpoint(w, f);
	if (!rc)
		rc = seal_add(w->seal, f->seq, bytes, n);
	index_collect(&w->index, f);
	return rc;
}

/* What a turn of the writer took from the ring: the sequences from `next` up to `end`, some of which
 * may not be readable. */
struct taken {
	uint64_t end;
	uint32_t facts, lost;
};

static int fill(struct writer *w, struct taken *t)
{
	uint64_t last = ring_file_last(w->ring);
	*t = (struct taken){ .end = w->next };
	kv_batch_clear(w->batch);
	int rc = seal_begin(w->seal, w->batch);
	index_drop(&w->index);
	for (; t->end <= last && t->facts < BATCH_MAX && !rc; t->end++) {
		struct fact f;
		if (ring_file_read(w->ring, t->end, &f) == 0) {
			rc = add(w, &f);
			t->facts++;
		} else {
			t->lost++;
		}
	}
	return rc ? rc : index_write(&w->index, w->batch, w->db);
}

/* The ring gave back other bytes than it was given: nothing new may rest on it until a restart. */
static void tell_lost(struct writer *w, const struct taken *t)
{
	char why[TEXT_BYTES];
	snprintf(why, sizeof(why),
		 "%u receipts between %llu and %llu are damaged in the journal ring %s", t->lost,
		 (unsigned long long)w->next, (unsigned long long)(t->end - 1), w->ring->path);
	atomic_fetch_add(&w->lost, t->lost);
	w->damaged = w->running;
	if (w->damaged)
		set_trouble(w, why);
	else
		log_error("receipts: %s", why);
}

/* One batch from the ring into the database, with a checkpoint where one is due, or `now`. Facts passed; 0: the ring is empty. */
static int64_t step(struct writer *w, bool now)
{
	struct taken t;
	int rc = fill(w, &t), signs = rc ? rc : seal_end(w->seal, mono_ns(), now);
	if (signs >= 0 && (t.facts || signs))
		rc = kv_write(w->db, w->batch, w->power);
	if (rc || signs < 0)
		return rc ? rc : signs;
	seal_taken(w->seal);
	if (t.lost)
		tell_lost(w, &t);
	int64_t passed = (int64_t)(t.end - w->next);
	w->next = t.end;
	/* After a reopening this may be a second time round. */
	if (t.end - 1 > ring_file_drained(w->ring))
		ring_file_set_drained(w->ring, t.end - 1);
	atomic_store(&w->drained, t.end - 1);
	if (w->power)
		atomic_store(&w->synced, t.end - 1);
	return passed;
}

/* Goes back to what the database really holds: a failed sync may have cost what it had taken. */
static void reopen(struct writer *w)
{
	if (kv_reopen(w->db)) {
		set_trouble(w, err_text());
		return;
	}
	w->background_errors = 0;
	uint64_t last = 0;
	struct kv_iter *it = kv_iter_new(w->db, KV_RECEIPTS);
	if (!it)
		return;
	kv_iter_last(it);
	size_t n;
	if (kv_iter_valid(it))
		last = kv_from_be64(kv_iter_key(it, &n));
	if (kv_iter_error(it) == 0 && last + 1 < w->next)
		w->next = last + 1;
	kv_iter_free(it);
	if (seal_reload(w->seal))
		set_trouble(w, err_text());
}

/* Errors of background work show up here before a write meets them. */
static int poll_background(struct writer *w)
{
	uint64_t n = kv_background_errors(w->db);
	if (n <= w->background_errors)
		return 0;
	w->background_errors = n;
	return err_set(ERR_IO, "the database met %llu errors while it sorted its files",
		       (unsigned long long)n);
}

/* Nothing to write, so a small synced value shows whether the database is well again. */
static int probe(struct writer *w)
{
	uint8_t value[8];
	kv_be64(value, w->next);
	return kv_put(w->db, KV_STATE, "s/probe", 7, value, sizeof(value), true);
}

static void retry_later(struct writer *w)
{
	set_trouble(w, err_text());
	if (++w->failed % REOPEN_EVERY == 0)
		reopen(w);
	pause_ns(RETRY_NS);
}

static void *run(void *arg)
{
	struct writer *w = arg;
	int64_t polled_ns = mono_ns(), failing_since = 0;
	for (;;) {
		bool stop = atomic_load(&w->stop);
		int64_t now = mono_ns(), n = step(w, stop);
		bool doubt = n == 0 && (w->failed || atomic_exchange(&w->doubted, false));
		if (n == 0 && (doubt || now - polled_ns > POLL_NS)) {
			polled_ns = now;
			n = doubt ? probe(w) : poll_background(w);
		}
		if (n < 0) {
			failing_since = failing_since ? failing_since : now;
			if (stop && now - failing_since > atomic_load(&w->give_up_ns))
				break;
			retry_later(w);
			continue;
		}
		failing_since = 0;
		clear_trouble(w);
		if (n == 0 && stop)
			break;
		if (n == 0)
			pause_ns(w->power ? IDLE_POWER_NS : IDLE_NS);
	}
	return NULL;
}

int writer_open(struct ring_file *ring, struct kv_db *db, struct seal *seal, uint64_t next_seq,
		bool power, struct writer **out)
{
	struct writer *w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(ERR_NOMEM, "no memory for the writer of receipts");
	w->ring = ring;
	w->db = db;
	w->seal = seal;
	w->power = power;
	w->next = next_seq;
	atomic_store(&w->drained, next_seq - 1);
	w->encoder = receipt_encoder_new();
	w->batch = kv_batch_new();
	int rc = index_batch_init(&w->index, BATCH_MAX);
	if (!rc && (!w->encoder || !w->batch))
		rc = err_set(ERR_NOMEM, "no memory for the writer of receipts");
	uint8_t begun[8];
	size_t len;
	int got = rc ? rc
		     : kv_get(db, KV_STATE, WRITER_BEGUN, strlen(WRITER_BEGUN), begun,
			      sizeof(begun), &len);
	if (got == 0 && len == sizeof(begun))
		w->checkpoint_begun = kv_from_be64(begun);
	else if (got != -ERR_NOTFOUND && !rc)
		rc = got;
	if (rc)
		writer_free(w);
	else
		*out = w;
	return rc;
}

int64_t writer_drain(struct writer *w)
{
	int64_t total = 0, n;
	while ((n = step(w, false)) > 0)
		total += n;
	if (n == 0)
		n = step(w, true);
	if (n < 0)
		return n;
	int rc = kv_sync(w->db);
	if (rc)
		return rc;
	atomic_store(&w->synced, w->next - 1);
	return total;
}

int writer_start(struct writer *w)
{
	if (pthread_create(&w->thread, NULL, run, w))
		return err_set(ERR_NOMEM, "the writer of receipts cannot be started");
	w->running = true;
	return 0;
}

void writer_doubt(struct writer *w)
{
	atomic_store(&w->doubted, true);
}

int writer_stop(struct writer *w, int64_t give_up_ns)
{
	if (w->running) {
		atomic_store(&w->give_up_ns, give_up_ns);
		atomic_store(&w->stop, true);
		pthread_join(w->thread, NULL);
		w->running = false;
	}
	const char *why;
	if (writer_trouble(w, &why))
		return err_set(ERR_IO, "receipts from %llu on are in the ring only: %s",
			       (unsigned long long)w->next, why);
	return 0;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	index_batch_free(&w->index);
	receipt_encoder_free(w->encoder);
	kv_batch_free(w->batch);
	free(w);
}

uint64_t writer_synced(const struct writer *w)
{
	return atomic_load_explicit(&w->synced, memory_order_acquire);
}

uint64_t writer_drained(const struct writer *w)
{
	return atomic_load_explicit(&w->drained, memory_order_acquire);
}

uint64_t writer_lost(const struct writer *w)
{
	return atomic_load_explicit(&w->lost, memory_order_acquire);
}

int writer_trouble(const struct writer *w, const char **why)
{
	int at = atomic_load_explicit(&w->trouble, memory_order_acquire);
	if (!at)
		return 0;
	*why = w->text[at - 1];
	return -ERR_IO;
}
