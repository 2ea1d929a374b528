/* Proves that what the demo writes is what its children read, that its state survives a kill and is not believed unseen, and that a folder of somebody else is left alone. */
#include "adapters/sim/server.h"
#include "core/base/err.h"
#include "core/cmd/demo.h"
#include "core/cmd/venue_config.h"
#include "lua/config.h"
#include "tests/unit/store/folder.h"
#include <sys/stat.h>

static struct venue_setup setup;
static struct config_errors errs;

static struct demo_options made_market(void)
{
	struct demo_options o = { .seed = 7, .speed_milli = 1500, .duration_ns = 30000000000 };
	snprintf(o.db, sizeof o.db, "%s", folder);
	ck_assert_int_eq(demo_look(&o), 0);
	return o;
}

static void put(const char *name, const char *text)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	chmod(path, 0600);
}

static const char *get(const char *name)
{
	static char text[20000];
	char path[200];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void read_both(const struct demo_options *o)
{
	char path[200];
	snprintf(path, sizeof path, "%s/venue.lua", folder);
	int rc = venue_config_read(path, &setup, &errs);
	ck_assert_msg(rc == 0, "%s", errs.error[0].text);
	ck_assert_uint_eq(setup.n_venues, 2);
	ck_assert_uint_eq(setup.seed, o->seed);
	ck_assert_uint_eq(setup.speed_milli, o->speed_milli);
	/* The venue leaves its ports, certificate and keys. */
	static const char *const dirs[] = { "venue", "venue/tls", "venue/keys" };
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, dirs[i]);
		mkdir(path, 0700);
	}
	put("venue/tls/ca.pem", "x");
	static const char *const key[] = { "spot_demo.ed25519.key", "spot_demo.ed25519.pem",
					   "usdm_demo.ed25519.key", "usdm_demo.ed25519.pem" };
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "venue/keys/%s", key[i]);
		put(path, "x");
	}
	put("ports", "spot 4001\nusdm 4002\n");
	ck_assert_msg(demo_write_host(o) == 0, "%s", err_text());
	struct config *c = NULL;
	snprintf(path, sizeof path, "%s/host.lua", folder);
	rc = config_read(path, &c, &errs);
	ck_assert_msg(rc == 0, "%s", errs.error[0].text);
	ck_assert(c->n_venues == 2 && c->n_instances == 1 && c->n_instruments == 2);
	ck_assert_uint_eq(c->venue[0].url[URL_STREAM].port, 4001);
	ck_assert_uint_eq(c->venue[1].url[URL_STREAM].port, 4002);
	for (uint32_t i = 0; i < 2; i++) {
		const struct rule *host = &c->instrument[i].rule[0],
				  *venue = &setup.venue[i].instrument[0].rule[0];
		ck_assert_int_eq(host->tick, venue->tick);
		ck_assert_int_eq(host->lot, venue->lot);
		ck_assert_int_eq(host->fee.taker_e8, venue->fee.taker_e8);
	}
	config_free(c);
}

START_TEST(its_files_are_what_its_children_read)
{
	struct demo_options o = made_market();
	ck_assert_msg(demo_write(&o) == 0, "%s", err_text());
	read_both(&o);
	ck_assert_ptr_nonnull(strstr(get("executable_cross.lua"), "tandem.strategy"));
}
END_TEST

/* Recordings of what costs next to nothing, or a fortune. */
START_TEST(any_price_can_be_written)
{
	static const int64_t px_e8[] = { 1, 500, 100000000, 6180000000000, 900000000000000 };
	for (size_t i = 0; i < sizeof px_e8 / sizeof *px_e8; i++) {
		struct demo_options o = made_market();
		char path[200];
		o.px_e8 = px_e8[i];
		o.spot.tick_e8 = o.usdm.tick_e8 = 1;
		o.spot.lot_e8 = o.usdm.lot_e8 = px_e8[i] < 100000000 ? 100000000 : 1000;
		ck_assert_int_eq(demo_write(&o), 0);
		read_both(&o);
		static const char *const made[] = { "demo.state", "venue.lua", "host.lua",
						    "executable_cross.lua" };
		for (int k = 0; k < 4; k++) {
			snprintf(path, sizeof path, "%s/%s", folder, made[k]);
			ck_assert_int_eq(unlink(path), 0);
		}
		snprintf(path, sizeof path, "rm -r %s/venue", folder);
		ck_assert_int_eq(system(path), 0);
	}
}
END_TEST

