// What CryptoPrimitives sees of OpenSSL's libcrypto. Function-like macros and variadic functions do not
// reach Swift: each one that is needed has a static inline wrapper here, prefixed esdk_.
#ifndef ESDK_COPENSSL_SHIM_H
#define ESDK_COPENSSL_SHIM_H

#include <openssl/opensslv.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/decoder.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static inline void esdk_OPENSSL_free(void *pointer) { OPENSSL_free(pointer); }

// Nor do macros that are composed of others.
static const int esdk_EVP_PKEY_PUBLIC_KEY = EVP_PKEY_PUBLIC_KEY;

#endif
