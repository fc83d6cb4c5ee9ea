/*
 * What a disk keeps when the power goes: every file that is synced is copied, as it is at that moment, to a mirror;
 * nothing else reaches it. LD_PRELOAD this, set MIRROR to an empty folder and ROOT to the folder that is watched; the
 * mirror is then the disk after the cut. A synced folder makes the names in it durable.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

/* Two threads may sync the same file. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void copy_file(int fd, const char *to) {
  char temporary[PATH_MAX + 8];
  snprintf(temporary, sizeof temporary, "%s.new", to);
  int out = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (out < 0) return;
  char buffer[65536];
  off_t at = 0;
  for (;;) {
    ssize_t got = pread(fd, buffer, sizeof buffer, at);
    if (got <= 0) break;
    if (write(out, buffer, (size_t)got) != got) break;
    at += got;
  }
  close(out);
  rename(temporary, to);
}

static void mirror(int fd) {
  const char *root = getenv("ROOT");
  const char *folder = getenv("MIRROR");
  if (!root || !folder) return;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return;
  path[n] = 0;
  size_t length = strlen(root);
  if (strncmp(path, root, length) != 0) return;
  struct stat info;
  if (fstat(fd, &info) != 0) return;
  char to[2 * PATH_MAX];
  if (S_ISREG(info.st_mode)) {
    snprintf(to, sizeof to, "%s/inode-%lu", folder, (unsigned long)info.st_ino);
    int own = open(path, O_RDONLY);
    copy_file(own >= 0 ? own : fd, to);
    if (own >= 0) close(own);
    /* SQLite syncs the folder when it makes a file; a name seen by then is durable. */
    return;
  }
  if (S_ISDIR(info.st_mode)) {
    snprintf(to, sizeof to, "%s/names", folder);
    FILE *names = fopen(to, "a");
    DIR *dir = opendir(path);
    if (names && dir) {
      struct dirent *entry;
      while ((entry = readdir(dir)) != NULL)
        if (entry->d_type == DT_REG)
          fprintf(names, "%lu %s/%s\n", (unsigned long)entry->d_ino, path + length, entry->d_name);
    }
    if (dir) closedir(dir);
    if (names) fclose(names);
  }
}

static void mirror_in_turn(int fd) {
  pthread_mutex_lock(&one_at_a_time);
  mirror(fd);
  pthread_mutex_unlock(&one_at_a_time);
}

int fsync(int fd) {
  if (!real_fsync) real_fsync = dlsym(RTLD_NEXT, "fsync");
  int result = real_fsync(fd);
  if (result == 0) mirror_in_turn(fd);
  return result;
}

int fdatasync(int fd) {
  if (!real_fdatasync) real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  int result = real_fdatasync(fd);
  if (result == 0) mirror_in_turn(fd);
  return result;
}
