/* Proves that the ledger keeps whole batches through kills, tells damage from a torn tail, refuses what is not its own, and that
 * its totals notice a record that does not add up. */
#include "adapters/sim/ledger.h"
#include "core/base/err.h"
#include "core/market/instrument.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64];
static const uint8_t digest[32] = { 1, 2, 3 };

static struct ledger_record record(enum ledger_kind k)
{
	struct ledger_record r;
	memset(&r, 0, sizeof r);
	r.kind = (uint8_t)k;
	r.instrument = r.account = r.asset = r.fee_asset = LEDGER_NONE;
	return r;
}

static void open_new(struct ledger *l)
{
	bool fresh;
	snprintf(path, sizeof path, "test_ledger.%d", (int)getpid());
	unlink(path);
	ck_assert_int_eq(ledger_open(l, path, "V", digest, 64, &fresh), 0);
	ck_assert(fresh);
}

/* A batch of n rejects, numbered in their text. EXPECT, since a child that will be killed writes them too: Check's messages of
 * two processes in one file cannot be told apart. */
static void batch(struct ledger *l, unsigned n, unsigned *number)
{
	for (unsigned i = 0; i < n; i++) {
		struct ledger_record r = record(LEDGER_REJECT);
		snprintf(r.text, sizeof r.text, "%u", (*number)++);
		EXPECT(ledger_add(l, &r) == 0);
	}
	EXPECT(ledger_commit(l) == 0);
}

static int in_order(void *owner, const struct ledger_record *r)
{
	unsigned *next = owner;
	char text[16];
	if (r->kind != LEDGER_REJECT)
		return 0;
	snprintf(text, sizeof text, "%u", (*next)++);
	ck_assert_str_eq(r->text, text);
	return 0;
}

static unsigned readable(int64_t *end)
{
	unsigned n = 0;
	int rc = ledger_read(path, in_order, &n, end);
	ck_assert_msg(rc == 0, "%s", err_text());
	return n;
}

START_TEST(a_torn_tail_is_cut_to_the_last_whole_batch)
{
	struct ledger l;
	unsigned number = 0;
	open_new(&l);
	batch(&l, 3, &number);
	int64_t kept = l.size;
	batch(&l, 4, &number);
	int64_t whole = l.size;
	ledger_close(&l);
	for (int64_t cut = whole - 1; cut >= kept; cut -= 61) {
		ck_assert_int_eq(truncate(path, cut), 0);
		int64_t end;
		ck_assert_uint_eq(readable(&end), 3);
		ck_assert_int_eq(end, kept);
	}
	bool fresh;
	ck_assert_int_eq(ledger_open(&l, path, "V", digest, 64, &fresh), 0);
	ck_assert(!fresh);
	ck_assert_int_eq(l.size, kept);
	number = 3;
	batch(&l, 2, &number);
	ledger_close(&l);
	ck_assert_uint_eq(readable(NULL), 5);
	unlink(path);
}
END_TEST

START_TEST(damage_before_the_tail_is_no_torn_tail)
{
	struct ledger l;
	unsigned number = 0;
	open_new(&l);
	for (int i = 0; i < 4; i++)
		batch(&l, 2, &number);
	int64_t size = l.size;
	ledger_close(&l);
	int fd = open(path, O_RDWR);
	for (int64_t at = 5; at < size; at += 37) {
		uint8_t was, is;
		ck_assert_int_eq(pread(fd, &was, 1, at), 1);
		is = was ^ 0x10;
		ck_assert_int_eq(pwrite(fd, &is, 1, at), 1);
		unsigned n = 0;
		int rc = ledger_read(path, in_order, &n, NULL);
		if (at < size - (int64_t)sizeof(struct ledger_record))
			ck_assert_int_eq(rc, -ERR_CORRUPT);
		else
			ck_assert_uint_eq(n, 6); /* the last batch cannot be told from a torn one */
		ck_assert_int_eq(pwrite(fd, &was, 1, at), 1);
	}
	close(fd);
	ck_assert_uint_eq(readable(NULL), 8);
	unlink(path);
}
END_TEST

START_TEST(a_killed_writer_loses_no_finished_batch)
{
	for (int round = 0; round < 20; round++) {
		struct ledger l;
		int done[2];
		ck_assert_int_eq(pipe(done), 0);
		open_new(&l);
		pid_t child = fork();
		if (child == 0) {
			for (unsigned number = 0;;) {
				batch(&l, 1 + number % 7, &number);
				if (write(done[1], &number, sizeof number) < 0)
					_exit(1);
			}
		}
		ledger_close(&l);
		close(done[1]);
		unsigned told = 0, n;
		for (int i = 0; i < 30 + round * 5; i++)
			ck_assert_int_eq(read(done[0], &told, sizeof told), sizeof told);
		kill(child, SIGKILL);
		while (read(done[0], &n, sizeof n) == (ssize_t)sizeof n)
			told = n;
		waitpid(child, NULL, 0);
		close(done[0]);
		ck_assert_uint_ge(readable(NULL), told);
		unlink(path);
	}
}
END_TEST

