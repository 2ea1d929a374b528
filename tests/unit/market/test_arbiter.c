/* Proves that two lines become one stream, each packet once and in order, whatever either line drops, doubles or re-orders, and that just what both lost is declared: by rule, at random, and on a recorded pair of lines. */
#include "core/base/rng.h"
#include "core/market/arbiter.h"
#include "tests/unit/suite.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { PACKETS = 10000, BYTES = 2048 };

/* What came out. */
struct out {
	struct arbiter a;
	int64_t next; /* number that should come next */
	unsigned handed, lost, gaps;
	int64_t last_gap[2];
	bool (*same)(int64_t seq, const void *p, size_t n); /* are these its bytes? */
};

static bool own_number(int64_t seq, const void *p, size_t n)
{
	return n == sizeof seq && memcmp(p, &seq, n) == 0;
}

static void on_packet(void *owner, int64_t seq, const void *p, size_t n, int64_t recv_ns)
{
	struct out *o = owner;
	EXPECT_MSG(seq == o->next, "%lld came where %lld was due", (long long)seq,
		   (long long)o->next);
	EXPECT(o->same(seq, p, n) && recv_ns >= 0);
	o->next++;
	o->handed++;
}

static void on_gap(void *owner, int64_t first, int64_t last, int64_t now_ns)
{
	struct out *o = owner;
	EXPECT(first == o->next && last >= first && now_ns >= 0);
	o->next = last + 1;
	o->gaps++;
	o->lost += (unsigned)(last - first + 1);
	o->last_gap[0] = first;
	o->last_gap[1] = last;
}

static void begin(struct out *o, uint32_t window, uint32_t slack)
{
	const struct arbiter_options options = { .window = window,
						 .packet_max = BYTES,
						 .slack = slack,
						 .patience_ns = 1000,
						 .owner = o,
						 .on_packet = on_packet,
						 .on_gap = on_gap };
	*o = (struct out){ .next = 1, .same = own_number };
	ck_assert_int_eq(arbiter_init(&o->a, &options), 0);
	arbiter_restart(&o->a, 1);
}

static void take(struct out *o, unsigned line, int64_t seq, int64_t ns)
{
	arbiter_take(&o->a, line, seq, &seq, sizeof seq, ns);
}

START_TEST(test_once_in_order)
{
	struct out o;
	begin(&o, 8, 0);
	take(&o, 0, 1, 10);
	take(&o, 1, 1, 11);
	take(&o, 0, 3, 12); /* 2 is missing on A */
	ck_assert(o.handed == 1 && o.gaps == 0);
	take(&o, 1, 2, 13);
	ck_assert(o.handed == 3 && o.gaps == 0);
	take(&o, 1, 3, 14);
	ck_assert(o.a.line[0].first == 2 && o.a.line[1].first == 1 && o.a.line[1].late == 2);
	take(&o, 0, 6, 20); /* 4 and 5: B still may bring them */
	ck_assert_uint_eq(o.gaps, 0);
	take(&o, 1, 6, 21); /* both have passed them */
	ck_assert(o.gaps == 1 && o.last_gap[0] == 4 && o.last_gap[1] == 5 && o.handed == 4);
	take(&o, 0, 5, 22); /* too late */
	ck_assert(o.handed == 4 && o.a.line[0].late == 1);
	arbiter_free(&o.a);
}
END_TEST

/* Lines that re-order by up to two numbers: what is that little behind may still come. */
START_TEST(test_slack)
{
	struct out o;
	begin(&o, 8, 2);
	take(&o, 0, 1, 10);
	for (int64_t seq = 3; seq <= 4; seq++)
		for (unsigned l = 0; l < 2; l++)
			take(&o, l, seq, 10 + seq);
	ck_assert_uint_eq(o.gaps, 0);
	take(&o, 0, 5, 20);
	ck_assert_uint_eq(o.gaps, 0); /* one line alone proves nothing */
	take(&o, 1, 5, 21);
	ck_assert(o.gaps == 1 && o.last_gap[0] == 2 && o.last_gap[1] == 2 && o.handed == 4);
	arbiter_free(&o.a);
}
END_TEST

