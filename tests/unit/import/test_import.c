/* Proves that files become one stream in the order of their recorder, that what is left out is said, and that clocks are found from stamps and from prices. */
#include "adapters/import/import.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/tsync.h"
#include "tests/unit/import/files.h"
#include <inttypes.h>

#define SECOND INT64_C(1000000000)

/* What arrived where events go. */
struct heard {
	char venue[8][32];
	unsigned venues;
	struct pack_instrument instrument[8][64];
	uint16_t instruments[8];
	uint64_t events, of_venue[8];
	int64_t last_ns[8];
	bool fell;
	uint64_t stop_at; /* 0: never */
	uint64_t levels;
	struct pack_event last;
};

static struct heard heard;

static int hear_venue(void *owner, const char *name)
{
	struct heard *h = owner;
	snprintf(h->venue[h->venues], 32, "%s", name);
	return (int)h->venues++;
}

static int hear_instrument(void *owner, uint16_t venue, const struct pack_instrument *i)
{
	struct heard *h = owner;
	h->instrument[venue][h->instruments[venue]] = *i;
	return h->instruments[venue]++;
}

static int hear(void *owner, uint16_t venue, const struct pack_event *ev)
{
	struct heard *h = owner;
	EXPECT(venue < h->venues && ev->instrument < h->instruments[venue]);
	h->fell |= ev->at_ns < h->last_ns[venue];
	h->last_ns[venue] = ev->at_ns;
	h->of_venue[venue]++;
	if (ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT)
		for (unsigned side = 0; side < side_max; side++)
			for (uint32_t i = 0; i < ev->depth.n[side]; i++)
				h->levels += ev->depth.level[side][i].px > 0;
	h->last = *ev;
	return ++h->events == h->stop_at ? err_set(ERR_IO, "the disk is full") : 0;
}

static const struct import_sink sink = { &heard, hear_venue, hear_instrument, hear };

static char path[4][128];
static const char *paths[4];

static int open_files(struct import_options o, unsigned n, struct import **g)
{
	o.path = paths;
	o.n_paths = n;
	if (!o.px_dp)
		o.px_dp = o.qty_dp = -1;
	heard = (struct heard){ 0 };
	for (unsigned v = 0; v < 8; v++)
		heard.last_ns[v] = INT64_MIN;
	return import_open(&o, g);
}

static void add_file(unsigned i, const char *name, const char *text)
{
	file_write(name, text, strlen(text), i % 2);
	paths[i] = file_path(name, path[i]);
}

static struct import *play(struct import_options o, unsigned n)
{
	struct import *g;
	int rc = open_files(o, n, &g);
	ck_assert_msg(rc == 0, "%s", err_text());
	while ((rc = import_step(g, &sink, 100)) > 0)
		;
	ck_assert_msg(rc == 0, "%s", err_text());
	ck_assert_int_eq(import_clocks(g), 0);
	return g;
}

/* One walk, seen by two venues at moments of their own; `row` writes a row of the first or second. */
typedef int row_fn(char *p, unsigned venue, int64_t at_ns, int price, struct rng *r);

static char *walk(unsigned rows, row_fn *row, const char *header, int only)
{
	char *text = malloc(rows * 120 + 200), *p = text + sprintf(text, "%s\n", header);
	struct rng r;
	rng_seed(&r, 5);
	int64_t now = 1700000000 * SECOND;
	int price = 100000;
	for (unsigned i = 0; i < rows; i++) {
		now += rng_range(&r, 1000000, 200 * 1000000);
		price += (int)rng_range(&r, -9, 9);
		unsigned venue = (unsigned)rng_below(&r, 2);
		if (only < 0 || only == (int)venue)
			p += row(p, venue, now, price, &r);
		else
			row((char[200]){ 0 }, venue, now, price, &r);
	}
	return text;
}

