package provisioning

import (
	"context"

	"locum/views/i18n"
)

// runText says who began a run and why.
func runText(ctx context.Context, p RunPage) string {
	locale := i18n.From(ctx)
	text := locale.T("connector.changed", "When", locale.ShortDateTime(p.Now, p.CreatedAt.Time), "Name", p.MadeByName)
	if p.Reason != "" {
		text += " · " + p.Reason
	}
	return text
}