/* The other line is silent: only time tells. */
START_TEST(test_patience)
{
	struct out o;
	begin(&o, 8, 0);
	take(&o, 0, 1, 10);
	take(&o, 0, 3, 20);
	take(&o, 0, 5, 30);
	arbiter_on_time(&o.a, 1020);
	ck_assert_uint_eq(o.gaps, 0);
	arbiter_on_time(&o.a, 1021);
	ck_assert(o.gaps == 1 && o.last_gap[0] == 2 && o.handed == 2);
	arbiter_on_time(&o.a, 2021);
	ck_assert_uint_eq(o.gaps, 1); /* the next hole has its own time */
	take(&o, 0, 6, 2022);	      /* a packet tells the time as well */
	ck_assert(o.gaps == 2 && o.last_gap[0] == 4 && o.handed == 4 && o.a.lost == 2);
	arbiter_on_time(&o.a, 99999);
	ck_assert_uint_eq(o.gaps, 2);
	arbiter_free(&o.a);
}
END_TEST

START_TEST(test_leap)
{
	struct out o;
	begin(&o, 8, 0);
	take(&o, 0, 1, 10);
	take(&o, 0, 1000000, 11); /* one packet with a wrong number */
	take(&o, 0, 2, 12);
	take(&o, 1, 2000000, 12);
	take(&o, 0, 3, 13);
	ck_assert(o.handed == 3 && o.gaps == 0 && o.a.refused == 2);
	take(&o, 0, 5, 14);
	take(&o, 0, 500, 15); /* the line was away for long */
	take(&o, 0, 501, 16);
	ck_assert(o.gaps == 2 && o.lost == 1 + 495 && o.next == 502 && o.handed == 5);
	take(&o, 1, 500, 17);
	ck_assert_uint_eq(o.handed, 5);
	char big[BYTES + 1] = { 0 };
	arbiter_take(&o.a, 0, 502, big, sizeof big, 18);
	arbiter_take(&o.a, 0, 0, big, 1, 18);
	arbiter_take(&o.a, 0, INT64_MIN, big, 1, 18);
	arbiter_take(&o.a, 0, INT64_MAX, big, 1, 18);
	ck_assert(o.handed == 5 && o.a.refused == 7);
	take(&o, 0, 503, 19); /* what waits is forgotten */
	arbiter_restart(&o.a, 0);
	o.next = 7;
	take(&o, 1, 7, 20); /* wherever it begins */
	take(&o, 0, 8, 21);
	ck_assert(o.handed == 7 && o.next == 9 && o.a.n_waiting == 0);
	arbiter_free(&o.a);
	o.a.o.window = 12;
	ck_assert_int_lt(arbiter_init(&o.a, &o.a.o), 0);
}
END_TEST

/* One line's packets as they arrive. */
struct arrival {
	int64_t seq, ns;
};

static unsigned disturb(struct rng *r, struct arrival *out, int64_t first, unsigned n, bool *lost)
{
	unsigned k = 0;
	for (unsigned i = 0; i < n; i++) {
		lost[i] = rng_chance(r, 100000) && i > 0 && i < n - 20;
		for (int copies = lost[i] ? 0 : rng_chance(r, 30000) ? 2 : 1; copies > 0; copies--)
			out[k++] = (struct arrival){ first + i, 0 };
	}
	for (unsigned i = 5; i < k; i++) /* a little out of order */
		if (rng_chance(r, 50000) && out[i].seq - out[i - 2].seq < 4) {
			struct arrival x = out[i];
			out[i] = out[i - 2];
			out[i - 2] = x;
		}
	return k;
}

/* The two lines interleaved at random, one at most `lag` numbers behind the other. */
static void merge(struct rng *r, struct out *o, struct arrival *line[2], const unsigned n[2],
		  unsigned lag, void (*give)(struct out *, unsigned, int64_t, int64_t))
{
	unsigned at[2] = { 0, 0 };
	for (int64_t ns = 0; at[0] < n[0] || at[1] < n[1]; ns++) {
		unsigned l = rng_chance(r, 500000);
		if (at[l] == n[l] ||
		    (at[l ^ 1] < n[l ^ 1] && line[l][at[l]].seq > line[l ^ 1][at[l ^ 1]].seq + lag))
			l ^= 1;
		give(o, l, line[l][at[l]++].seq, ns / 1000);
	}
}

/* Just what both lost is declared. */
static void storm(struct out *o, uint64_t seed, int64_t first, unsigned n,
		  void (*give)(struct out *, unsigned, int64_t, int64_t))
{
	static struct arrival a[2][PACKETS * 2];
	static bool lost[2][PACKETS];
	struct arrival *line[2] = { a[0], a[1] };
	struct rng r;
	unsigned both = 0, k[2];
	rng_seed(&r, seed);
	for (int l = 0; l < 2; l++)
		k[l] = disturb(&r, a[l], first, n, lost[l]);
	for (unsigned i = 0; i < n; i++)
		both += lost[0][i] && lost[1][i];
	merge(&r, o, line, k, 20, give);
	EXPECT_MSG(o->lost == both, "seed %llu: %u declared lost, %u were",
		   (unsigned long long)seed, o->lost, both);
	EXPECT(both > 0 && o->next == first + n && o->handed == n - both);
	EXPECT(o->a.packets == o->handed && o->a.lost == both && o->a.refused == 0);
}

