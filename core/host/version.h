/* version.h: of this program. */
#ifndef AQ_HOST_VERSION_H
#define AQ_HOST_VERSION_H

#define AQ_VERSION "0.1.0"

#endif
