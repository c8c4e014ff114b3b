/* sqlite_words.h: where what is the same on every back end is said in SQLite's own words. */
#ifndef SQLITE_WORDS_H
#define SQLITE_WORDS_H

#define INSERT_IGNORE "INSERT OR IGNORE"
#define WORDS_OF_SUM "does not fit decimal(10,4)"
#define WORDS_OF_DOUBLE "no finite double"
#define TAKES_NAME(name) true

#define COUNT_OF_THINGS "SELECT count(*) AS c FROM sqlite_schema"

#endif
