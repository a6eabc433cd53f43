# Device code (kernels/*.hip) is compiled by clang whatever the project's own compiler is: it turns row
# loops into vector code reliably, and the same source into GPU code.
find_program(HIPFX_CLANG NAMES clang++-19 clang-19 clang++ clang REQUIRED
    DOC "clang, for the kernels")

# With sanitizers, too, kernels are built without them: a checked loop is not vector code any more.
set(HIPFX_KERNEL_FLAGS
    -x c++ -std=c++17 -O3 -g -fPIC -fvisibility=hidden -fno-exceptions -fno-rtti
    -fno-math-errno -fno-trapping-math -fno-signed-zeros -ffp-contract=fast
    -Wall -Wextra -Werror=pass-failed)
if(HIPFX_WERROR)
    list(APPEND HIPFX_KERNEL_FLAGS -Werror)
endif()

set(HIPFX_GPU_KERNEL_FLAGS
    -std=c++17 -O3 -fno-exceptions -fno-math-errno -fno-trapping-math -fno-signed-zeros
    -ffp-contract=fast -Wall -Wextra)
if(HIPFX_WERROR)
    list(APPEND HIPFX_GPU_KERNEL_FLAGS -Werror)
endif()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    set(HIPFX_CPU_ISAS base v3 v4)
    set(HIPFX_CPU_FLAGS_base -march=x86-64)
    set(HIPFX_CPU_FLAGS_v3 -march=x86-64-v3)
    set(HIPFX_CPU_FLAGS_v4 -march=x86-64-v4 -mprefer-vector-width=512)
else()
    set(HIPFX_CPU_ISAS base)
    set(HIPFX_CPU_FLAGS_base)
endif()

# Adds the .hip files to a library as code for the CPU, once for each instruction set level.
function(hipfx_add_cpu_kernels target)
    foreach(source IN LISTS ARGN)
        foreach(isa IN LISTS HIPFX_CPU_ISAS)
            set(object ${CMAKE_CURRENT_BINARY_DIR}/${source}.${isa}.o)
            add_custom_command(
                OUTPUT ${object}
                COMMAND ${HIPFX_CLANG} ${HIPFX_KERNEL_FLAGS} ${HIPFX_CPU_FLAGS_${isa}}
                    -DHIPFX_ISA=${isa} -I${PROJECT_SOURCE_DIR}
                    -MD -MF ${object}.d -MT ${object}
                    -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
                DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source}
                DEPFILE ${object}.d
                COMMENT "Compiling ${source} for the CPU (${isa})"
                VERBATIM)
            target_sources(${target} PRIVATE ${object})
            set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
        endforeach()
    endforeach()
endfunction()

# Adds the .hip files to a library as one text of PTX for NVIDIA's drivers to compile, under the symbol
# `symbol`. PTX 7.0 and sm_52 are understood by every driver since 450 (2020) and every GPU since
# Maxwell. The compiler must not look for a CUDA toolkit: it would take the PTX version from that.
function(hipfx_add_ptx target symbol)
    set(all ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.hip)
    set(ptx ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.ptx)
    set(includes "")
    foreach(source IN LISTS ARGN)
        string(APPEND includes "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${source}\"\n")
    endforeach()
    file(GENERATE OUTPUT ${all} CONTENT "${includes}")
    add_custom_command(
        OUTPUT ${ptx}
        COMMAND ${HIPFX_CLANG} -x cuda --cuda-path=/nonexistent --cuda-device-only -nocudainc
            -nocudalib --cuda-gpu-arch=sm_52 --cuda-feature=+ptx70 ${HIPFX_GPU_KERNEL_FLAGS}
            -I${PROJECT_SOURCE_DIR} -MD -MF ${ptx}.d -MT ${ptx} -S ${all} -o ${ptx}
        DEPENDS ${all}
        DEPFILE ${ptx}.d
        COMMENT "Compiling ${symbol} to PTX"
        VERBATIM)
    set(embed ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
    file(GENERATE OUTPUT ${embed} CONTENT
"    .section .rodata
    .globl ${symbol}
    .hidden ${symbol}
${symbol}:
    .incbin \"${ptx}\"
    .byte 0
    .section .note.GNU-stack,\"\",%progbits
")
    set_source_files_properties(${embed} PROPERTIES OBJECT_DEPENDS ${ptx})
    target_sources(${target} PRIVATE ${embed})
endfunction()