START_TEST(its_state_comes_back)
{
	struct demo_options o = made_market(), again = { 0 };
	int64_t start_ns = -1;
	snprintf(o.spot.file, sizeof o.spot.file, "/data/a b.gz");
	snprintf(o.usdm.file, sizeof o.usdm.file, "/data/c.gz");
	snprintf(again.db, sizeof again.db, "%s", folder);
	ck_assert_int_eq(demo_read(&again, &start_ns), -ERR_NOTFOUND);
	ck_assert_int_eq(demo_write(&o), 0);
	ck_assert_msg(demo_read(&again, &start_ns) == 0, "%s", err_text());
	ck_assert_int_eq(start_ns, 0);
	ck_assert_int_eq(demo_note_start(&o, 123456789), 0);
	ck_assert_int_eq(demo_read(&again, &start_ns), 0);
	ck_assert_int_eq(start_ns, 123456789);
	ck_assert(again.seed == 7 && again.speed_milli == 1500 &&
		  again.duration_ns == o.duration_ns);
	ck_assert_str_eq(again.symbol, "BTCUSDT");
	ck_assert_str_eq(again.base, "BTC");
	ck_assert_str_eq(again.quote, "USDT");
	ck_assert_str_eq(again.spot.file, "/data/a b.gz");
	ck_assert_str_eq(again.usdm.file, "/data/c.gz");
	ck_assert(again.spot.tick_e8 == o.spot.tick_e8 && again.usdm.lot_e8 == o.usdm.lot_e8);
	ck_assert_int_eq(demo_note_end(&o, 123456789), 0);
	ck_assert_int_eq(demo_read(&again, &start_ns), -ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(err_text(), "has ended"));
}
END_TEST

/* Killed between its files: the next writes what is missing, and leaves what is there. */
START_TEST(a_half_made_folder_is_completed)
{
	struct demo_options o = made_market(), again = o;
	char path[200];
	int64_t start_ns;
	ck_assert_int_eq(demo_write(&o), 0);
	snprintf(path, sizeof path, "%s/executable_cross.lua", folder);
	ck_assert_int_eq(unlink(path), 0);
	put("venue.lua", "-- edited");
	ck_assert_int_eq(demo_read(&again, &start_ns), 0);
	ck_assert_ptr_nonnull(strstr(get("executable_cross.lua"), "tandem.strategy"));
	ck_assert_str_eq(get("venue.lua"), "-- edited");
}
END_TEST

static void spoil(const char *good, const char *what, const char *with)
{
	static char text[4000];
	const char *at = strstr(good, what);
	ck_assert_msg(at != NULL, "%s", what);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, with, at + strlen(what));
	put("demo.state", text);
	struct demo_options again = { 0 };
	int64_t start_ns;
	snprintf(again.db, sizeof again.db, "%s", folder);
	ck_assert_msg(demo_read(&again, &start_ns) == -ERR_CORRUPT, "%s -> %s", what, with);
}

