#include "adapters/diff/df_session.h"
#include "adapters/codec/diff_request.h"
#include "adapters/codec/sign.h"
#include "adapters/diff/df.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include <stdio.h>
#include <string.h>

#define MESSAGE_CAP (4u << 20)

static const char *const state_name[] = { "down", "logging in", "ready" };
_Static_assert(sizeof(state_name) / sizeof(*state_name) == df_session_state_max,
	       "a name for each state");

const char *df_session_state_name(enum df_session_state st)
{
	return (unsigned)st < df_session_state_max ? state_name[st] : "?";
}

/* The only thing that moves a session. */
enum df_session_state df_session_next(enum df_session_state st, enum df_session_event ev)
{
	enum { NO = df_session_state_max };
	static const uint8_t next[df_session_state_max][df_session_event_max] = {
		/*              OPEN      WHOLE     LOST */
		[DF_DOWN] = { DF_LOGIN, NO, DF_DOWN },
		[DF_LOGIN] = { NO, DF_READY, DF_DOWN },
		[DF_READY] = { NO, NO, DF_DOWN },
	};
	return (enum df_session_state)next[st][ev];
}

static bool say(struct df_session *s, const char *text, ptrdiff_t n)
{
	if (n > 0 && !bn_link_send(&s->link, text, (size_t)n))
		return true;
	bn_link_break(&s->link, false, err_text());
	return false;
}

static void enter_down(struct df_session *s, const char *why)
{
	df_report_void(s, why);
}

static void enter_login(struct df_session *s, const char *why)
{
	char text[DIFF_REQUEST_MAX];
	const struct diff_login l = { .bid = s->broker, .user = s->user, .password = s->password };
	(void)why;
	diff_user_reset(&s->picture);
	s->login_ns = s->heard_ns = df_now(s->owner).mono_ns;
	s->refused = false;
	bool said = say(s, text, diff_login(&l, text, sizeof text));
	explicit_bzero(text, sizeof text);
	if (said)
		(void)say(s, text, diff_peek(text, sizeof text));
}

static void enter_ready(struct df_session *s, const char *why)
{
	char text[128];
	(void)why;
	if (s->picture.trading_day[0] && strcmp(s->day, s->picture.trading_day) != 0) {
		snprintf(s->day, sizeof s->day, "%s", s->picture.trading_day);
		s->day_ns = s->login_ns;
	}
	if (!say(s, text, diff_confirm(text, sizeof text)))
		return;
	log_info("%s: ready, trading day %s", s->name, s->day);
	df_report_news(s, true);
	df_report_balances(s);
}

void df_session_event(struct df_session *s, enum df_session_event ev, const char *why)
{
	static void (*const enter[df_session_state_max])(
		struct df_session *, const char *) = { enter_down, enter_login, enter_ready };
	enum df_session_state next = df_session_next((enum df_session_state)s->state, ev);
	bool stays = next == s->state;
	if (next == df_session_state_max)
		return;
	s->state = (uint8_t)next;
	if (!stays)
		enter[next](s, why);
	df_evaluate(s->owner, why);
}

void df_session_refresh(struct df_session *s, const char *why)
{
	if (s->state == DF_READY)
		bn_link_break(&s->link, false, why);
}

/* ---- the socket ---- */

static void opened(void *owner, struct bn_link *l)
{
	(void)l;
	df_session_event(owner, DF_EV_OPEN, "connected");
}

/* The whole pack is one step: nothing is looked at before all of it is in. */
static int take_pack(struct df_session *s, const char *p, size_t n)
{
	struct diff_pack pack;
	struct json_value part[diff_part_max];
	struct diff_user *u = &s->picture;
	int rc = diff_pack_open(&pack, p, n) ? 0 : -ERR_PARSE;
	while (!rc && diff_pack_next(&pack, part)) {
		if (part[DIFF_TRADE].token != TOKEN_NONE)
			rc = diff_user_trade(u, &part[DIFF_TRADE]);
		if (!rc && part[DIFF_NOTIFY].token != TOKEN_NONE)
			rc = diff_user_notify(u, &part[DIFF_NOTIFY]);
	}
	if (pack.why)
		u->why = pack.why;
	return pack.why ? -ERR_PARSE : rc;
}

