#include "core/cmd/reloader.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/bind.h"
#include "core/cmd/rehearse.h"
#include "core/io/env_live.h"
#include "lua/source.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define JOBS	8  /* that are being prepared or wait to be taken */
#define RETIRED 64 /* versions that wait to be freed */
/* An editor writes a file in several steps: it is read once nothing has happened to it for so long. */
#define QUIET_NS 100000000LL
/* How often the worker looks for jobs: to wake it would be a system call on the engine's turn. */
#define LOOK_NS 10000000LL
#define REST_NS 1000000000LL

enum job_state { JOB_FREE, JOB_ASKED, JOB_READY };

/* Belongs to the engine's thread while it is free or ready, to the worker while it is asked. */
struct job {
	_Atomic int state;   /* enum job_state */
	_Atomic uint16_t of; /* what.instance, for whoever only wants to know that */
	struct reload_job what;
	struct rehearsal now;
	struct reload_done done;
	uint64_t order; /* in which it was prepared */
	size_t saved_len;
	uint8_t saved[LUA_STATE_CAP];
};

struct reloader {
	struct reload_port port; /* first */
	struct reloader_parts parts;
	struct job job[JOBS];
	_Atomic int ready; /* jobs that wait to be taken */
	uint64_t prepared; /* by the worker */
	_Atomic(struct strategy *) retired[RETIRED];
	_Atomic bool stop;
	int watch_fd;	   /* inotify; -1: no file is watched */
	int *dir;	   /* by instance: its folder's watch; -1: none */
	int64_t *asked_ns; /* by instance: when it was asked for last */
	int64_t *due_ns; /* by instance: when its file, once written, is asked for; 0: it was not */
	pthread_t thread;
	bool runs;
};

void reloader_source_key(char key[RELOADER_KEY], const char *what, const uint8_t sha256[32])
{
	int n = snprintf(key, RELOADER_KEY, "%s/", what);
	digest_hex(sha256, DIGEST_LEN, key + n);
}

int reloader_keep_source(struct store *s, const uint8_t sha256[32], const char *file,
			 const char *text, size_t len)
{
	char key[RELOADER_KEY], one;
	size_t n;
	struct kv *kv = store_kv(s);
	reloader_source_key(key, "file", sha256);
	int rc = kv->ops->put(kv, key, file, strlen(file));
	if (rc)
		return rc;
	reloader_source_key(key, "source", sha256);
	rc = kv->ops->get(kv, key, &one, 0, &n);
	return rc == -ERR_NOTFOUND ? kv->ops->put(kv, key, text, len) : 0;
}

/* ---- the worker */

/* Without the memory of a version that runs, as where it was stopped, there is the one that was saved last. */
static int find_memory(struct reloader *r, struct job *j)
{
	struct kv *kv = store_kv(r->parts.store);
	char key[80];
	if (j->saved_len)
		return 0;
	snprintf(key, sizeof key, "state/%s", r->parts.cfg->instance[j->what.instance].name);
	int rc = kv->ops->get(kv, key, j->saved, sizeof j->saved, &j->saved_len);
	if (!rc)
		return 0;
	j->saved_len = 0;
	return rc == -ERR_NOTFOUND ? 0 : rc;
}

/* What is read is kept and has its number, whatever comes of it: what is loaded is just this text. */
static int read_source(struct reloader *r, const char *file, struct source *src,
		       struct reload_done *d)
{
	char hex[DIGEST_HEX];
	int rc = source_read(src, file);
	if (rc)
		return rc;
	memcpy(d->sha256, src->sha256, sizeof d->sha256);
	rc = reloader_keep_source(r->parts.store, d->sha256, file, src->text, src->len);
	digest_hex(d->sha256, DIGEST_LEN, hex);
	return rc ? rc : store_name(r->parts.store, NAME_SCRIPT, hex, &d->name, &d->name_is_new);
}

