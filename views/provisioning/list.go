package provisioning

import (
	"context"
	"strings"
	"time"

	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Connectors is the page with all rules of a company.
type Connectors struct {
	Groups  []Group // what the filter left, by target from wide to narrow
	Total   int
	On, Off int // of the Total; the rest are drafts
	Known   int // people of whom something is known
	Never   int // connectors with a value that nobody has
	Filter  Filter
	Targets provisioning.Targets
	Company tenancy.Company
	Decides bool              // may choose how roles are given
	Open    *provisioning.Run // that is not at its end; nil for none
	Last    *provisioning.Run // publication, which can be undone; nil for none
	Now     time.Time
}

// policyPage is where it is chosen how roles are given; empty for who may not.
func (c Connectors) policyPage() string {
	if c.Decides {
		return "/company/connectors/policy"
	}
	return ""
}

// Filter is what the list is narrowed down to; empty fields let all through.
type Filter struct{ Text, Organization, Application, State string }

// Empty says that everything is shown.
func (f Filter) Empty() bool { return f == Filter{} }

// Group are the connectors at one target.
type Group struct {
	Target provisioning.Target
	Rows   []Row
}

// Row is a connector in the list. Never are its comparisons that fit nobody
// known so far.
type Row struct {
	provisioning.Saved
	Never []Doubt
}

// Doubt is a comparison that fits nobody, and what it probably was meant to say.
type Doubt struct {
	provisioning.Condition
	Meant *provisioning.Condition // nil where nothing is like it
}

// text says so in a few words.
func (d Doubt) text(ctx context.Context) string {
	text := neverText(ctx, d.Condition)
	if d.Meant != nil {
		text += ". " + i18n.T(ctx, "connector.meant", "Text", meantText(d.Condition, *d.Meant))
	}
	return text
}

// turns are the families, in order, of which the group's connectors give roles.
func (g Group) turns(t provisioning.Targets) (turns [][]tenancy.Role) {
	told := map[string]bool{}
	for _, row := range g.Rows {
		family := t.Roles[row.Role].FamilyID
		if turn := t.Turn(row.Role); len(turn) > 1 && !told[family] {
			told[family] = true
			turns = append(turns, turn)
		}
	}
	return turns
}

func query(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if b.Len() == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte('&')
		}
		b.WriteString(pairs[i] + "=" + pairs[i+1])
	}
	return b.String()
}

// newAt is the address of a new connector at a target.
func newAt(t provisioning.Target) string {
	return "/company/connectors/new" + query("level", string(t.Level), "organization", t.Organization, "application", t.Application)
}

func (c Connectors) organizations(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "connector.filter.organization")}}
	for _, o := range c.Targets.Organizations {
		options = append(options, ui.Option{Value: o.ID, Label: o.Name})
	}
	return options
}

func (c Connectors) applications(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "connector.filter.application")}}
	listed := map[string]bool{}
	for _, o := range c.Targets.Organizations {
		for _, id := range c.Targets.Uses[o.ID] {
			if !listed[id] {
				listed[id] = true
				options = append(options, ui.Option{Value: id, Label: c.Targets.Applications[id].Name})
			}
		}
	}
	return options
}

func (c Connectors) states(ctx context.Context) []ui.Option {
	return append([]ui.Option{{Label: i18n.T(ctx, "connector.filter.state")}}, states(ctx)...)
}
