/* Proves that a summary counts what the receipts and the venue's ledger say, holds the two against each other, and says in words what is wrong. */
#include "adapters/sim/ledger.h"
#include "core/cmd/summary.h"
#include "core/market/instrument.h"
#include "core/ops/status_page.h"
#include "tests/unit/cmd/pair_story.h"
#include <jansson.h>
#include <sys/stat.h>

enum { OWN_RESIDUAL_E8 = 1000, TOLERANCE_E8 = 90000 };

/* What the host's side of it is to say. */
static struct told {
	bool open; /* no end of the session */
	int64_t residual_e8;
	bool held; /* without a cause */
	bool no_ledger, odd_ledger;
} told;

static void close_session(struct pair_story *p)
{
	struct fact f;
	fact_init(&f, FACT_CHECKPOINT);
	story_put(p, &f, 0);
	for (int k = 0; k < 2; k++) { /* an older checkpoint's, then the last one's */
		f = story_fact(p, FACT_POSITION, k ? 1u : 0u);
		f.num[2] = k ? -600 * 100000000ll : 600 * 100000000ll; /* cash */
		f.num[3] = 150000000;				       /* fees, 1.5 */
		f.num[4] = 6000000 + 1000 * k;			       /* at 60000.00, 60010.00 */
		f.num[5] = k ? 1000000 : -1000000;
		story_put(p, &f, 0);
	}
	fact_init(&f, FACT_CHECKPOINT);
	f.num[0] = 1;
	story_put(p, &f, 0);
	fact_init(&f, FACT_SESSION_CLOSE);
	f.num[4] = told.residual_e8;
	f.num[5] = TOLERANCE_E8;
	story_put(p, &f, 0);
}

static void write_store(void *arg)
{
	struct pair_story p = { 0 };
	(void)arg;
	story_open(&p);
	story_setup(&p);
	story_write(&p);
	if (told.held) {
		story_pair(&p, 99, PAIR_PROPOSED, PAIR_PROPOSED, 0, 0, "x");
		story_pair(&p, 99, PAIR_CHECKED, PAIR_SENT, 0, 0, "x");
		story_pair(&p, 99, PAIR_BROKEN, PAIR_HELD, 0, 0, "x");
	}
	if (!told.open)
		close_session(&p);
	ck_assert_int_eq(store_close(p.store), 0);
}

static struct ledger_record record(enum ledger_kind k)
{
	struct ledger_record r;
	memset(&r, 0, sizeof r);
	r.kind = (uint8_t)k;
	r.account = r.instrument = r.asset = r.fee_asset = LEDGER_NONE;
	return r;
}

static void add(struct ledger *l, struct ledger_record r)
{
	ck_assert_int_eq(ledger_add(l, &r), 0);
}

/* Bought 0.00001 BTC of a contract. */
static void write_ledger(const char *path)
{
	static const uint8_t digest[32] = { 1 };
	struct ledger l;
	bool fresh;
	ck_assert_msg(ledger_open(&l, path, "spot", digest, 64, &fresh) == 0, "%s", err_text());
	struct ledger_record r = record(LEDGER_ASSET);
	r.asset = 0;
	strcpy(r.text, "BTC");
	add(&l, r);
	r.asset = 1;
	strcpy(r.text, "USDT");
	add(&l, r);
	r = record(LEDGER_ACCOUNT);
	r.account = 0;
	strcpy(r.text, "demo");
	add(&l, r);
	r = record(LEDGER_INSTRUMENT);
	r.instrument = 0;
	strcpy(r.text, "BTCUSDT");
	r.body.instrument.num = r.body.instrument.den = 1;
	r.body.instrument.quote = r.body.instrument.settle = 1;
	r.body.instrument.expo_kind = EXPO_LINEAR;
	r.body.instrument.px_dp = 2;
	r.body.instrument.qty_dp = 5;
	add(&l, r);
	r = record(LEDGER_FILL);
	r.account = r.instrument = 0;
	r.order = 1;
	r.side = SIDE_BUY;
	r.fee_asset = 1;
	r.body.fill.trade = 1;
	r.body.fill.px = 6000000;
	r.body.fill.qty = r.body.fill.cum = 1;
	r.body.fill.value_e8 = 60000000;
	r.body.fill.base_e8 = OWN_RESIDUAL_E8;
	add(&l, r);
	r = record(LEDGER_POSITION);
	r.account = r.instrument = 0;
	r.body.position.qty = told.odd_ledger ? 7 : 1;
	r.body.position.entry_e8 = 60000000;
	add(&l, r);
	ck_assert_int_eq(ledger_commit(&l), 0);
	ledger_close(&l);
}

static void write_all(struct told what)
{
	char dir[120], path[140];
	told = what;
	snprintf(story_path, sizeof story_path, "%s/store", folder);
	apart(write_store, NULL, 0);
	if (told.no_ledger)
		return;
	snprintf(dir, sizeof dir, "%s/venue", story_path);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	snprintf(path, sizeof path, "%s/spot.ledger", dir);
	write_ledger(path);
	snprintf(path, sizeof path, "%s/notes.txt", dir); /* is no ledger */
	fclose(fopen(path, "w"));
}

