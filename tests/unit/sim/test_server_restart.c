/* Proves that a venue that is killed goes on where it was: keys, ports, balances, orders, numbers, the market's place; by SIGKILL of a real process over TLS too. */
#include "core/io/env_live.h"
#include "tests/unit/sim/server_fixture.h"
#include <signal.h>
#include <sys/wait.h>

#define STREAM "/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms"

/* The top of a book as text. */
static char *depth_text(struct server_fixture *x)
{
	ck_assert_int_eq(rest_ask(x, SPOT, "GET", "/api/v3/depth?symbol=BTCUSDT&limit=20", false),
			 200);
	return strdup(x->body);
}

static void trade_a_little(struct server_fixture *x, struct client *c)
{
	request(x, c, SPOT, "order.place",
		"symbol=BTCUSDT side=BUY type=MARKET quantity=0.5 newClientOrderId=taken");
	request(x, c, SPOT, "order.place",
		"symbol=BTCUSDT side=BUY type=LIMIT timeInForce=GTC price=60000 quantity=1 newClientOrderId=rests");
	run_for(x, 10 * MS);
	ck_assert_ptr_nonnull(heard(c, "\"clientOrderId\":\"rests\""));
}

START_TEST(test_goes_on)
{
	char key[65], again[65];
	struct server_fixture *x = server_fixture_new(NULL);
	struct client *c = dial(x, 0, SPOT, "/ws-api/v3");
	dial(x, 1, SPOT, STREAM);
	dial(x, 2, USDM, "/public/ws/btcusdt@bookTicker");
	run_for(x, 3 * SECOND);
	trade_a_little(x, c);
	char *before = depth_text(x);
	read_key(x, SPOT, "secret", key);
	uint64_t popped = x->server.state.page->popped,
		 id = x->server.venue[SPOT].wire.exchange.next_id;
	uint16_t port = x->server.venue[SPOT].port;
	int64_t usdt = exchange_funds(&x->server.venue[SPOT].wire.exchange, 0)->money[2].free_e8;
	fixture_stop(x);
	run_for(x, 10 * MS);
	ck_assert(c->closed);
	fixture_start(x);
	read_key(x, SPOT, "secret", again);
	ck_assert_str_eq(key, again);
	ck_assert_uint_eq(x->server.venue[SPOT].port, port);
	ck_assert_uint_eq(x->server.state.page->popped, popped);
	ck_assert_uint_eq(x->server.venue[SPOT].wire.exchange.next_id, id);
	ck_assert_int_eq(exchange_funds(&x->server.venue[SPOT].wire.exchange, 0)->money[2].free_e8,
			 usdt);
	/* The book as it was, and the market stands until somebody listens. */
	char *after = depth_text(x);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	run_for(x, 2 * SECOND);
	ck_assert_uint_eq(x->server.state.page->popped, popped);
	c = dial(x, 3, SPOT, "/ws-api/v3");
	request(x, c, SPOT, "order.status", "symbol=BTCUSDT origClientOrderId=rests");
	request(x, c, SPOT, "myTrades", "symbol=BTCUSDT");
	run_for(x, 10 * MS);
	ck_assert_ptr_nonnull(heard(c, "\"status\":\"NEW\""));
	ck_assert_ptr_nonnull(heard(c, "\"isBuyer\":true"));
	struct client *s = dial(x, 4, SPOT, STREAM);
	dial(x, 5, USDM, "/public/ws/btcusdt@bookTicker");
	run_for(x, SECOND);
	ck_assert_int_gt(s->n, 10);
	ck_assert_uint_gt(x->server.state.page->popped, popped);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_another_source_is_refused)
{
	struct server_fixture *x = server_fixture_new(NULL);
	fixture_stop(x);
	x->setup.seed++;
	ck_assert_int_eq(env_sim_add(x->world, "venue", &x->venue), 0);
	ck_assert_int_eq(server_open(&x->server, &x->setup, x->venue, NULL), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "another source or seed"));
	x->setup.seed--;
	ck_assert_int_eq(server_open(&x->server, &x->setup, x->venue, NULL), 0);
	server_fixture_free(x);
}
END_TEST

