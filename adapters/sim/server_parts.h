/* server_parts - what the files of the server share. Not for others. */
#pragma once
#include "adapters/sim/server.h"

/* The venue's own clock at a monotonic time of this turn. */
int64_t venue_clock(const struct server_venue *v, int64_t mono_ns);

/* server_conn.c: connections. */
int conn_accept(void *venue, struct chan *c);
void conn_cut(struct server_conn *c);
bool conn_is_open(const struct server_conn *c);
/* Puts a text on its way to the client: an answer, or a frame or report. */
void conn_reply(struct server_conn *c, int64_t now_ns, const void *p, size_t n);
void conn_push(struct server_conn *c, int64_t at_ns, const void *p, size_t n);
int64_t conn_next(const struct server_conn *c);
/* All that is due leaves; pings, lost pongs, age. */
void conn_turn(struct server_conn *c, int64_t now_ns);

/* server_cn.c: a domestic counter's clients. */
/* To whoever looks and has not heard: at now, after the way out. */
void cn_say_all(struct server_venue *v, int64_t now_ns);

/* server_http.c: the first bytes of a connection, and REST. */
bool conn_find_role(struct server_conn *c, struct http_str target);
ptrdiff_t conn_http_bytes(void *conn, struct chan *c, const uint8_t *p, size_t n, int64_t recv_ns);
void conn_run_rest(struct server_conn *c, int64_t at_ns, const uint8_t *p, size_t n);

/* server_talk.c: messages of a WebSocket. */
void conn_on_text(void *conn, struct ws *ws, const char *p, size_t n, int64_t recv_ns);
void conn_run_request(struct server_conn *c, int64_t at_ns);
void conn_run_api(struct server_conn *c, int64_t at_ns, const uint8_t *p, size_t n);
void conn_report(void *venue, uint16_t account, const char *text, size_t n);
bool conn_subscribe(struct server_conn *c, const char *names, size_t n, char separator);

/* server_market.c */
/* Finds the source, and sets what time it is in its world; then, with the wires open, the books as they stood. */
int market_open(struct server *s);
/* Is the time of the clock page the market's? */
bool market_own_time(const struct server *s);
/* Once the wires are open, before the first event (server_stamps.c). */
int server_stamps(struct server *s);
int market_books(struct server *s);
void market_close(struct server *s);
int64_t market_next(const struct server *s);
int market_step(struct server *s);
void market_try_start(struct server *s);
void market_wind_down(struct server *s);
/* The source's next event becomes market.event; held says whether there is one. */
int market_hold_next(struct server *s);
/* server_resume.c: past the events that the books had when the process ended. */
int market_resume(struct server *s);
/* server_frames.c: the event leaves for those who listen, but for what faults take. */
void market_say(struct server_venue *v, uint16_t instrument, const struct source_event *e);
/* server_plan.c */
int64_t market_plan_next(const struct server_venue *v);
void market_plan(struct server_venue *v, int64_t at_ns);

/* server_files.c: the folder. */
int files_prepare(struct server *s);
int files_keys(struct server *s, const struct setup_venue *v, struct server_key *out, uint32_t *n);
int files_endpoints(const struct server *s);
int files_finished(const struct server *s, bool finished);
