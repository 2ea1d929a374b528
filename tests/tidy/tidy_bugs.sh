#!/usr/bin/env bash
# Proves that every bug of tests/bugs can be planted: its text stands once in its file, and no name comes twice.
# shellcheck source=tests/tidy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

findings=$(cmake -DLIST=tests/bugs/bugs.txt -DROOT=. -P tests/bugs/plant.cmake 2>&1 | grep "bug '" || true)
count=$(cmake -DLIST=tests/bugs/bugs.txt -DROOT=. -DNAMES=1 -P tests/bugs/plant.cmake | wc -l)
[ "$count" -ge 40 ] || findings+="tests/bugs/bugs.txt: only $count bugs"
verdict "every bug of tests/bugs can be planted" "$findings"