START_TEST(what_is_not_its_own_is_refused)
{
	struct ledger l, second;
	bool fresh;
	unsigned number = 0;
	open_new(&l);
	batch(&l, 1, &number);
	ck_assert_int_eq(ledger_open(&second, path, "V", digest, 64, &fresh), -ERR_BUSY);
	ledger_close(&l);
	ck_assert_int_eq(ledger_open(&l, path, "W", digest, 64, &fresh), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "\"V\""));
	const uint8_t other[32] = { 9 };
	ck_assert_int_eq(ledger_open(&l, path, "V", other, 64, &fresh), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "another configuration"));
	ck_assert_int_eq(ledger_read("no/such/file", NULL, NULL, NULL), -ERR_NOTFOUND);
	ck_assert_int_eq(ledger_open(&l, "no/such/file", "V", digest, 64, &fresh), -ERR_IO);
	int fd = open(path, O_RDWR | O_TRUNC);
	ck_assert_int_eq(write(fd, "this is somebody's text file\n", 29), 29);
	close(fd);
	ck_assert_int_eq(ledger_open(&l, path, "V", digest, 64, &fresh), -ERR_CORRUPT);
	struct stat info;
	stat(path, &info);
	ck_assert_int_eq(info.st_size, 29); /* and it is left alone */
	unlink(path);
}
END_TEST

START_TEST(a_batch_has_its_bound)
{
	struct ledger l;
	open_new(&l);
	struct ledger_record r = record(LEDGER_REJECT);
	int rc = 0, n = 0;
	while (rc == 0 && n < 100) {
		rc = ledger_add(&l, &r);
		n++;
	}
	ck_assert_int_eq(rc, -ERR_FULL);
	ck_assert_int_eq(n, 64); /* the head is staged already */
	ledger_close(&l);
	unlink(path);
}
END_TEST

static void define(struct ledger *l)
{
	static const char *const assets[] = { "BTC", "USDT" };
	for (uint16_t a = 0; a < 2; a++) {
		struct ledger_record r = record(LEDGER_ASSET);
		r.asset = (uint16_t)(a + 1);
		strcpy(r.text, assets[a]);
		ck_assert_int_eq(ledger_add(l, &r), 0);
	}
	struct ledger_record r = record(LEDGER_INSTRUMENT);
	r.instrument = 0;
	strcpy(r.text, "BTCUSDT");
	r.body.instrument.num = r.body.instrument.den = 1;
	r.body.instrument.base = 1;
	r.body.instrument.quote = r.body.instrument.settle = 2;
	r.body.instrument.expo_kind = EXPO_SPOT;
	ck_assert_int_eq(ledger_add(l, &r), 0);
	r = record(LEDGER_ACCOUNT);
	r.account = 0;
	strcpy(r.text, "a");
	ck_assert_int_eq(ledger_add(l, &r), 0);
}

static void money(struct ledger *l, enum ledger_kind k, uint16_t asset, int64_t amount)
{
	struct ledger_record r = record(k);
	r.account = 0;
	r.asset = asset;
	if (k == LEDGER_MOVE)
		r.body.money.moved_e8 = amount;
	else
		r.body.money.free_e8 = amount;
	ck_assert_int_eq(ledger_add(l, &r), 0);
}

START_TEST(totals_add_up_or_say_where_not)
{
	struct ledger l;
	static struct ledger_totals t;
	open_new(&l);
	define(&l);
	money(&l, LEDGER_MOVE, 2, 1000);
	struct ledger_record r = record(LEDGER_FILL);
	r.account = r.instrument = 0;
	r.fee_asset = 1;
	r.body.fill.qty = r.body.fill.base_e8 = 10;
	r.body.fill.value_e8 = 600;
	r.body.fill.fee_e8 = 1;
	ck_assert_int_eq(ledger_add(&l, &r), 0);
	money(&l, LEDGER_BALANCE, 1, 9);
	money(&l, LEDGER_BALANCE, 2, 400);
	ck_assert_int_eq(ledger_commit(&l), 0);
	ck_assert_int_eq(ledger_totals(path, &t), 0);
	ck_assert_msg(ledger_check(&t) == 0, "%s", err_text());
	ck_assert_int_eq(ledger_base_e8(&t, 0, "BTC"), 9);
	ck_assert_int_eq(ledger_base_e8(&t, 0, "ETH"), 0);
	ck_assert_int_eq(t.market_e8[1], -10);
	ck_assert_int_eq(t.market_e8[2], 600);
	ck_assert_int_eq(t.fees_e8[1], 1);
	ck_assert_int_eq(t.trading[0][0].value_e8[SIDE_BUY], 600);
	ck_assert_int_eq(ledger_find_symbol(&t, "BTCUSDT"), 0);
	ck_assert_int_eq(ledger_find_asset(&t, "USDT"), 2);
	ck_assert_int_eq(ledger_find_account(&t, "b"), -1);
	money(&l, LEDGER_BALANCE, 2, 401);
	ck_assert_int_eq(ledger_commit(&l), 0);
	ck_assert_int_eq(ledger_totals(path, &t), 0);
	ck_assert_int_eq(ledger_check(&t), -ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err_text(), "USDT"));
	ledger_close(&l);
	unlink(path);
}
END_TEST

SUITE("ledger", a_torn_tail_is_cut_to_the_last_whole_batch, damage_before_the_tail_is_no_torn_tail,
      a_killed_writer_loses_no_finished_batch, what_is_not_its_own_is_refused,
      a_batch_has_its_bound, totals_add_up_or_say_where_not)
