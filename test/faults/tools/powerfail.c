/*
 * A power loss inside one process, without root: a library for LD_PRELOAD.
 *
 * What a process writes lands in the page cache; only fsync brings it to the disk. This library
 * remembers, for every file under PF_DIR, what each write replaced, and forgets it when the file is
 * synced. At the PF_AT-th write it puts back what was never synced and ends the process with status
 * 137, as if the power had gone.
 *
 *   cc -shared -fPIC -O2 -o powerfail.so powerfail.c -ldl
 *   LD_PRELOAD=./powerfail.so PF_DIR=/data PF_AT=120 PF_MODE=random PF_SEED=7 program
 *
 * PF_MODE=all     nothing that was not synced survives
 *
 * PF_MODE=random  each unsynced write survives whole, not at all, or up to some sector: disks
 *                 reorder and tear
 *
 * Covered: write, pwrite, ftruncate, and files that were created in a folder that was never synced.
 * Not covered: renames, deletions and memory maps, which the store under test does not rely on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SECTOR = 512, EXIT_STATUS = 137 };

/* One change that may still be lost. Newest first in the list, so undoing in its order leads back step by step. */
typedef struct Change {
  struct Change *older;
  char path[PATH_MAX];
  int created;       /* the file itself did not exist before */
  off_t offset;      /* where bytes were replaced or cut off */
  size_t length;     /* how many bytes were written; 0 when they were cut off */
  off_t size_before; /* of the file */
  char *before;      /* the bytes that stood there */
  size_t before_length;
} Change;

static Change *newest;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *dir;
static long fail_at = -1, writes;
static int lose_all = 1;
static unsigned seed = 1;

__attribute__((constructor)) static void configure(void) {
  dir = getenv("PF_DIR");
  if (getenv("PF_AT")) fail_at = atol(getenv("PF_AT"));
  if (getenv("PF_SEED")) seed = (unsigned)atol(getenv("PF_SEED"));
  const char *mode = getenv("PF_MODE");
  lose_all = !(mode && strcmp(mode, "random") == 0);
}

static int one_in(unsigned n) { return rand_r(&seed) % n == 0; }

static int is_ours(const char *path) {
  size_t length = dir ? strlen(dir) : 0;
  return length > 0 && strncmp(path, dir, length) == 0;
}

/* The path behind a descriptor, when it lies under PF_DIR. */
static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_ours(path);
}

/* System calls, not library calls: those would lead back into this library. */
static int raw_open(const char *path, int flags) { return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0); }

static void raw_write(int fd, const void *bytes, size_t length, off_t offset) {
  if (syscall(SYS_pwrite64, fd, bytes, length, offset) < 0) perror("powerfail: pwrite");
}

static Change *remember(const char *path) {
  Change *change = calloc(1, sizeof *change);
  strncpy(change->path, path, PATH_MAX - 1);
  change->older = newest;
  newest = change;
  return change;
}

/* Call before the bytes from offset on are replaced (length > 0) or cut off (length 0). */
static void remember_bytes(const char *path, off_t offset, size_t length) {
  Change *change = remember(path);
  struct stat found;
  int fd = raw_open(path, O_RDONLY);
  if (fd < 0 || fstat(fd, &found) != 0) return;
  change->offset = offset;
  change->length = length;
  change->size_before = found.st_size;
  size_t wanted = length > 0 ? length : (size_t)(found.st_size > offset ? found.st_size - offset : 0);
  change->before = malloc(wanted + 1);
  ssize_t got = syscall(SYS_pread64, fd, change->before, wanted, offset);
  change->before_length = got > 0 ? (size_t)got : 0;
  syscall(SYS_close, fd);
}

