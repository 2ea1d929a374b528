#include "adapters/binance/bn.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>
#include <string.h>

#define KEEP_ALIVE_NS 1800000000000ll /* a listen key lives 60 min */
/* All that binance_event reads of USD-M. The venue stays silent, and says nothing about it, when the key stands in the path or no events are named. */
#define USER_EVENTS  "ORDER_TRADE_UPDATE/ACCOUNT_UPDATE/listenKeyExpired"
#define LIFE_NS	     84600000000000ll /* a connection lives 24 h: 30 min less */
#define DUE_EVERY_NS 1000000000ll
#define MESSAGE_CAP  (4u << 20)

static const char *const state_name[] = { "down", "logging on", "getting a listen key",
					  "subscribing", "ready" };
_Static_assert(sizeof(state_name) / sizeof(*state_name) == bn_session_state_max,
	       "a name for each state");

const char *bn_session_state_name(enum bn_session_state st)
{
	return (unsigned)st < bn_session_state_max ? state_name[st] : "?";
}

/* The only thing that moves a session. */
enum bn_session_state bn_session_next(enum bn_session_state st, enum bn_session_event ev)
{
	enum { NO = bn_session_state_max };
	static const uint8_t next[bn_session_state_max][bn_session_event_max] = {
		/*                 OPEN          DONE          LOST */
		[BN_SES_DOWN] = { BN_SES_LOGON, NO, BN_SES_DOWN },
		[BN_SES_LOGON] = { NO, BN_SES_KEY, BN_SES_DOWN },
		[BN_SES_KEY] = { NO, BN_SES_USER, BN_SES_DOWN },
		[BN_SES_USER] = { NO, BN_SES_READY, BN_SES_DOWN },
		[BN_SES_READY] = { NO, NO, BN_SES_DOWN },
	};
	return (enum bn_session_state)next[st][ev];
}

/* A step whose question could not even be asked: begin again. */
static void ask_or_break(struct bn_session *s, enum bn_ask ask)
{
	if (bn_ask(s->owner, s, ask, UINT32_MAX, NULL))
		bn_session_break(s, false, err_text());
}

static void enter_down(struct bn_session *s, const char *why)
{
	s->key.logged_on = false;
	bn_session_void(s->owner, s, why);
}

static void enter_logon(struct bn_session *s, const char *why)
{
	(void)why;
	s->owner->clock_at_ns = 0; /* a new session is a good moment to compare clocks */
	if (s->ed25519)
		ask_or_break(s, BN_LOGON);
	else
		bn_session_event(s, BN_EV_DONE, "each request is signed");
}

static void enter_key(struct bn_session *s, const char *why)
{
	s->key.logged_on = s->ed25519;
	if (s->owner->dialect->listen_key)
		ask_or_break(s, BN_LISTEN_KEY);
	else
		bn_session_event(s, BN_EV_DONE, why);
}

static void enter_user(struct bn_session *s, const char *why)
{
	const struct binance *b = s->owner;
	(void)why;
	if (!b->dialect->listen_key) {
		ask_or_break(s, BN_SUBSCRIBE);
		return;
	}
	s->keep_alive_ns = bn_now(b).mono_ns + KEEP_ALIVE_NS;
	snprintf(s->user.path, sizeof(s->user.path), "%s/ws?listenKey=%s&events=%s", b->user.path,
		 s->listen_key, USER_EVENTS);
	s->user.dial_at_ns = 0;
	bn_link_want(&s->user);
}

static void enter_ready(struct bn_session *s, const char *why)
{
	(void)why;
	log_info("%s: ready", s->name);
}

void bn_session_event(struct bn_session *s, enum bn_session_event ev, const char *why)
{
	static void (*const enter[bn_session_state_max])(struct bn_session *, const char *) = {
		enter_down, enter_logon, enter_key, enter_user, enter_ready,
	};
	enum bn_session_state next = bn_session_next((enum bn_session_state)s->state, ev);
	bool stays = next == s->state;
	if (next == bn_session_state_max)
		return;
	s->state = (uint8_t)next;
	if (!stays)
		enter[next](s, why);
	bn_evaluate(s->owner, why);
}

void bn_session_break(struct bn_session *s, bool slow, const char *why)
{
	char text[192];
	snprintf(text, sizeof(text), "%s", why);
	bn_link_stop(&s->user);
	bn_link_break(&s->api, slow, text); /* lost() moves the state */
}

/* ---- sockets ---- */

static void api_open(void *owner, struct bn_link *l)
{
	(void)l;
	bn_session_event(owner, BN_EV_OPEN, "connected");
}

static void user_open(void *owner, struct bn_link *l)
{
	(void)l;
	bn_session_event(owner, BN_EV_DONE, "the account's events come in");
}

static void alive(void *owner, struct bn_link *l)
{
	(void)owner, (void)l;
}

