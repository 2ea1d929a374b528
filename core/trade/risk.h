/* risk - the gate in front of every order: one table of limits (limit.h), and a yes or a no with the number that decided.
 *
 * A pair is judged whole before its first leg (limits of size, price, age, position, money, messages for both legs and for the unwind), and every order
 * once more as it goes. What reduces risk passes where what adds risk is barred (R5): rescues are not stopped by opening limits, a kill or REDUCING. Every
 * refusal is a receipt; refusals that repeat within a second are one receipt with a count. What is not asked for but happens (risk_watch.c) is looked at when it changes and ten times a
 * second. A kill, and who may open again, is risk_scope.c. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

struct risk_verdict {
	enum risk_limit limit; /* RISK_LIMIT_NONE: passes */
	int64_t value, bound;
	uint8_t leg;  /* 0xff: not one leg's */
	uint16_t row; /* place + 1 of the row that decided; 0: no row */
};

const char *risk_limit_name(enum risk_limit l);
const char *risk_limit_text(enum risk_limit l);
const char *risk_state_name(enum risk_state s);

/* May this pair be sent as a whole? Called with its legs filled in, before anything is durable. Where own orders that it would meet are to be cancelled first, that is done. */
struct risk_verdict risk_pair(struct desk *d, const struct pair *p);
/* May the next slice of a pair go? `rest` is a copy that wants no more than is left of it. */
struct risk_verdict risk_slice(struct desk *d, const struct pair *rest);
/* May this order go now? For rescues only what would make it senseless (a dead venue, no message left, a wrong size, an own order to meet) says no. */
struct risk_verdict risk_order(struct desk *d, const struct order *o);
/* May what is left of a pair whose resting order has ended be priced anew at px, within the sizes of orders, position and worst case (I2)? */
bool risk_rest_fits(struct desk *d, const struct pair *p, int64_t px);
/* Would orders of order_qty for each leg, beside all that is open, stay within the sizes of orders, position and worst case (I2)? */
bool risk_fits(struct desk *d, const struct pair *p);
/* Counts a message to a venue against its budget. */
void risk_count_message(struct desk *d, uint16_t venue);
/* Room in the venue's message budget for n more: with the reserve or without it. */
bool risk_message_room(struct desk *d, uint16_t venue, int32_t n, bool with_reserve);
/* Is a refusal by this limit worth a receipt, or the same as a moment ago (then it is only counted)? */
bool risk_is_news(struct desk *d, uint16_t instance, enum risk_limit l);
/* Receipt of a refusal, with the count of those since the last one; what the row does beside refusing is done. */
uint64_t risk_refused(struct desk *d, uint16_t instance, uint64_t pair, struct risk_verdict v,
		      uint64_t cause);
/* Receipts for the refusals that were only counted: of limits that have been quiet for a second, or of all. Ten times a second, and at the end. */
void risk_tell_rest(struct desk *d, uint16_t instance, bool all);

/* ---- what is watched (risk_watch.c) */

/* A venue said no: counts towards the instance's reject limits. */
void risk_count_reject(struct desk *d, uint16_t instance);
/* An order left; one was filled (late: after it had ended). */
void risk_on_sent(struct desk *d, const struct order *o);
void risk_on_fill(struct desk *d, const struct order *o, const struct exec_report *r, bool late);
/* Ten times a second: prices of the last N, the day, every row that is watched. */
void risk_watch(struct desk *d);
/* The same, when numbers have changed: before pairs are looked at. */
void risk_watch_news(struct desk *d);
/* The number that a row's bound is compared with, as it is now. False: it cannot be told (no price). */
bool risk_use(struct desk *d, struct limit_row *r, int64_t *value);
/* What a pair has cost beyond the prices that its decision saw, e8 of the quote currency. */
int64_t risk_pair_slip_e8(const struct desk *d, const struct pair *p);
/* Profit less fees of an account (UINT32_MAX: any) and instance (the same): the least of its currencies, e8. False: something held has no price. Inverse contracts,
 * which earn their base, and fees in coins that are not traded here are not in it. */
