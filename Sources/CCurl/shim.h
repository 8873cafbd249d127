// What AWSHTTPTransport sees of libcurl. Variadic functions do not reach Swift: each kind of argument that is
// needed has a static inline wrapper here, prefixed esdk_.
#ifndef ESDK_CCURL_SHIM_H
#define ESDK_CCURL_SHIM_H

#include <curl/curl.h>

typedef size_t (*esdk_curl_write)(char *, size_t, size_t, void *);

static inline CURLcode esdk_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode esdk_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode esdk_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode esdk_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode esdk_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode esdk_curl_set_write(CURL *handle, CURLoption option, esdk_curl_write value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLMcode esdk_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLcode esdk_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode esdk_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, (char **)value);
}
// CURLMsg holds its result in a union.
static inline CURLcode esdk_curl_result(const CURLMsg *message) { return message->data.result; }
static inline CURLcode esdk_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

#endif
