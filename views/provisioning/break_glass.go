package provisioning

import (
	"context"

	"locum/models/tenancy"
	"locum/views/i18n"
)

// named says whether any manager may come in by a code.
func (c Connections) named() bool {
	for _, m := range c.Managers {
		if m.Named != nil {
			return true
		}
	}
	return false
}

// unguarded says that single sign-on is required and nobody could come in
// without it.
func (c Connections) unguarded() bool { return c.Required && !c.named() }

// breakGlassWords say how a manager comes in.
func breakGlassWords(ctx context.Context, c Connections, m tenancy.BreakGlassManager) string {
	if m.Named == nil {
		return m.Email
	}
	return i18n.T(ctx, "breakglass.card.named", "By", m.Named.NamedByName, "When", i18n.From(ctx).ShortDateTime(c.Now, m.Named.NamedAt.Time))
}
