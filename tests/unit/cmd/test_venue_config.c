/* Proves that a venue's configuration is read whole, the shipped example included, and that every mistake is told with its line. */
#include "core/cmd/venue_config.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct venue_setup setup;
static struct config_errors errs;

static int read_text(const char *text)
{
	char path[] = "/tmp/tandem-conf-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	int rc = venue_config_read(path, &setup, &errs);
	unlink(path);
	return rc;
}

START_TEST(test_example)
{
	int rc = venue_config_read(TANDEM_SOURCE_DIR "/examples/venue.lua", &setup, &errs);
	if (rc)
		config_errors_print(&errs, stderr);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(setup.n_venues, 2);
	ck_assert_uint_eq(setup.venue[0].kind, MARKET_SPOT);
	ck_assert_uint_eq(setup.venue[1].kind, MARKET_FUTURES);
	ck_assert_str_eq(setup.dir, TANDEM_SOURCE_DIR "/examples/venue");
	const struct instrument *i = &setup.venue[1].instrument[0];
	ck_assert_str_eq(i->symbol, "BTCUSDT");
	ck_assert_int_eq(i->rule[0].tick, 1);
	ck_assert_int_eq(i->rule[0].fee.taker_e8, 50000);
	ck_assert_int_eq(i->rule[0].margin_e8, 5000000);
	ck_assert_int_eq(setup.venue[0].account[0].deposit[0].amount_e8 +
				 setup.venue[0].account[0].deposit[1].amount_e8,
			 20000200000000);
	ck_assert_int_eq(setup.generator.basis_mean_ppb, 200000);
	ck_assert_int_eq(setup.generator.excursion_ns, 4000000000);
	ck_assert_uint_eq(setup.speed_milli, 1000);
	ck_assert_int_eq(setup.venue[0].knobs.delay[PATH_IN].typ_ns, 500000);
}
END_TEST

#define VENUE                                                                                                                         \
	"{ name = 'spot', wire = 'binance_spot', symbols = { { symbol = 'BTCUSDT', base = 'BTC', quote = 'USDT', tick = 0.01, lot = " \
	"0.001, fees = { maker = '1bp', taker = '1bp' } } }, accounts = { { name = 'main', balances = { USDT = 5 } } } }"

START_TEST(test_speeds)
{
	static const struct {
		const char *written;
		uint32_t milli;
	} row[] = { { "1", 1000 }, { "'max'", 0 }, { "2.5", 2500 }, { "0.001", 1 } };
	char text[1024];
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(
			text, sizeof text,
			"return { dir = 'x', source = { generator = {} }, venues = { %s }, speed = %s }",
			VENUE, row[i].written);
		ck_assert_int_eq(read_text(text), 0);
		ck_assert_uint_eq(setup.speed_milli, row[i].milli);
	}
	uint32_t milli;
	ck_assert_int_lt(venue_config_speed("fast", &milli), 0);
	ck_assert_int_lt(venue_config_speed("0", &milli), 0);
	ck_assert_int_eq(venue_config_speed("max", &milli), 0);
}
END_TEST

#define TWO(more)                                                                                                                        \
	"return { dir = 'x', source = { generator = {} }, venues = { { name = 'spot', wire = 'binance_spot',\n"                          \
	"symbols = { { symbol = 'BTCUSDT', base = 'BTC', quote = 'USDT', tick = 0.01, lot = 0.001, fees = { maker = 0, taker = 0 } },\n" \
	"{ symbol = 'USDCNH', base = 'USD', quote = 'CNH', px_dp = 5, tick = '0.0001', lot = 1, qty_dp = 0, mid = '7.2', "               \
	"fees = { maker = 0, taker = 0 } } }, accounts = { { name = 'main' } },\n" more " } } }"

