/* user_name.c: see user_name.h. */
#include "host/user_name.h"

#include "base/check.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#define USERS_MAX 4096 /* a line of the file each */

struct user {
	uint32_t uid;
	char name[33];
};

static struct users { /* a process lives on one machine */
	struct user *list;
	int count;
} users;

static void add(const struct passwd *p)
{
	struct user *u;

	if ((users.count & (users.count - 1)) == 0) {
		users.list = realloc(users.list, sizeof(*u) * (users.count == 0 ? 1 : 2 * (size_t)users.count));
		CHECK(users.list != NULL);
	}
	u = &users.list[users.count++];
	u->uid = p->pw_uid;
	snprintf(u->name, sizeof(u->name), "%.32s", p->pw_name);
}

void user_names_read(void)
{
	FILE *in = fopen("/etc/passwd", "re");
	const struct passwd *p;

	user_names_forget();
	if (in == NULL)
		return;
	while (users.count < USERS_MAX && (p = fgetpwent(in)) != NULL)
		if (p->pw_name[0] != '+' && p->pw_name[0] != '-') /* these point to another source */
			add(p);
	fclose(in);
}

void user_names_forget(void)
{
	free(users.list);
	users = (struct users){0};
}

const char *user_name(uint32_t uid)
{
	for (int i = 0; i < users.count; i++)
		if (users.list[i].uid == uid)
			return users.list[i].name;
	return "";
}
