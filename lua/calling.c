#include "lua/calling.h"
#include "lua/instance.h"
#include <lua.h>

/* Host code in the VM, without a clock: it has no loops of the script's. False: it failed. */
static bool call(struct instance *in, int args, int results)
{
	if (!vm_call(&in->vm, NULL, in->host->opt.budget_ns, args, results))
		return true;
	guard_clear(&in->vm.guard);
	return false;
}

static bool is_compiled(struct instance *in, int entry)
{
	lua_State *L = in->vm.L;
	lua_pushvalue(L, in->compiled);
	lua_pushvalue(L, entry);
	if (!call(in, 1, 1))
		return false;
	bool yes = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return yes;
}

static void use(struct instance *in, bool plain)
{
	lua_State *L = in->vm.L;
	struct calling *c = &in->calling;
	if (!lua_checkstack(L, TANDEM_PLAIN + LUA_MINSTACK))
		return;
	lua_pushvalue(L, in->plain);
	lua_pushboolean(L, plain);
	if (!call(in, 1, 2)) {
		c->plain = false;
		return;
	}
	lua_replace(L, in->plain_first);
	lua_replace(L, in->plain_entry);
	c->plain = plain;
	c->args = plain ? (uint8_t)in->mail.plain_given : 0;
}

/* Between two calls. */
static void look(struct instance *in)
{
	struct calling *c = &in->calling;
	const bool compiled = is_compiled(in, c->plain ? in->plain_entry : in->entry[STRAT_BASIS]);
	if (!c->plain) {
		if (!compiled)
			use(in, true);
	} else if (compiled && in->basis_calls >= c->again_at) {
		c->again_at = in->basis_calls +
			      ((uint64_t)CALLING_LOOKS << (++c->tries < 20 ? c->tries : 20));
		use(in, false);
	}
	/* What the compiler does depends on addresses: a re-run, or a simulated one, must not differ by it. */
	in->s.interpreted = !compiled && !in->host->opt.deterministic;
}

int calling_push(struct instance *in)
{
	enum { notes = 32 };
	lua_State *L = in->vm.L;
	const struct calling *c = &in->calling;
	const uint64_t n = in->basis_calls;
	if (__builtin_expect(n % CALLING_LOOKS == CALLING_HOT && !c->forced, 0))
		look(in);
	if (__builtin_expect(!c->plain, 1)) {
		lua_pushvalue(L, in->entry[STRAT_BASIS]);
		return 0;
	}
	if (__builtin_expect(in->mail.plain_noted > c->args && n % notes == 0, 0))
		use(in, true);
	lua_pushvalue(L, in->mail.plain_full ? in->plain_entry : in->plain_first);
	in->mail.plain_full = 1;
	for (unsigned i = 0; i < c->args; i++)
		lua_pushnumber(L, *in->mail.plain[i]);
	return c->args;
}

bool calling_is_compiled(struct instance *in)
{
	return in->entry[STRAT_BASIS] && !in->s.quarantined &&
	       is_compiled(in, in->calling.plain ? in->plain_entry : in->entry[STRAT_BASIS]);
}

void calling_force(struct instance *in, bool plain)
{
	in->calling.forced = true;
	use(in, plain);
}
