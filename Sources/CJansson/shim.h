// jansson as Swift sees it. Macros and functions with variable arguments do not cross into Swift; what the project needs
// of them stands here as inline functions.
#ifndef SWITCHYARD_CJANSSON_SHIM_H
#define SWITCHYARD_CJANSSON_SHIM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

// The text of an error: a fixed array of char, which Swift would import as a tuple of 160 members.
static inline const char *switchyard_json_error_text(const json_error_t *error) { return error->text; }

// The kind of a value, which jansson reads with a macro.
static inline int32_t switchyard_json_kind(const json_t *value) { return (int32_t)value->type; }

// A parser's flags: duplicate keys are errors, and a document may be any value.
static inline size_t switchyard_json_flags(bool allows_nul) {
    return JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | (allows_nul ? JSON_ALLOW_NUL : 0);
}

#endif
