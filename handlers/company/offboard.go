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
	done := "company.offboard.done"
	if o.KeepOut = r.FormValue("keep_out") == "yes"; o.KeepOut {
		done = "company.block.done"
		err = p.Federation.KeepOut(r.Context(), r.Actor, o.ID)
	} else {
		err = p.Companies.Offboard(r.Context(), r.Actor, o.ID)
	}
	if problem := (*models.Error)(nil); errors.As(err, &problem) && problem.Kind == models.Conflict {
		o.Problem = &models.Message{Key: problem.Key, Args: problem.Args}
		return web.Status(http.StatusConflict, views.OffboardPage(o)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/people", done, "Name", o.Who()), nil
}

// letBackIn ends that somebody is kept out.
func (p *Pages) letBackIn(r *web.Request) (web.Response, error) {
	person, err := p.Companies.LetBackIn(r.Context(), r.Actor, r.PathValue("account"))
	if err != nil {
		return web.Response{}, err
	}
	to := "/company/people/" + person.ID
	if _, err = p.onePerson(r); models.KindOf(err) == models.NotFound { // the block was all that tied him to the company
		to, err = "/company/people", nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(to, "company.block.ended", "Name", person.Name), nil
}

// unlinking is the name at a provider of an address, with whose it is.
func (p *Pages) unlinking(r *web.Request) (u views.Unlinking, err error) {
	if u.OnePerson, err = p.onePerson(r); err != nil {
		return u, err
	}
	for _, name := range u.Names {
		if name.Handle() == r.PathValue("name") {
			u.Name = name
			return u, nil
		}
	}
	return u, models.Unknown()
}

func (p *Pages) askUnlink(r *web.Request) (web.Response, error) {
	u, err := p.unlinking(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.UnlinkPage(u)), nil
}

func (p *Pages) unlink(r *web.Request) (web.Response, error) {
	u, err := p.unlinking(r)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := p.Federation.Unlink(r.Context(), r.Actor, u.ID, u.Name.Handle()); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/company/people", "company.unlink.done", "Name", u.Who()), nil
}
