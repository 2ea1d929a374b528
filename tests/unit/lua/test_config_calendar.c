/* Proves that the calendars that ship are right hour by hour, that those of a configuration start from them, that holidays and exceptions arrive,
 * and that a pair whose markets never meet is refused (F37). */
#include "core/base/date.h"
#include "core/base/err.h"
#include "gen/embed.h"
#include "lua/tree.h"
#include "tests/unit/lua/config_text.h"
#include <time.h>

#define S_NS 1000000000ll

/* The good configuration with settings of its own on top, and more on each instrument. */
static int read_pair(const char *top, const char *spot, const char *perp, struct config **c)
{
	static char text[8192];
	size_t n;
	char *good = slurp(SOURCES "config_good.lua", &n);
	char *a = strstr(good, "instruments = {"), *b = strstr(good, "kind = \"spot\","),
	     *d = strstr(good, "kind = \"linear\",");
	ck_assert(a && b && d);
	snprintf(text, sizeof(text), "%.*s%s\n%.*s%s %.*s%s %s", (int)(a - good), good, top,
		 (int)(b - a), a, spot, (int)(d - b), b, perp, d);
	free(good);
	return read_text(text, c);
}

static struct config *need_pair(const char *top, const char *spot, const char *perp)
{
	struct config *c;
	int rc = read_pair(top, spot, perp, &c);
	if (rc)
		config_errors_print(&errs, stderr);
	ck_assert_int_eq(rc, 0);
	return c;
}

static void refused(const char *top, const char *spot, const char *perp, const char *why)
{
	struct config *c;
	ck_assert_int_eq(read_pair(top, spot, perp, &c), -ERR_CONFIG);
	ck_assert_msg(errs.n == 1 && strstr(errs.error[0].text, why), "%u: %s", errs.n,
		      errs.error[0].text);
	const char *part = strstr(errs.error[0].text, "; ");
	ck_assert_msg(part && strstr(part + 2, "; "), "%s", errs.error[0].text);
}

static uint8_t phase_at(const struct calendar *c, int64_t utc_ns)
{
	struct calendar_now now;
	calendar_at(c, utc_ns, &now);
	return now.phase;
}

/* A simulated clock, so that fixed days can be asked for. */
#define SIMULATED "engine = { clock_page = \"clock\" },"

/* Hours of continuous trading in the week from Monday 1 June 2026, UTC, of every calendar that ships; and the minutes of its auctions. */
START_TEST(test_shipped)
{
	static const struct {
		const char *name;
		double hours;
		int auction_min;
	} want[] = {
		{ "24x7", 168, 0 },
		{ "SHFE.au", 5 * (5.5 + 3.75), 50 },
		{ "SHFE.cu", 5 * (4 + 3.75), 50 },
		{ "SHFE.rb", 5 * (2 + 3.75), 50 },
		{ "SHFE.day", 5 * 3.75, 25 },
		{ "INE.sc", 5 * (5.5 + 3.75), 50 },
		{ "INE.bc", 5 * (4 + 3.75), 50 },
		{ "INE.lu", 5 * (2 + 3.75), 50 },
		{ "INE.day", 5 * 3.75, 25 },
		{ "DCE", 5 * (2 + 3.75), 50 },
		{ "DCE.day", 5 * 3.75, 25 },
		{ "CZCE", 5 * (2 + 3.75), 50 },
		{ "CZCE.day", 5 * 3.75, 25 },
		{ "GFEX", 5 * 3.75, 25 },
		{ "CFFEX.index", 5 * 4, 25 },
		{ "CFFEX.bond", 5 * 4.25, 25 },
		{ "CME.metals", 5 * 23, 0 },
		{ "CME.energy", 5 * 23, 0 },
		{ "CME.equity", 5 * 23, 0 },
		{ "FX", 5 * 24, 0 },
		{ "LME.select", 5 * 18, 0 },
		{ "SGX.A50", 5 * (7.5 + 12.25), 5 * 30 },
	};
	const int64_t from = date_days(20260601) * DATE_DAY_S * S_NS,
		      to = from + 7 * DATE_DAY_S * S_NS;
	struct tree t;
	furnish();
	ck_assert_int_eq(tree_parse("calendars.lua", "", (const char *)embed_calendars,
				    embed_calendars_len, &t, &errs),
			 0);
	ck_assert_uint_eq(t.root->n_children, sizeof(want) / sizeof(want[0]));
	unsigned i = 0;
	for (const struct tree_node *e = t.root->child; e; e = e->next, i++) {
		char setting[80];
		ck_assert_str_eq(tree_get(e, "name")->text, want[i].name);
		snprintf(setting, sizeof(setting), "calendar = \"%s\",", want[i].name);
		struct config *c = need_pair(SIMULATED, setting, "");
		ck_assert(c->n_calendars == 1 && c->instrument[0].calendar == 0 &&
			  c->instrument[1].calendar == CALENDAR_NONE);
		const struct calendar *k = c->calendar;
		ck_assert_str_eq(k->name, want[i].name);
		ck_assert_msg(
			calendar_common(&k, 1, from, to) == (int64_t)(want[i].hours * 3600) * S_NS,
			"%s: %.4f h", k->name, (double)calendar_common(&k, 1, from, to) / 3600e9);
		int auction = 0;
		for (int64_t at = from; at < to; at += 60 * S_NS)
			auction += phase_at(k, at) == PHASE_AUCTION;
		ck_assert_msg(auction == want[i].auction_min, "%s: %d min", k->name, auction);
		config_free(c);
	}
	tree_free(&t);
}
END_TEST

