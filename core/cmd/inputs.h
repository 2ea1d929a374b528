/* inputs - what an engine hears, as entries of store/inputs.h: every answer of a port, in the order in which the engine got it.
 *
 * An engine's turn is a function of its ports' answers. So these are written down where they are given (hear.h), and a replay gives them again (retell.h); both sides
 * read this table. Payloads are the structs of the ports as this machine has them; INPUTS_LAYOUT is another number whenever one of them is another. */
#pragma once
#include "core/io/env.h"
#include "core/market/tape.h"
#include "core/ops/alert_sinks.h"
#include "core/trade/journal.h"
#include "core/trade/reload.h"
#include "core/trade/snapshot.h"
#include "core/trade/strategy.h"
#include "core/trade/venue.h"
#include "store/inputs.h"

/* Kinds: the number never changes. In this order: what a life began with; what the env answered; what venues told, by callback; how a call that may bring some
 * of that begins and ends; what the other ports answered; what happened between two turns. */
#define INPUT_KINDS(X)                                                       \
	X(LIFE, "the beginning of a life")                                   \
	X(NAME, "a name that is new")                                        \
	X(SCRIPT, "a script as it was loaded")                               \
	X(LINEUP, "what traded before")                                      \
	X(VENUE, "a venue's port")                                           \
	X(NOW, "the clocks")                                                 \
	X(RANDOM, "a random number")                                         \
	X(CLOCK_BOUND, "how good the clock is")                              \
	X(COMMAND, "an operator's command")                                  \
	X(STATE, "a venue's state")                                          \
	X(RULE, "a trading rule")                                            \
	X(QUOTE, "a quote")                                                  \
	X(DEPTH, "a change of a book")                                       \
	X(SNAPSHOT, "a whole book")                                          \
	X(TRADE, "a trade of the market")                                    \
	X(FEED_DOWN, "a line that broke")                                    \
	X(PROBE, "the number that a book stands at")                         \
	X(HALT, "a halt, or its end")                                        \
	X(ALIVE, "a sign of life")                                           \
	X(EXEC, "a report on an order")                                      \
	X(CAPS, "what a venue takes")                                        \
	X(RECONCILED, "the end of what an account was asked for")            \
	X(POSITION, "a position")                                            \
	X(LOTS, "lots by their day")                                         \
	X(BALANCE, "a balance")                                              \
	X(CLOCK, "an answer about a venue's clock")                          \
	X(PAUSE, "a venue that wants to be left alone")                      \
	X(BAD, "bytes that could not be read")                               \
	X(ENTER, "the beginning of a call in which a venue tells something") \
	X(LEAVE, "the end of such a call")                                   \
	X(RESULT, "what a call returned")                                    \
	X(CLIENT_ID, "an order's name at its venue")                         \
	X(ROOM, "the journal's room")                                        \
	X(TROUBLE, "the journal's trouble")                                  \
	X(SYNCED, "what survives the loss of power")                         \
	X(SEQ, "a receipt's number that is not the next")                    \
	X(BLOCK, "a block of the recording")                                 \
	X(TAPE_LOST, "events that the recording missed")                     \
	X(TAKEN, "a new version of a script")                                \
	X(STOPPED, "a script that was stopped")                              \
	X(COMPILED, "a script that is compiled, or not any more")            \
	X(SINK, "an alert that did not reach people")                        \
	X(SINKS_LOST, "alerts that were not told")                           \
	X(SAVED, "a script's memory that was saved")                         \
	X(END, "the end of a life")

enum input_kind {
#define INPUT_ENUM(id, text) INPUT_##id,
	INPUT_KINDS(INPUT_ENUM)
#undef INPUT_ENUM
		input_kind_max
};

/* Calls of the engine that may bring callbacks. Those up to OP_QUIET return something, and their RESULT says what; of the others only those are written that brought
 * any, with the number that the call had since the clocks were read last. */
#define INPUT_OPS(X)                      \
	X(START, "start")                 \
	X(PLACE, "place")                 \
	X(CANCEL, "cancel")               \
	X(QUERY, "query")                 \
	X(RECONCILE, "reconcile")         \
	X(REPLACE, "replace")             \
	X(CANCEL_ALL, "cancel_all")       \
	X(ARM, "arm")                     \
	X(ASK_SNAPSHOT, "snapshot")       \
	X(ASK_PROBE, "probe")             \
	X(ASK_REPLAY, "replay")           \
	X(RELOAD, "ask for a version")    \
	X(FINISH, "finish the recording") \
	X(QUIET, "")                      \
	X(OPEN, "open")                   \
	X(STOP, "stop")                   \
	X(ASK_CLOCK, "ask_clock")         \
	X(ASK_RULES, "ask_rules")         \
	X(ON_TIME, "on_time")             \
	X(FLUSH, "flush")

