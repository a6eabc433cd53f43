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

# AMD's GPUs that ROCm runs, or that its users run it on.
set(HIPFX_AMD_TARGETS
    gfx900 gfx906 gfx908 gfx90a gfx942 gfx1010 gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036
    gfx1100 gfx1101 gfx1102 gfx1103 gfx1150 gfx1151 gfx1200 gfx1201
    CACHE STRING "AMD GPU targets to compile the kernels for")

# Code objects of version 5 are what HIP 6 and 7 make themselves, and the plugin takes none older. No
# part of the ROCm SDK is used: the kernels include nothing of it and call nothing in its library.
set(HIPFX_AMD_FLAGS
    -x hip --cuda-device-only --no-gpu-bundle-output -nogpuinc -nogpulib -fuse-cuid=none
    -mcode-object-version=5)

# Sets `result` to those targets that this compiler knows, and says which it does not.
function(hipfx_known_amd_targets result)
    set(question "${HIPFX_CLANG} ${HIPFX_AMD_TARGETS}")
    if(NOT question STREQUAL HIPFX_AMD_TARGETS_ASKED)
        set(known "")
        foreach(gfx IN LISTS HIPFX_AMD_TARGETS)
            execute_process(
                COMMAND ${HIPFX_CLANG} ${HIPFX_AMD_FLAGS} --offload-arch=${gfx} -S -o /dev/null /dev/null
                RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
            if(status EQUAL 0)
                list(APPEND known ${gfx})
            endif()
        endforeach()
        set(HIPFX_AMD_TARGETS_ASKED "${question}" CACHE INTERNAL "")
        set(HIPFX_AMD_TARGETS_KNOWN "${known}" CACHE INTERNAL "")
    endif()
    set(missing ${HIPFX_AMD_TARGETS})
    list(REMOVE_ITEM missing ${HIPFX_AMD_TARGETS_KNOWN})
    if(missing)
        list(JOIN missing ", " missing)
        message(WARNING "${HIPFX_CLANG} has no ${missing}: these AMD GPUs are left out")
    endif()
    set(${result} ${HIPFX_AMD_TARGETS_KNOWN} PARENT_SCOPE)
endfunction()

# Adds the .hip files to a library as a container of code objects for AMD's GPUs, between the
# symbols `symbol` and `symbol`_end. The compiler's text is kept: it says what each kernel uses, and
# registers.md is made of it.
function(hipfx_add_code_objects target symbol)
    set(all ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.hip)
    set(container ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.bin)
    set(registers ${CMAKE_CURRENT_BINARY_DIR}/registers.md)
    set(includes "")
    foreach(source IN LISTS ARGN)
        string(APPEND includes "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${source}\"\n")
    endforeach()
    file(GENERATE OUTPUT ${all} CONTENT "${includes}")

    hipfx_known_amd_targets(targets)
    set(objects "")
    set(texts "")
    set(entries "")
    foreach(gfx IN LISTS targets)
        set(text ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.${gfx}.s)
        set(object ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.${gfx}.co)
        add_custom_command(
            OUTPUT ${object} ${text}
            COMMAND ${HIPFX_CLANG} ${HIPFX_AMD_FLAGS} --offload-arch=${gfx} ${HIPFX_GPU_KERNEL_FLAGS}
                -I${PROJECT_SOURCE_DIR} -MD -MF ${object}.d -MT ${object} -S ${all} -o ${text}
            COMMAND ${HIPFX_CLANG} --target=amdgcn-amd-amdhsa -mcpu=${gfx} -mcode-object-version=5
                ${text} -o ${object}
            DEPENDS ${all}
            DEPFILE ${object}.d
            COMMENT "Compiling ${symbol} for ${gfx}"
            VERBATIM)
        list(APPEND objects ${object})
        list(APPEND texts ${text})
        list(APPEND entries ${gfx}=${object})
    endforeach()

    add_custom_command(
        OUTPUT ${container}
        COMMAND hipfx-pack ${container} ${entries}
        DEPENDS hipfx-pack ${objects}
        VERBATIM)
    add_custom_command(
        OUTPUT ${registers}
        COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/registers.sh ${registers} ${texts}
        DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/registers.sh ${texts}
        VERBATIM)
    add_custom_target(${symbol}_registers ALL DEPENDS ${registers})

    set(embed ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
    file(GENERATE OUTPUT ${embed} CONTENT
"    .section .rodata.${symbol},\"a\",%progbits
    .balign 4096
    .globl ${symbol}, ${symbol}_end
    .hidden ${symbol}, ${symbol}_end
${symbol}:
    .incbin \"${container}\"
${symbol}_end:
    .section .note.GNU-stack,\"\",%progbits
")
    set_source_files_properties(${embed} PROPERTIES OBJECT_DEPENDS ${container})
    target_sources(${target} PRIVATE ${embed})
endfunction()
