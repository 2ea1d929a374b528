/* engine_parts - what the pages of the engine share; nobody else includes it. Engine's thread. */
#pragma once
#include "core/engine.h"
#include "core/market/tape.h"
#include "core/trade/exec.h"
#include "core/trade/recover.h"
#include "core/trade/reload.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include "core/trade/today.h"

#define HOUSEKEEPING_NS	   100000000LL
#define CLOSED_FOR_NS	   10000000000LL
#define CLOSED_MOST_NS	   60000000000LL
#define CLOSED_TIMES	   4 /* after so many it waits no longer */
#define BAD_RECEIPTS_PER_S 20
#define SNAPSHOTS_PER_WINDOW \
	3 /* asked for at once; further ones wait for housekeeping: a venue bars who asks too often */
#define SNAPSHOT_WINDOW_NS 5000000000LL

/* What every event of an instrument asks for, in less than half a cache line: which instances look at it (a slice of one array), and what its own
 * struct holds elsewhere. */
struct engine_watchers {
	uint32_t first;
	uint16_t n;
	uint16_t venue;
	bool deep;	 /* some of them walk its depth */
	uint16_t hears;	 /* a bit per strat_event_kind: one of them has a hook for that */
	uint32_t beside; /* another leg of the first of them: its price will be asked for too */
	int64_t tick;	 /* in force; 0: none known */
};

struct engine_asks {
	int64_t since_ns;
	uint32_t n;
	int64_t probed_ns; /* when its number was last asked for */
	int64_t closed_until_ns; /* a refusal said that it is closed: tried again from then on, unless the venue says more; 0: no */
	uint8_t closed_times; /* so often it was refused as closed, and took no order in between */
	bool closed_asked; /* the venue can say whether it trades, and has not since it refused */
	bool ahead_told;   /* an alert says so */
	int64_t ahead_ns,
		ahead_seq; /* since when the venue is known to have had a number that the feed has not brought; 0: not */
};

/* A script's self:every: goes on until its version ends. */
#define EVERY_MAX 1024
struct engine_every {
	struct strategy *of; /* whose; NULL: the place is free */
	uint16_t instance;
	uint32_t which;
	int64_t period_ns;
	timer_id timer;
};

/* Whose receipts a gatekeeper writes. */
struct engine_keeper {
	struct engine *e;
	uint16_t instance;
};

/* What an instance is still to be told of its legs and references, a bit for each: legs from 0, references from LEG_MAX on. What comes twice before it is
 * told is told once, as it stands then. */
struct engine_ear {
	uint16_t hears; /* a bit per strat_event_kind: one of its versions has a hook */
	uint16_t quote, book, session, gap;
	uint8_t session_was[LEG_MAX + REF_MAX], book_was[LEG_MAX + REF_MAX]; /* as told last */
};

/* Why an instance is in the list of those that are looked at. */
enum { DIRTY_BASIS = 1, DIRTY_NEWS = 2 };

/* A script had to be stopped in this turn (engine_stall.c). */
struct engine_stall {
	uint64_t cause; /* the alert; 0: none */
	uint16_t instance;
	int64_t took_ns;	 /* from the turn's time to the end of the call */
	uint32_t calls;		 /* of others that waited behind it */
	uint64_t quotes, orders; /* as counted when it was stopped */
	uint64_t own_orders;	 /* that left in the rest of its turn */
};

