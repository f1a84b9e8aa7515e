/* A disk that fails on purpose, for one process and its children: loaded before the C library.
 *
 * Only what lies under $FAULTS_UNDER is touched. Arm it by files in $FAULTS_CONTROL: while `full` is there nothing may
 * grow (ENOSPC); `eio` makes the next sync fail once and is taken away by it. Or, from inside the process, with
 * faults_arm(n): the n-th sync from now fails with EIO; faults_count() says how many there were. Where the control folder
 * has a file `countdown` with a number in it, every sync of every process takes one from it, and the one that leaves
 * nothing fails; whose it was, and of what, stands in `failed` then. With a descriptor given
 * to faults_trace() every write and sync is told there as a line, in order: what a judge needs to see what was on the
 * disk when something was acknowledged. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long armed, count;
static int trace = -1;

void faults_arm(long at) { armed = at; count = 0; }
long faults_count(void) { return count; }
void faults_trace(int fd) { trace = fd; }

static const char *ours(int fd) {
    static __thread char path[PATH_MAX];
    char link[64];
    const char *under = getenv("FAULTS_UNDER");
    ssize_t size;
    if (!under) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return NULL;
    path[size] = 0;
    return strncmp(path, under, strlen(under)) ? NULL : path;
}

static void tell(const char *what, const char *path, long from, long to) {
    char line[PATH_MAX + 64];
    int size;
    if (trace < 0) return;
    size = snprintf(line, sizeof line, "%s\t%s\t%ld\t%ld\n", what, path, from, to);
    syscall(SYS_write, trace, line, size);
}

static int control(const char *name, char *path, size_t size) {
    const char *folder = getenv("FAULTS_CONTROL");
    if (!folder) return 0;
    snprintf(path, size, "%s/%s", folder, name);
    return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

/* How much of `size` bytes at `from` may be written; -1 for none. A negative `from` means the file's own position. */
static long room(int fd, const char *path, long from, long size) {
    struct stat file;
    char full[PATH_MAX];
    int flags;
    if (!control("full", full, sizeof full) || fstat(fd, &file) || !S_ISREG(file.st_mode)) return size;
    flags = fcntl(fd, F_GETFL);
    if (flags & O_APPEND) from = file.st_size;
    else if (from < 0) from = lseek(fd, 0, SEEK_CUR);
    if (from + size <= file.st_size || size == 0) return size;
    return from < file.st_size ? file.st_size - from : -1;
}

static long written(int fd, long from, long size, long (*write_it)(int, const void *, long, long), const void *data) {
    const char *path = ours(fd);
    long may, done;
    char kept[PATH_MAX];
    if (!path) return write_it(fd, data, size, from);
    strcpy(kept, path);
    may = room(fd, kept, from, size);
    if (may < 0) { errno = ENOSPC; return -1; }
    if (from < 0) from = (fcntl(fd, F_GETFL) & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
    done = write_it(fd, data, may, from);
    if (done > 0) tell("write", kept, from, from + done);
    return done;
}

static long plain(int fd, const void *data, long size, long from) { return syscall(SYS_write, fd, data, size); }
static long placed(int fd, const void *data, long size, long from) { return syscall(SYS_pwrite64, fd, data, size, from); }

ssize_t write(int fd, const void *data, size_t size) { return written(fd, -1, size, plain, data); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t from) { return written(fd, from, size, placed, data); }
ssize_t pwrite64(int fd, const void *data, size_t size, off_t from) { return written(fd, from, size, placed, data); }

ssize_t pwritev(int fd, const struct iovec *parts, int many, off_t from) {
    ssize_t all = 0, done;
    for (int n = 0; n < many; n++) {
        done = pwrite(fd, parts[n].iov_base, parts[n].iov_len, from + all);
        if (done < 0) return all ? all : -1;
        all += done;
        if ((size_t)done < parts[n].iov_len) break;
    }
    return all;
}
ssize_t pwritev64(int fd, const struct iovec *parts, int many, off_t from) { return pwritev(fd, parts, many, from); }

int posix_fallocate(int fd, off_t from, off_t size) {
    const char *path = ours(fd);
    if (path && room(fd, path, from, size) != size) return ENOSPC;
    return syscall(SYS_fallocate, fd, 0, from, size) ? errno : 0;
}
int posix_fallocate64(int fd, off_t from, off_t size) { return posix_fallocate(fd, from, size); }

/* Whether the countdown that all processes share has come to its end with this sync. */
static int ends_countdown(void) {
    static long *left;
    char path[PATH_MAX];
    int fd;
    if (!left && control("countdown", path, sizeof path) && (fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR)) >= 0) {
        left = mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (left == MAP_FAILED) left = NULL;
        syscall(SYS_close, fd);
    }
    return left && __sync_sub_and_fetch(left, 1) == 0;
}

/* Which process it was, by what it calls itself, and which file. */
static void note(const char *path) {
    char where[PATH_MAX], line[PATH_MAX + 512] = "";
    int fd, size = 0;
    control("failed", where, sizeof where);
    if ((fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY)) >= 0) {
        if ((size = syscall(SYS_read, fd, line, 500)) < 0) size = 0;
        syscall(SYS_close, fd);
    }
    line[size] = 0;
    size = strlen(line);
    size += snprintf(line + size, sizeof line - size, "\t%s\n", path);
    if ((fd = syscall(SYS_openat, AT_FDCWD, where, O_WRONLY | O_CREAT | O_APPEND, 0666)) >= 0) {
        syscall(SYS_write, fd, line, size);
        syscall(SYS_close, fd);
    }
}

static int synced(int fd, long call) {
    const char *path = ours(fd);
    char eio[PATH_MAX], kept[PATH_MAX];
    if (!path) return syscall(call, fd);
    strcpy(kept, path);
    count++;
    if (ends_countdown()) {
        note(kept);
        errno = EIO;
        return -1;
    }
    if ((armed && count == armed) || (control("eio", eio, sizeof eio) && unlink(eio) == 0)) {
        tell("failed", kept, 0, 0);
        errno = EIO;
        return -1;
    }
    tell("sync", kept, 0, 0);
    return syscall(call, fd);
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }
