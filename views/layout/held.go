package layout

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/views/i18n"
)

// Missing is what a host asks and a visitor does not have.
type Missing struct {
	Host   models.Party
	Inside bool // the visit began
	Sent   bool // he sent a form, which was not written
	Needs  []models.Need
	Back   string // where to go on once it is there
}

func (m Missing) title(ctx context.Context) string {
	key := "need.title.enter"
	if m.Inside {
		key = "need.title.inside"
	}
	return i18n.T(ctx, key, "Organization", m.Host.Label())
}

func (m Missing) text(ctx context.Context) string {
	if m.Inside {
		return i18n.T(ctx, "need.text.inside")
	}
	return i18n.T(ctx, "need.text.enter")
}

// showable says that he can do something about it here: show who he is.
func (m Missing) showable() bool {
	return slices.ContainsFunc(m.Needs, func(n models.Need) bool {
		return n == models.NeedSecondFactor || n == models.NeedFreshSignIn || n == models.NeedOwnSignOn
	})
}

// waits says that something is missing that comes about elsewhere.
func (m Missing) waits() bool {
	return slices.Contains(m.Needs, models.NeedNetwork) || slices.Contains(m.Needs, models.NeedMail)
}

func (m Missing) words() string {
	words := make([]string, len(m.Needs))
	for i, n := range m.Needs {
		words[i] = string(n)
	}
	return strings.Join(words, " ")
}

func (f Frame) whatToDo(ctx context.Context, need models.Need) string {
	return i18n.T(ctx, "need."+string(need)+".do", "Address", f.Actor.Address, "When", i18n.From(ctx).Relative(f.Now, f.Actor.AuthTime))
}

func needIcon(need models.Need) string {
	switch need {
	case models.NeedSecondFactor:
		return "fingerprint"
	case models.NeedFreshSignIn:
		return "clock"
	case models.NeedOwnSignOn:
		return "log-in"
	case models.NeedNetwork:
		return "network"
	}
	return "mail-x"
}
