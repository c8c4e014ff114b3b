/* fault.c: what the server and the library say, in the words and kinds of the store. */
#include "mariadb/store.h"

#include <errmsg.h>
#include <mysqld_error.h>

/* Numbers that the library's header does not have. */
#define NET_READ_ERROR 1158u
#define NET_WRITE_INTERRUPTED 1161u
#define SESSION_KILLED 3169u
#define INACTIVE 4031u

static bool is_client(unsigned code)
{
	return (code >= CR_MIN_ERROR && code <= CR_MAX_ERROR) || (code >= CER_MIN_ERROR && code <= CER_MAX_ERROR);
}

/* Nothing can be asked of the connection any more. What the library itself says leaves open how far a conversation has
 * come, so that ends it, too. */
static bool is_lost(unsigned code)
{
	return code == 0 || is_client(code) || code == ER_SERVER_SHUTDOWN || code == ER_NEW_ABORTING_CONNECTION ||
		code == ER_CONNECTION_KILLED || code == ER_NET_PACKET_TOO_LARGE || code == SESSION_KILLED || code == INACTIVE ||
		(code >= NET_READ_ERROR && code <= NET_WRITE_INTERRUPTED);
}

static enum aq_store_fault fault_of(const struct session *c, unsigned code)
{
	switch (code) {
	case ER_DUP_KEY:
	case ER_DUP_ENTRY:
	case ER_DUP_UNIQUE:
	case ER_DUP_ENTRY_WITH_KEY_NAME:
		return AQ_STORE_DUPLICATE;
	case ER_LOCK_DEADLOCK:
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_CHECKREAD:
		return AQ_STORE_CONFLICT;
	case ER_NO_SUCH_TABLE:
	case ER_BAD_TABLE_ERROR:
	case ER_BAD_FIELD_ERROR:
	case ER_BAD_DB_ERROR:
		return AQ_STORE_UNKNOWN;
	case ER_NET_PACKET_TOO_LARGE:
	case CR_NET_PACKET_TOO_LARGE:
	case CR_OUT_OF_MEMORY:
		return AQ_STORE_REFUSED;
	default:
		return !is_lost(code) ? AQ_STORE_REFUSED : c->sent ? AQ_STORE_LOST : AQ_STORE_DOWN;
	}
}

/* Whatever broke it off, the library only says that the connection went. Even what has no effect is not to be tried again
 * by itself. */
static int broken_off(struct session *c, struct sql_error *err)
{
	c->lost = true;
	sql_fail(&c->why, AQ_STORE_LOST, "broken off: %s", c->cut);
	c->why.code = CR_SERVER_LOST;
	*err = c->why;
	return -1;
}

int session_failed(struct session *c, struct statement *st, struct sql_error *err)
{
	unsigned code = st != NULL ? mysql_stmt_errno(st->handle) : 0;
	const char *text = code != 0 ? mysql_stmt_error(st->handle) : mysql_error(c->mysql);

	if (c->cut != NULL)
		return broken_off(c, err);
	if (code == 0)
		code = mysql_errno(c->mysql);
	sql_fail(err, fault_of(c, code), "%s", text[0] != '\0' ? text : "the connection has ended");
	err->code = (int32_t)code;
	if (is_lost(code)) {
		c->lost = true;
		c->why = *err;
	}
	if (err->fault == AQ_STORE_UNKNOWN) /* others have changed it */
		sql_known_forget(&c->s->collections);
	return -1;
}

int session_check(struct session *c, struct sql_error *err)
{
	if (c->cut != NULL)
		return broken_off(c, err);
	if (!c->lost)
		return 0;
	*err = c->why;
	return -1;
}
