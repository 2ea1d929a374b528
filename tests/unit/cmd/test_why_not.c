/* Proves that `why-not` says what kept an instance from trading, how long and by what, from the receipts alone: a frozen feed, a stepped clock, a cut
 * currency feed; also of a host that was killed while a gate was closed. */
#include "core/cmd/cmd.h"
#include "core/market/feed.h"
#include "core/trade/gatekeeper.h"
#include "core/trade/risk.h"
#include "core/trade/venue.h"
#include "tests/unit/cmd/pair_story.h"
#include "tests/unit/cmd/run_verb.h"
#include <jansson.h>

#define MS  1000000LL
#define SEC 1000000000LL

struct day {
	struct pair_story p;
	uint32_t fx, other;
	struct instrument in[3];
	struct basis_spec spec;
	struct gatekeeper g;
};

static bool take(void *arg, struct fact *f)
{
	struct day *d = arg;
	f->instance = d->p.instance;
	f->seq = story_put(&d->p, f, f->cause);
	return true;
}

static void at(struct day *d, int64_t ms)
{
	d->p.us = ms * 1000;
}

static void judged(struct day *d, int64_t ms, enum gate gate, unsigned who, int64_t value,
		   int64_t bound)
{
	at(d, ms);
	gatekeeper_judged(&d->g,
			  (struct gate_verdict){ .gate = (uint8_t)gate,
						 .who = (uint8_t)who,
						 .value = value,
						 .bound = bound },
			  ms * MS);
}

static void refused(struct day *d, uint32_t instance, enum risk_limit limit, int64_t count)
{
	struct fact f = story_fact(&d->p, FACT_RISK, 0xff);
	f.instance = instance;
	f.num[0] = limit;
	f.num[1] = 700;
	f.num[2] = 500;
	f.num[3] = count;
	story_put(&d->p, &f, 0);
}

static void feed(struct day *d, int64_t ms, uint32_t instrument, enum book_state from,
		 enum book_state to, enum feed_repair how)
{
	at(d, ms);
	struct fact f;
	fact_init(&f, FACT_FEED);
	f.instrument = instrument;
	f.state = (uint8_t)to;
	f.num[0] = from;
	f.num[1] = to;
	f.num[2] = 100;
	f.num[3] = 109;
	f.num[4] = how ? 300 * MS : 0;
	f.num[6] = how;
	fact_text(&f, "%s -> %s", book_state_name(from), book_state_name(to));
	story_put(&d->p, &f, 0);
}

static void clock_at(struct day *d, int64_t ms, int64_t offset_ns, int64_t steps)
{
	at(d, ms);
	struct fact f;
	fact_init(&f, FACT_CLOCK);
	f.venue = d->p.venue;
	f.num[0] = offset_ns;
	f.num[1] = 2 * MS;
	f.num[3] = 4000;
	f.num[5] = steps;
	f.num[6] = 123;
	story_put(&d->p, &f, 0);
}

static void day_open(struct day *d)
{
	memset(d, 0, sizeof *d);
	story_open(&d->p);
	story_setup(&d->p);
	d->fx = story_name(&d->p, NAME_INSTRUMENT, "FX.USDCNH");
	d->other = story_name(&d->p, NAME_INSTANCE, "other");
	d->spec = (struct basis_spec){ .n_legs = 2, .n_refs = 1 };
	const uint32_t id[] = { d->p.near, d->p.far, d->fx };
	for (unsigned i = 0; i < 3; i++)
		d->in[i].name_id = id[i];
	d->spec.leg[0] = &d->in[0];
	d->spec.leg[1] = &d->in[1];
	d->spec.ref[0] = &d->in[2];
	gatekeeper_init(&d->g, &d->spec, take, d);
}

