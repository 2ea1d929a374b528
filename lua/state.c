#include "lua/state.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { tag_false, tag_true, tag_number, tag_text, tag_table };
enum { head_len = 8 };
static const char magic[4] = { 'T', 'S', 'V', '1' };
static const uint64_t the_nan = 0x7ff8000000000000u;

/* ---- writing */

struct writer {
	lua_State *L;
	struct state_key *key;
	unsigned n_keys;  /* in use, of all levels */
	unsigned entries; /* written so far */
	uint8_t *buf;
	size_t cap, len;
};

static void bytes(struct writer *w, const void *p, size_t n)
{
	if (w->buf && n <= w->cap && w->len <= w->cap - n)
		memcpy(w->buf + w->len, p, n);
	w->len += n;
}

static void byte(struct writer *w, uint8_t b)
{
	bytes(w, &b, 1);
}

static void count(struct writer *w, size_t n)
{
	for (; n >= 0x80; n >>= 7)
		byte(w, (uint8_t)(n | 0x80));
	byte(w, (uint8_t)n);
}

static void number(struct writer *w, double d)
{
	uint64_t u;
	uint8_t b[8];
	memcpy(&u, &d, sizeof(u));
	if (isnan(d))
		u = the_nan;
	for (unsigned i = 0; i < 8; i++)
		b[i] = (uint8_t)(u >> (8 * i));
	byte(w, tag_number);
	bytes(w, b, 8);
}

static void text(struct writer *w, const char *s, size_t n)
{
	byte(w, tag_text);
	count(w, n);
	bytes(w, s, n);
}

