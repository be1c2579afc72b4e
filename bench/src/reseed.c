// SPDX-License-Identifier: GPL-2.0
/*
 * reseed SEED: has the kernel's random numbers depend on SEED, 64 hexadecimal digits, from now on.
 * Hosts that are resumed from the same state would all draw the same.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define SEED_DIGITS 64

int main(int argc, char **argv)
{
	struct {
		struct rand_pool_info info;
		char digits[SEED_DIGITS];
	} seed = { .info = { .entropy_count = SEED_DIGITS * 4, .buf_size = SEED_DIGITS },
		   .digits = "" };
	int fd = open("/dev/urandom", O_WRONLY);

	if (argc != 2 || strlen(argv[1]) != SEED_DIGITS) {
		fputs("Usage: reseed SEED\n", stderr);
		return 1;
	}
	memcpy(seed.digits, argv[1], SEED_DIGITS);
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &seed) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0) {
		perror("reseed");
		return 1;
	}
	return 0;
}
