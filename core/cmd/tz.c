#include "core/cmd/tz.h"
#include "core/base/err.h"
#include "core/market/zone.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS  1000000000
#define OFFSET_MAX (15 * 3600)
#define LINK_MAX   256

/* The clock in force: a zone, or a fixed offset. */
static struct zone *zone;
static int32_t fixed_s;
static char label[ZONE_NAME] = "UTC";

static bool digits(const char *s, size_t n)
{
	return strspn(s, "0123456789") >= n;
}

int tz_offset(const char *text, int32_t *offset_s)
{
	size_t n = strlen(text), colon = strcspn(text, ":");
	if ((text[0] != '+' && text[0] != '-') || n < 2 || n > 6)
		return -ERR_PARSE;
	const char *hours = text + 1, *minutes = "00";
	size_t wide = colon < n ? colon - 1 : n == 5 ? 2 : n - 1;
	if (wide + 1 < n)
		minutes = hours + wide + (colon < n);
	if (wide < 1 || wide > 2 || !digits(hours, wide) || strlen(minutes) != 2 ||
	    !digits(minutes, 2) || atoi(minutes) > 59)
		return -ERR_PARSE;
	int h = hours[0] - '0';
	if (wide == 2)
		h = h * 10 + hours[1] - '0';
	int32_t s = h * 3600 + atoi(minutes) * 60;
	if (s > OFFSET_MAX)
		return -ERR_PARSE;
	*offset_s = text[0] == '-' ? -s : s;
	return 0;
}

static void fixed(int32_t offset_s)
{
	int32_t size = offset_s < 0 ? -offset_s : offset_s;
	fixed_s = offset_s;
	if (offset_s)
		snprintf(label, sizeof label, "%c%02d:%02d", offset_s < 0 ? '-' : '+', size / 3600,
			 size / 60 % 60);
}

static int named(const char *name)
{
	int rc = zone_open(NULL, name, &zone);
	if (rc == -ERR_NOTFOUND || rc == -ERR_CONFIG)
		return err_set(ERR_NOTFOUND,
			       "this machine has no clock \"%s\" among its zones (" ZONE_FOLDER
			       "); say Asia/Shanghai, +08:00, UTC or local",
			       name);
	if (!rc)
		snprintf(label, sizeof label, "%s", name);
	return rc;
}

/* The zone's name is where /etc/localtime points to, behind the folder of zones. */
static int local(void)
{
	char link[LINK_MAX];
	const char *name = getenv("TZ");
	if (name && name[0])
		return named(name[0] == ':' ? name + 1 : name);
	ssize_t n = readlink("/etc/localtime", link, sizeof link - 1);
	link[n > 0 ? n : 0] = 0;
	name = strstr(link, "/zoneinfo/");
	if (name)
		name += strlen("/zoneinfo/");
	if (name && strcmp(name, "Etc/UTC") != 0 && strcmp(name, "UTC") != 0)
		return named(name);
	if (name || access("/etc/localtime", F_OK) != 0)
		return 0; /* a machine that says nothing lives by UTC */
	return err_set(
		ERR_NOTFOUND,
		"/etc/localtime does not say which zone it is; name it: --tz Asia/Shanghai, or --tz +08:00");
}

int tz_set(const char *name)
{
	int32_t offset_s;
	if (!name)
		return 0;
	zone_free(zone);
	zone = NULL;
	fixed_s = 0;
	strcpy(label, "UTC");
	if (strcmp(name, "UTC") == 0 || strcmp(name, "utc") == 0 || strcmp(name, "Z") == 0)
		return 0;
	if (strcmp(name, "local") == 0)
		return local();
	if (name[0] != '+' && name[0] != '-')
		return named(name);
	if (tz_offset(name, &offset_s))
		return err_set(ERR_CONFIG,
			       "\"%s\" is no offset from UTC: +08:00, -05:30, up to 15 hours",
			       name);
	fixed(offset_s);
	return 0;
}

const char *tz_label(void)
{
	return label;
}

int64_t tz_utc_s(int64_t local_s)
{
	return zone ? zone_utc_s(zone, local_s) : local_s - fixed_s;
}

/* The date of a second changes once a day, and receipts come in their order. */
static const char *date_text(int64_t local_s)
{
	static int64_t day = INT64_MIN;
	static char text[16];
	int64_t of = local_s / 86400 - (local_s % 86400 < 0);
	if (of == day)
		return text;
	time_t s = (time_t)local_s;
	struct tm tm;
	gmtime_r(&s, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT", &tm);
	day = of;
	return text;
}

static char *two(char *at, int v)
{
	at[0] = (char)('0' + v / 10 % 10);
	at[1] = (char)('0' + v % 10);
	return at + 2;
}

static char *suffix(char *at, int32_t offset_s)
{
	int32_t size = offset_s < 0 ? -offset_s : offset_s;
	if (offset_s == 0 && !zone) {
		*at++ = 'Z';
		return at;
	}
	*at++ = offset_s < 0 ? '-' : '+';
	at = two(at, size / 3600);
	*at++ = ':';
	return two(at, size / 60 % 60);
}

void tz_time(int64_t utc_ns, char out[TZ_TIME])
{
	int64_t rest = utc_ns % SECOND_NS, utc_s = utc_ns / SECOND_NS - (rest < 0);
	rest += rest < 0 ? SECOND_NS : 0;
	int32_t offset_s = zone ? zone_offset_s(zone, utc_s) : fixed_s;
	int64_t local_s = utc_s + offset_s;
	int s = (int)(local_s - (local_s / 86400 - (local_s % 86400 < 0)) * 86400);
	char *at = stpcpy(out, date_text(local_s));
	at = two(at, s / 3600);
	*at++ = ':';
	at = two(at, s / 60 % 60);
	*at++ = ':';
	at = two(at, s % 60);
	*at++ = '.';
	int us = (int)(rest / 1000);
	at = two(two(two(at, us / 10000), us / 100), us);
	*suffix(at, offset_s) = 0;
}
