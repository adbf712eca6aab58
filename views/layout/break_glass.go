package layout

import (
	"context"
	"strings"

	"locum/views/i18n"
)

func (b BreakGlass) title(ctx context.Context, f Frame) string {
	at := i18n.From(ctx).Time(b.Entered)
	if f.Actor.Session == b.Session {
		return i18n.T(ctx, "breakglass.notice.own", "Time", at)
	}
	return i18n.T(ctx, "breakglass.notice.title", "Name", b.Name, "Time", at)
}

// reason is what was typed, as a sentence of its own.
func (b BreakGlass) reason() string {
	if strings.HasSuffix(b.Reason, ".") || strings.HasSuffix(b.Reason, "?") {
		return b.Reason
	}
	return b.Reason + "."
}
