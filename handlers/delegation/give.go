package delegation

import (
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/account"
	"locum/models/delegation"
	views "locum/views/delegation"
)

// form is the empty form, as a member and for a week, or what somebody asked for.
func (p *Pages) form(r *web.Request) (web.Response, error) {
	in := delegation.Proposal{Language: r.Locale.Language}
	if id := r.URL.Query().Get("request"); id != "" {
		asked, err := p.delegations.AccessRequest(r.Context(), r.Actor, id)
		if err != nil {
			return web.Response{}, err
		}
		in = asked.Proposal()
	}
	page, err := p.filled(r, in, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.New(page)), nil
}

func (p *Pages) give(r *web.Request) (web.Response, error) {
	in := proposal(r)
	if wrong := unsure(r, in); wrong != nil {
		page, err := p.filled(r, in, wrong)
		if err != nil {
			return web.Response{}, err
		}
		return web.Invalid(views.New(page)), nil
	}
	granted, err := p.delegations.Grant(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		if len(wrong) == 1 && wrong["email"].Key == "delegation.error.open_already" {
			return p.standing(r, in, wrong)
		}
		page, err := p.filled(r, in, wrong)
		if err != nil {
			return web.Response{}, err
		}
		return web.Invalid(views.New(page)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	if granted.ApprovalDue != nil {
		return web.Redirect("/delegations/"+granted.ID, "granting.proposed", "Name", granted.Email), nil
	}
	return web.Redirect("/delegations/"+granted.ID, "delegation.given", "Email", granted.Email), nil
}

// unsure asks once more about an address whose letters are of several scripts.
// That is no refusal: whoever says that it is the right one, gives it.
func unsure(r *web.Request, in delegation.Proposal) models.FieldErrors {
	email, ok := account.ParseEmail(in.Email)
	if !ok || !email.Mixed || r.PostFormValue("sure") == email.Normal {
		return nil
	}
	wrong := models.FieldErrors{}
	wrong.Add("email", "delegation.error.confirm_address")
	return wrong
}

// preview says what would be given: as a part of the page where there is
// script, and otherwise as the whole page with what was filled in.
func (p *Pages) preview(r *web.Request) (web.Response, error) {
	in := proposal(r)
	if r.HTMX() {
		plain, err := p.plain(r, in)
		if err != nil {
			return web.Response{}, err
		}
		return web.Fragment(views.Plain(plain)), nil
	}
	page, err := p.filled(r, in, nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.New(page)), nil
}

// proposal reads the form. In an application a role is sent by its id, the
// default one by the application's, and an empty text where it stays closed.
func proposal(r *web.Request) delegation.Proposal {
	in := delegation.Proposal{Email: r.PostFormValue("email"), Period: delegation.Period(r.PostFormValue("period")), Date: r.PostFormValue("date"),
		Later: r.PostFormValue("start") == views.StartLater, StartDate: r.PostFormValue("start_date"), StartTime: r.PostFormValue("start_time"),
		Reason: r.PostFormValue("reason"), Ticket: r.PostFormValue("ticket"), Language: language(r, r.PostFormValue("language")),
		Chosen: r.PostFormValue("scope") == views.ChosenRoles}
	if !in.Chosen {
		return in
	}
	in.LaterApplications = r.PostFormValue("later_applications") != ""
	for _, id := range r.PostForm["role"] {
		if app, byDefault := strings.CutPrefix(id, views.ByDefault); byDefault {
			in.Applications = append(in.Applications, app)
		} else if id != "" {
			in.Roles = append(in.Roles, id)
		}
	}
	return in
}

// filled is the page of the form with what was filled in.
func (p *Pages) filled(r *web.Request, in delegation.Proposal, wrong models.FieldErrors) (page views.Form, err error) {
	page = views.Form{In: in, Wrong: wrong, Now: r.Now}
	if page.Choices, err = p.delegations.Choices(r.Context(), r.Actor); err != nil {
		return page, err
	}
	if in.Period == "" {
		in.Period = delegation.Usual(page.Choices.Host, r.Now)
		page.In = in
	}
	page.Preview, err = p.plain(r, in)
	return page, err
}

// plain is what would be given, in plain words.
func (p *Pages) plain(r *web.Request, in delegation.Proposal) (views.Preview, error) {
	plan, err := p.delegations.Preview(r.Context(), r.Actor, in)
	wrong, rejected := web.Wrong(err)
	if err != nil && !rejected {
		return views.Preview{}, err
	}
	return views.Preview{Plan: &plan, Period: in.Period, Language: in.Language, Sure: r.PostFormValue("sure") == plan.Email.Normal, Wrong: wrong, Now: r.Now}, nil
}
