package directory

import (
	"context"
	"strconv"

	"locum/models/directory"
	"locum/views/i18n"
	"locum/views/ui"
)

// Guide tells how to connect a client of a kind.
type Guide struct {
	directory.Directory
	Kind  string
	Base  string // address for clients
	Token string // shown this once; empty when it was shown before
}

// standardFlag has Entra ID keep to the standard.
const standardFlag = "?aadOptscim062020"

// place is the step at which the address and the token are entered.
const place = 2

// mappings is the step at which attributes are mapped.
var mappings = map[string]int{directory.Entra: 4, directory.Okta: 5, directory.Other: 3}

// Step is one step of the instructions.
type Step struct {
	Title, Text string
	Notes       []string
}

// steps are the instructions for clients of the kind.
func (g Guide) steps(ctx context.Context) (list []Step) {
	for n := 1; i18n.Has(g.key(n)); n++ {
		step := Step{Title: i18n.T(ctx, g.key(n)), Text: i18n.T(ctx, g.key(n)+".text")}
		for m := 1; i18n.Has(g.key(n) + ".note." + strconv.Itoa(m)); m++ {
			step.Notes = append(step.Notes, i18n.T(ctx, g.key(n)+".note."+strconv.Itoa(m)))
		}
		list = append(list, step)
	}
	return list
}

func (g Guide) key(n int) string { return "directory.guide." + g.Kind + "." + strconv.Itoa(n) }

// addressName is what a product calls the address.
func (g Guide) addressName(ctx context.Context) string {
	return i18n.T(ctx, "directory.guide."+g.Kind+".address")
}

// tokenName is what a product calls the token.
func (g Guide) tokenName(ctx context.Context) string {
	return i18n.T(ctx, "directory.guide."+g.Kind+".token")
}

func (g Guide) tabs(ctx context.Context) (tabs []ui.Tab) {
	for _, kind := range directory.Kinds {
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, "directory.kind."+kind), Href: at(g.Directory) + "/instructions?for=" + kind, Current: kind == g.Kind})
	}
	return tabs
}

// Mapping is an attribute with where it comes from and what it is used for; a
// source of "" is sent without being mapped.
type Mapping struct{ Attribute, Source, Use string }

// sources are where the attributes stand at Entra ID and at Okta.
var sources = []struct{ attribute, entra, okta, use string }{
	{"userName", "userPrincipalName", "userName", "name"},
	{"active", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "", "active"},
	{`emails[type eq "work"].value`, "mail", "email", "email"},
	{"externalId", "objectId", "", "id"},
	{"displayName", "displayName", "displayName", "shown"},
	{"name.givenName", "givenName", "firstName", "shown"},
	{"name.familyName", "surname", "lastName", "shown"},
	{"title", "jobTitle", "title", "rules"},
	{directory.EnterpriseSchema + ":department", "department", "department", "rules"},
	{directory.EnterpriseSchema + ":employeeNumber", "employeeId", "employeeNumber", "rules"},
	{directory.EnterpriseSchema + ":manager", "manager", "managerId", "rules"},
	{"preferredLanguage", "preferredLanguage", "preferredLanguage", "language"},
}

func (g Guide) mappings(ctx context.Context) (list []Mapping) {
	for _, s := range sources {
		one := Mapping{Attribute: s.attribute, Use: i18n.T(ctx, "directory.use."+s.use)}
		switch g.Kind {
		case directory.Entra:
			one.Source = s.entra
		case directory.Okta:
			one.Source = s.okta
		}
		list = append(list, one)
	}
	return list
}

// mappedHead is the head of the table of mappings. A client of no known make has
// no attributes of its own to name.
func mappedHead(ctx context.Context, g Guide) []ui.Column {
	head := []ui.Column{{Title: i18n.T(ctx, "directory.mapping.attribute")}}
	if g.Kind != directory.Other {
		head = append(head, ui.Column{Title: i18n.T(ctx, "directory.mapping.from")})
	}
	return append(head, ui.Column{Title: i18n.T(ctx, "directory.mapping.use")})
}
