#include "adapters/codec/diff_trade.h"
#include "adapters/codec/diff_pack.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>

static const char *const directions[] = { "BUY", "SELL", NULL };
static const char *const offsets[] = { "OPEN", "CLOSE", "CLOSETODAY", NULL };
static const char *const statuses[] = { "ALIVE", "FINISHED", NULL };

#define O(m) DIFF_AT(struct diff_order, m)
static const struct diff_field order_fields[] = {
	{ "order_id", DIFF_TEXT, O(order_id), NULL },
	{ "exchange_id", DIFF_TEXT, O(exchange_id), NULL },
	{ "instrument_id", DIFF_TEXT, O(instrument_id), NULL },
	{ "direction", DIFF_WORD, O(direction), directions },
	{ "offset", DIFF_WORD, O(offset), offsets },
	{ "volume_orign", DIFF_INT, O(volume_orign), NULL },
	{ "volume_left", DIFF_INT, O(volume_left), NULL },
	{ "limit_price", DIFF_E8, O(price_e8), NULL },
	{ "status", DIFF_WORD, O(status), statuses },
	{ "last_msg", DIFF_TEXT, O(last_msg), NULL },
	{ "exchange_order_id", DIFF_TEXT, O(exchange_order_id), NULL },
	{ "insert_date_time", DIFF_INT, O(insert_ns), NULL },
};

#define T(m) DIFF_AT(struct diff_trade, m)
static const struct diff_field trade_fields[] = {
	{ "order_id", DIFF_TEXT, T(order_id), NULL },
	{ "exchange_id", DIFF_TEXT, T(exchange_id), NULL },
	{ "instrument_id", DIFF_TEXT, T(instrument_id), NULL },
	{ "exchange_trade_id", DIFF_TEXT, T(exchange_trade_id), NULL },
	{ "direction", DIFF_WORD, T(direction), directions },
	{ "offset", DIFF_WORD, T(offset), offsets },
	{ "volume", DIFF_INT, T(volume), NULL },
	{ "price", DIFF_E8, T(price_e8), NULL },
	{ "commission", DIFF_E8, T(commission_e8), NULL },
	{ "trade_date_time", DIFF_INT, T(at_ns), NULL },
};

#define P(m) DIFF_AT(struct diff_position, m)
static const struct diff_field position_fields[] = {
	{ "exchange_id", DIFF_TEXT, P(exchange_id), NULL },
	{ "instrument_id", DIFF_TEXT, P(instrument_id), NULL },
	{ "pos_long_today", DIFF_INT, P(pos_long_today), NULL },
	{ "pos_long_his", DIFF_INT, P(pos_long_his), NULL },
	{ "pos_short_today", DIFF_INT, P(pos_short_today), NULL },
	{ "pos_short_his", DIFF_INT, P(pos_short_his), NULL },
	{ "volume_long_today", DIFF_INT, P(volume_long_today), NULL },
	{ "volume_long_his", DIFF_INT, P(volume_long_his), NULL },
	{ "volume_short_today", DIFF_INT, P(volume_short_today), NULL },
	{ "volume_short_his", DIFF_INT, P(volume_short_his), NULL },
	{ "volume_long_frozen_today", DIFF_INT, P(frozen_long_today), NULL },
	{ "volume_long_frozen_his", DIFF_INT, P(frozen_long_his), NULL },
	{ "volume_short_frozen_today", DIFF_INT, P(frozen_short_today), NULL },
	{ "volume_short_frozen_his", DIFF_INT, P(frozen_short_his), NULL },
};

#define A(m) DIFF_AT(struct diff_account, m)
static const struct diff_field account_fields[] = {
	{ "currency", DIFF_TEXT, A(currency), NULL },
	{ "balance", DIFF_E8, A(balance_e8), NULL },
	{ "available", DIFF_E8, A(available_e8), NULL },
	{ "margin", DIFF_E8, A(margin_e8), NULL },
	{ "frozen_margin", DIFF_E8, A(frozen_margin_e8), NULL },
	{ "frozen_commission", DIFF_E8, A(frozen_commission_e8), NULL },
};

