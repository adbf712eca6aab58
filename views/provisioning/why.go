package provisioning

import (
	"context"
	"slices"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

// Apart separates organization, application and role in the value of a choice.
const Apart = "|"

// RoleExplanation is the page that says why somebody has a role, or why not.
type RoleExplanation struct {
	provisioning.RoleWhy
	Account    string
	Chosen     string               // organization, application and role; empty while nothing is chosen
	Connectors []provisioning.Saved // of the company
	Targets    provisioning.Targets
	ByLink     bool // the reader works by a set-up link, and may not open people's pages
	Now        time.Time
}

// options are the roles that connectors give, each once, and the chosen one.
func (e RoleExplanation) options(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "connector.why.choose")}}
	add := func(at provisioning.Target, role string) {
		value := at.Organization + Apart + at.Application + Apart + role
		if slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value }) {
			return
		}
		options = append(options, ui.Option{Value: value, Label: where(e.Targets, at) + " · " + i18n.Role(ctx, e.Targets.Role(role))})
	}
	for _, c := range e.Connectors {
		add(c.Target, c.Role)
	}
	if e.Chosen != "" {
		add(e.Target, e.Role)
	}
	return options
}

// where is a target with its organization before it.
func where(t provisioning.Targets, at provisioning.Target) string {
	if o, there := t.Organization(at.Organization); there && at.Level == models.ApplicationLevel {
		return o.Name + " · " + t.Label(at)
	}
	return t.Label(at)
}

// verdict says in one sentence whether he has the role.
func (e RoleExplanation) verdict(ctx context.Context) ui.NoticeProps {
	args := []any{"Name", e.Person.Name, "Role", i18n.Role(ctx, e.Targets.Role(e.Role)), "Target", where(e.Targets, e.Target)}
	if !e.Has() {
		n := ui.NoticeProps{Tone: ui.Off, Icon: "circle-slash", Title: i18n.T(ctx, "connector.role.has_not", args...)}
		if len(e.RoleWhy.Connectors) == 0 {
			n.Text = i18n.T(ctx, "connector.role.no_connector")
		}
		for _, w := range e.RoleWhy.Connectors {
			if w.First != nil {
				n.Text = i18n.T(ctx, "connector.role.first", "First", i18n.Role(ctx, e.Targets.Role(w.First.Role)))
			}
		}
		return n
	}
	n := ui.NoticeProps{Tone: ui.OK, Title: i18n.T(ctx, "connector.role.has", args...)}
	if len(e.Others) > 0 {
		var sources []string
		for _, g := range e.Others {
			if word := i18n.T(ctx, "common.provenance."+string(g.Source)); !slices.Contains(sources, word) {
				sources = append(sources, word)
			}
		}
		n.Text = i18n.T(ctx, "connector.role.others", "List", sources)
	}
	return n
}

// one is the Explanation of one of the connectors.
func (e RoleExplanation) one(w provisioning.Why) Explanation {
	return Explanation{Why: w, Targets: e.Targets, Now: e.Now}
}

// Affected is the page that says whom a group concerns.
type Affected struct {
	provisioning.Affected
	Group   string
	Seen    []string // groups to choose from
	Targets provisioning.Targets
}

func page(p account.Person) string { return "/company/people/" + p.ID }
