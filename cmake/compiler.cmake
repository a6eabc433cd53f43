set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

add_compile_options(
    -Wall -Wextra -Wformat=2 -Wshadow -Wundef -Wvla -Wpointer-arith
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>)
if(HIPFX_WERROR)
    add_compile_options(-Werror)
endif()
if(HIPFX_SANITIZE)
    add_compile_options(-fsanitize=${HIPFX_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${HIPFX_SANITIZE})
endif()

# The real HIP header as C. It trips a few of the warnings above, so it is a system header.
find_path(HIPFX_HIP_INCLUDE_DIR hip/hip_runtime_api.h PATHS /opt/rocm/include REQUIRED)
add_library(hip_headers INTERFACE)
target_include_directories(hip_headers SYSTEM INTERFACE ${HIPFX_HIP_INCLUDE_DIR})
target_compile_definitions(hip_headers INTERFACE __HIP_PLATFORM_AMD__)
