/* Proves that pairs always end hedged, flat or held with a cause that is true, with every fault of the catalogue: the third quarter of the seeds. */
#include "tests/sim/quarter.h"

int main(void)
{
	return quarter(3);
}
