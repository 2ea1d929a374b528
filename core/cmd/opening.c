#include "core/cmd/opening.h"

#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/risk.h"
#include "core/trade/scribe.h"
#include "gen/version.h"
#include "store/store.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------- names */

static int number(struct opening *o, enum name_space space, const char *text, uint32_t *id,
		  bool *is_new)
{
	if (o->number)
		return o->number(o->arg, space, text, id, is_new);
	if (o->store)
		return store_name(o->store, space, text, id, is_new);
	for (size_t i = 0; i < o->n_fresh; i++)
		if (o->fresh[i].space == space && strcmp(o->fresh[i].text, text) == 0) {
			*id = o->fresh[i].id;
			return 0;
		}
	*id = ++o->last[space];
	*is_new = true;
	return 0;
}

static int learn(struct opening *o, enum name_space space, const char *text, uint32_t *id)
{
	bool is_new = false;
	int rc = number(o, space, text, id, &is_new);
	if (rc || !is_new)
		return rc;
	if (o->n_fresh == o->cap_fresh) {
		size_t cap = o->cap_fresh ? 2 * o->cap_fresh : 64;
		struct opening_name *more = realloc(o->fresh, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for names");
		o->fresh = more;
		o->cap_fresh = cap;
	}
	struct opening_name *n = &o->fresh[o->n_fresh++];
	*n = (struct opening_name){ .space = (uint8_t)space, .id = *id };
	snprintf(n->text, sizeof n->text, "%s", text);
	return 0;
}

static int take_memory(struct opening *o, const struct config *c)
{
	o->names = (struct desk_names){
		.venue = calloc(c->n_venues + 1u, sizeof(uint32_t)),
		.account = calloc(c->n_accounts + 1u, sizeof(uint32_t)),
		.instance = calloc(c->n_instances + 1u, sizeof(uint32_t)),
		.script = calloc(c->n_instances + 1u, sizeof(uint32_t)),
		.asset = calloc(ASSET_MAX, sizeof(uint32_t)),
	};
	bool all = o->names.venue && o->names.account && o->names.instance && o->names.script &&
		   o->names.asset;
	return all ? 0 : err_set(ERR_NOMEM, "no memory for names");
}

int opening_learn_script(struct opening *o, const struct strategy *s, uint32_t *id)
{
	char hex[DIGEST_HEX];
	digest_hex(s->sha256, DIGEST_LEN, hex);
	return learn(o, NAME_SCRIPT, hex, id);
}

int opening_learn(struct opening *o, struct store *store, struct config *c,
		  struct strategy *const *script)
{
	*o = (struct opening){ .store = store, .number = o->number, .arg = o->arg };
	int rc = take_memory(o, c);
	for (unsigned i = 0; !rc && i < c->n_venues; i++)
		rc = learn(o, NAME_VENUE, c->venue[i].name, &o->names.venue[i]);
	for (unsigned i = 0; !rc && i < c->n_accounts; i++)
		rc = learn(o, NAME_ACCOUNT, c->account[i].name, &o->names.account[i]);
	for (uint32_t i = 0; !rc && i < c->n_instruments; i++)
		rc = learn(o, NAME_INSTRUMENT, c->instrument[i].name, &c->instrument[i].name_id);
	for (asset_id i = 1; !rc && i < c->assets.n; i++)
		rc = learn(o, NAME_ASSET, c->assets.name[i], &o->names.asset[i]);
	for (unsigned i = 0; !rc && i < c->n_instances; i++) {
		rc = learn(o, NAME_INSTANCE, c->instance[i].name, &o->names.instance[i]);
		if (!rc)
			rc = opening_learn_script(o, script[i], &o->names.script[i]);
	}
	return rc;
}

void opening_free(struct opening *o)
{
	free(o->names.venue);
	free(o->names.account);
	free(o->names.instance);
	free(o->names.script);
	free(o->names.asset);
	free(o->fresh);
	*o = (struct opening){ 0 };
}

/* ---------------------------------------------------------------- receipts */

/* False: no room. A name is given once: receipts that use one which was never written could not be read. */
static bool write_names(const struct opening *o, struct desk *d)
{
	for (size_t i = 0; i < o->n_fresh; i++) {
		struct fact f;
		fact_init(&f, FACT_NAME);
		f.num[0] = o->fresh[i].space;
		f.num[1] = o->fresh[i].id;
		fact_text(&f, "%s", o->fresh[i].text);
		if (!scribe_put(d, &f))
			return false;
	}
	return true;
}

static int64_t head_of(const uint8_t sha[DIGEST_LEN])
{
	int64_t v;
	memcpy(&v, sha, sizeof v);
	return v;
}

/* Of the size, in ppm; 0: the version trades all of it. */
static int32_t part_of_canary(const struct desk *d, uint16_t i)
{
	const struct trial *t = &d->instance[i].lineup->trial;
	return t->on && t->how == RELOAD_CANARY ? d->cfg->instance[i].reload.canary_ppm[t->step]
						: 0;
}

/* The program's own file, by its digest: which commit it was made of only says what its maker meant. */
static bool write_build(struct desk *d, uint16_t epoch, uint64_t cause)
{
	uint8_t sha[DIGEST_LEN];
	char hex[DIGEST_HEX];
	struct stat st;
	struct fact f;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	void *p = fd >= 0 && fstat(fd, &st) == 0
			  ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
			  : MAP_FAILED;
	if (fd >= 0)
		close(fd);
	fact_init(&f, FACT_BUILD);
	f.cause = cause;
	f.num[1] = epoch;
	if (p == MAP_FAILED) {
		fact_text(&f, "the program's file cannot be read");
		return scribe_put(d, &f) != 0;
	}
	digest_sha256(p, (size_t)st.st_size, sha);
	munmap(p, (size_t)st.st_size);
	digest_hex(sha, DIGEST_LEN, hex);
	f.num[0] = st.st_size;
	fact_text(&f, "sha256 %s", hex);
	return scribe_put(d, &f) != 0;
}

static bool write_accounts(const struct opening *o, struct desk *d, uint16_t epoch, uint64_t cause)
{
	bool written = true;
	for (unsigned i = 0; i < d->cfg->n_accounts; i++) {
		const struct config_account *a = &d->cfg->account[i];
		struct fact f;
		fact_init(&f, FACT_ACCOUNT);
		f.cause = cause;
		f.account = o->names.account[i];
		f.venue = o->names.venue[a->venue];
		f.num[0] = epoch;
		f.num[1] = a->hedge_flag;
		fact_text(&f, "group %s%s%s", a->group[0] ? a->group : a->name,
			  a->terminal[0] ? "; terminal " : "", a->terminal);
		written = scribe_put(d, &f) && written;
	}
	return written;
}

int opening_write(const struct opening *o, struct desk *d, uint16_t epoch, int64_t pid,
		  uint64_t first_seq)
{
	uint8_t build[DIGEST_LEN];
	char hex[DIGEST_HEX];
	digest_sha256(TANDEM_BUILD, sizeof TANDEM_BUILD - 1, build);
	digest_hex(d->cfg->sha256, DIGEST_LEN, hex);
	struct fact f;
	fact_init(&f, FACT_SESSION_OPEN);
	f.num[0] = epoch;
	f.num[2] = pid;
	f.num[3] = head_of(d->cfg->sha256);
	f.num[4] = head_of(build);
	f.num[5] = (int64_t)first_seq;
	f.num[6] = (int64_t)(o->store ? store_lost(o->store) : o->lost);
	fact_text(&f, "tandem %s (%s), configuration %s", TANDEM_VERSION, TANDEM_BUILD, hex);
	uint64_t opening = scribe_put(d, &f);
	bool written = opening && write_names(o, d);
	/* A backtest is the same whatever program ran it. */
	if (pid)
		written = write_build(d, epoch, opening) && write_accounts(o, d, epoch, opening) &&
			  risk_say_in_force(d) && written;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		const struct strategy *s = d->instance[i].script;
		scribe_instance(d, &f, FACT_SCRIPT, i, opening);
		f.state = VERSION_LIVE;
		f.num[0] = s->version;
		f.num[1] = s->lines;
		f.num[2] = s->bytes;
		f.num[7] = part_of_canary(d, i);
		fact_text(&f, "%.*s", FACT_TEXT - 1, s->file);
		written = scribe_put(d, &f) && written;
	}
	return written ? 0
		       : err_set(ERR_FULL,
				 "the journal ring has no room for what opens a session; store.ring_bytes is %llu",
				 (unsigned long long)d->cfg->store.ring_bytes);
}

void opening_tell_lost(struct desk *d, uint64_t lost)
{
	if (lost)
		scribe_alert(
			d, 0, ALERT_RECEIPTS_LOST, 0,
			"%llu receipts of the life before are missing: `tandem doctor %s` says which",
			(unsigned long long)lost, d->cfg->store.path);
}
