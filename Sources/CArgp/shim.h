// What the command line sees of glibc's argp. argp_error is variadic, and Swift does not let go of C's mutable globals: hence the
// wrappers.
#ifndef ESDK_CARGP_SHIM_H
#define ESDK_CARGP_SHIM_H

#include <argp.h>
#include <stdlib.h>

static inline void esdk_argp_error(const struct argp_state *state, const char *message) {
    argp_error(state, "%s", message);
}

// Sets what argp prints for --version and the exit code of a usage error. The text must live as long as the process.
static inline void esdk_argp_configure(const char *version, int usage_error_exit_code) {
    argp_program_version = version;
    argp_err_exit_status = usage_error_exit_code;
}

#endif
