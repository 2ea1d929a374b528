/* tally_part - what the pages of the tally share; nobody else includes it. Engine's thread. */
#pragma once
#include "core/trade/desk.h"
#include "core/trade/tally.h"

struct tally_form {
	const char *name;
	enum tally_scope scope;
	bool bars;
	const char *text;
};
extern const struct tally_form tally_form[];

/* Whose count a fact changes. */
struct tally_place {
	struct tally *t;
	uint16_t account, group, exchange;
	uint32_t instrument;
	int64_t utc_ns;
	struct tally_row *contract, *all;
	struct tally_window *window;
	bool contract_idle,
		all_idle; /* a day has begun in which nothing was counted there yet: for those who only look */
};

struct tally_row *tally_contract(const struct tally *t, uint32_t slot, uint16_t group);
struct tally_row *tally_exchange_row(const struct tally *t, uint16_t exchange, uint16_t group);
struct tally_window *tally_second(const struct tally *t, uint16_t exchange, uint16_t group);
/* The trading day of a contract; between two sessions the day that was goes on. */
int32_t tally_day_at(struct tally *t, uint32_t slot, int64_t utc_ns);
/* A new day begins at nothing, with the rules that are in force. A clock that is set back does not bring yesterday again. */
void tally_roll(const struct tally *t, struct tally_row *r, uint32_t instrument,
		const char *exchange, int32_t day);
/* Account, instrument and moment are given: the rows that they belong to, in their day. */
void tally_rows(struct tally *t, struct tally_place *p);
/* The same for those who only look: the rows stay as receipts have made them, or a restart would differ. */
void tally_look(struct tally *t, struct tally_place *p);
/* Where a fact belongs, in whatever day its rows are. False: what it speaks of is not counted. */
bool tally_find(struct desk *d, const struct fact *f, struct tally_place *p);
bool tally_exempt(const struct config_exchange_rule *r, uint16_t account);
/* Messages of the last second: those before are forgotten; one more. */
void tally_forget(struct tally_window *w, int64_t utc_ns);
void tally_push(struct tally_window *w, int64_t utc_ns);
/* Counts a fact. False: there was nothing to count, and *p is not set. */
bool tally_count(struct desk *d, const struct fact *f, struct tally_place *p);