START_TEST(files_of_a_venue_are_merged_by_their_time)
{
	add_file(0, "late.csv", "ts_ms,bid,ask\n3000,1,2\n5000,1,2\n6000,1,2\n");
	add_file(1, "early.csv", "ts_ms,ask,bid\n1000,2,1\n4000,2,1\n");
	add_file(
		2, "frames",
		"2.5: {\"u\":1,\"s\":\"A\",\"b\":\"1\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}\n"
		"4.5: {\"e\":\"depthUpdate\",\"E\":1,\"s\":\"B\",\"U\":1,\"u\":2,\"b\":[[\"1\",\"2\"],[\"3\",\"4\"]],"
		"\"a\":[[\"5\",\"0\"]]}\n");
	struct import *g = play((struct import_options){ .venue = "X", .symbol = "A" }, 3);
	ck_assert_uint_eq(heard.events, 7);
	ck_assert(!heard.fell);
	ck_assert_uint_eq(heard.venues, 1);
	ck_assert_uint_eq(heard.instruments[0], 2);
	ck_assert_str_eq(heard.instrument[0][1].name, "X.B");
	ck_assert_uint_eq(heard.levels, 3);
	const struct import_venue *v = import_venue(g, 0);
	ck_assert_int_eq(v->from_ns, SECOND);
	ck_assert_int_eq(v->to_ns, 6 * SECOND);
	ck_assert_uint_eq(v->of[PACK_QUOTE], 6);
	ck_assert_uint_eq(v->of[PACK_DEPTH], 1);
	ck_assert_uint_eq(v->backwards, 0);
	import_close(g);
}
END_TEST

START_TEST(stamps_stay_as_they_came)
{
	add_file(0, "FXCM.csv", "ts_ms,bid,ask\n3000,1.25,1.5\n2000,1.5,1.75\n");
	struct import *g = play((struct import_options){ 0 }, 1);
	ck_assert_str_eq(heard.venue[0], "FXCM");
	ck_assert_str_eq(heard.instrument[0][0].symbol, "QUOTES");
	ck_assert_int_eq(heard.last.at_ns, 2 * SECOND);
	ck_assert_int_eq(heard.last.quote.venue_ns, 2 * SECOND);
	ck_assert_int_eq(heard.last.quote.px[SIDE_BUY], 150000000);
	ck_assert_int_eq(heard.last.quote.qty[SIDE_BUY], 100000000);
	ck_assert_uint_eq(import_venue(g, 0)->backwards, 1);
	ck_assert(import_venue(g, 0)->no_sizes);
	import_close(g);
}
END_TEST

START_TEST(what_is_left_out_is_said)
{
	add_file(0, "a.csv",
		 "ts_ms,venue,bid,ask\n1000,V,1,2\nrubbish\n1001,,1,2\n1002,V W,1,2\n1003,V,x,2\n");
	struct import *g = play((struct import_options){ 0 }, 1);
	struct import_totals t;
	import_totals(g, &t);
	ck_assert_uint_eq(t.garbage, 3);
	ck_assert_uint_eq(t.events, 2);
	ck_assert_uint_eq(t.notes, 3);
	ck_assert_uint_eq(t.note[0].line, 3);
	ck_assert_ptr_nonnull(strstr(t.note[1].why, "blanks"));
	ck_assert_str_eq(t.note[0].path, paths[0]);
	ck_assert_uint_eq(t.read_bytes, t.size_bytes);
	ck_assert_str_eq(heard.venue[1], "a"); /* the row that does not say is the file's */
	import_close(g);
}
END_TEST