static struct summary the_summary;

static void read_it(void *arg)
{
	int *rc = arg;
	char path[128];
	static struct summary s;
	*rc = summary_read(story_path, "BTC", &s);
	snprintf(path, sizeof path, "%s/summary", folder);
	FILE *f = fopen(path, "w");
	fwrite(&s, sizeof s, 1, f);
	fwrite(rc, sizeof *rc, 1, f);
	fclose(f);
}

/* The database's threads do not survive a fork: reading is done in a process of its own, too. */
static int summarise(void)
{
	int rc = 0;
	char path[128];
	apart(read_it, &rc, 0);
	snprintf(path, sizeof path, "%s/summary", folder);
	FILE *f = fopen(path, "r");
	ck_assert_uint_eq(fread(&the_summary, sizeof the_summary, 1, f), 1);
	ck_assert_uint_eq(fread(&rc, sizeof rc, 1, f), 1);
	fclose(f);
	return rc;
}

START_TEST(a_good_end)
{
	write_all((struct told){ .residual_e8 = OWN_RESIDUAL_E8 });
	ck_assert_int_eq(summarise(), 0);
	const struct summary *s = &the_summary;
	ck_assert_msg(summary_good(s), "%s", s->note);
	ck_assert(s->closed && s->proposed == 1 && s->sent == 1 && s->hedged == 1);
	ck_assert(s->flat == 0 && s->held == 0 && s->completed == 1 && s->unwound == 0);
	ck_assert(s->orders == 3 && s->fills == 3 && s->rejects == 0 && s->receipts > 30);
	ck_assert_int_eq(s->residual_base_e8, OWN_RESIDUAL_E8);
	ck_assert_int_eq(s->venue_residual_base_e8, OWN_RESIDUAL_E8);
	ck_assert_int_eq(s->tolerance_base_e8, TOLERANCE_E8);
	/* 600 received for 0.01 that now costs 600.00, 600 paid for 0.01 that is now worth 600.10. */
	ck_assert_int_eq(s->gross_e8, 10000000);
	ck_assert_int_eq(s->fees_e8, 300000000);
	ck_assert_int_eq(s->net_e8, -290000000);
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
	static const struct {
		struct told told;
		const char *says;
	} row[] = {
		{ { .residual_e8 = OWN_RESIDUAL_E8, .open = true }, "did not end its session" },
		{ { .residual_e8 = OWN_RESIDUAL_E8 + 1 }, "the venues' ledgers 0.00001000" },
		{ { .residual_e8 = OWN_RESIDUAL_E8, .held = true }, "held without a cause" },
		{ { .residual_e8 = OWN_RESIDUAL_E8, .odd_ledger = true }, "position" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char cmd[200];
		write_all(row[i].told);
		ck_assert_int_eq(summarise(), 0);
		ck_assert(!summary_good(&the_summary));
		ck_assert_msg(strstr(the_summary.note, row[i].says) != NULL, "%s",
			      the_summary.note);
		snprintf(cmd, sizeof cmd, "rm -r %s/store", folder);
		ck_assert_int_eq(system(cmd), 0);
	}
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error)
{
	snprintf(story_path, sizeof story_path, "%s/store", folder);
	ck_assert_int_lt(summarise(), 0);
	write_all((struct told){ .no_ledger = true });
	ck_assert_int_eq(summarise(), -ERR_NOTFOUND);
}
END_TEST

static json_t *as_json(const struct summary *s)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	summary_json(s, "/db with \"quotes\"", 11, 22, f);
	fclose(f);
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES,
			       NULL); /* one object, and nothing behind it */
	ck_assert_msg(j != NULL, "%s", text);
	free(text);
	return j;
}

START_TEST(its_forms)
{
	struct summary s = { .sent = 3, .hedged = 2, .flat = 1, .closed = true };
	json_t *j = as_json(&s);
	ck_assert(json_is_true(json_object_get(j, "ok")));
	ck_assert_ptr_null(json_object_get(j, "error"));
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(j, "pairs"), "sent")),
			 3);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(j, "pids"), "run")),
			 22);
	json_decref(j);
	strcpy(s.note, "a pair is missing");
	j = as_json(&s);
	ck_assert(json_is_false(json_object_get(j, "ok")));
	ck_assert_str_eq(json_string_value(json_object_get(j, "error")), "a pair is missing");
	json_decref(j);
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	summary_text(&s, "BTC", "USDT", f);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "3 sent: 2 hedged, 1 flat"));
	ck_assert_ptr_nonnull(strstr(text, "WRONG      a pair is missing"));
	free(text);
}
END_TEST

FOLDER_SUITE("summary", a_good_end, what_is_wrong_is_said, what_cannot_be_read_is_an_error,
	     its_forms)
