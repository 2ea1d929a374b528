/* Any bytes as a saved state: refused, or read into a VM and written again as the same bytes. */
#include "core/base/must.h"
#include "lua/host.h"
#include "lua/state.h"
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct state_scratch scratch;
	static uint8_t again[1 << 17];
	uint32_t version;
	size_t n;
	if (state_check(bytes, len, &version))
		return 0;
	lua_State *L = luaL_newstate();
	must(L != NULL);
	state_push(L, bytes, len);
	must(state_encode(L, -1, version, &scratch, again, sizeof(again), &n) == 0);
	must(n == len && !memcmp(again, bytes, n));
	lua_close(L);
	return 0;
}
