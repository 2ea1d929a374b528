#include "adapters/sim/server.h"
#include "adapters/sim/server_parts.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTEN_CHECK_NS 1000000000ll /* listen keys are looked at this often */

int64_t venue_clock(const struct server_venue *v, int64_t mono_ns)
{
	const struct env_now *now = &v->server->now;
	return knobs_clock(&v->wire.knobs, now->utc_ns - (now->mono_ns - mono_ns));
}

/* ---------------------------------------------------------------- opening */

/* Where each made symbol starts, as far as that is stated or there are more than the first two. */
static int digest_symbols(const struct venue_setup *u, char *out, size_t cap)
{
	int n = 0;
	for (uint16_t v = 0; u->source == SETUP_GENERATOR && v < u->n_venues; v++)
		for (uint16_t i = 0; i < u->venue[v].n_instruments; i++)
			if (i || u->venue[v].mid_e8[i] || u->venue[v].follows[i].symbol[0])
				n += snprintf(out + n, cap - (size_t)n, " %u %s %lld %lld", v,
					      u->venue[v].instrument[i].symbol,
					      (long long)u->venue[v].mid_e8[i],
					      (long long)u->venue[v].instrument[i].rule[0].tick);
	return n;
}

/* What the market is made of: going on with another one would tear its line of time. */
static uint64_t source_digest(const struct venue_setup *u)
{
	char text[8192];
	uint8_t digest[DIGEST_LEN];
	uint64_t out;
	const struct generator_config *g = &u->generator;
	int n = snprintf(text, sizeof text, "%u %llu %llu %lld %u %lld %lld %lld %lld %lld",
			 u->source, (unsigned long long)u->seed, (unsigned long long)g->seed,
			 (long long)g->mid_e8, g->rate_pct, (long long)g->basis_mean_ppb,
			 (long long)g->basis_dev_ppb, (long long)g->excursion_ns,
			 (long long)g->excursion_ppb, (long long)(u->has_start ? g->start_ns : 0));
	for (uint32_t i = 0; u->source == SETUP_RECORDING && i < u->n_files; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, " %s %u", u->file[i].path,
			      u->file[i].venue);
	n += digest_symbols(u, text + n, sizeof text - (size_t)n);
	digest_sha256(text, (size_t)n, digest);
	memcpy(&out, digest, sizeof out);
	return out;
}

static int open_wire(struct server *s, uint16_t at)
{
	struct server_venue *v = &s->venue[at];
	const struct setup_venue *u = &s->setup->venue[at];
	struct server_key key[WIRE_KEYS];
	char ledger[320];
	uint32_t n_keys = 0;
	snprintf(ledger, sizeof ledger, "%s/%s.ledger", s->setup->dir, u->name);
	*v = (struct server_venue){
		.server = s, .setup = u, .index = at, .kind = &server_kinds[u->kind]
	};
	int rc = s->setup->dir[0] ? files_keys(s, u, key, &n_keys) : 0;
	if (!rc)
		rc = v->kind->open(v, key, n_keys, s->setup->dir[0] ? ledger : NULL);
	v->open = rc == 0;
	return rc ? err_ctx(rc, "venue %s", u->name) : 0;
}

static int open_port(struct server *s, struct server_venue *v)
{
	struct env_peer p = { .port = v->setup->port, .tls = !s->setup->plaintext };
	uint16_t *kept = &s->state.page->port[v->index];
	if (!p.port)
		p.port = *kept;
	snprintf(p.host, sizeof p.host, "%s", v->setup->host[0] ? v->setup->host : "127.0.0.1");
	if (p.tls) {
		snprintf(p.cert_file, sizeof p.cert_file, "%.220s/tls/cert.pem", s->setup->dir);
		snprintf(p.key_file, sizeof p.key_file, "%.220s/tls/key.pem", s->setup->dir);
	}
	int rc = env_listen(s->env, &p, conn_accept, v, &v->port);
	if (rc)
		return err_ctx(rc, "venue %s", v->setup->name);
	*kept = v->port;
	return 0;
}

static int open_all(struct server *s)
{
	char path[320];
	bool disk = s->setup->dir[0] != 0;
	int rc = disk ? files_prepare(s) : 0;
	snprintf(path, sizeof path, "%s/market.state", s->setup->dir);
	if (!rc)
		rc = server_state_open(&s->state, disk ? path : NULL, source_digest(s->setup));
	if (!rc)
		rc = market_open(s);
	for (uint16_t i = 0; !rc && i < s->setup->n_venues; i++)
		rc = open_wire(s, i);
	if (!rc)
		rc = server_stamps(s);
	if (!rc)
		rc = market_books(s);
	if (!rc && !s->market.finished)
		rc = files_finished(s, false);
	for (uint16_t i = 0; !rc && i < s->setup->n_venues; i++)
		rc = open_port(s, &s->venue[i]);
	return rc || !disk ? rc : files_endpoints(s);
}

