/* PCI addresses, as HIP writes them. */
#include "interop/pci.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct hipfx_pci pci, again;
    if (hipfx_pci_parse(text, &pci)) {
        const struct hipfx_pci_text printed = hipfx_pci_print(&pci);
        CHECK(pci.device < 32);
        CHECK(hipfx_pci_parse(printed.text, &again));
        CHECK(hipfx_pci_equal(&pci, &again));
    } else {
        CHECK(!pci.domain && !pci.bus && !pci.device);
    }
    free(text);
    return 0;
}
