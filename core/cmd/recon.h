/* recon - a venue's statement against our receipts, execution by execution and both ways: what both have, what one of them has alone, and what they tell differently.
 *
 * Rows go in first, then our executions by rising receipt, twice; an execution is found by its number, or where a statement has none by its order's number, price and quantity; where it has neither, by price, quantity,
 * side and a time within two seconds.
 * About 120 bytes a row. Cold path; one owner. */
#pragma once
#include "adapters/import/statement.h"
#include "core/base/map.h"
#include "core/trade/fact.h"

#define RECON_NAMES	4096
#define RECON_WITHIN_NS 2000000000 /* how far times may be apart where a statement has no numbers */

enum recon_what {
	RECON_ONLY_THEIRS,
	RECON_ONLY_OURS,
	RECON_DIFFERS,
	RECON_TWICE_THEIRS,
	RECON_TWICE_OURS,
	recon_what_max
};

/* What differs of an execution that both have, as bits. */
enum recon_diff {
	RECON_PX = 1,
	RECON_QTY = 2,
	RECON_SIDE = 4,
	RECON_FEE = 8,
	RECON_FEE_ASSET = 16,
	RECON_INSTRUMENT = 32, /* its symbol stands for another instrument everywhere else */
	recon_diff_end = 64
};

struct recon_row {
	uint64_t line, seq; /* seq: the receipt that it was joined with; 0: none */
	int64_t at_ns, px, qty, fee;
	uint32_t exec, order;		     /* places in the texts */
	uint32_t next;			     /* of the same bucket, plus 1 */
	uint32_t instrument;		     /* of the receipt */
	uint16_t symbol, account, fee_asset; /* places in the names */
	uint8_t px_dp, qty_dp, fee_dp, fee_known, side, diff, twice;
};

/* One of ours that no row is: what is needed to read it again. */
struct recon_ours {
	uint64_t seq;
	uint32_t account, instrument;
	bool foreign, twice;
};

/* What was bought and sold of an instrument with fees in one asset, at 8 decimals, by us and by them; of executions in the span. */
struct recon_sum {
	uint32_t instrument, account, fee_asset;
	uint64_t joined;
	int64_t ours_e8[side_max], theirs_e8[side_max], our_fee_e8, their_fee_e8;
};

struct recon {
	struct recon_row *row;
	struct recon_ours *ours;
	struct recon_sum *sum;
	uint32_t n, cap, n_ours, cap_ours, n_sums, cap_sums;
	char *text;
	size_t n_text, cap_text;
	char name[RECON_NAMES][STATEMENT_TEXT];
	uint16_t n_names;
	uint32_t *bucket, mask; /* first row of each, plus 1 */
	struct map
		symbol; /* place of a symbol's name + 1 -> instrument that its first join was of */
	struct map busted;	/* executions that were taken back, by number, order and account */
	int64_t from_ns, to_ns; /* the span; both included */
	bool exact;		/* this time round only what is alike in everything is joined */
	uint64_t out_of_span, joined, differ, foreign, busts;
	uint64_t found[recon_what_max];
};

int recon_open(struct recon *c, int64_t from_ns, int64_t to_ns); /* 0, 0: as the statement has it */
void recon_close(struct recon *c);
int recon_row(struct recon *c, const struct statement_row *row); /* -ERR_NOMEM, -ERR_FULL */
/* All rows are in. -ERR_NOTFOUND: none is within the span. */
int recon_rows_done(struct recon *c);
/* FILL, FOREIGN or BUST: all busts, then all others with `exact` set, then all of these again without it. account 0: whatever account. fee_asset: its name, or NULL. */
int recon_take(struct recon *c, const struct fact *f, const char *fee_asset);
/* Ours that are alone count only where the statement is of their account: one of its executions was joined, or it was asked for. */
void recon_end(struct recon *c, uint32_t account);
bool recon_is_of(const struct recon *c, uint32_t account);
const char *recon_what_name(enum recon_what w);
/* "price, fee": out takes 80 bytes. */
const char *recon_diff_text(unsigned diff, char out[80]);
