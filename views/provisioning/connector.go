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

// How a group of conditions is met. A comparison has none of these.
const (
	All    = "all"
	Any    = "any"
	None   = "none"
	NotAll = "not_all"
)

// Node is a group of conditions or a comparison in the form. Its Path is the
// name of its fields, as in condition.1.value.
type Node struct {
	Path  string
	Match string // of a group
	Under []Node

	Attribute, Operator, Value string
	Case                       bool
	Never                      bool                    // it fits nobody known so far
	Meant                      *provisioning.Condition // what it probably was meant to say; nil when that is what it says
}

// Comparison is what a node that is no group compares.
func (n Node) Comparison() provisioning.Condition {
	return provisioning.Condition{Attribute: n.Attribute, Operator: provisioning.Operator(n.Operator), Value: n.Value, CaseSensitive: n.Case}
}

// Group says whether the node is one, and no comparison.
func (n Node) Group() bool { return n.Match != "" }

// MaxLevels is how deep groups can be built: what nobody can read aloud nobody
// can judge. Deeper ones that came otherwise are shown all the same.
const MaxLevels = 4

func (n Node) level() int { return strings.Count(n.Path, ".") + 1 }

// between is the word before the i-th condition of a group.
func (n Node) between(ctx context.Context, i int) string {
	switch {
	case i == 0:
		return i18n.T(ctx, "connector.if")
	case n.Match == Any || n.Match == None:
		return i18n.T(ctx, "provisioning.or")
	}
	return i18n.T(ctx, "provisioning.and")
}

// matches are the choices of a group. Not all is offered where it stands only:
// people read it as none.
func (n Node) matches(ctx context.Context) (options []ui.Option) {
	for _, match := range []string{All, Any, None, NotAll} {
		if match != NotAll || n.Match == NotAll {
			options = append(options, ui.Option{Value: match, Label: i18n.T(ctx, "connector.match."+match)})
		}
	}
	return options
}

func operators(ctx context.Context) (options []ui.Option) {
	for _, o := range provisioning.Operators {
		options = append(options, ui.Option{Value: string(o), Label: i18n.T(ctx, o.Key())})
	}
	return options
}

// hint explains the operators that are not plain words.
func (n Node) hint(ctx context.Context) string {
	switch provisioning.Operator(n.Operator) {
	case provisioning.Glob, provisioning.Pattern:
		return i18n.T(ctx, "provisioning.op."+n.Operator+".hint")
	}
	return ""
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