START_TEST(test_holidays_and_likes)
{
	furnish();
	struct config *c = need_pair(
		SIMULATED
		"calendars = { { name = \"gold\", like = \"SHFE.au\", holidays = { \"2026-10-01\", \"2026-06-19\" },"
		"exceptions = { { date = \"2026-06-10\", no_night = true }, { date = \"2026-06-15\", ends = \"11:00\" } } },"
		"{ name = \"SHFE.cu\", holidays = { \"2026-10-01\" } },"
		"{ name = \"mine\", zone = \"Europe/London\", sessions = { { days = \"mon,wed\", from = \"22:00\", to = \"06:00\","
		"next_day = true }, { days = \"mon-sat\", from = \"08:00\", to = \"12:00:30\", phase = \"auction\" },"
		"{ days = \"sat\", from = \"13:00\", to = \"37:00\" } } } },",
		"calendar = \"gold\",", "calendar = \"SHFE.cu\",");
	ck_assert_uint_eq(c->n_calendars, 3);
	ck_assert(c->instrument[0].calendar == 0 && c->instrument[1].calendar == 1);
	const struct calendar *gold = &c->calendar[0], *cu = &c->calendar[1],
			      *mine = &c->calendar[2];
	ck_assert_str_eq(gold->zone, "Asia/Shanghai");
	ck_assert(gold->n_sessions == 6 && gold->n_exceptions == 4 && cu->n_exceptions == 1);
	ck_assert(gold->exception[0].date == 20260610 && gold->exception[0].no_night &&
		  !gold->exception[0].closed && gold->exception[0].ends_s == -1);
	ck_assert(gold->exception[1].ends_s == 11 * 3600 && gold->exception[2].closed &&
		  gold->exception[3].date == 20261001);
	/* Thursday 18 June 22:00 in Shanghai is the eve of a holiday, for gold alone. */
	int64_t eve = (date_days(20260618) * DATE_DAY_S + 14 * 3600) * S_NS;
	ck_assert(phase_at(gold, eve) == PHASE_CLOSED && phase_at(cu, eve) == PHASE_CONTINUOUS);
	const struct calendar_session *s = mine->session;
	ck_assert(mine->n_sessions == 3 && s[0].from_s == 8 * 3600 && s[0].days == 0x3f &&
		  s[0].phase == PHASE_AUCTION && s[0].to_s == 12 * 3600 + 30);
	ck_assert(s[1].days == 0x20 && s[1].to_s == 37 * 3600 && !s[1].next_day);
	ck_assert(s[2].days == 5 && s[2].from_s == 22 * 3600 && s[2].to_s == 30 * 3600 &&
		  s[2].next_day);
	config_free(c);
}
END_TEST

START_TEST(test_how_far_it_is_looked_up)
{
	furnish();
	int64_t now = (int64_t)time(NULL) * S_NS, year = 365 * DATE_DAY_S * S_NS;
	struct config *c = need_pair("", "calendar = \"24x7\",", "calendar = \"24x7\",");
	ck_assert_uint_eq(c->n_calendars, 1);
	ck_assert(phase_at(c->calendar, now - year) == PHASE_CONTINUOUS &&
		  phase_at(c->calendar, now + 3 * year) == PHASE_CONTINUOUS &&
		  phase_at(c->calendar, now + 4 * year) == PHASE_CLOSED);
	config_free(c);
	c = need_pair(SIMULATED, "calendar = \"24x7\",", "");
	ck_assert(phase_at(c->calendar, date_days(20000601) * DATE_DAY_S * S_NS) ==
			  PHASE_CONTINUOUS &&
		  phase_at(c->calendar, date_days(20391201) * DATE_DAY_S * S_NS) ==
			  PHASE_CONTINUOUS);
	config_free(c);
}
END_TEST