static void morning(struct day *d)
{
	feed(d, 10, d->p.far, BOOK_EMPTY, BOOK_RECOVERING, REPAIR_NONE);
	feed(d, 20, d->p.far, BOOK_RECOVERING, BOOK_LIVE, REPAIR_SNAPSHOT);
	clock_at(d, 30, 3 * MS, 0);
	/* a hole in the far leg's feed, mended by a replay */
	feed(d, 1000, d->p.far, BOOK_LIVE, BOOK_GAP, REPAIR_NONE);
	judged(d, 1000, GATE_BOOK, 1, BOOK_GAP, BOOK_LIVE);
	feed(d, 1300, d->p.far, BOOK_GAP, BOOK_LIVE, REPAIR_REPLAY);
	judged(d, 1300, GATE_OPEN, GATE_WHOLE, 0, 0);
	/* the currency feed falls silent for twelve seconds */
	judged(d, 5000, GATE_AGE, GATE_REF, 2001 * MS, 2 * SEC);
	for (unsigned i = 0; i < 5; i++)
		gatekeeper_trigger(&d->g);
	at(d, 15000);
	gatekeeper_on_time(&d->g, 15 * SEC);
	judged(d, 16000, GATE_AGE, GATE_REF, 13 * SEC, 2 * SEC);
	judged(d, 17000, GATE_OPEN, GATE_WHOLE, 0, 0);
	/* the venue's clock jumps by an hour */
	clock_at(d, 20000, 3600 * SEC + 3 * MS, 1);
	judged(d, 20000, GATE_CLOCK, 0, INT64_MAX, 5 * MS);
	judged(d, 20500, GATE_OPEN, GATE_WHOLE, 0, 0);
	refused(d, d->p.instance, RISK_LIMIT_COLLAR, 1);
	at(d, 21000);
	refused(d, d->p.instance, RISK_LIMIT_COLLAR, 41);
	refused(d, d->other, RISK_LIMIT_AGE, 1);
}

/* Its last minute: a leg's feed is frozen, and the host is killed with the gate closed. */
static void evening(struct day *d)
{
	judged(d, 30000, GATE_SKEW, GATE_WHOLE, 700 * MS, 600 * MS);
	at(d, 31000);
	struct fact f = story_fact(&d->p, FACT_LOG, 0xff);
	story_put(&d->p, &f, 0);
}

static void day_and_end(void *arg)
{
	struct day *d = malloc(sizeof *d);
	(void)arg;
	day_open(d);
	morning(d);
	evening(d);
	at(d, 40000);
	gatekeeper_close(&d->g, 40 * SEC);
	/* its own leave of its venues is no fault */
	feed(d, 40000, d->p.near, BOOK_LIVE, BOOK_EMPTY, REPAIR_NONE);
	feed(d, 40000, d->p.far, BOOK_LIVE, BOOK_EMPTY, REPAIR_NONE);
	struct fact f = story_fact(&d->p, FACT_SESSION_CLOSE, 0xff);
	story_put(&d->p, &f, 0);
	ck_assert_int_eq(store_close(d->p.store), 0);
	free(d);
}

static void day_and_die(void *arg)
{
	struct day *d = malloc(sizeof *d);
	(void)arg;
	day_open(d);
	morning(d);
	evening(d);
	raise(SIGKILL);
}

static char *make(bool killed)
{
	snprintf(story_path, sizeof(story_path), "%s/store", folder);
	apart(killed ? day_and_die : day_and_end, NULL, killed ? SIGKILL : 0);
	return story_path;
}

/* The object among the lines whose members `what` and, unless NULL, `key` have these texts. */
static json_t *find(const char *text, const char *what, const char *key, const char *value)
{
	for (; *text; text = strchr(text, '\n') + 1) {
		json_error_t e;
		json_t *j = json_loads(text, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &e);
		ck_assert_msg(j != NULL, "%s in %.300s", e.text, text);
		const char *is = json_string_value(json_object_get(j, "what"));
		const char *of = key ? json_string_value(json_object_get(j, key)) : "";
		if (is && strcmp(is, what) == 0 && (!key || (of && strcmp(of, value) == 0)))
			return j;
		json_decref(j);
	}
	return NULL;
}

static bool has(const char *text, const char *what, const char *key, const char *value)
{
	json_t *j = find(text, what, key, value);
	json_decref(j);
	return j != NULL;
}

static int64_t number(json_t *j, const char *key)
{
	ck_assert_msg(json_is_integer(json_object_get(j, key)), "%s is no whole number", key);
	return json_integer_value(json_object_get(j, key));
}

static const char *words(json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));
	return s ? s : "(absent)";
}