bool risk_profit_e8(struct desk *d, uint32_t account, uint32_t instance, int64_t *net_e8);

/* ---- who may open (risk_scope.c) */

/* What a kill does beside closing the gate. STOP lets closes through (REDUCING); the others halt. */
enum kill_mode { KILL_CANCEL, KILL_STOP, KILL_FINISH, KILL_FLATTEN, kill_mode_max };
const char *kill_mode_name(enum kill_mode m);
enum kill_mode kill_mode_find(
	const char *name); /* kill_mode_max: no such word; "" is KILL_CANCEL */

/* A part of the host. */
struct risk_scope {
	uint8_t scope;	/* enum limit_scope */
	uint32_t index; /* of venue, account or instance */
	uint64_t pair;
};

/* "all", "venue:NAME", "account:NAME", "instrument:NAME", "instance:NAME", "pair:ID", or the name alone. False: there is nothing of that name. */
bool risk_scope_find(const struct desk *d, const char *text, struct risk_scope *out);
/* The worst state that holds for an instance, all of its legs, and whose it is. */
enum risk_state risk_state_of(const struct desk *d, uint16_t instance, struct risk_scope *whose);
/* Is the instance in the scope? */
bool risk_scope_holds(const struct desk *d, const struct risk_scope *s, uint16_t instance);
/* Kill, reduce, resume of the whole host: who and why go into the receipt. Kill first closes the gate. */
void risk_set_state(struct desk *d, enum risk_state s, const char *who, const char *why);
/* The same of a part of it, with what is wanted of what it holds; its receipt is FACT_SCOPE. */
void risk_set_scope(struct desk *d, const struct risk_scope *s, enum risk_state to,
		    enum desk_wish wish, const char *text);
/* The gate of the scope, then its orders by the mode. Twice is once (F59). */
void risk_kill(struct desk *d, const struct risk_scope *s, enum kill_mode m, const char *who,
	       const char *why);
/* Cancels every order of the scope that works, asks again for those that only the venue knows. The one place where a venue's mass cancel goes. */
void risk_cancel_scope(struct desk *d, const struct risk_scope *s, uint64_t cause);
/* Opens it again; pauses of its instances end. -ERR_STATE: a limit whose action stopped it is still gone beyond; the text says which. */
int risk_resume(struct desk *d, const struct risk_scope *s, const char *who, const char *why);
/* A bound set by an operator. Tighter at once; looser, or away with it (LIMIT_OFF), only with a reason: -ERR_ARG without. -ERR_FULL: no room for a row or its receipt. */
int risk_set_limit(struct desk *d, enum risk_limit l, const struct risk_scope *s, int64_t value,
		   const char *who, const char *why);

/* ---- receipts of it (risk_recall.c) */

/* num[0] of FACT_LIMIT. */
enum limit_what {
	LIMIT_BEYOND,
	LIMIT_WARNED,
	LIMIT_ENDED,
	LIMIT_SET,
	LIMIT_CARRIED,
	LIMIT_IN_FORCE, /* as a session begins with it */
	limit_what_max
};
uint64_t risk_say_limit(struct desk *d, enum limit_what what, const struct limit_row *r,
			int64_t value, int64_t before, const char *text);
uint64_t risk_say_scope(struct desk *d, const struct risk_scope *s, enum risk_state from,
			const char *text);
/* Every row that bounds anything, as a session begins with it. False: no room. */
bool risk_say_in_force(struct desk *d);
/* States, pauses and limits that differ from the configuration, and what is counted by the day: part of a checkpoint. */
void risk_carry(struct desk *d);
/* One fact on the way back from a restart. */
void risk_recall(struct desk *d, const struct fact *f);
/* A row in words: "order_notional 12000 of global (host.lua:12)". */
void risk_row_words(const struct desk *d, const struct limit_row *r, char *out, size_t cap);
