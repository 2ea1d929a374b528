/* Proves that entries come back in order and whole: after an orderly end from the database, after a kill to the last one that was put, also once the next host has taken them over; that
 * what found no room is counted and told by the block behind it; and that blocks of another layout, or damaged ones, are refused. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/inputs_parts.h"
#include "store/store_parts.h"
#include "tests/unit/store/folder.h"
#include <signal.h>

enum { ENTRIES = 20000, LAYOUT = 7 };

static _Alignas(64) uint8_t block[INPUTS_BLOCK];

static void open_inputs(uint32_t life, struct store **s, struct inputs **w)
{
	struct store_options o = { .path = folder, .ring = folder, .ring_bytes = 1 << 20 };
	log_set_level(LOG_ERROR);
	EXPECT_MSG(store_open(&o, s) == 0, "%s", err_text());
	EXPECT_MSG(inputs_open(*s, life, LAYOUT, w) == 0, "%s", err_text());
}

/* Entry k: its length and its bytes tell which one it is. */
static size_t length_of(uint32_t k)
{
	return k * 7919u % 200;
}

static void put(struct inputs *w, uint32_t k)
{
	uint8_t bytes[200];
	memset(bytes, (int)(k & 0xff), sizeof bytes);
	inputs_put(w, (uint8_t)(k % 11), (uint8_t)(k % 5), (uint16_t)k, bytes, length_of(k));
}

static void put_all(struct inputs *w)
{
	for (uint32_t k = 0; k < ENTRIES; k++) {
		put(w, k);
		if (k % 1000 == 0) {
			usleep(3000); /* the keeper's turn */
			inputs_on_time(w, 1000000000 + (int64_t)k);
		}
	}
}

static bool is_entry(const struct inputs_entry *e, uint32_t k)
{
	const uint8_t *p = (const uint8_t *)(e + 1);
	bool good = e->kind == k % 11 && e->op == k % 5 && e->who == (uint16_t)k &&
		    e->len == length_of(k);
	for (size_t i = 0; good && i < e->len; i++)
		good = p[i] == (uint8_t)k;
	return good;
}

/* How many entries of a life there are, each in its place. */
static uint32_t read_life(struct inputs_reader *r, uint32_t life)
{
	uint32_t k = 0;
	for (uint64_t number = 0; inputs_reader_block(r, life, number, LAYOUT, block) == 0;
	     number++) {
		const struct inputs_head *h = (const struct inputs_head *)(const void *)block;
		const uint8_t *at = (const uint8_t *)(h + 1), *end = at + h->used;
		EXPECT(h->lost == 0);
		while (at < end) {
			const struct inputs_entry *e =
				(const struct inputs_entry *)(const void *)at;
			EXPECT_MSG(is_entry(e, k), "entry %u", k);
			at += sizeof *e + (e->len + 7u) / 8 * 8;
			k++;
		}
		EXPECT(at == end);
	}
	return k;
}

static void check(uint32_t want_lives)
{
	struct inputs_reader *r;
	uint32_t life[4], n;
	EXPECT_MSG(inputs_reader_open(folder, &r) == 0, "%s", err_text());
	EXPECT(inputs_reader_lives(r, life, 4, &n) == 0);
	EXPECT_MSG(n == want_lives, "%u lives", n);
	for (uint32_t i = 0; i < n; i++) {
		EXPECT(life[i] == i + 1);
		EXPECT_MSG(read_life(r, life[i]) == ENTRIES, "%u entries", read_life(r, life[i]));
	}
	inputs_reader_close(r);
}

static void live(void *arg)
{
	struct store *s;
	struct inputs *w;
	struct inputs_block b;
	uint64_t entries = 0, before = 0;
	open_inputs(*(uint32_t *)arg, &s, &w);
	put_all(w);
	EXPECT(inputs_finish(w) == 0);
	while (inputs_next_block(w, &b))
		*(b.life == *(uint32_t *)arg ? &entries : &before) += b.entries;
	EXPECT(entries > 0 && entries <= ENTRIES); /* receipts that were asked for in time */
	EXPECT((before > 0) == (*(uint32_t *)arg > 1)); /* what the life before left untold */
	inputs_close(w);
	EXPECT(store_close(s) == 0);
}

static void die(void *arg)
{
	struct store *s;
	struct inputs *w;
	open_inputs(*(uint32_t *)arg, &s, &w);
	put_all(w);
	kill(getpid(), SIGKILL);
}

static void check_one(void *arg)
{
	check(*(uint32_t *)arg);
}

START_TEST(test_orderly)
{
	uint32_t life = 1;
	apart(live, &life, 0);
	apart(check_one, &life, 0);
	life = 2;
	apart(live, &life, 0);
	apart(check_one, &life, 0);
}
END_TEST

START_TEST(test_killed)
{
	uint32_t life = 1;
	apart(die, &life, SIGKILL);
	apart(check_one, &life, 0); /* from the file */
	life = 2;
	apart(live, &life, 0);
	apart(check_one, &life, 0); /* both from the database */
}
END_TEST

static void outrun(void *arg)
{
	struct store *s;
	struct inputs *w;
	(void)arg;
	open_inputs(1, &s, &w);
	for (uint32_t k = 0; w->lost == 0 && k < 100000000; k++)
		put(w, k);
	EXPECT(w->lost == 1);
	usleep(500000);
	inputs_on_time(w, 1);
	put(w, 0);
	EXPECT(w->now && w->now->lost == 1 && w->lost == 0);
	inputs_close(w);
	EXPECT(store_close(s) == 0);
}

START_TEST(test_no_room)
{
	apart(outrun, NULL, 0);
}
END_TEST

static void refused(void *arg)
{
	struct inputs_reader *r;
	(void)arg;
	EXPECT(inputs_reader_open(folder, &r) == 0);
	EXPECT(inputs_reader_block(r, 1, 0, LAYOUT + 1, block) == -ERR_CORRUPT);
	EXPECT(strstr(err_text(), "another version"));
	EXPECT(inputs_reader_block(r, 1, 0, LAYOUT, block) == 0);
	EXPECT(inputs_reader_block(r, 1, 1000, LAYOUT, block) == -ERR_NOTFOUND);
	EXPECT(inputs_reader_block(r, 9, 0, LAYOUT, block) == -ERR_NOTFOUND);
	inputs_reader_close(r);
}

/* As somebody with the database's own tools would. */
static void damage(void *arg)
{
	struct store_options o = { .path = folder, .ring = folder, .ring_bytes = 1 << 20 };
	struct store *s;
	struct inputs_reader *r;
	uint8_t key[INPUTS_KEY];
	size_t n;
	(void)arg;
	inputs_key_write(key, 1, 0);
	EXPECT(store_open(&o, &s) == 0);
	EXPECT(kv_get(store_db(s), KV_INPUTS, key, sizeof key, block, sizeof block, &n) == 0);
	EXPECT(kv_put(store_db(s), KV_INPUTS, key, sizeof key, block, n - 8, false) == 0);
	EXPECT(store_close(s) == 0);
	EXPECT(inputs_reader_open(folder, &r) == 0);
	EXPECT(inputs_reader_block(r, 1, 0, LAYOUT, block) == -ERR_CORRUPT);
	inputs_reader_close(r);
}

START_TEST(test_refused)
{
	uint32_t life = 1;
	apart(live, &life, 0);
	apart(refused, NULL, 0);
	apart(damage, NULL, 0);
}
END_TEST

FOLDER_SUITE("inputs", test_orderly, test_killed, test_no_room, test_refused)
