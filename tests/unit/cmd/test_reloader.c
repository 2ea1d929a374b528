/* Proves that versions are prepared beside a thread that goes on calling scripts: good ones come with the old memory, bad ones with a reason, texts are kept, and what is
 * saved meanwhile is in the store. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/cmd/reloader.h"
#include "core/cmd/saver.h"
#include "tests/unit/store/folder.h"
#include <stdatomic.h>
#include <time.h>

#define HEAD \
	"local tandem = require 'tandem'\nlocal S = tandem.strategy { version = %d, legs = { 'near', 'far' } }\n"

static struct scene {
	struct config cfg;
	struct config_instance instance;
	struct instrument instrument[2];
	struct desk desk;
	struct desk_instance of;
	struct feed feed[2];
	struct store *store;
	struct lua_host *lua;
	struct reloader *reloader;
	char path[128];
} x;

static void put(const char *text, int version)
{
	FILE *f = fopen(x.path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, HEAD, version);
	fputs(text, f);
	fputs("\nreturn S\n", f);
	fclose(f);
}

static void name_instrument(int i, const char *name, enum expo_kind kind)
{
	struct instrument *in = &x.instrument[i];
	snprintf(in->name, sizeof in->name, "%s", name);
	in->base = asset_intern(&x.cfg.assets, "BTC");
	in->quote = in->settle = asset_intern(&x.cfg.assets, "USDT");
	in->expo = (struct expo){ .kind = kind, .num = 1, .den = 1 };
}

static void open_all(void)
{
	char path[128];
	memset(&x, 0, sizeof x);
	name_instrument(0, "A", EXPO_SPOT);
	name_instrument(1, "B", EXPO_LINEAR);
	snprintf(x.path, sizeof x.path, "%s/x.lua", folder);
	x.instance = (struct config_instance){ .name = "x",
					       .n_legs = 2,
					       .leg = { 0, 1 },
					       .leg_name = { "near", "far" },
					       .ratio_num = { 1, 1 },
					       .ratio_den = { 1, 1 } };
	snprintf(x.instance.file, sizeof x.instance.file, "%s", x.path);
	x.cfg.instance = &x.instance;
	x.cfg.instrument = x.instrument;
	x.cfg.n_instances = 1;
	x.cfg.n_instruments = 2;
	x.of = (struct desk_instance){ .cfg = &x.instance, .lot_base_e8 = 100000 };
	x.desk = (struct desk){
		.cfg = &x.cfg, .instrument = x.instrument, .feed = x.feed, .instance = &x.of
	};
	snprintf(path, sizeof path, "%s/db", folder);
	const struct store_options so = { .path = path, .ring = folder, .ring_bytes = 1u << 20 };
	const struct lua_host_options lo = { 0 };
	ck_assert_int_eq(store_open(&so, &x.store), 0);
	ck_assert_int_eq(lua_host_init(&lo, &x.lua), 0);
	const struct reloader_parts parts = {
		.cfg = &x.cfg, .store = x.store, .lua = x.lua, .desk = &x.desk
	};
	ck_assert_int_eq(reloader_open(&parts, &x.reloader), 0);
}

static void close_all(void)
{
	reloader_close(x.reloader);
	lua_host_free(x.lua);
	ck_assert_int_eq(store_close(x.store), 0);
}

static struct reload_done prepared(const void *saved, size_t n)
{
	static uint32_t number;
	struct reload_port *p = reloader_port(x.reloader);
	const struct reload_job job = { .number = ++number, .instance = 0 };
	struct reload_done done;
	ck_assert_msg(p->ops->ask(p, &job, saved, n) == 0, "%s", err_text());
	ck_assert_int_eq(p->ops->ask(p, &job, saved, n), -ERR_BUSY);
	while (!p->ops->take(p, &done))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	ck_assert_uint_eq(done.job.number, number);
	return done;
}

static void give_back(struct strategy *s)
{
	struct reload_port *p = reloader_port(x.reloader);
	p->ops->give_back(p, s);
}

START_TEST(a_version_comes_with_the_old_memory)
{
	uint8_t saved[256], again[256];
	size_t n, m;
	open_all();
	put("tandem.state { n = 41 }", 1);
	struct reload_done one = prepared(NULL, 0);
	ck_assert_msg(one.rc == 0 && one.name_is_new, "%s", one.text);
	ck_assert_int_eq(one.script->ops->save(one.script, saved, sizeof saved, &n), 0);
	put("tandem.state { n = 0 }\nfunction S.on_load(old) return old end", 2);
	struct reload_done two = prepared(saved, n);
	ck_assert_msg(two.rc == 0, "%s", two.text);
	ck_assert_uint_eq(two.script->lines, 5);
	ck_assert_int_eq(two.script->ops->save(two.script, again, sizeof again, &m), 0);
	ck_assert(n == m && two.name != one.name);
	/* Once more: the same number, and it is not new. */
	struct reload_done same = prepared(saved, n);
	ck_assert(same.rc == 0 && same.name == two.name && !same.name_is_new);
	give_back(one.script);
	give_back(two.script);
	give_back(same.script);
	close_all();
}
END_TEST

