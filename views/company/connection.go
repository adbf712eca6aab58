package company

import (
	"context"
	"time"

	"locum/models"
	"locum/models/client"
	"locum/models/openid"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Connection is what an application's page shows to operators.
type Connection struct {
	client.Connected
	Registry tenancy.Registry
	Logouts  []openid.Logout // what it was told last of sessions and visits that ended
	Issuer   string          // of tokens: the address of this installation
	Now      time.Time
}

// at is the address of an application's page.
func at(c client.Connected) string { return "/platform/applications/" + c.ID }

// signsIn says whether people sign in to it, rather than a proxy asking alone.
func (c Connection) signsIn() bool { return len(c.Client.Redirects()) > 0 }

// kind says how people come to be signed in to it.
func (c Connection) kind(ctx context.Context) string {
	if !c.signsIn() {
		return i18n.T(ctx, "application.kind.proxy")
	}
	return i18n.T(ctx, "application.kind."+string(c.Client.Kind))
}

// reports says whether it can show which application it is, and so report what was
// used.
func (c Connection) reports() bool { return c.Client.Kind != client.Public }

// live are the secrets that are taken.
func live(c client.Connected) (list []client.Secret) {
	for _, s := range c.Secrets {
		if s.RevokedAt == nil {
			list = append(list, s)
		}
	}
	return list
}

func (c Connection) roles() []tenancy.Role {
	return c.Registry.At(models.ApplicationLevel, c.ID)
}

// connectionWay leads to a page below an application's.
func connectionWay(ctx context.Context, c client.Connected) []ui.Crumb {
	return []ui.Crumb{{Text: i18n.T(ctx, "organization.applications"), Href: "/platform/applications"}, {Text: c.Name, Href: at(c)}}
}

// ConnectionForm is what the form of a registration shows.
type ConnectionForm struct {
	client.Connected
	In    client.Draft
	Wrong models.FieldErrors
}

func (f ConnectionForm) title(ctx context.Context) string {
	if f.Client == nil {
		return i18n.T(ctx, "application.connect.title", "Name", f.Name)
	}
	return i18n.T(ctx, "application.edit.title", "Name", f.Name)
}

// usedLast says when a secret was used last.
func usedLast(ctx context.Context, now time.Time, s client.Secret) string {
	if s.LastUsedAt == nil {
		return i18n.T(ctx, "application.secret.unused")
	}
	return i18n.T(ctx, "application.secret.used", "When", i18n.From(ctx).Relative(now, s.LastUsedAt.Time))
}

// warning says what ends with a secret.
func warning(ctx context.Context, now time.Time, c client.Connected, s client.Secret) string {
	text := i18n.T(ctx, "application.secret.revoke.unused")
	if s.LastUsedAt != nil {
		text = i18n.T(ctx, "application.secret.revoke.used", "When", i18n.From(ctx).Relative(now, s.LastUsedAt.Time))
	}
	if len(live(c)) == 1 {
		return text + " " + i18n.T(ctx, "application.secret.revoke.last", "Name", c.Name)
	}
	return text
}

func followsText(ctx context.Context, follows bool) string {
	if follows {
		return i18n.T(ctx, "application.tokens.follow")
	}
	return i18n.T(ctx, "application.tokens.pinned")
}

// logoutChip is where telling an application of an end stands.
func logoutChip(ctx context.Context, l openid.Logout) (tone, text, icon string) {
	switch l.State {
	case openid.Delivered:
		return ui.OK, i18n.T(ctx, "application.logout.delivered"), "circle-check"
	case openid.Failed:
		return ui.Bad, i18n.T(ctx, "application.logout.failed"), "circle-x"
	case openid.Dropped:
		return ui.Off, i18n.T(ctx, "application.logout.dropped"), "circle-slash"
	}
	if l.Attempts > 0 {
		return ui.Warn, i18n.T(ctx, "application.logout.again"), "clock"
	}
	return ui.Info, i18n.T(ctx, "application.logout.waiting"), "clock"
}

// logoutOf says what an application was told, and when.
func logoutOf(ctx context.Context, now time.Time, l openid.Logout) string {
	what := "application.logout.session"
	if l.VisitID != "" {
		what = "application.logout.visit"
	}
	return i18n.T(ctx, what, "When", i18n.From(ctx).ShortDateTime(now, l.CreatedAt.Time))
}

// logoutWhy says why an application did not take it, and when it is told again.
func logoutWhy(ctx context.Context, now time.Time, l openid.Logout) string {
	if l.Failure == "" || l.State == openid.Delivered || l.State == openid.Dropped {
		return ""
	}
	why := i18n.T(ctx, "webhook.fault."+l.Failure)
	if l.State == openid.Waiting && l.NextAt != nil {
		return i18n.T(ctx, "webhook.next", "Why", why, "When", i18n.From(ctx).ShortDateTime(now, l.NextAt.Time))
	}
	return why
}
