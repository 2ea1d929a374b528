#include "core/ops/alert_sinks.h"

#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/base/log.h"
#include "core/base/ring.h"
#include "core/ops/alert_part.h"
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RING	   256
#define FAILURES   64
#define LAST_WORDS 2 /* seconds */
#define LOOK_MS	   20

struct item {
	struct alert a;
	uint8_t sinks;
};

struct alert_sinks {
	struct ring *in, *back; /* aligned to a line: they are shared */
	_Atomic uint64_t lost;
	_Atomic bool stop;
	int bell;
	struct event_base *base;
	struct event *rung, *look, *last;
	struct alert_command *command; /* NULL: not configured */
	struct alert_webhook *webhook;
	pthread_t thread;
	bool started;
};

bool alert_queue_put(struct alert_queue *q, const char *text)
{
	if (q->n == ALERT_QUEUE)
		return false;
	snprintf(q->text[(q->head + q->n++) % ALERT_QUEUE], ALERT_JSON, "%s", text);
	return true;
}

const char *alert_queue_first(const struct alert_queue *q)
{
	return q->n ? q->text[q->head % ALERT_QUEUE] : NULL;
}

void alert_queue_drop(struct alert_queue *q)
{
	q->head++;
	q->n--;
}

/* ---- the sinks' thread ---- */

static void fail(void *arg, enum alert_sink sink, const char *fmt, ...)
{
	struct alert_sinks *s = arg;
	struct alert_failure f = { .sink = (uint8_t)sink };
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(f.why, sizeof f.why, fmt, ap);
	va_end(ap);
	if (!ring_push(s->back, &f))
		atomic_fetch_add(&s->lost, 1);
}

static void to_json(const struct alert *a, char json[ALERT_JSON])
{
	char pair[20] = "";
	struct json_out j;
	if (a->pair)
		snprintf(pair, sizeof pair, "%016" PRIx64, a->pair);
	json_out_init(&j, json, ALERT_JSON);
	json_obj(&j, NULL);
	json_uint(&j, "id", a->id);
	json_str(&j, "code", alert_code_name((enum alert_code)a->code));
	json_str(&j, "severity", alert_severity_name((enum alert_severity)a->severity));
	json_str(&j, "text", a->text);
	json_uint(&j, "count", a->repeats);
	json_uint(&j, "total", a->count);
	json_int(&j, "first_utc_ns", a->first_utc_ns);
	json_int(&j, "last_utc_ns", a->last_utc_ns);
	json_str(&j, "pair", pair[0] ? pair : NULL);
	json_str(&j, "account", a->account[0] ? a->account : NULL);
	json_str(&j, "instance", a->instance[0] ? a->instance : NULL);
	json_str(&j, "venue", a->venue[0] ? a->venue : NULL);
	json_str(&j, "instrument", a->instrument[0] ? a->instrument : NULL);
	json_obj_end(&j);
}

static void to_log(const struct alert *a)
{
	static const enum log_level level[] = { LOG_WARN, LOG_INFO, LOG_WARN, LOG_ERROR };
	char times[48] = "";
	if (a->repeats > 1)
		snprintf(times, sizeof times, " (%" PRIu64 " times)", a->repeats);
	log_at(level[a->severity < alert_severity_max ? a->severity : 0],
	       "alert %" PRIu64 " %s %s%s%s: %s%s", a->id,
	       alert_severity_name((enum alert_severity)a->severity),
	       alert_code_name((enum alert_code)a->code), a->instance[0] ? " of " : "", a->instance,
	       a->text, times);
}

/* The log last: whoever reads it may be slow. */
static void tell(struct alert_sinks *s, const struct item *i)
{
	char json[ALERT_JSON];
	to_json(&i->a, json);
	if (i->sinks & 1u << ALERT_SINK_COMMAND && s->command)
		alert_command_put(s->command, json);
	if (i->sinks & 1u << ALERT_SINK_WEBHOOK && s->webhook)
		alert_webhook_put(s->webhook, json);
	if (i->sinks & 1u << ALERT_SINK_LOG)
		to_log(&i->a);
}

static bool idle(const struct alert_sinks *s)
{
	return ring_len(s->in) == 0 && (!s->command || alert_command_idle(s->command)) &&
	       (!s->webhook || alert_webhook_idle(s->webhook));
}

