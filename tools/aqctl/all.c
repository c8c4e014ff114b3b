#include "all.h"

#include "client.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what came of it ---- */

/* Partly is done by some, too. */
static int together(const struct answer *answers, int count)
{
	int highest = CONTROL_DONE, did = 0;

	for (int i = 0; i < count; i++) {
		did += answers[i].code == CONTROL_DONE || answers[i].code == CONTROL_PARTLY;
		highest = answers[i].code > highest ? answers[i].code : highest;
	}
	return highest != CONTROL_DONE && did > 0 ? CONTROL_PARTLY : highest;
}

/* ---- printing ---- */

static void print_string(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if ((unsigned char)*text < 0x20)
			printf("\\u%04x", (unsigned)*text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void print_json(const char *path, const char *name, const struct answer *a)
{
	printf("{\"host\":");
	print_string(name);
	printf(",\"socket\":");
	print_string(path);
	printf(",\"code\":%d,\"answer\":%s}", a->code, a->body != NULL ? a->body : "null");
}

static void print_text(const char *name, const struct answer *a)
{
	if (a->body != NULL)
		printf("== %s\n%s", name, a->body);
	else
		printf("== %s: %s\n", name, a->code == CONTROL_NOT_RUNNING ? "not running" : "no answer");
}

static void print(const struct sockets *s, const struct answer *answers, bool json)
{
	char name[PATH_MAX];

	if (json)
		printf("[\n");
	for (int i = 0; i < s->count; i++) {
		socket_name(s->paths[i], name, sizeof(name));
		if (i > 0)
			printf(json ? ",\n" : "\n");
		if (json)
			print_json(s->paths[i], name, &answers[i]);
		else
			print_text(name, &answers[i]);
	}
	if (json)
		printf("]\n");
}

/* ---- asking ---- */

static int complain_of_none(bool json)
{
	if (json)
		printf("[]\n");
	fprintf(stderr, "aqctl: no host has a socket in /run/aioquant; others are named by -S, -d or AQ_SOCKET\n");
	return CONTROL_NOT_RUNNING;
}

int all_ask(const struct sockets *sockets, const char *line, int timeout_s, bool json, const char *before)
{
	struct answer answers[SOCKETS_MAX] = {0};
	int rc;

	if (sockets->count == 0)
		return complain_of_none(json);
	for (int i = 0; i < sockets->count; i++) {
		rc = client_ask(sockets->paths[i], line, timeout_s, &answers[i]);
		if (rc != CONTROL_DONE) /* the reason has been told */
			answers[i] = (struct answer){.code = rc};
	}
	fputs(before, stdout);
	print(sockets, answers, json);
	for (int i = 0; i < sockets->count; i++)
		free(answers[i].body);
	return fflush(stdout) == 0 ? together(answers, sockets->count) : CONTROL_FAILED;
}
