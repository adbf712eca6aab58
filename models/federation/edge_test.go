package federation

import (
	"testing"

	"locum/models/account"
)

// Edge case 19 of the delegation: whose provider could vouch for any address
// could accept what was offered to somebody else.
func TestEdge19AProviderAssertsAnAddressOutsideItsCompanysDomains(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		before := h.count(&account.Address{}, "1 = 1")
		for _, foreign := range []string{"noor@noorhendriks.example", "anna@sub.devries.example", "anna@devries.example.evil.example"} {
			_, err := h.federation.Finish(h.ctx, h.begin(), anna().with("email", foreign))
			h.failed(err, "federation.error.foreign_domain")
		}
		if after := h.count(&account.Address{}, "1 = 1"); after != before {
			t.Errorf("%d addresses became %d", before, after)
		}
	})
}
