/* ledger_show - a simulated venue's ledger for people and scripts: what each account traded and holds, and whether its sums hold. Any thread; cold. */
#pragma once
#include <stdio.h>

/* One JSON object. 0; -ERR_CORRUPT: the sums do not hold (the object says so too); what ledger_totals says where it cannot be read. */
int ledger_show(const char *path, FILE *f);
