/* ledger_statement - a simulated venue's executions as the CSV that exchanges hand to their members: from its own ledger, which knows nothing of the host. Any thread; cold. */
#pragma once
#include <stdio.h>

/* What ledger_read says where it cannot be read. */
int ledger_statement(const char *path, FILE *f);
