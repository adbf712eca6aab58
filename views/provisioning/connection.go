package provisioning

import (
	"context"
	"crypto/x509"
	"strings"
	"time"

	"locum/models"
	"locum/models/federation"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Connections is the page with a company's connections to identity providers.
type Connections struct {
	List        []Connection
	Manages     bool // more than their certificates
	HandsOver   bool // may make set-up links
	Warnings    Warnings
	SilentHours string // as it stands, or as it was typed
	Wrong       models.FieldErrors
	Now         time.Time

	Managers []tenancy.BreakGlassManager // of the company, with who is named
	Required bool                        // single sign-on is, of a domain
	MayName  bool                        // the reader may name and remove
	// InBreakGlass says that the reader is in a break-glass session, from which
	// nobody does either.
	InBreakGlass bool
}

// Connection is a connection with the addresses that an identity provider needs
// to know of Locum.
type Connection struct {
	federation.Connection
	EntityID, ACS, Metadata string // Locum's own
	Trusted                 []*x509.Certificate
}

// ConnectionForm is what is filled in for a connection. Saved is nil for a new
// one; of one that stands, the name and the metadata are changed each by
// itself.
type ConnectionForm struct {
	Saved    *Connection
	Manages  bool // more than its certificates
	Explains bool // what connectors make of a response
	Name     string
	Address  string // of the metadata
	Metadata string
	Keys     []federation.PublicKey // Locum's own, the oldest first
	Wrong    models.FieldErrors
	Now      time.Time
}

// replaceText says what new metadata may change.
func (f ConnectionForm) replaceText(ctx context.Context) string {
	if !f.Manages {
		return i18n.T(ctx, "sso.replace.certificates")
	}
	return i18n.T(ctx, "sso.replace.text")
}

// signIn is where people are sent.
func (c Connection) signIn() string {
	if c.SSORedirect != "" {
		return c.SSORedirect
	}
	return c.SSOPost
}

// clock says how the provider's clock went at the last sign-in, and whether that
// is too far off. It is empty while none was seen.
func (c Connection) clock(ctx context.Context) (text string, off bool) {
	locale := i18n.From(ctx)
	switch seconds := c.ClockAhead; {
	case c.ClockReadAt == nil:
		return "", false
	case seconds > 0:
		return locale.N("sso.clock.ahead", seconds), c.ClockOff() != 0
	case seconds < 0:
		return locale.N("sso.clock.behind", -seconds), c.ClockOff() != 0
	}
	return locale.T("sso.clock.right"), false
}

// readAt is when the metadata was read last.
func (c Connection) readAt() time.Time {
	if c.MetadataReadAt != nil {
		return c.MetadataReadAt.Time
	}
	return c.UpdatedAt.Time
}

// state is whether people can sign in, in words, tone and icon.
func (c Connection) state(ctx context.Context) (text, tone, icon string) {
	switch {
	case c.Unfinished():
		return i18n.T(ctx, "sso.state.unfinished"), ui.Info, "circle-dashed"
	case !c.Enabled:
		return i18n.T(ctx, "sso.state.off"), ui.Off, "circle-pause"
	case c.LastSuccessAt == nil:
		return i18n.T(ctx, "sso.state.untested"), ui.Info, "circle-dashed"
	}
	return i18n.T(ctx, "sso.state.on"), ui.OK, "circle-check"
}

// certificate says how long a certificate holds, in words, tone and icon.
func certificate(ctx context.Context, now time.Time, c *x509.Certificate) (text, tone, icon string) {
	locale := i18n.From(ctx)
	days := int(c.NotAfter.Sub(now) / (24 * time.Hour))
	switch {
	case !now.Before(c.NotAfter):
		return locale.T("sso.certificate.ended"), ui.Bad, "circle-x"
	case days <= 14:
		return locale.T("common.time.left", "Period", locale.Period(c.NotAfter.Sub(now))), ui.Bad, "triangle-alert"
	case days <= federation.WarnDays[0]:
		return locale.T("common.time.left", "Period", locale.Period(c.NotAfter.Sub(now))), ui.Warn, "triangle-alert"
	}
	return locale.T("common.time.left", "Period", locale.Period(c.NotAfter.Sub(now))), ui.OK, "circle-check"
}

// endsSoon is the connection's last certificate to end, when that is soon or
// past, so that nobody could sign in any more.
func (c Connection) endsSoon(now time.Time) (end time.Time, soon bool) {
	last := federation.Lasting(c.Trusted)
	if last == nil {
		return end, false
	}
	return last.NotAfter, !now.Before(last.NotAfter.AddDate(0, 0, -federation.WarnDays[0]))
}

// fingerprint writes a certificate's fingerprint in pairs, as products do.
func fingerprint(c *x509.Certificate) string {
	text := strings.ToUpper(federation.Fingerprint(c))
	pairs := make([]string, 0, len(text)/2)
	for ; len(text) >= 2; text = text[2:] {
		pairs = append(pairs, text[:2])
	}
	return strings.Join(pairs, ":")
}