static void on_bell(evutil_socket_t fd, short what, void *arg)
{
	struct alert_sinks *s = arg;
	uint64_t rung;
	(void)what;
	(void)!read(fd, &rung, sizeof rung);
	for (struct item i; ring_pop(s->in, &i);)
		tell(s, &i);
	if (!atomic_load(&s->stop) || event_pending(s->look, EV_TIMEOUT, NULL))
		return;
	const struct timeval soon = { 0, LOOK_MS * 1000 }, end = { LAST_WORDS, 0 };
	event_add(s->look, &soon);
	event_add(s->last, &end);
	if (idle(s))
		event_base_loopbreak(s->base);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct alert_sinks *s = arg;
	(void)fd;
	(void)what;
	if (idle(s))
		event_base_loopbreak(s->base);
}

static void on_last(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(((struct alert_sinks *)arg)->base);
}

static void *run(void *arg)
{
	struct alert_sinks *s = arg;
	event_base_dispatch(s->base);
	return NULL;
}

/* ---- either ---- */

static void release(struct alert_sinks *s)
{
	alert_command_free(s->command);
	alert_webhook_free(s->webhook);
	if (s->rung)
		event_free(s->rung);
	if (s->look)
		event_free(s->look);
	if (s->last)
		event_free(s->last);
	if (s->base)
		event_base_free(s->base);
	if (s->bell >= 0)
		close(s->bell);
	for (int k = 0; k < 2; k++) {
		struct ring *r = k ? s->back : s->in;
		if (r)
			ring_free(r);
		free(r);
	}
	free(s);
}

static int make_ring(struct ring **r, size_t item, uint32_t n)
{
	*r = aligned_alloc(64, (sizeof **r + 63) / 64 * 64);
	if (!*r)
		return err_set(ERR_NOMEM, "no memory for alerts");
	memset(*r, 0, sizeof **r);
	return ring_init(*r, item, n);
}

static int make_loop(struct alert_sinks *s)
{
	struct event_config *c = event_config_new();
	if (c) {
		event_config_set_flag(c, EVENT_BASE_FLAG_NOLOCK);
		s->base = event_base_new_with_config(c);
		event_config_free(c);
	}
	s->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!s->base || s->bell < 0)
		return err_set(ERR_IO, "no event loop for alerts: %s", strerror(errno));
	s->rung = event_new(s->base, s->bell, EV_READ | EV_PERSIST, on_bell, s);
	s->look = event_new(s->base, -1, EV_PERSIST, on_look, s);
	s->last = event_new(s->base, -1, 0, on_last, s);
	if (!s->rung || !s->look || !s->last || event_add(s->rung, NULL))
		return err_set(ERR_NOMEM, "no memory for alerts");
	return 0;
}

/* Signals are the engine's. */
static int start(struct alert_sinks *s)
{
	sigset_t all, was;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	int rc = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	s->started = rc == 0;
	return rc ? err_set(ERR_IO, "no thread for alerts: %s", strerror(rc)) : 0;
}

int alert_sinks_open(const struct config_alerts *c, struct alert_sinks **out)
{
	struct alert_sinks *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(ERR_NOMEM, "no memory for alerts");
	s->bell = -1;
	int rc = make_ring(&s->in, sizeof(struct item), RING);
	if (!rc)
		rc = make_ring(&s->back, sizeof(struct alert_failure), FAILURES);
	if (!rc)
		rc = make_loop(s);
	if (!rc && c->n_args)
		rc = alert_command_open(s->base, c, fail, s, &s->command);
	if (!rc && c->webhook_host[0])
		rc = alert_webhook_open(s->base, c, fail, s, &s->webhook);
	if (!rc)
		rc = start(s);
	if (rc) {
		release(s);
		return rc;
	}
	*out = s;
	return 0;
}

static void ring_bell(const struct alert_sinks *s)
{
	const uint64_t one = 1;
	(void)!write(s->bell, &one,
		     sizeof one); /* never waits: a counter that is full rings anyway */
}

void alert_sinks_close(struct alert_sinks *s)
{
	if (!s)
		return;
	atomic_store(&s->stop, true);
	ring_bell(s);
	pthread_join(s->thread, NULL);
	release(s);
}

bool alert_sinks_push(struct alert_sinks *s, const struct alert *a, uint8_t sinks)
{
	const struct item i = { .a = *a, .sinks = sinks };
	bool fits = ring_push(s->in, &i);
	if (!fits)
		atomic_fetch_add(&s->lost, 1);
	ring_bell(s);
	return fits;
}

bool alert_sinks_failure(struct alert_sinks *s, struct alert_failure *out)
{
	return ring_pop(s->back, out);
}

uint64_t alert_sinks_lost(const struct alert_sinks *s)
{
	return atomic_load(&s->lost);
}
