#include "lua/prelude.h"
#include "core/base/err.h"
#include "gen/embed.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const unsigned char *text;
	const unsigned *len;
} part[] = {
	[PRELUDE_API] = { "=prelude", embed_prelude, &embed_prelude_len },
	[PRELUDE_SANDBOX] = { "=sandbox", embed_sandbox, &embed_sandbox_len },
	[PRELUDE_DECLARE] = { "=declare", embed_declare, &embed_declare_len },
	[PRELUDE_VIEW] = { "=view", embed_view, &embed_view_len },
	[PRELUDE_WINDOW] = { "=window", embed_window, &embed_window_len },
	[PRELUDE_REWIND] = { "=rewind", embed_rewind, &embed_rewind_len },
	[PRELUDE_PLAIN] = { "=plain", embed_plain, &embed_plain_len },
};
_Static_assert(sizeof(part) / sizeof(part[0]) == prelude_part_max, "a text for each part");

struct sink {
	struct prelude *to;
	enum prelude_part part;
};

static int append(lua_State *L, const void *bytes, size_t n, void *ud)
{
	(void)L;
	struct sink *s = ud;
	size_t *len = &s->to->len[s->part], *cap = &s->to->cap[s->part];
	if (*len + n > *cap) {
		size_t want = 2 * (*len + n);
		char *more = realloc(s->to->code[s->part], want);
		if (!more)
			return 1;
		s->to->code[s->part] = more;
		*cap = want;
	}
	memcpy(s->to->code[s->part] + *len, bytes, n);
	*len += n;
	return 0;
}

int prelude_init(struct prelude *p)
{
	memset(p, 0, sizeof(*p));
	lua_State *L = luaL_newstate();
	int rc = L ? 0 : err_set(ERR_NOMEM, "no memory for the prelude of strategies");
	/* A 64-bit literal makes the parser load the FFI, which a state without libraries does not survive. */
	if (L)
		luaL_openlibs(L);
	for (int i = 0; i < prelude_part_max && !rc; i++) {
		struct sink s = { p, (enum prelude_part)i };
		if (luaL_loadbufferx(L, (const char *)part[i].text, *part[i].len, part[i].name,
				     "t") ||
		    lua_dump(L, append, &s))
			rc = err_set(ERR_NOMEM, "the prelude of strategies does not compile: %s",
				     lua_isstring(L, -1) ? lua_tostring(L, -1) : "no memory");
	}
	if (L)
		lua_close(L);
	if (rc)
		prelude_free(p);
	return rc;
}

void prelude_free(struct prelude *p)
{
	for (int i = 0; i < prelude_part_max; i++)
		free(p->code[i]);
	memset(p, 0, sizeof(*p));
}

void prelude_push(const struct prelude *p, enum prelude_part which, lua_State *L)
{
	if (luaL_loadbufferx(L, p->code[which], p->len[which], part[which].name, "b"))
		lua_error(L);
}
