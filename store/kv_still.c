#include "store/kv_still.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static bool is_log(const char *name)
{
	size_t n = strlen(name);
	return n > 4 && strcmp(name + n - 4, ".log") == 0;
}

void kv_still_look(struct kv_still *s, const char *folder)
{
	char path[400];
	size_t n = 0;
	memset(s, 0, sizeof *s);
	snprintf(path, sizeof path, "%s/CURRENT", folder);
	FILE *f = fopen(path, "re");
	if (f) {
		n = fread(s->current, 1, sizeof s->current - 1, f);
		s->current[n] = 0;
		fclose(f);
	}
	DIR *d = opendir(folder);
	n = 0;
	for (struct dirent *e; d && (e = readdir(d));)
		if (is_log(e->d_name) && n + strlen(e->d_name) + 3 < sizeof s->logs)
			n += (size_t)snprintf(s->logs + n, sizeof s->logs - n, "/%s/\n", e->d_name);
	if (d)
		closedir(d);
}

bool kv_still_is(const struct kv_still *then, const char *folder)
{
	struct kv_still now;
	kv_still_look(&now, folder);
	if (strcmp(then->current, now.current) != 0)
		return false;
	for (const char *at = then->logs; *at;) {
		char line[64];
		size_t n = strcspn(at, "\n");
		snprintf(line, sizeof line, "%.*s", (int)n, at);
		if (!strstr(now.logs, line))
			return false;
		at += n + 1;
	}
	return true;
}
