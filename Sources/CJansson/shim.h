// jansson as Swift sees it. Macros and functions with variable arguments do not cross into Swift; what the project needs
// of them stands here as inline functions.
#include <jansson.h>
