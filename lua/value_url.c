#include "core/base/err.h"
#include "core/ops/config.h"
#include "lua/value.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int bad_url(const char *s, size_t n, const char *what, const char *why, const char *remedy)
{
	return err_set(ERR_PARSE, "is \"%.*s\", %s; %s; %s", (int)(n < 100 ? n : 100), s, what, why,
		       remedy);
}

/* The scheme of the list that s begins with, and how long it is with its "://"; NULL: none. */
static const char *scheme_of(const char *s, size_t n, const char *const *schemes, size_t *len)
{
	for (; *schemes; schemes++) {
		*len = strlen(*schemes) + 3;
		if (n > *len && !strncmp(s, *schemes, *len - 3) && !memcmp(s + *len - 3, "://", 3))
			return *schemes;
	}
	return NULL;
}

static int wrong_scheme(const char *s, size_t n, const char *const *schemes)
{
	char list[80] = "";
	for (size_t at = 0; *schemes && at < sizeof(list); schemes++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s://", at ? " or " : "",
				       *schemes);
	return err_set(
		ERR_PARSE,
		"is \"%.*s\", which does not begin with %s; the wire that is spoken there needs it; write it as %shost:port/path",
		(int)(n < 100 ? n : 100), s, list,
		strncmp(list, "http", 4) ? "wss://" : "https://");
}

static bool host_char(char c, bool v6)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    c == '.' || c == '-')
		return true;
	return v6 && c == ':';
}

/* host, [v6], each with an optional :port. */
static int host_and_port(const char *s, size_t n, const char *url, size_t url_n,
			 struct config_url *out)
{
	bool v6 = n > 0 && s[0] == '[';
	const char *close = v6 ? memchr(s, ']', n) : NULL;
	const char *host = s + v6;
	const char *end = v6 ? close : memchr(s, ':', n);
	if (!end)
		end = s + n;
	size_t host_n = (size_t)(end - host);
	const char *rest = end + (v6 && close ? 1 : 0);
	bool ok = host_n > 0 && host_n < sizeof(out->host) && (!v6 || close);
	for (size_t i = 0; ok && i < host_n; i++)
		ok = host_char(host[i], v6);
	if (!ok)
		return bad_url(url, url_n, "without a host that could be one",
			       "a host is a name, an IPv4 address or [an IPv6 address]",
			       "write scheme://host:port/path, with no user or password");
	memcpy(out->host, host, host_n);
	out->host[host_n] = 0;
	if (rest == s + n)
		return 0;
	unsigned port = 0;
	size_t digits = (size_t)(s + n - rest) - 1;
	for (size_t i = 1; i <= digits; i++)
		port = rest[i] >= '0' && rest[i] <= '9' && digits <= 5
			       ? port * 10 + (unsigned)(rest[i] - '0')
			       : 100000;
	if (rest[0] != ':' || port == 0 || port > 65535)
		return bad_url(url, url_n, "without a port that could be one",
			       "a port is a number from 1 to 65535",
			       "write scheme://host:port/path");
	out->port = (uint16_t)port;
	return 0;
}

int value_url(const char *s, size_t n, const char *const *schemes, struct config_url *out)
{
	size_t head;
	const char *scheme = scheme_of(s, n, schemes, &head);
	if (!scheme)
		return wrong_scheme(s, n, schemes);
	struct config_url u = { .tls = !strcmp(scheme, "wss") || !strcmp(scheme, "https") };
	u.port = u.tls ? 443 : 80;
	const char *host = s + head;
	size_t rest = n - head, host_n = 0;
	while (host_n < rest && host[host_n] != '/')
		host_n++;
	if (memchr(host, '@', host_n))
		return err_set(
			ERR_PARSE,
			"holds a user or a password; venues are signed on to with keys, and this is shown in logs; take "
			"out what stands before the @");
	int rc = host_and_port(host, host_n, s, n, &u);
	if (rc)
		return rc;
	size_t path_n = rest - host_n;
	/* What is put behind it begins with a slash of its own. */
	while (path_n > 0 && host[host_n + path_n - 1] == '/')
		path_n--;
	bool ok = path_n < sizeof(u.path);
	for (size_t i = 0; ok && i < path_n; i++)
		ok = host[host_n + i] > ' ' && host[host_n + i] < 0x7f &&
		     !strchr("?#\"\\", host[host_n + i]);
	if (!ok)
		return bad_url(
			s, n, "with a path that cannot be used",
			"streams and parameters are added by the adapter",
			"write the path up to, not with, a \"?\", in less than 128 plain characters");
	memcpy(u.path, host + host_n, path_n);
	*out = u;
	return 0;
}

bool value_is_loopback(const char *host)
{
	if (!strcasecmp(host, "localhost") || !strcmp(host, "::1"))
		return true;
	/* 127.0.0.0/8 as an address: a name such as 127.evil.example is none. */
	return !strncmp(host, "127.", 4) && host[strspn(host, "0123456789.")] == 0;
}