static int load(struct reloader *r, struct job *j, const struct source *src,
		struct lua_instance_options *o)
{
	struct reload_done *d = &j->done;
	struct rehearsed seen;
	o->source = src->text;
	o->source_len = src->len;
	o->saved = j->saved_len ? j->saved : NULL;
	o->saved_len = j->saved_len;
	o->seed = (uint64_t)j->now.now_utc_ns;
	int rc = lua_host_load(r->parts.lua, o, &d->script);
	if (rc)
		return rc;
	rc = rehearse(&j->now, r->parts.store, d->script, &seen);
	if (rc)
		return err_ctx(rc, "its dry run");
	d->dry_calls = seen.calls;
	d->dry_proposals = seen.proposals;
	snprintf(d->text, sizeof d->text,
		 "dry run: %u calls, %u of them over %.1f s of recording, %u proposals", seen.calls,
		 seen.recorded, (double)seen.span_ns * 1e-9, seen.proposals);
	return o->saved ? d->script->ops->restore(d->script, o->saved, o->saved_len) : 0;
}

static int prepare(struct reloader *r, struct job *j)
{
	struct lua_instance_options o = bind_options(r->parts.cfg, j->what.instance);
	struct source src = { 0 };
	o.file = j->what.file[0] ? j->what.file : o.file;
	int rc = find_memory(r, j);
	if (!rc)
		rc = read_source(r, o.file, &src, &j->done);
	if (!rc)
		rc = load(r, j, &src, &o);
	source_free(&src);
	return rc;
}

static void work(struct reloader *r, struct job *j)
{
	j->done = (struct reload_done){ .job = j->what };
	int rc = prepare(r, j);
	j->done.rc = rc;
	j->order = ++r->prepared;
	if (rc) {
		snprintf(j->done.text, sizeof j->done.text, "%s", err_text());
		if (j->done.script)
			j->done.script->ops->free(j->done.script);
		j->done.script = NULL;
	}
	atomic_store_explicit(&j->state, JOB_READY, memory_order_release);
	atomic_fetch_add_explicit(&r->ready, 1, memory_order_release);
}

static void free_retired(struct reloader *r)
{
	for (int i = 0; i < RETIRED; i++) {
		struct strategy *s = atomic_exchange(&r->retired[i], NULL);
		if (s)
			s->ops->free(s);
	}
}

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* As an editor's user would ask for it. */
static void ask_for(struct reloader *r, uint16_t instance)
{
	struct env_command c = { .kind = CMD_RELOAD, .who = "its file", .arg = "swap" };
	snprintf(c.scope, sizeof c.scope, "%s", r->parts.cfg->instance[instance].name);
	snprintf(c.why, sizeof c.why, "it was written");
	if (env_live_push(r->parts.env, &c))
		log_warn("the change of %s was not taken: %s",
			 r->parts.cfg->instance[instance].file, err_text());
}

/* However often it is written, once a second is often enough. */
static int64_t due_ns(const struct reloader *r, uint16_t i)
{
	const int64_t quiet_ns = now_ns() + QUIET_NS, rested_ns = r->asked_ns[i] + REST_NS;
	return quiet_ns > rested_ns ? quiet_ns : rested_ns;
}

static void look_at_files(struct reloader *r)
{
	_Alignas(struct inotify_event) char buf[4096];
	ssize_t n = read(r->watch_fd, buf, sizeof buf);
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const struct inotify_event *)(buf + at);
		at += (ssize_t)(sizeof *e + e->len);
		for (uint16_t i = 0; e->len && i < r->parts.cfg->n_instances; i++) {
			const char *file = r->parts.cfg->instance[i].file,
				   *base = strrchr(file, '/');
			if (r->dir[i] == e->wd && strcmp(base ? base + 1 : file, e->name) == 0)
				r->due_ns[i] = due_ns(r, i);
		}
	}
}

