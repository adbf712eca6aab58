package provisioning

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/federation"
	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

// Paste is the page that explains a response which a manager pasted. Read says
// that there is one that could be read.
type Paste struct {
	Trial
	Response   string // as it was pasted
	Pasted     federation.Pasted
	Read       bool
	Connectors []provisioning.Saved
	Targets    provisioning.Targets
	Chosen     string // organization, application and role; empty while nothing is chosen
	Wrong      models.FieldErrors
}

// manyGroups is how many groups Entra ID sends at most; with one more it sends a
// link in their place.
const manyGroups = 150

// options are the roles that connectors give.
func (p Paste) options(ctx context.Context) []ui.Option {
	list := RoleExplanation{Connectors: p.Connectors, Targets: p.Targets}.options(ctx)
	list[0].Label = i18n.T(ctx, "sso.paste.no_role")
	return list
}

// signature says whether a trusted key vouches for the response.
func (p Paste) signature(ctx context.Context) ui.NoticeProps {
	if p.Pasted.Signature.Key == "" {
		return ui.NoticeProps{Tone: ui.OK, Icon: "shield-check", Title: i18n.T(ctx, "sso.paste.signed"), Text: i18n.T(ctx, "sso.paste.signed.text")}
	}
	return ui.NoticeProps{Tone: ui.Warn, Icon: "shield-alert", Title: i18n.T(ctx, "sso.paste.unsigned", "Why", i18n.Say(ctx, p.Pasted.Signature)), Text: i18n.T(ctx, "sso.paste.unsigned.text")}
}

// outcome is the verdict, without the promise where nothing vouches for what the
// response says.
func (p Paste) outcome(ctx context.Context) ui.NoticeProps {
	n := p.verdict(ctx)
	if n.Tone == ui.OK && p.Pasted.Signature.Key+p.Pasted.Refused.Key != "" {
		n.Tone = ui.Off
		n.Icon = "circle-help"
	}
	return n
}

// remarks are what else is to know of it: why it would be refused, and groups
// that are left out or soon will be.
func (p Paste) remarks(ctx context.Context) (list []ui.NoticeProps) {
	if p.Pasted.Refused.Key != "" {
		list = append(list, ui.NoticeProps{Tone: ui.Info, Title: i18n.T(ctx, "sso.paste.refused", "Why", i18n.Say(ctx, p.Pasted.Refused)), Text: i18n.T(ctx, "sso.paste.refused.text")})
	}
	groups := 0
	for _, g := range p.Tried.Profile.Groups() {
		if !g.Kept {
			groups++
		}
	}
	switch {
	case p.Tried.Profile.Overage():
		list = append(list, ui.NoticeProps{Tone: ui.Warn, Title: i18n.T(ctx, "sso.paste.overage"), Text: i18n.T(ctx, "warning.overage.text")})
	case groups >= manyGroups:
		list = append(list, ui.NoticeProps{Tone: ui.Warn, Title: i18n.N(ctx, "sso.paste.many", groups), Text: i18n.T(ctx, "sso.paste.many.text")})
	}
	return list
}

// giving are the connectors that give the chosen role.
func (p Paste) giving() (list []provisioning.TriedConnector) {
	for _, c := range p.Tried.Connectors {
		if c.Target.Organization+Apart+c.Target.Application+Apart+c.Role == p.Chosen {
			list = append(list, c)
		}
	}
	return list
}

// role says in one sentence whether the response would give the chosen role.
func (p Paste) role(ctx context.Context) ui.NoticeProps {
	parts := strings.Split(p.Chosen, Apart)
	given := func(c provisioning.TriedConnector) bool { return c.State == provisioning.On && c.Trace.Holds }
	args := []any{"Role", i18n.Role(ctx, p.Targets.Role(parts[len(parts)-1]))}
	if slices.ContainsFunc(p.giving(), given) {
		return ui.NoticeProps{Tone: ui.OK, Title: i18n.T(ctx, "sso.paste.gives", args...)}
	}
	return ui.NoticeProps{Tone: ui.Off, Icon: "circle-slash", Title: i18n.T(ctx, "sso.paste.gives_not", args...)}
}
