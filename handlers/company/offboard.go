package company

import (
	"errors"
	"net/http"

	"locum/handlers/web"
	"locum/models"
	views "locum/views/company"
)

// offboarding is what goes when the person of an address is removed from the
// company. Nobody removes himself, and people from outside are let in and out
// by delegations.
func (p *Pages) offboarding(r *web.Request) (o views.Offboarding, err error) {
	if o.OnePerson, err = p.onePerson(r); err != nil {
		return o, err
	}
	if !o.Removable {
		return o, models.Unknown()
	}
	if o.Sessions, err = p.Sessions.CountAt(r.Context(), r.Actor, o.ID); err != nil {
		return o, err
	}
	o.OnBehalf, err = p.Delegations.OnBehalf(r.Context(), r.Actor, o.ID)
	return o, err
}

func (p *Pages) askRemove(r *web.Request) (web.Response, error) {
	o, err := p.offboarding(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.OffboardPage(o)), nil
}

func (p *Pages) remove(r *web.Request) (web.Response, error) {
	o, err := p.offboarding(r)
	if err != nil {
		return web.Response{}, err
	}
	err = p.Companies.Offboard(r.Context(), r.Actor, o.ID)
	if problem := (*models.Error)(nil); errors.As(err, &problem) && problem.Kind == models.Conflict {
		o.Problem = &models.Message{Key: problem.Key, Args: problem.Args}
		return web.Status(http.StatusConflict, views.OffboardPage(o)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/people", "company.offboard.done", "Name", o.Member.Person.Name), nil
}