static bool is_busy(struct reloader *r, uint16_t instance)
{
	for (int i = 0; i < JOBS; i++)
		if (atomic_load_explicit(&r->job[i].state, memory_order_acquire) != JOB_FREE &&
		    atomic_load(&r->job[i].of) == instance)
			return true;
	return false;
}

/* Asks for what has been quiet long enough; how long to sleep, in ms. */
static int ask_for_due(struct reloader *r)
{
	int64_t at_ns = now_ns(), next_ns = at_ns + LOOK_NS;
	for (uint16_t i = 0; r->watch_fd >= 0 && i < r->parts.cfg->n_instances; i++) {
		if (!r->due_ns[i])
			continue;
		if (r->due_ns[i] <= at_ns && is_busy(r, i))
			r->due_ns[i] = at_ns + QUIET_NS; /* what was read then may not be all */
		if (r->due_ns[i] <= at_ns) {
			r->due_ns[i] = 0;
			r->asked_ns[i] = at_ns;
			ask_for(r, i);
		} else if (r->due_ns[i] < next_ns) {
			next_ns = r->due_ns[i];
		}
	}
	return (int)((next_ns - at_ns) / 1000000 + 1);
}

static void *run(void *arg)
{
	struct reloader *r = arg;
	while (!atomic_load(&r->stop)) {
		struct pollfd p = { .fd = r->watch_fd, .events = POLLIN };
		if (poll(&p, 1, ask_for_due(r)) < 0 && errno != EINTR)
			break;
		if (p.revents & POLLIN)
			look_at_files(r);
		for (int i = 0; i < JOBS; i++)
			if (atomic_load_explicit(&r->job[i].state, memory_order_acquire) ==
			    JOB_ASKED)
				work(r, &r->job[i]);
		free_retired(r);
	}
	return NULL;
}

/* ---- the port, on the engine's thread */

static void note_now(const struct desk *d, uint16_t instance, struct rehearsal *r)
{
	const struct desk_instance *in = &d->instance[instance];
	*r = (struct rehearsal){ .cfg = d->cfg,
				 .instance = instance,
				 .lot_base_e8 = in->lot_base_e8,
				 .self = in->self,
				 .basis = in->basis,
				 .now_utc_ns = d->now.utc_ns };
	for (uint32_t i = 0; i < d->n_params && r->n_params < 64; i++)
		if (d->param[i].instance == instance)
			r->param[r->n_params++] = d->param[i];
	if (in->self.look) /* as it is now: the dry run is on another thread */
		r->world = *in->self.look(in->self.of);
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		r->leg[l] = d->instrument[in->cfg->leg[l]];
		r->leg_join[l] = d->feed[in->cfg->leg[l]].join;
	}
	for (unsigned k = 0; k < in->cfg->n_refs; k++) {
		r->ref[k] = d->instrument[in->cfg->ref[k]];
		r->ref_join[k] = d->feed[in->cfg->ref[k]].join;
	}
}

static int port_ask(struct reload_port *p, const struct reload_job *what, const void *saved,
		    size_t len)
{
	struct reloader *r = (struct reloader *)p;
	struct job *j = NULL;
	for (int i = 0; i < JOBS; i++) {
		int state = atomic_load_explicit(&r->job[i].state, memory_order_acquire);
		if (state == JOB_FREE)
			j = j ? j : &r->job[i];
		else if (atomic_load(&r->job[i].of) == what->instance)
			return err_set(ERR_BUSY, "a version of it is being prepared already");
	}
	if (!j)
		return err_set(ERR_LIMIT, "%d versions are being prepared already", JOBS);
	j->what = *what;
	atomic_store(&j->of, what->instance);
	j->saved_len = len;
	if (len)
		memcpy(j->saved, saved, len);
	note_now(r->parts.desk, what->instance, &j->now);
	atomic_store_explicit(&j->state, JOB_ASKED, memory_order_release);
	return 0;
}

