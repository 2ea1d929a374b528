#include "adapters/binance/bn_link.h"
#include "core/base/err.h"
#include <stdio.h>

static int64_t mono(struct env *e)
{
	struct env_now now;
	env_now(e, &now);
	return now.mono_ns;
}

/* Half of the wait is certain, half is drawn: hosts that lost one venue do not come back as one. */
static void schedule(struct bn_link *l, bool slow, int64_t now_ns)
{
	const struct bn_link_times *t = l->times;
	int64_t wait = t->backoff_min_ns;
	for (uint32_t i = 0; i < l->failures && wait < t->backoff_max_ns; i++)
		wait *= 2;
	if (slow || wait > t->backoff_max_ns)
		wait = t->backoff_max_ns;
	if (l->failures < UINT32_MAX)
		l->failures++;
	uint64_t drawn = wait > 1 ? env_random(l->env) % (uint64_t)(wait / 2 + 1) : 0;
	l->dial_at_ns = now_ns + wait / 2 + (int64_t)drawn;
}

static void ended(struct bn_link *l, bool slow, const char *why)
{
	int64_t now_ns = mono(l->env);
	/* One that held for a while has earned a quick return. */
	if (l->open && now_ns - l->opened_ns > l->times->backoff_max_ns)
		l->failures = 0;
	l->open = false;
	schedule(l, slow, now_ns);
	l->handler->lost(l->owner, l, why);
}

static void heard(struct bn_link *l, int64_t now_ns)
{
	l->heard_ns = now_ns;
	l->pinged = false;
}

static void on_open(void *owner, struct ws *ws)
{
	struct bn_link *l = owner;
	(void)ws;
	l->open = true;
	l->opened_ns = mono(l->env);
	heard(l, l->opened_ns);
	l->handler->open(l->owner, l);
}

static void on_text(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns)
{
	struct bn_link *l = owner;
	(void)ws;
	heard(l, recv_ns);
	l->handler->text(l->owner, l, p, n, recv_ns);
}

static void on_binary(void *owner, struct ws *ws, const uint8_t *p, size_t n, int64_t recv_ns)
{
	struct bn_link *l = owner;
	(void)ws;
	heard(l, recv_ns);
	l->handler->bad(l->owner, l, "a binary message", p, n);
}

static void on_control(void *owner, struct ws *ws, const uint8_t *p, size_t n)
{
	struct bn_link *l = owner;
	(void)ws, (void)p, (void)n;
	heard(l, mono(l->env));
	l->handler->alive(l->owner, l);
}

static void on_close(void *owner, struct ws *ws, int err, uint16_t code, const char *why)
{
	struct bn_link *l = owner;
	char text[192];
	if (err == -ERR_PARSE || err == -ERR_LIMIT)
		l->handler->bad(l->owner, l, why, ws->at, ws->at_n);
	snprintf(text, sizeof(text), "%s: closed with %u%s%s", l->name, code,
		 why && *why ? ": " : "", why ? why : "");
	ended(l, false, text);
}

static const struct ws_handler ws_handler = {
	.on_open = on_open,
	.on_text = on_text,
	.on_binary = on_binary,
	.on_ping = on_control,
	.on_pong = on_control,
	.on_close = on_close,
};

int bn_link_init(struct bn_link *l, const char *name, const struct env_peer *peer,
		 const struct bn_link_times *t, const struct bn_link_handler *h, void *owner,
		 struct env *env, uint32_t message_cap)
{
	*l = (struct bn_link){
		.name = name, .peer = peer, .times = t, .handler = h, .owner = owner, .env = env
	};
	struct ws_opt opt = { .cap = message_cap };
	return err_ctx(ws_init(&l->ws, env, &opt, &ws_handler, l), "%s", name);
}

void bn_link_free(struct bn_link *l)
{
	if (l->env)
		ws_free(&l->ws);
	*l = (struct bn_link){ 0 };
}

void bn_link_want(struct bn_link *l)
{
	l->wanted = true;
}

void bn_link_stop(struct bn_link *l)
{
	l->wanted = false;
	if (l->open)
		ws_close(&l->ws, WS_CLOSE_NORMAL, NULL);
	ws_drop(&l->ws);
	l->open = false;
}

void bn_link_break(struct bn_link *l, bool slow, const char *why)
{
	if (l->ws.state == WS_IDLE)
		return;
	ws_drop(&l->ws);
	ended(l, slow, why);
}

int bn_link_send(struct bn_link *l, const char *p, size_t n)
{
	return l->open ? ws_send_text(&l->ws, p, n)
		       : err_set(ERR_STATE, "%s is not connected", l->name);
}

static void dial(struct bn_link *l, int64_t now_ns)
{
	l->dialled_ns = now_ns;
	l->dead = false;
	int rc = ws_client_start(&l->ws, l->peer, l->path, NULL);
	if (rc) {
		char text[192];
		snprintf(text, sizeof(text), "%s: %s", l->name, err_text());
		ended(l, false, text);
	}
}

static void listen(struct bn_link *l, int64_t now_ns)
{
	const struct bn_link_times *t = l->times;
	bool closely = l->closely && t->ping_after_ns > 0;
	int64_t silent_ns = now_ns - l->heard_ns;
	bool no_pong = closely && l->pinged && now_ns - l->pinged_ns > t->pong_ns;
	char text[96];
	if (no_pong || silent_ns > t->silence_ns) {
		snprintf(text, sizeof(text), "%s: silent for %lld ms%s", l->name,
			 (long long)(silent_ns / 1000000), no_pong ? ", a ping unanswered" : "");
		l->dead = true;
		bn_link_break(l, false, text);
	} else if (!l->pinged && silent_ns > (closely ? t->ping_after_ns : t->silence_ns / 2)) {
		/* A line that takes not even a ping is no better than one that does not answer it. */
		(void)ws_ping(&l->ws, "tandem", 6);
		l->pinged = true;
		l->pinged_ns = now_ns;
	}
}

void bn_link_on_time(struct bn_link *l, int64_t now_ns)
{
	char text[96];
	if (l->ws.state == WS_IDLE) {
		if (l->wanted && now_ns >= l->dial_at_ns)
			dial(l, now_ns);
	} else if (l->open) {
		listen(l, now_ns);
	} else if (now_ns - l->dialled_ns > l->times->connect_ns) {
		snprintf(text, sizeof(text), "%s: no connection within the time for it", l->name);
		bn_link_break(l, false, text);
	}
}
