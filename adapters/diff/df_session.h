/* df_session - one account's connection: login, the picture whole, yesterday's settlement confirmed, then orders; as a table of states.
 *
 * A login that is refused is tried again after the longest wait, for ever: at night and over noon a counter refuses
 * what it takes an hour later. Engine's thread. */
#pragma once
#include "adapters/binance/bn_link.h"
#include "adapters/codec/diff_trade.h"

struct df_venue;
struct diff_account_options;

enum df_session_state {
	DF_DOWN,  /* no connection, or being dialled */
	DF_LOGIN, /* req_login sent; the picture is coming in */
	DF_READY, /* whole and confirmed: orders may go out */
	df_session_state_max
};
enum df_session_event { DF_EV_OPEN, DF_EV_WHOLE, DF_EV_LOST, df_session_event_max };

struct df_session {
	struct df_venue *owner;
	uint16_t index, account;
	uint8_t state;
	char name[48], user[72], password[72], broker[32];
	struct bn_link link;
	struct diff_user picture;
	int64_t heard_ns; /* of its newest pack */
	int64_t login_ns; /* when the login was asked for that the picture came from */

	int64_t day_ns; /* since when the picture's trading day has run */
	char day[16];
	bool refused; /* the login: wait long */
};

int df_session_init(struct df_venue *d, struct df_session *s, uint16_t index,
		    const struct diff_account_options *a, uint32_t day_orders, uint32_t day_trades);
void df_session_free(struct df_session *s);
void df_session_start(struct df_session *s);
void df_session_stop(struct df_session *s);
void df_session_event(struct df_session *s, enum df_session_event ev, const char *why);
/* The picture is asked for anew, by another login. */
void df_session_refresh(struct df_session *s, const char *why);
void df_session_on_time(struct df_session *s, int64_t now_ns);
enum df_session_state df_session_next(
	enum df_session_state st,
	enum df_session_event ev); /* df_session_state_max: no such move */
const char *df_session_state_name(enum df_session_state st);
