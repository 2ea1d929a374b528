#include "core/cmd/summary.h"

#include "adapters/sim/ledger.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/ops/status_page.h"
#include "core/trade/pair.h"
#include "store/reader.h"
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void wrong(struct summary *s, const char *text)
{
	if (!s->note[0])
		snprintf(s->note, sizeof s->note, "%s", text);
}

static void count_pair(struct summary *s, const struct fact *f)
{
	int64_t from = f->num[0], to = f->num[1];
	if (from == to) { /* the proposal itself, or a checkpoint's copy */
		s->proposed += to == PAIR_PROPOSED;
		return;
	}
	s->sent += to == PAIR_SENT;
	s->hedged += (uint64_t)(to == PAIR_HEDGED) - (uint64_t)(from == PAIR_HEDGED);
	s->flat += (uint64_t)(to == PAIR_FLAT) - (uint64_t)(from == PAIR_FLAT);
	s->held += (uint64_t)(to == PAIR_HELD) - (uint64_t)(from == PAIR_HELD);
	s->held_without_cause += to == PAIR_HELD && f->num[6] == HELD_NONE;
	bool over = to == PAIR_HEDGED || to == PAIR_FLAT;
	s->completed += over && from == PAIR_COMPLETING;
	s->unwound += over && from == PAIR_UNWINDING;
}

/* Money of one position: what was received and paid, and what is held at its mark. */
static void count_position(struct summary *s, const struct fact *f)
{
	int64_t mark = f->num[4], held = f->num[5] + f->num[6];
	s->gross_e8 += f->num[2] + dec_muldiv(held, mark, dec_pow10[f->px_dp], DEC_NEAREST);
	s->fees_e8 += f->num[3] + dec_muldiv(f->num[6], mark, dec_pow10[f->px_dp], DEC_NEAREST);
}

static void count(struct summary *s, const struct fact *f)
{
	s->receipts++;
	switch ((enum fact_kind)f->kind) {
	case FACT_PAIR:
		count_pair(s, f);
		break;
	case FACT_ORDER:
		s->orders++;
		break;
	case FACT_FILL:
		s->fills++;
		break;
	case FACT_REJECTED:
		s->rejects++;
		break;
	case FACT_CHECKPOINT:
		if (f->num[0] ==
		    0) /* positions follow: they replace those of the checkpoint before */
			s->gross_e8 = s->fees_e8 = 0;
		break;
	case FACT_POSITION:
		count_position(s, f);
		break;
	case FACT_SESSION_OPEN:
		s->closed = false;
		break;
	case FACT_SESSION_CLOSE:
		s->closed = true;
		s->residual_base_e8 = f->num[4];
		s->tolerance_base_e8 = f->num[5];
		break;
	default:
		break;
	}
}

static int read_receipts(const char *db, struct summary *s)
{
	struct reader *r;
	struct reader_walk *w;
	int rc = reader_open(db, &r);
	if (rc)
		return rc;
	rc = reader_walk_open(r, &(struct reader_filter){ 0 }, &w);
	if (!rc) {
		struct fact f;
		while ((rc = reader_walk_next(w, &f)) > 0)
			count(s, &f);
		reader_walk_close(w);
	}
	reader_close(r);
	return rc;
}

static int read_ledger(const char *path, const char *base, struct summary *s)
{
	struct ledger_totals *t = malloc(sizeof *t);
	if (!t)
		return err_set(ERR_NOMEM, "no memory for a ledger's totals");
	int rc = ledger_totals(path, t);
	if (!rc && ledger_check(t))
		wrong(s, err_text());
	for (unsigned a = 0; !rc && a < LEDGER_ACCOUNTS; a++)
		if (t->account[a][0])
			s->venue_residual_base_e8 += ledger_base_e8(t, a, base);
	free(t);
	return rc;
}

