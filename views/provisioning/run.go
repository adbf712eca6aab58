package provisioning

import (
	"cmp"
	"context"

	"locum/models/provisioning"
	"locum/views/i18n"
)

// runText says who began a run and why.
func runText(ctx context.Context, p RunPage) string {
	locale := i18n.From(ctx)
	text := locale.T("connector.changed", "When", locale.ShortDateTime(p.Now, p.CreatedAt.Time), "Name", maker(p.Run))
	if p.Reason != "" {
		text += " · " + p.Reason
	}
	return text
}

// maker is who began a run: a manager, or Locum itself after a change of the
// platform.
func maker(r provisioning.Run) string { return cmp.Or(r.MadeByName, "Locum") }
