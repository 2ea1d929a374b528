# Every test is a file whose name begins with its kind; its folder says which library it proves.
#   tests/<kind>/<lib>/<prefix>_x.c  linked with tandem_<lib>  (<lib> = all, or no such library: all)
#   tests/<kind>/<prefix>_x.c        linked with everything
# Other .c files of the folder are helpers, linked into each of its tests.

if(NOT TARGET lib_check)
	need(check check)
endif()

# What tests of several folders share: linked into all that use Check.
if(TARGET lib_check)
	file(GLOB files CONFIGURE_DEPENDS tests/kit/*.c)
	add_library(tandem_kit STATIC ${files} tests/sim/mem_journal.c)
	target_link_libraries(tandem_kit PRIVATE tandem_io lib_check lib_jansson)
endif()

# What the outcome benchmark is made of: its test links it too.
file(GLOB files CONFIGURE_DEPENDS tests/bench/outcome/*.c)
list(FILTER files EXCLUDE REGEX "/bench_[^/]*$")
add_library(tandem_outcome STATIC ${files})
target_link_libraries(tandem_outcome PUBLIC tandem_all)

# Sets `out` to the libraries that the tests of a folder are linked with.
function(library_of folder out)
	cmake_path(GET folder FILENAME name)
	if(TARGET tandem_${name} AND NOT name STREQUAL "embed")
		set(${out} tandem_${name} PARENT_SCOPE)
	else()
		set(${out} tandem_all PARENT_SCOPE)
	endif()
endfunction()

# An executable for one test file, named as the file; where two folders have the same name,
# the second carries its folder's too. Sets `out` to the target.
function(test_executable file out)
	cmake_path(GET file STEM name)
	cmake_path(GET file PARENT_PATH folder)
	if(TARGET ${name})
		cmake_path(GET folder FILENAME lib)
		string(APPEND name "_${lib}")
	endif()
	library_of(${folder} library)
	if(folder MATCHES "tests/sim$") # the whole world, not the library of that name
		set(library tandem_all)
	endif()
	add_executable(${name} ${file} ${ARGN})
	target_link_libraries(${name} PRIVATE ${library} lib_jansson Threads::Threads)
	target_compile_definitions(${name} PRIVATE
		TANDEM_DATA_DEFAULT="${PROJECT_SOURCE_DIR}/../shared/data"
		TANDEM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
	set(${out} ${name} PARENT_SCOPE)
endfunction()

# Registers a command. 77 means skipped.
function(register name timeout_s)
	add_test(NAME ${name} COMMAND ${ARGN})
	math(EXPR timeout_s "${timeout_s} * ${TANDEM_TIME_FACTOR}")
	set(environment TANDEM_SOURCE=${PROJECT_SOURCE_DIR} CK_DEFAULT_TIMEOUT=60
		UBSAN_OPTIONS=print_stacktrace=1)
	if(TARGET tandem)
		list(APPEND environment TANDEM=$<TARGET_FILE:tandem>)
	endif()
	set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT ${timeout_s}
		ENVIRONMENT "${environment}")
endfunction()

# The tests of one kind.
function(test_kind kind prefix timeout_s)
	file(GLOB files CONFIGURE_DEPENDS tests/${kind}/*.c tests/${kind}/*/*.c)
	set(helpers ${files})
	list(FILTER files INCLUDE REGEX "/${prefix}_[^/]*$")
	list(FILTER helpers EXCLUDE REGEX "/${prefix}_[^/]*$|/sim/sim\\.c$")
	foreach(file IN LISTS files)
		cmake_path(GET file PARENT_PATH folder)
		set(beside ${helpers})
		list(FILTER beside INCLUDE REGEX "^${folder}/[^/]*$")
		if(folder MATCHES "/contract/diff$") # the counter that the unit tests play
			list(APPEND beside ${PROJECT_SOURCE_DIR}/tests/unit/diff/world.c)
		endif()
		test_executable(${file} name ${beside})
		target_link_libraries(${name} PRIVATE tandem_kit lib_check)
		register(${name} ${timeout_s} ${name})
	endforeach()
