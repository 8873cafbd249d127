// What StrictJSON sees of json-c.
#ifndef ESDK_CJSONC_SHIM_H
#define ESDK_CJSONC_SHIM_H

#include <json-c/json.h>

#endif
