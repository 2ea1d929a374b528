# Writes OUT with the version and the commit that is being built; leaves it alone when it stands so already.
set(build "unknown")
if(EXISTS "${SOURCE}/.git")
	execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --tags
		OUTPUT_VARIABLE describe OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
		RESULT_VARIABLE failed)
	if(failed STREQUAL "0")
		set(build "${describe}")
	endif()
endif()
file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT [[
/* What is being built. */
#ifndef GEN_VERSION_H
#define GEN_VERSION_H

#define TANDEM_VERSION "@VERSION@"
#define TANDEM_BUILD "@build@"

#endif
]])