START_TEST(test_gates)
{
	const struct verb_result *v = verb_run(cmd_why_not, make(false), "--json", NULL);
	ck_assert_int_eq(v->code, EXIT_OK);
	json_t *j = find(v->out, "gate", "gate", "book_state");
	ck_assert_str_eq(words(j, "instance"), "btc_basis");
	ck_assert_str_eq(words(j, "who"), "leg 1");
	ck_assert_str_eq(words(j, "instrument"), "ALPHA.PERP");
	ck_assert_int_eq(number(j, "times"), 1);
	ck_assert_int_eq(number(j, "ns"), 300 * MS);
	ck_assert_str_eq(words(j, "first"), "2024-08-08T23:54:02.000000Z");
	ck_assert_str_eq(words(j, "last"), "2024-08-08T23:54:02.300000Z");
	json_decref(j);
	j = find(v->out, "gate", "gate", "quote_age_ns");
	ck_assert_str_eq(words(j, "who"), "ref 0");
	ck_assert_str_eq(words(j, "instrument"), "FX.USDCNH");
	ck_assert_int_eq(number(j, "times"), 1);
	ck_assert_int_eq(number(j, "ns"), 12 * SEC); /* told in two parts */
	ck_assert_int_eq(number(j, "longest_ns"), 12 * SEC);
	ck_assert_int_eq(number(j, "triggers"), 5);
	ck_assert_int_eq(number(j, "judged"), 2);
	ck_assert_int_eq(number(j, "worst"), 13 * SEC);
	ck_assert_int_eq(number(j, "bound"), 2 * SEC);
	ck_assert_double_eq_tol(json_number_value(json_object_get(j, "share")), 0.3, 1e-9);
	ck_assert(!json_is_true(json_object_get(j, "on")));
	json_decref(j);
	j = find(v->out, "gate", "gate", "clock_bound_ns");
	ck_assert(json_is_null(json_object_get(j, "worst")));
	ck_assert_str_eq(words(j, "text"), "the venue's clock is not known, limit 5 ms");
	json_decref(j);
	j = find(v->out, "gate", "gate", "quote_skew_ns");
	ck_assert_str_eq(words(j, "who"), "all");
	ck_assert_int_eq(number(j, "ns"), 10 * SEC);
	json_decref(j);
}
END_TEST

START_TEST(test_risks_and_inputs)
{
	const struct verb_result *v = verb_run(cmd_why_not, make(false), "--json", NULL);
	json_t *j = find(v->out, "risk", "instance", "btc_basis");
	ck_assert_str_eq(words(j, "limit"), "price_collar_ppm");
	ck_assert_int_eq(number(j, "times"), 42);
	json_decref(j);
	j = find(v->out, "risk", "instance", "other");
	ck_assert_str_eq(words(j, "limit"), "quote_age_ns");
	json_decref(j);
	j = find(v->out, "feed", NULL, NULL);
	ck_assert_str_eq(words(j, "instrument"), "ALPHA.PERP");
	ck_assert_int_eq(number(j, "times"), 1); /* how it began is no fault */
	ck_assert_str_eq(words(j, "last"), "2024-08-08T23:54:02.300000Z");
	ck_assert_int_eq(number(j, "ns"), 300 * MS);
	ck_assert_int_eq(number(json_object_get(j, "mended"), feed_repair_name(REPAIR_REPLAY)), 1);
	json_decref(j);
	j = find(v->out, "clock", NULL, NULL);
	ck_assert_str_eq(words(j, "venue"), "alpha");
	ck_assert_int_eq(number(j, "times"), 1);
	ck_assert_int_eq(number(j, "jump_ns"), 3600 * SEC);
	json_decref(j);
	ck_assert(!has(v->out, "feed", "instrument", "ALPHA.SPOT"));
	ck_assert(!has(v->out, "venue", NULL, NULL));
}
END_TEST

START_TEST(test_in_words)
{
	const struct verb_result *v = verb_run(cmd_why_not, make(false), NULL);
	static const char *const said[] = {
		"40 s in 1 session, ",
		"btc_basis: its gate was closed for 22.8 s, 57.0 % of the time; 5 proposals refused by it",
		"quote_age_ns    FX.USDCNH (reference): closed 1 time, 12 s, 30.0 %",
		"worst: last proven valid 13 s ago, limit 2 s",
		"looked at 2 times, 5 proposals refused; 23:54:06.000 to 23:54:18.000",
		"book_state      ALPHA.PERP: closed 1 time, 300 ms, 0.8 %",
		"quote_skew_ns   all legs: closed 1 time, 10 s, 25.0 %",
		"other: proposals refused by limits",
		"42 times: the price is too far from the market",
		"feed   ALPHA.PERP: not LIVE 1 time, 300 ms (GAP); mended by ",
		"clock  alpha: jumped 1 time, by 1 h; 23:54:21.000",
	};
	ck_assert_int_eq(v->code, EXIT_OK);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		ck_assert_msg(strstr(v->out, said[i]) != NULL, "\"%s\" is not in\n%s", said[i],
			      v->out);
}
END_TEST

/* What was closed when the host was killed counts to its last receipt, and is said to be so still. */
START_TEST(test_killed)
{
	char *path = make(true);
	const struct verb_result *v = verb_run(cmd_why_not, path, "--json", NULL);
	json_t *j = find(v->out, "gate", "gate", "quote_skew_ns");
	ck_assert_int_eq(number(j, "times"), 1);
	ck_assert_int_eq(number(j, "ns"), 1 * SEC);
	ck_assert(json_is_true(json_object_get(j, "on")));
	json_decref(j);
	v = verb_run(cmd_why_not, path, NULL);
	ck_assert_ptr_nonnull(strstr(v->out, "and still so in the last receipt"));
}
END_TEST

