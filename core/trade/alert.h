/* alert - what people are told of without asking: a stable code and a severity for each thing that goes wrong, and the port that brings them out.
 *
 * Every alert is a receipt (FACT_ALERT); whoever listens is told besides, through a port that never waits. Codes are written in receipts and in rules of
 * configurations: they are only ever added, at the end. Engine's thread. */
#pragma once
#include "core/trade/fact.h"
#include <stdbool.h>

enum alert_severity { ALERT_INFO = 1, ALERT_WARNING, ALERT_CRITICAL, alert_severity_max };

/* id, name in receipts and rules, severity, what has happened. The first three are for what has no code of its own. */
/* clang-format off */
#define ALERT_CODES(X)                                                                                   \
	X(NOTE, "note", ALERT_INFO, "something worth knowing")                                           \
	X(TROUBLE, "trouble", ALERT_WARNING, "something that should be looked at")                       \
	X(FAILURE, "failure", ALERT_CRITICAL, "something that somebody has to act on")                   \
	X(SCRIPT, "script", ALERT_WARNING, "a strategy's own alert, of the severity that it gave")       \
	X(SCRIPT_ERROR, "script_error", ALERT_WARNING, "a call of a strategy failed")                    \
	X(QUARANTINE, "quarantine", ALERT_CRITICAL, "a strategy gets no more calls")                     \
	X(PAIR_HELD, "pair_held", ALERT_CRITICAL, "a pair is not hedged and nothing can be done now")    \
	X(PAIR_STATE, "pair_state", ALERT_CRITICAL, "an event came that the state of a pair does not know") \
	X(UNKNOWN_ORDER, "unknown_order", ALERT_WARNING, "a venue does not say what became of an order") \
	X(LATE_FILL, "late_fill", ALERT_WARNING, "an order filled after it had ended")                   \
	X(OVER_FILL, "over_fill", ALERT_CRITICAL, "an order filled more than was asked for")             \
	X(FOREIGN_FILL, "foreign_fill", ALERT_WARNING, "an execution that this host has no order for")   \
	X(BUST, "bust", ALERT_WARNING, "a venue took an execution back")                                 \
	X(CORRECTION, "correction", ALERT_WARNING, "a correction that was not understood")               \
	X(VENUE_DOWN, "venue_down", ALERT_CRITICAL, "a session that was up has ended")                   \
	X(VENUE_UP, "venue_up", ALERT_INFO, "a session that had ended is up again")                      \
	X(RECONCILE, "reconcile", ALERT_WARNING, "an account could not be read whole")                   \
	X(FENCE, "fence", ALERT_WARNING, "what is not ours is kept apart")                               \
	X(DEAD_MAN, "dead_man", ALERT_CRITICAL, "a venue's dead-man switch fired or could not be armed") \
	X(FEED_STALE, "feed_stale", ALERT_WARNING, "prices that an instance needs do not come")          \
	X(VENUE_RULE, "venue_rule", ALERT_WARNING, "a rule of a venue makes no sense")                   \
	X(CLOCK, "clock", ALERT_WARNING, "a clock jumped or is not kept")                                \
	X(JOURNAL, "journal", ALERT_CRITICAL, "receipts cannot be kept: nothing opens")                  \
	X(RECORDING, "recording", ALERT_WARNING, "market data was not recorded")                         \
	X(LIMIT, "limit", ALERT_WARNING, "a limit is near or was gone beyond")                           \
	X(KILL, "kill", ALERT_CRITICAL, "the host was told to open nothing")                             \
	X(EXCHANGE_WARN, "exchange_warn", ALERT_WARNING, "near a limit of an exchange's trading day")    \
	X(EXCHANGE_BOUND, "exchange_bound", ALERT_CRITICAL, "at the bound of an exchange's trading day") \
	X(SINK_FAILED, "sink_failed", ALERT_WARNING, "alerts did not reach a command or a webhook") \
	X(REPAIR, "repair", ALERT_WARNING, "a basis position is no longer even and is repaired")            \
	X(EXPIRY, "expiry", ALERT_WARNING, "a contract that is held expires soon")                       \
	X(FORCED, "forced", ALERT_CRITICAL, "a venue traded a position away by force")                   \
	X(BREACH, "breach", ALERT_CRITICAL, "a limit was gone beyond, and something is done about it")   \
	X(CANCEL, "cancel", ALERT_WARNING, "an order does not let itself be cancelled")                 \
	X(RELOAD, "reload", ALERT_WARNING, "a new version of a script was not taken, or was gone back from") \
	X(STALL, "stall", ALERT_WARNING, "the engine stood while a strategy was stopped")               \
	X(INTERPRETED, "interpreted", ALERT_WARNING, "the hook of a strategy is not compiled")          \
	X(RECEIPTS_LOST, "receipts_lost", ALERT_CRITICAL, "receipts of the life before cannot be read back") \
	X(CHECKPOINT, "checkpoint", ALERT_WARNING, "signed checkpoints do not get out of the store")
/* clang-format on */

enum alert_code {
	ALERT_NONE,
#define ALERT_ENUM(id, ...) ALERT_##id,
	ALERT_CODES(ALERT_ENUM)
#undef ALERT_ENUM
		alert_code_max
};
_Static_assert(alert_code_max <= 64, "rules keep codes as bits");

const char *alert_code_name(enum alert_code c);
const char *alert_code_text(enum alert_code c);
enum alert_severity alert_code_severity(enum alert_code c);
const char *alert_severity_name(enum alert_severity s);

/* Whoever is told. The fact is an ALERT that was just written; seq 0: the journal had no room for it. text: its words in full, of which the receipt
 * holds as many as it has room for; theirs for the call. */
#define ALERT_TEXT 320
struct alert_port {
	void (*raise)(struct alert_port *port, const struct fact *f, const char *text);
};