START_TEST(test_pairs_that_never_meet)
{
	furnish();
	static const char day[] =
		"calendars = { { name = \"day\", zone = \"Asia/Shanghai\", sessions = { { days = \"mon-fri\", from = \"09:00\", to = "
		"\"10:15\" } } }, { name = \"night\", zone = \"Asia/Shanghai\", sessions = { { days = \"mon-fri\", from = \"21:00\", to = "
		"\"02:30\", next_day = true } } }, { name = \"auction\", zone = \"UTC\", sessions = { { days = \"daily\", from = "
		"\"00:00\", to = \"24:00\", phase = \"auction\" } } } },";
	refused(day, "calendar = \"day\",", "calendar = \"night\",",
		"never in continuous trading at the same time: \"near\" (day), \"far\" (night)");
	refused(day, "calendar = \"auction\",", "",
		"\"near\" (auction), \"far\" (round the clock)");
	config_free(need_pair(day, "calendar = \"day\",", "calendar = \"CME.metals\","));
	config_free(need_pair(day, "calendar = \"night\",", "calendar = \"LME.select\","));
}
END_TEST

START_TEST(test_refused)
{
	furnish();
	refused("", "calendar = \"SHFE.ua\",", "", "did you mean \"SHFE.au\"?");
	refused("", "calendar = \"nowhere\",", "", "add it to calendars");
	refused("calendars = { { name = \"x\", like = \"SHFE.ua\" } },", "", "",
		"there is no calendar \"SHFE.ua\"");
	refused("calendars = { { name = \"x\", sessions = { { days = \"daily\", from = \"00:00\", to = \"24:00\" } } } },",
		"", "", "has no zone");
	refused("calendars = { { name = \"x\", zone = \"UTC\" } },", "", "", "has 0 sessions");
	refused("calendars = { { name = \"x\", zone = \"Asia/Shanghia\", like = \"24x7\" } },", "",
		"", "calendar \"x\" has a zone that cannot be used: there is no time zone");
	refused("calendars = { { name = \"x\", zone = \"../x\", like = \"24x7\" } },", "", "",
		"no name of a time zone");
	refused("calendars = { { name = \"x\", like = \"SHFE.au\", sessions = { { days = \"mon-fri\", from = \"09:00\", to = "
		"\"11:30\" }, { days = \"mon-fri\", from = \"11:00\", to = \"15:00\" } } } },",
		"", "", "calendar \"x\" has sessions that overlap, 09:00-11:30 and 11:00-15:00");
	refused("calendars = { { name = \"x\", like = \"24x7\", holidays = { \"2026-10-01\" }, exceptions = { { date = "
		"\"2026-10-01\", no_night = true } } } },",
		"", "", "two exceptions for 2026-10-01");
	refused("calendars = { { name = \"x\", like = \"24x7\", exceptions = { { date = \"2026-10-01\" } } } },",
		"", "", "says nothing of its day");
	refused("calendars = { { name = \"x\", like = \"24x7\", holidays = { \"2026-02-30\" } } },",
		"", "", "which is no day");
	refused("calendars = { { name = \"x\", like = \"24x7\", holidays = { a = \"2026-02-20\" } } },",
		"", "", "a day each");
	refused("calendars = { { name = \"x\", like = \"24x7\" }, { name = \"x\", like = \"FX\" } },",
		"", "", "another calendar called \"x\"");
	refused("calendars = { { name = \"x\", zone = \"UTC\", sessions = { { days = \"mon-fry\", from = \"09:00\", to = "
		"\"11:30\" } } } },",
		"", "", "no days of the week");
	refused("calendars = { { name = \"x\", zone = \"UTC\", sessions = { { days = \"mon\", from = \"9:00\", to = \"11:30\" } } "
		"} },",
		"", "", "no time of day");
	refused("calendars = { { name = \"x\", zone = \"UTC\", sessions = { { days = \"mon\", from = \"24:00\", to = \"25:30\" } "
		"} } },",
		"", "", "more than 23:59:59");
	static char many[2048] = "calendars = { { name = \"x\", zone = \"UTC\", sessions = {";
	for (int i = 0; i < 25; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many),
			 "{ days = \"mon\", from = \"%02d:00\", to = \"%02d:30\" }, ", i % 24,
			 i % 24);
	strcat(many, "} } },");
	refused(many, "", "", "more than 24 sessions");
}
END_TEST

FOLDER_SUITE("config_calendar", test_shipped, test_holidays_and_likes, test_how_far_it_is_looked_up,
	     test_pairs_that_never_meet, test_refused)
