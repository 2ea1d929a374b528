/* alert_sinks - alerts on their way to people: a thread that writes the log, starts the command and posts to the webhook.
 *
 * The engine only puts an alert into a ring and rings a bell; a full ring is counted, never waited for. What a sink fails at comes back to the engine, which
 * raises it as an alert to the other sinks. The thread takes no signals. Nothing of an address but scheme, host and port is ever shown. */
#pragma once
#include "core/ops/alerts.h"

struct alert_sinks;

/* What comes back the same way, and is no sink's: the store's checkpoints do not get out, or do again. */
enum { ALERT_STORE_FAILS = alert_sink_max, ALERT_STORE_AGAIN };

struct alert_failure {
	uint8_t sink; /* enum alert_sink, or one of those */
	char why[96];
};

/* The configuration outlives it. -ERR_NOMEM, -ERR_IO, -ERR_CONFIG (the roots cannot be read), in words. */
int alert_sinks_open(const struct config_alerts *c, struct alert_sinks **out);
/* Brings out what is on its way, 2 s at most, and ends the thread. NULL: nothing. */
void alert_sinks_close(struct alert_sinks *s);

/* For the engine's thread. False: no room, and it is counted. */
bool alert_sinks_push(struct alert_sinks *s, const struct alert *a, uint8_t sinks);
bool alert_sinks_failure(struct alert_sinks *s, struct alert_failure *out); /* the next, if any */
uint64_t alert_sinks_lost(const struct alert_sinks *s);
