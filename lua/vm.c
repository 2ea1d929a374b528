#include "lua/vm.h"
#include "core/base/err.h"
#include <ctype.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

/* Where the library's own words leave a person alone. */
static const struct {
	const char *when, *then;
} advice[] = {
	{ "attempt to write to constant location",
	  "what a strategy is shown is read-only; keep numbers of your own in locals or in tandem.state" },
	{ "not enough memory", "keep less, or raise script_memory in the configuration" },
	{ "loop or previous error", "require \"tandem\" is all there is" },
};

static void over_memory(void *owner)
{
	struct guard *g = owner;
	if (g->L)
		guard_trip(g, GUARD_MEMORY);
}

static struct vm *vm_of(lua_State *L)
{
	void *ud;
	lua_getallocf(L, &ud);
	return (struct vm *)((char *)ud - offsetof(struct vm, arena));
}

/* "prelude:12: " in front of a message speaks of our text, which is not the script's business. */
static const char *without_our_place(const char *msg)
{
	static const char *const ours[] = { "prelude:", "sandbox:", "declare:", "rewind:",
					    "view:",	"window:",  "plain:" };
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		size_t n = strlen(ours[i]);
		if (!strncmp(msg, ours[i], n) && isdigit((unsigned char)msg[n])) {
			n += strspn(msg + n, "0123456789");
			return msg[n] == ':' && msg[n + 1] == ' ' ? msg + n + 2 : msg;
		}
	}
	return msg;
}

/* A tail call leaves no frame behind: the hook's own lines are searched for the call that the message speaks of. */
static int line_without_frame(struct vm *v, const char *msg)
{
	char word[32];
	int first = 1, last = 1 << 30, line;
	if (v->hooks && lua_checkstack(v->L, 4)) {
		lua_Debug ar = { 0 };
		lua_rawgeti(v->L, LUA_REGISTRYINDEX, v->hooks);
		lua_rawgeti(v->L, -1, v->kind);
		if (lua_isfunction(v->L, -1))
			lua_getinfo(v->L, ">S", &ar);
		else
			lua_pop(v->L, 1);
		lua_pop(v->L, 1);
		if (!ar.linedefined)
			return 1;
		first = ar.linedefined;
		last = ar.lastlinedefined;
	}
	const char *from = !strncmp(msg, "self:", 5) ? msg + 4 : msg;
	snprintf(word, sizeof(word), "%.*s", (int)(1 + strcspn(from + 1, ": ")), from);
	line = source_find(&v->source, first, last, word);
	return line ? line : first;
}

void vm_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
}

static void explain(struct vm *v, lua_State *L, const char *msg)
{
	size_t shown = strlen(v->shown);
	const char *then = NULL;
	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]) && !then; i++)
		then = strstr(msg, advice[i].when) ? advice[i].then : NULL;
	const char *colon = then ? ": " : "";
	then = then ? then : "";
	msg = without_our_place(msg);
	if (*msg == '\1' && !v->hooks) { /* only declare.lua knows the place, while a file loads */
		snprintf(v->error, sizeof(v->error), "%s%s%s", msg + 1, colon, then);
	} else if (shown && !strncmp(msg, v->shown, shown) && msg[shown] == ':' &&
		   isdigit((unsigned char)msg[shown + 1])) {
		snprintf(v->error, sizeof(v->error), "%s%s%s%s", v->file, msg + shown, colon, then);
	} else {
		int line = L ? guard_line(&v->guard, L) : 0;
		line = line ? line : line_without_frame(v, msg);
		snprintf(v->error, sizeof(v->error), "%s:%d: %s%s%s", v->file, line, msg, colon,
			 then);
	}
	/* A \2 says whose place it is (declare.lua). */
	vm_printable(v->error + (v->error[0] == '\2'));
}

/* "x.lua:12: in helper": frames of the script's own text, and none of ours. One alone says what the error says. */
static void note_trace(struct vm *v, lua_State *L)
{
	enum { most = 8, deepest = 64 }; /* to reach a level the library walks from the first */
	size_t n = 0;
	int frames = 0;
	lua_Debug ar;
	v->trace[0] = 0;
	for (int level = 0; frames < most && level < deepest && lua_getstack(L, level, &ar);
	     level++) {
		char name[48];
		/* Not "n": for a name the library reads the caller's instruction, which compiled code may not have left there. */
		if (!lua_getinfo(L, "Sl", &ar) || strcmp(ar.source, v->guard.chunk) != 0 ||
		    ar.currentline <= 0)
			continue;
		if (!source_name(&v->source, ar.linedefined, name, sizeof(name)))
			snprintf(name, sizeof(name), "the function of line %d", ar.linedefined);
		int k = snprintf(v->trace + n, sizeof(v->trace) - n, "%s%s:%d: in %s",
				 frames ? "\n" : "", v->file, ar.currentline, name);
		if (k < 0 || n + (size_t)k >= sizeof(v->trace)) {
			v->trace[n] = 0;
			break;
		}
		n += (size_t)k;
		frames++;
	}
	if (frames < 2)
		v->trace[0] = 0;
}