START_TEST(files_that_say_nothing_are_refused)
{
	static const struct {
		const char *text, *word;
		int rc;
	} cases[] = {
		{ "", "empty", ERR_PARSE },
		{ "ts_ms,bid,ask\nx,1,2\n", "line 2", ERR_PARSE },
		{ "ts_ms,bid,ask\n", "no quote", ERR_PARSE },
		{ "ts,bid,ask\n# nothing\n", "no quote", ERR_PARSE },
		{ "ts_ms,price\n", "bid", ERR_PARSE },
		{ "wss://stream.bybit.com/x <-> 1.5\n", "bybit.com", ERR_PARSE },
		{ "1.5: {\"e\":\"kline\"}\n", "no quote", ERR_PARSE },
	};
	struct import *g;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		add_file(0, "good.csv", "ts_ms,bid,ask\n1,1,2\n");
		add_file(1, "bad", cases[i].text);
		ck_assert_msg(open_files((struct import_options){ 0 }, 2, &g) == -cases[i].rc, "%s",
			      cases[i].text);
		ck_assert_msg(strstr(err_text(), cases[i].word) && strstr(err_text(), "bad"), "%s",
			      err_text());
	}
	/* Packed, and spoilt from its beginning on: not the same as empty. */
	char packed[128];
	file_write("bad", "ts_ms,bid,ask\n1,1,2\n", 20, true);
	FILE *spoilt = fopen(file_path("bad", packed), "r+b");
	fseek(spoilt, 10, SEEK_SET);
	fwrite("\xff\xff\xff\xff\xff\xff", 1, 6, spoilt);
	fclose(spoilt);
	ck_assert_int_eq(open_files((struct import_options){ 0 }, 2, &g), -ERR_PARSE);
	ck_assert_msg(strstr(err_text(), "damaged") != NULL, "%s", err_text());
	paths[1] = paths[0];
	ck_assert_int_eq(open_files((struct import_options){ 0 }, 2, &g), -ERR_ARG);
	ck_assert_ptr_nonnull(strstr(err_text(), "same file"));
	/* The range of an option is told as such, not as a fault of the file. */
	ck_assert_int_eq(open_files((struct import_options){ .max_min_delay_ns = 90 * SECOND }, 1,
				    &g),
			 -ERR_RANGE);
	ck_assert_ptr_nonnull(strstr(err_text(), "max_min_delay"));
	paths[1] = "/nowhere/x";
	ck_assert_int_eq(open_files((struct import_options){ 0 }, 2, &g), -ERR_NOTFOUND);
}
END_TEST

/* The recorder is 1.27 s behind; messages take 2 ms to 30 ms. */
static int stamped(char *p, unsigned venue, int64_t at_ns, int price, struct rng *r)
{
	int64_t delay = 2000000 + rng_range(r, 0, 28) * 1000000;
	return sprintf(p, "%" PRId64 ",V%u,%" PRId64 ",%d.%d,1,%d.%d,1\n",
		       at_ns - 1270000000 + delay, venue, at_ns / 1000000, price / 10, price % 10,
		       (price + 1) / 10, (price + 1) % 10);
}

START_TEST(a_clock_is_found_from_stamps)
{
	char *text =
		walk(20000, stamped, "local_ts_ns,venue,exch_ts_ms,bid,bid_qty,ask,ask_qty", -1);
	add_file(0, "a.csv", text);
	for (int closed = 0; closed < 2; closed++) {
		struct import *g = play(
			(struct import_options){ .max_min_delay_ns = closed ? 5000000 : 0 }, 1);
		for (unsigned i = 0; i < 2; i++) {
			const struct import_clock *c = &import_venue(g, i)->clock;
			ck_assert_int_eq(c->how, IMPORT_BY_STAMPS);
			ck_assert_int_eq(c->open, closed ? TSYNC_CLOSED : TSYNC_OPEN_HI);
			ck_assert((c->bound_ns == INT64_MAX) == !closed);
			ck_assert_int_lt(llabs(c->offset_ns - 1270000000), 5000000);
			if (closed)
				ck_assert_int_le(llabs(c->offset_ns - 1270000000), c->bound_ns);
		}
		import_close(g);
	}
	free(text);
}
END_TEST

/* The second's stamps are local time, five hours behind. */
static int timed(char *p, unsigned venue, int64_t at_ns, int price, struct rng *r)
{
	(void)r;
	at_ns -= venue ? 18000 * SECOND : 0;
	return sprintf(p, "%" PRId64 ",%s,%d,%d\n", at_ns / 1000000, venue ? "EAST" : "WEST", price,
		       price + 1);
}

static void five_hours(const struct import *g, const char *reference, int sign)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct import_venue *v = import_venue(g, i);
		if (strcmp(v->name, reference) == 0) {
			ck_assert_int_eq(v->clock.how, IMPORT_REFERENCE);
			ck_assert_int_eq(v->clock.offset_ns, 0);
			continue;
		}
		ck_assert_msg(v->clock.how == IMPORT_BY_PRICES, "%s", v->clock.why);
		ck_assert_str_eq(v->clock.against, reference);
		ck_assert_int_le(llabs(v->clock.offset_ns - sign * 18000 * SECOND),
				 v->clock.bound_ns);
		ck_assert_int_lt(v->clock.bound_ns, 2 * SECOND);
	}
}

