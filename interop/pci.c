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

/* One to `digits_max` hexadecimal digits and the character behind them, unless that is 0. Returns
 * the text that is left, NULL if it is not so. */
static const char *parse_part(const char *text, int digits_max, char behind, uint32_t *value)
{
    int count = 0;
    *value = 0;
    for (; count < digits_max && digit(text[count]) >= 0; count++)
        *value = *value << 4 | (uint32_t)digit(text[count]);
    if (count == 0 || (behind && text[count] != behind))
        return NULL;
    return text + count + (behind ? 1 : 0);
}

bool hipfx_pci_parse(const char *text, struct hipfx_pci *pci)
{
    uint32_t domain = 0, bus = 0, device = 0, function = 0;
    *pci = (struct hipfx_pci){0};
    text = text ? parse_part(text, 8, ':', &domain) : NULL;
    text = text ? parse_part(text, 2, ':', &bus) : NULL;
    text = text ? parse_part(text, 2, 0, &device) : NULL;
    if (text && *text == '.')
        text = parse_part(text + 1, 1, 0, &function);
    if (!text || *text || device > 31 || function > 7)
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
