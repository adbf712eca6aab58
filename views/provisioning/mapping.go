package provisioning

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"locum/models"
	"locum/models/directory"
	"locum/models/provisioning"
	"locum/views/i18n"
	"locum/views/ui"
)

// MappingPath is the page with the roles of each group.
const MappingPath = "/company/directory/mapping"

// Gift is a role that a group is to get.
type Gift struct {
	Target provisioning.Target
	Role   string
	Group  string // its id, as rules keep it
}

// Value is the gift as an address holds it.
func (g Gift) Value() string { return g.place() + Apart + g.Group }

// place is the part of the value that says what is given, and where.
func (g Gift) place() string {
	return g.Target.Organization + Apart + g.Target.Application + Apart + g.Role
}

// Name is what the gift's connector is called.
func (g Gift) Name(ctx context.Context, t provisioning.Targets) string {
	name := []rune(i18n.T(ctx, "mapping.name", "Group", groupName(t, g.Group), "Role", i18n.Role(ctx, t.Role(g.Role)), "Place", where(t, g.Target)))
	return string(name[:min(len(name), provisioning.MaxConnectorName)])
}

// groupName is the name of a group by its id.
func groupName(t provisioning.Targets, id string) string {
	if name := t.Groups[id]; name != "" {
		return name
	}
	return id
}

// Picked is what was chosen to change, and which part of the list is looked at.
// All of it stands in the address, until it is published.
type Picked struct {
	Text string
	Only string // OnlyRoleless, or everything
	Page models.Page
	Give []Gift
	Take []string // ids of connectors that are to go
}

// OnlyRoleless narrows the list down to groups that give no role.
const OnlyRoleless = "roleless"

// Count is how many changes were chosen.
func (p Picked) Count() int { return len(p.Give) + len(p.Take) }

// Link is the address of a page with what was chosen. Further values follow.
func (p Picked) Link(path string, more ...string) string {
	q := p.values()
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (p Picked) values() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": p.Text, "only": p.Only} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if p.Page.Number > 1 {
		q.Set("page", strconv.Itoa(p.Page.Number))
	}
	for _, g := range p.Give {
		q.Add("give", g.Value())
	}
	for _, id := range p.Take {
		q.Add("take", id)
	}
	return q
}

// With adds a role that a group is to get.
func (p Picked) With(g Gift) Picked {
	p.Give = append(slices.Clone(p.Give), g)
	return p
}

func (p Picked) without(g Gift) Picked {
	p.Give = slices.DeleteFunc(slices.Clone(p.Give), func(other Gift) bool { return other == g })
	return p
}

// taking turns round whether a connector is to go.
func (p Picked) taking(id string) Picked {
	if slices.Contains(p.Take, id) {
		p.Take = slices.DeleteFunc(slices.Clone(p.Take), func(other string) bool { return other == id })
	} else {
		p.Take = append(slices.Clone(p.Take), id)
	}
	return p
}

func (p Picked) onPage(number int) Picked {
	p.Page.Number = number
	return p
}

func (p Picked) only(which string) Picked {
	p.Only, p.Page.Number = which, 1
	return p
}

func (p Picked) nothing() Picked {
	p.Give, p.Take = nil, nil
	return p
}

// hidden are the fields by which a form keeps what was chosen.
func (p Picked) hidden(without ...string) (fields [][2]string) {
	q := p.values()
	for _, name := range []string{"q", "only", "page", "give", "take"} {
		for _, value := range q[name] {
			if !slices.Contains(without, name) {
				fields = append(fields, [2]string{name, value})
			}
		}
	}
	return fields
}

// MappingPage is the page with the groups of a company and what they give.
type MappingPage struct {
	directory.Mapping
	Picked
	Open    string // id of the group to which a role is being added
	Targets provisioning.Targets
	Wrong   models.FieldErrors // of the role that is being added
}

func (p MappingPage) tabs(ctx context.Context) []ui.Tab {
	return []ui.Tab{
		{Text: i18n.T(ctx, "mapping.all"), Href: p.only("").Link(MappingPath), Count: p.Total, Counted: true, Current: p.Only == ""},
		{Text: i18n.T(ctx, "mapping.roleless"), Href: p.only(OnlyRoleless).Link(MappingPath), Count: p.Roleless, Counted: true, Current: p.Only == OnlyRoleless},
	}
}

