/* alert_part - what the sinks of alerts share; nobody else includes it. The sinks' thread. */
#pragma once
#include "core/ops/alert_sinks.h"

#define ALERT_JSON  2048 /* an alert in full; less than a pipe takes at once */
#define ALERT_QUEUE 64	 /* waiting for a sink */

struct event_base;
typedef void (*alert_fail_fn)(void *arg, enum alert_sink sink, const char *fmt, ...);

/* JSON texts in the order in which they came; fixed. */
struct alert_queue {
	uint32_t head, n;
	char text[ALERT_QUEUE][ALERT_JSON];
};
bool alert_queue_put(struct alert_queue *q, const char *text); /* false: full */
const char *alert_queue_first(const struct alert_queue *q);    /* NULL: empty */
void alert_queue_drop(struct alert_queue *q);

struct alert_command;
int alert_command_open(struct event_base *base, const struct config_alerts *c, alert_fail_fn fail,
		       void *arg, struct alert_command **out);
void alert_command_free(struct alert_command *k); /* kills what still runs */
void alert_command_put(struct alert_command *k, const char *json);
bool alert_command_idle(const struct alert_command *k);

struct alert_webhook;
int alert_webhook_open(struct event_base *base, const struct config_alerts *c, alert_fail_fn fail,
		       void *arg, struct alert_webhook **out);
void alert_webhook_free(struct alert_webhook *w);
void alert_webhook_put(struct alert_webhook *w, const char *json);
bool alert_webhook_idle(const struct alert_webhook *w);
