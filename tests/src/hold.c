// SPDX-License-Identifier: GPL-2.0
/*
 * Has the kernel keep RTNL, the lock of all changes of the network, for some time: it
 * holds it while it writes a list of addresses to memory that is not there yet, and waits
 * for who has said that he will provide that.
 *
 *   frames hold MILLISECONDS    in a network namespace with an IPv4 address
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <net/if.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frames.h"

static void *list_addresses(void *page)
{
	struct ifconf list = { .ifc_len = sizeof(struct ifreq), .ifc_buf = page };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFCONF, &list) || !list.ifc_len)
		err(2, "no address is listed");
	close(fd);
	return NULL;
}

static int watch(void *page, size_t size)
{
	struct uffdio_register range = {
		.range = { (uintptr_t)page, size }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		err(2, "userfaultfd");
	return fd;
}

int hold_main(int argc, char **argv)
{
	size_t size = sysconf(_SC_PAGESIZE);
	struct uffdio_zeropage page = { .range.len = size };
	struct uffd_msg fault;
	pthread_t thread;
	void *memory;
	int fd;

	if (argc != 2)
		errx(2, "usage: frames hold MILLISECONDS");
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(2, "mmap");
	fd = watch(memory, size);
	if (pthread_create(&thread, NULL, list_addresses, memory) ||
	    read(fd, &fault, sizeof(fault)) != sizeof(fault))
		err(2, "the kernel asks for nothing");
	usleep(1000 * atol(argv[1]));
	page.range.start = (uintptr_t)memory;
	if (ioctl(fd, UFFDIO_ZEROPAGE, &page))
		err(2, "userfaultfd");
	pthread_join(thread, NULL);
	return 0;
}