#define N(m) DIFF_AT(struct diff_notify, m)
static const struct diff_field notify_fields[] = {
	{ "type", DIFF_TEXT, N(type), NULL },
	{ "level", DIFF_TEXT, N(level), NULL },
	{ "content", DIFF_TEXT, N(content), NULL },
	{ "code", DIFF_INT, N(code), NULL },
};

#define U(m) DIFF_AT(struct diff_user, m)
static const struct diff_field user_fields[] = {
	{ "trade_more_data", DIFF_BOOL, U(more), NULL },
	{ "trading_day", DIFF_TEXT, U(trading_day), NULL },
};
#define COUNT(a) (unsigned)(sizeof(a) / sizeof *(a))

/* ---------------------------------------------------------------- tables */

#define TABLE(type, fields, capacity)                                                     \
	(struct diff_table)                                                               \
	{                                                                                 \
		.cap = (capacity), .size = sizeof(type), .field = (fields),               \
		.n_fields = (uint16_t)COUNT(fields), .listed_at = offsetof(type, listed), \
		.key_size = sizeof(((type *)0)->key)                                      \
	}

static int take_memory(struct diff_table *t)
{
	t->row = calloc(t->cap, t->size);
	t->listed = calloc(t->cap, sizeof *t->listed);
	if (!t->row || !t->listed)
		return -ERR_NOMEM;
	return map_init(&t->by_key, t->cap);
}

static void forget(struct diff_table *t)
{
	map_clear(&t->by_key);
	t->n = t->n_listed = 0;
}

void diff_table_taken(struct diff_table *t)
{
	for (uint32_t i = 0; i < t->n_listed; i++)
		t->row[(size_t)t->listed[i] * t->size + t->listed_at] = 0;
	t->n_listed = 0;
}

/* Two texts of one hash: the second lies under the next number. */
static char *find(const struct diff_table *t, const char *key, size_t n, uint64_t *hash)
{
	uint32_t i;
	for (*hash = map_hash_bytes(key, n) | 1; map_get(&t->by_key, *hash, &i); *hash += 2) {
		char *row = t->row + (size_t)i * t->size;
		if (strlen(row) == n && !memcmp(row, key, n))
			return row;
	}
	return NULL;
}

static char *find_or_add(struct diff_table *t, const struct json_value *key, const char **why)
{
	uint64_t hash;
	char *row = find(t, key->p, key->n, &hash);
	if (row)
		return row;
	*why = "a key that is too long, or escaped";
	if (key->n == 0 || key->n >= t->key_size || key->escaped || memchr(key->p, 0, key->n))
		return NULL;
	*why = "more entries than there is room for";
	if (t->n == t->cap || map_put(&t->by_key, hash, t->n))
		return NULL;
	row = t->row + (size_t)t->n++ * t->size;
	memset(row, 0, t->size);
	diff_clear(t->field, t->n_fields, row);
	memcpy(row, key->p, key->n);
	return row;
}

static int patch_table(struct diff_table *t, const struct json_value *object, const char **why)
{
	struct diff_each e;
	struct json_value key, v;
	diff_each_open(&e, object);
	while (diff_each_next(&e, &key, &v)) {
		char *row = find_or_add(t, &key, why);
		if (!row)
			return -ERR_FULL;
		if (!row[t->listed_at]) {
			row[t->listed_at] = 1;
			t->listed[t->n_listed++] = (uint32_t)((size_t)(row - t->row) / t->size);
		}
		if (v.token == TOKEN_NULL) { /* it stays as an entry that says nothing */
			diff_clear(t->field, t->n_fields, row);
			continue;
		}
		int rc = diff_apply(t->field, t->n_fields, &v, row, NULL, why);
		if (rc)
			return rc;
	}
	*why = e.j.error ? e.j.error : "";
	return e.j.error ? -ERR_PARSE : 0;
}

/* ---------------------------------------------------------------- the user */

static struct diff_table *tables(struct diff_user *u, unsigned i)
{
	struct diff_table *all[] = { &u->orders, &u->trades, &u->positions, &u->accounts };
	return all[i];
}
enum { TABLES = 4 };
static const char *const table_name[TABLES] = { "orders", "trades", "positions", "accounts" };

