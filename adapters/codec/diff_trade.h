/* diff_trade - one user's part of a DIFF picture: orders, trades, positions, money, and what was said to him, kept as structs.
 *
 * The picture of a login is whole once trade_more_data is false; until then what is absent means nothing (F64). Which entries a pack changed is listed, in the order in which it named
 * them, orders apart from trades, so that fills can be told before the order that they end. Tables are of fixed size: what does not fit is a broken picture, and said to be. Memory at
 * init; one owner. */
#pragma once
#include "adapters/codec/diff_patch.h"
#include "core/base/map.h"

#define DIFF_ID	      64 /* of an order or a trade, with its end */
#define DIFF_ACCOUNTS 4
#define DIFF_NOTIFIES 16

enum diff_direction { DIFF_BUY = 1, DIFF_SELL };
enum diff_offset { DIFF_OPEN = 1, DIFF_CLOSE, DIFF_CLOSETODAY };
enum diff_order_status { DIFF_ALIVE = 1, DIFF_FINISHED };

struct diff_order {
	char key[DIFF_ID], order_id[DIFF_ID], exchange_id[8], instrument_id[32];
	char exchange_order_id[24], last_msg[96];
	uint8_t direction, offset, status; /* the enums above, 0: not said */
	int64_t volume_orign, volume_left, price_e8;
	int64_t insert_ns; /* as the server dates it */
	bool listed;
	/* The reader's own notes, nothing at first: */
	bool acked, ended;
	int64_t told_lots; /* of its fills */
};

struct diff_trade {
	char key[DIFF_ID], order_id[DIFF_ID], exchange_id[8], instrument_id[32];
	char exchange_trade_id[24];
	uint8_t direction, offset;
	int64_t volume, price_e8, commission_e8, at_ns;
	bool listed, told; /* told: the reader's own */
};

struct diff_position {
	char key[48], exchange_id[8], instrument_id[32];
	/* Lots; his: of earlier days. Newer servers say pos_*, older ones volume_*. */
	int64_t pos_long_today, pos_long_his, pos_short_today, pos_short_his;
	int64_t volume_long_today, volume_long_his, volume_short_today, volume_short_his;
	int64_t frozen_long_today, frozen_long_his, frozen_short_today, frozen_short_his;
	bool listed;
};

struct diff_account {
	char key[16], currency[16];
	int64_t balance_e8, available_e8, margin_e8, frozen_margin_e8, frozen_commission_e8;
	bool listed;
};

struct diff_notify {
	char type[16], level[12], content[160];
	int64_t code;
};

/* Rows of one kind, found by the text of their key. */
struct diff_table {
	char *row;
	uint32_t n, cap, size; /* size: bytes of a row */
	struct map by_key;
	uint32_t *listed; /* rows that changed since they were last taken */
	uint32_t n_listed;
	const struct diff_field *field;
	uint16_t n_fields, listed_at, key_size;
};

struct diff_user {
	struct diff_table orders, trades, positions, accounts;
	char user[72], trading_day[16];
	bool any;     /* his part has been seen at all */
	uint8_t more; /* trade_more_data: the picture is not whole yet */
	struct diff_notify notify[DIFF_NOTIFIES];
	uint32_t n_notifies;
	const char *why;
};

struct diff_user_sizes {
	uint32_t orders, trades, positions;
};
/* user: whose part is read. -ERR_NOMEM. */
int diff_user_init(struct diff_user *u, const char *user, const struct diff_user_sizes *s);
void diff_user_free(struct diff_user *u);
/* A new login: an empty picture. */
void diff_user_reset(struct diff_user *u);
/* The `trade` or `notify` of a patch. -ERR_PARSE, -ERR_FULL with u->why: the picture is broken. */
int diff_user_trade(struct diff_user *u, const struct json_value *trade);
int diff_user_notify(struct diff_user *u, const struct json_value *notify);
/* Is the whole of it here? */
bool diff_user_whole(const struct diff_user *u);

static inline struct diff_order *diff_order_at(const struct diff_user *u, uint32_t i)
{
	return (struct diff_order *)(void *)(u->orders.row + (size_t)i * u->orders.size);
}
static inline struct diff_trade *diff_trade_at(const struct diff_user *u, uint32_t i)
{
	return (struct diff_trade *)(void *)(u->trades.row + (size_t)i * u->trades.size);
}
static inline struct diff_position *diff_position_at(const struct diff_user *u, uint32_t i)
{
	return (struct diff_position *)(void *)(u->positions.row + (size_t)i * u->positions.size);
}
static inline struct diff_account *diff_account_at(const struct diff_user *u, uint32_t i)
{
	return (struct diff_account *)(void *)(u->accounts.row + (size_t)i * u->accounts.size);
}
/* NULL: not in the picture. */
struct diff_order *diff_user_order(const struct diff_user *u, const char *id);
/* Forgets which rows changed. */
void diff_table_taken(struct diff_table *t);
/* Lots of a position: [long or short][today, earlier]; 0 where nothing was said. */
int64_t diff_position_lots(const struct diff_position *p, bool is_short, bool today);