START_TEST(test_storm)
{
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct out o;
		begin(&o, 64, 8);
		storm(&o, seed, 1, 2000, take);
		arbiter_free(&o.a);
	}
}
END_TEST

/* ---- the recorded lines ---- */

struct recorded {
	unsigned n[2];
	struct {
		int64_t seq;
		uint32_t n;
		const uint8_t *p;
	} packet[2][PACKETS];
	uint8_t *file;
};

static struct recorded rec;

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* Ethernet, IPv4, UDP; the second line's group is 224.0.32.64. */
static void add_frame(const uint8_t *f, uint32_t n)
{
	if (n < 14 + 20 + 8 + 12 || f[12] != 8 || f[13] != 0)
		return;
	const uint8_t *ip = f + 14, *udp = ip + 4 * (ip[0] & 15), *body = udp + 8;
	unsigned line = ip[18] == 32;
	uint32_t len = (uint32_t)(udp[4] << 8 | udp[5]) - 8u;
	if (body + len > f + n || rec.n[line] == PACKETS)
		return;
	rec.packet[line][rec.n[line]].seq = u32(body);
	rec.packet[line][rec.n[line]].n = len;
	rec.packet[line][rec.n[line]++].p = body;
}

static bool read_recorded(void)
{
	char path[512];
	const char *data = getenv("TANDEM_DATA");
	snprintf(path, sizeof path, "%s/pcap/cme_mdp3_AB_classic_ns.pcap",
		 data ? data : TANDEM_DATA_DEFAULT);
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	rewind(f);
	rec.file = malloc(n);
	ck_assert(rec.file && fread(rec.file, 1, n, f) == n);
	fclose(f);
	ck_assert_uint_eq(u32(rec.file), 0xa1b23c4d);
	for (size_t at = 24; at + 16 <= n;) {
		uint32_t len = u32(rec.file + at + 8);
		if (len > n - at - 16)
			break;
		add_frame(rec.file + at + 16, len);
		at += 16 + len;
	}
	return true;
}

/* Where the number stands in a line; both count without a gap. */
static bool recorded_bytes(int64_t seq, const void *p, size_t n)
{
	for (int l = 0; l < 2; l++) {
		size_t i = (size_t)(seq - rec.packet[l][0].seq);
		if (i < rec.n[l] && rec.packet[l][i].n == n && !memcmp(rec.packet[l][i].p, p, n))
			return true;
	}
	return false;
}

static void give_recorded(struct out *o, unsigned line, int64_t seq, int64_t ns)
{
	size_t i = (size_t)(seq - rec.packet[line][0].seq);
	arbiter_take(&o->a, line, seq, rec.packet[line][i].p, rec.packet[line][i].n, ns);
}

START_TEST(test_recorded)
{
	enum { FIRST = 5615, N = 5000 };
	if (!read_recorded()) {
		fprintf(stderr, "test_arbiter: skipped: no recorded lines (TANDEM_DATA)\n");
		return;
	}
	for (int l = 0; l < 2; l++) {
		ck_assert_uint_eq(rec.n[l], N);
		for (unsigned i = 0; i < N; i++)
			EXPECT(rec.packet[l][i].seq == FIRST + i);
	}
	for (uint64_t seed = 0; seed <= 20; seed++) {
		struct out o;
		begin(&o, 64, 8);
		o.same = recorded_bytes;
		arbiter_restart(&o.a, seed % 2 ? FIRST : 0);
		o.next = FIRST;
		if (seed) {
			storm(&o, seed, FIRST, N, give_recorded);
		} else { /* as they came */
			for (int64_t k = 0; k < N; k++)
				for (unsigned l = 0; l < 2; l++)
					give_recorded(&o, l, FIRST + k, k);
			ck_assert(o.handed == N && o.gaps == 0 && o.next == 10615);
			ck_assert(o.a.line[1].late == N && o.a.line[0].first == N);
		}
		arbiter_free(&o.a);
	}
	free(rec.file);
}
END_TEST

SUITE("arbiter", test_once_in_order, test_slack, test_patience, test_leap, test_storm,
      test_recorded)
