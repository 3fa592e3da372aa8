/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Program files and libraries, and the names of their functions. A file that was opened
 * while one process lived also names frames of processes that have ended: it is found by
 * its build-id.
 */
#ifndef IMAGES_H
#define IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/process_maps.h"

#define BUILD_ID_BYTES 20

struct images;
struct image;

/* NULL when out of memory, or where this build has no libdw. */
struct images *images_new(const char *proc);
void images_free(struct images *i);	/* NULL is allowed */

/* Whether this build reads program files at all. */
bool images_supported(void);

/* The file of a mapping of a living process; NULL: it is no ELF file, or cannot be opened. */
struct image *images_of_mapping(struct images *i, int pid, const struct mapping *m);

/* One that was opened before, or one in the build-id folders of debug files; NULL: there is none. */
struct image *images_of_build_id(struct images *i, const uint8_t id[BUILD_ID_BYTES]);

/* Its build-id, zero if it has none, and its name without its folders. */
const uint8_t *image_build_id(const struct image *image);
const char *image_file(const struct image *image);

/* The link-time address of the byte at that offset in the file; false: the file does not say. */
bool image_address(const struct image *image, uint64_t offset, uint64_t *addr);

/* The function at addr, demangled, and how far after its beginning addr is; false: none is known. */
bool image_name(struct image *image, uint64_t addr, char *name, size_t len, uint64_t *off);

#endif
