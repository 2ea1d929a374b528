/* The counter's side of DIFF for tests: three users, the contracts of cn_fixture.h, and a ledger in /tmp. */
#pragma once
#include "adapters/sim/cn_wire.h"
#include "tests/unit/sim/cn_fixture.h"
#include <stdio.h>
#include <unistd.h>

#define MORNING at(1, H(9, 30))

struct counter {
	struct cn_world
		w; /* its contracts and calendars; its exchange is only there to make them */
	struct cn_wire wire;
	struct knobs knobs;
	struct assets assets;
	struct server_key key[3];
	struct cn_talk talk;
	char ledger[64], said[1u << 20];
};
static const char *const symbols[CONTRACTS] = { "SHFE.au", "DCE.c", "CFFEX.IF", "CZCE.SR" };

/* One more venue of the same configuration on another ledger. */
static inline int counter_wire(struct counter *c, struct cn_wire *w, const char *ledger,
			       int64_t now_ns)
{
	const struct cn_wire_config config = { .exchange = c->w.config,
					       .assets = &c->assets,
					       .name = "cn",
					       .account = { "a", "b", "c" },
					       .key = c->key,
					       .n_keys = 3,
					       .ledger = ledger };
	return cn_wire_init(w, &config, &c->knobs, now_ns);
}

static inline struct counter *open_counter(void)
{
	struct counter *c = calloc(1, sizeof *c);
	struct knobs_config knobs;
	cn_world_init(&c->w, MORNING);
	c->assets.n = 1;
	ck_assert(asset_intern(&c->assets, "X") == 1 && asset_intern(&c->assets, "CNY") == 2);
	for (int i = 0; i < CONTRACTS; i++)
		snprintf(c->w.instrument[i].symbol, sizeof c->w.instrument[i].symbol, "%s",
			 symbols[i]);
	for (uint16_t a = 0; a < 3; a++) {
		c->key[a] = (struct server_key){ .kind = SERVER_KEY_HMAC, .account = a };
		snprintf(c->key[a].api_key, sizeof c->key[a].api_key, "u%u", a);
		snprintf(c->key[a].secret, sizeof c->key[a].secret, "p%u", a);
	}
	snprintf(c->ledger, sizeof c->ledger, "/tmp/test_cn_wire.%d", getpid());
	unlink(c->ledger);
	knobs_config_init(&knobs);
	ck_assert_int_eq(knobs_init(&c->knobs, &knobs, 1, MORNING), 0);
	ck_assert_msg(counter_wire(c, &c->wire, c->ledger, MORNING) == 0, "%s", err_text());
	return c;
}

static inline void close_counter(struct counter *c)
{
	static struct ledger_totals t;
	cn_wire_free(&c->wire);
	ck_assert_int_eq(ledger_totals(c->ledger, &t), 0);
	ck_assert_msg(ledger_check(&t) == 0, "%s", err_text());
	unlink(c->ledger);
	cn_world_free(&c->w);
	free(c);
}

static inline void ask(struct counter *c, int64_t now_ns, const char *text)
{
	cn_wire_ask(&c->wire, &c->talk, now_ns, text, strlen(text));
}