static void text(void *owner, struct bn_link *l, const char *p, size_t n, int64_t recv_ns)
{
	struct df_session *s = owner;
	char peek[64];
	(void)l;
	if (take_pack(s, p, n)) {
		df_bad(s->owner, BAD_NO_BOOK, BAD_SYNTAX, s->picture.why, p, n);
		/* It may have been a fill: as good as a broken line. */
		bn_link_break(&s->link, false, "a message could not be read");
		return;
	}
	s->heard_ns = recv_ns;
	if (!say(s, peek, diff_peek(peek, sizeof peek)))
		return;
	df_report_notices(s);
	if (s->state == DF_LOGIN && diff_user_whole(&s->picture)) {
		df_session_event(s, DF_EV_WHOLE, "the day's orders and trades are here");
	} else if (s->state == DF_READY) {
		df_report_news(s, false);
		if (s->picture.accounts.n_listed)
			df_report_balances(s);
	}
	if (s->refused && s->state == DF_LOGIN)
		bn_link_break(&s->link, true, "the login was refused");
}

static void bad(void *owner, struct bn_link *l, const char *why, const void *p, size_t n)
{
	struct df_session *s = owner;
	(void)l;
	df_bad(s->owner, BAD_NO_BOOK, BAD_FRAME, why, p, n);
	bn_link_break(&s->link, false, why);
}

static void alive(void *owner, struct bn_link *l)
{
	(void)owner, (void)l;
}

static void lost(void *owner, struct bn_link *l, const char *why)
{
	(void)l;
	df_session_event(owner, DF_EV_LOST, why);
}

static const struct bn_link_handler handler = { opened, text, bad, alive, lost };

/* ---- life ---- */

int df_session_init(struct df_venue *d, struct df_session *s, uint16_t index,
		    const struct diff_account_options *a, uint32_t day_orders, uint32_t day_trades)
{
	const struct diff_user_sizes sizes = { day_orders, day_trades, d->n_mine + 256 };
	*s = (struct df_session){ .owner = d, .index = index, .account = a->account };
	snprintf(s->name, sizeof s->name, "account %s", a->name);
	snprintf(s->broker, sizeof s->broker, "%s", a->broker ? a->broker : "");
	int rc = sign_read_public(a->user_file, s->user, sizeof s->user);
	if (!rc)
		rc = sign_read_secret(a->password_file, s->password, sizeof s->password);
	if (!rc)
		rc = diff_user_init(&s->picture, s->user, &sizes);
	if (!rc)
		rc = bn_link_init(&s->link, s->name, &d->api.peer, &d->times, &handler, s,
				  d->venue.host.env, MESSAGE_CAP);
	snprintf(s->link.path, sizeof s->link.path, "%s", d->api.path[0] ? d->api.path : "/");
	return err_ctx(rc, "%s", s->name);
}

void df_session_free(struct df_session *s)
{
	bn_link_free(&s->link);
	diff_user_free(&s->picture);
	explicit_bzero(s->password, sizeof s->password);
}

void df_session_start(struct df_session *s)
{
	bn_link_want(&s->link);
}

void df_session_stop(struct df_session *s)
{
	bn_link_stop(&s->link);
	df_session_event(s, DF_EV_LOST, "stopped");
}

void df_session_on_time(struct df_session *s, int64_t now_ns)
{
	bn_link_on_time(&s->link, now_ns);
	if (s->state == DF_LOGIN && now_ns - s->login_ns > s->owner->times.connect_ns)
		bn_link_break(&s->link, false, "the login was not answered within the time for it");
}
