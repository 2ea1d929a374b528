/* forgetful - a journal that counts and keeps nothing: what a run costs without its receipts. One thread. */
#pragma once
#include "core/trade/journal.h"

struct journal *forgetful_journal(void);
