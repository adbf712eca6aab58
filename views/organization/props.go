package organization

import (
	"cmp"
	"context"
	"time"

	"locum/models"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/tenancy"
	"locum/views/activity"
	"locum/views/i18n"
	"locum/views/ui"
)

// Overview is what the first page of an organization shows. A nil part is not
// for this reader.
type Overview struct {
	Actor        models.Actor
	Now          time.Time
	Census       *tenancy.Census
	Invited      *int // open invitations to members
	Applications []tenancy.Use
	Here         map[string]client.Here // by application
	ShowApps     bool
	Visits       []delegation.Visit // under way
	ShowVisits   bool
	Events       []event.Event
	Names        activity.Names
	ShowEvents   bool
	Sources      Sources
	Mine         tenancy.Membership // the reader himself, as a member
	Delegation   *delegation.Offer  // through which he visits
}

// roles are the reader's own in an application, with their provenance.
func (o Overview) roles(ctx context.Context, u tenancy.Use) (tags []ui.Provenance) {
	if o.Delegation != nil {
		for _, r := range delegation.Within(o.Delegation.Delegation, o.Delegation.Roles, u.Roles) {
			tags = append(tags, ui.Provenance{Role: r.Name, Source: string(tenancy.ByDelegation)})
		}
		return tags
	}
	for _, g := range u.Mine {
		tags = append(tags, o.Sources.Tag(ctx, o.Mine, g, false, ""))
	}
	for _, r := range u.Roles {
		if r.IsDefault && len(u.Mine) == 0 { // what every member has who has nothing else
			tags = append(tags, ui.Provenance{Role: r.Name, Source: string(tenancy.FromDefault)})
		}
	}
	return tags
}

// opens is where an application is opened, and where it has no address its page.
func (o Overview) opens(u tenancy.Use) string {
	if home := o.Here[u.ID].HomeURI; home != "" {
		return home
	}
	return "/applications/" + u.ID
}

// used lists the applications in use.
func (o Overview) used() (list []tenancy.Use) { return used(o.Applications) }

func used(all []tenancy.Use) (list []tenancy.Use) {
	for _, u := range all {
		if u.InUse() {
			list = append(list, u)
		}
	}
	return list
}

func unused(all []tenancy.Use) (list []tenancy.Use) {
	for _, u := range all {
		if !u.InUse() {
			list = append(list, u)
		}
	}
	return list
}

// passed is how much of the delegation's time has passed, and how much there
// is, in minutes; zero for one without an end.
func (o Overview) passed() (minutes, total int) {
	d := o.Delegation
	if d.EndsAt == nil {
		return 0, 0
	}
	total = int(d.EndsAt.Sub(d.StartsAt.Time).Minutes())
	return min(total, max(0, int(o.Now.Sub(d.StartsAt.Time).Minutes()))), total
}

// visitors names who is here now, each once.
func (o Overview) visitors() (names []string) {
	seen := map[string]bool{}
	for _, v := range o.Visits {
		if !seen[v.AccountID] {
			seen[v.AccountID] = true
			names = append(names, v.AccountName)
		}
	}
	return names
}

// roleNames are the delegation's roles in the organization itself.
func (o Overview) roleNames() (names []string) {
	for _, r := range o.Delegation.Roles {
		if r.Level == models.OrganizationLevel {
			names = append(names, r.Name)
		}
	}
	return names
}

// Members is what the list of members shows.
type Members struct {
	Place       string
	List        []tenancy.Membership
	Total       int // before the filter
	Invitations []tenancy.Invitation
	Manage      bool
	Sources     Sources
	Query, Role string
	Roles       []tenancy.Role // to filter by
	Now         time.Time
}

func (m Members) filtered() bool { return m.Query != "" || m.Role != "" }

func (m Members) roleOptions(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "organization.members.any_role")}}
	for _, r := range m.Roles {
		options = append(options, ui.Option{Value: r.ID, Label: i18n.Role(ctx, r.Name)})
	}
	return options
}

// rolesOf names the roles that an invitation brings.
func (m Members) rolesOf(inv tenancy.Invitation) (names []string) {
	for _, id := range inv.Roles() {
		names = append(names, m.Sources.full(tenancy.Grant{RoleID: id, ApplicationID: m.Sources.Registry.Roles[id].ApplicationID}))
	}
	return names
}

// Member is what the page of one member shows.
type Member struct {
	Place   string
	One     tenancy.Membership
	Self    bool // the reader looks at himself
	Manage  bool
	Offered Offered
	Wanted  []string // ids of the roles that are checked
	Wrong   models.FieldErrors
	Problem *models.Message // why a change was refused as a whole
	Sources Sources
	Now     time.Time
	Audit   bool // the reader may see activity
}

// Removal is what the page that asks whether to remove a member shows.
type Removal struct {
	Place   string
	One     tenancy.Membership
	Sources Sources
	Problem *models.Message
	Asked   bool // in a dialog, over the member's page
}

// Offered are the roles that can be given by hand.
type Offered struct {
	Organization []tenancy.Role
	Applications []tenancy.Use
}

// Invite is what the form of an invitation shows.
type Invite struct {
	Place    string
	Offered  Offered
	Email    string
	Wanted   []string
	Language string
	Wrong    models.FieldErrors
}

// Applications is what the page of applications shows.
type Applications struct {
	Place   string
	List    []tenancy.Use
	Here    map[string]client.Here // by application
	Manage  bool
	Sources Sources
	Mine    tenancy.Membership
	Offer   *delegation.Offer
	Now     time.Time
}

// Application is what the page of one application shows.
type Application struct {
	Applications
	Use                       tenancy.Use
	Users                     client.Users
	ShowMembers, ShowVisitors bool
}

// here is how the application stands in the organization.
func (a Application) here() client.Here { return a.Here[a.Use.ID] }

// lastUsed says when somebody was last in an application, and who.
func lastUsed(ctx context.Context, now time.Time, h client.Here) string {
	switch {
	case h.LastSeenAt == nil:
		return i18n.T(ctx, "organization.application.never")
	case h.LastSeenBy == "":
		return i18n.From(ctx).Relative(now, h.LastSeenAt.Time)
	}
	return i18n.T(ctx, "organization.application.last", "When", i18n.From(ctx).Relative(now, h.LastSeenAt.Time), "Name", h.LastSeenBy)
}

// overview lends its way of telling the reader's own roles.
func (a Applications) overview() Overview {
	return Overview{Sources: a.Sources, Mine: a.Mine, Delegation: a.Offer}
}

// Settings is what the form of an organization's settings shows.
type Settings struct {
	Place string
	In    tenancy.Settings
	Wrong models.FieldErrors
}

// icons are the signs to choose from, the common one first.
func (Settings) icons() []string { return append([]string{""}, tenancy.Icons...) }

// iconKey names an icon in the catalogs.
func iconKey(icon string) string { return "organization.icon." + cmp.Or(icon, "common") }
