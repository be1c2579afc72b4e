// SPDX-License-Identifier: GPL-2.0
/*
 * Shows a domain's vifs as libxl reads them back from xenstore, one in JSON after the other,
 * or adds one with a queue length that xl would not let through. bench/xen-tools builds it.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libxl.h>
#include <xentoollog.h>

static int show(libxl_ctx *ctx, uint32_t domid)
{
	libxl_device_nic *nics;
	int count, i;

	nics = libxl_device_nic_list(ctx, domid, &count);
	if (!nics)
		return 1;
	for (i = 0; i < count; i++) {
		char *json = libxl_device_nic_to_json(ctx, &nics[i]);

		printf("%s\n", json);
		free(json);
	}
	libxl_device_nic_list_free(nics, count);
	return 0;
}

static int add(libxl_ctx *ctx, uint32_t domid, uint32_t queue_len)
{
	libxl_device_nic nic;
	int rc;

	libxl_device_nic_init(&nic);
	nic.queue_len = queue_len;
	rc = libxl_device_nic_add(ctx, domid, &nic, NULL);
	libxl_device_nic_dispose(&nic);
	return rc != 0;
}

int main(int argc, char **argv)
{
	xentoollog_logger_stdiostream *logger;
	libxl_ctx *ctx;
	uint32_t domid;
	int status;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "Usage: vifs DOMID [QUEUE_LEN]\n");
		return 1;
	}
	logger = xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0);
	if (!logger || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0,
				       (xentoollog_logger *)logger))
		return 1;
	domid = strtoul(argv[1], NULL, 10);
	status = argc == 2 ? show(ctx, domid) :
			     add(ctx, domid, strtoul(argv[2], NULL, 10));
	libxl_ctx_free(ctx);
	xtl_logger_destroy((xentoollog_logger *)logger);
	return status;
}
