/* mariadb_words.h: where what is the same on every back end is said in MariaDB's own words. */
#ifndef MARIADB_WORDS_H
#define MARIADB_WORDS_H

#define INSERT_IGNORE "INSERT IGNORE"
#define WORDS_OF_SUM "Out of range value for column 'price'"
#define WORDS_OF_DOUBLE "DOUBLE value is out of range"
/* Its names hold no characters beyond U+FFFF and do not end with a blank. */
#define TAKES_NAME(name) (strpbrk(name, "\xf0\xf1\xf2\xf3\xf4") == NULL && (name)[0] != '\0' && \
	strchr("\t\n\v\f\r ", (name)[strlen(name) - 1]) == NULL)

#define COUNT_OF_THINGS \
	"SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()) + (SELECT COUNT(*) FROM " \
	"information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME <> 'PRIMARY') AS c"

#endif
