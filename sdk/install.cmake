# install.cmake: what plugins are built with elsewhere: programs, headers, helpers, and what pkg-config says of them. The
# folder of the build serves as well as an installed one: its files aioquant*-uninstalled.pc are found first.
set(AQ_PLUGIN_CFLAGS "-fPIC -fvisibility=hidden -fno-semantic-interposition -ftls-model=global-dynamic")
set(AQ_PLUGIN_LIBS "-Wl,-z,now,-z,relro,-z,text,-z,noexecstack,-z,defs")

function(aq_pkg_config suffix prefix bin headers lib map plugins data)
	set(includes "")
	foreach(folder ${headers})
		string(APPEND includes "-I${folder} ")
	endforeach()
	foreach(name aioquant aioquant-test)
		configure_file(${CMAKE_SOURCE_DIR}/sdk/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}${suffix}.pc @ONLY)
	endforeach()
endfunction()

aq_pkg_config(-uninstalled "\${pcfiledir}" "\${prefix}/bin" "${CMAKE_SOURCE_DIR}/sdk/include;${CMAKE_SOURCE_DIR}/sdk/src"
	"\${prefix}/lib" ${CMAKE_SOURCE_DIR}/sdk/plugin.map "\${prefix}/plugins" ${CMAKE_SOURCE_DIR}/tests/data/binance-spot)
aq_pkg_config("" "\${pcfiledir}/../.." "\${prefix}/bin" "\${prefix}/include;\${prefix}/include/aioquant/helpers"
	"\${prefix}/lib/aioquant" "\${libdir}/plugin.map" "\${libdir}/plugins" "\${prefix}/share/aioquant/data")

install(TARGETS aioquantd aqctl replay venue journal_state RUNTIME DESTINATION bin)
install(DIRECTORY sdk/include/aioquant DESTINATION include)
install(FILES sdk/src/decimal.h sdk/src/decimal128.h sdk/src/json.h sdk/src/mock.h DESTINATION include/aioquant/helpers)
install(TARGETS aq_sdk_plain ARCHIVE DESTINATION lib/aioquant)
install(FILES sdk/plugin.map DESTINATION lib/aioquant)
get_property(plugins GLOBAL PROPERTY AQ_PLUGINS) # those of exchanges/ and plugins/
install(TARGETS ${plugins} LIBRARY DESTINATION lib/aioquant/plugins)
install(DIRECTORY conf DESTINATION share/aioquant)
install(FILES tests/data/PROVENANCE.md tests/data/binance-spot/btcusdt_20240808.gz DESTINATION share/aioquant/data)
install(FILES ${CMAKE_BINARY_DIR}/aioquant.pc ${CMAKE_BINARY_DIR}/aioquant-test.pc DESTINATION lib/pkgconfig)
