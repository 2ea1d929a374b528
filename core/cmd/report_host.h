/* report_host - what the files of a report's host share: the session that runs, its accounts and clocks, alerts that wait to be acknowledged. Nobody else includes it. */
#pragma once
#include "core/cmd/report.h"

#define REPORT_ACCOUNTS 256
#define REPORT_CLOCKS	64
#define REPORT_ALERTS	4096 /* that are waiting for an acknowledgement */
#define REPORT_VERSIONS 256

struct report_clock {
	uint32_t venue; /* 0: this host */
	bool known;
	int64_t offset_ns, bound_ns, since_utc_ns;
	uint64_t receipts;
	int64_t offset_min_ns, offset_max_ns, bound_min_ns, bound_max_ns, steps, steps_first;
	int64_t all_ns, in_100us_ns, in_1ms_ns, unknown_ns; /* how long it stood so */
};

struct report_host {
	struct report_session session;
	struct fact open, build; /* of the session that runs; kind 0: none */
	bool open_before; /* it began before the day: how many receipts it has was not counted */
	uint64_t counted; /* its receipts */
	struct report_account account[REPORT_ACCOUNTS];
	uint32_t n_accounts;
	struct report_clock clock[REPORT_CLOCKS];
	uint32_t n_clocks;
	struct fact *alert; /* a ring */
	uint64_t alerts_head, alerts_tail;
	struct {
		uint32_t instance, script;
	} version[REPORT_VERSIONS]; /* that trades */
	uint32_t n_versions;
	int64_t last_utc_ns;
};

/* report_watch.c */
typedef int report_fact_fn(struct report *r, const struct fact *f);
report_fact_fn report_on_risk, report_on_limit, report_on_alert, report_on_operator,
	report_on_script, report_on_venue, report_on_feed, report_on_reconcile;
/* The version that traded before, of this instance (0: not known); `script` takes its place. */
uint32_t report_version(struct report_host *h, uint32_t instance, uint32_t script);
void report_watch_end(struct report *r);
