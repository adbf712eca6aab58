package organization

import (
	"locum/handlers/web"
	"locum/models"
	"locum/views/i18n"
	views "locum/views/organization"
)

// inviteForm offers the default role, in the language of who invites.
func (p *Pages) inviteForm(r *web.Request) (web.Response, error) {
	in, err := p.readInvite(r)
	if err != nil {
		return web.Response{}, err
	}
	for _, role := range in.Offered.Organization {
		if role.IsDefault {
			in.Wanted = []string{role.ID}
		}
	}
	in.Language = r.Locale.Language
	return web.Page(views.InvitePage(in)), nil
}

func (p *Pages) readInvite(r *web.Request) (in views.Invite, err error) {
	sources, err := p.sources(r.Context(), r.Actor)
	if err != nil {
		return in, err
	}
	in.Place = r.Actor.Effective.Label()
	in.Offered, err = p.offered(r, sources)
	return in, err
}

func (p *Pages) invite(r *web.Request) (web.Response, error) {
	language := r.FormValue("language")
	if !i18n.Known(language) {
		language = r.Locale.Language
	}
	invited, err := p.Members.Invite(r.Context(), r.Actor, r.FormValue("email"), r.Form["role"], language)
	if wrong, ok := web.Wrong(err); ok {
		return p.inviteAgain(r, wrong, language)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/members", "organization.invited", "Email", invited.Email), nil
}

func (p *Pages) inviteAgain(r *web.Request, wrong models.FieldErrors, language string) (web.Response, error) {
	in, err := p.readInvite(r)
	if err != nil {
		return web.Response{}, err
	}
	in.Email, in.Wanted, in.Language, in.Wrong = r.FormValue("email"), r.Form["role"], language, wrong
	return web.Invalid(views.InvitePage(in)), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	if err := p.Members.Withdraw(r.Context(), r.Actor, r.PathValue("invitation")); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/members", "organization.withdrawn"), nil
}
