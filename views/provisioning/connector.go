// Package provisioning holds the screens with which a company's managers say
// how people get in and what they get: connectors, single sign-on and domains.
// It shows what it is given and must never decide who matches a rule: that is
// models/provisioning's, whose words for conditions stand in the catalogs under
// provisioning.
package provisioning

import (
	"context"
	"strings"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Editor is the page on which a connector is made or changed.
type Editor struct {
	Form    Form
	Saved   *provisioning.Saved // as it stands now; nil for a new one
	History []provisioning.Version
	People  []account.Person // of whom something is known
	Many    bool             // they are too many to list
	Now     time.Time
}

// Form is what is filled in for a connector, right or wrong.
type Form struct {
	Action  string // the address it is posted to
	Version int
	Name    string
	Note    string
	Reason  string
	State   string
	Target  provisioning.Target
	Role    string
	Root    Node

	Condition provisioning.Condition // what Root comes to, for the sentence
	Targets   provisioning.Targets
	Seen      provisioning.Seen
	Wrong     models.FieldErrors // by the name of the field
	Focus     string             // the id of the field to go on with, or empty
	Stale     bool               // somebody else changed the connector meanwhile
	Preview   *provisioning.Preview
	Confirm   string // what the preview asks, as typed
	Leave     string
	Checked   time.Time // when the preview was made
}

// list is the id of the suggestions for the node's value.
func (f Form) list(n Node) string {
	seen, there := f.Seen.Of(n.Attribute)
	if !there || len(seen.Values) == 0 {
		return ""
	}
	return listID(seen.Name)
}

func listID(attribute string) string {
	return "values-" + strings.Map(func(r rune) rune {
		if r <= ' ' {
			return '-'
		}
		return r
	}, attribute)
}

// suggestions are the attributes to choose from: those that came, and the usual
// ones.
func (f Form) suggestions() (names []string) {
	for _, a := range f.Seen.Attributes {
		names = append(names, a.Name)
	}
	for _, known := range provisioning.KnownAttributes {
		if _, there := f.Seen.Of(known); !there {
			names = append(names, known)
		}
	}
	return names
}

// attributeName is an attribute in the reader's words, or as it came.
func attributeName(ctx context.Context, name string) string {
	parts := provisioning.Sentence(provisioning.Condition{Attribute: name, Operator: provisioning.Exists})
	if len(parts) > 0 && parts[0].Key != "" {
		return i18n.T(ctx, parts[0].Key)
	}
	return name
}

func levels(ctx context.Context) (options []ui.Option) {
	for _, level := range []models.Level{models.CompanyLevel, models.OrganizationLevel, models.ApplicationLevel} {
		options = append(options, ui.Option{Value: string(level), Label: i18n.T(ctx, "provisioning.level."+string(level))})
	}
	return options
}

func states(ctx context.Context) (options []ui.Option) {
	for _, state := range []provisioning.ConnectorState{provisioning.On, provisioning.Off, provisioning.Draft} {
		options = append(options, ui.Option{Value: string(state), Label: i18n.T(ctx, "provisioning.state."+string(state))})
	}
	return options
}

// organizations are those that the target can be in.
func (f Form) organizations(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "connector.choose")}}
	for _, o := range f.Targets.Organizations {
		if f.Target.Level != models.ApplicationLevel || len(f.Targets.Uses[o.ID]) > 0 {
			options = append(options, ui.Option{Value: o.ID, Label: o.Name})
		}
	}
	return options
}

// applications are those that the chosen organization uses.
func (f Form) applications(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "connector.choose")}}
	for _, id := range f.Targets.Uses[f.Target.Organization] {
		options = append(options, ui.Option{Value: id, Label: f.Targets.Applications[id].Name})
	}
	return options
}

// roles are those of the target.
func (f Form) roles(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "connector.choose")}}
	if f.Target.Level == models.ApplicationLevel && f.Target.Application == "" {
		return options
	}
	for _, r := range f.Targets.At(f.Target.Level, f.Target.Application) {
		options = append(options, ui.Option{Value: r.ID, Label: i18n.Role(ctx, r.Name)})
	}
	return options
}

// order is that of the form's fields, for the summary of what is wrong.
func (f Form) order() []string {
	fields := []string{"name"}
	var walk func(Node)
	walk = func(n Node) {
		fields = append(fields, n.Path, n.Path+".attribute", n.Path+".operator", n.Path+".value")
		for _, under := range n.Under {
			walk(under)
		}
	}
	walk(f.Root)
	return append(fields, "level", "organization", "application", "role", "state", "note", "reason")
}

// title is what the page is called.
func (e Editor) title(ctx context.Context) string {
	if e.Saved == nil {
		return i18n.T(ctx, "connector.new")
	}
	return e.Saved.Name
}

func stateTone(s provisioning.ConnectorState) (tone, icon string) {
	switch s {
	case provisioning.On:
		return ui.OK, "circle-check"
	case provisioning.Draft:
		return ui.Info, "circle-dashed"
	}
	return ui.Off, "circle-pause"
}

// orDots stands in for what is not filled in yet.
func orDots(text string) string {
	if strings.TrimSpace(text) == "" {
		return "…"
	}
	return text
}

// firstLine is as much of a note as a list has room for.
func firstLine(note string) string {
	line, more, _ := strings.Cut(strings.TrimSpace(note), "\n")
	if runes := []rune(line); len(runes) > 80 {
		return string(runes[:79]) + "…"
	}
	if more != "" {
		return line + " …"
	}
	return line
}

// neverText warns of a comparison that fits nobody.
func neverText(ctx context.Context, c provisioning.Condition) string {
	if c.Operator == provisioning.Exists {
		return i18n.T(ctx, "connector.never.attribute", "Attribute", attributeName(ctx, c.Attribute))
	}
	return i18n.T(ctx, "connector.never.value", "Attribute", attributeName(ctx, c.Attribute), "Value", c.Value)
}

// meantText is what differs between a comparison and what was meant.
func meantText(said, meant provisioning.Condition) string {
	switch {
	case said.Attribute == meant.Attribute:
		return meant.Value
	case said.Value == meant.Value:
		return meant.Attribute
	}
	return meant.Attribute + ": " + meant.Value
}

// turnText says of a family which of its roles somebody has.
func turnText(ctx context.Context, turn []tenancy.Role) string {
	names := make([]string, len(turn))
	for i, r := range turn {
		names[i] = i18n.Role(ctx, r.Name)
	}
	return i18n.T(ctx, "connector.family", "List", names)
}
