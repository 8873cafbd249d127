/* Measures the AWS Encryption SDK for C: one call on a message in memory under a raw AES-256 key. The arguments and the lines that it
 * prints are those of `bench` in ../interop/README.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <aws/cryptosdk/default_cmm.h>
#include <aws/cryptosdk/enc_ctx.h>
#include <aws/cryptosdk/error.h>
#include <aws/cryptosdk/raw_aes_keyring.h>
#include <aws/cryptosdk/session.h>
#include <aws/cryptosdk/version.h>

static void need(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "c_bench: %s: %s\n", what, aws_error_str(aws_last_error()));
    exit(1);
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

AWS_STATIC_STRING_FROM_LITERAL(name_space, "bench");
AWS_STATIC_STRING_FROM_LITERAL(context_key, "purpose");
AWS_STATIC_STRING_FROM_LITERAL(context_value, "bench");

static struct aws_cryptosdk_cmm *cmm;
static uint32_t frame = 4096;
static bool commits = true;

/* A session for each message. Returns the length of what came out. */
static size_t call(enum aws_cryptosdk_mode mode, const uint8_t *input, size_t length, size_t room, uint8_t *output) {
    struct aws_allocator *allocator = aws_default_allocator();
    struct aws_cryptosdk_session *session = aws_cryptosdk_session_new_from_cmm_2(allocator, mode, cmm);
    need(session != NULL, "no session");
    need(commits || !aws_cryptosdk_session_set_commitment_policy(session, COMMITMENT_POLICY_FORBID_ENCRYPT_ALLOW_DECRYPT), "policy");
    if (mode == AWS_CRYPTOSDK_ENCRYPT) {
        struct aws_hash_table *context = aws_cryptosdk_session_get_enc_ctx_ptr_mut(session);
        need(context && !aws_hash_table_put(context, context_key, (void *)context_value, NULL), "no context");
        need(!aws_cryptosdk_session_set_frame_size(session, frame), "frame length");
    }
    size_t written;
    need(!aws_cryptosdk_session_process_full(session, output, room, &written, input, length), "processing");
    aws_cryptosdk_session_destroy(session);
    return written;
}

static size_t option(int count, char **words, const char *name, int base, size_t otherwise) {
    for (int i = 1; i + 1 < count; i++) {
        if (!strcmp(words[i], name)) return strtoull(words[i + 1], NULL, base);
    }
    return otherwise;
}

int main(int count, char **words) {
    if (count == 2 && !strcmp(words[1], "version")) return puts(AWS_CRYPTOSDK_VERSION_STR) < 0;
    size_t size = option(count, words, "--size", 10, 0), repetitions = option(count, words, "--reps", 10, 5);
    frame = (uint32_t)option(count, words, "--frame", 10, 4096);
    /* The names of suites are their numbers, in C as well. */
    enum aws_cryptosdk_alg_id suite = (enum aws_cryptosdk_alg_id)option(count, words, "--suite", 16, 0x0478);
    commits = suite >> 8 >= 4;
    /* Short calls are measured many at a time: to read the clock costs as much as a tenth of one. */
    size_t calls = size < 4096 ? 100 : 1;
    repetitions = (repetitions + calls - 1) / calls;
    aws_cryptosdk_load_error_strings();
    struct aws_allocator *allocator = aws_default_allocator();
    uint8_t key[32] = {0};
    struct aws_cryptosdk_keyring *keyring =
        aws_cryptosdk_raw_aes_keyring_new(allocator, name_space, name_space, key, AWS_CRYPTOSDK_AES256);
    need(keyring != NULL, "no keyring");
    cmm = aws_cryptosdk_default_cmm_new(allocator, keyring);
    need(cmm && !aws_cryptosdk_default_cmm_set_alg_id(cmm, suite), "no suite");

    /* Into memory that is used again, which the system has not to clear each time. */
    size_t room = size + (size / frame + 2) * 40 + 4096;
    uint8_t *plaintext = malloc(size + 1), *message = malloc(room), *output = malloc(room);
    need(plaintext && message && output, "memory");
    memset(plaintext, 7, size);
    size_t length = call(AWS_CRYPTOSDK_ENCRYPT, plaintext, size, room, message);
    need(call(AWS_CRYPTOSDK_DECRYPT, message, length, room, output) == size && !memcmp(output, plaintext, size), "round trip");
    for (int mode = 0; mode < 2; mode++) {
        double best = 1e9;
        for (size_t i = 0; i < repetitions; i++) {
            double start = cpu_seconds();
            for (size_t j = 0; j < calls; j++) {
                if (mode == 0) {
                    call(AWS_CRYPTOSDK_ENCRYPT, plaintext, size, room, output);
                } else {
                    call(AWS_CRYPTOSDK_DECRYPT, message, length, room, output);
                }
            }
            double seconds = (cpu_seconds() - start) / calls;
            if (seconds < best) best = seconds;
        }
        printf("{\"direction\": \"%s\", \"cpu_s_best\": %.9f}\n", mode == 0 ? "encrypt" : "decrypt", best);
    }
    return 0;
}
