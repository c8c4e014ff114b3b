# aq_add_plugin(NAME SOURCE...): a plugin NAME.so in build/plugins with every flag that one needs: hidden symbols, no
# undefined ones, no text relocations, and the SDK's helpers linked in.
set(AQ_SDK_DIR ${CMAKE_CURRENT_LIST_DIR})
function(aq_add_plugin name)
	add_library(${name} MODULE ${ARGN})
	set_property(GLOBAL APPEND PROPERTY AQ_PLUGINS ${name})
	set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins
		LINK_DEPENDS ${AQ_SDK_DIR}/plugin.map)
	target_include_directories(${name} PRIVATE ${AQ_SDK_DIR}/include ${AQ_SDK_DIR}/src)
	target_compile_options(${name} PRIVATE -fvisibility=hidden -fno-semantic-interposition -ftls-model=global-dynamic)
	target_link_options(${name} PRIVATE -Wl,-z,now,-z,relro,-z,text,-z,noexecstack
		-Wl,--version-script=${AQ_SDK_DIR}/plugin.map)
	if(NOT AQ_SANITIZE)
		target_link_options(${name} PRIVATE -Wl,-z,defs) # the sanitizer runtimes live in the host
	endif()
	target_link_libraries(${name} PRIVATE aq_flags aq_sdk)
	if(TARGET aq_whole)
		target_link_libraries(${name} PRIVATE aq_whole)
		set_property(TARGET ${name} PROPERTY AQ_WHOLE ON)
	endif()
endfunction()