/* In the order in which they were prepared: the first that uses a name is the one that states it. */
static bool port_take(struct reload_port *p, struct reload_done *out)
{
	struct reloader *r = (struct reloader *)p;
	if (__builtin_expect(!atomic_load_explicit(&r->ready, memory_order_acquire), 1))
		return false;
	struct job *first = NULL;
	for (int i = 0; i < JOBS; i++) {
		struct job *j = &r->job[i];
		if (atomic_load_explicit(&j->state, memory_order_acquire) == JOB_READY &&
		    (!first || j->order < first->order))
			first = j;
	}
	if (!first)
		return false;
	*out = first->done;
	atomic_store_explicit(&first->state, JOB_FREE, memory_order_release);
	atomic_fetch_sub_explicit(&r->ready, 1, memory_order_relaxed);
	return true;
}

static void port_give_back(struct reload_port *p, struct strategy *s)
{
	struct reloader *r = (struct reloader *)p;
	for (int i = 0; i < RETIRED; i++) {
		struct strategy *none = NULL;
		if (atomic_compare_exchange_strong(&r->retired[i], &none, s))
			return;
	}
	s->ops->free(s); /* the worker is far behind */
}

static const struct reload_ops ops = { port_ask, port_take, port_give_back };

struct reload_port *reloader_port(struct reloader *r)
{
	return &r->port;
}

/* ---- opening */

static int watch_files(struct reloader *r)
{
	const struct config *c = r->parts.cfg;
	bool any = false;
	for (uint16_t i = 0; i < c->n_instances; i++) {
		r->dir[i] = -1;
		any |= c->instance[i].reload.on_save;
	}
	if (!any)
		return 0;
	r->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (r->watch_fd < 0)
		return err_set(ERR_IO, "files cannot be watched: %s", strerror(errno));
	for (uint16_t i = 0; i < c->n_instances; i++) {
		char folder[PATH_MAX];
		snprintf(folder, sizeof folder, "%s", c->instance[i].file);
		if (c->instance[i].reload.on_save)
			r->dir[i] = inotify_add_watch(r->watch_fd, dirname(folder),
						      IN_CLOSE_WRITE | IN_MOVED_TO);
		if (c->instance[i].reload.on_save && r->dir[i] < 0)
			return err_set(ERR_IO, "%s cannot be watched: %s", c->instance[i].file,
				       strerror(errno));
	}
	return 0;
}

int reloader_open(const struct reloader_parts *parts, struct reloader **out)
{
	struct reloader *r = calloc(1, sizeof *r);
	if (!r)
		return err_set(ERR_NOMEM, "no memory for the reloader");
	r->port.ops = &ops;
	r->parts = *parts;
	r->watch_fd = -1;
	r->dir = calloc(parts->cfg->n_instances + 1u, sizeof *r->dir);
	r->due_ns = calloc(parts->cfg->n_instances + 1u, sizeof *r->due_ns);
	r->asked_ns = calloc(parts->cfg->n_instances + 1u, sizeof *r->asked_ns);
	int rc = r->dir && r->due_ns && r->asked_ns
			 ? watch_files(r)
			 : err_set(ERR_NOMEM, "no memory for the reloader");
	if (!rc && pthread_create(&r->thread, NULL, run, r))
		rc = err_set(ERR_NOMEM, "no thread for the reloader");
	r->runs = !rc;
	if (rc) {
		reloader_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

void reloader_close(struct reloader *r)
{
	if (!r)
		return;
	atomic_store(&r->stop, true);
	if (r->runs)
		pthread_join(r->thread, NULL);
	free_retired(r);
	for (int i = 0; i < JOBS; i++)
		if (r->job[i].state == JOB_READY && r->job[i].done.script)
			r->job[i].done.script->ops->free(r->job[i].done.script);
	if (r->watch_fd >= 0)
		close(r->watch_fd);
	free(r->dir);
	free(r->due_ns);
	free(r->asked_ns);
	free(r);
}
