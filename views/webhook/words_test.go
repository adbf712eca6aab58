package webhook

import (
	"slices"
	"testing"

	"locum/models/feed"
	"locum/models/webhook"
	"locum/views/i18n"
)

// A type of event, a fault or a scope that is added later needs its words.
func TestWhateverCanBeShownHasWords(t *testing.T) {
	var keys []string
	for _, family := range feed.Families {
		keys = append(keys, "webhook.family."+family)
	}
	for _, fault := range webhook.Faults {
		keys = append(keys, "webhook.fault."+string(fault))
	}
	for _, why := range []string{webhook.ByHand, webhook.Gone, webhook.Failing} {
		keys = append(keys, "webhook.off."+why)
	}
	for _, scope := range slices.Concat(feed.CompanyScopes, feed.OrganizationScopes) {
		keys = append(keys, "token.scope."+string(scope), "token.scope."+string(scope)+".hint")
	}
	for _, key := range keys {
		if !i18n.Has(key) {
			t.Errorf("%s has no words", key)
		}
	}
}
