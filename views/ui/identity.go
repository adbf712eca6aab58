package ui

import (
	"context"

	"locum/views/i18n"
)

// provenanceTitle is the tooltip of a role: its source, and the evidence.
func provenanceTitle(ctx context.Context, p Provenance) string {
	source := i18n.T(ctx, p.key())
	if p.Why == "" {
		return source
	}
	return source + ": " + p.Why
}