static void undo(const Change *change) {
  if (change->created) {
    syscall(SYS_unlinkat, AT_FDCWD, change->path, 0);
    return;
  }
  int fd = raw_open(change->path, O_RDWR);
  if (fd < 0) return;
  /* A torn write: its first sectors did reach the disk. */
  size_t kept = lose_all || !one_in(4) ? 0 : rand_r(&seed) % (change->length / SECTOR + 1) * SECTOR;
  if (change->before_length > kept)
    raw_write(fd, change->before + kept, change->before_length - kept, change->offset + (off_t)kept);
  off_t end = change->offset + (off_t)change->length;
  if (end > change->size_before) {
    if (lose_all || (kept == 0 && one_in(2))) {
      syscall(SYS_ftruncate, fd, change->size_before);
    } else {
      /* The new length reached the disk, the data did not: zeros. */
      size_t old = change->before_length > kept ? change->before_length : kept;
      char *zeros = calloc(1, change->length + 1);
      raw_write(fd, zeros, change->length - old, change->offset + (off_t)old);
      free(zeros);
    }
  }
  syscall(SYS_close, fd);
}

static void lose_power(void) {
  for (const Change *change = newest; change; change = change->older)
    if (lose_all || one_in(2)) undo(change);
  syscall(SYS_exit_group, EXIT_STATUS);
}

static void count_write(void) {
  writes += 1;
  if (writes == fail_at) lose_power();
}

/* Forgets the changes of a file, or the creations in a folder. */
static void synced(int fd) {
  char path[PATH_MAX], folder[PATH_MAX];
  if (!path_of(fd, path)) return;
  pthread_mutex_lock(&lock);
  for (Change **at = &newest; *at;) {
    Change *change = *at;
    strcpy(folder, change->path);
    int reached = change->created ? strcmp(dirname(folder), path) == 0 : strcmp(change->path, path) == 0;
    if (!reached) {
      at = &change->older;
      continue;
    }
    *at = change->older;
    free(change->before);
    free(change);
  }
  pthread_mutex_unlock(&lock);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return syscall(SYS_pwrite64, fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  remember_bytes(path, offset, length);
  ssize_t written = syscall(SYS_pwrite64, fd, bytes, length, offset);
  count_write();
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[PATH_MAX];
  if (!dir || !path_of(fd, path)) return syscall(SYS_write, fd, bytes, length);
  pthread_mutex_lock(&lock);
  int appending = fcntl(fd, F_GETFL) & O_APPEND;
  remember_bytes(path, lseek(fd, 0, appending ? SEEK_END : SEEK_CUR), length);
  ssize_t written = syscall(SYS_write, fd, bytes, length);
  count_write();
  pthread_mutex_unlock(&lock);
  return written;
}

int ftruncate64(int fd, off_t length) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return (int)syscall(SYS_ftruncate, fd, length);
  pthread_mutex_lock(&lock);
  remember_bytes(path, length, 0);
  int result = (int)syscall(SYS_ftruncate, fd, length);
  count_write();
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) {
  int result = (int)syscall(SYS_fsync, fd);
  if (result == 0) synced(fd);
  return result;
}

int fdatasync(int fd) {
  int result = (int)syscall(SYS_fdatasync, fd);
  if (result == 0) synced(fd);
  return result;
}

static int open_remembering(int folder, const char *path, int flags, mode_t mode) {
  int creates = (flags & O_CREAT) && is_ours(path) && access(path, F_OK) != 0;
  int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
  if (fd >= 0 && creates) {
    pthread_mutex_lock(&lock);
    remember(path)->created = 1;
    pthread_mutex_unlock(&lock);
  }
  return fd;
}

#define MODE_OF(flags, last)     \
  mode_t mode = 0;               \
  if ((flags) & O_CREAT) {       \
    va_list rest;                \
    va_start(rest, last);        \
    mode = va_arg(rest, mode_t); \
    va_end(rest);                \
  }

int open(const char *path, int flags, ...) {
  MODE_OF(flags, flags)
  return open_remembering(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE_OF(flags, flags)
  return open_remembering(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