struct engine {
	struct desk d;
	struct engine_parts parts;
	struct snapshot_page *page;
	struct engine_alerts *alerts;
	struct reload_port *reload;	  /* NULL: no new versions come */
	uint16_t published;		  /* the instance that the status page was told of last */
	uint32_t version_changes;	  /* of line-ups, counted */
	struct engine_watchers *watchers; /* by instrument */
	struct engine_asks *asks;	  /* for snapshots; by instrument */
	uint16_t *watcher;
	uint16_t *dirty; /* instances whose basis may have changed, or that have news */
	uint8_t *is_dirty;
	struct engine_ear *ear;	  /* by instance */
	struct strat_world world; /* as the script that runs looked it up */
	uint32_t n_dirty;
	uint32_t soon;		      /* instrument that was last fetched ahead */
	struct engine_keeper *keeper; /* by instance */
	struct band *band;	      /* the same; unused where none is asked for */
	int64_t trigger_recv_ns;      /* arrival of the newest quote of this turn */
	bool sent_pair; /* a pair went out in this turn: its time is measured after the flush */
	bool uneven;	/* a basis position is, with nothing in flight, and is to be repaired */
	int64_t housekeeping_ns, stop_since_ns;
	int64_t busy_ns; /* the latest turn that ended with something in flight */
	int64_t sessions_from_utc_ns, sessions_until_utc_ns; /* no phase changes in between */
	uint32_t silence_at;	 /* the instrument whose silence is judged next */
	uint64_t tape_lost;	 /* events that the recording missed, as told */
	uint64_t checkpoint_seq; /* receipts counted at the last checkpoint */
	int64_t bad_second_ns;
	uint32_t bad_in_second;
	uint64_t bad_suppressed;
	uint16_t bad_venue;  /* of the last receipt for bad input */
	bool venue_back;     /* a venue or a book became sound: held pairs are looked at */
	bool waits_for_disk; /* a pair goes out once its intent is durable */
	bool every_full;
	bool param_news; /* an operator set a parameter in this turn: its script is still to be told */
	uint16_t param_instance;
	struct strat_param_event param_told;
	struct engine_stall stall;
	uint32_t n_every;
	struct engine_every every[EVERY_MAX];
	struct timers
		script_timers; /* apart from the desk's: scripts are called after the rescues have left */
	struct snapshot_body before; /* counts of the lives before */
};

void engine_mark(struct engine *e, uint32_t instrument);
/* It is looked at in this turn, or in the next one. */
static inline void engine_mark_instance(struct engine *e, uint16_t instance, uint8_t why)
{
	if (!e->is_dirty[instance])
		e->dirty[e->n_dirty++] = instance;
	e->is_dirty[instance] |= why;
}
/* What a script that had to be stopped cost the others (engine_stall.c): told once the next turn's rescues have left. */
void engine_stalled(struct engine *e, uint16_t instance, uint64_t cause);
void engine_stall_over(struct engine *e);
/* Whether its hook is compiled has changed. */
void engine_interpreted(struct engine *e, uint16_t instance, struct strategy *s);
/* The tick in force may have changed. */
void engine_refresh_tick(struct engine *e, uint32_t instrument);
void engine_run_scripts(struct engine *e);
void engine_tell_news(struct engine *e);
void engine_script_timers(struct engine *e);
/* The live version is shown an event, and what it proposes is acted upon; the same for another version of the instance, which may not open; and a call whose
 * proposals are the caller's. */
void engine_script_event(struct engine *e, uint16_t instance, const struct strat_event *ev);
void engine_script_event_to(struct engine *e, uint16_t instance, struct strategy *s,
			    const struct strat_event *ev);
int engine_script_call(struct engine *e, uint16_t instance, struct strategy *s,
		       const struct strat_event *ev, struct proposal out[PROPOSAL_MAX]);
/* The rarer events (engine_news.c): which of them a version has hooks for; something of an instrument changed that a hook is told of; what an instance is to be
 * told now, in the order gaps, sessions, quotes, books; and what became of orders. */
