/* The line formats of recordings, by hand: a number in front, perhaps a URL before it. */
#include "adapters/sim/recording.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <string.h>

static size_t digits(const char *p, size_t n)
{
	size_t i = 0;
	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i;
}

/* "1723161253937085768" is nanoseconds, "1633998512.0633569" seconds. Returns the bytes taken, 0: no time. */
static size_t parse_time(const char *p, size_t n, int64_t *ns)
{
	size_t whole = digits(p, n);
	if (!whole)
		return 0;
	if (whole == n || p[whole] != '.')
		return dec_parse_fast(p, whole, whole > 12 ? 0 : 9, ns) == 0 ? whole : 0;
	size_t part = digits(p + whole + 1, n - whole - 1);
	size_t kept = whole + 1 + (part > 9 ? 9 : part);
	if (!part || dec_parse_fast(p, kept, 9, ns) != 0)
		return 0;
	return whole + 1 + part;
}

/* What follows the time: ": {" or " {" and the JSON to the end of the line. */
static int parse_rest(const char *p, size_t n, struct recording_line *out)
{
	if (n && *p == ':')
		p++, n--;
	while (n && *p == ' ')
		p++, n--;
	if (!n || (*p != '{' && *p != '['))
		return -ERR_PARSE;
	out->json = p;
	out->n_json = n;
	return 0;
}

/* "URL -> time: json" answers a request of ours; "URL <-> time" and "URL <- time: json" carry nothing of the market. */
static int parse_url(const char *line, size_t n, struct recording_line *out)
{
	const char *space = memchr(line, ' ', n);
	if (!space)
		return -ERR_PARSE;
	out->url = line;
	out->n_url = (size_t)(space - line);
	const char *p = space + 1;
	size_t left = n - out->n_url - 1;
	bool answer = left > 3 && memcmp(p, "-> ", 3) == 0;
	bool opened = left > 4 && memcmp(p, "<-> ", 4) == 0;
	bool sent = left > 3 && memcmp(p, "<- ", 3) == 0;
	if (!answer && !opened && !sent)
		return -ERR_PARSE;
	size_t arrow = opened ? 4 : 3;
	size_t taken = parse_time(p + arrow, left - arrow, &out->time_ns);
	if (!taken)
		return -ERR_PARSE;
	return answer ? parse_rest(p + arrow + taken, left - arrow - taken, out) : 0;
}

int recording_line(const char *line, size_t n, struct recording_line *out)
{
	*out = (struct recording_line){ .time_ns = -1 };
	if (n && *line == '{')
		return parse_rest(line, n, out);
	size_t taken = parse_time(line, n, &out->time_ns);
	if (taken)
		return parse_rest(line + taken, n - taken, out);
	bool url = (n > 4 && memcmp(line, "http", 4) == 0) || (n > 2 && memcmp(line, "ws", 2) == 0);
	return url ? parse_url(line, n, out) : -ERR_PARSE;
}
