#include "tests/sim/campaign.h"

#include "core/base/err.h"
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MOST 64

/* What the children share: which seed is next, and a place for each to add up in. */
struct board {
	_Atomic uint64_t next, pairs, failed;
	struct desk_of_child {
		_Atomic uint64_t current; /* seed that it is at; 0: none */
		struct campaign_totals t;
	} child[JOBS_MOST];
};

int campaign_folder(char out[64])
{
	snprintf(out, 64, "%s/tandem-sim-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	return mkdtemp(out) ? 0 : err_set(ERR_IO, "no temporary folder (%s)", out);
}

void campaign_clean(const char *dir)
{
	char cmd[128];
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	if (system(cmd))
		fprintf(stderr, "%s stays\n", dir);
}

void campaign_seed(const struct campaign_options *o, uint64_t seed, struct run_options *out)
{
	*out = (struct run_options){ .seed = seed,
				     .duration_ns = o->duration_ns,
				     .director = o->director,
				     .one_group = o->one_group,
				     .replays = o->replay_every && seed % o->replay_every == 0 };
	if (o->twos) {
		director_pair((uint32_t)(seed - 1), out->director.two);
		out->duration_ns = o->duration_ns ? o->duration_ns : 2400000000;
	}
}

void campaign_line(const struct run_options *o, const struct run_result *r, FILE *f)
{
	fprintf(f,
		"seed %" PRIu64 ": %" PRIu64 " pairs, %" PRIu64 " hedged, %" PRIu64
		" flat, %" PRIu64 " held, rescues %" PRIu64 " + %" PRIu64 ", kills %" PRIu64
		" host %" PRIu64 " venue, %" PRIu64 " receipts, digest %016" PRIx64 "%s\n",
		o->seed, r->n.pairs, r->n.hedged, r->n.flat, r->n.held, r->n.completed,
		r->n.unwound, r->host_kills, r->venue_kills, r->receipts, r->digest,
		r->n_violations || r->differs[0] ? "  WRONG" : "");
	if (o->replays && !r->differs[0])
		fprintf(f,
			"  replayed: %" PRIu64 " entries, %" PRIu64 " calls, %" PRIu64
			" receipts, all identical\n",
			r->heard, r->replayed_calls, r->replayed);
	else if (r->differs[0])
		fprintf(f, "  replayed otherwise: %s\n", r->differs);
	for (uint32_t i = 0; i < r->n_violations; i++)
		fprintf(f,
			"  %c%u at %.6f pair %" PRIx64 " order %" PRIx64 " after receipt %" PRIu64
			": %s\n",
			r->violation[i].invariant > CHECKER_RULE ? 'R' : 'I',
			r->violation[i].invariant % CHECKER_RULE,
			(double)r->violation[i].at_ns / 1e9, r->violation[i].pair,
			r->violation[i].order, r->violation[i].seq, r->violation[i].text);
}

static void fail_seed(struct campaign_totals *t, uint64_t seed)
{
	if (t->n_failed < CAMPAIGN_FAILED)
		t->failed[t->n_failed++] = seed;
}

static void add(struct campaign_totals *t, uint64_t seed, const struct run_result *r)
{
	t->seeds++;
	t->pairs += r->n.pairs;
	t->hedged += r->n.hedged;
	t->flat += r->n.flat;
	t->held += r->n.held;
	t->held_moves += r->n.held_moves;
	t->held_ns += r->n.held_ns;
	t->completed += r->n.completed;
	t->unwound += r->n.unwound;
	t->orders += r->n.orders;
	t->trades += r->n.trades;
	t->events += r->events;
	t->turns += r->turns;
	t->receipts += r->receipts;
	t->host_kills += r->host_kills;
	t->venue_kills += r->venue_kills;
	t->violations += r->n.violations;
	t->lasted_ns += r->lasted_ns;
	t->naked_money_s += (double)(int64_t)(r->n.naked_e8_ns / 1000000000) / 1e8;
	t->digest += r->digest;
	for (int i = 0; i < 16; i++)
		t->held_by[i] += r->n.held_by[i];
	for (int i = 0; i < 73; i++) {
		t->hit[i] += r->hit[i];
		t->planned[i] += r->planned[i];
		t->together[i][0] |= r->pairs_hit[i][0];
		t->together[i][1] |= r->pairs_hit[i][1];
	}
	t->replays += r->heard > 0;
	t->replayed += r->replayed;
	t->replayed_calls += r->replayed_calls;
	t->heard += r->heard;
	t->differ += r->differs[0] != '\0';
	if (r->n_violations || r->differs[0])
		fail_seed(t, seed);
}

static void merge(struct campaign_totals *to, const struct campaign_totals *t)
{
	to->seeds += t->seeds;
	to->broken += t->broken;
	to->pairs += t->pairs;
	to->hedged += t->hedged;
	to->flat += t->flat;
	to->held += t->held;
	to->held_moves += t->held_moves;
	to->held_ns += t->held_ns;
	to->completed += t->completed;
	to->unwound += t->unwound;
	to->orders += t->orders;
	to->trades += t->trades;
	to->events += t->events;
	to->turns += t->turns;
	to->receipts += t->receipts;
	to->host_kills += t->host_kills;
	to->venue_kills += t->venue_kills;
	to->violations += t->violations;
	to->replays += t->replays;
	to->replayed += t->replayed;
	to->replayed_calls += t->replayed_calls;
	to->heard += t->heard;
	to->differ += t->differ;
	to->lasted_ns += t->lasted_ns;
	to->naked_money_s += t->naked_money_s;
	to->cpu_s += t->cpu_s;
	to->digest += t->digest;
	for (int i = 0; i < 16; i++)
		to->held_by[i] += t->held_by[i];
	for (int i = 0; i < 73; i++) {
		to->hit[i] += t->hit[i];
		to->planned[i] += t->planned[i];
		to->together[i][0] |= t->together[i][0];
		to->together[i][1] |= t->together[i][1];
	}
	for (uint32_t i = 0; i < t->n_failed; i++)
		fail_seed(to, t->failed[i]);
}

static double cpu_s(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int work(const struct campaign_options *o, struct board *b, struct desk_of_child *mine)
{
	static struct runner r;
	static struct run_result result;
	char dir[64];
	int rc = campaign_folder(dir);
	if (!rc)
		rc = runner_open(&r);
	while (!rc) {
		uint64_t seed = o->from + atomic_fetch_add(&b->next, 1);
		if (seed > o->to || (o->pairs && atomic_load(&b->pairs) >= o->pairs) ||
		    (o->first && atomic_load(&b->failed)))
			break;
		atomic_store(&mine->current, seed);
		struct run_options ro;
		campaign_seed(o, seed, &ro);
		ro.dir = dir;
		if (run_seed(&r, &ro, &result)) {
			printf("seed %" PRIu64 ": the world broke: %s\n", seed, err_text());
			mine->t.broken++;
			fail_seed(&mine->t, seed);
		}
		add(&mine->t, seed, &result);
		atomic_fetch_add(&b->pairs, result.n.pairs);
		const bool wrong = result.n_violations || result.differs[0];
		atomic_fetch_add(&b->failed, wrong);
		if (o->verbose || wrong)
			campaign_line(&ro, &result, stdout);
		fflush(stdout);
	}
	atomic_store(&mine->current, 0);
	mine->t.cpu_s = cpu_s();
	runner_free(&r);
	campaign_clean(dir);
	return rc;
}

static void end_of(struct board *b, int i, int status)
{
	uint64_t seed = atomic_load(&b->child[i].current);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	printf("seed %" PRIu64 ": the process that ran it died (%s %d)\n", seed,
	       WIFSIGNALED(status) ? "signal" : "exit",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	b->child[i].t.broken++;
	fail_seed(&b->child[i].t, seed);
}

int campaign_run(const struct campaign_options *o, struct campaign_totals *t)
{
	unsigned jobs = o->jobs < 1 ? 1 : o->jobs > JOBS_MOST ? JOBS_MOST : o->jobs;
	struct board *b =
		mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid[JOBS_MOST];
	if (b == MAP_FAILED)
		return err_set(ERR_NOMEM, "no memory for a campaign");
	fflush(stdout);
	for (unsigned i = 0; i < jobs; i++) {
		pid[i] = fork();
		if (pid[i] == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
			_exit(work(o, b, &b->child[i]) != 0);
	}
	*t = (struct campaign_totals){ 0 };
	for (unsigned i = 0; i < jobs; i++) {
		int status = -1;
		if (pid[i] > 0)
			waitpid(pid[i], &status, 0);
		end_of(b, (int)i, status);
		merge(t, &b->child[i].t);
	}
	munmap(b, sizeof *b);
	return 0;
}
