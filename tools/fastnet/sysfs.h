/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes: files with one value. */
#ifndef FASTNET_SYSFS_H
#define FASTNET_SYSFS_H

#include <stdbool.h>
#include <stdint.h>

#define NET "/sys/class/net/"

bool is_there(const char *path);
char *attribute_read(const char *path);
int attribute_write(const char *path, const char *value);
uint64_t attribute_number(const char *folder, const char *name);

#endif /* FASTNET_SYSFS_H */
