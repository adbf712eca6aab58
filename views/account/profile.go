package account

import (
	"context"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/account"
	"locum/models/passkey"
	"locum/views/i18n"
	"locum/views/ui"
)

// ProfileProps is what a person's own page shows.
type ProfileProps struct {
	Email    string
	Settings account.Settings // as they are, or as they were typed
	Zones    []ui.Option
	Sessions []access.Session
	Passkeys []passkey.Passkey
	Tokens   []access.OwnToken
	// CanMakeTokens says that he works somewhere where there can be tokens.
	CanMakeTokens bool
	// PasskeysUsable says that there can be passkeys under this address.
	PasskeysUsable bool
	Now            time.Time
	Wrong          models.FieldErrors
}

// others says whether there is a session beside this one.
func (p ProfileProps) others() bool { return len(p.Sessions) > 1 }

func languages() (options []ui.Option) {
	for _, code := range i18n.Languages() {
		options = append(options, ui.Option{Value: code, Label: i18n.For(code, "").T("common.language.name")})
	}
	return options
}

// method says how a session began, in words.
func method(ctx context.Context, how string) string {
	switch how {
	case "saml":
		return i18n.T(ctx, "account.method.saml")
	case "passkey":
		return i18n.T(ctx, "account.method.passkey")
	case "setup":
		return i18n.T(ctx, "account.method.setup")
	}
	return i18n.T(ctx, "account.method.code")
}

// themes are the choices of the appearance, as the account menu has them.
func themes(ctx context.Context) []ui.Option {
	return []ui.Option{
		{Value: "system", Icon: "monitor", Label: i18n.T(ctx, "layout.theme.system")},
		{Value: "light", Icon: "sun", Label: i18n.T(ctx, "layout.theme.light")},
		{Value: "dark", Icon: "moon", Label: i18n.T(ctx, "layout.theme.dark")},
	}
}

// chosen is the appearance of this browser; anything unknown is the system's.
func chosen(theme string) string {
	if theme == "light" || theme == "dark" {
		return theme
	}
	return "system"
}