static void text(void *owner, struct bn_link *l, const char *p, size_t n, int64_t recv_ns)
{
	struct bn_session *s = owner;
	struct binance *b = s->owner;
	struct binance_message m;
	const char *why;
	(void)l;
	if (binance_message(p, n, &m, &why)) {
		bn_bad(b, BAD_NO_BOOK, BAD_SYNTAX, why, p, n);
		/* It may have been a fill: as good as a broken line. */
		bn_session_break(s, false, "a message could not be read");
		return;
	}
	if (m.kind == BINANCE_EVENT) {
		bn_user_event(b, s, &m.event, recv_ns);
		return;
	}
	struct bn_request *q =
		m.has_id && m.id > 0 ? bn_requests_find(&b->requests, (uint64_t)m.id) : NULL;
	/* A reply to nothing is one that came after its time, or an error that could not be told from the request. */
	if (q && q->session == s->index)
		bn_reply(b, q, &m, recv_ns);
	else if (m.status != 200)
		log_warn("%s: the venue says %d %d %s to no request of ours", s->name, m.status,
			 m.code, m.text);
}

static void bad(void *owner, struct bn_link *l, const char *why, const void *p, size_t n)
{
	struct bn_session *s = owner;
	(void)l;
	bn_bad(s->owner, BAD_NO_BOOK, BAD_FRAME, why, p, n);
	bn_session_break(s, false, why);
}

static void api_lost(void *owner, struct bn_link *l, const char *why)
{
	struct bn_session *s = owner;
	if (l->dead)
		bn_rest_give_up(s->owner);
	bn_link_stop(&s->user);
	bn_session_event(s, BN_EV_LOST, why);
}

static void user_lost(void *owner, struct bn_link *l, const char *why)
{
	if (l->dead)
		bn_rest_give_up(((struct bn_session *)owner)->owner);
	bn_session_break(owner, false, why);
}

static const struct bn_link_handler api_handler = { api_open, text, bad, alive, api_lost };
static const struct bn_link_handler user_handler = { user_open, text, bad, alive, user_lost };

/* ---- life ---- */

int bn_session_init(struct binance *b, struct bn_session *s, uint16_t index,
		    const struct binance_account *a)
{
	struct env *env = b->venue.host.env;
	*s = (struct bn_session){
		.owner = b, .index = index, .account = a->account, .ed25519 = a->ed25519
	};
	snprintf(s->name, sizeof(s->name), "account %s", a->name);
	s->key.recv_window_ms = b->recv_window_ms;
	s->key.self_trade = b->self_trade;
	s->exec = (struct binance_exec){ .symbols = &b->symbols,
					 .assets = b->assets,
					 .venue = b->venue.index,
					 .account = a->account,
					 .why = "" };
	int rc = sign_read_public(a->api_key_file, s->key.api_key, sizeof(s->key.api_key));
	if (!rc)
		rc = signer_open(a->secret_file, a->ed25519 ? SIGN_ED25519 : SIGN_HMAC_SHA256,
				 &s->key.signer);
	if (!rc)
		rc = bn_link_init(&s->api, s->name, &b->api_ws.peer, &b->times, &api_handler, s,
				  env, MESSAGE_CAP);
	if (!rc)
		rc = bn_link_init(&s->user, s->name, &b->user.peer, &b->times, &user_handler, s,
				  env, MESSAGE_CAP);
	snprintf(s->api.path, sizeof(s->api.path), "%s", b->api_ws.path);
	return err_ctx(rc, "%s", s->name);
}

void bn_session_free(struct bn_session *s)
{
	bn_link_free(&s->api);
	bn_link_free(&s->user);
	signer_free(s->key.signer);
	explicit_bzero(s->listen_key, sizeof(s->listen_key));
}

void bn_session_start(struct bn_session *s)
{
	bn_link_want(&s->api);
}

void bn_session_stop(struct bn_session *s)
{
	bn_link_stop(&s->user);
	bn_link_stop(&s->api);
	bn_session_event(s, BN_EV_LOST, "stopped");
}

/* An event names what changed, not always all of it; what is left out is asked for, once a second at most. */
static void ask_due(struct bn_session *s, int64_t now_ns)
{
	uint32_t due = s->due;
	if (!due || now_ns < s->due_at_ns)
		return;
	s->due = 0;
	s->due_at_ns = now_ns + DUE_EVERY_NS;
	for (unsigned a = 0; a < bn_ask_max; a++)
		if (due >> a & 1 && bn_ask(s->owner, s, (enum bn_ask)a, UINT32_MAX, NULL))
			s->due |= 1u << a;
}

void bn_session_on_time(struct bn_session *s, int64_t now_ns)
{
	/* While the venue wants to hear nothing of us, a log-on could not be sent either. */
	if (s->api.open || now_ns >= s->owner->budget.paused_ns[BN_URGENT])
		bn_link_on_time(&s->api, now_ns);
	bn_link_on_time(&s->user, now_ns);
	if (s->state != BN_SES_READY)
		return;
	ask_due(s, now_ns);
	if (s->owner->dialect->listen_key && now_ns >= s->keep_alive_ns) {
		s->keep_alive_ns = now_ns + KEEP_ALIVE_NS;
		bn_ask(s->owner, s, BN_KEEP_ALIVE, UINT32_MAX, NULL);
	}
	if (now_ns - s->api.opened_ns > LIFE_NS ||
	    (s->user.open && now_ns - s->user.opened_ns > LIFE_NS)) {
		s->api.failures = 0;
		bn_session_break(s, false, "renewed before the venue ends it after 24 hours");
	}
}
