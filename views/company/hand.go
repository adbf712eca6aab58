package company

import (
	"context"
	"time"

	"locum/models"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Apart separates organization, application and role in the value of a choice.
const Apart = "|"

// Giving is what the form shows with which a role is given by hand.
type Giving struct {
	One      tenancy.Membership
	Company  string
	Registry tenancy.Registry
	Places   []tenancy.Place
	Chosen   string // organization, application and role
	Date     string // as it was typed
	Taken    bool   // a connector would take it
	Wrong    models.FieldErrors
	Now      time.Time
}

// options are every role at every place, from wide to narrow.
func (g Giving) options(ctx context.Context) []ui.Option {
	options := []ui.Option{{Label: i18n.T(ctx, "company.registry.choose")}}
	add := func(place, organization, application string, roles []tenancy.Role) {
		for _, r := range roles {
			options = append(options, ui.Option{Value: organization + Apart + application + Apart + r.ID, Label: place + " · " + i18n.Role(ctx, r.Name)})
		}
	}
	add(g.Company, "", "", g.Registry.At(models.CompanyLevel, ""))
	for _, p := range g.Places {
		add(p.Name, p.ID, "", g.Registry.At(models.OrganizationLevel, ""))
		for _, app := range p.Uses {
			add(p.Name+" · "+g.Registry.Applications[app].Name, p.ID, app, g.Registry.At(models.ApplicationLevel, app))
		}
	}
	return options
}

// example is a day as it can be typed.
func (g Giving) example(ctx context.Context) string {
	return i18n.From(ctx).FormatDate(g.Now.AddDate(0, 1, 0))
}
