package activity

import (
	"context"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// own is the organization to which the one who acted belongs; of what Locum did
// by itself, the one where it happened.
func own(e event.Event, n Names) models.Party {
	if e.RealCompanyID == "" && e.RealOrganizationName == "" {
		return n.Organizations[e.OrganizationID]
	}
	return models.Party{Company: e.RealCompanyID, CompanyName: e.RealOrganizationName, Organization: e.RealOrganizationID,
		Name: e.RealOrganizationName, Hue: e.RealHue}
}

// effective is the organization in which he acted.
func effective(e event.Event, n Names) models.Party {
	if byMandate(e, models.OperatorMandate) { // at the company itself
		return models.Party{Company: e.CompanyID, CompanyName: e.EffectiveOrganizationName, Name: e.EffectiveOrganizationName}
	}
	if e.EffectiveOrganizationID == "" {
		return own(e, n)
	}
	return models.Party{Company: e.CompanyID, Organization: e.EffectiveOrganizationID, Name: e.EffectiveOrganizationName, Hue: e.EffectiveHue}
}

// how is the way in which something was done: a tag with its icon.
func how(e event.Event) (icon, key string) {
	switch {
	case byMandate(e, models.LinkMandate):
		return "link", "activity.how.link"
	case byMandate(e, models.OperatorMandate):
		return "user-cog", "activity.how.operator"
	case e.VisitID != "":
		return "org-via", "activity.how.delegation"
	case factsOf(e)["break_glass"] == true:
		return "shield-alert", "activity.how.break_glass"
	case byOperator(e):
		return "user-cog", "activity.how.operator"
	case byRule(e):
		return "route", "activity.how.connector"
	case e.Channel == string(models.CLI):
		return "code", "activity.how.cli"
	case e.AccountID == "":
		return "settings", "activity.how.locum"
	case e.Channel == string(models.Directory):
		return "folder-sync", "activity.how.directory"
	case e.Channel == string(models.API):
		return "key-round", "activity.how.api"
	}
	return "user-round", "activity.how.member"
}

// byMandate says that it was done by a set-up link, or by an operator on the
// company's behalf.
func byMandate(e event.Event, kind models.MandateKind) bool {
	return factsOf(e).text("mandate_kind") == string(kind)
}

// byRule says that a connector gave or took a role, and not somebody who removed
// the person from the company.
func byRule(e event.Event) bool {
	f := factsOf(e)
	return strings.HasPrefix(e.Type, "role.") && f.text("source") == string(tenancy.Rule) && f["offboarded"] != true
}

// byOperator says that only an operator of the installation does such a thing.
func byOperator(e event.Event) bool {
	return e.AccountID != "" && (e.Type == event.SeatsChanged || e.Type == event.DomainVerified && factsOf(e).text("by") == "operator")
}

// machine says that no person stands for the event.
func machine(e event.Event) bool { return e.AccountName == "" || byRule(e) }

// icons stand for events that no person did.
var icons = map[string]string{"role": "id-card", "role_family": "id-card", "delegation": "org-via", "visit": "org-via", "session": "log-in", "account": "user-round",
	"connector": "route", "connection": "shield-check", "domain": "at-sign", "profile": "refresh-cw", "run": "refresh-cw", "application": "blocks",
	"break_glass": "shield-alert", "seat": "users", "member": "users", "access": "lock", "set_up_link": "link", "set_up": "user-cog", "directory": "users", "company": "building-2", "organization": "org-own",
	"webhook": "webhook", "api_token": "key-round", "usage": "chart-column", "meter": "gauge"}

func icon(e event.Event) string {
	if byRule(e) {
		return "route"
	}
	kind, _, _ := strings.Cut(e.Type, ".")
	if name := icons[kind]; name != "" {
		return name
	}
	return "settings"
}

// Day is what happened on one day in the reader's zone.
type Day struct {
	At     time.Time
	Events []event.Event
}

// inTime sorts events by when they happened, the newest first. Their positions
// are when they were written down, which for the end of a visit that nobody
// ended may be later.
func inTime(events []event.Event) []event.Event {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b event.Event) int { return b.OccurredAt.Compare(a.OccurredAt.Time) })
	return sorted
}

// Days groups events by the reader's day, the newest first.
func Days(l i18n.Locale, events []event.Event) []Day {
	var days []Day
	for _, e := range inTime(events) {
		at := e.OccurredAt.In(l.Location())
		day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
		if n := len(days); n == 0 || !days[n-1].At.Equal(day) {
			days = append(days, Day{At: day})
		}
		last := &days[len(days)-1]
		last.Events = append(last.Events, e)
	}
	return days
}

// title is "Today, Tue 24 Nov 2026", and without the word on other days.
func (d Day) title(ctx context.Context, now time.Time) string {
	l := i18n.From(ctx)
	here := now.In(l.Location())
	switch y, m, day := here.Date(); {
	case d.At.Equal(time.Date(y, m, day, 0, 0, 0, 0, here.Location())):
		return l.T("activity.today", "Date", l.Date(d.At))
	case d.At.Equal(time.Date(y, m, day-1, 0, 0, 0, 0, here.Location())):
		return l.T("activity.yesterday", "Date", l.Date(d.At))
	}
	return l.Date(d.At)
}

// Groups are the kinds by which a feed is narrowed, in order, with the types
// that belong to each.
var Groups = []struct {
	Key   string
	Types []string
}{
	{"visits", []string{"visit"}},
	{"delegations", []string{"delegation", "request_link", "delegation_request", "firm_delegation"}},
	{"members", []string{"member", "role", "role_family", "seat"}},
	{"applications", []string{"application", "client"}},
	{"provisioning", []string{"connector", "run", "connection", "domain", "profile", "identity", "set_up_link", "set_up", "directory", "organization.directory", event.DirectoryEnabled, event.DirectoryDisabled}},
	{"sign-in", []string{"session", "account", "passkey", "break_glass", "account_token"}},
	{"secrets", []string{"secret"}},
	{"settings", []string{"company", "organization", "webhook", "api_token", "master_key", "signing_keys", "usage", "meter"}},
	{"refused", []string{"access", event.SignInRefused}},
}

// TypesOf are the types of a group, none for an unknown one.
func TypesOf(group string) []string {
	for _, g := range Groups {
		if g.Key == group {
			return g.Types
		}
	}
	return nil
}

// companyOnly are the groups of which nothing happens inside an organization.
var companyOnly = []string{"provisioning"}

func (p Props) kinds(ctx context.Context) []ui.Option {
	options := []ui.Option{{Value: "", Label: i18n.T(ctx, "activity.kind.any")}}
	for _, g := range Groups {
		if p.Company || !slices.Contains(companyOnly, g.Key) {
			options = append(options, ui.Option{Value: g.Key, Label: i18n.T(ctx, "activity.kind."+g.Key)})
		}
	}
	return options
}
