/* Proves that a histogram's quantiles lie within 1.6 % of the sorted values', that its buckets meet
 * without gaps, and that a reader on another thread sees sound figures. */
#include "core/base/hist.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#define ERROR_MAX 0.016
#define VALUE_MAX (((int64_t)1 << HIST_POW) - 1)

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static const double quantiles[] = { 0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1 };
#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

/* Holds every quantile against the value that stands at that rank once all are sorted. */
static void against_sorted(const struct hist *h, int64_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = 0; i < QUANTILES; i++) {
		size_t rank = (size_t)ceil(quantiles[i] * (double)n);
		double exact = (double)v[rank ? rank - 1 : 0];
		double got = (double)hist_quantile(h, quantiles[i]);
		ck_assert_msg(fabs(got - exact) <= ERROR_MAX * exact, "%.4f: %.0f, not %.0f",
			      quantiles[i], got, exact);
	}
}

START_TEST(quantiles_are_within_the_promised_error)
{
	enum { n = 20000 };
	static int64_t v[n];
	static struct hist h;
	struct rng r;
	rng_seed(&r, 1);
	for (int shape = 0; shape < 4; shape++) {
		hist_reset(&h);
		uint64_t sum = 0;
		for (size_t i = 0; i < n; i++) {
			switch (shape) {
			case 0: /* all magnitudes alike */
				v[i] = (int64_t)(rng_next(&r) >>
						 (64 - rng_below(&r, HIST_POW + 1) - 1)) &
				       VALUE_MAX;
				break;
			case 1: /* a latency: narrow with a long tail */
				v[i] = 280 + (int64_t)(900 / (rng_unit(&r) + 1e-7));
				break;
			case 2:
				v[i] = rng_range(&r, 0, 100);
				break;
			default:
				v[i] = 123457;
			}
			hist_add(&h, v[i]);
			sum += (uint64_t)v[i];
		}
		against_sorted(&h, v, n);
		ck_assert_uint_eq(h.count, n);
		ck_assert_uint_eq(h.sum, sum);
		ck_assert_int_eq(h.max, v[n - 1]);
	}
}
END_TEST

START_TEST(every_bucket_edge_keeps_the_error)
{
	static struct hist h;
	for (int pow = 0; pow < HIST_POW; pow++)
		for (int64_t sub = 0; sub <= HIST_SUB; sub++)
			for (int64_t off = -1; off <= 1; off++) {
				int64_t v = ((int64_t)1 << pow) + (sub << pow) / HIST_SUB + off;
				if (v < 0 || v > VALUE_MAX)
					continue;
				hist_add(&h, v);
				/* A larger one, so that the answer is not cut to the maximum. */
				hist_add(&h, VALUE_MAX);
				double got = (double)hist_quantile(&h, 0.5);
				EXPECT_MSG(fabs(got - (double)v) <= ERROR_MAX * (double)v,
					   "%lld became %.0f", (long long)v, got);
				hist_reset(&h);
			}
}
END_TEST

START_TEST(what_lies_outside_counts_as_the_edge)
{
	static struct hist h;
	ck_assert_int_eq(hist_quantile(&h, 0.5), 0);
	ck_assert_int_eq(hist_quantile(&h, 1), 0);
	hist_add(&h, -5);
	hist_add(&h, INT64_MIN);
	ck_assert_int_eq(hist_quantile(&h, 1), 0);
	ck_assert_uint_eq(h.sum, 0);
	hist_add(&h, INT64_MAX);
	ck_assert_int_eq(hist_quantile(&h, 1), VALUE_MAX);
	ck_assert_int_eq(hist_quantile(&h, 7), VALUE_MAX);
	ck_assert_int_eq(hist_quantile(&h, -7), 0);
	ck_assert_int_eq(hist_quantile(&h, NAN), 0);
	ck_assert_uint_eq(h.count, 3);
}
END_TEST

START_TEST(a_full_bucket_stays_full)
{
	static struct hist h, twice;
	hist_add(&h, 7);
	h.bucket[7] = UINT32_MAX - 1;
	hist_add(&h, 7);
	hist_add(&h, 7);
	ck_assert_uint_eq(h.bucket[7], UINT32_MAX);
	hist_merge(&twice, &h);
	hist_merge(&twice, &h);
	ck_assert_uint_eq(twice.bucket[7], UINT32_MAX);
}
END_TEST

START_TEST(merged_is_as_if_all_had_gone_into_one)
{
	static struct hist a, b, both;
	struct rng r;
	rng_seed(&r, 2);
	for (int i = 0; i < 5000; i++) {
		int64_t v = rng_range(&r, 0, 1000000) << rng_below(&r, 20);
		hist_add(i % 3 ? &a : &b, v);
		hist_add(&both, v);
	}
	hist_merge(&a, &b);
	ck_assert_mem_eq(&a, &both, sizeof(a));
}
END_TEST

static struct hist shared;
static _Atomic int done;

static void *writer(void *arg)
{
	(void)arg;
	for (int i = 0; i < 200000; i++)
		hist_add(&shared, 1000 + i % 100);
	atomic_store(&done, 1);
	return NULL;
}

START_TEST(a_reader_on_another_thread_sees_sound_figures)
{
	pthread_t thread;
	hist_add(&shared, 1000);
	ck_assert_int_eq(pthread_create(&thread, NULL, writer, NULL), 0);
	while (!atomic_load(&done)) {
		int64_t p = hist_quantile(&shared, 0.5);
		EXPECT(p >= 984 && p <= 1117);
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(shared.count, 200001);
}
END_TEST

SUITE("hist", quantiles_are_within_the_promised_error, every_bucket_edge_keeps_the_error,
      what_lies_outside_counts_as_the_edge, a_full_bucket_stays_full,
      merged_is_as_if_all_had_gone_into_one, a_reader_on_another_thread_sees_sound_figures)
