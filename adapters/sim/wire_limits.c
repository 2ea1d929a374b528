#include "adapters/sim/wire_limits.h"
#include "core/base/json_out.h"
#include <string.h>

#define SECOND_NS 1000000000ll

static const struct {
	int32_t limit;
	int64_t length_ns;
} defaults[2][limit_kind_max] = {
	{ { 6000, 60 * SECOND_NS }, { 100, 10 * SECOND_NS }, { 200000, 86400 * SECOND_NS } },
	{ { 2400, 60 * SECOND_NS }, { 300, 10 * SECOND_NS }, { 1200, 60 * SECOND_NS } },
};

void wire_limits_init(struct wire_limits *l, const struct wire_limits_config *c, bool futures)
{
	const int32_t given[] = { c->weight_per_min, c->orders_per_10s, c->orders_per_long };
	_Static_assert(sizeof given / sizeof *given == limit_kind_max, "a setting for every limit");
	*l = (struct wire_limits){ 0 };
	for (int k = 0; k < limit_kind_max; k++) {
		l->limit[k] = given[k] > 0 ? given[k] : defaults[futures][k].limit;
		l->length_ns[k] = defaults[futures][k].length_ns;
	}
}

/* The window that now_ns lies in; its count is 0 when it is a new one. */
static struct limit_window *roll(struct limit_window *w, int64_t now_ns, int64_t length_ns)
{
	int64_t start = now_ns - now_ns % length_ns;
	if (w->start_ns != start)
		*w = (struct limit_window){ .start_ns = start };
	return w;
}

int64_t wire_limits_weight(struct wire_limits *l, int64_t now_ns, int32_t weight)
{
	struct limit_window *w = roll(&l->weight, now_ns, l->length_ns[LIMIT_WEIGHT]);
	if (w->count > l->limit[LIMIT_WEIGHT] - weight)
		return w->start_ns + l->length_ns[LIMIT_WEIGHT];
	w->count += weight;
	return 0;
}

int64_t wire_limits_order(struct wire_limits *l, int64_t now_ns, uint16_t account)
{
	for (int k = LIMIT_ORDERS_SHORT; k < limit_kind_max; k++) {
		struct limit_window *w = roll(&l->orders[account][k], now_ns, l->length_ns[k]);
		if (w->count >= l->limit[k])
			return w->start_ns + l->length_ns[k];
	}
	for (int k = LIMIT_ORDERS_SHORT; k < limit_kind_max; k++)
		l->orders[account][k].count++;
	return 0;
}

void wire_limits_filled(struct wire_limits *l, uint16_t account)
{
	for (int k = LIMIT_ORDERS_SHORT; k < limit_kind_max; k++)
		if (l->orders[account][k].count > 0)
			l->orders[account][k].count--;
}

static const char *interval(int64_t length_ns, int *num)
{
	static const struct {
		const char *name;
		int64_t ns;
	} unit[] = { { "DAY", 86400 * SECOND_NS },
		     { "MINUTE", 60 * SECOND_NS },
		     { "SECOND", SECOND_NS } };
	int i = 0;
	while (i < 2 && length_ns % unit[i].ns)
		i++;
	*num = (int)(length_ns / unit[i].ns);
	return unit[i].name;
}

static void one(const struct wire_limits *l, struct json_out *j, enum limit_kind k, int32_t count)
{
	int num;
	json_obj(j, NULL);
	json_str(j, "rateLimitType", k == LIMIT_WEIGHT ? "REQUEST_WEIGHT" : "ORDERS");
	json_str(j, "interval", interval(l->length_ns[k], &num));
	json_int(j, "intervalNum", num);
	json_int(j, "limit", l->limit[k]);
	if (count >= 0)
		json_int(j, "count", count);
	json_obj_end(j);
}

void wire_limits_write(const struct wire_limits *l, struct json_out *j, bool orders,
		       uint16_t account)
{
	json_arr(j, "rateLimits");
	for (int k = LIMIT_ORDERS_SHORT; orders && k < limit_kind_max; k++)
		one(l, j, k, l->orders[account][k].count);
	one(l, j, LIMIT_WEIGHT, l->weight.count);
	json_arr_end(j);
}

void wire_limits_describe(const struct wire_limits *l, struct json_out *j)
{
	json_arr(j, "rateLimits");
	for (int k = 0; k < limit_kind_max; k++)
		one(l, j, k, -1);
	json_arr_end(j);
}
