/* Proves that the recording of a running host keeps what it was told, in order and exactly, and says of what it could not keep how much; that a killed host
 * loses no block that was handed on; and that receipts and blocks belong together after an orderly end. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/blocks.h"
#include "store/reader.h"
#include "store/tape.h"
#include "tests/kit/events.h"
#include "tests/unit/store/folder.h"
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

enum { EVENTS = 60000 };

static const struct pack_instrument list[] = {
	{ .name = "A.BTCUSDT", .symbol = "BTCUSDT", .px_dp = 8, .qty_dp = 8 },
	{ .name = "B.BTCUSDT", .symbol = "BTCUSDT", .px_dp = 1, .qty_dp = 3 },
};
static const struct tape_venue venues[] = { { "A", true }, { "quiet", false }, { "B", true } };
static struct events maker[2];

static void open_tape(struct store **s, struct tape **t)
{
	struct store_options o = { .path = folder, .ring = folder, .ring_bytes = 1 << 20 };
	log_set_level(LOG_ERROR);
	EXPECT_MSG(store_open(&o, s) == 0, "%s", err_text());
	EXPECT_MSG(store_tape(*s, venues, 3, list, 2, t) == 0, "%s", err_text());
}

/* Instrument k belongs to the venue 2 k. */
static void next_of(struct events *e, uint32_t k, struct pack_event *out)
{
	events_next(e, out);
	if (out->instrument != UINT32_MAX)
		out->instrument = k;
	out->quote.recv_ns += out->kind == PACK_QUOTE ? -1000 : 0;
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

/* Until it is kept: tests have a busier market than any disk. */
static void put(struct tape *t, uint16_t venue, const struct pack_event *ev)
{
	struct tape_block b;
	while (t->ops->put(t, venue, ev)) {
		pause_ms(1);
		t->ops->next_block(t, &b);
	}
}

static void fill(struct tape *t, uint64_t seed, int n)
{
	struct pack_event ev;
	events_init(&maker[0], seed, 1, false);
	events_init(&maker[1], seed + 1, 1, false);
	for (int k = 0; k < n; k++)
		for (uint32_t i = 0; i < 2; i++) {
			next_of(&maker[i], i, &ev);
			put(t, (uint16_t)(2 * i), &ev);
		}
}

/* Reads one venue against a second maker; holes are skipped and added up. */
static uint64_t expect_same(const char *venue, uint64_t seed, uint32_t k, uint64_t at_most,
			    uint64_t *holes)
{
	struct blocks *b;
	struct blocks_event e;
	struct pack_event want;
	uint64_t n = 0;
	*holes = 0;
	events_init(&maker[k], seed, 1, false);
	EXPECT_MSG(blocks_open(folder, &(struct blocks_filter){ .venue = venue }, &b) == 0, "%s",
		   err_text());
	while (n < at_most && blocks_next(b, &e) == 1) {
		if (e.ev.kind == PACK_HOLE && e.ev.instrument == UINT32_MAX && e.ev.lost != 17) {
			*holes += e.ev.lost;
			continue;
		}
		next_of(&maker[k], k, &want);
		if (e.ev.instrument != UINT32_MAX) {
			const struct blocks_instrument *i = blocks_instrument(b, e.ev.instrument);
			EXPECT(strcmp(i->i.name, list[k].name) == 0);
			e.ev.instrument = k;
		}
		EXPECT_MSG(events_same(&want, &e.ev), "event %d of %s is another", (int)n, venue);
		n++;
	}
	blocks_close(b);
	return n;
}

static uint64_t drain(struct tape *t, uint64_t *lost)
{
	struct tape_block b;
	uint64_t n = 0;
	for (; t->ops->next_block(t, &b); n++) {
		EXPECT(b.venue == 0 || b.venue == 2);
		EXPECT(b.events && b.bytes && b.first_ns <= b.last_ns);
		*lost += b.lost;
	}
	return n;
}

START_TEST(test_round_trip)
{
	struct store *s;
	struct tape *t;
	struct pack_event ev = { .kind = PACK_ALIVE, .instrument = UINT32_MAX };
	uint64_t lost = 0, holes, told;
	open_tape(&s, &t);
	EXPECT(t->ops->put(t, 1, &ev) == -ERR_FULL && t->ops->put(t, 3, &ev) == -ERR_FULL);
	fill(t, 1, EVENTS);
	EXPECT(t->ops->finish(t) == 0);
	told = drain(t, &lost);
	EXPECT(told > 2);
	EXPECT(t->ops->put(t, 0, &ev) == -ERR_FULL); /* nothing more after the end */
	EXPECT(store_close(s) == 0);
	EXPECT(expect_same("A", 1, 0, UINT64_MAX, &holes) == EVENTS);
	EXPECT(expect_same("B", 2, 1, UINT64_MAX, &holes) == EVENTS);
}
END_TEST

/* More instruments a side, or levels, than a block can say: lost and told, and the rest is there. */
START_TEST(test_loss_is_told)
{
	static struct level many[PACK_LEVELS + 1];
	struct store *s;
	struct tape *t;
	struct pack_event ev = { .kind = PACK_DEPTH,
				 .depth = { .level = { many, many },
					    .n = { PACK_LEVELS + 1, 0 } } };
	uint64_t lost = 0, holes;
	open_tape(&s, &t);
	for (int k = 0; k < 5; k++)
		EXPECT(t->ops->put(t, 0, &ev) == -ERR_FULL);
	fill(t, 3, 1000);
	for (int k = 0; k < 7; k++)
		EXPECT(t->ops->put(t, 0, &ev) == -ERR_FULL);
	EXPECT(t->ops->lost(t) == 12);
	EXPECT(t->ops->finish(t) == 0);
	drain(t, &lost);
	EXPECT(lost == 12);
	EXPECT(store_close(s) == 0);
	EXPECT(expect_same("A", 3, 0, UINT64_MAX, &holes) == 1000);
	EXPECT(holes == 12);
}
END_TEST

/* Far apart, so that blocks fill quickly. */
static struct pack_event far_apart(int64_t k)
{
	struct pack_event ev = { .kind = PACK_QUOTE, .at_ns = k };
	ev.quote.seq = k * 1000003 * 1000003;
	ev.quote.px[0] = -ev.quote.seq;
	return ev;
}

/* Every event of far_apart(0 .. n - 1) is there, or counted by a hole in its place. */
static void expect_accounted(int64_t n, uint64_t refused)
{
	struct blocks *b;
	struct blocks_event e;
	uint64_t holes = 0;
	int64_t next = 0;
	EXPECT_MSG(blocks_open(folder, NULL, &b) == 0, "%s", err_text());
	while (blocks_next(b, &e) == 1) {
		if (e.ev.kind == PACK_HOLE) {
			holes += e.ev.lost;
			next += (int64_t)e.ev.lost;
			continue;
		}
		struct pack_event want = far_apart(next++);
		EXPECT(e.ev.at_ns == want.at_ns && e.ev.quote.seq == want.quote.seq);
	}
	blocks_close(b);
	EXPECT(next == n && holes == refused);
}

/* A market that no disk keeps up with: put answers at once, and all is kept or counted. */
START_TEST(test_outrun)
{
	enum { MANY = 4 * TAPE_BLOCKS * 20000 };
	struct store *s;
	struct tape *t;
	uint64_t refused = 0, told = 0;
	open_tape(&s, &t);
	for (int64_t k = 0; k < MANY; k++) {
		struct pack_event ev = far_apart(k);
		refused += t->ops->put(t, 0, &ev) != 0;
	}
	EXPECT(t->ops->lost(t) == refused);
	EXPECT(t->ops->finish(t) == 0);
	drain(t, &told);
	EXPECT(told == refused);
	EXPECT(store_close(s) == 0);
	expect_accounted(MANY, refused);
}
END_TEST

static void limit_files(rlim_t bytes)
{
	struct rlimit l;
	EXPECT(getrlimit(RLIMIT_FSIZE, &l) == 0);
	l.rlim_cur = bytes ? bytes : l.rlim_max;
	EXPECT(setrlimit(RLIMIT_FSIZE, &l) == 0);
}

/* The disk takes nothing more for a while: trading goes on, events are counted once the blocks are used up, and when there is room the recording goes on. */
START_TEST(test_full_disk)
{
	struct store *s;
	struct tape *t;
	uint64_t refused = 0, told = 0;
	int64_t k = 0, after = 0;
	signal(SIGXFSZ, SIG_IGN);
	open_tape(&s, &t);
	limit_files(1 << 20);
	while (refused < 1000) {
		struct pack_event ev = far_apart(k++);
		refused += t->ops->put(t, 0, &ev) != 0;
	}
	limit_files(0);
	while (after < 100000) {
		struct pack_event ev = far_apart(k++);
		bool kept = t->ops->put(t, 0, &ev) == 0;
		refused += !kept;
		after += kept;
		if (!kept)
			pause_ms(1);
	}
	EXPECT(t->ops->lost(t) == refused);
	EXPECT_MSG(t->ops->finish(t) == 0, "%s", err_text());
	drain(t, &told);
	EXPECT(told == refused);
	EXPECT_MSG(store_close(s) == 0, "%s", err_text());
	expect_accounted(k, refused);
}
END_TEST

static uint64_t count(void)
{
	struct blocks *b;
	struct blocks_event e;
	uint64_t n = 0;
	if (blocks_open(folder, NULL, &b))
		return 0;
	for (; blocks_next(b, &e) == 1; n++)
		;
	blocks_close(b);
	return n;
}

/* A quiet market: what was said is there for readers a second later, while the host runs. */
START_TEST(test_quiet)
{
	struct store *s;
	struct tape *t;
	struct tape_block b;
	const struct pack_event ev = { .kind = PACK_ALIVE, .instrument = UINT32_MAX, .at_ns = 9 };
	open_tape(&s, &t);
	const int64_t now = 1723161253000000000, tenth = 100000000;
	EXPECT(t->ops->put(t, 0, &ev) == 0);
	for (int k = 0; k <= 9; k++)
		t->ops->on_time(t, now + k * tenth);
	pause_ms(20);
	EXPECT(!t->ops->next_block(t, &b) && count() == 0);
	t->ops->on_time(t, now - 3600 * 10 * tenth); /* our clock is set back: it begins anew */
	for (int k = 0; k <= 10; k++)
		t->ops->on_time(t, now + k * tenth);
	while (!t->ops->next_block(t, &b))
		pause_ms(1);
	EXPECT(b.venue == 0 && b.events == 1 && b.first_ns == 9 && b.lost == 0);
	EXPECT(count() == 1);
	EXPECT(store_close(s) == 0);
}
END_TEST

static void killed(void *arg)
{
	struct store *s;
	struct tape *t;
	struct tape_block b;
	open_tape(&s, &t);
	fill(t, 5, EVENTS);
	t->ops->on_time(t, 1);
	t->ops->on_time(t, 1 + 2 * TAPE_BLOCK_NS);
	for (uint64_t handed = 0; handed < 2;) /* the last two come back */
		if (t->ops->next_block(t, &b))
			handed += b.last_ns >= maker[0].at_ns || b.last_ns >= maker[1].at_ns;
	fill(t, 7, 10); /* open: lost */
	(void)arg;
	raise(SIGKILL);
}

START_TEST(test_kill)
{
	uint64_t holes;
	struct blocks_verified v;
	apart(killed, NULL, SIGKILL);
	EXPECT(expect_same("A", 5, 0, UINT64_MAX, &holes) == EVENTS && holes == 0);
	EXPECT(expect_same("B", 6, 1, UINT64_MAX, &holes) == EVENTS && holes == 0);
	/* Nobody wrote receipts: that is no damage. */
	EXPECT_MSG(blocks_verify(folder, &v) == 0, "%s", err_text());
	EXPECT(v.no_receipt == v.blocks && v.events == 2 * EVENTS);
	/* The next host goes on in a recording of its own. */
	struct store *s;
	struct tape *t;
	open_tape(&s, &t);
	fill(t, 8, 100);
	EXPECT(store_close(s) == 0);
	EXPECT(blocks_verify(folder, &v) == 0);
	EXPECT(v.events == 2 * EVENTS + 200 && v.no_receipt < v.blocks && v.no_block == 0);
}
END_TEST

/* Closing the store ends the recording and writes the receipts that nobody asked for. */
START_TEST(test_closing)
{
	struct store *s;
	struct tape *t;
	struct blocks_verified v;
	open_tape(&s, &t);
	fill(t, 9, 3000);
	EXPECT(store_close(s) == 0);
	EXPECT_MSG(blocks_verify(folder, &v) == 0, "%s", err_text());
	EXPECT(v.blocks >= 2 && v.events == 6000 && v.no_receipt == 0);
}
END_TEST

START_TEST(test_refusals)
{
	struct store *s;
	struct tape *t;
	struct pack_instrument deep = { .name = "X", .symbol = "X", .px_dp = 19 };
	const struct tape_venue nameless = { "", true };
	struct store_options o = { .path = folder, .ring = folder, .ring_bytes = 1 << 20 };
	EXPECT(store_open(&o, &s) == 0);
	EXPECT(store_tape(s, venues, 0, list, 2, &t) == -ERR_RANGE);
	EXPECT(store_tape(s, venues, 3, &deep, 1, &t) == -ERR_RANGE);
	EXPECT(store_tape(s, &nameless, 1, list, 2, &t) == -ERR_RANGE);
	EXPECT(store_close(s) == 0);
}
END_TEST

FOLDER_SUITE("tape", test_round_trip, test_loss_is_told, test_outrun, test_full_disk, test_quiet,
	     test_kill, test_closing, test_refusals)