endfunction()

if(NOT TANDEM_SANITIZE STREQUAL "fuzzer" AND TARGET lib_check)
	test_kind(unit test 300)
	target_link_options(test_memory PRIVATE -Wl,--wrap=calloc -Wl,--wrap=mem_take) # it says when there is none
	test_kind(lua test 120)
	test_kind(prop prop 180)
	test_kind(golden golden 120)
	test_kind(contract contract 180)
	test_kind(sim sim 300)
elseif(NOT TARGET lib_check)
	message(WARNING "Check is not installed: no unit tests here. `tests/install` installs it.")
endif()

# The simulator by itself, for `sim --seed N`.
if(EXISTS ${PROJECT_SOURCE_DIR}/tests/sim/sim.c AND NOT TANDEM_SANITIZE STREQUAL "fuzzer")
	file(GLOB helpers CONFIGURE_DEPENDS tests/sim/*.c)
	list(FILTER helpers EXCLUDE REGEX "/sim(_[^/]*)?\\.c$")
	add_executable(sim tests/sim/sim.c ${helpers})
	target_link_libraries(sim PRIVATE tandem_all)
endif()

# A fuzz harness is driven by libFuzzer in its own preset, elsewhere by a plain driver.
file(GLOB files CONFIGURE_DEPENDS tests/fuzz/*/fuzz_*.c)
foreach(file IN LISTS files)
	cmake_path(GET file STEM stem)
	string(REGEX REPLACE "^fuzz_" "" subject ${stem})
	set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${subject})
	if(TANDEM_SANITIZE STREQUAL "fuzzer")
		test_executable(${file} name)
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
		set(found ${PROJECT_BINARY_DIR}/found/${subject})
		file(MAKE_DIRECTORY ${found})
		register(${name} 300 ${name} -runs=${TANDEM_FUZZ_RUNS} -seed=1 -max_len=65536
			-max_total_time=240 ${found} ${corpus})
	else()
		test_executable(${file} name tests/fuzz/driver.c)
		register(${name} 120 ${name} ${corpus} ${TANDEM_FUZZ_RUNS} 1)
	endif()
endforeach()

if(TANDEM_BENCH)
	file(GLOB files CONFIGURE_DEPENDS tests/bench/*.c tests/bench/*/*.c)
	set(helpers ${files})
	list(FILTER files INCLUDE REGEX "/bench_[^/]*$")
	list(FILTER helpers EXCLUDE REGEX "/bench_[^/]*$|/outcome/")
	foreach(file IN LISTS files)
		cmake_path(GET file PARENT_PATH folder)
		set(beside ${helpers})
		list(FILTER beside INCLUDE REGEX "^${folder}/[^/]*$")
		test_executable(${file} name ${beside})
		register(${name} 120 ${name} --quick)
	endforeach()
endif()

# Scripts: the real binary, and the reading of the sources.
if(NOT TANDEM_SANITIZE STREQUAL "fuzzer")
	file(GLOB files CONFIGURE_DEPENDS tests/e2e/e2e_*.sh)
	if(TARGET tandem)
		foreach(file IN LISTS files)
			cmake_path(GET file STEM name)
			register(${name} 180 bash ${file})
		endforeach()
	endif()
	# Those of the long run are asked for once, not with every compiler.
	option(TANDEM_LONG_TESTS "Register the scripts of tests/long" OFF)
	file(GLOB files CONFIGURE_DEPENDS tests/long/e2e_*.sh)
	if(TARGET tandem AND TANDEM_LONG_TESTS)
		foreach(file IN LISTS files)
			cmake_path(GET file STEM name)
			register(${name} 180 bash ${file})
		endforeach()
	endif()
	file(GLOB files CONFIGURE_DEPENDS tests/tidy/tidy_*.sh)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM name)
		register(${name} 60 bash ${file})
	endforeach()
endif()
