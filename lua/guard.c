#include "lua/guard.h"
#include "core/base/err.h"
#include "lua/arena.h"
#include <lauxlib.h>
#include <lua.h>
#include <luajit.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { hook_profile = 0x80 };

/* Process-wide because the library's profiler is: the VM that keeps it started, and where the flag lies. */
static struct {
	pthread_once_t once;
	lua_State *owner;
	size_t flag; /* bytes from lua_State * to hookmask; 0: not found */
} profiler = { .once = PTHREAD_ONCE_INIT };

/* glibc's own, which no sanitizer replaces by one that puts the handler off. */
extern int __sigaction(int signal, const struct sigaction *act, struct sigaction *old);

static void nothing(void *data, lua_State *L, int samples, int state)
{
	(void)data;
	(void)L;
	(void)samples;
	(void)state;
}

/* The library would fire SIGPROF by a timer; only its guards are wanted. */
static void profile(lua_State *L)
{
	luaJIT_profile_start(L, "li1000000", nothing, NULL);
	struct itimerval never = { 0 };
	setitimer(ITIMER_PROF, &never, NULL);
	signal(SIGPROF, SIG_IGN);
}

/* Remembers how large the first block is: the state's own, which begins with lua_State. */
static void *first_block(void *ud, void *p, size_t had, size_t want)
{
	size_t *first = ud;
	(void)had;
	if (!want) {
		free(p);
		return NULL;
	}
	if (!*first)
		*first = want;
	return realloc(p, want);
}

static void no_hook(lua_State *L, lua_Debug *ar)
{
	(void)L;
	(void)ar;
}

/* hookmask is the one byte that is equal to the mask after every lua_sethook. */
static size_t find_flag(void)
{
	static const uint8_t masks[] = { LUA_MASKCOUNT,
					 LUA_MASKLINE,
					 LUA_MASKCALL,
					 0,
					 LUA_MASKRET,
					 LUA_MASKCOUNT | LUA_MASKLINE,
					 LUA_MASKCALL | LUA_MASKRET,
					 0 };
	size_t size = 0, found = 0, n = 0;
	lua_State *L = lua_newstate(first_block, &size);
	if (!L)
		return 0;
	bool *is = malloc(size);
	if (is)
		memset(is, 1, size);
	for (size_t m = 0; is && m < sizeof(masks); m++) {
		lua_sethook(L, no_hook, masks[m], 1000);
		for (size_t i = 0; i < size; i++)
			is[i] = is[i] && ((const volatile uint8_t *)L)[i] == masks[m];
	}
	for (size_t i = 0; is && i < size; i++) {
		if (is[i]) {
			found = i;
			n++;
		}
	}
	free(is);
	lua_close(L);
	return n == 1 ? found : 0;
}

static void setup_once(void)
{
	profiler.flag = find_flag();
	if (!profiler.flag)
		return;
	profiler.owner = luaL_newstate();
	if (profiler.owner)
		profile(profiler.owner);
}

int guard_setup(void)
{
	pthread_once(&profiler.once, setup_once);
	if (!profiler.flag || !profiler.owner)
		return err_set(
			ERR_STATE,
			"this LuaJIT (%s) cannot be told to stop a script: its hook mask was not found; "
			"use Debian 12's libluajit-5.1-2",
			LUAJIT_VERSION);
	return 0;
}

void guard_adopt(struct guard *g, lua_State *L, const char *file)
{
	memset(g, 0, sizeof(*g));
	g->L = L;
	snprintf(g->chunk, sizeof(g->chunk), "@%s", file);
	/* The owner has the profiler, so this only makes the VM's compiler emit the guards. */
	profile(L);
}

int guard_line(const struct guard *g, lua_State *L)
{
	lua_Debug ar;
	for (int level = 0; level < 64 && lua_getstack(L, level, &ar); level++) {
		if (lua_getinfo(L, "Sl", &ar) && !strcmp(ar.source, g->chunk) && ar.currentline > 0)
			return ar.currentline;
	}
	return 0;
}

/* Raises nil at every instruction from now on: no pcall of the script gets any further, and nothing allocates. */
static void stop(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	void *ud;
	lua_getallocf(L, &ud);
	struct guard *g = ((struct arena *)ud)->owner;
	if (!g->line)
		g->line = guard_line(g, L);
	lua_pushnil(L);
	lua_error(L);
}

/* lua_sethook makes the library rewrite its table of instructions, but only where its mode has changed since it last did. A
 * signal may come while the library is at just that, as it is whenever it ends the recording of a trace: it then goes on
 * and puts its table over ours, while the mode that it remembers is ours. From then on the same lua_sethook changes nothing,
 * and the script runs on for ever. So the mode is changed twice each time: whatever was there, the table is written anew. */
__attribute__((no_sanitize("thread"))) static void rewrite(struct guard *g, bool flag,
							   lua_Hook hook)
{
	volatile uint8_t *mask = (volatile uint8_t *)g->L + profiler.flag;
	for (int last = 0; last < 2; last++) {
		bool on = last ? flag : !flag;
		*mask = (uint8_t)((*mask & ~hook_profile) | (on ? hook_profile : 0));
		lua_sethook(g->L, hook, hook ? LUA_MASKCOUNT : 0, hook != NULL);
	}
}

__attribute__((no_sanitize("thread"))) void guard_trip(struct guard *g, enum guard_why why)
{
	if (!g->why)
		g->why = (uint8_t)why;
	rewrite(g, true, stop);
}

void guard_clear(struct guard *g)
{
	rewrite(g, false, NULL);
	g->why = GUARD_NONE;
	g->line = 0;
}

int guard_signal(void)
{
	return SIGRTMIN + 4;
}

int guard_handle(void (*handler)(int signal))
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART };
	sigemptyset(&act.sa_mask);
	if (__sigaction(guard_signal(), &act, NULL))
		return err_set(ERR_STATE, "no handler for signal %d, which stops scripts",
			       guard_signal());
	return 0;
}