int diff_user_init(struct diff_user *u, const char *user, const struct diff_user_sizes *s)
{
	*u = (struct diff_user){ .why = "" };
	snprintf(u->user, sizeof u->user, "%s", user);
	u->orders = TABLE(struct diff_order, order_fields, s->orders);
	u->trades = TABLE(struct diff_trade, trade_fields, s->trades);
	u->positions = TABLE(struct diff_position, position_fields, s->positions);
	u->accounts = TABLE(struct diff_account, account_fields, DIFF_ACCOUNTS);
	int rc = 0;
	for (unsigned i = 0; !rc && i < TABLES; i++)
		rc = take_memory(tables(u, i));
	if (rc) {
		diff_user_free(u);
		return err_set(ERR_NOMEM, "no memory for %u orders of a day", s->orders);
	}
	return 0;
}

void diff_user_free(struct diff_user *u)
{
	for (unsigned i = 0; i < TABLES; i++) {
		map_free(&tables(u, i)->by_key);
		free(tables(u, i)->row);
		free(tables(u, i)->listed);
	}
	*u = (struct diff_user){ .why = "" };
}

void diff_user_reset(struct diff_user *u)
{
	for (unsigned i = 0; i < TABLES; i++)
		forget(tables(u, i));
	u->any = false;
	u->more = 0;
	u->n_notifies = 0;
	u->trading_day[0] = 0;
}

static int patch_user(struct diff_user *u, const struct json_value *object)
{
	struct diff_each e;
	struct json_value key, v;
	int rc = diff_apply(user_fields, COUNT(user_fields), object, u, NULL, &u->why);
	u->any = true;
	diff_each_open(&e, object);
	while (!rc && diff_each_next(&e, &key, &v))
		for (unsigned i = 0; !rc && i < TABLES; i++) {
			if (key.n != strlen(table_name[i]) ||
			    memcmp(key.p, table_name[i], key.n) != 0)
				continue;
			if (v.token == TOKEN_NULL)
				forget(tables(u, i));
			else
				rc = patch_table(tables(u, i), &v, &u->why);
		}
	return rc;
}

int diff_user_trade(struct diff_user *u, const struct json_value *trade)
{
	struct diff_each e;
	struct json_value key, v;
	diff_each_open(&e, trade);
	while (diff_each_next(&e, &key, &v)) {
		if (key.n != strlen(u->user) || memcmp(key.p, u->user, key.n) != 0)
			continue;
		if (v.token == TOKEN_NULL) {
			diff_user_reset(u);
			continue;
		}
		int rc = patch_user(u, &v);
		if (rc)
			return rc;
	}
	u->why = e.j.error ? e.j.error : "";
	return e.j.error ? -ERR_PARSE : 0;
}

int diff_user_notify(struct diff_user *u, const struct json_value *notify)
{
	struct diff_each e;
	struct json_value key, v;
	diff_each_open(&e, notify);
	while (diff_each_next(&e, &key, &v)) {
		if (v.token == TOKEN_NULL || u->n_notifies == DIFF_NOTIFIES)
			continue;
		struct diff_notify *n = &u->notify[u->n_notifies];
		diff_clear(notify_fields, COUNT(notify_fields), n);
		int rc = diff_apply(notify_fields, COUNT(notify_fields), &v, n, NULL, &u->why);
		if (rc)
			return rc;
		u->n_notifies++;
	}
	u->why = e.j.error ? e.j.error : "";
	return e.j.error ? -ERR_PARSE : 0;
}

bool diff_user_whole(const struct diff_user *u)
{
	return u->any && !u->more;
}

struct diff_order *diff_user_order(const struct diff_user *u, const char *id)
{
	uint64_t hash;
	return (struct diff_order *)(void *)find(&u->orders, id, strlen(id), &hash);
}

int64_t diff_position_lots(const struct diff_position *p, bool is_short, bool today)
{
	const int64_t pos[2][2] = { { p->pos_long_his, p->pos_long_today },
				    { p->pos_short_his, p->pos_short_today } };
	const int64_t volume[2][2] = { { p->volume_long_his, p->volume_long_today },
				       { p->volume_short_his, p->volume_short_today } };
	int64_t lots = pos[is_short][today];
	if (lots == DIFF_NONE)
		lots = volume[is_short][today];
	return lots == DIFF_NONE ? 0 : lots;
}