int engine_news_open(struct engine *e);
void engine_listen(struct engine *e, uint16_t instance, const struct strategy *s);
void engine_note(struct engine *e, uint32_t instrument, enum strat_event_kind kind);
void engine_tell_markets(struct engine *e, uint16_t instance);
void engine_tell_orders(struct engine *e);
/* Phases and books as they stand are what scripts know. */
void engine_news_begin(struct engine *e);
/* An operator's word on a parameter, ".NAME VALUE" of an instance; its hook; the list (engine_param.c). */
void engine_set_param(struct engine *e, const struct env_command *c, char *answer, size_t cap);
void engine_tell_param(struct engine *e);
uint32_t engine_list_params(struct engine *e, const struct env_command *c, uint32_t from);
/* What a script looks up; `of` is its struct engine_keeper (engine_world.c). */
const struct strat_world *engine_look(void *of);
/* One of its proposals. */
void engine_script_act(struct engine *e, uint16_t instance, struct strategy *s,
		       const struct proposal *p);
/* Its self:every end. */
void engine_forget_timers(struct engine *e, const struct strategy *s);
void engine_housekeeping(struct engine *e);
/* Judges the gate of an instance, and tells its keeper. */
struct gate_verdict engine_judge(struct engine *e, uint16_t instance);
void engine_judge_all(struct engine *e);

/* Clocks (engine_clock.c). */
int engine_clocks_open(struct engine *e);
void engine_clocks_free(struct engine *e);
void engine_on_clock(struct engine *e, uint16_t venue, int64_t sent_ns, int64_t venue_recv_ns,
		     int64_t venue_send_ns, int64_t recv_ns);
/* Where on our monotonic line a message belongs, and how far that may be off. */
int64_t engine_place(struct engine *e, uint16_t venue, int64_t venue_ns, int64_t recv_ns,
		     int64_t *bound_ns);
void engine_clocks_report(struct engine *e);
/* Phases by the calendars; `first`: at the start (engine_session.c). */
void engine_sessions(struct engine *e, bool first);
/* Alerts (engine_alert.c). */
int engine_alerts_open(struct engine *e);
void engine_alerts_free(struct engine *e);
void engine_alerts_time(struct engine *e);
/* About an instrument, which is named before the text. */
void engine_alert_of(struct engine *e, uint32_t instrument, enum alert_code code, const char *text);
/* The recording (engine_tape.c). */
void engine_record_quote(struct engine *e, uint32_t instrument, const struct quote *q);
void engine_record_depth(struct engine *e, enum pack_kind kind, uint32_t instrument,
			 const struct depth *x);
void engine_record_trade(struct engine *e, uint32_t instrument, const struct market_trade *t);
void engine_record_line(struct engine *e, enum pack_kind kind, uint16_t venue, uint32_t instrument,
			int64_t recv_ns);
void engine_record_clock(struct engine *e, uint16_t venue, const int64_t stamp[4]);
void engine_tape_time(struct engine *e);
void engine_tape_end(struct engine *e);
void engine_commands(struct engine *e);
void engine_publish(struct engine *e);
/* A feed that is not to be believed any more (engine_market.c): it is repaired. */
void engine_doubt(struct engine *e, uint32_t instrument);
/* After anything that a feed was told or found out by itself: whoever looks at it is marked, and what it asks for is asked (engine_market.c). */
void engine_after_feed(struct engine *e, uint32_t instrument, struct feed_result r,
		       int64_t recv_ns);
/* The venue's word on whether it trades (engine_halt.c; venue_host.on_halt). */
void engine_on_halt(void *core, uint32_t instrument, bool halted);
/* An order was refused there since it is closed. */
void engine_closed(struct engine *e, uint32_t instrument);
/* What a refusal said to be closed is so no longer than this, or (now) not beyond the beginning of a session. */
void engine_reopen(struct engine *e, uint32_t instrument, bool now);
/* Quiet prices that an instance needs are asked for (engine_probe.c). */
void engine_probe_instance(struct engine *e, uint16_t instance);
void engine_on_probe(struct engine *e, uint32_t instrument, int64_t last_seq, int64_t asked_ns);
/* What waited for the other line or a replay, and what nothing proves any more. */
void engine_feed_time(struct engine *e, uint32_t instrument);
void engine_silence(struct engine *e, uint32_t instrument);
/* The receipt for what a storm of bad input left unwritten. */
void engine_note_storm(struct engine *e);
