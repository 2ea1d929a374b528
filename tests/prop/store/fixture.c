#include "tests/prop/store/fixture.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/inputs_parts.h"
#include "store/kv.h"
#include "store/note.h"
#include "store/record.h"
#include "store/store_parts.h"
#include "tests/kit/events.h"
#include "tests/unit/store/facts.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct fixture fixture;
static const char *in;

void fixture_names(const char *folder)
{
	struct fixture *f = &fixture;
	in = folder;
	snprintf(f->key, sizeof f->key, "%s/desk.key", folder);
	snprintf(f->pub, sizeof f->pub, "%s/desk.key.pub", folder);
	snprintf(f->outside, sizeof f->outside, "%s/checkpoint", folder);
	snprintf(f->base, sizeof f->base, "%s/base", folder);
	snprintf(f->killed, sizeof f->killed, "%s/killed", folder);
	snprintf(f->early, sizeof f->early, "%s/early", folder);
	snprintf(f->work, sizeof f->work, "%s/work", folder);
}

void fixture_need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, err_text());
	_exit(FIXTURE_BROKEN);
}

void fixture_copy(const char *from, const char *to)
{
	char line[600];
	snprintf(line, sizeof line, "rm -rf '%s' && cp -r '%s' '%s'", to, from, to);
	fixture_need(system(line) == 0, line);
}

/* ---- a store with something of everything */

static struct store *open_store(const char *path, const char *ring)
{
	struct store *s;
	struct store_options o = { .path = path,
				   .ring = ring,
				   .ring_bytes = 4 << 20,
				   .key = fixture.key,
				   .checkpoint_to = fixture.outside };
	fixture_need(store_open(&o, &s) == 0, "open");
	return s;
}

static void append(struct store *s, struct fact *f)
{
	struct journal *j = store_journal(s);
	while (!j->ops->append(j, f))
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

static void put_source(struct store *s)
{
	static const char text[] = "return function() end";
	char at[16 + DIGEST_HEX] = "source/";
	uint8_t digest[DIGEST_LEN];
	digest_sha256(text, sizeof text - 1, digest);
	digest_hex(digest, DIGEST_LEN, at + 7);
	struct kv *kv = store_kv(s);
	fixture_need(kv->ops->put(kv, at, text, sizeof text - 1) == 0, "source");
}

static void put_facts(struct store *s, struct rng *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct fact f = facts_any(r);
		if (f.kind == FACT_NAME || f.kind == FACT_CHECKPOINT || f.kind == FACT_BLOCK ||
		    f.kind == FACT_ARCHIVE || f.kind == FACT_INPUTS)
			f.kind = FACT_FILL;
		f.version = 1;
		f.utc_ns = 1700000000000000000 + (int64_t)i * 7000000;
		f.pair = i % 50;
		f.order = i % 300;
		f.instance = i % 4;
		append(s, &f);
	}
	for (int phase = CHECKPOINT_BEGIN; phase <= CHECKPOINT_END; phase++) {
		struct fact f;
		fact_init(&f, FACT_CHECKPOINT);
		f.num[0] = phase;
		append(s, &f);
	}
}

/* Two blocks of what an engine heard, as the writer of inputs keeps and tells them. */
static void put_inputs(struct store *s)
{
	static uint8_t block[4096];
	for (uint64_t n = 0; n < 2; n++) {
		uint8_t key[INPUTS_KEY], digest[DIGEST_LEN];
		struct fact f;
		memset(block, (int)n + 1, sizeof block);
		inputs_key_write(key, 1, n);
		fixture_need(kv_put(store_db(s), KV_INPUTS, key, sizeof key, block, sizeof block,
				    false) == 0,
			     "inputs");
		digest_sha256(block, sizeof block, digest);
		fact_init(&f, FACT_INPUTS);
		f.num[3] = sizeof block;
		f.num[5] = 1;
		f.num[6] = (int64_t)n;
		digest_hex(digest, DIGEST_LEN, f.text);
		append(s, &f);
		if (n == 0) /* and again, as a host does that takes over from a killed one */
			append(s, &f);
	}
}

static void put_market(struct store *s, unsigned events)
{
	static const struct pack_instrument one[] = {
		{ .name = "V.BTCUSDT", .symbol = "BTCUSDT", .px_dp = 8, .qty_dp = 8 },
	};
	static struct events maker;
	struct pack_event ev;
	struct record *r;
	fixture_need(record_open(s, "a test", &r) == 0, "record");
	fixture_need(record_venue(r, "V", one, 1) == 0, "venue");
	events_init(&maker, 5, 1, false);
	for (unsigned k = 0; k < events; k++) {
		events_next(&maker, &ev);
		fixture_need(record_put(r, 0, &ev) == 0, "event");
	}
	fixture_need(record_close(r, NULL) == 0, "close");
}

static void fill_store(const char *path, const char *ring, bool orderly)
{
	struct rng r;
	rng_seed(&r, 77);
	struct store *s = open_store(path, ring);
	put_source(s);
	put_inputs(s);
	put_market(s, 4000);
	put_facts(s, &r, FIXTURE_FACTS);
	while (store_drained(s) < store_last_seq(s))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	/* A checkpoint within half a second of the last receipt. */
	nanosleep(&(struct timespec){ .tv_nsec = 700000000 }, NULL);
	if (orderly)
		fixture_need(store_close(s) == 0, "close");
}

void fixture_make_base(void *arg)
{
	(void)arg;
	log_set_level(LOG_ERROR);
	fixture_need(note_key_make(fixture.key, "desk") == 0, "key");
	fill_store(fixture.base, NULL, true);
	fixture_copy(fixture.base, fixture.early);
	/* It goes on: what `early` holds is the past. */
	struct rng r;
	rng_seed(&r, 78);
	struct store *s = open_store(fixture.base, NULL);
	put_facts(s, &r, 300);
	fixture_need(store_close(s) == 0, "close");
}

void fixture_make_killed(void *arg)
{
	(void)arg;
	log_set_level(LOG_ERROR);
	fixture_need(note_key_make(fixture.key, "desk") == 0, "key");
	fill_store(fixture.killed, in, false);
	raise(SIGKILL);
}
