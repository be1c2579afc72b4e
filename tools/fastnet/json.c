// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "json.h"
#include "say.h"

static yajl_gen gen;

/*
 * Of control characters JSON takes DEL and those beyond ASCII as they are, and so does yajl;
 * but this may be a terminal, which obeys. Only strings have any.
 */
static void print(void *context, const char *string, size_t length)
{
	const unsigned char *byte = (const unsigned char *)string, *end = byte + length;

	for (; byte < end; byte++) {
		if (*byte == 0x7f)
			fputs("\\u007F", context);
		else if (*byte == 0xc2 && byte + 1 < end && byte[1] >= 0x80 && byte[1] < 0xa0)
			fprintf(context, "\\u00%02X", *++byte);
		else
			putc(*byte, context);
	}
}

static void put_string(const char *string)
{
	yajl_gen_string(gen, (const unsigned char *)string, strlen(string));
}

static void put_key(const char *key)
{
	if (key)
		put_string(key);
}

/* One document, until json_end(). */
void json_start(bool pretty)
{
	gen = yajl_gen_alloc(NULL);
	yajl_gen_config(gen, yajl_gen_beautify, pretty);
	yajl_gen_config(gen, yajl_gen_print_callback, print, stdout);
}

void json_end(void)
{
	yajl_gen_free(gen);
	putchar('\n');
}

void json_map(const char *key)
{
	put_key(key);
	yajl_gen_map_open(gen);
}

void json_map_end(void)
{
	yajl_gen_map_close(gen);
}

void json_list(const char *key)
{
	put_key(key);
	yajl_gen_array_open(gen);
}

void json_list_end(void)
{
	yajl_gen_array_close(gen);
}

void json_string(const char *key, const char *value)
{
	put_key(key);
	put_string(value);
}

/* What fits into no JSON integer of libyajl's is none of our counters. */
void json_number(const char *key, uint64_t value)
{
	put_key(key);
	yajl_gen_integer(gen, value);
}

/* With three digits behind the point. */
void json_real(const char *key, double value)
{
	char *digits = text("%.3f", value);

	put_key(key);
	yajl_gen_number(gen, digits, strlen(digits));
	free(digits);
}

void json_bool(const char *key, bool value)
{
	put_key(key);
	yajl_gen_bool(gen, value);
}
