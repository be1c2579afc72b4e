// SPDX-License-Identifier: GPL-2.0
/*
 * Sets what the credit scheduler does for I/O past the checks of xl, or of libxl as well:
 *
 *   schedparams libxl IO_COSCHED CREDIT_STEAL IO_THRESHOLD    -1 leaves one as it is
 *   schedparams xen FIELDS IO_COSCHED CREDIT_STEAL IO_THRESHOLD
 *                       FIELDS as in xen_sysctl_credit_schedule, 0 for none
 *
 * bench/xen-tools builds it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>
#include <xenctrl.h>
#include <xentoollog.h>

static int by_libxl(xentoollog_logger *log, char **values)
{
	libxl_sched_credit_params params;
	libxl_ctx *ctx;
	int rc = 1;

	if (libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, log))
		return 1;
	libxl_sched_credit_params_init(&params);
	if (!libxl_sched_credit_params_get(ctx, 0, &params)) {
		params.io_cosched = atoi(values[0]);
		params.credit_steal = atoi(values[1]);
		params.io_threshold = atoi(values[2]);
		rc = !!libxl_sched_credit_params_set(ctx, 0, &params);
	}
	libxl_ctx_free(ctx);
	return rc;
}

static int by_xen(xentoollog_logger *log, char **values)
{
	xc_interface *xch = xc_interface_open(log, log, 0);
	struct xen_sysctl_credit_schedule params;
	int rc = -1;

	if (!xch)
		return 1;
	if (!xc_sched_credit_params_get(xch, 0, &params)) {
		params.io_fields = strtoul(values[0], NULL, 0);
		params.io_cosched = strtoul(values[1], NULL, 0);
		params.credit_steal = strtoul(values[2], NULL, 0);
		params.io_threshold = strtoul(values[3], NULL, 0);
		rc = xc_sched_credit_params_set(xch, 0, &params);
		if (rc)
			perror("xen");
	}
	xc_interface_close(xch);
	return rc != 0;
}

int main(int argc, char **argv)
{
	xentoollog_logger *log;
	int rc = 2;

	log = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0);
	if (!log)
		return 2;
	if (argc == 5 && !strcmp(argv[1], "libxl"))
		rc = by_libxl(log, argv + 2);
	else if (argc == 6 && !strcmp(argv[1], "xen"))
		rc = by_xen(log, argv + 2);
	else
		fprintf(stderr, "schedparams: see its source for its arguments\n");
	xtl_logger_destroy(log);
	return rc;
}
