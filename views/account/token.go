package account

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/views/i18n"
	"locum/views/ui"
)

// TokenForm is what the form of a token of one's own shows.
type TokenForm struct {
	access.TokenDraft
	Actor   models.Actor
	Targets []access.TokenTarget
	Scopes  []string // of Locum's own API that open something here
	Wrong   models.FieldErrors
}

func (f TokenForm) lives(ctx context.Context) (list []ui.Option) {
	for _, days := range access.TokenLives {
		list = append(list, ui.Option{Value: strconv.Itoa(days), Label: i18n.N(ctx, "token.days", days)})
	}
	return list
}

// follows says whether any application takes tokens that follow.
func (f TokenForm) canFollow() bool {
	return slices.ContainsFunc(f.Targets, func(t access.TokenTarget) bool { return t.Follows })
}

// lead says where the token will work.
func (f TokenForm) lead(ctx context.Context) string {
	if f.Actor.Visiting() {
		return i18n.T(ctx, "own_token.new.visit", "Place", f.Actor.Effective.Label())
	}
	return i18n.T(ctx, "own_token.new.text", "Place", f.Actor.Effective.Label())
}

// example is an address of the API that a token opens: its scopes are named after
// what they open.
func example(t access.AccountToken) string {
	for _, scope := range t.For() {
		name, _, _ := strings.Cut(scope, ".")
		return "/" + name
	}
	return ""
}

// TokenState is the chip of a token.
func TokenState(ctx context.Context, t access.OwnToken, now time.Time) (tone, text, icon string) {
	switch {
	case t.RevokedAt != nil:
		return ui.Off, i18n.T(ctx, "token.state.revoked"), "circle-slash"
	case !t.Active(now):
		return ui.Off, i18n.T(ctx, "token.state.expired"), "calendar-x"
	case t.Over:
		return ui.Off, i18n.T(ctx, "own_token.state.over"), "log-out"
	}
	return ui.OK, i18n.T(ctx, "token.state.active"), "circle-check"
}

// TokenFor says what a token is for.
func TokenFor(ctx context.Context, t access.OwnToken) string {
	if t.ApplicationID != "" {
		return t.Application
	}
	return i18n.T(ctx, "own_token.api")
}

// TokenPlace says where a token works.
func TokenPlace(ctx context.Context, t access.OwnToken) string {
	switch {
	case t.Follows:
		return i18n.T(ctx, "own_token.follows")
	case t.VisitID != "":
		return i18n.T(ctx, "own_token.in_visit", "Place", t.Place)
	}
	return i18n.T(ctx, "own_token.pinned", "Place", t.Place)
}

// TokenUsed says when a token was used last.
func TokenUsed(ctx context.Context, t access.OwnToken, now time.Time) string {
	if t.LastUsedAt == nil {
		return i18n.T(ctx, "own_token.unused")
	}
	return i18n.T(ctx, "own_token.used", "When", i18n.From(ctx).Relative(now, t.LastUsedAt.Time))
}