START_TEST(a_bad_one_comes_with_a_reason)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "function S:on_basis(", "x.lua:4: " },
		{ "function S:on_start() error 'no' end", "its dry run: " },
		{ "tandem.state { n = 1 }", "on_load" },
		{ "S.on_nonsense = 1", "on_nonsense" },
	};
	uint8_t saved[256];
	size_t n;
	open_all();
	put("tandem.state { n = 41 }", 1);
	struct reload_done one = prepared(NULL, 0);
	ck_assert_int_eq(one.script->ops->save(one.script, saved, sizeof saved, &n), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		put(bad[i].text, 2);
		struct reload_done d = prepared(i == 2 ? saved : NULL, i == 2 ? n : 0);
		ck_assert_msg(d.rc < 0 && !d.script && strstr(d.text, bad[i].says), "%zu: %s", i,
			      d.text);
		ck_assert(d.name != 0); /* what was refused can be read as well */
	}
	ck_assert_int_eq(unlink(x.path), 0);
	struct reload_done gone = prepared(NULL, 0);
	ck_assert(gone.rc < 0 && gone.name == 0);
	give_back(one.script);
	close_all();
}
END_TEST

START_TEST(others_are_called_meanwhile)
{
	open_all();
	put("local n = 0\nfunction S:on_stop() n = n + 1 end", 1);
	struct reload_done one = prepared(NULL, 0);
	const struct strat_event stop = { .kind = STRAT_STOP };
	const struct strat_self self = { 0 };
	struct reload_port *p = reloader_port(x.reloader);
	struct saver *saver;
	ck_assert_int_eq(saver_open(x.store, 1, 64, &saver), 0);
	uint64_t calls = 0;
	for (int k = 0; k < 20; k++) {
		struct reload_done d;
		const struct reload_job job = { .instance = 0 };
		put("function S:on_start() self:log('x') end", 2 + k);
		ck_assert_int_eq(p->ops->ask(p, &job, NULL, 0), 0);
		while (!p->ops->take(p, &d)) {
			struct proposal out[PROPOSAL_MAX];
			ck_assert_int_ge(one.script->ops->run(one.script, &self, &stop, out,
							      PROPOSAL_MAX),
					 0);
			calls++;
			saver_put(saver, 0, "other/x", &calls, sizeof calls);
		}
		ck_assert_msg(d.rc == 0, "%s", d.text);
		give_back(d.script);
	}
	while (!saver_put(saver, 0, "other/x", &calls, sizeof calls))
		;
	saver_close(saver);
	uint64_t kept = 0;
	size_t n;
	struct kv *kv = store_kv(x.store);
	ck_assert_int_eq(kv->ops->get(kv, "other/x", &kept, sizeof kept, &n), 0);
	ck_assert(n == sizeof kept && kept == calls && calls > 0);
	give_back(one.script);
	close_all();
}
END_TEST

START_TEST(a_text_is_kept_as_it_was)
{
	char key[RELOADER_KEY], text[512], file[256];
	size_t n, m;
	open_all();
	put("-- a word", 7);
	struct reload_done d = prepared(NULL, 0);
	struct kv *kv = store_kv(x.store);
	reloader_source_key(key, "source", d.sha256);
	ck_assert_int_eq(kv->ops->get(kv, key, text, sizeof text, &n), 0);
	uint8_t sha[DIGEST_LEN];
	digest_sha256(text, n, sha);
	ck_assert_mem_eq(sha, d.sha256, sizeof sha);
	reloader_source_key(key, "file", d.sha256);
	ck_assert_int_eq(kv->ops->get(kv, key, file, sizeof file, &m), 0);
	ck_assert(m == strlen(x.path) && memcmp(file, x.path, m) == 0);
	give_back(d.script);
	close_all();
}
END_TEST

FOLDER_SUITE("reloader", a_version_comes_with_the_old_memory, a_bad_one_comes_with_a_reason,
	     others_are_called_meanwhile, a_text_is_kept_as_it_was)
