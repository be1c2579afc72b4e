// SPDX-License-Identifier: GPL-2.0
/*
 * Sends a file as a datagram that is not copied: who writes to the file changes what has
 * been sent, as a guest can with what is still in its pages. It has no checksum, which somebody
 * would have to make.
 *
 *   frames lend FILE PORT ADDRESS PORT    from the port to the other one of an IPv6 address
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frames.h"

static void *map_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	void *memory;

	if (fd < 0 || fstat(fd, &stat))
		err(2, "%s", path);
	memory = mmap(NULL, stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		err(2, "%s", path);
	close(fd);
	*size = stat.st_size;
	return memory;
}

static struct sockaddr_in6 parse_address(const char *address, const char *port)
{
	struct sockaddr_in6 parsed = {
		.sin6_family = AF_INET6, .sin6_port = htons(strtoul(port, NULL, 0)),
	};

	if (inet_pton(AF_INET6, address, &parsed.sin6_addr) != 1)
		errx(2, "'%s' is no address", address);
	return parsed;
}

static int open_socket(const struct sockaddr_in6 *from)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)from, sizeof(*from)))
		err(2, "socket");
	return fd;
}

int lend_main(int argc, char **argv)
{
	struct sockaddr_in6 from, to;
	size_t size;
	void *data;
	int fd;

	if (argc != 5)
		errx(2, "usage: frames lend FILE PORT ADDRESS PORT");
	data = map_file(argv[1], &size);
	from = parse_address("::", argv[2]);
	to = parse_address(argv[3], argv[4]);
	fd = open_socket(&from);
	if (sendto(fd, data, size, MSG_ZEROCOPY, (struct sockaddr *)&to, sizeof(to)) !=
	    (ssize_t)size)
		err(2, "send");
	return 0;
}