START_TEST(test_restrictions)
{
	char *path = make(false);
	const struct verb_result *v =
		verb_run(cmd_why_not, path, "--json", "--gate", "quote_age_ns", NULL);
	ck_assert(!has(v->out, "gate", "gate", "book_state"));
	ck_assert(has(v->out, "gate", "gate", "quote_age_ns"));
	ck_assert(has(v->out, "risk", "limit", "quote_age_ns"));
	ck_assert(!has(v->out, "risk", "limit", "price_collar_ppm"));
	v = verb_run(cmd_why_not, path, "--json", "--instance", "other", NULL);
	ck_assert(!has(v->out, "gate", NULL, NULL));
	ck_assert(has(v->out, "risk", "instance", "other"));
	v = verb_run(cmd_why_not, path, "--json", "--from", "-15s", NULL);
	ck_assert(!has(v->out, "gate", "gate", "quote_age_ns"));
	ck_assert(has(v->out, "gate", "gate", "quote_skew_ns"));
	v = verb_run(cmd_why_not, path, "--to", "2024-08-08T23:54:01.5", NULL);
	ck_assert_ptr_nonnull(strstr(v->out, "nothing kept any instance from trading"));
	ck_assert_int_eq(v->code, EXIT_OK);
	v = verb_run(cmd_why_not, path, "--to", "2024-08-08", NULL);
	ck_assert_ptr_nonnull(strstr(v->out, "no receipts of that time"));
}
END_TEST

START_TEST(test_wrong_words)
{
	char *path = make(false);
	ck_assert_int_eq(verb_run(cmd_why_not, NULL)->code, EXIT_USAGE);
	ck_assert_int_eq(verb_run(cmd_why_not, path, "second", NULL)->code, EXIT_USAGE);
	const struct verb_result *v = verb_run(cmd_why_not, path, "--gate", "nonsense", NULL);
	ck_assert_int_eq(v->code, EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(v->err, "quote_age_ns"));
	ck_assert_ptr_nonnull(strstr(v->err, "price_collar_ppm"));
	v = verb_run(cmd_why_not, path, "--instance", "nobody", NULL);
	ck_assert_int_eq(v->code, EXIT_CHECK);
	ck_assert_ptr_nonnull(strstr(v->err, "btc_basis, other"));
	ck_assert_int_eq(verb_run(cmd_why_not, path, "--from", "noon", NULL)->code, EXIT_USAGE);
	ck_assert_int_eq(verb_run(cmd_why_not, "/nowhere/at/all", NULL)->code, EXIT_WORLD);
}
END_TEST

START_TEST(test_page)
{
	static char page[100000];
	char file[96];
	char *path = make(false);
	snprintf(file, sizeof file, "%s/why.html", folder);
	const struct verb_result *v =
		verb_run(cmd_why_not, path, "--html", file, "--tz=Asia/Shanghai", NULL);
	ck_assert_msg(v->code == EXIT_OK, "%s", v->err);
	verb_read("why.html", page, sizeof page);
	static const char *const said[] = {
		"1, 40 s in all",
		"2024-08-09T07:54:0",
		"<svg",
		"FX.USDCNH (reference)",
		"30.0 %",
		"worst",
		"13 s ago, limit 2 s",
		"07:54:06.000 to 07:54:18.000",
		"the price is too far from the market",
		"jumped 1 time, by 1 h; 07:54:21.000",
		"clock alpha",
		"1 time<",
		"</html>",
	};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		ck_assert_msg(strstr(page, said[i]) != NULL, "\"%s\" is not in the page", said[i]);
	ck_assert_ptr_null(strstr(page, "<script"));
	ck_assert_ptr_null(strstr(page, "src="));
	v = verb_run(cmd_why_not, path, "--tz=+08:00", "--json", NULL);
	ck_assert_ptr_nonnull(strstr(v->out, "2024-08-09T07:54:18.000000+08:00"));
	v = verb_run(cmd_why_not, path, "--html=/nowhere/at/all.html", NULL);
	ck_assert_int_eq(v->code, EXIT_WORLD);
	ck_assert_ptr_nonnull(strstr(v->err, "/nowhere/at/all.html"));
	v = verb_run(cmd_why_not, path, "--tz=Mars", NULL);
	ck_assert_int_eq(v->code, EXIT_USAGE);
}
END_TEST

FOLDER_SUITE("why_not", test_gates, test_risks_and_inputs, test_in_words, test_page, test_killed,
	     test_restrictions, test_wrong_words)
