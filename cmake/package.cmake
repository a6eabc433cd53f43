# Two layouts of the same files: component `plugin` is the system's, component `user` is what
# OBS Studio looks for in the plugins folder of somebody's own configuration.
set(data_of_plugin ${CMAKE_INSTALL_DATADIR}/obs/obs-plugins/${HIPFX_name})
set(data_of_user ${HIPFX_name}/data)

install(TARGETS ${HIPFX_name}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/obs-plugins COMPONENT plugin)
install(TARGETS ${HIPFX_name}
    LIBRARY DESTINATION ${HIPFX_name}/bin/64bit COMPONENT user EXCLUDE_FROM_ALL)
install(TARGETS obs-hipfx-probe
    RUNTIME DESTINATION ${CMAKE_INSTALL_LIBDIR}/obs-plugins COMPONENT plugin)
install(TARGETS obs-hipfx-probe
    RUNTIME DESTINATION ${HIPFX_name}/bin/64bit COMPONENT user EXCLUDE_FROM_ALL)
install(DIRECTORY data/ DESTINATION ${data_of_plugin} COMPONENT plugin)
install(DIRECTORY data/ DESTINATION ${data_of_user} COMPONENT user EXCLUDE_FROM_ALL)

configure_file(cmake/copyright.in ${CMAKE_CURRENT_BINARY_DIR}/generated/copyright @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/generated/copyright LICENSE
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${HIPFX_name} COMPONENT plugin)

string(JSON package_depends GET "${HIPFX_BUILDSPEC}" package depends)
string(JSON package_recommends GET "${HIPFX_BUILDSPEC}" package recommends)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ${HIPFX_name})
set(CPACK_PACKAGE_VENDOR ${HIPFX_author})
set(CPACK_PACKAGE_CONTACT "${HIPFX_author} <${HIPFX_website}>")
set(CPACK_PACKAGE_HOMEPAGE_URL ${HIPFX_website})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${HIPFX_description})
set(CPACK_PACKAGE_DESCRIPTION "A filter for sources in OBS Studio. Its effects are HIP kernels,
which run on the GPU that draws the picture, or on the processor's cores
where there is no such GPU.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_COMPONENTS_ALL plugin)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)

# Vulkan, HIP and CUDA are found at run time, so none of them is a dependency; dpkg-shlibdeps
# names what the module is linked to.
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ${package_depends})
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ${package_recommends})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

include(CPack)
