package account

import (
	"net/http"
	"net/url"

	"locum/handlers/web"
	"locum/models"
	views "locum/views/account"
)

// stepUp offers the ways in which somebody shows again who he is, without leaving
// where he works.
func (p *Pages) stepUp(r *web.Request) (web.Response, error) {
	next := r.Next(home)
	list, err := p.Passkeys.List(r.Context(), r.Actor)
	if err != nil {
		return web.Response{}, err
	}
	props := views.StepUpProps{Name: r.Actor.Name, Email: r.Actor.Email, Next: next, Usable: p.Site.Usable(), Passkeys: len(list)}
	if props.Company, err = p.provider(r, r.Actor.Email, next); err != nil {
		return web.Response{}, err
	}
	if props.Company != "" {
		props.Company += "&again=yes"
	}
	return web.Page(views.StepUp(props)), nil
}

// beginStepUp gives the browser what it asks an authenticator with, to show one
// of the person's own passkeys.
func (p *Pages) beginStepUp(r *web.Request) (web.Response, error) {
	begun, err := p.Passkeys.BeginStepUp(r.Context(), r.Actor, p.Site, r.BrowserHash())
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, begun), nil
}

// stepUpByPasskey takes the passkey that was shown, and goes back.
func (p *Pages) stepUpByPasskey(r *web.Request) (web.Response, error) {
	next := r.Next(home)
	err := p.Sessions.StepUp(r.Context(), r.Actor, p.Passkeys, p.Site, answered(r))
	if again, ok := passkeyAgain(err, stepUpAddress(next)); ok {
		return again, nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(next, "account.step_up.done"), nil
}

// stepUpByCode sends a code, and goes on to the page for it.
func (p *Pages) stepUpByCode(r *web.Request) (web.Response, error) {
	next := r.Next(home)
	request, err := p.Entrance.AskToRenew(r.Context(), r.Actor, r.BrowserHash(), next)
	if models.KindOf(err) == models.Conflict { // his company lets nobody in by code
		again, _ := passkeyAgain(err, stepUpAddress(next))
		return again, nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect("/sign-in/code?request="+url.QueryEscape(request), ""), nil
}
