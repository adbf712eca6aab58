package provisioning

import (
	"context"

	"locum/models/tenancy"
	"locum/views/i18n"
)

// named says whether any manager may come in by a code.
func (c Connections) named() bool { return countNamed(c.Managers) > 0 }

// unguarded says that single sign-on is required and nobody could come in
// without it.
func (c Connections) unguarded() bool { return c.Required && !c.named() }

// lastNamed says that single sign-on is required and only one could come in
// without it.
func (c Connections) lastNamed() bool { return c.Required && countNamed(c.Managers) == 1 }

func countNamed(managers []tenancy.BreakGlassManager) (named int) {
	for _, m := range managers {
		if m.Named != nil {
			named++
		}
	}
	return named
}

// removeBreakGlassText warns who takes the only one off the list.
func removeBreakGlassText(ctx context.Context, all []tenancy.BreakGlassManager) string {
	if countNamed(all) > 1 {
		return ""
	}
	return i18n.T(ctx, "breakglass.remove.text")
}

// breakGlassWords say how a manager comes in.
func breakGlassWords(ctx context.Context, c Connections, m tenancy.BreakGlassManager) string {
	if m.Named == nil {
		return m.Email
	}
	return i18n.T(ctx, "breakglass.card.named", "By", m.Named.NamedByName, "When", i18n.From(ctx).ShortDateTime(c.Now, m.Named.NamedAt.Time))
}
