package saml

import (
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/views/i18n"
)

// TestEveryReasonIsExplained holds the reasons against the catalogs: each says
// what happened and what to do, in every language.
func TestEveryReasonIsExplained(t *testing.T) {
	timed := map[Reason]string{Expired: "5", NotYetValid: "241", ClockBehind: "241"}
	for _, language := range i18n.Languages() {
		locale := i18n.For(language, "UTC")
		for _, reason := range Reasons() {
			refused := refuse(reason, "secret detail")
			if timed[reason] != "" {
				refused = refused.off(4*time.Minute + time.Second)
			}
			for _, message := range []models.Message{refused.Title(), refused.Body()} {
				said := locale.Say(message)
				if said == message.Key || strings.Contains(said, "<no value>") || strings.Contains(said, "secret") {
					t.Errorf("%s: %s says %q", language, message.Key, said)
				}
			}
			if said := locale.Say(refused.Body()); !strings.Contains(said, timed[reason]) {
				t.Errorf("%s: %s does not say how long: %q", language, reason, said)
			}
		}
	}
}
