#include "tests/unit/diff/world.h"
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000ll

static void on_state(void *core, uint16_t venue, enum venue_state s, const char *why)
{
	struct world *w = core;
	(void)venue, (void)why;
	ck_assert_uint_lt(w->n_states, WORLD_STATES);
	w->state[w->n_states++] = s;
}

static void on_rule(void *core, uint32_t instrument, const struct rule *r)
{
	struct world *w = core;
	w->n_rules++;
	w->rule = *r;
	ck_assert_int_eq(instrument_add_rule(&w->instrument[instrument], r), 0);
}

static void on_depth(void *core, uint32_t instrument, const struct depth *d)
{
	struct world *w = core;
	ck_assert_uint_eq(instrument, 1);
	w->n_depths++;
	w->depth = *d;
	for (unsigned s = 0; s < side_max; s++)
		w->top[s] = d->n[s] ? d->level[s][0] : (struct level){ 0 };
}

static void on_feed_down(void *core, uint16_t venue)
{
	struct world *w = core;
	(void)venue;
	w->n_feed_downs++;
}

static void on_halt(void *core, uint32_t instrument, bool halted)
{
	struct world *w = core;
	(void)instrument;
	w->halted = halted;
}

static void on_alive(void *core, uint16_t venue, int64_t recv_ns)
{
	(void)core, (void)venue, (void)recv_ns;
}

static void on_exec(void *core, const struct exec_report *r)
{
	struct world *w = core;
	ck_assert_uint_lt(w->n_execs, WORLD_EXECS);
	w->exec[w->n_execs++] = *r;
}

static void on_reconciled(void *core, uint16_t venue, bool full)
{
	struct world *w = core;
	(void)venue;
	w->n_reconciled++;
	w->full = full;
}

static void on_lots(void *core, uint16_t account, uint32_t instrument,
		    const int64_t qty[side_max][2], int64_t venue_ns)
{
	struct world *w = core;
	(void)venue_ns;
	ck_assert_uint_eq(account, 4);
	if (instrument == 1) {
		memcpy(w->lots, qty, sizeof w->lots);
	}
}

static void on_balance(void *core, uint16_t account, asset_id asset, int64_t free_e8,
		       int64_t locked_e8, int64_t venue_ns)
{
	struct world *w = core;
	(void)account, (void)asset, (void)venue_ns;
	w->free_e8 = free_e8;
	w->locked_e8 = locked_e8;
}

static void on_bad(void *core, uint16_t venue, uint32_t instrument, enum bad_input what,
		   const char *why, const void *p, size_t n)
{
	struct world *w = core;
	(void)venue, (void)instrument, (void)what, (void)why, (void)p, (void)n;
	w->n_bad++;
}