enum input_op {
#define INPUT_OP_ENUM(id, text) OP_##id,
	INPUT_OPS(INPUT_OP_ENUM)
#undef INPUT_OP_ENUM
		input_op_max
};

#define INPUT_NOBODY UINT16_MAX /* where `who` is no venue and no instance */
#define INPUT_TEXT   512
#define INPUT_WHY    256 /* longer than what any receipt quotes of it */

struct input_life {
	uint32_t epoch;
	uint8_t has_tape, has_sinks, has_reload, pad;
	int64_t pid;
	uint64_t first_seq; /* last receipt of the life before */
	uint64_t lost;	    /* receipts of that life that are missing */
	uint8_t config[32];
	char config_file[256];
	char build[64];
	struct snapshot_body stat; /* counts of the lives before */
};

struct input_name {
	uint8_t space, pad[3];
	uint32_t id;
	char text[FACT_TEXT];
};

enum input_role { INPUT_LIVE, INPUT_BACK, INPUT_STAND_IN };

/* who: the instance. What it remembered lies under the key "memory/" and its SHA-256. */
struct input_script {
	uint8_t role, has_memory, pad[6];
	uint64_t seed;
	uint8_t sha256[32], memory[32];
	char file[256];
	char why[512]; /* why it is in quarantine from the start; empty: it is not */
};

struct input_lineup {
	uint8_t has_back, on_trial, how, step;
	uint32_t back; /* durable number */
	uint8_t seen[32];
};

/* Behind it a byte per instrument of the configuration: enum depth_rule. */
struct input_venue {
	char name[32];
	uint32_t has; /* a bit per enum input_op that it has */
	uint32_t n_instruments;
};

struct input_depth {
	int64_t first_seq, last_seq, prev_seq, venue_ns, recv_ns;
	uint32_t n[side_max], instrument;
	uint8_t line, pad[3];
}; /* then the levels of one side, then of the other */

struct input_quote {
	uint32_t instrument, pad;
	struct quote q;
};

struct input_trade {
	uint32_t instrument, pad;
	struct market_trade t;
};

struct input_rule {
	uint32_t instrument, pad;
	struct rule r;
};

struct input_caps {
	uint32_t instrument, pad;
	struct caps c;
};

/* What is told in a few numbers. */
struct input_few {
	uint32_t instrument, code;
	int64_t v[6];
	char text[INPUT_WHY];
};

struct input_bad {
	uint32_t instrument, what;
	uint64_t n; /* of the bytes; the first of them are kept */
	char why[INPUT_WHY];
	uint8_t bytes[64];
};

struct input_result {
	int64_t rc;
	char text[INPUT_TEXT]; /* where rc is negative */
};

struct input_id {
	uint64_t order;
	char text[VENUE_CLIENT_ID];
};

struct input_seq {
	uint64_t call, seq;
};

struct input_taken {
	struct reload_done done; /* its script is none */
	char file[256];
};

/* A call of a script that did not end as the same call would again. */
struct input_call {
	uint64_t calls, kills, errors, trace_aborts;
	uint8_t quarantined, interpreted, told, pad[5];
	int64_t rc;
	char text[INPUT_TEXT];
	char trace[2048];
};

/* Changes with every struct above, and with what they mean. */
#define INPUTS_MEANING 2u
#define INPUTS_LAYOUT                                                                   \
	(INPUTS_MEANING * 2654435761u +                                                 \
	 (uint32_t)(sizeof(struct input_life) * 3 + sizeof(struct input_script) * 5 +   \
		    sizeof(struct input_rule) * 7 + sizeof(struct input_caps) * 11 +    \
		    sizeof(struct input_taken) * 13 + sizeof(struct exec_report) * 17 + \
		    sizeof(struct env_command) * 19 + sizeof(struct tape_block) * 23 +  \
		    input_kind_max * 29 + input_op_max * 31))

/* "a quote"; of a call its name. */
const char *input_kind_name(uint8_t kind);
const char *input_op_name(uint8_t op);
/* Where something that is found by its SHA-256 lies in the store: "config", "memory". */
#define INPUTS_KEY_TEXT 80
void inputs_key(char key[INPUTS_KEY_TEXT], const char *what, const uint8_t sha256[32]);
