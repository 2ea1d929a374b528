/* show - puts what happened into the mailbox where a hook finds it: the rarer events, the depth of a book, and what is looked up only when a script reads it.
 *
 * Inside lua/ only; instance.c shows the basis and pairs itself. What scripts call from here touches nothing of the VM, since compiled code calls it too. */
#pragma once
#include "lua/instance.h"

/* Quotes, books, orders, sessions, gaps, parameters. */
void show_event(struct tandem_mailbox *m, const struct strat_event *ev);
/* The functions that scripts call through the mailbox; once, before the prelude runs. */
void show_bind(struct instance *in);
