#include "store/tape.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/must.h"
#include "core/base/ring.h"
#include "store/keep.h"
#include "store/store_parts.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IDLE_NS	   2000000
#define RETRY_NS   100000000
#define GIVE_UP_NS 10000000000 /* how long the end waits for a disk in trouble */

/* A block on its way: filled by the engine's thread, then the keeper's until it comes back. */
struct filled {
	struct pack_writer w;
	uint8_t *bytes;
	void *memory;
	uint16_t venue;
	int64_t since_ns; /* UTC; 0: nobody has looked at it yet */
	uint64_t lost;
};

struct kept {
	struct filled *from;
	bool failed;
	struct tape_block block;
};

/* The engine's side of a venue. */
struct taped {
	char name[32];
	bool record;
	uint32_t id;
	struct filled block[TAPE_BLOCKS];
	struct filled *idle[TAPE_BLOCKS], *now;
	unsigned n_idle;
	uint64_t lost; /* since the last event that was kept: the next block says so */
	int64_t lost_ns, utc_minus_mono_ns;
};

struct store_tape {
	struct ring full,
		kept; /* struct filled *; struct kept. First: they keep cache lines apart */
	struct tape port;
	struct store *s;
	struct kv_db *db;
	struct taped *venue;
	uint16_t n_venues;
	struct pack_instrument *instrument;
	uint16_t n_instruments;
	struct tape_block *untold; /* a circle */
	uint64_t untold_in, untold_out, lost;
	pthread_t thread;
	bool running, failed;
	/* The keeper's. */
	struct keep_key *key; /* by venue */
	bool gave_up;
	_Atomic bool stop;
};

/* ---------------------------------------------------------------- the keeper's thread */

