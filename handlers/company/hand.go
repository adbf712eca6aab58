package company

import (
	"strings"
	"time"

	"locum/handlers/web"
	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
	views "locum/views/company"
)

// giving is the form with which a role is given to the person of an address,
// with everything that can be chosen.
func (p *Pages) giving(r *web.Request) (form views.Giving, err error) {
	if form.One, err = p.Companies.Person(r.Context(), r.Actor, r.PathValue("account")); err != nil {
		return form, err
	}
	reg, err := p.Companies.Registry(r.Context(), r.Actor)
	if err != nil {
		return form, err
	}
	places, err := p.Companies.Places(r.Context(), r.Actor)
	if err != nil {
		return form, err
	}
	form.Company, form.Registry, form.Places, form.Now = r.Actor.Effective.CompanyName, reg, places, r.Now
	return form, nil
}

func (p *Pages) giveForm(r *web.Request) (web.Response, error) {
	form, err := p.giving(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.GivePage(form)), nil
}

// give gives the role, unless a connector would take it: then it asks first.
func (p *Pages) give(r *web.Request) (web.Response, error) {
	form, err := p.giving(r)
	if err != nil {
		return web.Response{}, err
	}
	form.Chosen, form.Date = r.FormValue("role"), strings.TrimSpace(r.FormValue("date"))
	in, wrong := byHand(form, r.Actor)
	if wrong == nil && r.FormValue("sure") != form.Chosen {
		_, form.Taken, err = p.Connectors.Fights(r.Context(), r.Actor, form.One.Person.ID, in)
		if err != nil {
			return web.Response{}, err
		}
		if form.Taken {
			return web.Page(views.GivePage(form)), nil
		}
	}
	if wrong == nil {
		err = p.Companies.GiveByHand(r.Context(), r.Actor, form.One.Person.ID, in)
		wrong, _ = web.Wrong(err)
	}
	if len(wrong) > 0 {
		form.Wrong = wrong
		return web.Invalid(views.GivePage(form)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/people/"+form.One.Person.ID, "company.hand.given", "Name", form.One.Person.Name), nil
}

// byHand reads what the form chose. A day ends where the organization is, and
// in the company where the manager works.
func byHand(form views.Giving, by models.Actor) (in tenancy.ByHand, wrong models.FieldErrors) {
	parts := strings.Split(form.Chosen, views.Apart)
	if len(parts) != 3 {
		wrong = models.FieldErrors{}
		wrong.Add("role", "error.choice")
		return in, wrong
	}
	in = tenancy.ByHand{Organization: parts[0], Application: parts[1], Role: parts[2]}
	if form.Date == "" {
		return in, nil
	}
	ends, ok := delegation.UntilDate.End(form.Now, zoneOf(form, in.Organization, by), form.Date)
	if !ok {
		wrong = models.FieldErrors{}
		wrong.Add("date", "delegation.error.date")
	}
	in.EndsAt = ends
	return in, wrong
}

func zoneOf(form views.Giving, organization string, by models.Actor) *time.Location {
	for _, place := range form.Places {
		if place.ID == organization {
			return place.Zone()
		}
	}
	return tenancy.Organization{TimeZone: by.Effective.TimeZone}.Zone()
}

func (p *Pages) take(r *web.Request) (web.Response, error) {
	person := r.PathValue("account")
	if err := p.Companies.TakeByHand(r.Context(), r.Actor, person, r.FormValue("grant")); err != nil {
		return web.Response{}, err
	}
	one, err := p.Companies.Person(r.Context(), r.Actor, person)
	if models.KindOf(err) == models.NotFound { // that was the last
		return web.Redirect("/company/people", "company.hand.taken"), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/people/"+one.Person.ID, "company.hand.taken"), nil
}

// fights are the roles by hand that connectors would take, for who may see
// connectors at all.
func (p *Pages) fights(r *web.Request, person string) (map[string]bool, error) {
	fights, _, err := p.Connectors.Fights(r.Context(), r.Actor, person)
	return fights, err
}