/* Numbers, then texts, then false and true. */
static int order(const void *pa, const void *pb)
{
	static const uint8_t rank[] = {
		[tag_number] = 0, [tag_text] = 1, [tag_false] = 2, [tag_true] = 3
	};
	const struct state_key *a = pa, *b = pb;
	if (a->tag != b->tag)
		return rank[a->tag] < rank[b->tag] ? -1 : 1;
	if (a->tag == tag_number)
		return (a->number > b->number) - (a->number < b->number);
	if (a->tag != tag_text)
		return 0;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = n ? memcmp(a->text, b->text, n) : 0;
	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static int read_key(lua_State *L, int i, struct state_key *k)
{
	*k = (struct state_key){ 0 };
	switch (lua_type(L, i)) {
	case LUA_TNUMBER:
		k->tag = tag_number;
		k->number = lua_tonumber(L, i);
		return 0;
	case LUA_TSTRING:
		k->tag = tag_text;
		k->text = lua_tolstring(L, i, &k->len);
		return 0;
	case LUA_TBOOLEAN:
		k->tag = lua_toboolean(L, i) ? tag_true : tag_false;
		return 0;
	default:
		return err_set(
			ERR_SCRIPT,
			"a key of type %s cannot be saved; keys are numbers, texts or booleans",
			luaL_typename(L, i));
	}
}

static void push_key(lua_State *L, const struct state_key *k)
{
	if (k->tag == tag_number)
		lua_pushnumber(L, k->number);
	else if (k->tag == tag_text)
		lua_pushlstring(L, k->text, k->len);
	else
		lua_pushboolean(L, k->tag == tag_true);
}

static void write_key(struct writer *w, const struct state_key *k)
{
	if (k->tag == tag_number)
		number(w, k->number);
	else if (k->tag == tag_text)
		text(w, k->text, k->len);
	else
		byte(w, k->tag);
}

static int under(int rc, const struct state_key *k)
{
	if (k->tag == tag_text)
		return err_ctx(rc, "%.*s", k->len > 60 ? 60 : (int)k->len, k->text);
	if (k->tag == tag_number)
		return err_ctx(rc, "[%.14g]", k->number);
	return err_ctx(rc, "[%s]", k->tag == tag_true ? "true" : "false");
}

static int table(struct writer *w, unsigned depth);

/* The value on top of the stack. */
static int value(struct writer *w, unsigned depth)
{
	size_t n;
	const char *s;
	switch (lua_type(w->L, -1)) {
	case LUA_TBOOLEAN:
		byte(w, lua_toboolean(w->L, -1) ? tag_true : tag_false);
		return 0;
	case LUA_TNUMBER:
		number(w, lua_tonumber(w->L, -1));
		return 0;
	case LUA_TSTRING:
		s = lua_tolstring(w->L, -1, &n);
		text(w, s, n);
		return 0;
	case LUA_TTABLE:
		return table(w, depth + 1);
	default:
		return err_set(
			ERR_SCRIPT,
			"a %s cannot be saved; state is numbers, texts, booleans and tables of them",
			luaL_typename(w->L, -1));
	}
}

static int collect(struct writer *w, int t, unsigned *n)
{
	*n = 0;
	lua_pushnil(w->L);
	while (lua_next(w->L, t)) {
		lua_pop(w->L, 1);
		if (w->entries == STATE_ENTRIES)
			return err_set(ERR_SCRIPT, "the state has more than %d entries",
				       STATE_ENTRIES);
		int rc = read_key(w->L, -1, &w->key[w->n_keys + *n]);
		if (rc)
			return rc;
		++*n;
		w->entries++;
	}
	return 0;
}

static int table(struct writer *w, unsigned depth)
{
	unsigned n;
	int t = lua_gettop(w->L), rc;
	if (depth > STATE_DEPTH || !lua_checkstack(w->L, 8))
		return err_set(ERR_SCRIPT,
			       "the state is nested deeper than %d tables, or holds itself",
			       STATE_DEPTH);
	if ((rc = collect(w, t, &n)))
		return rc;
	struct state_key *keys = w->key + w->n_keys;
	w->n_keys += n;
	if (n)
		qsort(keys, n, sizeof(*keys), order);
	byte(w, tag_table);
	count(w, n);
	for (unsigned i = 0; i < n; i++) {
		write_key(w, &keys[i]);
		push_key(w->L, &keys[i]);
		lua_rawget(w->L, t);
		if ((rc = value(w, depth)))
			return under(rc, &keys[i]);
		lua_pop(w->L, 1);
	}
	w->n_keys -= n;
	return 0;
}

int state_encode(lua_State *L, int index, uint32_t version, struct state_scratch *scratch,
		 void *buf, size_t cap, size_t *len)
{
	struct writer w = { .L = L, .key = scratch->key, .buf = buf, .cap = cap };
	uint8_t v[4] = { (uint8_t)version, (uint8_t)(version >> 8), (uint8_t)(version >> 16),
			 (uint8_t)(version >> 24) };
	int top = lua_gettop(L);
	bytes(&w, magic, sizeof(magic));
	bytes(&w, v, sizeof(v));
	lua_pushvalue(L, index);
	int rc = table(&w, 1);
	lua_settop(L, top);
	if (rc)
		return rc;
	*len = w.len;
	if (w.len > cap)
		return err_set(ERR_FULL, "the state takes %zu bytes, and %zu is the most", w.len,
			       cap);
	return 0;
}

/* ---- reading: once without a VM to check, once with one to build */

struct reader {
	const uint8_t *p, *end;
	lua_State *L; /* NULL: check only */
	unsigned entries;
};

static int corrupt(const struct reader *r, const char *what)
{
	return err_set(ERR_CORRUPT, "the saved state is damaged: %s, %zu bytes before its end",
		       what, (size_t)(r->end - r->p));
}

static int read_count(struct reader *r, size_t *out)
{
	size_t n = 0;
	for (unsigned shift = 0; shift < 28; shift += 7) {
		if (r->p == r->end)
			return corrupt(r, "a count is cut off");
		uint8_t b = *r->p++;
		n |= (size_t)(b & 0x7f) << shift;
		if (!(b & 0x80)) {
			*out = n;
			return shift && !b ? corrupt(r, "a count is longer than it need be") : 0;
		}
	}
	return corrupt(r, "a count is too large");
}

static int read_number(struct reader *r, double *out)
{
	uint64_t u = 0;
	if (r->end - r->p < 8)
		return corrupt(r, "a number is cut off");
	for (unsigned i = 0; i < 8; i++)
		u |= (uint64_t)*r->p++ << (8 * i);
	memcpy(out, &u, sizeof(u));
	return isnan(*out) && u != the_nan ? corrupt(r, "a number of no known form") : 0;
}

/* A key, or a value that is no table. */
static int read_scalar(struct reader *r, struct state_key *k)
{
	int rc;
	*k = (struct state_key){ .tag = *r->p++ };
	switch (k->tag) {
	case tag_false:
	case tag_true:
		return 0;
	case tag_number:
		return read_number(r, &k->number);
	case tag_text:
		if ((rc = read_count(r, &k->len)))
			return rc;
		if (k->len > (size_t)(r->end - r->p))
			return corrupt(r, "a text is cut off");
		k->text = (const char *)r->p;
		r->p += k->len;
		return 0;
	default:
		return corrupt(r, "a value of no known kind");
	}
}

static int read_table(struct reader *r, unsigned depth);

static int read_value(struct reader *r, unsigned depth)
{
	struct state_key k;
	if (r->p == r->end)
		return corrupt(r, "a value is missing");
	if (*r->p == tag_table) {
		r->p++;
		return read_table(r, depth + 1);
	}
	int rc = read_scalar(r, &k);
	if (!rc && r->L)
		push_key(r->L, &k);
	return rc;
}

static int read_entry(struct reader *r, unsigned depth, struct state_key *last, bool first)
{
	struct state_key k;
	if (r->p == r->end)
		return corrupt(r, "a key is missing");
	int rc = read_scalar(r, &k);
	if (rc)
		return rc;
	if (k.tag == tag_number && isnan(k.number))
		return corrupt(r, "a key that is no number");
	/* Minus zero is the key zero, so it has no form of its own. */
	if (k.tag == tag_number && k.number == 0 && signbit(k.number))
		return corrupt(r, "a key of minus zero");
	if (!first && order(last, &k) >= 0)
		return corrupt(r, "keys out of order");
	*last = k;
	if (r->L)
		push_key(r->L, &k);
	if ((rc = read_value(r, depth)))
		return rc;
	if (r->L)
		lua_rawset(r->L, -3);
	return 0;
}

static int read_table(struct reader *r, unsigned depth)
{
	size_t n;
	struct state_key last = { 0 };
	if (depth > STATE_DEPTH)
		return corrupt(r, "nested too deep");
	int rc = read_count(r, &n);
	if (rc)
		return rc;
	if (n > STATE_ENTRIES || (r->entries += (unsigned)n) > STATE_ENTRIES)
		return corrupt(r, "too many entries");
	if (r->L) {
		luaL_checkstack(r->L, 8, "saved state");
		lua_createtable(r->L, 0, (int)n);
	}
	for (size_t i = 0; i < n && !rc; i++)
		rc = read_entry(r, depth, &last, i == 0);
	return rc;
}

int state_check(const void *buf, size_t len, uint32_t *version)
{
	struct reader r = { .p = buf, .end = (const uint8_t *)buf + len };
	if (len <= head_len || memcmp(buf, magic, sizeof(magic)))
		return err_set(ERR_CORRUPT,
			       "the saved state is damaged: it does not begin with TSV1");
	const uint8_t *v = r.p + sizeof(magic);
	if (version)
		*version = v[0] | (uint32_t)v[1] << 8 | (uint32_t)v[2] << 16 | (uint32_t)v[3] << 24;
	r.p += head_len;
	if (*r.p++ != tag_table)
		return corrupt(&r, "it is no table");
	int rc = read_table(&r, 1);
	if (!rc && r.p != r.end)
		rc = corrupt(&r, "there is something behind it");
	return rc;
}

void state_push(lua_State *L, const void *buf, size_t len)
{
	struct reader r = { .p = (const uint8_t *)buf + head_len + 1,
			    .end = (const uint8_t *)buf + len,
			    .L = L };
	must(read_table(&r, 1) == 0);
}