START_TEST(test_second_symbol)
{
	ck_assert_int_eq(read_text(TWO("knobs = { plan = { 'mute.USDCNH@5s', 'clock@9s:-1h' } }")),
			 0);
	ck_assert_uint_eq(setup.venue[0].n_instruments, 2);
	ck_assert_int_eq(setup.venue[0].mid_e8[0], 0);
	ck_assert_int_eq(setup.venue[0].mid_e8[1], 720000000);
	ck_assert_int_eq(setup.venue[0].instrument[1].rule[0].tick, 10);
	ck_assert_uint_eq(setup.venue[0].knobs.n_plan, 2);
	ck_assert_int_eq(setup.venue[0].knobs.plan[1].for_ns, -3600000000000);
}
END_TEST

START_TEST(test_recording)
{
	ck_assert_int_eq(
		read_text(
			"return { dir = 'x', source = { recording = { spot = { 'a.gz', 'b.gz' } } }, venues = { " VENUE
			" } }"),
		0);
	ck_assert_uint_eq(setup.source, SETUP_RECORDING);
	ck_assert_uint_eq(setup.n_files, 2);
	ck_assert_str_eq(setup.file[1].path, "/tmp/b.gz");
}
END_TEST

/* One store for all venues, or said by venue. */
START_TEST(test_store)
{
	ck_assert_int_eq(
		read_text("return { dir = 'x', source = { recording = 'db' }, venues = { " VENUE
			  " } }"),
		0);
	ck_assert_uint_eq(setup.source, SETUP_RECORDING);
	ck_assert_uint_eq(setup.n_files, setup.n_venues);
	ck_assert_str_eq(setup.file[0].path, "/tmp/db");
	ck_assert_int_eq(
		read_text(
			"return { dir = 'x', source = { recording = { spot = 'db#BN.SPOT' } }, venues = { " VENUE
			" } }"),
		0);
	ck_assert_str_eq(setup.file[0].path, "/tmp/db#BN.SPOT");
}
END_TEST

/* Line of the mistake, and a word of what is said. */
static const struct {
	const char *text;
	int line;
	const char *word;
} mistakes[] = {
	{ TWO("knobs = { plan = { 'mute.USDCNY@5s' } }"), 4, "no such symbol" },
	{ "return { source = { generator = {} },\nvenues = { " VENUE " } }", 1, "dir" },
	{ "return { dir = 'x', source = { generator = {} },\nvenues = {} }", 2, "no venues" },
	{ "return { dir = 'x',\nsource = {},\nvenues = { " VENUE " } }", 2,
	  "one of generator and recording" },
	{ "return { dir = 'x',\nsource = { recording = {\nspto = 'a.gz' } },\nvenues = { " VENUE
	  " } }",
	  3, "spto" },
	{ "return { dir = 'x', source = { generator = {} }, venues = { " VENUE ",\n" VENUE " } }",
	  2, "twice" },
	{ "return { dir = 'x', source = { generator = {} },\nspeed = 'fast',\nvenues = { " VENUE
	  " } }",
	  2, "speed" },
	{ "return { dir = 'x', source = { generator = {} },\nspede = 1,\nvenues = { " VENUE " } }",
	  2, "spede" },
	{ "return { dir = 'x', source = { generator = {} }, venues = { { name = 'a', wire = 'binance_spot',\nknobs = { rejct = '1%' },\n"
	  "symbols = {}, accounts = {} } } }",
	  2, "rejct" },
	{ "return { dir = 'x', source = { generator = {} }, venues = { { name = 'a', wire = 'binance_spot',\nsymbols = { {\nsymbol = 'A', base "
	  "= 'A', quote = 'B',\ntick = 0, lot = 1, fees = { maker = '1bp', taker = '1bp' } } }, accounts = { { name = 'm' } } } } }",
	  4, "tick" },
};

START_TEST(test_mistakes)
{
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		ck_assert_int_lt(read_text(mistakes[i].text), 0);
		bool told = false;
		for (uint32_t k = 0; k < errs.n; k++)
			told |= errs.error[k].line == mistakes[i].line &&
				strstr(errs.error[k].text, mistakes[i].word);
		if (!told)
			config_errors_print(&errs, stderr);
		ck_assert_msg(told, "mistake %zu: line %d, %s", i, mistakes[i].line,
			      mistakes[i].word);
	}
}
END_TEST

SUITE("venue_config", test_example, test_speeds, test_second_symbol, test_recording, test_store,
      test_mistakes)
