/* config_option.h: one option's text as a value. Inside of config only. */
#ifndef AQ_HOST_CONFIG_OPTION_H
#define AQ_HOST_CONFIG_OPTION_H

#include "host/config_internal.h"

#define CONFIG_KEY_SIZE 128 /* with NUL; longer names are refused in tables */

/* What a text of any type but STRING and LIST means. */
struct config_value {
	int64_t number; /* INT, DURATION, SIZE, PRICE, QUANTITY; index of ENUM; 0 or 1 of BOOL; id of ACCOUNT, STORE,
			   BUS, STORE_LINE */
	struct aq_amt amount;    /* DECIMAL, RATIO */
	struct aq_market market; /* MARKET */
	char words[124];         /* STORE_LINE */
};

/* A section being read by a table. */
struct config_fill {
	const struct config_section *section;
	const struct aq_option *options;
	const struct config_resolver *resolver; /* or NULL */
	struct config_errors *errors;
	void *self; /* or NULL */
	int pending;
};

/* Reports unknown keys and those that are given twice. */
void config_check_keys(const struct config_fill *f, const char *const *known);
/* The key under which an option is written: NAME, or NAME_file for a secret. `out`, which it returns, holds `size`. */
const char *config_option_key(const struct aq_option *option, char *out, size_t size);
/* The instrument that scales prices and quantities of this option. False when it is not known. */
bool config_option_instrument(const struct config_fill *f, const struct aq_option *option, struct aq_instrument *out);
/* 0, AQ_EFORMAT, or 1: right in its form, but the instrument or a price is not known yet. */
int config_option_value(const struct config_fill *f, const struct aq_option *option, const char *text,
	struct config_value *out, struct aq_err *err);
/* Below, within (0) or above min and max of the option; *limit is the one that is passed. */
int config_option_range(const struct config_fill *f, const struct aq_option *option, const struct config_value *value,
	const char **limit);
/* Writes a value to the option's field. */
void config_option_store(const struct config_fill *f, const struct aq_option *option, const struct config_value *value);

#endif
