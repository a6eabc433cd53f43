#include "interop/pci.h"

#include <stddef.h>
#include <stdio.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* One to `digits_max` hexadecimal digits, and the text behind them; NULL if there is none. */
static const char *parse_hex(const char *text, int digits_max, uint32_t *value)
{
    int count = 0;
    *value = 0;
    for (; count < digits_max && digit(text[count]) >= 0; count++)
        *value = *value << 4 | (uint32_t)digit(text[count]);
    return count > 0 ? text + count : NULL;
}

bool hipfx_pci_parse(const char *text, struct hipfx_pci *pci)
{
    uint32_t domain, bus, device, function;
    *pci = (struct hipfx_pci){0};
    if (!text || !(text = parse_hex(text, 8, &domain)) || *text++ != ':' ||
        !(text = parse_hex(text, 2, &bus)) || *text++ != ':' ||
        !(text = parse_hex(text, 2, &device)) || device > 31)
        return false;
    if (*text == '.' && (!(text = parse_hex(text + 1, 1, &function)) || function > 7))
        return false;
    if (*text)
        return false;
    *pci = (struct hipfx_pci){domain, (uint8_t)bus, (uint8_t)device};
    return true;
}

struct hipfx_pci_text hipfx_pci_print(const struct hipfx_pci *pci)
{
    struct hipfx_pci_text out;
    snprintf(out.text, sizeof(out.text), "%04x:%02x:%02x", pci->domain, pci->bus, pci->device);
    return out;
}
