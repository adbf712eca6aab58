package delegation

import (
	"context"
	"time"

	"locum/models"
	"locum/models/access"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/views/i18n"
)

// Here is the page of those who are in the organization now.
type Here struct {
	Host      models.Party
	Visits    []delegation.Inside
	Tokens    []access.OwnToken       // that visitors made
	Following []access.FollowingToken // that followed them
	Now       time.Time
}

// lastUsed says when a token that followed was used last here.
func lastUsed(ctx context.Context, t access.FollowingToken, now time.Time) string {
	if t.LastUsedAt == nil {
		return i18n.T(ctx, "own_token.following.unused")
	}
	return i18n.T(ctx, "own_token.used", "When", i18n.From(ctx).Relative(now, t.LastUsedAt.Time))
}

// touched says what was done in a visit so far, by kind. Kinds without words of
// their own are counted together.
func touched(ctx context.Context, lines []mail.Line) string {
	l := i18n.From(ctx)
	var said []string
	others := 0
	for _, line := range lines {
		if key := "mail.done." + line.Type; i18n.Has(key) {
			said = append(said, l.N(key, line.Count))
		} else {
			others += line.Count
		}
	}
	if others > 0 {
		said = append(said, l.N("mail.done.other", others))
	}
	if len(said) == 0 {
		return l.T("delegation.visitors.nothing")
	}
	return l.List(said)
}

// tokensOf are the tokens that were made in a visit and are taken.
func (p Here) tokensOf(v delegation.Inside) (list []access.OwnToken) {
	for _, t := range p.Tokens {
		if t.VisitID == v.ID && t.Live(p.Now) {
			list = append(list, t)
		}
	}
	return list
}