START_TEST(a_clock_is_found_from_prices)
{
	static const char header[] = "ts_utc_ms,venue,bid,ask";
	char *both = walk(16000, timed, header, -1), *west = walk(16000, timed, header, 0),
	     *east = walk(16000, timed, header, 1);
	add_file(0, "both.csv", both);
	struct import *g = play((struct import_options){ .reference = "WEST" }, 1);
	five_hours(g, "WEST", -1);
	import_close(g);
	add_file(0, "west.csv", west);
	add_file(1, "east.csv", east);
	g = play((struct import_options){ 0 }, 2);
	five_hours(g, "WEST", -1);
	import_close(g);
	g = play((struct import_options){ .reference = "EAST" }, 2);
	five_hours(g, "EAST", 1);
	import_close(g);
	free(both);
	free(west);
	free(east);
}
END_TEST

START_TEST(a_sink_that_fails_ends_it)
{
	char *text = walk(20000, timed, "ts_utc_ms,venue,bid,ask", -1);
	add_file(0, "a.csv", text);
	struct import *g;
	ck_assert_int_eq(open_files((struct import_options){ 0 }, 1, &g), 0);
	heard.stop_at = 700;
	ck_assert_int_eq(import_step(g, &sink, 500), 1);
	ck_assert_int_eq(import_step(g, &sink, 500), -ERR_IO);
	ck_assert_uint_eq(heard.events, 700);
	import_close(g); /* in the middle of everything */
	ck_assert_int_eq(open_files((struct import_options){ 0 }, 1, &g), 0);
	ck_assert_int_eq(import_step(g, &sink, 500), 1);
	ck_assert_int_eq(import_clocks(g), 0); /* stopped: what is known so far */
	import_close(g);
	free(text);
}
END_TEST

#define TRADES 1300 /* of one message: more than a batch holds */

START_TEST(one_line_may_hold_many_events)
{
	static const char head[] =
		"1.5: {\"arg\":{\"channel\":\"trades\",\"instId\":\"BTC-USDT\"},\"data\":[";
	char *text = malloc(TRADES * 90 + 400), *p = text + sprintf(text, "%s", head);
	for (unsigned i = 0; i < TRADES; i++)
		p += sprintf(
			p,
			"%s{\"tradeId\":\"%u\",\"px\":\"1.5\",\"sz\":\"2\",\"side\":\"buy\",\"ts\":\"1400\"}",
			i ? "," : "", i + 1);
	/* The second of these is refused, and what is behind it in its message with it. */
	sprintf(p,
		"]}\n%s{\"tradeId\":\"%u\",\"px\":\"1.5\",\"sz\":\"2\",\"side\":\"sell\"},7,{}]}\n",
		head, TRADES + 1);
	add_file(0, "okx", text);
	struct import *g = play((struct import_options){ 0 }, 1);
	struct import_totals t;
	import_totals(g, &t);
	ck_assert_str_eq(import_venue(g, 0)->name, "OKX");
	ck_assert_str_eq(heard.instrument[0][0].name, "OKX.BTC-USDT");
	ck_assert_uint_eq(heard.events, TRADES + 1);
	ck_assert_int_eq(heard.last.trade.id, TRADES + 1);
	ck_assert_uint_eq(heard.last.trade.aggressor, SIDE_SELL);
	ck_assert(t.lines == 2 && t.garbage == 1 && t.note[0].line == 2);
	import_close(g);
	free(text);
}
END_TEST

FOLDER_SUITE("import", files_of_a_venue_are_merged_by_their_time, stamps_stay_as_they_came,
	     what_is_left_out_is_said, files_that_say_nothing_are_refused,
	     a_clock_is_found_from_stamps, a_clock_is_found_from_prices, a_sink_that_fails_ends_it,
	     one_line_may_hold_many_events)
