// What the command line sees of glibc's argp. argp_error and argp_failure are variadic, hence the wrappers.
#ifndef ESDK_CARGP_SHIM_H
#define ESDK_CARGP_SHIM_H

#include <argp.h>
#include <stdlib.h>

static inline void esdk_argp_error(const struct argp_state *state, const char *message) {
    argp_error(state, "%s", message);
}

#endif