START_TEST(test_a_start_that_failed_binds_nothing)
{
	struct server_fixture *x = server_fixture_new(NULL);
	fixture_stop(x);
	nftw(x->dir, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	ck_assert_int_eq(env_sim_add(x->world, "venue", &x->venue), 0);
	x->setup.source = SETUP_RECORDING;
	x->setup.n_files = 1;
	strcpy(x->setup.file[0].path, "/nowhere/at/all.gz");
	ck_assert_int_lt(server_open(&x->server, &x->setup, x->venue, NULL), 0);
	ck_assert_ptr_nonnull(strstr(err_text(), "/nowhere/at/all.gz"));
	x->setup.source = SETUP_GENERATOR;
	ck_assert_int_eq(server_open(&x->server, &x->setup, x->venue, NULL), 0);
	server_fixture_free(x);
}
END_TEST

static void short_market(struct venue_setup *u)
{
	u->duration_ns = 2 * SECOND;
	u->start = SETUP_NOW;
}

START_TEST(test_the_end_is_marked)
{
	char path[96];
	struct server_fixture *x = server_fixture_new(short_market);
	struct client *s = dial(x, 0, SPOT, STREAM);
	snprintf(path, sizeof path, "%s/finished", x->dir);
	run_for(x, SECOND);
	ck_assert_int_ne(access(path, F_OK), 0);
	run_for(x, 2 * SECOND);
	ck_assert_int_eq(access(path, F_OK), 0);
	int n = s->n;
	run_for(x, 5 * SECOND);
	ck_assert_int_eq(s->n, n);
	ck_assert(s->open);
	ck_assert_int_eq(rest_ask(x, SPOT, "GET", "/api/v3/time", false), 200);
	server_fixture_free(x);
}
END_TEST

/* ---------------------------------------------------------------- a real process, TLS, SIGKILL */

static pid_t start_process(const struct venue_setup *u, int *ready)
{
	int fd[2];
	ck_assert_int_eq(pipe(fd), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		static struct server s;
		struct env *e;
		uint16_t ports[2] = { 0 };
		const struct env_live_opt o = { .signals = true };
		if (env_live_open(&o, &e) == 0 && server_open(&s, u, e, NULL) == 0) {
			ports[0] = s.venue[0].port;
			ports[1] = s.venue[1].port;
		} else {
			fprintf(stderr, "%s\n", err_text());
		}
		(void)!write(fd[1], ports, sizeof ports);
		for (struct env_command c; ports[0] && !env_command(e, &c);) {
			if (server_turn(&s) != 0)
				break;
			env_flush(e);
			env_poll(e, server_next(&s));
		}
		_exit(0);
	}
	uint16_t ports[2] = { 0 };
	ck_assert_int_eq(read(fd[0], ports, sizeof ports), sizeof ports);
	ck_assert_uint_ne(ports[0], 0);
	close(fd[0]);
	close(fd[1]);
	*ready = ports[0];
	return pid;
}

/* A client over TLS that trusts the venue's own authority. */
static struct client *dial_tls(struct server_fixture *x, int at, int port)
{
	struct client *c = &x->client[at];
	struct env_peer p = { .port = (uint16_t)port, .tls = true };
	snprintf(p.host, sizeof p.host, "localhost");
	snprintf(p.ca_file, sizeof p.ca_file, "%s/tls/ca.pem", x->dir);
	c->closed = c->open = false;
	c->env = x->host;
	ck_assert_int_eq(ws_client_start(&c->ws, &p, "/ws-api/v3", NULL), 0);
	return c;
}

/* True once the client has heard it; false after two seconds or when the connection is gone. */
static bool wait_for(struct server_fixture *x, struct client *c, const char *what)
{
	struct env_now now, end;
	env_now(x->host, &end);
	for (env_now(x->host, &now); now.mono_ns - end.mono_ns < 2 * SECOND && !c->closed;
	     env_now(x->host, &now)) {
		env_flush(x->host);
		env_poll(x->host, now.mono_ns + 10 * MS);
		if (what ? heard(c, what) != NULL : c->open)
			return true;
	}
	return false;
}

START_TEST(test_sigkill_between_fills)
{
	struct server_fixture *x = calloc(1, sizeof *x);
	strcpy(x->dir, "/tmp/tandem-venue-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(x->dir));
	fixture_setup(&x->setup, x->dir);
	x->setup.plaintext = false;
	x->setup.venue[0].port = x->setup.venue[1].port = 0;
	int port = 0, first_port = 0, told = 0;
	for (int life = 0; life < 4; life++) {
		pid_t pid = start_process(&x->setup, &port);
		ck_assert(life == 0 || port == first_port);
		first_port = port;
		ck_assert_int_eq(env_live_open(NULL, &x->host), 0);
		struct client *c = &x->client[life];
		ck_assert_int_eq(ws_init(&c->ws, x->host, NULL, &client_handler, c), 0);
		dial_tls(x, life, port);
		ck_assert(wait_for(x, c, NULL));
		for (int i = 0; i < 5; i++) {
			request(x, c, SPOT, "order.place",
				"symbol=BTCUSDT side=BUY type=MARKET quantity=0.001");
			/* The last one is on its way when the venue dies. */
			if (i == 4)
				env_flush(x->host);
			else if (wait_for(x, c, "\"status\":\"FILLED\""))
				told++;
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ws_free(&c->ws);
		while (c->n)
			free(c->text[--c->n]);
		x->host->ops->free(x->host);
	}
	ck_assert_int_eq(told, 16);
	static struct ledger_totals t;
	char path[96];
	snprintf(path, sizeof path, "%s/spot.ledger", x->dir);
	ck_assert_int_eq(ledger_totals(path, &t), 0);
	ck_assert_msg(ledger_check(&t) == 0, "%s", err_text());
	ck_assert_uint_eq(t.starts, 4);
	ck_assert_uint_ge(t.orders, 16);
	ck_assert_uint_le(t.orders, 20);
	ck_assert_uint_ge(t.fills, t.orders);
	nftw(x->dir, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(x);
}
END_TEST

SUITE("server_restart", test_goes_on, test_another_source_is_refused,
      test_a_start_that_failed_binds_nothing, test_the_end_is_marked, test_sigkill_between_fills)