static int read_ledgers(const char *db, const char *base, struct summary *s)
{
	char dir[PATH_MAX], path[PATH_MAX + 300];
	snprintf(dir, sizeof dir, "%s/venue", db);
	DIR *d = opendir(dir);
	if (!d)
		return err_set(ERR_NOTFOUND, "%s: no venue has left its ledger there", dir);
	int rc = 0;
	for (const struct dirent *e; !rc && (e = readdir(d));) {
		const char *dot = strrchr(e->d_name, '.');
		if (!dot || strcmp(dot, ".ledger") != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		rc = read_ledger(path, base, s);
	}
	closedir(d);
	return rc;
}

/* What is wrong, the first thing that explains the rest before the others. */
static void judge(struct summary *s)
{
	char text[sizeof s->note];
	if (!s->closed)
		wrong(s, "the host did not end its session in order");
	snprintf(text, sizeof text, "the host's books say %.8f unhedged, the venues' ledgers %.8f",
		 (double)s->residual_base_e8 / 1e8, (double)s->venue_residual_base_e8 / 1e8);
	if (s->residual_base_e8 != s->venue_residual_base_e8)
		wrong(s, text);
	snprintf(text, sizeof text, "%.8f is left unhedged, and %.8f is tolerable",
		 (double)s->residual_base_e8 / 1e8, (double)s->tolerance_base_e8 / 1e8);
	if (dec_abs(s->residual_base_e8) > s->tolerance_base_e8)
		wrong(s, text);
	if (s->held_without_cause)
		wrong(s, "a pair was held without a cause (R6)");
}

int summary_read(const char *db, const char *base, struct summary *s)
{
	*s = (struct summary){ 0 };
	int rc = read_receipts(db, s);
	if (!rc)
		rc = read_ledgers(db, base, s);
	if (rc)
		return rc;
	judge(s);
	s->net_e8 = s->gross_e8 - s->fees_e8;
	char path[PATH_MAX];
	const struct snapshot_page *page;
	snprintf(path, sizeof path, "%s/status", db);
	if (status_page_read(path, &page) == 0) {
		s->p50_ns = hist_quantile(&page->tick_to_order, 0.5);
		s->p99_ns = hist_quantile(&page->tick_to_order, 0.99);
		s->p999_ns = hist_quantile(&page->tick_to_order, 0.999);
		status_page_close(page);
	}
	return 0;
}

bool summary_good(const struct summary *s)
{
	return !s->note[0];
}

void summary_json(const struct summary *s, const char *db, int venue_pid, int host_pid, FILE *f)
{
	char line[4096];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_obj(&j, "pairs");
	json_uint(&j, "proposed", s->proposed);
	json_uint(&j, "sent", s->sent);
	json_uint(&j, "hedged", s->hedged);
	json_uint(&j, "flat", s->flat);
	json_uint(&j, "held", s->held);
	json_obj_end(&j);
	json_dec(&j, "residual", s->residual_base_e8, 8);
	json_dec(&j, "venue_residual", s->venue_residual_base_e8, 8);
	json_dec(&j, "tolerance", s->tolerance_base_e8, 8);
	json_obj(&j, "rescues");
	json_uint(&j, "completed", s->completed);
	json_uint(&j, "unwound", s->unwound);
	json_obj_end(&j);
	json_obj(&j, "pnl");
	json_dec(&j, "gross", s->gross_e8, 8);
	json_dec(&j, "fees", s->fees_e8, 8);
	json_dec(&j, "net", s->net_e8, 8);
	json_bool(&j, "synthetic", true);
	json_obj_end(&j);
	json_uint(&j, "orders", s->orders);
	json_uint(&j, "fills", s->fills);
	json_uint(&j, "receipts", s->receipts);
	json_uint(&j, "rejects", s->rejects);
	json_obj(&j, "latency_ns");
	json_obj(&j, "tick_to_order");
	json_int(&j, "p50", s->p50_ns);
	json_int(&j, "p99", s->p99_ns);
	json_int(&j, "p999", s->p999_ns);
	json_obj_end(&j);
	json_obj_end(&j);
	json_str(&j, "db", db);
	json_obj(&j, "pids");
	json_int(&j, "venue", venue_pid);
	json_int(&j, "run", host_pid);
	json_obj_end(&j);
	json_bool(&j, "ok", summary_good(s));
	if (!summary_good(s))
		json_str(&j, "error", s->note);
	json_obj_end(&j);
	fprintf(f, "%s\n", line);
}

void summary_text(const struct summary *s, const char *base, const char *money, FILE *f)
{
	fprintf(f, "pairs      %llu sent: %llu hedged, %llu flat, %llu held\n",
		(unsigned long long)s->sent, (unsigned long long)s->hedged,
		(unsigned long long)s->flat, (unsigned long long)s->held);
	fprintf(f, "rescues    %llu completed, %llu unwound (%llu rejects by the venues)\n",
		(unsigned long long)s->completed, (unsigned long long)s->unwound,
		(unsigned long long)s->rejects);
	fprintf(f,
		"unhedged   %.8f %s by the host's books, %.8f by the venues' ledgers (tolerance %.8f)\n",
		(double)s->residual_base_e8 / 1e8, base, (double)s->venue_residual_base_e8 / 1e8,
		(double)s->tolerance_base_e8 / 1e8);
	fprintf(f,
		"money      gross %.2f, fees %.2f, net %.2f %s (simulated fills: the sums are right, what can be earned is another matter)\n",
		(double)s->gross_e8 / 1e8, (double)s->fees_e8 / 1e8, (double)s->net_e8 / 1e8,
		money);
	fprintf(f, "latency    quote to both orders: p50 %.1f us, p99 %.1f us, p99.9 %.1f us\n",
		(double)s->p50_ns / 1e3, (double)s->p99_ns / 1e3, (double)s->p999_ns / 1e3);
	fprintf(f, "receipts   %llu, of %llu orders and %llu fills\n",
		(unsigned long long)s->receipts, (unsigned long long)s->orders,
		(unsigned long long)s->fills);
	if (s->note[0])
		fprintf(f, "WRONG      %s\n", s->note);
}
