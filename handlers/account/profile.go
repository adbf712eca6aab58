package account

import (
	"locum/handlers/web"
	"locum/models"
	"locum/models/account"
	views "locum/views/account"
)

func (p *Pages) profile(r *web.Request) (web.Response, error) {
	person, err := p.Accounts.Own(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	props, err := p.profileProps(r, account.Settings{Name: person.Name, Language: person.Language, TimeZone: person.TimeZone, Resumes: person.Resumes})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(views.Profile(props)), nil
}

func (p *Pages) profileProps(r *web.Request, settings account.Settings) (views.ProfileProps, error) {
	sessions, err := p.Sessions.List(r.Context(), r.Actor)
	if err != nil {
		return views.ProfileProps{}, err
	}
	passkeys, err := p.Passkeys.List(r.Context(), r.Actor)
	if err != nil {
		return views.ProfileProps{}, err
	}
	tokens, err := p.Sessions.OwnTokens(r.Context(), r.Actor)
	return views.ProfileProps{Tokens: tokens, CanMakeTokens: r.Actor.Effective.Organization != "" && r.Actor.BreakGlass == nil, Passkeys: passkeys, PasskeysUsable: p.Site.Usable(), Email: r.Actor.Email, Settings: settings, Zones: zones(settings.TimeZone, r.Now), Sessions: sessions, Now: r.Now}, err
}

// saveProfile changes name, language and time zone.
func (p *Pages) saveProfile(r *web.Request) (web.Response, error) {
	in := account.Settings{Name: r.FormValue("name"), Language: r.FormValue("language"), TimeZone: r.FormValue("time_zone"),
		Resumes: r.FormValue("resumes") != ""}
	err := p.Accounts.Save(r.Context(), r.Actor, in)
	if wrong, ok := web.Wrong(err); ok {
		props, err := p.profileProps(r, in)
		if err != nil {
			return web.Response{}, err
		}
		props.Wrong = wrong
		return web.Invalid(views.Profile(props)), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/account", "account.profile.saved"), nil
}

// revoke ends one of the person's sessions. His own is signed out of.
func (p *Pages) revoke(r *web.Request) (web.Response, error) {
	id := r.PathValue("session")
	if id == r.Actor.Session {
		return p.signOut(r)
	}
	if err := p.Sessions.Revoke(r.Context(), r.Actor, id); err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/account", "account.sessions.ended"), nil
}

// revokeOthers ends all sessions of the person but this one.
func (p *Pages) revokeOthers(r *web.Request) (web.Response, error) {
	ended, err := p.Sessions.RevokeOthers(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	if ended == 0 { // somebody was quicker: the list says so
		return web.Redirect("/account", ""), nil
	}
	return web.Redirect("/account", "account.sessions.others_ended", "Count", ended), nil
}

// works says whether there is anything an actor may open.
func works(actor models.Actor) bool {
	return actor.Effective.Organization != "" || actor.Operator || actor.May(models.ViewCompany)
}