static int64_t mono_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_ns(int64_t ns)
{
	nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

/* Tries for as long as it takes; once the end has come, for a while. */
static bool keep_somehow(struct store_tape *t, struct filled *b, size_t n, struct tape_block *out)
{
	int64_t ending_ns = 0;
	bool told = false;
	while (!t->gave_up) {
		if (keep_block(t->db, &t->key[b->venue], b->bytes, n, &b->w.head, out) == 0)
			return true;
		if (!told)
			log_error("recording: %s", err_text());
		told = true;
		store_doubt(t->s);
		if (atomic_load(&t->stop) && !ending_ns)
			ending_ns = mono_ns() + GIVE_UP_NS;
		t->gave_up = ending_ns && mono_ns() > ending_ns;
		pause_ns(RETRY_NS);
	}
	return false;
}

static void keep(struct store_tape *t, struct filled *b)
{
	struct kept k = { .from = b, .block = { .venue = b->venue, .lost = b->lost } };
	size_t n = pack_end(&b->w);
	k.failed = n && !keep_somehow(t, b, n, &k.block);
	must(ring_push(&t->kept, &k)); /* there is room for every block that there is */
}

static void *run(void *arg)
{
	struct store_tape *t = arg;
	for (;;) {
		/* Asked before: what was handed over ahead of the end is seen below. */
		bool stop = atomic_load(&t->stop);
		struct filled *b;
		while (ring_pop(&t->full, &b))
			keep(t, b);
		if (stop)
			return NULL;
		pause_ns(IDLE_NS);
	}
}

/* ---------------------------------------------------------------- the engine's thread */

static struct store_tape *of_port(const struct tape *t)
{
	return (struct store_tape *)((char *)(uintptr_t)t - offsetof(struct store_tape, port));
}

/* Takes back what the keeper is done with. */
static void take_back(struct store_tape *t)
{
	struct kept k;
	while (t->untold_in - t->untold_out < TAPE_UNTOLD && ring_pop(&t->kept, &k)) {
		struct taped *v = &t->venue[k.from->venue];
		v->idle[v->n_idle++] = k.from;
		if (k.failed) {
			t->failed = true;
			t->lost += k.from->w.head.n_events;
		} else if (k.block.events) {
			t->untold[t->untold_in++ % TAPE_UNTOLD] = k.block;
		}
	}
}

/* What the recorder's clocks were apart, where the event shows it. */
static void learn_clocks(struct taped *v, const struct pack_event *ev)
{
	int64_t mono = 0;
	if (ev->kind == PACK_QUOTE)
		mono = ev->quote.recv_ns;
	else if (ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT)
		mono = ev->depth.recv_ns;
	else if (ev->kind == PACK_TRADE)
		mono = ev->trade.recv_ns;
	if (mono)
		v->utc_minus_mono_ns = (int64_t)((uint64_t)ev->at_ns - (uint64_t)mono);
}

static bool begin(struct store_tape *t, struct taped *v)
{
	if (!v->n_idle)
		take_back(t);
	if (!v->n_idle)
		return false;
	struct filled *b = v->now = v->idle[--v->n_idle];
	b->since_ns = 0;
	b->lost = 0;
	pack_begin(&b->w, b->memory, b->bytes, PACK_BLOCK_BYTES, v->name, t->instrument,
		   t->n_instruments, v->utc_minus_mono_ns);
	return true;
}

static void hand_on(struct store_tape *t, struct taped *v)
{
	must(ring_push(&t->full, &v->now)); /* there is room for every block that there is */
	v->now = NULL;
}

static int tell_hole(struct taped *v, int64_t at_ns)
{
	const struct pack_event hole = {
		.kind = PACK_HOLE, .instrument = UINT32_MAX, .at_ns = at_ns, .lost = v->lost
	};
	if (!v->lost)
		return 0;
	int rc = pack_put(&v->now->w, &hole);
	if (!rc) {
		v->now->lost += v->lost;
		v->lost = 0;
	}
	return rc;
}

/* Not the common case: no block, a full one, or something to confess first. */
static int put_anew(struct store_tape *t, struct taped *v, const struct pack_event *ev)
{
	int rc = -ERR_FULL;
	learn_clocks(v, ev);
	for (int tries = 0; tries < 2 && rc == -ERR_FULL; tries++) {
		if (!v->now && (!t->running || !begin(t, v)))
			break;
		rc = tell_hole(v, ev->at_ns);
		if (!rc)
			rc = pack_put(&v->now->w, ev);
		if (rc == -ERR_FULL)
			hand_on(t, v);
	}
	if (!rc)
		return 0;
	v->lost++;
	v->lost_ns = ev->at_ns;
	t->lost++;
	return -ERR_FULL;
}

static int tape_put(struct tape *port, uint16_t venue, const struct pack_event *ev)
{
	struct store_tape *t = of_port(port);
	struct taped *v = &t->venue[venue];
	if (venue >= t->n_venues || !v->record)
		return -ERR_FULL;
	if (v->now && !v->lost && pack_put(&v->now->w, ev) == 0)
		return 0;
	return put_anew(t, v, ev);
}

static void tape_on_time(struct tape *port, int64_t utc_ns)
{
	struct store_tape *t = of_port(port);
	for (uint16_t k = 0; k < t->n_venues; k++) {
		struct taped *v = &t->venue[k];
		if (!v->now)
			continue;
		if (!v->now->since_ns || utc_ns < v->now->since_ns) /* our clock may be set back */
			v->now->since_ns = utc_ns;
		else if (utc_ns - v->now->since_ns >= TAPE_BLOCK_NS)
			hand_on(t, v);
	}
	take_back(t);
}

static bool tape_next_block(struct tape *port, struct tape_block *out)
{
	struct store_tape *t = of_port(port);
	take_back(t);
	if (t->untold_in == t->untold_out)
		return false;
	*out = t->untold[t->untold_out++ % TAPE_UNTOLD];
	return true;
}

/* What was lost last has no event behind it: a block of its own says so, with the keeper gone. */
static void tell_last_hole(struct store_tape *t, struct taped *v)
{
	if (!v->lost || !begin(t, v))
		return;
	(void)tell_hole(v, v->lost_ns);
	keep(t, v->now);
	v->now = NULL;
}

static int tape_finish(struct tape *port)
{
	struct store_tape *t = of_port(port);
	if (t->running) {
		for (uint16_t k = 0; k < t->n_venues; k++)
			if (t->venue[k].now)
				hand_on(t, &t->venue[k]);
		atomic_store(&t->stop, true);
		pthread_join(t->thread, NULL);
		t->running = false;
		take_back(t);
		for (uint16_t k = 0; k < t->n_venues; k++)
			tell_last_hole(t, &t->venue[k]);
	}
	take_back(t);
	return t->failed ? err_set(ERR_IO, "the last of the recorded market data could not be "
					   "written; the log says why")
			 : 0;
}

static uint64_t tape_lost(const struct tape *port)
{
	return of_port(port)->lost;
}

static const struct tape_ops ops = {
	.put = tape_put,
	.on_time = tape_on_time,
	.next_block = tape_next_block,
	.finish = tape_finish,
	.lost = tape_lost,
};

/* ---------------------------------------------------------------- opening and closing */

static void release(struct store_tape *t)
{
	for (uint16_t k = 0; t->venue && k < t->n_venues; k++)
		for (int i = 0; i < TAPE_BLOCKS; i++) {
			free(t->venue[k].block[i].bytes);
			free(t->venue[k].block[i].memory);
		}
	ring_free(&t->full);
	ring_free(&t->kept);
	free(t->venue);
	free(t->instrument);
	free(t->untold);
	free(t->key);
	free(t);
}

/* Called by the store when it closes: receipts that nobody asked for are written here. */
static void at_close(void *arg)
{
	struct store_tape *t = arg;
	struct tape_block b;
	struct fact f;
	if (tape_finish(&t->port))
		log_error("%s", err_text());
	while (tape_next_block(&t->port, &b)) {
		keep_fact(&f, &b, t->venue[b.venue].id);
		if (keep_append(t->s, &f))
			log_error("a recorded block has no receipt: %s", err_text());
	}
	release(t);
}

static int make_blocks(struct store_tape *t, uint16_t venue)
{
	struct taped *v = &t->venue[venue];
	size_t bytes = (pack_writer_memory(t->n_instruments) + 63) / 64 * 64;
	for (int i = 0; i < TAPE_BLOCKS; i++) {
		struct filled *b = v->idle[v->n_idle++] = &v->block[i];
		b->venue = venue;
		b->bytes = aligned_alloc(64, PACK_BLOCK_BYTES);
		b->memory = aligned_alloc(64, bytes ? bytes : 64);
		if (!b->bytes || !b->memory)
			return err_set(ERR_NOMEM, "no memory to record %s", v->name);
		/* Touched now, so that no page is missing in a turn. */
		memset(b->bytes, 0, PACK_BLOCK_BYTES);
		memset(b->memory, 0, bytes);
	}
	return 0;
}

static int add_venue(struct store_tape *t, uint16_t k, const struct tape_venue *from,
		     uint32_t recording)
{
	struct taped *v = &t->venue[k];
	size_t n = strlen(from->name);
	v->record = from->record;
	if (!from->record)
		return 0;
	if (!n || n >= sizeof v->name)
		return err_set(
			ERR_RANGE,
			"a venue that is recorded has a name of 1 to %zu bytes, not \"%.40s\"",
			sizeof v->name - 1, from->name);
	memcpy(v->name, from->name, n + 1);
	int rc = keep_venue(t->s, v->name, &v->id);
	t->key[k] =
		(struct keep_key){ .venue = v->id, .recording = recording, .line_ns = INT64_MIN };
	return rc ? rc : make_blocks(t, k);
}

static int fill(struct store_tape *t, const struct tape_venue *venue,
		const struct pack_instrument *instrument)
{
	uint32_t recording, room = 1;
	for (uint16_t k = 0; k < t->n_instruments; k++)
		if (instrument[k].px_dp > PACK_DP_MOST || instrument[k].qty_dp > PACK_DP_MOST)
			return err_set(ERR_RANGE, "%.47s: more than %d decimals cannot be recorded",
				       instrument[k].name, PACK_DP_MOST);
	memcpy(t->instrument, instrument, t->n_instruments * sizeof *instrument);
	while (room < (uint32_t)t->n_venues * TAPE_BLOCKS)
		room *= 2;
	int rc = ring_init(&t->full, sizeof(struct filled *), room);
	if (!rc)
		rc = ring_init(&t->kept, sizeof(struct kept), room);
	if (!rc)
		rc = keep_open(t->s, &recording);
	for (uint16_t k = 0; k < t->n_venues && !rc; k++)
		rc = add_venue(t, k, &venue[k], recording);
	if (!rc && pthread_create(&t->thread, NULL, run, t))
		rc = err_set(ERR_NOMEM, "the thread that keeps market data cannot be started");
	t->running = !rc;
	return rc;
}

int store_tape(struct store *s, const struct tape_venue *venue, uint16_t n_venues,
	       const struct pack_instrument *instrument, uint32_t n_instruments, struct tape **out)
{
	if (!n_venues || n_venues > TAPE_VENUES || n_instruments >= UINT16_MAX)
		return err_set(ERR_RANGE,
			       "%u venues of %u instruments: at most %d and %d can be recorded",
			       n_venues, n_instruments, TAPE_VENUES, UINT16_MAX - 1);
	struct store_tape *t = aligned_alloc(_Alignof(struct store_tape), sizeof *t);
	if (!t)
		return err_set(ERR_NOMEM, "no memory to record market data");
	*t = (struct store_tape){ .port.ops = &ops,
				  .s = s,
				  .db = store_db(s),
				  .n_venues = n_venues,
				  .n_instruments = (uint16_t)n_instruments };
	t->venue = calloc(n_venues, sizeof *t->venue);
	t->key = calloc(n_venues, sizeof *t->key);
	t->instrument = calloc(n_instruments ? n_instruments : 1, sizeof *t->instrument);
	t->untold = calloc(TAPE_UNTOLD, sizeof *t->untold);
	bool memory = t->venue && t->key && t->instrument && t->untold;
	int rc = memory ? fill(t, venue, instrument)
			: err_set(ERR_NOMEM, "no memory to record market data");
	if (rc) {
		release(t);
		return rc;
	}
	store_at_close(s, at_close, t);
	*out = &t->port;
	return 0;
}
