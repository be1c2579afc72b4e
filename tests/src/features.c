// SPDX-License-Identifier: GPL-2.0
/* Switches what a card can do, more often in a second than ethtool can be started. */
#define _GNU_SOURCE
#include <err.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

/* Microseconds from one change to the next. */
#define PAUSE 100000

static const struct {
	const char *name;
	uint32_t command;
} features[] = {
	{ "tx", ETHTOOL_STXCSUM },
	{ "sg", ETHTOOL_SSG },
	{ "gro", ETHTOOL_SGRO },
};

static uint32_t command_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(features) / sizeof(*features); i++)
		if (!strcmp(features[i].name, name))
			return features[i].command;
	errx(2, "there is no feature %s", name);
}

/* features COUNT DEV NAME: on and off in turn, as often in all. */
int features_main(int argc, char **argv)
{
	struct ethtool_value value = { };
	struct ifreq request = { .ifr_data = (void *)&value };
	int i, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (argc != 4 || strlen(argv[2]) >= IFNAMSIZ)
		errx(2, "features COUNT DEV NAME");
	if (fd < 0)
		err(2, "socket");
	value.cmd = command_of(argv[3]);
	strcpy(request.ifr_name, argv[2]);
	for (i = 0; i < atoi(argv[1]); i++) {
		value.data = !(i % 2);
		if (ioctl(fd, SIOCETHTOOL, &request))
			err(2, "%s of %s", argv[3], argv[2]);
		usleep(PAUSE);
	}
	close(fd);
	return 0;
}
