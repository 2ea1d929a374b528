/* How long a quote takes to become two orders: inside the host, and from wire to wire beside a bare thread that answers with ready-made bytes. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/io/ca.h"
#include "tests/bench/all/host_rig.h"
#include "tests/bench/all/reflector.h"
#include "tests/bench/bench.h"
#include <ftw.h>
#include <sys/stat.h>

#define CORE_HOST   1 /* and the reflector's: they take turns */
#define CORE_FEEDER 2
#define CORES	    4 /* host, feeder, the store's writer, the watchdog and the kernel */
#define MID_CENT    6000000
#define SWING_CENT  10000 /* near's distance from far: 17 bp */
#define SHOTS_MAX   4000

struct scale {
	unsigned warm, shots, rounds;
};

/* A host, its venue, and which way the next quote swings. */
struct bench_host {
	char dir[64];
	struct mini mini;
	struct rig rig;
	uint64_t shots;
	struct mini_order leg[2]; /* of the last answer */
};

struct shots {
	unsigned n;
	double a[SHOTS_MAX], b[SHOTS_MAX], user[SHOTS_MAX];
	double part[rig_stamp_max][SHOTS_MAX];
};

static bool pinned;
static int64_t gap_ns = 150000; /* between two quotes at least; 0: as soon as the pair has ended */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void host_up(struct bench_host *h, bool tls, struct rig_options o)
{
	strcpy(h->dir, "/tmp/tandem-wire-XXXXXX");
	if (!mkdtemp(h->dir) || (tls && ca_make(h->dir, NULL))) {
		fprintf(stderr, "bench_wire: %s: %s\n", h->dir, err_text());
		exit(1);
	}
	h->shots = 0;
	o.dir = h->dir;
	o.core = pinned ? CORE_HOST : -1;
	o.feeder_core = CORE_FEEDER;
	mini_open(&h->mini, tls, h->dir);
	rig_open(&h->rig, &o, &h->mini);
	rig_start(&h->rig, &h->mini);
	pinned = pinned && h->rig.pinned;
}

