// SPDX-License-Identifier: GPL-2.0
/*
 * Loads, switches and unloads the module many times over, faster than programs can
 * be started for it.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frames.h"

void write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		err(2, "%s to %s", value, path);
	close(fd);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		err(2, "load %s", path);
	close(fd);
}

/*
 * reload COUNT MODULE.ko NAME FILE VALUE: loads it, writes VALUE to the FILE that is
 * there then, and unloads it.
 */
int reload_main(int argc, char **argv)
{
	int i;

	if (argc != 6)
		errx(2, "reload COUNT MODULE.ko NAME FILE VALUE");
	for (i = 0; i < atoi(argv[1]); i++) {
		load_module(argv[2]);
		write_file(argv[4], argv[5]);
		usleep(1000);
		if (syscall(SYS_delete_module, argv[3], O_NONBLOCK))
			err(2, "unload %s, turn %d", argv[3], i);
	}
	return 0;
}

/* toggle COUNT FILE VALUE...: writes the values in turn, as often in all. */
int toggle_main(int argc, char **argv)
{
	int i;

	if (argc < 4)
		errx(2, "toggle COUNT FILE VALUE...");
	for (i = 0; i < atoi(argv[1]); i++) {
		write_file(argv[2], argv[3 + i % (argc - 3)]);
		usleep(1000);
	}
	return 0;
}
