/* The folder of a venue: certificates, keys, ledgers, and what tells a host where everything is. */
#include "adapters/sim/server_parts.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/io/ca.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEN_YEARS_S (3650ll * 86400)

static int make_folder(const char *path)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	return 0;
}

static bool exists(const char *dir, const char *name)
{
	char path[400];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

/* The same authority and certificate for the folder's life. */
static int make_tls(const char *dir)
{
	const struct ca_opt o = { .from_s = -86400, .to_s = TEN_YEARS_S };
	int rc = make_folder(dir);
	if (rc || (exists(dir, "ca.pem") && exists(dir, "cert.pem") && exists(dir, "key.pem")))
		return rc;
	return ca_make(dir, &o);
}

int files_prepare(struct server *s)
{
	char path[320];
	int rc = make_folder(s->setup->dir);
	snprintf(path, sizeof path, "%s/keys", s->setup->dir);
	if (!rc)
		rc = make_folder(path);
	snprintf(path, sizeof path, "%s/tls", s->setup->dir);
	if (!rc && !s->setup->plaintext)
		rc = make_tls(path);
	return rc;
}

static void key_name(char out[72], const struct setup_venue *v, uint16_t account)
{
	snprintf(out, 72, "%s_%s", v->name, v->account[account].name);
}

int files_keys(struct server *s, const struct setup_venue *v, struct server_key *out, uint32_t *n)
{
	char dir[320], name[72];
	*n = 0;
	snprintf(dir, sizeof dir, "%s/keys", s->setup->dir);
	for (uint16_t a = 0; a < v->n_accounts; a++)
		for (int kind = 0; kind < server_key_kind_max; kind++) {
			key_name(name, v, a);
			int rc = server_key_load(&out[*n], kind, dir, name);
			if (rc)
				return rc;
			out[(*n)++].account = a;
		}
	return 0;
}

/* ---------------------------------------------------------------- endpoints.json */

static void put_path(struct json_out *j, const char *key, const char *dir, const char *name,
		     const char *end)
{
	char path[480];
	snprintf(path, sizeof path, "%s/%s%s", dir, name, end);
	json_str(j, key, path);
}

static void put_url(struct json_out *j, const char *key, bool secure, const char *scheme,
		    uint16_t port, const char *path)
{
	char url[160];
	snprintf(url, sizeof url, "%s%s://localhost:%u%s", scheme, secure ? "s" : "", port, path);
	json_str(j, key, url);
}

static void put_accounts(struct json_out *j, const struct server *s, const struct setup_venue *v)
{
	char keys[320], name[72];
	snprintf(keys, sizeof keys, "%s/keys", s->setup->dir);
	json_arr(j, "accounts");
	for (uint16_t a = 0; a < v->n_accounts; a++) {
		key_name(name, v, a);
		json_obj(j, NULL);
		json_str(j, "name", v->account[a].name);
		put_path(j, "api_key_file", keys, name, ".key");
		put_path(j, "secret_file", keys, name, ".secret");
		put_path(j, "ed25519_api_key_file", keys, name, ".ed25519.key");
		put_path(j, "ed25519_secret_file", keys, name, ".ed25519.pem");
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void put_venue(struct json_out *j, const struct server *s, const struct server_venue *v)
{
	const struct server_kind *k = v->kind;
	bool tls = !s->setup->plaintext;
	json_obj(j, NULL);
	json_str(j, "name", v->setup->name);
	json_str(j, "wire", k->wire);
	json_int(j, "port", v->port);
	put_url(j, "stream", tls, "ws", v->port, k->stream_path);
	put_url(j, "api", tls, "ws", v->port, k->api_path);
	if (k->rest)
		put_url(j, "rest", tls, "http", v->port, "");
	if (k->user_path)
		put_url(j, "user", tls, "ws", v->port, k->user_path);
	put_accounts(j, s, v->setup);
	json_arr(j, "symbols");
	for (uint16_t i = 0; i < v->setup->n_instruments; i++)
		json_str(j, NULL, v->setup->instrument[i].symbol);
	json_arr_end(j);
	put_path(j, "ledger", s->setup->dir, v->setup->name, ".ledger");
	json_obj_end(j);
}

static void describe(const struct server *s, struct json_out *j)
{
	json_obj(j, NULL);
	if (!s->setup->plaintext)
		put_path(j, "ca_file", s->setup->dir, "tls/ca.pem", "");
	if (s->clock && s->setup->clock_page[0])
		json_str(j, "clock_page", s->setup->clock_page);
	else if (s->clock)
		put_path(j, "clock_page", s->setup->dir, "clock", "");
	json_arr(j, "venues");
	for (uint16_t i = 0; i < s->setup->n_venues; i++)
		put_venue(j, s, &s->venue[i]);
	json_arr_end(j);
	json_obj_end(j);
}

int files_endpoints(const struct server *s)
{
	char text[16384], path[320], part[336];
	struct json_out j;
	json_out_init(&j, text, sizeof text);
	describe(s, &j);
	snprintf(path, sizeof path, "%s/endpoints.json", s->setup->dir);
	snprintf(part, sizeof part, "%s.part", path);
	FILE *f = fopen(part, "we");
	if (!f)
		return err_set(ERR_IO, "%s: %s", part, strerror(errno));
	bool ok = fprintf(f, "%s\n", text) > 0;
	ok = fclose(f) == 0 && ok && rename(part, path) == 0;
	return ok ? 0 : err_set(ERR_IO, "%s: %s", path, strerror(errno));
}

int files_finished(const struct server *s, bool finished)
{
	char path[320];
	snprintf(path, sizeof path, "%s/finished", s->setup->dir);
	if (!s->setup->dir[0])
		return 0;
	if (!finished)
		return unlink(path) == 0 || errno == ENOENT
			       ? 0
			       : err_set(ERR_IO, "%s: %s", path, strerror(errno));
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	close(fd);
	return 0;
}
