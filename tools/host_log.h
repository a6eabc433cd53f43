/* Where libobs's log goes while a host runs. Private to the host. */
#pragma once

#include <stdbool.h>

void hipfx_host_log_start(bool verbose);
void hipfx_host_log_stop(void);