func (p MappingPage) head(ctx context.Context) []ui.Column {
	return []ui.Column{{Title: i18n.T(ctx, "mapping.group")}, {Title: i18n.T(ctx, "mapping.members")}, {Title: i18n.T(ctx, "mapping.roles")},
		{Title: i18n.T(ctx, "common.actions"), Hidden: true, Class: "fit"}}
}

// shown is "1 to 50 of 231 groups".
func (p MappingPage) shown(ctx context.Context) string {
	l, from := i18n.From(ctx), p.Page.Offset()
	return l.N("mapping.shown", p.Found, "From", l.Number(min(from+1, p.Found)), "To", l.Number(from+len(p.Groups)))
}

func (p MappingPage) previous() string {
	if p.Page.Number <= 1 {
		return ""
	}
	return p.onPage(p.Page.Number - 1).Link(MappingPath)
}

func (p MappingPage) next() string {
	if p.Page.Offset()+len(p.Groups) >= p.Found {
		return ""
	}
	return p.onPage(p.Page.Number + 1).Link(MappingPath)
}

// coming are the roles that a group is to get.
func (p MappingPage) coming(group string) (list []Gift) {
	for _, g := range p.Give {
		if g.Group == group {
			list = append(list, g)
		}
	}
	return list
}

// add is where a role is added to a group.
func (p MappingPage) add(g directory.MappedGroup) string {
	return p.Link(MappingPath, "add", g.ID) + "#add"
}

// members says how many are in a group.
func members(ctx context.Context, g directory.MappedGroup) string {
	text := i18n.N(ctx, "connector.people", g.Members)
	if g.Groups > 0 {
		text += ", " + i18n.N(ctx, "mapping.groups", g.Groups)
	}
	return text
}

// source says from where a group is known.
func source(ctx context.Context, g directory.MappedGroup) string {
	if g.Directory == "" {
		return i18n.T(ctx, "mapping.from_sign_ins")
	}
	return g.Directory
}

// roles are everything that can be given: the company's roles first, then those
// of each organization and of its applications.
func (p MappingPage) roles(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "connector.choose")}}
	add := func(at provisioning.Target) {
		for _, r := range p.Targets.At(at.Level, at.Application) {
			options = append(options, ui.Option{Value: Gift{Target: at, Role: r.ID}.place(), Label: where(p.Targets, at) + " · " + i18n.Role(ctx, r.Name)})
		}
	}
	add(provisioning.Target{Level: models.CompanyLevel})
	for _, o := range p.Targets.Organizations {
		add(provisioning.Target{Level: models.OrganizationLevel, Organization: o.ID})
		for _, app := range p.Targets.Uses[o.ID] {
			add(provisioning.Target{Level: models.ApplicationLevel, Organization: o.ID, Application: app})
		}
	}
	return options
}

// MappingPreview is the page that says what the chosen changes do, and asks what
// has to be said before.
type MappingPreview struct {
	Picked
	Question
	Added   []provisioning.Connector
	Removed []provisioning.Connector
	Reason  string
	Checked time.Time
	Problem *models.Message // why they cannot be published as they are
}

// MigrationPage is the page on which rules move to the groups of directories.
type MigrationPage struct {
	directory.Migration
	Question
	Managed bool     // a directory of the company has groups at all
	Chosen  []string // texts of the moves
	Reason  string
	Checked time.Time
	Stale   bool            // connectors changed since somebody looked
	Problem *models.Message // why the moves cannot be published; nil for none
}

func (m MigrationPage) chosen(move directory.Move) bool { return slices.Contains(m.Chosen, move.Text) }

// stays says why a group is left as it is.
func stays(ctx context.Context, l directory.Left) string {
	if l.Ambiguous {
		return i18n.T(ctx, "migrate.left.ambiguous")
	}
	return i18n.T(ctx, "migrate.left.none")
}

// plainly is a sentence of a condition without markup.
func plainly(ctx context.Context, c provisioning.Condition, t provisioning.Targets) string {
	return strings.TrimSpace(provisioning.Plain(provisioning.Sentence(provisioning.Named(c, t.Groups)), func(key string) string { return i18n.T(ctx, key) }))
}