START_TEST(a_damaged_state_is_not_believed)
{
	struct demo_options o = made_market();
	char good[2000];
	ck_assert_int_eq(demo_write(&o), 0);
	snprintf(good, sizeof good, "%s", get("demo.state"));
	static const char *const row[][2] = {
		{ "tandem-demo 2", "tandem-demo 3" },
		{ "tandem-demo 2", "something else" },
		{ "ended 0", "ended 5" },
		{ "seed 7", "seed 0" },
		{ "seed 7", "seed x" },
		{ "speed_milli 1500", "speed_milli 99999999" },
		{ "duration_ns 3", "duration_ns -3" },
		{ "symbol BTCUSDT", "symbol B\"..os.exit()..\"" },
		{ "symbol BTCUSDT", "symbol " },
		{ "px_e8 6", "px_e8 -6" },
		{ "steps 1000000", "steps 0" },
		{ "spot ", "spot /only/one" },
		{ "\nusdm ", "" },
		{ "\nstrategy ", "\nstrategy x\"..os.exit()..\"" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		spoil(good, row[i][0], row[i][1]);
	for (size_t n = 0; n + 1 < strlen(good); n++) { /* cut anywhere */
		char cut[2000];
		struct demo_options again = { 0 };
		int64_t start_ns;
		snprintf(cut, sizeof cut, "%.*s", (int)n, good);
		put("demo.state", cut);
		snprintf(again.db, sizeof again.db, "%s", folder);
		ck_assert_int_eq(demo_read(&again, &start_ns), -ERR_CORRUPT);
	}
	put("demo.state", "tandem-demo 3\nwhatever 3\n");
	struct demo_options again = o;
	int64_t start_ns;
	ck_assert_int_eq(demo_read(&again, &start_ns), -ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err_text(), "another version"));
}
END_TEST

/* Its configuration is there before it runs, is not written again, and it may run again when it has ended. */
START_TEST(a_script_of_ones_own)
{
	struct demo_options o = made_market(), again = { 0 };
	int64_t start_ns = 5;
	snprintf(o.strategy, sizeof o.strategy, "../mine.lua");
	o.port[0] = 4001, o.port[1] = 4002;
	ck_assert_int_eq(demo_write(&o), 0);
	ck_assert_ptr_nonnull(strstr(get("host.lua"), "name = \"mine\", file = \"../mine.lua\""));
	ck_assert_ptr_nonnull(strstr(get("host.lua"), "wss://localhost:4002/"));
	ck_assert_ptr_nonnull(strstr(get("venue.lua"), "port = 4001"));
	put("host.lua", "-- mine\n");
	ck_assert_int_eq(demo_write_host(&o), 0);
	ck_assert_str_eq(get("host.lua"), "-- mine\n");
	ck_assert_int_eq(demo_note_end(&o, 77), 0);
	snprintf(again.db, sizeof again.db, "%s", folder);
	ck_assert_int_eq(demo_read(&again, &start_ns), 0);
	ck_assert_str_eq(again.strategy, "../mine.lua");
	ck_assert_int_eq(start_ns, 0);
	ck_assert_int_eq(demo_note_start(&again, 88), 0);
	ck_assert_int_eq(demo_read(&again, &start_ns), 0);
	ck_assert_int_eq(start_ns, 88);
}
END_TEST

START_TEST(a_folder_of_somebody_else_is_left_alone)
{
	struct demo_options o = made_market();
	put("host.lua", "-- mine");
	ck_assert_int_eq(demo_write(&o), -ERR_EXISTS);
	ck_assert_str_eq(get("host.lua"), "-- mine");
	char path[200];
	struct stat st;
	snprintf(path, sizeof path, "%s/demo.state", folder);
	ck_assert_int_ne(stat(path, &st), 0);
	snprintf(o.db, sizeof o.db, "%s/none", folder);
	ck_assert_int_eq(demo_write(&o), -ERR_IO);
	ck_assert_ptr_nonnull(strstr(err_text(), "none/demo.state"));
}
END_TEST

START_TEST(one_demo_a_folder)
{
	struct demo_options o = made_market();
	int first, second;
	ck_assert_int_eq(demo_lock(&o, &first), 0);
	ck_assert_int_eq(demo_lock(&o, &second), -ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(err_text(), "another demo"));
	close(first);
	ck_assert_int_eq(demo_lock(&o, &first), 0);
	close(first);
}
END_TEST

START_TEST(ports_that_are_none_are_told)
{
	struct demo_options o = made_market();
	ck_assert_int_eq(demo_write(&o), 0);
	ck_assert_int_eq(demo_write_host(&o), -ERR_IO);
	put("ports", "spot 4001\n");
	ck_assert_int_eq(demo_write_host(&o), -ERR_IO);
	ck_assert_ptr_nonnull(strstr(err_text(), "two ports"));
}
END_TEST

FOLDER_SUITE("demo", its_files_are_what_its_children_read, any_price_can_be_written,
	     its_state_comes_back, a_half_made_folder_is_completed, a_damaged_state_is_not_believed,
	     a_folder_of_somebody_else_is_left_alone, one_demo_a_folder,
	     ports_that_are_none_are_told, a_script_of_ones_own)
