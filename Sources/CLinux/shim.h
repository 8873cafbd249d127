// What glibc declares only for programs that define _GNU_SOURCE, which Swift's Glibc module does not.
#ifndef ESDK_CLINUX_SHIM_H
#define ESDK_CLINUX_SHIM_H

// No header is included: Swift would take what it declares for this module's.
enum { LINUX_O_PATH = 010000000, LINUX_O_TMPFILE_BIT = 020000000, LINUX_RENAME_NOREPLACE = 1, LINUX_SYNC_FILE_RANGE_WRITE = 2 };

int pipe2(int ends[2], int flags);
long getxattr(const char *path, const char *name, void *value, unsigned long size);
int fsetxattr(int file, const char *name, const void *value, unsigned long size, int flags);
int sched_getcpu(void);
int sched_getaffinity(int thread, unsigned long size, void *processors);
int sched_setaffinity(int thread, unsigned long size, const void *processors);
int pthread_attr_setaffinity_np(void *attributes, unsigned long size, const void *processors);
int renameat2(int folder, const char *name, int newFolder, const char *newName, unsigned int flags);
int sync_file_range(int file, long offset, long length, unsigned int flags);

#endif