static void write_key(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static struct diff_endpoint endpoint(enum peer_door d, const char *path)
{
	struct diff_endpoint e = { .peer = { .host = "127.0.0.1",
					     .port = (uint16_t)(PEER_PORT + d) } };
	snprintf(e.path, sizeof(e.path), "%s", path);
	return e;
}

static void set_up(struct world *w)
{
	w->assets.n = 1;
	w->halted = -1;
	w->instrument[0] = (struct instrument){ .symbol = "SHFE.au2704", .venue = 0 };
	w->instrument[1] = (struct instrument){
		.name = "au", .symbol = "SHFE.au2704", .venue = 1, .px_dp = 2, .quote = 1
	};
	w->instrument[2] = (struct instrument){ .symbol = "DCE.c2705", .venue = 1, .quote = 1 };
	strcpy(w->folder, "/tmp/test_diff.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	snprintf(w->user, sizeof(w->user), "%s/user", w->folder);
	snprintf(w->password, sizeof(w->password), "%s/password", w->folder);
	write_key(w->user, "u1\n");
	write_key(w->password, "secret\n");
	w->account = (struct diff_account_options){ .account = 4,
						    .name = "main",
						    .user_file = w->user,
						    .password_file = w->password,
						    .broker = "simnow" };
	w->options = (struct diff_options){
		.venue = 1,
		.stream = endpoint(DOOR_STREAM, "/md"),
		.api = endpoint(DOOR_API, "/trade"),
		.account = &w->account,
		.n_accounts = 1,
		.instrument = w->instrument,
		.n_instruments = 3,
		.assets = &w->assets,
		.host = { .core = w,
			  .env = w->host,
			  .on_state = on_state,
			  .on_rule = on_rule,
			  .on_depth = on_depth,
			  .on_feed_down = on_feed_down,
			  .on_halt = on_halt,
			  .on_alive = on_alive,
			  .on_exec = on_exec,
			  .on_reconciled = on_reconciled,
			  .on_lots = on_lots,
			  .on_balance = on_balance,
			  .on_bad = on_bad },
		.connect_timeout_ns = 2000 * MS,
		.answer_timeout_ns = 1000 * MS,
		.settle_ns = 3000 * MS,
		.backoff_min_ns = 100 * MS,
		.backoff_max_ns = 5000 * MS,
		.feed_silence_ns = 60000 * MS,
		.messages_per_s = 20,
		.reserve_pct = 20,
		.max_orders = 16,
		.day_orders = 64,
		.day_trades = 64,
	};
}

struct world *world_open(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct env *peer_env;
	ck_assert_int_eq(env_sim_open(&(struct env_sim_opt){ .seed = 5, .delay_ns = MS }, &w->sim),
			 0);
	ck_assert_int_eq(env_sim_add(w->sim, "host", &w->host), 0);
	ck_assert_int_eq(env_sim_add(w->sim, "venue", &peer_env), 0);
	peer_open(&w->peer, peer_env, PEER_PORT);
	set_up(w);
	w->venue = diff_open(&w->options);
	ck_assert_ptr_nonnull(w->venue);
	return w;
}

void world_free(struct world *w)
{
	w->venue->ops->free(w->venue);
	peer_free(&w->peer);
	env_sim_free(w->sim);
	unlink(w->user);
	unlink(w->password);
	rmdir(w->folder);
	free(w);
}

void world_run(struct world *w, int64_t ms)
{
	int64_t until = env_sim_now(w->sim) + ms * MS;
	for (struct env *e; (e = env_sim_step(w->sim, until));) {
		struct env_now now;
		env_now(e, &now);
		env_poll(e, e == w->host ? now.mono_ns + 50 * MS : INT64_MAX);
		if (e == w->host)
			w->venue->ops->on_time(w->venue, now.mono_ns);
		env_flush(e);
	}
}

static void say(struct world *w, enum peer_door door, const char *patch)
{
	char text[8192];
	snprintf(text, sizeof text, "{\"aid\":\"rtn_data\",\"data\":[%s]}", patch);
	ck_assert(peer_say(&w->peer, door, text));
	world_run(w, 30);
}

void world_quote(struct world *w, const char *patch)
{
	say(w, DOOR_STREAM, patch);
}

void world_trade(struct world *w, const char *part)
{
	char text[8000];
	snprintf(text, sizeof text, "{\"trade\":{\"u1\":{%s}}}", part);
	say(w, DOOR_API, text);
}

void world_notice(struct world *w, const char *level, int code, const char *content)
{
	char text[512];
	snprintf(
		text, sizeof text,
		"{\"notify\":{\"N1\":{\"type\":\"MESSAGE\",\"level\":\"%s\",\"code\":%d,\"content\":\"%s\"}}}",
		level, code, content);
	say(w, DOOR_API, text);
}

void world_up(struct world *w)
{
	ck_assert_int_eq(w->venue->ops->start(w->venue), 0);
	env_flush(w->host);
	world_run(w, 100);
	world_trade(w, "\"trading_day\":\"20260101\",\"trade_more_data\":false");
	world_run(w, 50);
	ck_assert_int_eq(w->venue->state, VENUE_UP);
}

struct order world_order(uint64_t id)
{
	return (struct order){ .id = id,
			       .instrument = 1,
			       .account = 4,
			       .venue = 1,
			       .side = SIDE_BUY,
			       .type = ORD_LIMIT,
			       .tif = TIF_IOC,
			       .offset = OFFSET_OPEN,
			       .px = 61342,
			       .qty = 3 };
}

void world_expect(const struct world *w, unsigned from, const enum exec_kind *kind, unsigned n)
{
	ck_assert_uint_eq(w->n_execs, from + n);
	for (unsigned i = 0; i < n; i++)
		ck_assert_msg(w->exec[from + i].kind == kind[i], "report %u is %s", i,
			      exec_kind_name((enum exec_kind)w->exec[from + i].kind));
}