static void host_down(struct bench_host *h)
{
	rig_close(&h->rig);
	mini_close(&h->mini);
	nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- one quote, two orders ---- */

static void wait_until(int64_t ns)
{
	while (bench_ns() < ns)
		;
}

/* Sends the quote and waits for both orders; the time of the quote, or 0 where none came within a second. */
static int64_t fire(struct mini_conn *feed, struct mini_conn *const leg[2], const uint8_t *frame,
		    size_t n, struct mini_order out[2])
{
	bool have[2] = { false, false };
	int64_t at = bench_ns();
	mini_send(feed, frame, n);
	while (!have[0] || !have[1]) {
		for (int l = 0; l < 2; l++)
			have[l] = have[l] || mini_take(leg[l], &out[l]);
		if (!have[0] && !have[1] && bench_ns() - at > 1000000000)
			return 0;
	}
	return at;
}

/* Near is dear, then cheap: the strategy opens, then closes. No price comes twice in a row. */
static size_t next_quote(struct bench_host *h, uint8_t *frame)
{
	int64_t swing = h->shots % 2 ? -SWING_CENT : SWING_CENT;
	return mini_quote(&h->mini, MINI_SPOT, 0, MID_CENT + swing + (int64_t)(h->mini.quotes % 50),
			  frame);
}

/* The far leg is proven valid again, a cent up or down: on a price that stands, two orders that ended short are believed, and nothing more is sent at it. While the
 * pair is in flight the strategy asks for nothing. */
static void refresh_far(struct bench_host *h)
{
	uint8_t frame[512];
	int64_t cent = MID_CENT + (int64_t)(h->shots % 2);
	size_t n = mini_quote(&h->mini, MINI_USDM, 0, cent, frame);
	mini_send(h->mini.stream[MINI_USDM], frame, n);
}

static void wait_for_end(struct bench_host *h, uint64_t ended)
{
	int64_t until = bench_ns() + 5000000000;
	while (atomic_load_explicit(&h->rig.ended, memory_order_acquire) <= ended) {
		mini_serve(&h->mini);
		if (bench_ns() > until) {
			fprintf(stderr, "bench_wire: a pair did not end\n");
			exit(1);
		}
	}
}

/* Takes both orders of a quote; the time of the quote. One that the risk gate refused, since a busy machine let the far leg age, is repeated. */
static int64_t answer_of_host(struct bench_host *h)
{
	uint8_t frame[512];
	int64_t at = 0;
	for (int tries = 0; !at; tries++) {
		if (tries == 20) {
			fprintf(stderr, "bench_wire: quotes are not answered\n");
			exit(1);
		}
		size_t n = next_quote(h, frame);
		at = fire(h->mini.stream[MINI_SPOT], h->mini.api, frame, n, h->leg);
		refresh_far(h);
	}
	h->shots++;
	mini_read_order(&h->leg[0]);
	mini_read_order(&h->leg[1]);
	return at;
}

/* Leg A is the one that comes first: which venue that is depends on which leg is sold. */
static void put_arrivals(struct shots *s, int64_t at, const struct mini_order leg[2])
{
	int first = leg[1].at_ns < leg[0].at_ns;
	s->a[s->n] = (double)(leg[first].at_ns - at);
	s->b[s->n] = (double)(leg[first ^ 1].at_ns - at);
}

static void shoot_host(struct bench_host *h, struct shots *s, unsigned n)
{
	s->n = 0;
	refresh_far(h); /* it was parked: the far leg has aged */
	wait_until(bench_ns() + 500000);
	for (unsigned i = 0; i < n; i++) {
		uint64_t ended = atomic_load(&h->rig.ended), stamps = atomic_load(&h->rig.answers);
		int64_t at = answer_of_host(h);
		put_arrivals(s, at, h->leg);
		for (int l = 0; l < 2; l++)
			mini_answer(&h->mini, (enum mini_market)l, &h->leg[l], true);
		wait_for_end(h, ended);
		if (h->rig.o.stamps && atomic_load(&h->rig.answers) > stamps) {
			const int64_t *t = h->rig.last;
			s->user[s->n] = (double)(t[STAMP_FLUSH] - t[STAMP_READ]);
			for (int k = 1; k < rig_stamp_max; k++)
				s->part[k][s->n] = (double)(t[k] - t[k - 1]);
		}
		s->n++;
		wait_until(at + gap_ns);
	}
}

static void shoot_reflector(struct bench_host *h, struct shots *s, unsigned n)
{
	uint8_t frame[512];
	struct mini_order out[2] = { { 0 } };
	s->n = 0;
	for (unsigned i = 0; i < n; i++) {
		size_t len = next_quote(h, frame);
		int64_t at = fire(h->mini.bare[0], &h->mini.bare[1], frame, len, out);
		if (!at) {
			fprintf(stderr, "bench_wire: the reflector does not answer\n");
			exit(1);
		}
		put_arrivals(s, at, out);
		s->n++;
		wait_until(at + gap_ns);
	}
}

/* ---- wire to wire ---- */

/* A quantile of each round; what is told is their median. */
struct tails {
	double p99[BENCH_ROUNDS], p999[BENCH_ROUNDS];
};

static void put_tails(struct json_out *j, struct tails *t, unsigned n, const char *whose)
{
	char key[64];
	snprintf(key, sizeof key, "%sns_p99", whose);
	bench_num(j, key, bench_quantile(t->p99, n, 0.5));
	snprintf(key, sizeof key, "%sns_p999", whose);
	bench_num(j, key, bench_quantile(t->p999, n, 0.5));
}

static void tell(const char *figure, const char *wire, struct bench_rounds *r, const char *other,
		 struct tails *ours, struct tails *others)
{
	struct bench_line l;
	struct json_out *j = bench_open(&l, "wire", figure);
	json_str(j, "wire", wire);
	bench_put_rounds(j, r, "ns", other);
	if (ours)
		put_tails(j, ours, r->n, "");
	if (others)
		put_tails(j, others, r->n, "reflector_");
	json_bool(j, "pinned", pinned);
	bench_tell(&l);
}

static void tails_of(struct tails *t, unsigned round, double *v, unsigned n)
{
	t->p99[round] = bench_quantile(v, n, 0.99);
	t->p999[round] = bench_quantile(v, n, 0.999);
}

static void wire_to_wire(bool tls, const struct scale *scale)
{
	static struct bench_host h;
	static struct shots s;
	static struct bench_rounds leg[2], inside;
	static struct tails host[2], floor[2], within;
	struct reflector rf;
	const char *wire = tls ? "tls" : "tcp";
	memset(leg, 0, sizeof leg);
	memset(&inside, 0, sizeof inside);
	host_up(&h, tls, (struct rig_options){ .ed25519 = true });
	shoot_host(&h, &s, scale->warm);
	rig_park(&h.rig);
	reflector_start(&rf, &h.mini, h.dir, h.leg, pinned ? CORE_HOST : -1);
	for (unsigned r = 0; r < scale->rounds; r++) {
		const struct hist *in = &h.rig.page->tick_to_order;
		double *arrival[2] = { s.a, s.b }, p50[2];
		hist_reset(&h.rig.page->tick_to_order);
		rig_run(&h.rig);
		shoot_host(&h, &s, scale->shots);
		rig_park(&h.rig);
		within.p99[r] = (double)hist_quantile(in, 0.99);
		within.p999[r] = (double)hist_quantile(in, 0.999);
		for (int k = 0; k < 2; k++) {
			p50[k] = bench_quantile(arrival[k], s.n, 0.5);
			tails_of(&host[k], r, arrival[k], s.n);
		}
		reflector_run(&rf, true);
		shoot_reflector(&h, &s, scale->shots);
		reflector_run(&rf, false);
		for (int k = 0; k < 2; k++) {
			bench_round(&leg[k], p50[k], bench_quantile(arrival[k], s.n, 0.5));
			tails_of(&floor[k], r, arrival[k], s.n);
		}
		bench_round(&inside, (double)hist_quantile(in, 0.5),
			    bench_quantile(rf.inside, rf.n, 0.5));
	}
	tell("wire_to_wire_leg_a", wire, &leg[0], "reflector", &host[0], &floor[0]);
	tell("wire_to_wire_leg_b", wire, &leg[1], "reflector", &host[1], &floor[1]);
	tell("read_to_both_handed_to_kernel", wire, &inside, "reflector", &within, NULL);
	reflector_stop(&rf);
	rig_run(&h.rig);
	host_down(&h);
}

/* ---- where the time goes ---- */

static void break_down(const struct scale *scale)
{
	static struct bench_host h;
	static struct shots s;
	struct bench_line l;
	host_up(&h, false, (struct rig_options){ .ed25519 = true, .stamps = true });
	shoot_host(&h, &s, scale->warm);
	rig_park(&h.rig);
	hist_reset(&h.rig.page->tick_to_order);
	long faults = atomic_load(&h.rig.faults), preempted = atomic_load(&h.rig.preempted);
	rig_run(&h.rig);
	shoot_host(&h, &s, scale->shots * 2 < SHOTS_MAX ? scale->shots * 2 : SHOTS_MAX);
	rig_park(&h.rig);
	faults = atomic_load(&h.rig.faults) - faults;
	preempted = atomic_load(&h.rig.preempted) - preempted;
	int64_t from = bench_ns();
	for (int i = 0; i < 1000; i++)
		bench_keep(bench_ns());
	double stamp = (double)(bench_ns() - from) / 1000;
	struct json_out *j = bench_open(&l, "wire", "break_down");
	json_str(j, "unit", "ns, p50 of each part");
	for (int k = 1; k < rig_stamp_max; k++)
		bench_num(j, rig_stamp_name((enum rig_stamp)k),
			  bench_quantile(s.part[k], s.n, 0.5));
	bench_num(j, "user_space_ns", bench_quantile(s.user, s.n, 0.5));
	bench_num(j, "user_space_ns_p99", bench_quantile(s.user, s.n, 0.99));
	bench_num(j, "user_space_ns_p999", bench_quantile(s.user, s.n, 0.999));
	bench_num(j, "read_to_kernel_ns", (double)hist_quantile(&h.rig.page->tick_to_order, 0.5));
	bench_num(j, "wire_to_wire_leg_a_ns", bench_quantile(s.a, s.n, 0.5));
	bench_num(j, "stamp_ns", stamp);
	json_uint(j, "stamps", rig_stamp_max - 2);
	json_int(j, "page_faults", faults);
	json_int(j, "preempted", preempted);
	json_uint(j, "n", s.n);
	json_bool(j, "pinned", pinned);
	bench_tell(&l);
	rig_run(&h.rig);
	host_down(&h);
}

/* The same host with one thing different, in turns. */
static void with_and_without(const char *figure, struct rig_options with,
			     struct rig_options without, const char *other,
			     const struct scale *scale)
{
	static struct bench_host h[2];
	static struct shots s;
	static struct bench_rounds in;
	memset(&in, 0, sizeof in);
	const struct rig_options o[2] = { with, without };
	for (int k = 0; k < 2; k++) {
		host_up(&h[k], false, o[k]);
		shoot_host(&h[k], &s, scale->warm);
		rig_park(&h[k].rig);
	}
	for (unsigned r = 0; r < scale->rounds; r++) {
		double p50[2];
		for (int k = 0; k < 2; k++) {
			hist_reset(&h[k].rig.page->tick_to_order);
			rig_run(&h[k].rig);
			shoot_host(&h[k], &s, scale->shots / 2);
			rig_park(&h[k].rig);
			p50[k] = (double)hist_quantile(&h[k].rig.page->tick_to_order, 0.5);
		}
		bench_round(&in, p50[0], p50[1]);
	}
	tell(figure, "tcp", &in, other, NULL, NULL);
	for (int k = 0; k < 2; k++) {
		rig_run(&h[k].rig);
		host_down(&h[k]);
	}
}

/* ---- rescues beside a script that never comes back ---- */

/* From the report that breaks a pair to the order that mends it. */
static double rescue(struct bench_host *h, bool runaway)
{
	uint8_t frame[512];
	struct mini_order fix = { 0 };
	uint64_t ended = atomic_load(&h->rig.ended);
	answer_of_host(h);
	mini_answer(&h->mini, MINI_SPOT, &h->leg[0], true);
	wait_until(bench_ns() + 100000);
	if (runaway) { /* ETH's near leg is far too dear, and the price is new each time */
		size_t n = mini_quote(&h->mini, MINI_SPOT, 1,
				      MID_CENT + MID_CENT / 10 + (int64_t)(h->shots % 1000), frame);
		mini_send(h->mini.stream[MINI_SPOT], frame, n);
		wait_until(bench_ns() + 30000 +
			   (int64_t)(h->shots * 7919 % 400000)); /* anywhere within its budget */
	}
	int64_t at = bench_ns();
	mini_answer(&h->mini, MINI_USDM, &h->leg[1], false);
	while (!mini_take(h->mini.api[MINI_USDM], &fix))
		if (bench_ns() - at > 5000000000) {
			fprintf(stderr, "bench_wire: no rescue came\n");
			exit(1);
		}
	mini_read_order(&fix);
	mini_answer(&h->mini, MINI_USDM, &fix, true);
	wait_for_end(h, ended);
	wait_until(at + 2000000); /* a call that was stopped is over */
	return (double)(fix.at_ns - at);
}

static void rescues(const struct scale *scale)
{
	static struct bench_host h;
	static struct shots s;
	static struct bench_rounds r;
	static double with[SHOTS_MAX], without[SHOTS_MAX], p99[BENCH_ROUNDS], worst[BENCH_ROUNDS];
	unsigned n = scale->shots / 10;
	memset(&r, 0, sizeof r);
	host_up(&h, false, (struct rig_options){ .ed25519 = true, .runaway = true });
	uint8_t frame[512];
	for (int k = 0; k < mini_market_max; k++) {
		size_t len = mini_quote(&h.mini, (enum mini_market)k, 1, MID_CENT, frame);
		mini_send(h.mini.stream[k], frame, len);
	}
	shoot_host(&h, &s, scale->warm);
	for (unsigned i = 0; i < scale->rounds; i++) {
		for (unsigned k = 0; k < n; k++) {
			without[k] = rescue(&h, false);
			with[k] = rescue(&h, true);
		}
		bench_round(&r, bench_quantile(with, n, 0.5), bench_quantile(without, n, 0.5));
		p99[i] = bench_quantile(with, n, 0.99);
		worst[i] = with[n - 1];
	}
	struct bench_line l;
	struct json_out *j = bench_open(&l, "wire", "rescue_beside_a_runaway_script");
	double before = bench_quantile(r.other, r.n, 0.5);
	bench_put_rounds(j, &r, "ns", "no_runaway");
	bench_num(j, "ns_p99", bench_quantile(p99, scale->rounds, 0.5));
	bench_num(j, "worst_added_ns", bench_quantile(worst, scale->rounds, 1) - before);
	json_int(j, "script_budget_ns", h.rig.cfg->engine.script_budget_ns);
	json_uint(j, "stopped_calls", atomic_load(&h.rig.kills));
	json_bool(j, "pinned", pinned);
	bench_tell(&l);
	host_down(&h);
}

/* ---- the report that breaks a pair, and the order that mends it ---- */

/* The far leg ends unfilled while the near one is filled; the time from that report to the next order. The report's bytes go into *report. */
static double mend(struct bench_host *h, uint8_t *report, size_t *n, struct mini_order *fix)
{
	uint64_t ended = atomic_load(&h->rig.ended);
	answer_of_host(h);
	mini_answer(&h->mini, MINI_SPOT, &h->leg[0], true);
	mini_ack(&h->mini, MINI_USDM, &h->leg[1]);
	wait_until(bench_ns() + 100000);
	*n = mini_report(&h->mini, MINI_USDM, &h->leg[1], false, report);
	int64_t at = bench_ns();
	mini_send(h->mini.user, report, *n);
	while (!mini_take(h->mini.api[MINI_USDM], fix))
		if (bench_ns() - at > 5000000000) {
			fprintf(stderr, "bench_wire: no rescue came\n");
			exit(1);
		}
	int64_t took = fix->at_ns - at;
	mini_read_order(fix);
	mini_answer(&h->mini, MINI_USDM, fix, true);
	wait_for_end(h, ended);
	wait_until(at + gap_ns);
	return (double)took;
}

/* The same report to the bare thread, and its one order. */
static double bounce(struct bench_host *h, const uint8_t *report, size_t n)
{
	struct mini_order out[2] = { { 0 } };
	int64_t at = fire(h->mini.bare[0], &h->mini.bare[1], report, n, out);
	wait_until(at + gap_ns);
	return (double)(out[0].at_ns - at);
}

static void broken_leg(const struct scale *scale)
{
	static struct bench_host h;
	static struct shots s;
	static struct bench_rounds r;
	static struct tails host, floor;
	static double ours[SHOTS_MAX], bare[SHOTS_MAX];
	uint8_t report[MINI_FRAME + 16];
	struct mini_order order[2] = { { 0 } };
	struct reflector rf;
	size_t n = 0;
	unsigned shots = scale->shots / 2;
	memset(&r, 0, sizeof r);
	host_up(&h, false, (struct rig_options){ .ed25519 = true });
	shoot_host(&h, &s, scale->warm);
	for (unsigned k = 0; k < shots; k++) /* rescues are code of their own: it is warmed too */
		mend(&h, report, &n, &order[0]);
	order[1] = order[0];
	rig_park(&h.rig);
	reflector_start(&rf, &h.mini, h.dir, order, pinned ? CORE_HOST : -1);
	for (unsigned i = 0; i < scale->rounds; i++) {
		rig_run(&h.rig);
		shoot_host(&h, &s, 20);
		for (unsigned k = 0; k < shots; k++)
			ours[k] = mend(&h, report, &n, &order[0]);
		rig_park(&h.rig);
		reflector_run(&rf, true);
		for (unsigned k = 0; k < shots; k++)
			bare[k] = bounce(&h, report, n);
		reflector_run(&rf, false);
		bench_round(&r, bench_quantile(ours, shots, 0.5), bench_quantile(bare, shots, 0.5));
		tails_of(&host, i, ours, shots);
		tails_of(&floor, i, bare, shots);
	}
	tell("broken_leg_report_to_rescue_order", "tcp", &r, "reflector", &host, &floor);
	reflector_stop(&rf);
	rig_run(&h.rig);
	host_down(&h);
}

static void tcp(const struct scale *s)
{
	wire_to_wire(false, s);
}

static void tls(const struct scale *s)
{
	wire_to_wire(true, s);
}

static void receipts(const struct scale *s)
{
	with_and_without("read_to_kernel_with_receipts", (struct rig_options){ .ed25519 = true },
			 (struct rig_options){ .ed25519 = true, .no_journal = true }, "no_receipts",
			 s);
}

static void signing(const struct scale *s)
{
	with_and_without("read_to_kernel_signing_each_order",
			 (struct rig_options){ .ed25519 = false },
			 (struct rig_options){ .ed25519 = true }, "logged_on", s);
}

static const struct {
	const char *name;
	void (*run)(const struct scale *);
} parts[] = {
	{ "tcp", tcp },
	{ "tls", tls },
	{ "break_down", break_down },
	{ "receipts", receipts },
	{ "signing", signing },
	{ "rescues", rescues },
	{ "broken_leg", broken_leg },
};

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv);
	struct scale scale =
		quick ? (struct scale){ 1500, 200, 7 } : (struct scale){ 3000, 1000, 11 };
	log_set_level(LOG_ERROR);
	if (getenv("BENCH_GAP_NS"))
		gap_ns = strtoll(getenv("BENCH_GAP_NS"), NULL, 10);
	pinned = bench_cores() >= CORES && bench_pin(CORE_FEEDER);
	if (!pinned)
		fprintf(stderr,
			"bench_wire: fewer than %d cores to pin to: threads share them, and the figures are larger\n",
			CORES);
	const char *only = argc > 1 + quick ? argv[1 + quick] : ""; /* one part by itself */
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!*only || !strcmp(only, parts[i].name))
			parts[i].run(&scale);
	return 0;
}