/* Runs where the error was raised, with the stack as it was: only here can the script's line be found. */
static int handler(lua_State *L)
{
	struct vm *v = vm_of(L);
	v->trace[0] = 0;
	if (v->guard.why)
		return 1;
	note_trace(v, L);
	if (lua_type(L, 1) == LUA_TSTRING) {
		explain(v, L, lua_tostring(L, 1));
	} else {
		char msg[64];
		snprintf(msg, sizeof(msg),
			 "raised a %s; raise a text, as in error(\"what is wrong\")",
			 luaL_typename(L, 1));
		explain(v, L, msg);
	}
	return 1;
}

/* Outside of any frame of the script. */
static void explain_status(struct vm *v, int status)
{
	if (v->error[0])
		return;
	v->trace[0] = 0;
	const char *top = lua_type(v->L, -1) == LUA_TSTRING ? lua_tostring(v->L, -1) : "";
	if (status == LUA_ERRMEM)
		top = "not enough memory";
	explain(v, NULL, *top ? top : "an error in the handling of an error");
}

static void explain_stop(struct vm *v)
{
	char what[160];
	int line = v->guard.line ? v->guard.line : line_without_frame(v, "?");
	switch ((enum guard_why)v->guard.why) {
	case GUARD_MEMORY:
		snprintf(
			what, sizeof(what),
			"used more than its memory of %.3g MiB: keep less, or raise script_memory in the configuration",
			(double)v->arena.soft / 1048576);
		break;
	case GUARD_ASKED:
		snprintf(what, sizeof(what), "ran over its budget, as recorded");
		break;
	case GUARD_WALL:
		snprintf(what, sizeof(what), "did not come back within the wall limit of a call");
		break;
	default:
		snprintf(what, sizeof(what), "ran over its budget of %g ms",
			 (double)v->budget_ns / 1e6);
	}
	snprintf(v->error, sizeof(v->error), "%s:%d: %s", v->file, line, what);
}

int vm_open(struct vm *v, const char *file, size_t memory)
{
	int rc = arena_init(&v->arena, memory, over_memory, &v->guard);
	if (rc)
		return rc;
	snprintf(v->file, sizeof(v->file), "%s", file);
	v->L = lua_newstate(arena_realloc, &v->arena);
	if (!v->L) {
		arena_free(&v->arena);
		return err_set(ERR_NOMEM, "no memory for the VM of %s", file);
	}
	luaL_openlibs(v->L);
	guard_adopt(&v->guard, v->L, file);
	lua_pushcfunction(v->L, handler);
	return 0;
}

void vm_close(struct vm *v)
{
	if (v->L) {
		guard_clear(&v->guard);
		v->guard.L = NULL; /* what closing needs is given without a limit */
		lua_close(v->L);
	}
	arena_free(&v->arena);
	v->L = NULL;
}

int vm_chunk(struct vm *v, const char *name, const char *text, size_t len)
{
	v->error[0] = 0;
	int status = luaL_loadbufferx(v->L, text, len, name, "t");
	if (!status && *name == '@') {
		lua_Debug ar;
		lua_pushvalue(v->L, -1);
		lua_getinfo(v->L, ">S", &ar);
		snprintf(v->shown, sizeof(v->shown), "%s", ar.short_src);
	}
	if (!status)
		return 0;
	const char *msg = lua_tostring(v->L, -1);
	/* A syntax error already has its place; the name in it may have been cut. */
	const char *place = msg ? strchr(msg, ':') : NULL;
	if (status == LUA_ERRSYNTAX && place)
		snprintf(v->error, sizeof(v->error), "%s%s", v->file, place);
	explain_status(v, status);
	lua_pop(v->L, 1);
	return -ERR_SCRIPT;
}

int vm_failed(struct vm *v, int status, int args, int results)
{
	if (status == VM_NO_SLOT) {
		snprintf(v->error, sizeof(v->error), "%s:1: more than %d threads run strategies",
			 v->file, WATCHDOG_SLOTS);
		lua_pop(v->L, args + 1);
		return -ERR_SCRIPT;
	}
	if (v->guard.why)
		explain_stop(v);
	else
		explain_status(v, status);
	lua_pop(v->L, status ? 1 : results);
	return -ERR_SCRIPT;
}
