/* engine - the turn: time, bytes, rescues, scripts, orders, in that order, on one thread, for ever.
 *
 * The engine owns the desk and calls everything else through ports: venues (adapters), strategies (the script host), the journal and the
 * env. It promises that a pair's rescue is decided and on its way before any script is called in a turn, that nothing is sent before its intent
 * is in the journal, and that a stop finishes what is in flight. Nothing here allocates after engine_start. */
#pragma once
#include "core/ops/config.h"
#include "core/trade/desk.h"
#include "core/trade/reload.h"

struct engine;
struct alert_sinks;

struct alert_failure;

/* What an engine hears through no other port: what scripts answer, and who cannot bring alerts to people. For whoever writes it down, or gives it again. */
struct engine_tap {
	/* As strategy_ops.run of s. */
	int (*run)(struct engine_tap *t, uint16_t instance, struct strategy *s,
		   const struct strat_self *self, const struct strat_event *ev,
		   struct proposal *out, unsigned cap);
	/* Events that are told to the tap although the script has no hook for them, a bit per strat_event_kind; may change between two turns. NULL: none. */
	uint32_t (*also)(struct engine_tap *t, uint16_t instance);
	void (*told)(struct engine_tap *t, uint16_t instance, struct strategy *s,
		     const struct strat_self *self, const struct strat_event *ev);
	/* As alert_sinks_failure and alert_sinks_lost. */
	bool (*sink_failure)(struct engine_tap *t, struct alert_failure *out);
	uint64_t (*sinks_lost)(struct engine_tap *t);
};

struct engine_parts {
	const struct config *cfg;
	struct instrument *instrument; /* the configuration's; dated rules are added to it */
	struct env *env;
	struct journal *journal;
	struct kv *kv;
	struct tape *tape;	   /* where market data is recorded; NULL: nowhere */
	struct alert_sinks *sinks; /* where alerts go besides their receipts; NULL: nowhere */
	/* What goes wrong behind the engine's back, as alert_sinks_failure; never waits. NULL: nothing does. */
	bool (*outside)(void *arg, struct alert_failure *out);
	void *outside_arg;
	struct engine_tap *tap;	    /* NULL: nobody listens */
	struct snapshot_page *page; /* where the numbers are published; may be NULL */
	struct desk_names names;    /* durable names, resolved; copied */
	uint8_t host;		    /* of several hosts on one account group */
	uint16_t epoch;		    /* counted up and durable */
};

/* -ERR_NOMEM. The parts stay the caller's and outlive the engine. */
int engine_open(const struct engine_parts *parts, struct engine **out);
void engine_free(struct engine *e);

/* What an adapter of venue v is to be opened with. */
struct venue_host engine_venue_host(struct engine *e);
void engine_set_venue(struct engine *e, uint16_t v, struct venue *port);
void engine_set_script(struct engine *e, uint16_t instance, struct strategy *s);
/* A call of it failed that the engine did not make, an on_save; the text is err_text. stopped: it ran over its budget. Between two turns. */
void engine_script_failed(struct engine *e, uint16_t instance, const struct strategy *s,
			  bool stopped);
/* Who prepares new versions of scripts; NULL, or never called: nobody does. */
void engine_set_reload(struct engine *e, struct reload_port *p);

/* What a life before left: the version that could be gone back to, and the trial that the one which trades was on. After engine_set_script. */
void engine_set_back(struct engine *e, uint16_t instance, struct strategy *s, uint32_t name);
void engine_set_trial(struct engine *e, uint16_t instance, enum reload_how how, uint8_t step);
/* Counts what has happened to line-ups: another number, and they are worth saving. */
uint32_t engine_version_changes(const struct engine *e);

struct desk *engine_desk(struct engine *e); /* for recovery, tests and the simulator */

/* The hedged position of an instance in pair lots, signed by leg 0. */
double engine_pos_lots(const struct engine *e, uint16_t instance);

/* Starts venues and scripts; what opens a session has been written by the caller. */
int engine_start(struct engine *e);
/* One turn; waits for bytes no longer than until wake_ns (monotonic). */
void engine_turn(struct engine *e, int64_t wake_ns);
/* When something is due next, at most 100 ms ahead: what to hand to engine_turn. */
int64_t engine_wake_ns(const struct engine *e);
/* A stop was asked for, and everything in flight has ended, or has had its time: 10 s what is held, 15 s the rest. */
bool engine_done(const struct engine *e);
/* Closes the session: positions, what is left unhedged, counts. */
void engine_stop(struct engine *e);
/* What is unhedged over all instances, and what is tolerable: base units. */
int64_t engine_residual_base_e8(struct engine *e);
int64_t engine_tolerance_base_e8(struct engine *e);