int server_open(struct server *s, const struct venue_setup *setup, struct env *env,
		struct clock_page *clock)
{
	*s = (struct server){ .setup = setup, .env = env, .clock = clock, .state = { .fd = -1 } };
	s->conn = calloc(SERVER_CONNS, sizeof *s->conn);
	s->frame = malloc(WIRE_ANSWER);
	s->data = malloc(WIRE_ANSWER);
	int rc = s->conn && s->frame && s->data ? 0 : err_set(ERR_NOMEM, "no memory for a venue");
	if (!rc && !setup->plaintext && !setup->dir[0])
		rc = err_set(ERR_CONFIG, "a venue without a folder has no certificate");
	if (!rc)
		rc = open_all(s);
	/* What never ran is not bound to the source that it did not find. */
	if (rc && s->state.page && s->state.fresh)
		s->state.page->magic = 0;
	if (rc)
		server_close(s);
	return rc;
}

void server_close(struct server *s)
{
	for (int i = 0; s->conn && i < SERVER_CONNS; i++) {
		struct server_conn *c = &s->conn[i];
		if (conn_is_open(c))
			conn_cut(c);
		if (c->ws_ready)
			ws_free(&c->ws);
		server_fifo_free(&c->in);
		server_fifo_free(&c->reply);
		server_fifo_free(&c->event);
	}
	market_close(s);
	for (uint16_t i = 0; i < SETUP_VENUES; i++)
		if (s->venue[i].open)
			s->venue[i].kind->close(&s->venue[i]);
	server_state_close(&s->state);
	free(s->conn);
	free(s->frame);
	free(s->data);
	*s = (struct server){ .state = { .fd = -1 } };
}

/* ---------------------------------------------------------------- the turn */

/* What comes next on the common line of time. */
struct due {
	int64_t at_ns;
	struct server_conn *conn;   /* a request reaches the venue, */
	struct server_venue *venue; /* or a planned fault is due, or else the market moves */
	bool own;		    /* or what a venue does by itself */
};

static struct due earliest(struct server *s)
{
	struct due d = { .at_ns = market_next(s) };
	for (uint16_t i = 0; i < s->setup->n_venues; i++) {
		int64_t at = market_plan_next(&s->venue[i]);
		if (at < d.at_ns)
			d = (struct due){ at, NULL, &s->venue[i], false };
		at = server_kind_next(&s->venue[i]);
		if (at < d.at_ns)
			d = (struct due){ at, NULL, &s->venue[i], true };
	}
	for (int i = 0; i < s->n_conns; i++) {
		struct server_conn *c = &s->conn[i];
		int64_t at = conn_is_open(c) ? server_fifo_next(&c->in) : INT64_MAX;
		if (at < d.at_ns)
			d = (struct due){ at, c, NULL, false };
	}
	return d;
}

static int run_due(struct server *s, const struct due *d)
{
	s->op_ns = d->at_ns;
	if (d->conn)
		conn_run_request(d->conn, d->at_ns);
	else if (d->venue && d->own)
		d->venue->kind->tick(d->venue, d->at_ns);
	else if (d->venue)
		market_plan(d->venue, d->at_ns);
	else
		return market_step(s);
	return 0;
}

static bool ledger_broke(const struct server *s)
{
	for (uint16_t i = 0; i < s->setup->n_venues; i++)
		if (s->venue[i].kind->broken(&s->venue[i]))
			return true;
	return false;
}

int server_turn(struct server *s)
{
	env_now(s->env, &s->now);
	s->op_ns = s->now.mono_ns;
	market_try_start(s);
	s->state.page->utc_ns = s->now.utc_ns;
	for (uint16_t i = 0; i < s->setup->n_venues; i++)
		(void)wire_listen_expire(&s->venue[i].wire,
					 venue_clock(&s->venue[i], s->now.mono_ns));
	for (struct due d = earliest(s); d.at_ns <= s->now.mono_ns; d = earliest(s)) {
		int rc = run_due(s, &d);
		if (rc)
			return rc;
		/* Nobody is told what the ledger does not have. */
		if (ledger_broke(s))
			return err_set(ERR_IO, "a ledger cannot be written: the venue stops here");
	}
	for (int i = 0; i < s->n_conns; i++)
		if (conn_is_open(&s->conn[i]))
			conn_turn(&s->conn[i], s->now.mono_ns);
	market_wind_down(s);
	return 0;
}

int64_t server_next(const struct server *s)
{
	int64_t next = market_next(s);
	for (uint16_t i = 0; i < s->setup->n_venues; i++) {
		int64_t at = market_plan_next(&s->venue[i]);
		next = at < next ? at : next;
		at = server_kind_next(&s->venue[i]);
		next = at < next ? at : next;
		for (uint16_t a = 0; a < s->setup->venue[i].n_accounts; a++)
			if (s->venue[i].wire.listen[a].key[0] &&
			    s->now.mono_ns + LISTEN_CHECK_NS < next)
				next = s->now.mono_ns + LISTEN_CHECK_NS;
	}
	for (int i = 0; i < s->n_conns; i++) {
		int64_t at = conn_is_open(&s->conn[i]) ? conn_next(&s->conn[i]) : INT64_MAX;
		next = at < next ? at : next;
	}
	return next;
}
